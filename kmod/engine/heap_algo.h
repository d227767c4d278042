/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The heap algorithm, written once over accessors and included once per placement.
 *
 * Good fit over segregated lists with immediate coalescing: every operation is a bounded number of
 * steps, whatever the number of blocks. Two free blocks are never neighbours. A request takes a
 * block from the list of its own size class if one is large enough (exact for small sizes, at
 * most core.looks entries are looked at otherwise), else from the lowest non-empty class above,
 * where everything fits. What is left over becomes a free block unless it is too small to be one.
 *
 * The includer defines HEAP (its type, with a struct mrig_core member named core), HEAP_SCALE (its
 * core.scale) and
 *
 *	words(h)			the words that list links count in
 *	CLASS_BASE			number of the first class
 *	blk_next(h, b)			of free block b, the block after it on its list
 *	blk_named(h, b), blk_word(h, b)	where it stores the word that names it; that word
 *	blk_ready(h)			0, or -errno if the heap cannot allocate at present
 *	blk_units(h, b)			size of block b
 *	blk_free_units(h, b)		the same of a free block, its right neighbour being live
 *	blk_fits(h, b, u)		has free block b at least u of them?
 *	blk_beyond(h, b, u)		how many more, if so?
 *	blk_addr(h, b)			address of its payload, for alignment only
 *	blk_right(h, b, u)		its right neighbour, b having u units
 *	blk_left(h, b)			its left neighbour, which must be free
 *	blk_live(h, b)			is b live?
 *	blk_left_free(h, b)		is the left neighbour of live block b free?
 *	blk_room(h, b, u1, u2)		0, or -errno if no block can be made to start u1 (and,
 *					unless 0, u2) units after the start of b
 *	blk_take(h, b, u)		free b of u units becomes live
 *	blk_reserve(h, b, u)		name of a block to start u units after the start of b, or,
 *					where BLK_MAY_LACK, 0 if there is no memory for one
 *	blk_carve(h, b, u, r, rem)	free b of u + rem becomes live with u; r is the free rest
 *	blk_lack(h, b, u1, u2)		why not: -errno
 *	blk_bore(h, b, pre, u, rem)	free b of pre + u + rem keeps its first pre units; the next
 *					u are a live block, which is returned, and rem, unless 0,
 *					a free one
 *	blk_cut(h, b, u, rem)		live b of u + rem keeps u; returns the free rest (the right
 *					neighbour of b is live)
 *	blk_shift(h, b, u, r, rem)	live b, free r on its right: move the border so that b has u
 *					units and r rem; returns r's new name
 *	blk_annex(h, b, r, u)		live b swallows its free right neighbour r, giving u units
 *	blk_absorb(h, b, r, u)		the same while b is about to be freed: b need not be valid
 *	blk_absorb_left(h, l, b, u)	free l swallows b on its right and has u units now
 *	blk_release(h, b, u)		live b, no free neighbour but one just absorbed, turns free
 *
 * None of them touches the lists. Blocks that are free but not on a list exist within one call
 * only.
 */
#include "heap_list.h"

/*
 * Make free block b, which word w names, on the list of class c, live with u units. The rest goes
 * on the list of its class; if that is c again it takes b's place, which is what happens when small
 * blocks are carved off a large one.
 */
static mrig_inline int64_t algo_claim(HEAP *h, mrig_id b, mrig_id w, mrig_id u, mrig_id c,
				      bool head)
{
	struct mrig_core *core = &h->core;
	mrig_id rem = blk_beyond(h, b, u), n = *blk_next(h, b), r, d;

	mrig_hide(n);
	if (rem < MRIG_MIN_UNITS) {
		blk_take(h, b, u + rem);
		core->free -= (uint32_t)((u + rem) << HEAP_SCALE);
		core->live++;
		algo_unname(h, c, w, n, head);
		return (int64_t)b;
	}
	r = blk_reserve(h, b, u);
	if (BLK_MAY_LACK && mrig_unlikely(!r))
		return blk_lack(h, b, u, 0);
	blk_carve(h, b, u, r, rem);
	core->free -= (uint32_t)(u << HEAP_SCALE);
	core->blocks++;
	core->live++;
	d = algo_class(h, rem);
	if (d != c) {
		mrig_hide(r); /* or both branches compute addresses of both */
		algo_unname(h, c, w, n, head);
		algo_link(h, r, d);
		return (int64_t)b;
	}
	words(h)[w] = (uint32_t)r;
	*blk_named(h, r) = (uint32_t)w;
	*blk_next(h, r) = (uint32_t)n;
	if (n)
		*blk_named(h, n) = (uint32_t)mrig_link_word(r);
	return (int64_t)b;
}

/* The first block of class c. */
static mrig_inline int64_t algo_claim_head(HEAP *h, mrig_id u, mrig_id c)
{
	return algo_claim(h, words(h)[c], c, u, c, true);
}

/*
 * The same for the first block of c, a class of one index: nothing to measure, and the rest is in
 * another one. v is the index of the request.
 */
static mrig_inline int64_t algo_claim_small(HEAP *h, mrig_id v, mrig_id c)
{
	struct mrig_core *core = &h->core;
	mrig_id b = words(h)[c], u = v + MRIG_MIN_UNITS, rem = c - CLASS_BASE - v, r;

	if (rem < MRIG_MIN_UNITS) {
		algo_pop(h, c, *blk_next(h, b));
		blk_take(h, b, u + rem);
		core->free -= (uint32_t)((u + rem) << HEAP_SCALE);
		core->live++;
		return (int64_t)b;
	}
	r = blk_reserve(h, b, u);
	if (BLK_MAY_LACK && mrig_unlikely(!r))
		return blk_lack(h, b, u, 0);
	algo_pop(h, c, *blk_next(h, b));
	blk_carve(h, b, u, r, rem);
	algo_link(h, r, rem - MRIG_MIN_UNITS + CLASS_BASE);
	core->blocks++;
	core->live++;
	core->free -= (uint32_t)(u << HEAP_SCALE);
	return (int64_t)b;
}

/*
 * Where to take a block of index v from: *c is set to its class. Returns a block found by searching
 * the list of the request's own class, or 0: the first of *c will do. False: there is none.
 */
static mrig_inline bool algo_search(HEAP *h, mrig_id v, mrig_id *c, mrig_id *b)
{
	struct mrig_core *core = &h->core;
	mrig_id left = core->looks, at;

	*c = mrig_class(core, v, CLASS_BASE);
	if (mrig_likely(v >= core->lin)) {
		for (at = words(h)[*c]; at; at = *blk_next(h, at)) {
			*b = at;
			if (blk_fits(h, at, v + MRIG_MIN_UNITS))
				return true;
			mrig_hide(at); /* its address is cheaper than a register */
			if (!--left)
				break;
		}
		++*c;
	}
	*b = 0;
	return mrig_class_next(core, c);
}

/* Units to skip in free block b so that a block with the wanted alignment can start. */
static mrig_inline uint64_t algo_skip(HEAP *h, mrig_id b, uint64_t align, uint64_t rewind)
{
	uint64_t at = blk_addr(h, b) + rewind;
	uint64_t pre = ((0 - at) & (align - 1)) >> MRIG_UNIT_LOG;

	/* what is skipped must be nothing or a block */
	if (mrig_unlikely(pre == 1))
		pre += align >> MRIG_UNIT_LOG;
	return pre;
}

/* Make u units of the first block b of class c, which has s units, live, pre after its start. */
static mrig_inline int64_t algo_claim_inner(HEAP *h, mrig_id b, mrig_id c, mrig_id s,
					    mrig_id pre, mrig_id u)
{
	struct mrig_core *core = &h->core;
	mrig_id rem = s - pre - u, n;
	int err;

	if (rem < MRIG_MIN_UNITS) {
		u += rem;
		rem = 0;
	}
	err = blk_room(h, b, pre, rem ? pre + u : 0);
	if (mrig_unlikely(err))
		return err;
	algo_pop(h, c, *blk_next(h, b));
	n = blk_bore(h, b, pre, u, rem);
	if (rem) {
		algo_push(h, blk_right(h, n, u), rem);
		core->blocks++;
	}
	algo_push(h, b, pre);
	core->blocks++;
	core->live++;
	core->free -= (uint32_t)(u << HEAP_SCALE);
	return (int64_t)n;
}

/* Where an aligned block of some index fits: b, the first of class c, of s units, after pre. */
struct algo_slot {
	mrig_id b;
	mrig_id c;
	mrig_id s;
	mrig_id pre;
};

/* Is there room in the first block of the lowest non-empty class from slot->c on? */
static mrig_inline bool algo_probe(HEAP *h, mrig_id u, uint64_t align, uint64_t rewind,
				   struct algo_slot *slot)
{
	slot->b = words(h)[slot->c];
	slot->s = blk_free_units(h, slot->b);
	slot->pre = algo_skip(h, slot->b, align, rewind);
	return slot->pre + u <= slot->s;
}

/*
 * Any index v, any alignment above one unit: look into a hole in which an aligned slot lies with a
 * probability of one half, then into one in which it nearly always does, and then take one in which
 * it must. Measured: asking for the last kind at once soon leaves the heap cut up so that requests
 * fail at a quarter of its capacity, and so does looking into the smallest holes first.
 */
static mrig_inline bool algo_search_aligned(HEAP *h, mrig_id v, uint64_t align, uint64_t rewind,
					    struct algo_slot *slot)
{
	const struct mrig_core *core = &h->core;
	uint64_t half = align >> (MRIG_UNIT_LOG + 1);
	mrig_id u = v + MRIG_MIN_UNITS;

	if (mrig_unlikely(half >= core->total || v + half >= core->total))
		return false;
	slot->c = mrig_class(core, v + half, CLASS_BASE);
	if (!mrig_class_next(core, &slot->c))
		return false;
	if (algo_probe(h, u, align, rewind, slot))
		return true;
	if (mrig_unlikely(v + 2 * half >= core->total))
		return false;
	slot->c = mrig_class(core, v + 2 * half, CLASS_BASE);
	for (; mrig_class_next(core, &slot->c); slot->c++) {
		if (mrig_likely(algo_probe(h, u, align, rewind, slot)))
			return true;
	}
	return false;
}

static mrig_inline int64_t algo_claim_aligned(HEAP *h, mrig_id v, const struct algo_slot *slot)
{
	mrig_id u = v + MRIG_MIN_UNITS;

	if (!slot->pre)
		return algo_claim_head(h, u, slot->c);
	return algo_claim_inner(h, slot->b, slot->c, slot->s, slot->pre, u);
}
