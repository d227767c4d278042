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

/* Any request. */
static mrig_noinline int64_t alloc_careful(HEAP *h, size_t align, size_t bytes)
{
	int64_t b = algo_alloc(h, align, bytes);

	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

/* Index of a request; 0 to 8 bytes wrap to something large. */
static mrig_inline mrig_id fast_index(size_t bytes)
{
	mrig_id v = (bytes - (MRIG_MIN_UNITS * MRIG_UNIT - MRIG_UNIT + 1)) >> MRIG_UNIT_LOG;

	mrig_hide(v);
	return v;
}

/* From the list of class c, above the class v of the request. */
static mrig_noinline int64_t alloc_small(HEAP *h, mrig_id v, mrig_id c)
{
	int64_t b = algo_claim_small(h, v, c);

	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

static mrig_noinline int64_t alloc_large(HEAP *h, mrig_id v, mrig_id c)
{
	int64_t b = algo_claim_head(h, v + MRIG_MIN_UNITS, c);

	return b < 0 ? b : offset_of(h, (mrig_id)b);
}

/* Block b from its own class c. */
static mrig_noinline int64_t alloc_found(HEAP *h, mrig_id v, mrig_id c, mrig_id b)
{
	int64_t ret = algo_claim(h, b, blk_word(h, b), v + MRIG_MIN_UNITS, c, false);

	return ret < 0 ? ret : offset_of(h, b);
}

/* No class of its own, or no fast paths at all. */
static mrig_noinline int64_t alloc_other(HEAP *h, size_t bytes, mrig_id v)
{
	mrig_id c, b;

	if (mrig_unlikely(v >= h->core.most))
		return alloc_careful(h, 0, bytes);
	if (mrig_unlikely(!algo_search(h, v, &c, &b)))
		return -ENOMEM;
	return b ? alloc_found(h, v, c, b) : alloc_large(h, v, c);
}

/* Nothing on the list of its class: take from the classes above. */
static mrig_noinline int64_t alloc_miss(HEAP *h, mrig_id v)
{
	mrig_id c = v + CLASS_BASE + 1;

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
	mrig_id v = fast_index(bytes);
	struct oob_record *p, *r;
	uint32_t *head, next, left, at;
	mrig_id b;

	if (mrig_unlikely(v >= h->core.hot))
		return alloc_other(h, bytes, v);
	head = words(h) + v + CLASS_BASE;
	b = *head;
	if (mrig_unlikely(!b))
		return alloc_miss(h, v);
	p = rec(h, b);
	next = p->left;
	*head = next;
	h->core.live++;
	h->core.free -= (uint32_t)((v + MRIG_MIN_UNITS) << HEAP_SCALE);
	/* as blk_take() */
	r = rec(h, p->right);
	left = r->left;
	r->left = (uint32_t)b;
	p->left = left ^ OOB_LEFT_FREE;
	at = p->at ^ OOB_FREE;
	p->at = at;
	v += CLASS_BASE;
	if (mrig_likely(next))
		rec(h, next)->named = (uint32_t)v;
	else
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
	mrig_id v = fast_index(bytes);
	struct algo_slot slot;
	int64_t b;

	if (mrig_unlikely(v >= h->core.most || align & (align - 1) || align <= MRIG_UNIT))
		return alloc_careful(h, align, bytes);
	if (mrig_unlikely(!algo_search_aligned(h, v, align, 0, &slot)))
		return -ENOMEM;
	b = algo_claim_aligned(h, v, &slot);
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

/* Block b at @at ceases to be, @left starting at the block left of it and end being right of it. */
static mrig_inline void forget(HEAP *h, mrig_id b, uint32_t at, uint32_t left, mrig_id end)
{
	if ((at ^ left) >> (OOB_WINDOW_LOG + 1)) {
		uint32_t next = rec(h, end)->at ^ at;

		*oob_window(h, at >> 1) = next >> (OOB_WINDOW_LOG + 1) ? 0 : (uint32_t)end;
	}
	rec(h, b)->at = OOB_NONE;
}

/* What algo_give() does for live block b; left, right: that neighbour is free. */
static mrig_inline int give(HEAP *h, mrig_id b, bool left, bool right)
{
	struct oob_record *p = rec(h, b), *r = rec(h, p->right);
	uint32_t at = p->at, from = at, before;
	mrig_id end = p->right, gone = b;

	h->core.live--;
	h->core.blocks -= left + right;
	h->core.free += r->at - at - (right ? OOB_FREE : 0);
	if (right) {
		mrig_id swallowed = end;

		end = r->right;
		forget(h, swallowed, r->at, at, end);
		r->right = h->spare;
		if (!left) {
			p->right = (uint32_t)end;
			h->spare = (uint32_t)swallowed;
		}
		algo_unlink(h, swallowed);
		r = rec(h, end);
	}
	before = p->left;
	r->left = before + (left ? 0 : OOB_LEFT_FREE);
	if (left) {
		/* a swallowed right neighbour is the next spare record already */
		if (!right)
			p->right = h->spare;
		h->spare = (uint32_t)gone;
		b = rec(h, before - OOB_LEFT_FREE)->right;
		p = rec(h, b);
		p->right = (uint32_t)end;
		from = p->at;
		forget(h, gone, at, from, end);
		from -= OOB_FREE;
		algo_unlink(h, b);
	} else {
		mrig_hide(p);
		p->at += OOB_FREE;
	}
	algo_push(h, b, (rec(h, end)->at - from) >> 1);
	return 0;
}

static mrig_noinline int give_alone(HEAP *h, mrig_id b)
{
	return give(h, b, false, false);
}

static mrig_noinline int give_left(HEAP *h, mrig_id b)
{
	return give(h, b, true, false);
}

static mrig_noinline int give_right(HEAP *h, mrig_id b)
{
	return give(h, b, false, true);
}

static mrig_noinline int give_both(HEAP *h, mrig_id b)
{
	return give(h, b, true, true);
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
	uint64_t t = off >> MRIG_UNIT_LOG | off << (64 - MRIG_UNIT_LOG);
	uint32_t v, left, next, key, size;
	struct oob_record *p, *r;
	mrig_id b;

	/* misaligned offsets rotate to something large */
	if (mrig_unlikely(t >= h->core.most))
		return free_careful(h, off);
	b = *oob_window(h, (mrig_id)t);
	p = rec(h, b);
	key = (uint32_t)t << 1;
	while (p->at < key) {
		b = p->right;
		p = rec(h, b);
	}
	if (mrig_unlikely(p->at != key))
		return -ENOENT;
	/* index of the block; too large if the right neighbour is free */
	r = rec(h, p->right);
	size = r->at - key;
	mrig_hide(size);
	v = mrig_ror32(size - (MRIG_MIN_UNITS << 1), 1);
	left = p->left;
	if (left & OOB_LEFT_FREE)
		return size & OOB_FREE ? give_both(h, b) : give_left(h, b);
	if (v >= (uint32_t)h->core.hot)
		return size & OOB_FREE ? give_right(h, b) : give_alone(h, b);
	h->core.live--;
	h->core.free += size;
	r->left = left + OOB_LEFT_FREE;
	mrig_hide(p);
	p->at += OOB_FREE;
	v += CLASS_BASE;
	p->named = v;
	next = words(h)[v];
	words(h)[v] = (uint32_t)b;
	p->left = next;
	if (mrig_likely(next))
		rec(h, next)->named = (uint32_t)mrig_link_word(b);
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
