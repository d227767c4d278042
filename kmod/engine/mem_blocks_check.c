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
	uint32_t best = 0, looks, i;

	if (!h->sum)
		return 0;
	i = mrig_top64(h->sum);
	i = h->head[i << 6 | mrig_top64(h->map[i])];
	/* As many as a request looks at. */
	for (looks = MRIG_BLOCKS_LOOKS; looks && i != MRIG_BLOCKS_NONE; looks--) {
		if (best < mrig_extent_at(h, i)->len)
			best = mrig_extent_at(h, i)->len;
		i = mrig_extent_at(h, i)->next;
	}
	return best;
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

/* Is the bit of each word of @map in @sum set when, and only when, that word is not 0? */
static bool sum_right(const struct mrig_blocks *h)
{
	uint32_t i;

	for (i = 0; i < MRIG_BLOCKS_CLASSES / 64; i++) {
		if ((h->sum >> i & 1) != !!h->map[i])
			return false;
	}
	return true;
}

/* Extents on the lists, each on the right one; MRIG_BLOCKS_NONE if something is wrong. */
static uint32_t count_listed(const struct mrig_blocks *h)
{
	uint32_t listed = 0, c, i, prev;
	bool empty;

	for (c = 0; c < h->classes; c++) {
		empty = h->head[c] == MRIG_BLOCKS_NONE;
		if (!(h->map[c >> 6] >> (c & 63) & 1) != empty)
			return MRIG_BLOCKS_NONE;
		prev = MRIG_BLOCKS_NONE;
		for (i = h->head[c]; i != MRIG_BLOCKS_NONE; i = mrig_extent_at(h, i)->next) {
			if (i >= h->num || !mrig_bits_test(&h->last, i) ||
			    mrig_extent_at(h, i)->prev != prev || listed++ > h->num / 2 ||
			    mrig_blocks_class(mrig_extent_at(h, i)->len) != c)
				return MRIG_BLOCKS_NONE;
			prev = i;
		}
	}
	return listed;
}

/* Does @i name an extent, on list @c? */
static bool on_list(const struct mrig_blocks *h, uint32_t i, uint32_t c)
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
	if (!(h->map[c >> 6] >> (c & 63) & 1) || !(h->sum >> (c >> 6) & 1))
		return false;
	if (e->next != MRIG_BLOCKS_NONE &&
	    (!on_list(h, e->next, c) || mrig_extent_at(h, e->next)->prev != last))
		return false;
	if (e->prev == MRIG_BLOCKS_NONE)
		return h->head[c] == last;
	return on_list(h, e->prev, c) && mrig_extent_at(h, e->prev)->next == last;
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

	if (h->used > h->num || h->max_used < h->used || !sum_right(h) ||
	    !mrig_bits_sound(&h->last))
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
