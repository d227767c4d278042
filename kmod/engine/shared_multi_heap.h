/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * shared_multi_heap: memory by what it is like. Regions have attributes, requests say which they
 * need, and the first region that has them and room serves.
 *
 * Without any lock, unlike the object behind Zephyr's names: the one global pool, those names and
 * the lock belong to the layer above. The caller serialises all calls on one pool and its heaps.
 *
 * Any number of regions, which the caller provides; heaps of either placement; addresses as
 * heap_set.h has them. Payload is not touched: mrig_smh_realloc() says what to copy.
 */
#ifndef MRIG_SHARED_MULTI_HEAP_H
#define MRIG_SHARED_MULTI_HEAP_H

#include "heap_set.h"

/* Zephyr's attributes, and the numbers of their bits. */
enum shared_multi_heap_attr {
	SMH_REG_ATTR_CACHEABLE,
	SMH_REG_ATTR_NON_CACHEABLE,
	SMH_REG_ATTR_EXTERNAL,
	SMH_REG_ATTR_NUM
};

#define MAX_SHARED_MULTI_HEAP_ATTR	SMH_REG_ATTR_NUM

/**
 * struct shared_multi_heap_region - a region as Zephyr describes it
 * @attr: one of enum shared_multi_heap_attr
 * @addr: first byte
 * @size: length
 */
struct shared_multi_heap_region {
	uint32_t attr;
	uintptr_t addr;
	size_t size;
};

/* Numbers of further bits, and the first of those whose meaning and name the user sets. */
#define MRIG_SMH_WRITE_COMBINE	3
#define MRIG_SMH_WRITE_THROUGH	4
#define MRIG_SMH_DEVICE		5
#define MRIG_SMH_POWERED	6
#define MRIG_SMH_FIXED		7
#define MRIG_SMH_CUSTOM		32
#define MRIG_SMH_BITS		64
#define MRIG_SMH_NAMES		(MRIG_SMH_BITS - MRIG_SMH_CUSTOM)

#define MRIG_SMH_BIT(n)		(1ULL << (n))
#define MRIG_SMH_VALID		(~0ULL << MRIG_SMH_CUSTOM | (MRIG_SMH_BIT(MRIG_SMH_FIXED) - 1))

#define MRIG_SMH_NAME_LEN	31	/* [a-z0-9][a-z0-9_.-]* */

/**
 * struct mrig_smh_region - a region of a pool
 * @member: heap, address and length; the caller sets these three, and @member.rank to 0
 * @attrs: MRIG_SMH_BIT()s
 * @dma_bits: address bits a device must have to reach all of it, at most 64; 0: no device can
 * @node: NUMA node, or -1
 * @cpus: bit n of this array says that CPU n is near; NULL: none is
 * @nr_cpus: bits in @cpus
 */
struct mrig_smh_region {
	struct mrig_member member;
	uint64_t attrs;
	uint32_t dma_bits;
	int32_t node;
	const uint64_t *cpus;
	uint32_t nr_cpus;
};

/* mrig_smh_req.match */
#define MRIG_SMH_MATCH_DMA	0x1
#define MRIG_SMH_MATCH_NODE	0x2
#define MRIG_SMH_MATCH_CPU	0x4

/**
 * struct mrig_smh_req - which regions may serve; zeroed: all
 * @with: attributes the region has
 * @without: attributes it has not
 * @match: which of the following count, MRIG_SMH_MATCH_*
 * @dma_bits: address bits of the device that has to reach it
 * @node: the region's NUMA node
 * @cpu: a CPU that is near
 */
struct mrig_smh_req {
	uint64_t with;
	uint64_t without;
	uint32_t match;
	uint32_t dma_bits;
	int32_t node;
	uint32_t cpu;
};

/**
 * struct mrig_smh_stats - figures of a region, or of all regions with an attribute
 * @regions: how many
 * @bytes: length of their spans
 * @free_bytes: usable bytes of free blocks
 * @largest_free: largest request without alignment that would succeed now
 * @use: blocks. Of an attribute: regions that have left included; fails are requests for it that
 *	none could serve
 */
struct mrig_smh_stats {
	uint64_t regions;
	uint64_t bytes;
	uint64_t free_bytes;
	uint64_t largest_free;
	struct mrig_member_stats use;
};

/**
 * struct mrig_smh - a pool; private but for @set.hungry
 * @set: regions
 * @attr: figures per bit
 * @name: of the bits from MRIG_SMH_CUSTOM on; empty: none
 */
struct mrig_smh {
	struct mrig_set set;
	struct mrig_member_stats attr[MRIG_SMH_BITS];
	char name[MRIG_SMH_NAMES][MRIG_SMH_NAME_LEN + 1];
};

int mrig_smh_init(struct mrig_smh *smh, struct mrig_member **slots, uint32_t room);
int mrig_smh_room(struct mrig_smh *smh, struct mrig_member **slots, uint32_t room);
int mrig_smh_add(struct mrig_smh *smh, struct mrig_smh_region *region);
int mrig_smh_remove(struct mrig_smh *smh, struct mrig_smh_region *region);
struct mrig_smh_region *mrig_smh_find(const struct mrig_smh *smh, uint64_t addr);
int mrig_smh_alloc(struct mrig_smh *smh, const struct mrig_smh_req *req, size_t align, size_t bytes,
		   uint64_t *addr);
int mrig_smh_free(struct mrig_smh *smh, uint64_t addr);
int mrig_smh_realloc(struct mrig_smh *smh, const struct mrig_smh_req *req, uint64_t addr,
		     size_t align, size_t bytes, struct mrig_move *move);

/* shared_multi_heap_attr.c */
int mrig_smh_set_name(struct mrig_smh *smh, unsigned int bit, const char *name);
const char *mrig_smh_name(const struct mrig_smh *smh, unsigned int bit);
int mrig_smh_named(const struct mrig_smh *smh, const char *name);
int mrig_smh_region_stats(const struct mrig_smh_region *region, struct mrig_smh_stats *stats);
int mrig_smh_attr_stats(const struct mrig_smh *smh, unsigned int bit, struct mrig_smh_stats *stats);
int mrig_smh_reset_max(struct mrig_smh *smh);

#endif /* MRIG_SHARED_MULTI_HEAP_H */
