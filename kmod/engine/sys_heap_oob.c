// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The heap with its headers in side memory: calls that look at everything, and the operations by
 * which others know this placement.
 *
 * The span is never accessed.
 */
#include "heap_oob.h"
#include "heap_careful.h"

/**
 * mrig_oob_start() - make the span one free block, once there is memory to say so
 * @h: heap with records and the first leaf, not started yet
 */
void mrig_oob_start(HEAP *h)
{
	struct oob_record *r = h->record;
	mrig_id b = oob_new(h);

	/* a look-up in an empty window begins at record 0 and must end there */
	r[0].at = OOB_NONE;
	r[0].right = (uint32_t)b;
	r[1].at = (uint32_t)h->units << 1;
	r[1].left = OOB_LEFT_END | OOB_LEFT_FREE;
	rec(h, b)->at = OOB_FREE;
	rec(h, b)->right = OOB_RIGHT_END;
	*oob_window(h, 0) = (uint32_t)b;
	algo_push(h, b, h->units);
	h->ready = true;
	mrig_core_arm(&h->core);
}

/**
 * mrig_oob_find() - the live block that starts at an offset
 * @h: heap
 * @off: anything
 *
 * Return: the block, or 0.
 */
mrig_id mrig_oob_find(const HEAP *h, uint64_t off)
{
	uint32_t key = (uint32_t)(off >> 2);
	const struct oob_record *p;
	mrig_id b;

	if (off >= (uint64_t)h->units << MRIG_UNIT_LOG || off & (MRIG_UNIT - 1))
		return 0;
	b = *oob_window(h, off >> MRIG_UNIT_LOG);
	for (p = rec(h, b); p->at < key; p = rec(h, b))
		b = p->right;
	return p->at == key ? b : 0;
}

/**
 * mrig_oob_alloc_careful() - any request
 * @h: heap
 * @align: as mrig_oob_aligned_alloc()
 * @bytes: size
 *
 * Return: as mrig_heap_ops.alloc.
 */
int64_t mrig_oob_alloc_careful(HEAP *h, size_t align, size_t bytes)
{
	int64_t b = algo_alloc(h, align, bytes);

	return b < 0 ? b : oob_offset(h, (mrig_id)b);
}

/**
 * mrig_oob_free_careful() - any claim that a block starts somewhere
 * @h: heap
 * @off: where
 *
 * Return: as mrig_oob_free().
 */
int mrig_oob_free_careful(HEAP *h, uint64_t off)
{
	mrig_id b;

	if (h->core.flags & MRIG_HEAP_FENCED)
		return -EIO;
	b = mrig_oob_find(h, off);
	return b ? algo_free(h, b) : -ENOENT;
}

static size_t op_control_bytes(const struct mrig_heap_cfg *cfg)
{
	return mrig_oob_control_bytes(cfg);
}

static int op_init(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg)
{
	heap->ops = &mrig_heap_oob;
	heap->control = control;
	return mrig_oob_setup(control, cfg);
}

static int64_t op_alloc(struct mrig_heap *heap, size_t align, size_t bytes)
{
	HEAP *h = heap->control;
	int64_t off = align ? mrig_oob_aligned_alloc(h, align, bytes) : mrig_oob_alloc(h, bytes);

	if (h->tag && off >= 0)
		*oob_tag(h, mrig_oob_find(h, (uint64_t)off)) = 0;
	return off;
}

static int op_free(struct mrig_heap *heap, uint64_t off)
{
	return mrig_oob_free(heap->control, off);
}

/* The live block at @off, or -ENOENT, or -EIO. */
static int64_t find_live(HEAP *h, uint64_t off)
{
	mrig_id b;

	if (h->core.flags & MRIG_HEAP_FENCED)
		return -EIO;
	b = mrig_oob_find(h, off);
	return b ? (int64_t)b : -ENOENT;
}

static int op_resize(struct mrig_heap *heap, uint64_t off, size_t bytes)
{
	int64_t b = find_live(heap->control, off);

	return b < 0 ? (int)b : algo_resize(heap->control, (mrig_id)b, bytes);
}

static int64_t op_usable(struct mrig_heap *heap, uint64_t off)
{
	int64_t b = find_live(heap->control, off);
	int err;

	if (b < 0)
		return b;
	err = blk_inspect_live(heap->control, (mrig_id)b);
	return err ? err : (int64_t)blk_units(heap->control, (mrig_id)b) << MRIG_UNIT_LOG;
}

static void op_want(struct mrig_heap *heap, struct mrig_want *want)
{
	mrig_oob_want(heap->control, want);
}

static void *op_feed(struct mrig_heap *heap, const struct mrig_want *want, void *mem)
{
	return mrig_oob_feed(heap->control, want, mem);
}

static void *op_drain(struct mrig_heap *heap)
{
	return mrig_oob_drain(heap->control);
}

static int op_set_tag(struct mrig_heap *heap, uint64_t off, uint64_t tag)
{
	HEAP *h = heap->control;
	int64_t b = find_live(h, off);

	if (b < 0)
		return (int)b;
	if (!h->tag)
		return -EINVAL;
	*oob_tag(h, (mrig_id)b) = tag;
	return 0;
}

static int op_get_tag(struct mrig_heap *heap, uint64_t off, uint64_t *tag)
{
	HEAP *h = heap->control;
	int64_t b = find_live(h, off);

	if (b < 0)
		return (int)b;
	if (!h->tag)
		return -EINVAL;
	*tag = *oob_tag(h, (mrig_id)b);
	return 0;
}

static uint32_t op_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			uint32_t max)
{
	return mrig_oob_walk(heap->control, cursor, out, max);
}

static uint64_t side_bytes(const HEAP *h)
{
	uint64_t n = h->room ? mrig_oob_record_bytes(h, h->room) : 0;
	uint32_t i;

	for (i = 0; i < h->nr_leaves; i++) {
		if (h->leaf[i] != mrig_oob_empty_leaf)
			n += h->leaf_bytes;
	}
	return n + h->control_bytes;
}

static void op_info(struct mrig_heap *heap, struct mrig_heap_info *info)
{
	const HEAP *h = heap->control;

	algo_info(heap->control, info);
	info->side_bytes = side_bytes(h);
	/* before the first feeding the span is on no list */
	if (!h->ready && !(h->core.flags & MRIG_HEAP_FENCED)) {
		info->largest_free = h->units << MRIG_UNIT_LOG;
		info->frag_permille = 0;
	}
}

static uint64_t op_held(const struct mrig_heap *heap, uint64_t *free)
{
	const HEAP *h = heap->control;

	return mrig_core_held(&h->core, free);
}

static int op_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
		       struct mrig_fault *fault)
{
	return mrig_oob_validate(heap->control, cursor, max, fault);
}

static int op_reset_max(struct mrig_heap *heap)
{
	HEAP *h = heap->control;

	if (!(h->core.flags & MRIG_HEAP_STATS))
		return -EINVAL;
	h->core.peak = mrig_core_allocated(&h->core);
	return 0;
}

/* Headers in side memory. */
const struct mrig_heap_ops mrig_heap_oob = {
	.name = "oob",
	.control_bytes = op_control_bytes,
	.init = op_init,
	.alloc = op_alloc,
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
