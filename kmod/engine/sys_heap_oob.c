// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The heap with its headers in side memory: fast paths, and what they leave to the careful ones.
 *
 * The span is never accessed. Fast and careful paths divide the work as in sys_heap_inband.c.
 */
#include "heap_oob.h"
#include "heap_algo.h"

/* Of a live block. */
static mrig_inline int64_t offset_of(const HEAP *h, mrig_id b)
{
	/* at of a live block is its unit times 2 */
	return (int64_t)rec(h, b)->at << (MRIG_UNIT_LOG - 1);
}

/**
 * mrig_oob_start() - make the span one free block, once there is memory to say so
 * @h: heap with records and the first leaf, fresh
 */
void mrig_oob_start(HEAP *h)
{
	struct oob_record *r = h->record;
	mrig_id b = OOB_SENTINELS << 1;

	h->fresh = OOB_SENTINELS + 1;
	/* a look-up in an empty window begins at record 0 and must end there */
	r[0].at = OOB_NONE;
	r[0].right = (uint32_t)b;
	r[1].at = (uint32_t)h->units << 1;
	r[1].left = OOB_LEFT_END | OOB_LEFT_FREE;
	r[2].at = OOB_FREE;
	r[2].right = OOB_RIGHT_END;
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

/* Any request. */
static mrig_noinline int64_t alloc_careful(HEAP *h, size_t align, size_t bytes)
{
	int64_t b = algo_alloc(h, align, bytes);

	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

/* No class of its own, or no fast paths at all. */
static mrig_noinline int64_t alloc_other(HEAP *h, size_t bytes)
{
	int64_t b;

	if (!h->core.hot || !bytes || bytes > (uint64_t)h->units << MRIG_UNIT_LOG)
		return alloc_careful(h, 0, bytes);
	b = algo_place(h, mrig_index(&h->core, bytes));
	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

/* From the list of class c, above the class v of the request. */
static mrig_noinline int64_t alloc_small(HEAP *h, mrig_id v, mrig_id c)
{
	int64_t b = algo_claim_small(h, v, c);

	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

static mrig_noinline int64_t alloc_large(HEAP *h, mrig_id v, mrig_id c)
{
	int64_t b = algo_claim_head(h, heads(h)[c], v + MRIG_MIN_UNITS, c);

	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

/* Nothing on the list of its class: take from the classes above. */
static mrig_noinline int64_t alloc_miss(HEAP *h, mrig_id v)
{
	mrig_id c = v + 1;

	if (mrig_unlikely(!mrig_class_next(&h->core, &c)))
		return -ENOMEM;
	return mrig_likely(c < h->core.lin) ? alloc_small(h, v, c) : alloc_large(h, v, c);
}

/**
 * mrig_oob_alloc() - allocate a block, alignment left to chance
 * @h: heap
 * @bytes: size
 *
 * Return: as mrig_heap_ops.alloc.
 */
int64_t mrig_oob_alloc(struct mrig_oob *h, size_t bytes)
{
	/* 0 to 8 bytes wrap to beyond hot */
	mrig_id v = (bytes - (MRIG_MIN_UNITS * MRIG_UNIT - MRIG_UNIT + 1)) >> MRIG_UNIT_LOG;
	struct oob_record *p, *r;
	uint32_t next, left, at;
	mrig_id b;

	mrig_hide(v);
	if (mrig_unlikely(v >= h->core.hot))
		return alloc_other(h, bytes);
	b = h->head[v];
	if (mrig_unlikely(!b))
		return alloc_miss(h, v);
	p = rec(h, b);
	next = p->left;
	h->head[v] = next;
	h->core.live++;
	h->core.free -= (uint32_t)((v + MRIG_MIN_UNITS) << HEAP_SCALE);
	/* as blk_take() */
	r = rec(h, p->right);
	left = r->left;
	r->left = (uint32_t)b;
	p->left = left ^ OOB_LEFT_FREE;
	at = p->at ^ OOB_FREE;
	p->at = at;
	if (!next)
		mrig_class_drain(&h->core, v);
	return (int64_t)at << (MRIG_UNIT_LOG - 1);
}

/**
 * mrig_oob_aligned_alloc() - allocate a block with a given alignment
 * @h: heap
 * @align: of base plus offset, encoded as for sys_heap_aligned_alloc()
 * @bytes: size
 *
 * Return: as mrig_heap_ops.alloc.
 */
int64_t mrig_oob_aligned_alloc(struct mrig_oob *h, size_t align, size_t bytes)
{
	int64_t b;

	if (mrig_unlikely(!h->core.hot || align & (align - 1) || align <= MRIG_UNIT ||
			  bytes - 1 >= h->units << MRIG_UNIT_LOG))
		return alloc_careful(h, align, bytes);
	b = algo_place_aligned(h, mrig_index(&h->core, bytes), align, 0);
	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

/* A lie, or a heap that does more than the minimum. */
static mrig_noinline int free_careful(HEAP *h, uint64_t off)
{
	mrig_id b;

	if (h->core.flags & MRIG_HEAP_FENCED)
		return -EIO;
	b = mrig_oob_find(h, off);
	return b ? algo_free(h, b) : -ENOENT;
}

/*
 * Block b, found by its start, is large, or its right neighbour is free, or it is free itself
 * (which a misaligned offset finds), or free_careful() is needed.
 */
static mrig_noinline int free_right(HEAP *h, mrig_id b, uint64_t off)
{
	mrig_id r = rec(h, b)->right, u, n;

	if (mrig_unlikely(!h->core.hot || off & (MRIG_UNIT - 1)))
		return free_careful(h, off);
	u = oob_at(h, r) - oob_at(h, b);
	n = blk_live(h, r) ? 0 : blk_units(h, r);
	if (mrig_likely(n && u + n < h->core.hot))
		algo_give_right(h, b, u, r, n);
	else
		algo_give(h, b, u);
	return 0;
}

/* The same where the left neighbour is free. */
static mrig_noinline int free_left(HEAP *h, mrig_id b, uint64_t off)
{
	mrig_id r = rec(h, b)->right, l, u, n;

	if (mrig_unlikely(!h->core.hot || off & (MRIG_UNIT - 1)))
		return free_careful(h, off);
	l = blk_left(h, b);
	u = oob_at(h, r) - oob_at(h, b);
	n = oob_at(h, b) - oob_at(h, l);
	if (mrig_likely(blk_live(h, r) && u + n < h->core.hot))
		algo_give_left(h, b, u, l, n);
	else
		algo_give(h, b, u);
	return 0;
}

/**
 * mrig_oob_free() - give a block back
 * @h: heap
 * @off: its offset
 *
 * Return: 0; -ENOENT if no live block starts there; -EIO if the heap is fenced off.
 */
int mrig_oob_free(struct mrig_oob *h, uint64_t off)
{
	uint64_t key = off >> 2 | off << 62;
	struct oob_record *p, *r;
	uint32_t v, left, next;
	mrig_id b;

	/* as oob_record.at; most misaligned offsets rotate to something large */
	if (mrig_unlikely(key >= h->bound))
		return free_careful(h, off);
	b = *oob_window(h, (mrig_id)key >> 1);
	p = rec(h, b);
	while (mrig_unlikely(p->at != (uint32_t)key)) {
		if (mrig_unlikely(p->at > (uint32_t)key))
			return free_careful(h, off);
		b = p->right;
		p = rec(h, b);
	}
	/* units less the minimum; too large if the right neighbour is free or key is odd */
	r = rec(h, p->right);
	v = mrig_ror32(r->at - (uint32_t)key - (MRIG_MIN_UNITS << 1), 1);
	left = p->left;
	if (mrig_unlikely(left & OOB_LEFT_FREE))
		return free_left(h, b, off);
	if (mrig_unlikely(v >= (uint32_t)h->core.hot))
		return free_right(h, b, off);

	h->core.live--;
	r->left = left + OOB_LEFT_FREE;
	p->at = (uint32_t)key + OOB_FREE;
	h->core.free += (v + MRIG_MIN_UNITS) << HEAP_SCALE;
	next = h->head[v];
	h->head[v] = (uint32_t)b;
	p->left = next;
	if (mrig_likely(next))
		rec(h, next)->prev = (uint32_t)b;
	else
		mrig_class_fill(&h->core, v);
	return 0;
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
		h->tag[mrig_oob_find(h, (uint64_t)off) >> 1] = 0;
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
	h->tag[b >> 1] = tag;
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
	*tag = h->tag[b >> 1];
	return 0;
}

static uint32_t op_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			uint32_t max)
{
	return mrig_oob_walk(heap->control, cursor, out, max);
}

static uint64_t side_bytes(const HEAP *h)
{
	uint64_t n = (uint64_t)h->room * sizeof(struct oob_record);
	uint32_t i;

	if (h->tags)
		n += (uint64_t)h->room * sizeof(uint64_t);
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
	.validate = op_validate,
	.reset_max = op_reset_max,
};
