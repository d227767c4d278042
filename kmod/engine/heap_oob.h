/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Headers in side memory: the format, and the accessors heap_algo.h wants.
 *
 * A block is a *record* of 16 bytes in one growing table. It is named by twice its index, so that
 * bit 0 of a name is free for a flag and a name times 8 is an offset into the table. Records 0 and
 * 1 are sentinels: live blocks without units left and right of the span. The space of the next ones
 * is taken by the list heads, so that one word number can name a head or a link.
 *
 *	at	first unit of the block << 1 | free
 *	right	right neighbour
 *	left	live: left neighbour, or if that is free its left neighbour, | OOB_LEFT_FREE
 *		free: next on the list of its class
 *	named	free: the word that names it. live: seal (hardening FULL)
 *
 * A free block has no left link of its own: both its neighbours are live, and its right one stores
 * which its left one is. So from block r with OOB_LEFT_FREE the free left neighbour is the right
 * neighbour of the block that r.left names.
 *
 * An offset leads to its block through the *directory*: for each window of 256 bytes the first
 * block, live or free, that starts in it; from there along the right links, over at most 15 blocks.
 * Allocating and freeing without split or merge does not touch the directory. It is made of leaves
 * that are fed when a block first starts in them; until then one empty leaf stands in for all, so
 * that a look-up neither populates nor tests.
 */
#ifndef MRIG_HEAP_OOB_H
#define MRIG_HEAP_OOB_H

#include "heap_core.h"
#include "mrig_oob.h"

#define OOB_FREE		1U
#define OOB_LEFT_FREE		1U

#define OOB_LEFT_END		0	/* names of the sentinels */
#define OOB_RIGHT_END		2
#define OOB_SENTINELS		2

#define OOB_NONE		~0U	/* at of a record that is no block; beyond all blocks */
#define OOB_MAX_UNITS		0x7ffffff0U	/* at must hold 2 * units + 1 */
#define OOB_WINDOW_LOG		5		/* units: 256 bytes */
#define OOB_LEAF_LOG		10		/* windows: 256 KiB of span, 4 KiB of leaf */
#define OOB_LEAF_ENTRIES	(1U << OOB_LEAF_LOG)

#define OOB_FIRST_RECORDS	32

#define OOB_WANT_RECORDS	1
#define OOB_WANT_LEAF		2

struct oob_record {
	uint32_t at;
	uint32_t right;
	uint32_t left;
	uint32_t named;
};

static_assert(sizeof(struct oob_record) == 16, "a record costs 16 bytes");

/**
 * struct mrig_oob - an out-of-band heap; what follows it in the control block is pointed to
 * @core: everything that does not depend on the placement
 * @record: table of records; a constant stand-in until the first is fed
 * @leaf: directory leaves, each a table of names or the empty leaf
 * @units: length of the span
 * @spare: first of the records that are no block, linked by right; 0 is none
 * @first: index of the first record that can be a block
 * @room: records in the table
 * @most: bound on records
 * @tag: a tag per block record, behind the records; NULL without tags
 * @base: address the span is known by
 * @nr_leaves: leaves there may be
 * @nr_drained: leaves handed back
 * @leaf_bytes: size of a leaf; smaller than usual if the span is
 * @control_bytes: size of the control block
 * @want: what the last operation lacked
 * @ready: the first block has been made
 * @tags: tags are kept
 * @bitmap: of classes; then leaf pointers
 */
struct mrig_oob {
	struct mrig_core core;
	struct oob_record *record;
	uint32_t **leaf;
	uint64_t units;
	uint32_t spare;
	uint32_t first;
	uint32_t room;
	uint32_t most;
	uint64_t *tag;
	uint64_t base;
	uint32_t nr_leaves;
	uint32_t nr_drained;
	uint32_t leaf_bytes;
	size_t control_bytes;
	struct mrig_want want;
	bool ready;
	bool tags;
	uint64_t bitmap[];
};

#define HEAP struct mrig_oob
#define HEAP_SCALE 1
#define CLASS_BASE (OOB_SENTINELS * 4)
#define BLK_MAY_LACK 1

extern const uint32_t mrig_oob_empty_leaf[OOB_LEAF_ENTRIES];

static mrig_inline uint32_t *words(HEAP *h)
{
	return (uint32_t *)h->record;
}

static mrig_inline struct oob_record *rec(const HEAP *h, mrig_id b)
{
	return (struct oob_record *)((char *)h->record + (b << 3));
}

/* The unit a block starts at. */
static mrig_inline uint32_t oob_at(const HEAP *h, mrig_id b)
{
	return rec(h, b)->at >> 1;
}

/* Directory entry of the window that unit @at lies in. */
static mrig_inline uint32_t *oob_window(const HEAP *h, mrig_id at)
{
	at >>= OOB_WINDOW_LOG;
	return &h->leaf[at >> OOB_LEAF_LOG][at & (OOB_LEAF_ENTRIES - 1)];
}

static mrig_inline bool oob_leaf_missing(const HEAP *h, mrig_id at)
{
	return h->leaf[at >> (OOB_WINDOW_LOG + OOB_LEAF_LOG)] == mrig_oob_empty_leaf;
}

/* Block @b, right of one that starts at @left, starts at @at from now on. */
static mrig_inline void oob_enter(HEAP *h, mrig_id b, mrig_id at, mrig_id left)
{
	if ((at ^ left) >> OOB_WINDOW_LOG)
		*oob_window(h, at) = (uint32_t)b;
}

/* No block starts at @at any more; @left does on its left and block @r on its right. */
static mrig_inline void oob_leave(HEAP *h, mrig_id at, mrig_id left, mrig_id r)
{
	if ((at ^ left) >> OOB_WINDOW_LOG)
		*oob_window(h, at) = (oob_at(h, r) ^ at) >> OOB_WINDOW_LOG ? 0 : (uint32_t)r;
}

/* Records in use: one per block, and those that cannot be one. */
static mrig_inline uint32_t oob_used(const HEAP *h)
{
	return h->core.blocks + h->first;
}

static mrig_inline uint64_t *oob_tag(const HEAP *h, mrig_id b)
{
	return &h->tag[(b >> 1) - h->first];
}

/* A record, or 0 if there is none. */
static mrig_inline mrig_id oob_new(HEAP *h)
{
	mrig_id b = h->spare;

	if (mrig_likely(b))
		h->spare = rec(h, b)->right;
	return b;
}

static mrig_inline void oob_drop(HEAP *h, mrig_id b)
{
	rec(h, b)->at = OOB_NONE;
	rec(h, b)->right = h->spare;
	h->spare = (uint32_t)b;
}

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

int mrig_oob_lack(HEAP *h, mrig_id at1, mrig_id at2, uint32_t records);

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

/* sys_heap_oob_check.c */
int mrig_oob_inspect_free(HEAP *h, mrig_id b);
int mrig_oob_inspect_live(HEAP *h, mrig_id b);
int mrig_oob_inspect_all(HEAP *h);
int mrig_oob_validate(HEAP *h, uint64_t *cursor, uint32_t max, struct mrig_fault *fault);
uint32_t mrig_oob_walk(HEAP *h, uint64_t *cursor, struct mrig_block *out, uint32_t max);
uint32_t mrig_oob_seal_of(const HEAP *h, mrig_id b);

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

/* sys_heap_oob_side.c */
size_t mrig_oob_record_bytes(const HEAP *h, uint32_t records);
size_t mrig_oob_control_bytes(const struct mrig_heap_cfg *cfg);
int mrig_oob_setup(HEAP *h, const struct mrig_heap_cfg *cfg);
void mrig_oob_want(HEAP *h, struct mrig_want *want);
void *mrig_oob_feed(HEAP *h, const struct mrig_want *want, void *mem);
void *mrig_oob_drain(HEAP *h);

/* sys_heap_oob.c */
void mrig_oob_start(HEAP *h);
mrig_id mrig_oob_find(const HEAP *h, uint64_t off);

#endif /* MRIG_HEAP_OOB_H */
