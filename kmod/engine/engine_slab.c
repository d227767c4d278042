// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fixed-size blocks behind the uniform interface: a slab, and a tag per block.
 *
 * Every block serves every request of up to its size, alone.
 */
#include "engine_plain.h"
#include "mem_slab_core.h"

/**
 * struct mrig_slab_heap - control block; the slab follows, then the tags
 * @slab: blocks by number; offset 0 is that of number 1
 * @tag: by number; NULL without tags
 * @base: address the span is known by
 * @grid: its blocks
 * @control_bytes: size of the control block
 * @stats: figures are wanted
 */
struct mrig_slab_heap {
	struct mrig_slab *slab;
	uint64_t *tag;
	uint64_t base;
	struct mrig_grid grid;
	size_t control_bytes;
	bool stats;
};

static size_t op_control_bytes(const struct mrig_heap_cfg *cfg)
{
	uint64_t tags = 0;
	struct mrig_grid grid;

	if (!mrig_plain_grid(cfg, MRIG_SLAB_MAX, &grid))
		return 0;
	if (cfg->tags)
		tags = ((uint64_t)grid.num + 1) * sizeof(uint64_t);
	return mrig_plain_sum(mrig_slab_control_bytes(grid.num),
			      sizeof(struct mrig_slab_heap) + tags);
}

static int op_init(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg)
{
	struct mrig_slab_heap *h = control;

	heap->ops = &mrig_heap_slab;
	heap->control = control;
	if (!mrig_plain_grid(cfg, MRIG_SLAB_MAX, &h->grid))
		return -EINVAL;
	h->slab = (struct mrig_slab *)(h + 1);
	h->base = cfg->base;
	h->control_bytes = op_control_bytes(cfg);
	h->stats = cfg->stats;
	if (cfg->tags)
		h->tag = (uint64_t *)((char *)h->slab + mrig_slab_control_bytes(h->grid.num));
	return mrig_slab_init(h->slab, 0, h->grid.bytes, h->grid.num);
}

/* Either all blocks have an alignment or, but for a slab of one, some have not. */
static bool has_alignment(const struct mrig_slab_heap *h, uint64_t align, uint64_t rewind)
{
	return !mrig_align_gap(h->base, align, rewind) &&
	       (h->grid.num == 1 || !(h->grid.bytes & (align - 1)));
}

static int64_t op_alloc(struct mrig_heap *heap, size_t align, size_t bytes)
{
	struct mrig_slab_heap *h = heap->control;
	uint64_t a, rewind;
	int64_t number;

	if (!bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	if (bytes > h->grid.bytes || !has_alignment(h, a, rewind))
		return -ENOMEM;
	number = mrig_slab_take(h->slab);
	if (number < 0)
		return number;
	if (h->tag)
		h->tag[number] = 0;
	return (number - 1) * (int64_t)h->grid.bytes;
}

/* Number of the block at @off; 0, which is none, or beyond the last for what starts no block. */
static uint64_t number_of(const struct mrig_slab_heap *h, uint64_t off)
{
	uint64_t number = mrig_slab_number_of(h->slab, (void *)(uintptr_t)off);

	return mrig_index_nospec(number, (uint64_t)h->grid.num + 1);
}

static int op_free(struct mrig_heap *heap, uint64_t off)
{
	struct mrig_slab_heap *h = heap->control;

	return mrig_slab_put(h->slab, number_of(h, off)) < 0 ? -ENOENT : 0;
}

/* Number of the live block at @off, or 0. */
static uint64_t find(const struct mrig_slab_heap *h, uint64_t off)
{
	uint64_t number = number_of(h, off);

	return mrig_slab_is_live(h->slab, number) ? number : 0;
}

static int op_resize(struct mrig_heap *heap, uint64_t off, size_t bytes)
{
	const struct mrig_slab_heap *h = heap->control;

	if (!find(h, off))
		return -ENOENT;
	if (!bytes)
		return -EINVAL;
	return bytes > h->grid.bytes ? -ENOMEM : 0;
}

static int64_t op_usable(struct mrig_heap *heap, uint64_t off)
{
	const struct mrig_slab_heap *h = heap->control;

	return find(h, off) ? (int64_t)h->grid.bytes : -ENOENT;
}

static int op_set_tag(struct mrig_heap *heap, uint64_t off, uint64_t tag)
{
	const struct mrig_slab_heap *h = heap->control;
	uint64_t number = find(h, off);

	if (!number)
		return -ENOENT;
	if (!h->tag)
		return -EINVAL;
	h->tag[number] = tag;
	return 0;
}

static int op_get_tag(struct mrig_heap *heap, uint64_t off, uint64_t *tag)
{
	const struct mrig_slab_heap *h = heap->control;
	uint64_t number = find(h, off);

	if (!number)
		return -ENOENT;
	if (!h->tag)
		return -EINVAL;
	*tag = h->tag[number];
	return 0;
}

/* The cursor counts the blocks that were reported. */
static uint32_t op_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			uint32_t max)
{
	const struct mrig_slab_heap *h = heap->control;
	uint64_t i;
	uint32_t n;

	for (n = 0; n < max && *cursor < h->grid.num; n++) {
		i = mrig_index_nospec(*cursor, h->grid.num);
		++*cursor;
		out[n].offset = i * h->grid.bytes;
		out[n].bytes = h->grid.bytes;
		out[n].used = mrig_slab_is_live(h->slab, i + 1);
		out[n].tag = out[n].used && h->tag ? h->tag[i + 1] : 0;
	}
	return n;
}

static void op_info(struct mrig_heap *heap, struct mrig_heap_info *info)
{
	const struct mrig_slab_heap *h = heap->control;
	uint64_t bytes = h->grid.bytes, free;
	struct mrig_slab_info slab;

	memset(info, 0, sizeof(*info));
	mrig_slab_get_info(h->slab, &slab);
	info->live_blocks = slab.used;
	info->free_blocks = slab.num - slab.used;
	info->largest_free = info->free_blocks ? bytes : 0;
	info->side_bytes = h->control_bytes;
	free = info->free_blocks * bytes;
	mrig_plain_figures(info, h->stats, free, slab.used * bytes, slab.max_used * bytes);
	/* no request needs two blocks */
	info->frag_permille = 0;
}

static uint64_t op_held(const struct mrig_heap *heap, uint64_t *free)
{
	const struct mrig_slab_heap *h = heap->control;
	struct mrig_slab_info slab;

	mrig_slab_get_info(h->slab, &slab);
	if (free)
		*free = (slab.num - slab.used) * h->grid.bytes;
	return slab.used * h->grid.bytes;
}

static int op_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
		       struct mrig_fault *fault)
{
	const struct mrig_slab_heap *h = heap->control;
	bool all = !*cursor && max >= h->grid.num;

	memset(fault, 0, sizeof(*fault));
	for (; *cursor < h->grid.num && max--; ++*cursor) {
		if (mrig_slab_check(h->slab, (uint32_t)*cursor + 1))
			continue;
		fault->invariant = 13;
		fault->offset = *cursor * h->grid.bytes;
		return -EIO;
	}
	if (*cursor >= h->grid.num)
		*cursor = 0;
	if (all && !mrig_slab_validate(h->slab)) {
		fault->invariant = 14;
		return -EIO;
	}
	return 0;
}

static int op_reset_max(struct mrig_heap *heap)
{
	const struct mrig_slab_heap *h = heap->control;

	if (!h->stats)
		return -EINVAL;
	mrig_slab_reset_max(h->slab);
	return 0;
}

/* Equal blocks, one per request. */
const struct mrig_heap_ops mrig_heap_slab = {
	.name = "slab",
	.control_bytes = op_control_bytes,
	.init = op_init,
	.alloc = op_alloc,
	.free = op_free,
	.resize = op_resize,
	.usable = op_usable,
	.want = mrig_plain_want,
	.feed = mrig_plain_feed,
	.drain = mrig_plain_drain,
	.set_tag = op_set_tag,
	.get_tag = op_get_tag,
	.walk = op_walk,
	.info = op_info,
	.held = op_held,
	.validate = op_validate,
	.reset_max = op_reset_max,
};
