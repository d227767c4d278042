/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Runs of equal blocks as a heap: what its files share.
 *
 * A block of the heap is a run of blocks of the pool that were allocated together. A bitmap of
 * first blocks remembers where each begins; it ends where the next one or a free run does.
 */
#ifndef MRIG_ENGINE_BLOCKS_H
#define MRIG_ENGINE_BLOCKS_H

#include "engine_plain.h"
#include "mem_blocks_core.h"

#define MRIG_BLOCKS_NOT_START	17	/* numbers in Documentation/invariants.rst */
#define MRIG_BLOCKS_EXTENT	15
#define MRIG_BLOCKS_POOL	16

/**
 * struct mrig_blocks_heap - control block; pool, bitmap and tags follow
 * @pool: the blocks
 * @start: first blocks of live runs
 * @tag: by number of the first block; NULL without tags
 * @base: address the span is known by
 * @control_bytes: size of the control block
 * @live: runs
 * @max_used: most blocks in live runs there were
 * @stats: figures are wanted
 */
struct mrig_blocks_heap {
	struct mrig_blocks *pool;
	struct mrig_bits start;
	uint64_t *tag;
	uint64_t base;
	size_t control_bytes;
	uint32_t live;
	uint32_t max_used;
	bool stats;
};

uint32_t mrig_blocks_heap_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			       uint32_t max);
int mrig_blocks_heap_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
			      struct mrig_fault *fault);

/* Where the extent begins whose last block is @last; past the end if there is none. */
static mrig_inline uint32_t mrig_blocks_start_of(const struct mrig_blocks *pool, uint32_t last)
{
	return last == MRIG_BLOCKS_NONE ? pool->num : last + 1 - mrig_extent_at(pool, last)->len;
}

/* Where the free run begins that reaches up to block @i or further; past the end if none does. */
static mrig_inline uint32_t mrig_blocks_free_from(const struct mrig_blocks *pool, uint64_t i)
{
	return mrig_blocks_start_of(pool, mrig_extent_after(pool, i));
}

/* The block behind the live run that holds block @i; @right: the first extent after that one. */
static mrig_inline uint32_t mrig_blocks_end(const struct mrig_blocks_heap *h, uint32_t i,
					    uint32_t right)
{
	uint32_t end = mrig_blocks_start_of(h->pool, right);
	uint32_t next = mrig_bits_next(&h->start, (uint64_t)i + 1);

	return next < end ? next : end;
}

/* The block behind the live run that holds block @i. */
static mrig_inline uint32_t mrig_blocks_end_of(const struct mrig_blocks_heap *h, uint32_t i)
{
	return mrig_blocks_end(h, i, mrig_extent_after(h->pool, (uint64_t)i + 1));
}

#endif /* MRIG_ENGINE_BLOCKS_H */
