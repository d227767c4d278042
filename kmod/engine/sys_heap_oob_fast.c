// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The heap with its headers in side memory: fast paths, and what they leave to the careful ones, as
 * in sys_heap_inband_fast.c.
 */
#include "heap_oob.h"
#include "heap_algo.h"

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

	return b < 0 ? b : oob_offset(h, (mrig_id)b);
}

static mrig_noinline int64_t alloc_large(HEAP *h, mrig_id v, mrig_id c)
{
	int64_t b = algo_claim_head(h, v + MRIG_MIN_UNITS, c);

	return b < 0 ? b : oob_offset(h, (mrig_id)b);
}

/* Block b from its own class c. */
static mrig_noinline int64_t alloc_found(HEAP *h, mrig_id v, mrig_id c, mrig_id b)
{
	int64_t ret = algo_claim(h, b, blk_word(h, b), v + MRIG_MIN_UNITS, c, false);

	return ret < 0 ? ret : oob_offset(h, b);
}

/* No class of its own, or no fast paths at all. */
static mrig_noinline int64_t alloc_other(HEAP *h, size_t bytes, mrig_id v)
{
	mrig_id c, b;

	if (mrig_unlikely(v >= h->core.most))
		return mrig_oob_alloc_careful(h, 0, bytes);
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
		return mrig_oob_alloc_careful(h, align, bytes);
	if (mrig_unlikely(!algo_search_aligned(h, v, align, 0, &slot)))
		return -ENOMEM;
	b = algo_claim_aligned(h, v, &slot);
	return b < 0 ? b : oob_offset(h, (mrig_id)b);
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
		return mrig_oob_free_careful(h, off);
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
