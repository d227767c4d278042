/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Runs of equal power-of-two blocks with all bookkeeping in side memory: the engine behind
 * sys_mem_blocks.
 *
 * Blocks are numbered from 0. What is kept are the *extents*: the longest runs of free blocks. No
 * two touch, so two never end at neighbouring blocks, and half as many entries as there are blocks
 * serve all of them: the entry of an extent is that of half the number of its last block, by which
 * it is named, because blocks are handed out from its other end. A bitmap of last blocks, with
 * summaries, finds the one around or after a block.
 *
 * A request takes from an extent that is long enough but not much longer, and lies low: first fit
 * packs well, but has to look at what it passes over. So extents are in *classes* by length, and
 * the pool is in up to 16 *regions*; there is a list of extents for each class and region they end
 * in, and bitmaps of which lists are not empty. The lowest region with a class within reach is one
 * bit operation, the shortest class in it another one. A call touches a bounded number of extents,
 * and its cost does not depend on how long they are nor on how many there are.
 *
 * Nothing here touches the blocks. The caller serialises all calls on one allocator.
 */
#ifndef MRIG_MEM_BLOCKS_CORE_H
#define MRIG_MEM_BLOCKS_CORE_H

#include "mrig_bits.h"

#define MRIG_BLOCKS_MAX		((1U << 30) - 1)
#define MRIG_BLOCKS_SUB_LOG	3	/* 8 classes per octave of lengths; below 16, each is one */
#define MRIG_BLOCKS_LIN_LOG	(MRIG_BLOCKS_SUB_LOG + 1)
#define MRIG_BLOCKS_CLASSES	256
#define MRIG_BLOCKS_REACH	20	/* classes above the shortest that the lowest is taken of */
#define MRIG_BLOCKS_REGION_LOG	6	/* a region has 64 blocks at least */
#define MRIG_BLOCKS_NONE	MRIG_BITS_NONE

/**
 * struct mrig_extent - a run of free blocks
 * @len: blocks
 * @next: last block of the next on its list, or NONE
 * @prev: likewise
 */
struct mrig_extent {
	uint32_t len;
	uint32_t next;
	uint32_t prev;
};

/**
 * struct mrig_blocks - an allocator; the control block handed to mrig_blocks_init()
 * @base: address of block 0
 * @num: blocks
 * @shift: log2 of the block size
 * @used: blocks handed out
 * @max_used: the most there were at a time
 * @extents: runs of free blocks there are
 * @classes: there are
 * @region_shift: log2 of the blocks of a region
 * @region_log: there are at most 2 to the power of this many
 * @last: last blocks of the extents
 * @extent: entry of the extent that ends with block 2 i or 2 i + 1
 * @in_region: four words per region: bit c is set when its list of class c is not empty
 * @head: last block of the first extent of a list, or NONE; regions of class 0, of class 1...
 * @where: per class, bit r is set when its list of region r is not empty; then as many 0 as are in
 *	reach
 * @map: bit c is set when a list of class c is not empty
 */
struct mrig_blocks {
	uintptr_t base;
	uint32_t num;
	uint32_t shift;
	uint32_t used;
	uint32_t max_used;
	uint32_t extents;
	uint32_t classes;
	uint32_t region_shift;
	uint32_t region_log;
	struct mrig_bits last;
	struct mrig_extent *extent;
	uint64_t *in_region;
	uint32_t *head;
	uint16_t *where;
	uint64_t map[MRIG_BLOCKS_CLASSES / 64];
};

size_t mrig_blocks_control_bytes(uint32_t num);
int mrig_blocks_init(struct mrig_blocks *h, uintptr_t base, uint64_t bytes, uint32_t num);

/* By number: mem_blocks_core.c */
int64_t mrig_blocks_alloc_run(struct mrig_blocks *h, size_t count);
uint32_t mrig_blocks_take(struct mrig_blocks *h, uint32_t most, uint32_t *first);
int mrig_blocks_get_run(struct mrig_blocks *h, uint64_t first, size_t count);
int mrig_blocks_free_run(struct mrig_blocks *h, uint64_t first, size_t count);
void mrig_blocks_give(struct mrig_blocks *h, uint32_t first, uint32_t count, uint32_t right);
bool mrig_blocks_run_is_free(const struct mrig_blocks *h, uint64_t first, size_t count);

/* By address: mem_blocks.c */
int mrig_blocks_alloc(struct mrig_blocks *h, size_t count, void **out);
int mrig_blocks_alloc_contiguous(struct mrig_blocks *h, size_t count, void **out);
int mrig_blocks_get(struct mrig_blocks *h, const void *block, size_t count);
int mrig_blocks_is_region_free(const struct mrig_blocks *h, const void *block, size_t count);
int mrig_blocks_free(struct mrig_blocks *h, size_t count, void *const *blocks);
int mrig_blocks_free_contiguous(struct mrig_blocks *h, const void *block, size_t count);
int64_t mrig_blocks_number(const struct mrig_blocks *h, const void *block);

/* Figures: mem_blocks_check.c */
uint32_t mrig_blocks_largest(const struct mrig_blocks *h);
uint32_t mrig_blocks_walk(const struct mrig_blocks *h, uint64_t *cursor, uint32_t *first);
void mrig_blocks_reset_max(struct mrig_blocks *h);
bool mrig_blocks_check_extent(const struct mrig_blocks *h, uint32_t last);
bool mrig_blocks_validate(const struct mrig_blocks *h);

static mrig_inline struct mrig_extent *mrig_extent_at(const struct mrig_blocks *h, uint32_t last)
{
	return &h->extent[last >> 1];
}

/* The first extent that reaches up to block @i, any number, or further: its last block, or NONE. */
static mrig_inline uint32_t mrig_extent_after(const struct mrig_blocks *h, uint64_t i)
{
	return mrig_bits_next(&h->last, i);
}

/* Which class an extent of @len blocks is in. */
static mrig_inline uint32_t mrig_blocks_class(uint32_t len)
{
	uint32_t log;

	if (len < 1U << MRIG_BLOCKS_LIN_LOG)
		return len;
	log = mrig_ilog2(len);
	return ((log - MRIG_BLOCKS_LIN_LOG) << MRIG_BLOCKS_SUB_LOG) + (1U << MRIG_BLOCKS_SUB_LOG) +
	       (len >> (log - MRIG_BLOCKS_SUB_LOG));
}

/* The list of class @c and region @r. */
static mrig_inline uint32_t *mrig_blocks_list(const struct mrig_blocks *h, uint32_t c, uint32_t r)
{
	return &h->head[(c << h->region_log) + r];
}

/* The lowest region in which a class, one that is not empty, has extents. */
static mrig_inline uint32_t mrig_blocks_lowest(const struct mrig_blocks *h, uint32_t c)
{
	return mrig_ctz64(h->where[c]);
}

#endif /* MRIG_MEM_BLOCKS_CORE_H */
