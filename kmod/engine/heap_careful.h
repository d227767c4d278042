/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What heap_algo.h leaves out of the fast paths: every check that the heap asks for, any request,
 * and the operations that are rare. Included like heap_algo.h, once per placement.
 */

#include "heap_algo.h"

/* Any index, no alignment. */
static mrig_noinline int64_t algo_place(HEAP *h, mrig_id v)
{
	mrig_id c, b, u = v + MRIG_MIN_UNITS;
	int err;

	if (!algo_search(h, v, &c, &b))
		return -ENOMEM;
	err = blk_inspect_free(h, b ? b : words(h)[c]);
	if (mrig_unlikely(err))
		return err;
	return b ? algo_claim(h, b, blk_word(h, b), u, c, false) : algo_claim_head(h, u, c);
}

static mrig_noinline int64_t algo_place_aligned(HEAP *h, mrig_id v, uint64_t align,
						uint64_t rewind)
{
	struct algo_slot slot;
	int err;

	if (!algo_search_aligned(h, v, align, rewind, &slot))
		return -ENOMEM;
	err = blk_inspect_free(h, slot.b);
	return mrig_unlikely(err) ? err : algo_claim_aligned(h, v, &slot);
}

/* Everything a request can be. Returns the block or -errno; nothing has changed then. */
static mrig_noinline int64_t algo_alloc(HEAP *h, size_t align, size_t bytes)
{
	struct mrig_core *core = &h->core;
	uint64_t a, rewind;
	int64_t b;
	int err;

	if (core->flags & MRIG_HEAP_FENCED)
		return -EIO;
	if (!bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	err = blk_ready(h);
	if (err)
		return err;
	if (bytes > (uint64_t)core->total << MRIG_UNIT_LOG)
		return -ENOMEM;
	if (core->hardening >= MRIG_HARDEN_EXTREME) {
		err = blk_inspect_all(h);
		if (err)
			return err;
	}
	if (a <= MRIG_UNIT)
		b = algo_place(h, mrig_index(core, bytes));
	else
		b = algo_place_aligned(h, mrig_index(core, bytes), a, rewind);
	if (b <= 0)
		return b;
	mrig_core_peak(core);
	blk_seal(h, (mrig_id)b);
	return b;
}

/* Give back live block b of u units, found to be sound; left: its left neighbour is free. */
static mrig_inline void algo_give(HEAP *h, mrig_id b, mrig_id u, bool left)
{
	struct mrig_core *core = &h->core;
	mrig_id r = blk_right(h, b, u);

	core->live--;
	core->free += (uint32_t)(u << HEAP_SCALE);
	if (!blk_live(h, r)) {
		algo_unlink(h, r);
		u += blk_units(h, r);
		blk_absorb(h, b, r, u);
		core->blocks--;
	}
	if (left) {
		mrig_id l = blk_left(h, b);

		algo_unlink(h, l);
		u += blk_units(h, l);
		blk_absorb_left(h, l, b, u);
		core->blocks--;
		b = l;
	} else {
		blk_release(h, b, u);
	}
	algo_push(h, b, u);
}

/* Any live block b, found by the caller but not yet inspected. */
static int algo_free(HEAP *h, mrig_id b)
{
	int err = 0;

	if (h->core.hardening >= MRIG_HARDEN_EXTREME)
		err = blk_inspect_all(h);
	if (!err)
		err = blk_inspect_live(h, b);
	if (err)
		return err;
	blk_unseal(h, b);
	algo_give(h, b, blk_units(h, b), blk_left_free(h, b));
	return 0;
}

/* Give up the last units of b. Without room for another record the block stays as it is. */
static void algo_shrink(HEAP *h, mrig_id b, mrig_id s, mrig_id u)
{
	struct mrig_core *core = &h->core;
	mrig_id r = blk_right(h, b, s), rem = s - u, n;

	if (!blk_live(h, r)) {
		if (blk_room_shift(h, b, u))
			return;
		n = blk_units(h, r);
		algo_unlink(h, r);
		r = blk_shift(h, b, u, r, n + rem);
		algo_push(h, r, n + rem);
	} else {
		if (rem < MRIG_MIN_UNITS || blk_room(h, b, u, 0))
			return;
		r = blk_cut(h, b, u, rem);
		algo_push(h, r, rem);
		core->blocks++;
	}
	core->free += (uint32_t)(rem << HEAP_SCALE);
}

/* Extend b into its right neighbour. */
static int algo_grow(HEAP *h, mrig_id b, mrig_id s, mrig_id u)
{
	struct mrig_core *core = &h->core;
	mrig_id r = blk_right(h, b, s), n, rem;
	int err;

	if (blk_live(h, r))
		return -ENOMEM;
	n = blk_units(h, r);
	if (s + n < u)
		return -ENOMEM;
	rem = s + n - u;
	if (rem < MRIG_MIN_UNITS) {
		algo_unlink(h, r);
		blk_annex(h, b, r, s + n);
		core->blocks--;
		core->free -= (uint32_t)(n << HEAP_SCALE);
		return 0;
	}
	err = blk_room_shift(h, b, u);
	if (err)
		return err;
	algo_unlink(h, r);
	r = blk_shift(h, b, u, r, rem);
	algo_push(h, r, rem);
	core->free -= (uint32_t)((n - rem) << HEAP_SCALE);
	return 0;
}

/* Resize live block b in place. */
static int algo_resize(HEAP *h, mrig_id b, size_t bytes)
{
	struct mrig_core *core = &h->core;
	mrig_id s, u;
	int err = 0;

	if (!bytes)
		return -EINVAL;
	if (core->hardening >= MRIG_HARDEN_EXTREME)
		err = blk_inspect_all(h);
	if (!err)
		err = blk_inspect_live(h, b);
	if (err)
		return err;
	if (bytes > (uint64_t)core->total << MRIG_UNIT_LOG)
		return -ENOMEM;
	s = blk_units(h, b);
	u = mrig_index(core, bytes) + MRIG_MIN_UNITS;
	if (u == s)
		return 0;
	blk_unseal(h, b);
	if (u < s)
		algo_shrink(h, b, s, u);
	else
		err = algo_grow(h, b, s, u);
	blk_seal(h, b);
	mrig_core_peak(core);
	return err;
}

/* Bytes of the largest request that algo_place() would serve now: bounded, as that is. */
static uint64_t algo_largest(HEAP *h)
{
	struct mrig_core *core = &h->core;
	mrig_id w, c, b, left = core->looks, best = 0;

	if (!core->sum)
		return 0;
	w = mrig_top64(core->sum);
	if (MRIG_PORT_DISTRUST && !core->bm[w])
		return 0;
	c = (w << 6) + mrig_top64(core->bm[w]);
	if (MRIG_PORT_DISTRUST && c >= core->nclass)
		return 0;
	for (b = words(h)[c]; b; b = *blk_next(h, b)) {
		if (blk_units(h, b) > best)
			best = blk_units(h, b);
		if (!--left)
			break;
	}
	return best ? ((uint64_t)best << MRIG_UNIT_LOG) - core->over : 0;
}

/* What every placement reports the same way. */
static void algo_info(HEAP *h, struct mrig_heap_info *info)
{
	const struct mrig_core *core = &h->core;
	uint64_t all = mrig_core_free(core);

	memset(info, 0, sizeof(*info));
	if (core->flags & MRIG_HEAP_FENCED)
		return;
	if (core->flags & MRIG_HEAP_STATS) {
		info->free_bytes = all;
		info->allocated_bytes = mrig_core_allocated(core);
		info->max_allocated_bytes = core->peak;
	}
	info->largest_free = algo_largest(h);
	info->live_blocks = core->live;
	info->free_blocks = core->blocks - core->live;
	info->frag_permille = mrig_permille(all - info->largest_free, all);
}
