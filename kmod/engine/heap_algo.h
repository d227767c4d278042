/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The heap algorithm, written once over accessors and included once per placement.
 *
 * Good fit over segregated lists with immediate coalescing: every operation is a bounded number of
 * steps, whatever the number of blocks. Two free blocks are never neighbours. A request takes a
 * block from the list of its own size class if one is large enough (exact for small sizes, at
 * most 1 + limit entries are looked at otherwise), else from the lowest non-empty class above,
 * where everything fits. What is left over becomes a free block unless it is too small to be one.
 *
 * The includer defines HEAP (its type, with a struct mrig_core member named core), HEAP_SCALE (its
 * core.scale) and
 *
 *	heads(h)			table of list heads, one per class
 *	blk_next(h, b), blk_prev(h, b)	list links of free block b
 *	blk_ready(h)			0, or -errno if the heap cannot allocate at present
 *	blk_units(h, b)			size of block b
 *	blk_addr(h, b)			address of its payload, for alignment only
 *	blk_right(h, b, u)		its right neighbour, b having u units
 *	blk_left(h, b)			its left neighbour, which must be free
 *	blk_live(h, b)			is b live?
 *	blk_left_free(h, b)		is the left neighbour of live block b free?
 *	blk_room(h, b, u1, u2)		0, or -errno if no block can be made to start u1 (and,
 *					unless 0, u2) units after the start of b
 *	blk_take(h, b, u)		free b of u units becomes live
 *	blk_carve(h, b, u, rem)		free b of u + rem becomes live with u; returns the free rest
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

/* Put b on the list of class c. */
static mrig_inline void algo_link(HEAP *h, mrig_id b, mrig_id c)
{
	mrig_id n = heads(h)[c];

	*blk_next(h, b) = (uint32_t)n;
	heads(h)[c] = (uint32_t)b;
	if (mrig_likely(n))
		*blk_prev(h, n) = (uint32_t)b;
	else
		mrig_class_fill(&h->core, c);
}

/* Take b off it. The head of a list needs no valid prev link: it is recognised by the table. */
static mrig_inline void algo_unlink(HEAP *h, mrig_id b, mrig_id c)
{
	mrig_id n = *blk_next(h, b);

	if (heads(h)[c] == b) {
		heads(h)[c] = (uint32_t)n;
		if (!n)
			mrig_class_drain(&h->core, c);
	} else {
		mrig_id p = *blk_prev(h, b);

		*blk_next(h, p) = (uint32_t)n;
		if (n)
			*blk_prev(h, n) = (uint32_t)p;
	}
}

/* Class of a block whose size may have come from a corrupted header. */
static mrig_inline mrig_id algo_class(HEAP *h, mrig_id units)
{
	mrig_id c = mrig_class(&h->core, units - MRIG_MIN_UNITS);

	if (MRIG_PORT_DISTRUST && mrig_unlikely(c >= h->core.nclass))
		c = h->core.nclass - 1;
	return c;
}

/* The same for a block of known size. */
static mrig_inline void algo_push(HEAP *h, mrig_id b, mrig_id units)
{
	algo_link(h, b, algo_class(h, units));
}

static mrig_inline void algo_pull(HEAP *h, mrig_id b, mrig_id units)
{
	algo_unlink(h, b, algo_class(h, units));
}

/*
 * Make the head b of class c live with u units. The rest goes on the list of its class; if that is
 * c again it takes b's place, which is what happens when small blocks are carved off a large one.
 */
static mrig_inline int64_t algo_claim_head(HEAP *h, mrig_id b, mrig_id u, mrig_id c)
{
	struct mrig_core *core = &h->core;
	mrig_id s = blk_units(h, b), rem = s - u;
	mrig_id n = *blk_next(h, b), r;

	if (rem < MRIG_MIN_UNITS) {
		blk_take(h, b, s);
		core->free -= (uint32_t)(s << HEAP_SCALE);
	} else {
		int err = blk_room(h, b, u, 0);

		if (mrig_unlikely(err))
			return err;
		r = blk_carve(h, b, u, rem);
		core->blocks++;
		core->free -= (uint32_t)(u << HEAP_SCALE);
		if (mrig_class(core, rem - MRIG_MIN_UNITS) == c) {
			heads(h)[c] = (uint32_t)r;
			*blk_next(h, r) = (uint32_t)n;
			if (n)
				*blk_prev(h, n) = (uint32_t)r;
			core->live++;
			return (int64_t)b;
		}
		algo_push(h, r, rem);
	}
	heads(h)[c] = (uint32_t)n;
	if (!n)
		mrig_class_drain(core, c);
	core->live++;
	return (int64_t)b;
}

/* The same where c is a class of one index: nothing to measure, and the rest is in another one. */
static mrig_inline int64_t algo_claim_small(HEAP *h, mrig_id v, mrig_id c)
{
	struct mrig_core *core = &h->core;
	mrig_id b = heads(h)[c], n = *blk_next(h, b), u = v + MRIG_MIN_UNITS, rem = c - v;

	if (rem < MRIG_MIN_UNITS) {
		blk_take(h, b, u + rem);
		core->free -= (uint32_t)((u + rem) << HEAP_SCALE);
	} else {
		int err = blk_room(h, b, u, 0);

		if (mrig_unlikely(err))
			return err;
		algo_link(h, blk_carve(h, b, u, rem), rem - MRIG_MIN_UNITS);
		core->blocks++;
		core->free -= (uint32_t)(u << HEAP_SCALE);
	}
	heads(h)[c] = (uint32_t)n;
	if (!n)
		mrig_class_drain(core, c);
	core->live++;
	return (int64_t)b;
}

/* Move b, on the list of class c, to its head. */
static void algo_raise(HEAP *h, mrig_id b, mrig_id c)
{
	mrig_id p, n = *blk_next(h, b), first = heads(h)[c];

	if (first == b)
		return;
	p = *blk_prev(h, b);
	*blk_next(h, p) = (uint32_t)n;
	if (n)
		*blk_prev(h, n) = (uint32_t)p;
	*blk_next(h, b) = (uint32_t)first;
	*blk_prev(h, first) = (uint32_t)b;
	heads(h)[c] = (uint32_t)b;
}

/* Any index, no alignment. */
static int64_t algo_place(HEAP *h, mrig_id v)
{
	struct mrig_core *core = &h->core;
	mrig_id c = mrig_class(core, v), u = v + MRIG_MIN_UNITS, b;
	int err;

	if (v >= core->lin) {
		uint32_t left = core->limit;

		for (b = heads(h)[c]; b && blk_units(h, b) < u; b = *blk_next(h, b)) {
			if (!left--) {
				b = 0;
				break;
			}
		}
		if (b)
			goto found;
		c++;
	}
	if (!mrig_class_next(core, &c))
		return -ENOMEM;
	b = heads(h)[c];
found:
	err = blk_inspect_free(h, b);
	if (mrig_unlikely(err))
		return err;
	algo_raise(h, b, c);
	return algo_claim_head(h, b, u, c);
}

/* Units to skip in free block b so that a block with the wanted alignment can start. */
static mrig_inline uint64_t algo_skip(HEAP *h, mrig_id b, uint64_t align, uint64_t rewind)
{
	uint64_t at = blk_addr(h, b) + rewind;
	uint64_t pre = ((0 - at) & (align - 1)) >> MRIG_UNIT_LOG;

	/* what is skipped must be nothing or a block */
	return pre == 1 ? pre + (align >> MRIG_UNIT_LOG) : pre;
}

/* Make u units of the head b of class c, which has s units, live, pre units after its start. */
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
	n = *blk_next(h, b);
	heads(h)[c] = (uint32_t)n;
	if (!n)
		mrig_class_drain(core, c);
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

/*
 * Any index, any alignment above one unit: look into a hole in which an aligned slot lies with a
 * probability of one half, then into one in which it nearly always does, and then take one in which
 * it must. Measured: asking for the last kind at once soon leaves the heap cut up so that requests
 * fail at a quarter of its capacity, and so does looking into the smallest holes first.
 */
static int64_t algo_place_aligned(HEAP *h, mrig_id v, uint64_t align, uint64_t rewind)
{
	struct mrig_core *core = &h->core;
	uint64_t half = align >> (MRIG_UNIT_LOG + 1), pre;
	mrig_id c, u = v + MRIG_MIN_UNITS, b, s;
	int err;

	if (half > core->total)
		return -ENOMEM;
	c = mrig_class(core, v + half);
	if (!mrig_class_next(core, &c))
		return -ENOMEM;
	b = heads(h)[c];
	s = blk_units(h, b);
	pre = algo_skip(h, b, align, rewind);
	if (pre + u <= s)
		goto found;
	if (2 * half + v > core->total)
		return -ENOMEM;
	for (c = mrig_class(core, v + 2 * half); mrig_class_next(core, &c); c++) {
		b = heads(h)[c];
		s = blk_units(h, b);
		pre = algo_skip(h, b, align, rewind);
		if (mrig_likely(pre + u <= s))
			goto found;
	}
	return -ENOMEM;
found:
	err = blk_inspect_free(h, b);
	if (mrig_unlikely(err))
		return err;
	return pre ? algo_claim_inner(h, b, c, s, pre, u) : algo_claim_head(h, b, u, c);
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

/*
 * Give back live block b of u units, its free right neighbour having n. No class function: the
 * sum is below what has a class of its own.
 */
static mrig_inline void algo_give_right(HEAP *h, mrig_id b, mrig_id u, mrig_id r, mrig_id n)
{
	struct mrig_core *core = &h->core;

	algo_unlink(h, r, n - MRIG_MIN_UNITS);
	core->free += (uint32_t)(u << HEAP_SCALE);
	blk_absorb(h, b, r, u + n);
	core->live--;
	blk_release(h, b, u + n);
	core->blocks--;
	algo_link(h, b, u + n - MRIG_MIN_UNITS);
}

/* The same for a free left neighbour l of n units; the right one is live. */
static mrig_inline void algo_give_left(HEAP *h, mrig_id b, mrig_id u, mrig_id l, mrig_id n)
{
	struct mrig_core *core = &h->core;

	algo_unlink(h, l, n - MRIG_MIN_UNITS);
	core->free += (uint32_t)(u << HEAP_SCALE);
	core->live--;
	blk_absorb_left(h, l, b, u + n);
	core->blocks--;
	algo_link(h, l, u + n - MRIG_MIN_UNITS);
}

/* Give back live block b of u units, which has been found sound; any sizes, any neighbours. */
static mrig_noinline void algo_give(HEAP *h, mrig_id b, mrig_id u)
{
	struct mrig_core *core = &h->core;
	mrig_id r = blk_right(h, b, u), n;

	core->live--;
	core->free += (uint32_t)(u << HEAP_SCALE);
	if (!blk_live(h, r)) {
		n = blk_units(h, r);
		algo_pull(h, r, n);
		u += n;
		blk_absorb(h, b, r, u);
		core->blocks--;
	}
	if (blk_left_free(h, b)) {
		mrig_id l = blk_left(h, b);

		n = blk_units(h, l);
		algo_pull(h, l, n);
		u += n;
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
	algo_give(h, b, blk_units(h, b));
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
		algo_pull(h, r, n);
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
		algo_pull(h, r, n);
		blk_annex(h, b, r, s + n);
		core->blocks--;
		core->free -= (uint32_t)(n << HEAP_SCALE);
		return 0;
	}
	err = blk_room_shift(h, b, u);
	if (err)
		return err;
	algo_pull(h, r, n);
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
	uint32_t left = core->limit;
	mrig_id w, c, b, best = 0;

	if (!core->sum)
		return 0;
	w = mrig_top64(core->sum);
	if (MRIG_PORT_DISTRUST && !core->bm[w])
		return 0;
	c = (w << 6) + mrig_top64(core->bm[w]);
	if (MRIG_PORT_DISTRUST && c >= core->nclass)
		return 0;
	for (b = heads(h)[c]; b; b = *blk_next(h, b)) {
		if (blk_units(h, b) > best)
			best = blk_units(h, b);
		if (!left--)
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
