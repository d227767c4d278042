/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * shared_multi_heap under Zephyr's names: one pool of the program's, with a lock. Memory is asked
 * for by what it is like, and the first region that is like that and has room serves.
 *
 * What is ours begins with memrig_smh_: regions that leave again, in any number; any combination of
 * attributes (shared_multi_heap.h has their list), with names for those from MRIG_SMH_CUSTOM on;
 * where headers are; figures. Zephyr's calls take the numbers of custom attributes, too.
 */
#ifndef SMH_POOL_H
#define SMH_POOL_H

#include "../engine/shared_multi_heap.h"
#include "mrig_span.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct memrig_smh_opts - more about a region than Zephyr has words for
 * @span: where headers are, and bounds
 * @attrs: MRIG_SMH_BIT()s besides that of &shared_multi_heap_region.attr
 * @dma_bits: address bits a device must have to reach all of it, at most 64; 0: no device can
 * @node: NUMA node, or -1
 * @cpus: bit n of this array says that CPU n is near; in use while the region is; NULL: none is
 * @nr_cpus: bits in @cpus
 */
struct memrig_smh_opts {
	struct memrig_span_opts span;
	uint64_t attrs;
	uint32_t dma_bits;
	int32_t node;
	const uint64_t *cpus;
	uint32_t nr_cpus;
};

/**
 * struct memrig_smh_region_info - one region
 * @span: its memory, and figures
 * @attrs: MRIG_SMH_BIT()s
 * @dma_bits: as it was added
 * @node: likewise
 * @user_data: likewise
 */
struct memrig_smh_region_info {
	struct memrig_span_stats span;
	uint64_t attrs;
	uint32_t dma_bits;
	int32_t node;
	void *user_data;
};

int shared_multi_heap_pool_init(void);
int shared_multi_heap_add(struct shared_multi_heap_region *region, void *user_data);
void *shared_multi_heap_alloc(enum shared_multi_heap_attr attr, size_t bytes);
void *shared_multi_heap_aligned_alloc(enum shared_multi_heap_attr attr, size_t align, size_t bytes);
void *shared_multi_heap_realloc(enum shared_multi_heap_attr attr, void *ptr, size_t bytes);
void shared_multi_heap_free(void *block);

int memrig_smh_add(const struct shared_multi_heap_region *region, void *user_data,
		   const struct memrig_smh_opts *opts);
int memrig_smh_remove(const void *mem);
int memrig_smh_fini(void);
void *memrig_smh_alloc(const struct mrig_smh_req *req, size_t align, size_t bytes);
void *memrig_smh_realloc(const struct mrig_smh_req *req, void *ptr, size_t align, size_t bytes);
int memrig_smh_free(void *ptr);
int memrig_smh_here(struct mrig_smh_req *req, uint32_t match);

/* smh_info.c */
int memrig_smh_region(uint32_t index, struct memrig_smh_region_info *info);
int memrig_smh_region_of(const void *addr, struct memrig_smh_region_info *info);
int memrig_smh_stats(unsigned int attr, struct mrig_smh_stats *stats);
int memrig_smh_reset_max(void);
int memrig_smh_set_name(unsigned int attr, const char *name);
int memrig_smh_get_name(unsigned int attr, char *buf, size_t size);
int memrig_smh_find_name(const char *name);

/**
 * struct mrig_smh_pool - the pool
 * @lock: of all that follows
 * @smh: regions
 * @ready: shared_multi_heap_pool_init() was called
 */
struct mrig_smh_pool {
	struct mrig_lock lock;
	struct mrig_smh smh;
	bool ready;
};

extern struct mrig_smh_pool mrig_smh_pool;

void mrig_smh_pool_exit(void);

#ifdef __cplusplus
}
#endif

#endif /* SMH_POOL_H */
