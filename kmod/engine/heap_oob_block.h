/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Headers in side memory: the accessors heap_algo.h wants. Part of heap_oob.h.
 */
#ifndef MRIG_HEAP_OOB_BLOCK_H
#define MRIG_HEAP_OOB_BLOCK_H

static mrig_inline uint32_t *blk_next(HEAP *h, mrig_id b)
{
	return &rec(h, b)->left;
}

static mrig_inline uint32_t *blk_named(HEAP *h, mrig_id b)
{
	return &rec(h, b)->named;
}

static mrig_inline mrig_id blk_word(HEAP *h, mrig_id b)
{
	return rec(h, b)->named;
}

static mrig_inline mrig_id blk_units(HEAP *h, mrig_id b)
{
	return oob_at(h, rec(h, b)->right) - oob_at(h, b);
}

static mrig_inline mrig_id blk_free_units(HEAP *h, mrig_id b)
{
	return (rec(h, rec(h, b)->right)->at - rec(h, b)->at + OOB_FREE) >> 1;
}

static mrig_inline bool blk_fits(HEAP *h, mrig_id b, mrig_id u)
{
	const struct oob_record *p = rec(h, b);

	return rec(h, p->right)->at >= (uint64_t)p->at + 2 * (uint64_t)u - OOB_FREE;
}

static mrig_inline mrig_id blk_beyond(HEAP *h, mrig_id b, mrig_id u)
{
	return blk_free_units(h, b) - u;
}

static mrig_inline uint64_t blk_addr(HEAP *h, mrig_id b)
{
	return h->base + ((uint64_t)oob_at(h, b) << MRIG_UNIT_LOG);
}

static mrig_inline mrig_id blk_right(HEAP *h, mrig_id b, mrig_id u)
{
	return rec(h, b)->right;
}

static mrig_inline mrig_id blk_left(HEAP *h, mrig_id b)
{
	return rec(h, rec(h, b)->left & ~OOB_LEFT_FREE)->right;
}

static mrig_inline bool blk_live(HEAP *h, mrig_id b)
{
	return !(rec(h, b)->at & OOB_FREE);
}

static mrig_inline bool blk_left_free(HEAP *h, mrig_id b)
{
	return rec(h, b)->left & OOB_LEFT_FREE;
}

static mrig_inline int blk_lack(HEAP *h, mrig_id b, mrig_id u1, mrig_id u2)
{
	mrig_id at = oob_at(h, b);

	return mrig_oob_lack(h, at + u1, at + u2, u2 ? 2 : 1);
}

static mrig_inline int blk_room(HEAP *h, mrig_id b, mrig_id u1, mrig_id u2)
{
	mrig_id at1 = oob_at(h, b) + u1, at2 = oob_at(h, b) + u2;
	uint32_t n = u2 ? 2 : 1;

	if (mrig_likely(h->room >= oob_used(h) + n && !oob_leaf_missing(h, at1) &&
			(!u2 || !oob_leaf_missing(h, at2))))
		return 0;
	return mrig_oob_lack(h, at1, at2, n);
}

/* The free block right of b is to start u units after b. */
static mrig_inline int blk_room_shift(HEAP *h, mrig_id b, mrig_id u)
{
	mrig_id at = oob_at(h, b) + u;

	return mrig_likely(!oob_leaf_missing(h, at)) ? 0 : mrig_oob_lack(h, at, at, 0);
}

static mrig_inline int blk_ready(HEAP *h)
{
	return h->ready ? 0 : mrig_oob_lack(h, 0, 0, 0);
}

static mrig_inline void blk_take(HEAP *h, mrig_id b, mrig_id u)
{
	struct oob_record *p = rec(h, b), *r = rec(h, p->right);

	p->left = r->left ^ OOB_LEFT_FREE;
	r->left = (uint32_t)b;
	p->at ^= OOB_FREE;
}

static mrig_inline mrig_id blk_reserve(HEAP *h, mrig_id b, mrig_id u)
{
	uint32_t from = rec(h, b)->at, at = from + ((uint32_t)u << 1);
	mrig_id n = oob_new(h);

	if (mrig_unlikely(!n))
		return 0;
	rec(h, n)->at = at;
	if ((at ^ from) >> (OOB_WINDOW_LOG + 1)) {
		if (mrig_unlikely(oob_leaf_missing(h, at >> 1))) {
			oob_drop(h, n);
			return 0;
		}
		*oob_window(h, at >> 1) = (uint32_t)n;
	}
	return n;
}

static mrig_inline void blk_carve(HEAP *h, mrig_id b, mrig_id u, mrig_id n, mrig_id rem)
{
	struct oob_record *p = rec(h, b), *r = rec(h, p->right);
	uint32_t left = r->left;

	rec(h, n)->right = p->right;
	r->left = (uint32_t)b + OOB_LEFT_FREE;
	p->right = (uint32_t)n;
	p->at -= OOB_FREE;
	p->left = left - OOB_LEFT_FREE;
}

static mrig_inline mrig_id blk_bore(HEAP *h, mrig_id b, mrig_id pre, mrig_id u, mrig_id rem)
{
	mrig_id n = oob_new(h), right = rec(h, b)->right, m;
	struct oob_record *p = rec(h, b), *q = rec(h, n), *r = rec(h, right), *s;

	q->at = (p->at + ((uint32_t)pre << 1)) ^ OOB_FREE;
	q->left = r->left;
	oob_enter(h, n, q->at >> 1, p->at >> 1);
	p->right = (uint32_t)n;
	if (!rem) {
		q->right = (uint32_t)right;
		r->left = (uint32_t)n;
		return n;
	}
	m = oob_new(h);
	s = rec(h, m);
	s->at = q->at + ((uint32_t)u << 1) + OOB_FREE;
	s->right = (uint32_t)right;
	oob_enter(h, m, s->at >> 1, q->at >> 1);
	q->right = (uint32_t)m;
	r->left = (uint32_t)n | OOB_LEFT_FREE;
	return n;
}

static mrig_inline mrig_id blk_cut(HEAP *h, mrig_id b, mrig_id u, mrig_id rem)
{
	mrig_id n = oob_new(h);
	struct oob_record *p = rec(h, b), *q = rec(h, n), *r = rec(h, p->right);

	q->at = p->at + ((uint32_t)u << 1) + OOB_FREE;
	q->right = p->right;
	oob_enter(h, n, q->at >> 1, p->at >> 1);
	p->right = (uint32_t)n;
	r->left = (uint32_t)b | OOB_LEFT_FREE;
	return n;
}

static mrig_inline mrig_id blk_shift(HEAP *h, mrig_id b, mrig_id u, mrig_id r, mrig_id rem)
{
	struct oob_record *p = rec(h, b), *q = rec(h, r);

	oob_leave(h, q->at >> 1, p->at >> 1, q->right);
	q->at = p->at + ((uint32_t)u << 1) + OOB_FREE;
	oob_enter(h, r, q->at >> 1, p->at >> 1);
	return r;
}

/* Block r, right of b, ceases to be. */
static mrig_inline void oob_remove(HEAP *h, mrig_id b, mrig_id r)
{
	struct oob_record *p = rec(h, b), *q = rec(h, r);

	oob_leave(h, q->at >> 1, p->at >> 1, q->right);
	p->right = q->right;
	oob_drop(h, r);
}

static mrig_inline void blk_annex(HEAP *h, mrig_id b, mrig_id r, mrig_id u)
{
	oob_remove(h, b, r);
	rec(h, rec(h, b)->right)->left = (uint32_t)b;
}

static mrig_inline void blk_absorb(HEAP *h, mrig_id b, mrig_id r, mrig_id u)
{
	oob_remove(h, b, r);
}

static mrig_inline void blk_absorb_left(HEAP *h, mrig_id l, mrig_id b, mrig_id u)
{
	rec(h, rec(h, b)->right)->left = rec(h, b)->left;
	oob_remove(h, l, b);
}

static mrig_inline void blk_release(HEAP *h, mrig_id b, mrig_id u)
{
	struct oob_record *p = rec(h, b);

	rec(h, p->right)->left = p->left | OOB_LEFT_FREE;
	p->at |= OOB_FREE;
}

static mrig_inline int blk_inspect_free(HEAP *h, mrig_id b)
{
	return h->core.hardening < MRIG_HARDEN_MODERATE ? 0 : mrig_oob_inspect_free(h, b);
}

static mrig_inline int blk_inspect_live(HEAP *h, mrig_id b)
{
	return mrig_oob_inspect_live(h, b);
}

static mrig_inline int blk_inspect_all(HEAP *h)
{
	return mrig_oob_inspect_all(h);
}

static mrig_inline void blk_seal(HEAP *h, mrig_id b)
{
	if (h->core.hardening >= MRIG_HARDEN_FULL)
		rec(h, b)->named = mrig_oob_seal_of(h, b);
}

static mrig_inline void blk_unseal(HEAP *h, mrig_id b)
{
	if (h->core.hardening >= MRIG_HARDEN_FULL)
		rec(h, b)->named = ~mrig_oob_seal_of(h, b);
}

#endif /* MRIG_HEAP_OOB_BLOCK_H */
