/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * smart_alloc: tiers of equal blocks for small requests, and heaps behind them for the rest. Blocks
 * find their way back by their address.
 *
 * A request goes to the tier with the smallest sufficient blocks. If that is full it may use a
 * given number of larger ones, and then the heaps. Any number of tiers and of heaps; both are the
 * caller's. Addresses, feeding and locking (none) as in heap_set.h.
 */
#ifndef MRIG_SMART_H
#define MRIG_SMART_H

#include "heap_set.h"
#include "mem_slab_core.h"

/**
 * struct mrig_smart_tier - a tier; the caller's
 * @slab: its blocks; while it is a tier they come and go through mrig_smart_*() only
 * @addr: private: address of the first block
 * @length: private: bytes of all blocks
 * @hits: blocks handed out to requests that wanted this tier first; cleared by
 *	mrig_smart_add_tier()
 * @lent: blocks handed out to requests that wanted another tier, which was full
 * @full: requests that wanted this tier first and found no block in it
 */
struct mrig_smart_tier {
	struct mrig_slab *slab;
	uint64_t addr;
	uint64_t length;
	uint64_t hits;
	uint64_t lent;
	uint64_t full;
};

/**
 * struct mrig_smart - the allocator; private but for @heaps.hungry
 * @heaps: what is behind the tiers
 * @by_size: tiers by block size, those of equal size in the order they were added
 * @by_addr: tiers by address
 * @nr: tiers
 * @room: length of @by_size, and of @by_addr
 * @reach: larger block sizes a request may use
 */
struct mrig_smart {
	struct mrig_set heaps;
	struct mrig_smart_tier **by_size;
	struct mrig_smart_tier **by_addr;
	uint32_t nr;
	uint32_t room;
	uint32_t reach;
};

int mrig_smart_init(struct mrig_smart *smart, struct mrig_smart_tier **tiers, uint32_t tier_room,
		    struct mrig_member **heaps, uint32_t heap_room, uint32_t reach);
int mrig_smart_room(struct mrig_smart *smart, struct mrig_smart_tier **tiers, uint32_t room);
int mrig_smart_add_tier(struct mrig_smart *smart, struct mrig_smart_tier *tier);
int mrig_smart_remove_tier(struct mrig_smart *smart, struct mrig_smart_tier *tier);
int mrig_smart_add_heap(struct mrig_smart *smart, struct mrig_member *heap);
int mrig_smart_remove_heap(struct mrig_smart *smart, struct mrig_member *heap);
struct mrig_smart_tier *mrig_smart_tier_of(const struct mrig_smart *smart, uint64_t addr);
int mrig_smart_alloc(struct mrig_smart *smart, size_t align, size_t bytes, uint64_t *addr);
int mrig_smart_free(struct mrig_smart *smart, uint64_t addr);
int64_t mrig_smart_usable(struct mrig_smart *smart, uint64_t addr);
int mrig_smart_realloc(struct mrig_smart *smart, uint64_t addr, size_t align, size_t bytes,
		       struct mrig_move *move);

#endif /* MRIG_SMART_H */
