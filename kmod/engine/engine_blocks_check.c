// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs of equal blocks as a heap: its map, and whether the bookkeeping is in order.
 *
 * Both go by number of block, from run to run, live or free. The cursor is the block to go on with.
 */
#include "engine_blocks.h"

static bool is_free(const struct mrig_blocks_heap *h, uint32_t i)
{
	return mrig_blocks_free_from(h->pool, i) <= i;
}

/**
 * mrig_blocks_heap_walk() - mrig_heap_ops.walk
 * @heap: heap
 * @cursor: as there
 * @out: as there
 * @max: as there
 *
 * A live run is reported when the cursor passes its first block, so once, whatever happens to
 * others between two calls.
 *
 * Return: runs reported; 0 at the end.
 */
uint32_t mrig_blocks_heap_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			       uint32_t max)
{
	const struct mrig_blocks_heap *h = heap->control;
	const struct mrig_blocks *pool = h->pool;
	uint32_t n = 0, i, end;
	bool live;

	while (n < max && *cursor < pool->num) {
		i = (uint32_t)mrig_index_nospec(*cursor, pool->num);
		live = mrig_bits_test(&h->start, i);
		if (live || !is_free(h, i))
			end = mrig_blocks_end_of(h, i);
		else
			end = mrig_extent_after(pool, i) + 1;
		*cursor = end;
		/* the rest of a run that has been allocated since the last call */
		if (!live && !is_free(h, i))
			continue;
		out[n].offset = (uint64_t)i << pool->shift;
		out[n].bytes = (uint64_t)(end - i) << pool->shift;
		out[n].used = live;
		out[n].tag = live && h->tag ? h->tag[i] : 0;
		n++;
	}
	return n;
}

/* What a pass over all runs counts. */
struct census {
	uint64_t used;
	uint32_t live;
};

/*
 * Check the run that block *@at lies in, and go to the one behind. @begins: that block is known to
 * be the first of its run. Return: the number of a broken invariant, or 0.
 */
static uint32_t check_run(const struct mrig_blocks_heap *h, uint32_t *at, bool begins,
			  struct census *sum)
{
	uint32_t i = *at, last;

	if (is_free(h, i)) {
		last = mrig_extent_after(h->pool, i);
		if (!mrig_blocks_check_extent(h->pool, last))
			return MRIG_BLOCKS_EXTENT;
		*at = last + 1;
		return mrig_bits_next(&h->start, i) <= last ? MRIG_BLOCKS_NOT_START : 0;
	}
	if (begins && !mrig_bits_test(&h->start, i))
		return MRIG_BLOCKS_NOT_START;
	*at = mrig_blocks_end_of(h, i);
	if (*at <= i)
		return MRIG_BLOCKS_EXTENT;
	sum->used += *at - i;
	sum->live++;
	return 0;
}

/**
 * mrig_blocks_heap_validate() - mrig_heap_ops.validate
 * @heap: heap
 * @cursor: as there
 * @max: runs to look at
 * @fault: as there
 *
 * The counters, and the lists as a whole, are checked when one batch sees the whole heap.
 *
 * Return: 0, or -EIO.
 */
int mrig_blocks_heap_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
			      struct mrig_fault *fault)
{
	const struct mrig_blocks_heap *h = heap->control;
	uint32_t at = *cursor < h->pool->num ? (uint32_t)*cursor : h->pool->num;
	bool all = !at, begins = !at;
	struct census sum = { 0 };

	memset(fault, 0, sizeof(*fault));
	for (; at < h->pool->num && max && !fault->invariant; max--) {
		fault->offset = (uint64_t)at << h->pool->shift;
		fault->invariant = check_run(h, &at, begins, &sum);
		begins = true;
	}
	if (!fault->invariant && all && at == h->pool->num &&
	    (!mrig_blocks_validate(h->pool) || !mrig_bits_sound(&h->start) ||
	     sum.used != h->pool->used || sum.live != h->live)) {
		fault->invariant = MRIG_BLOCKS_POOL;
		fault->offset = 0;
	}
	*cursor = at < h->pool->num ? at : 0;
	return fault->invariant ? -EIO : 0;
}
