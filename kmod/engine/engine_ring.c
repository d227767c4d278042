// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The ring heap behind the uniform interface: blocks are given back in any order, and their space
 * comes back in the order they were made, or at once for the newest: an allocation that is not to
 * be costs nothing.
 *
 * Records are few to begin with, in the control block; more are fed when they are all in use. A
 * block has a number, counted from the first there ever was, by which walks know where they are.
 */
#include "engine_plain.h"
#include "mrig_ring.h"

#define FIRST_RECORDS	32
#define WALK_GAPS	(1ULL << 63)	/* cursors from here on: free space */

#define NOT_IN_ORDER	18	/* numbers in Documentation/invariants.rst */
#define NOT_THE_SUM	19

/**
 * struct mrig_ring_heap - control block; the first table follows
 * @ring: the table: the ring, then tags
 * @tag: by record; NULL without tags
 * @fed: the table, if it was fed, else NULL
 * @base: address the span is known by
 * @control_bytes: size of the control block
 * @most: records there may be
 * @stats: figures are wanted
 */
struct mrig_ring_heap {
	struct mrig_ring *ring;
	uint64_t *tag;
	void *fed;
	uint64_t base;
	size_t control_bytes;
	uint32_t most;
	bool stats;
};

/* A block takes up 8 bytes at least. */
static uint32_t most_of(const struct mrig_heap_cfg *cfg)
{
	uint64_t most = cfg->bytes >> MRIG_UNIT_LOG;

	if (cfg->max_blocks && most > cfg->max_blocks)
		most = cfg->max_blocks;
	return most < MRIG_RING_MAX ? (uint32_t)most : MRIG_RING_MAX;
}

static uint32_t first_of(uint32_t most)
{
	return most < FIRST_RECORDS ? most : FIRST_RECORDS;
}

static size_t table_bytes(uint32_t room, bool tags)
{
	return mrig_plain_sum(mrig_ring_control_bytes(room),
			      tags ? (uint64_t)room * sizeof(uint64_t) : 0);
}

static void use_table(struct mrig_ring_heap *h, void *table, uint32_t room, bool tags)
{
	h->ring = table;
	if (tags)
		h->tag = (uint64_t *)((char *)table + mrig_ring_control_bytes(room));
}

static size_t op_control_bytes(const struct mrig_heap_cfg *cfg)
{
	if (!mrig_plain_cfg(cfg) || cfg->bytes >> 62)
		return 0;
	return mrig_plain_sum(table_bytes(first_of(most_of(cfg)), cfg->tags),
			      sizeof(struct mrig_ring_heap));
}

static int op_init(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg)
{
	struct mrig_ring_heap *h = control;
	size_t bytes = op_control_bytes(cfg);

	heap->ops = &mrig_heap_ring;
	heap->control = control;
	if (!bytes)
		return -EINVAL;
	h->base = cfg->base;
	h->control_bytes = bytes;
	h->most = most_of(cfg);
	h->stats = cfg->stats;
	use_table(h, h + 1, first_of(h->most), cfg->tags);
	return mrig_ring_init(h->ring, cfg->bytes, MRIG_UNIT, first_of(h->most));
}

static int64_t op_alloc(struct mrig_heap *heap, size_t align, size_t bytes)
{
	struct mrig_ring_heap *h = heap->control;
	uint64_t a, rewind;
	int64_t off;

	if (!bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	if (bytes > h->ring->bytes)
		return -ENOMEM;
	off = mrig_ring_alloc_aligned(h->ring, bytes, a, h->base + rewind);
	if (off == -ENOSPC && h->ring->room < h->most)
		return -EAGAIN;
	if (h->tag && off >= 0)
		h->tag[mrig_ring_record(h->ring, h->ring->live - 1)] = 0;
	return off;
}

/* A block that is given back behind older ones does not come back before them: do not try. */
static bool op_fits(struct mrig_heap *heap, size_t align, size_t bytes)
{
	const struct mrig_ring_heap *h = heap->control;
	const struct mrig_ring *ring = h->ring;
	struct mrig_ring_gap gap[2];
	uint64_t a, rewind, skip, size = (bytes + ring->mask) & ~ring->mask;
	uint32_t n;

	if (!bytes || bytes > ring->bytes || !mrig_align_decode(align, &a, &rewind) ||
	    (ring->live == ring->room && ring->room == h->most))
		return false;
	for (n = mrig_ring_gaps(ring, gap); n--;) {
		skip = mrig_align_gap(gap[n].off + h->base, a, rewind);
		if (skip <= gap[n].bytes && size <= gap[n].bytes - skip)
			return true;
	}
	return false;
}

static int op_free(struct mrig_heap *heap, uint64_t off)
{
	struct mrig_ring_heap *h = heap->control;
	int err = mrig_ring_pop(h->ring, off);

	return err == -EBUSY ? mrig_ring_drop(h->ring, off) : err;
}

/* Only the newest block has its end where it may be moved. */
static int op_resize(struct mrig_heap *heap, uint64_t off, size_t bytes)
{
	struct mrig_ring_heap *h = heap->control;
	int64_t usable = mrig_ring_usable(h->ring, off);
	int err;

	if (usable < 0)
		return (int)usable;
	err = mrig_ring_resize(h->ring, off, bytes);
	if (err == -EBUSY)
		return bytes > (uint64_t)usable ? -ENOMEM : 0;
	return err;
}

static int64_t op_usable(struct mrig_heap *heap, uint64_t off)
{
	const struct mrig_ring_heap *h = heap->control;

	return mrig_ring_usable(h->ring, off);
}

static uint32_t next_room(const struct mrig_ring_heap *h)
{
	return h->ring->room > h->most / 2 ? h->most : h->ring->room * 2;
}

static void op_want(struct mrig_heap *heap, struct mrig_want *want)
{
	const struct mrig_ring_heap *h = heap->control;

	memset(want, 0, sizeof(*want));
	if (h->ring->live < h->ring->room || h->ring->room == h->most)
		return;
	want->index = next_room(h);
	want->bytes = table_bytes(want->index, h->tag);
}

static void *op_feed(struct mrig_heap *heap, const struct mrig_want *want, void *mem)
{
	struct mrig_ring_heap *h = heap->control;
	const struct mrig_ring *old = h->ring;
	const uint64_t *tag = h->tag;
	void *fed = h->fed;
	uint32_t i;

	if (want->index != next_room(h) || want->index <= old->room)
		return mem;
	use_table(h, mem, want->index, tag);
	mrig_ring_init(h->ring, old->bytes, MRIG_UNIT, want->index);
	mrig_ring_copy(h->ring, old);
	for (i = 0; tag && i < old->live; i++)
		h->tag[i] = tag[mrig_ring_record(old, i)];
	h->fed = mem;
	return fed;
}

static void *op_drain(struct mrig_heap *heap)
{
	struct mrig_ring_heap *h = heap->control;
	void *fed = h->fed;

	h->fed = NULL;
	return fed;
}

static int op_set_tag(struct mrig_heap *heap, uint64_t off, uint64_t tag)
{
	const struct mrig_ring_heap *h = heap->control;
	int64_t age = mrig_ring_find(h->ring, off);

	if (age < 0)
		return (int)age;
	if (!h->tag)
		return -EINVAL;
	h->tag[mrig_ring_record(h->ring, (uint32_t)age)] = tag;
	return 0;
}

static int op_get_tag(struct mrig_heap *heap, uint64_t off, uint64_t *tag)
{
	const struct mrig_ring_heap *h = heap->control;
	int64_t age = mrig_ring_find(h->ring, off);

	if (age < 0)
		return (int)age;
	if (!h->tag)
		return -EINVAL;
	*tag = h->tag[mrig_ring_record(h->ring, (uint32_t)age)];
	return 0;
}

/* Free space is reported behind all blocks. */
static uint32_t walk_gaps(const struct mrig_ring *ring, uint64_t *cursor, struct mrig_block *out,
			  uint32_t max)
{
	struct mrig_ring_gap gap[2];
	uint32_t gaps = mrig_ring_gaps(ring, gap), n, i;

	for (n = 0; n < max && *cursor - WALK_GAPS < gaps; n++, ++*cursor) {
		i = (uint32_t)mrig_index_nospec(*cursor - WALK_GAPS, gaps);
		memset(&out[n], 0, sizeof(out[n]));
		out[n].offset = gap[i].off;
		out[n].bytes = gap[i].bytes;
	}
	return n;
}

/* The cursor is the number of a block. */
static uint32_t op_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			uint32_t max)
{
	const struct mrig_ring_heap *h = heap->control;
	const struct mrig_ring *ring = h->ring;
	const struct mrig_ring_block *block;
	uint32_t n = 0, i;

	if (*cursor < ring->gone)
		*cursor = ring->gone;
	for (; n < max && *cursor - ring->gone < ring->live; ++*cursor) {
		i = (uint32_t)mrig_index_nospec(*cursor - ring->gone, ring->live);
		i = mrig_ring_record(ring, i);
		block = &ring->block[i];
		if (!block->bytes)
			continue;
		out[n].offset = block->off;
		out[n].bytes = (block->bytes + ring->mask) & ~ring->mask;
		out[n].used = true;
		out[n++].tag = h->tag ? h->tag[i] : 0;
	}
	if (*cursor < WALK_GAPS && *cursor - ring->gone >= ring->live)
		*cursor = WALK_GAPS;
	if (*cursor >= WALK_GAPS)
		n += walk_gaps(ring, cursor, out + n, max - n);
	return n;
}

static void op_info(struct mrig_heap *heap, struct mrig_heap_info *info)
{
	const struct mrig_ring_heap *h = heap->control;
	const struct mrig_ring *ring = h->ring;
	struct mrig_ring_gap gap[2];
	uint64_t free = 0;
	uint32_t i;

	memset(info, 0, sizeof(*info));
	info->live_blocks = ring->live - ring->dropped;
	info->free_blocks = mrig_ring_gaps(ring, gap);
	for (i = 0; i < info->free_blocks; i++) {
		free += gap[i].bytes;
		if (info->largest_free < gap[i].bytes && ring->live < h->most)
			info->largest_free = gap[i].bytes;
	}
	info->side_bytes = h->control_bytes;
	if (h->fed)
		info->side_bytes += table_bytes(ring->room, h->tag);
	mrig_plain_figures(info, h->stats, free, ring->used, ring->max_used);
}

static uint64_t op_held(const struct mrig_heap *heap, uint64_t *free)
{
	const struct mrig_ring_heap *h = heap->control;
	struct mrig_ring_gap gap[2];
	uint32_t i;

	if (free) {
		*free = 0;
		for (i = mrig_ring_gaps(h->ring, gap); i--; )
			*free += gap[i].bytes;
	}
	return h->ring->used;
}

/* Does the block of this age lie where it may: within the span, behind the one before? */
static bool in_order(const struct mrig_ring *ring, uint32_t age, uint32_t *wraps)
{
	const struct mrig_ring_block *b = &ring->block[mrig_ring_record(ring, age)], *left;
	uint64_t bytes = b->bytes ? b->bytes : 1;

	if (b->off & ring->mask || b->off >= ring->bytes || bytes > ring->bytes - b->off)
		return false;
	if (!age)
		return b->bytes;
	left = &ring->block[mrig_ring_record(ring, age - 1)];
	if (b->off > left->off)
		return b->off - left->off >= left->bytes;
	++*wraps;
	return b->off + bytes <= ring->block[ring->first].off;
}

static bool is_the_sum(const struct mrig_ring *ring)
{
	uint32_t dropped = 0, i;
	uint64_t used = 0;

	for (i = 0; i < ring->live; i++) {
		const struct mrig_ring_block *b = &ring->block[mrig_ring_record(ring, i)];

		used += (b->bytes + ring->mask) & ~ring->mask;
		dropped += !b->bytes;
	}
	return used == ring->used && used <= ring->max_used && dropped == ring->dropped;
}

static int op_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
		       struct mrig_fault *fault)
{
	const struct mrig_ring_heap *h = heap->control;
	const struct mrig_ring *ring = h->ring;
	uint64_t at = *cursor > ring->gone ? *cursor - ring->gone : 0;
	bool all = !at && max >= ring->live;
	uint32_t wraps = 0;

	memset(fault, 0, sizeof(*fault));
	for (; at < ring->live && max--; at++) {
		if (in_order(ring, (uint32_t)at, &wraps) && wraps < 2)
			continue;
		fault->invariant = NOT_IN_ORDER;
		fault->offset = ring->block[mrig_ring_record(ring, (uint32_t)at)].off;
		return -EIO;
	}
	*cursor = at < ring->live ? ring->gone + at : 0;
	if (all && !is_the_sum(ring)) {
		fault->invariant = NOT_THE_SUM;
		return -EIO;
	}
	return 0;
}

static int op_reset_max(struct mrig_heap *heap)
{
	struct mrig_ring_heap *h = heap->control;

	if (!h->stats)
		return -EINVAL;
	mrig_ring_reset_max(h->ring);
	return 0;
}

/* A stream: first made, first back. */
const struct mrig_heap_ops mrig_heap_ring = {
	.name = "ring",
	.control_bytes = op_control_bytes,
	.init = op_init,
	.alloc = op_alloc,
	.fits = op_fits,
	.free = op_free,
	.resize = op_resize,
	.usable = op_usable,
	.want = op_want,
	.feed = op_feed,
	.drain = op_drain,
	.set_tag = op_set_tag,
	.get_tag = op_get_tag,
	.walk = op_walk,
	.info = op_info,
	.held = op_held,
	.validate = op_validate,
	.reset_max = op_reset_max,
};
