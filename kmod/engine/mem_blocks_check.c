// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs of equal blocks: figures, the map, and whether the bookkeeping is in order.
 */
#include "mem_blocks_core.h"

/**
 * mrig_blocks_largest() - longest run that a request would get now
 * @h: allocator
 *
 * Return: the largest count that mrig_blocks_alloc_run() would grant; 0 when none is free.
 */
uint32_t mrig_blocks_largest(const struct mrig_blocks *h)
{
	uint32_t i;

	for (i = MRIG_BLOCKS_CLASSES / 64; i && !h->map[i - 1]; i--)
		;
	if (!i--)
		return 0;
	i = i << 6 | mrig_top64(h->map[i]);
	/* the one that a request looks at */
	i = *mrig_blocks_list(h, i, mrig_blocks_lowest(h, i));
	return mrig_extent_at(h, i)->len;
}

/**
 * mrig_blocks_walk() - the free runs in ascending order
 * @h: allocator
 * @cursor: 0 to begin with; survives changes between calls
 * @first: number of the first block of the run
 *
 * Return: blocks of the next run; 0 if there is none. What lies between two runs is handed out.
 */
uint32_t mrig_blocks_walk(const struct mrig_blocks *h, uint64_t *cursor, uint32_t *first)
{
	uint32_t last = mrig_extent_after(h, *cursor), len;

	if (last == MRIG_BLOCKS_NONE)
		return 0;
	len = mrig_extent_at(h, last)->len;
	*first = last + 1 - len;
	*cursor = (uint64_t)last + 1;
	return len;
}

/**
 * mrig_blocks_reset_max() - what is used now is the most there was
 * @h: allocator
 */
void mrig_blocks_reset_max(struct mrig_blocks *h)
{
	h->max_used = h->used;
}

/* Extents on the list of class @c and region @r; MRIG_BLOCKS_NONE if something is wrong. */
static uint32_t count_list(const struct mrig_blocks *h, uint32_t c, uint32_t r)
{
	uint32_t i = *mrig_blocks_list(h, c, r), prev = MRIG_BLOCKS_NONE, n = 0;
	bool marked = h->where[c] >> r & 1;

	for (; i != MRIG_BLOCKS_NONE; i = mrig_extent_at(h, i)->next) {
		if (i >= h->num || i >> h->region_shift != r || !mrig_bits_test(&h->last, i) ||
		    mrig_extent_at(h, i)->prev != prev || n++ > h->num / 2 ||
		    mrig_blocks_class(mrig_extent_at(h, i)->len) != c)
			return MRIG_BLOCKS_NONE;
		prev = i;
	}
	return marked == !!n && (h->in_region[r << 2 | c >> 6] >> (c & 63) & 1) == marked ?
		       n : MRIG_BLOCKS_NONE;
}

/* Extents on all lists; MRIG_BLOCKS_NONE if something is wrong. */
static uint32_t count_listed(const struct mrig_blocks *h)
{
	uint32_t sum = 0, c, r, n;

	for (c = 0; c < h->classes; c++) {
		if ((h->map[c >> 6] >> (c & 63) & 1) != !!h->where[c])
			return MRIG_BLOCKS_NONE;
		for (r = 0; r <= (h->num - 1) >> h->region_shift; r++) {
			n = count_list(h, c, r);
			if (n == MRIG_BLOCKS_NONE)
				return n;
			sum += n;
		}
	}
	return sum;
}

/* Does @i name an extent of class @c? */
static bool of_class(const struct mrig_blocks *h, uint32_t i, uint32_t c)
{
	return i < h->num && mrig_bits_test(&h->last, i) &&
	       mrig_blocks_class(mrig_extent_at(h, i)->len) == c;
}

/**
 * mrig_blocks_check_extent() - is the bookkeeping of one free run in order?
 * @h: allocator
 * @last: its last block, as mrig_extent_after() says
 *
 * Between two of these the allocator may change.
 *
 * Return: whether the run is inside the pool and has no free neighbour on the left, and whether
 * list links to and from it agree.
 */
bool mrig_blocks_check_extent(const struct mrig_blocks *h, uint32_t last)
{
	const struct mrig_extent *e = mrig_extent_at(h, last);
	uint32_t left = last ? mrig_bits_prev(&h->last, last - 1) : MRIG_BLOCKS_NONE;
	uint32_t c;

	if (!e->len || e->len > last + 1 ||
	    (left != MRIG_BLOCKS_NONE && left + 1 >= last + 1 - e->len))
		return false;
	c = mrig_blocks_class(e->len);
	if (!(h->where[c] >> (last >> h->region_shift) & 1))
		return false;
	if (e->next != MRIG_BLOCKS_NONE &&
	    (!of_class(h, e->next, c) || mrig_extent_at(h, e->next)->prev != last))
		return false;
	if (e->prev == MRIG_BLOCKS_NONE)
		return *mrig_blocks_list(h, c, last >> h->region_shift) == last;
	return of_class(h, e->prev, c) && mrig_extent_at(h, e->prev)->next == last;
}

/**
 * mrig_blocks_validate() - is the bookkeeping in order?
 * @h: allocator
 *
 * Linear in the number of blocks, by 64 at a time, and of free runs.
 *
 * Return: whether the free runs lie apart, add up to what is not handed out, and are each
 * on the list they belong to, and all summaries agree.
 */
bool mrig_blocks_validate(const struct mrig_blocks *h)
{
	uint64_t cursor = 0, past = 0;
	uint32_t extents = 0, sum = 0, first, len;

	if (h->used > h->num || h->max_used < h->used || !mrig_bits_sound(&h->last))
		return false;
	for (;;) {
		len = mrig_blocks_walk(h, &cursor, &first);
		if (!len)
			break;
		if (len > cursor || (extents && first <= past))
			return false;
		past = cursor;
		sum += len;
		extents++;
	}
	return cursor <= h->num && past == cursor && sum == h->num - h->used &&
	       extents == h->extents && count_listed(h) == extents;
}
