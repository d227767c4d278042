/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Buffer manager (smart_alloc): tiers of equal blocks for small requests and heaps behind them for
 * the rest, with a lock.
 *
 * A request goes to the tier with the smallest sufficient blocks, to a set number of larger block
 * sizes if that is full, and then to the heaps. A block is given back by its address alone.
 */
#ifndef MEMRIG_SMART_H
#define MEMRIG_SMART_H

#include "mrig_span.h"

#ifdef __cplusplus
extern "C" {
#endif

struct memrig_smart;

/**
 * struct memrig_smart_stats - figures of a tier
 * @mem: its memory
 * @block_size: bytes of a block
 * @blocks: how many there are
 * @used: blocks handed out
 * @max_used: the most there were at a time
 * @hits: requests that wanted this tier first and were served by it
 * @lent: requests that wanted another tier, which was full, and were served by it
 * @full: requests that wanted this tier first and found it full
 */
struct memrig_smart_stats {
	void *mem;
	size_t block_size;
	uint32_t blocks;
	uint32_t used;
	uint32_t max_used;
	uint64_t hits;
	uint64_t lent;
	uint64_t full;
};

int memrig_smart_create(struct memrig_smart **smart, uint32_t reach);
int memrig_smart_destroy(struct memrig_smart *smart);
int memrig_smart_add_tier(struct memrig_smart *smart, void *mem, size_t block_size,
			  uint32_t blocks);
int memrig_smart_add_heap(struct memrig_smart *smart, void *mem, size_t bytes,
			  const struct memrig_span_opts *opts);
int memrig_smart_remove(struct memrig_smart *smart, const void *mem);
int memrig_smart_tier(struct memrig_smart *smart, uint32_t index,
		      struct memrig_smart_stats *stats);
int memrig_smart_heap(struct memrig_smart *smart, uint32_t index, struct memrig_span_stats *stats);

/* memrig_smart.c */
void *memrig_smart_alloc(struct memrig_smart *smart, size_t bytes);
void *memrig_smart_aligned_alloc(struct memrig_smart *smart, size_t align, size_t bytes);
void *memrig_smart_calloc(struct memrig_smart *smart, size_t num, size_t size);
void *memrig_smart_realloc(struct memrig_smart *smart, void *ptr, size_t bytes);
int memrig_smart_free(struct memrig_smart *smart, void *ptr);
size_t memrig_smart_usable_size(struct memrig_smart *smart, void *ptr);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_SMART_H */
