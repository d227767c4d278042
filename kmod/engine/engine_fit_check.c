// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * First fit and best fit: the map, figures, and whether the bookkeeping is in order.
 */
#include "engine_fit.h"

/**
 * mrig_fit_walk() - mrig_heap_ops.walk, by record
 * @heap: as there
 * @cursor: as there
 * @out: as there
 * @max: as there
 *
 * Return: as there.
 */
uint32_t mrig_fit_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
		       uint32_t max)
{
	const struct mrig_fit *h = heap->control;
	const struct mrig_fit_record *r;
	uint32_t n = 0, i;

	for (; n < max && *cursor < h->room; ++*cursor) {
		i = (uint32_t)mrig_index_nospec(*cursor, h->room) + 1;
		r = &h->rec[i];
		if (r->state == FIT_SPARE)
			continue;
		out[n].offset = r->off;
		out[n].bytes = r->bytes;
		out[n].used = r->state == FIT_LIVE;
		out[n].tag = out[n].used && h->tag ? h->tag[i] : 0;
		n++;
	}
	return n;
}

/**
 * mrig_fit_info() - mrig_heap_ops.info
 * @heap: as there
 * @info: as there
 *
 * Looks at every free block.
 */
void mrig_fit_info(struct mrig_heap *heap, struct mrig_heap_info *info)
{
	const struct mrig_fit *h = heap->control;
	uint32_t i;

	memset(info, 0, sizeof(*info));
	info->live_blocks = h->live;
	info->free_blocks = h->nfree;
	for (i = h->rec[FIT_NONE].next; i; i = h->rec[i].next) {
		if (info->largest_free < h->rec[i].bytes)
			info->largest_free = h->rec[i].bytes;
	}
	info->side_bytes = mrig_fit_side_bytes(h);
	mrig_plain_figures(info, h->stats, h->bytes - h->used, h->used, h->max_used);
}

/* Does block @i lie between its neighbours, without a gap, and is it not free beside a free one? */
static bool tiles(const struct mrig_fit *h, uint32_t i)
{
	const struct mrig_fit_record *r = &h->rec[i], *right;
	uint64_t end = r->off + r->bytes;

	if (!r->bytes || r->off >= h->bytes || r->bytes > h->bytes - r->off ||
	    r->right > h->room || r->left > h->room || h->rec[r->left].right != i ||
	    h->rec[r->right].left != i || !r->left != !r->off)
		return false;
	if (!r->right)
		return end == h->bytes;
	right = &h->rec[r->right];
	return right->off == end && (r->state == FIT_LIVE || right->state == FIT_LIVE);
}

/* Is block @i on the list it should be on? */
static bool listed(const struct mrig_fit *h, uint32_t i)
{
	const struct mrig_fit_record *r = &h->rec[i];

	if (r->state == FIT_LIVE)
		return mrig_fit_find(h, r->off) == i;
	return r->state == FIT_FREE && r->next <= h->room && r->prev <= h->room &&
	       h->rec[r->next].prev == i && h->rec[r->prev].next == i &&
	       (!r->next || h->rec[r->next].off > r->off);
}

/* What a pass over all records counts. */
struct census {
	uint64_t used;
	uint32_t live;
	uint32_t free;
	uint32_t spare;
};

static bool is_the_sum(const struct mrig_fit *h, const struct census *sum)
{
	return sum->used == h->used && h->used <= h->max_used && sum->live == h->live &&
	       sum->free == h->nfree && sum->spare == h->nspare;
}

static void count(struct census *sum, const struct mrig_fit_record *r)
{
	sum->spare += r->state == FIT_SPARE;
	sum->free += r->state == FIT_FREE;
	if (r->state != FIT_LIVE)
		return;
	sum->live++;
	sum->used += r->bytes;
}

/**
 * mrig_fit_validate() - mrig_heap_ops.validate, by record
 * @heap: as there
 * @cursor: as there
 * @max: as there
 * @fault: as there
 *
 * Counters are checked when one batch sees the whole heap.
 *
 * Return: 0 or -EIO.
 */
int mrig_fit_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
		      struct mrig_fault *fault)
{
	const struct mrig_fit *h = heap->control;
	bool all = !*cursor && max >= h->room;
	struct census sum = { 0 };
	uint32_t i;

	memset(fault, 0, sizeof(*fault));
	for (; *cursor < h->room && max--; ++*cursor) {
		i = (uint32_t)*cursor + 1;
		count(&sum, &h->rec[i]);
		if (h->rec[i].state == FIT_SPARE)
			continue;
		fault->offset = h->rec[i].off;
		if (!tiles(h, i))
			fault->invariant = FIT_NO_TILE;
		else if (!listed(h, i))
			fault->invariant = FIT_NO_LIST;
		if (fault->invariant)
			return -EIO;
	}
	if (*cursor >= h->room)
		*cursor = 0;
	if (!all || is_the_sum(h, &sum))
		return 0;
	fault->invariant = FIT_NO_SUM;
	return -EIO;
}
