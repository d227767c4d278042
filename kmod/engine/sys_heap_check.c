// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariants of a heap with in-band headers, and who checks them.
 *
 * The numbers are those of Documentation/invariants.rst and of struct mrig_fault; both placements
 * use the same ones (sys_heap_oob_check.c).
 *
 *  1  Blocks tile the span: each starts where its left neighbour ends, has at least two units, and
 *     the last one ends at the end marker.
 *  2  No two free blocks are neighbours.
 *  3  A block is marked "left neighbour is free" exactly if it is.
 *  4  Going from a block to a neighbour and back leads to the block again. (In-band: the last word
 *     of a free block repeats its size. Out-of-band: left and right links agree.)
 *  5  Each free block is on the list of its class, once; the blocks on a list are free, and the
 *     links of list neighbours agree.
 *  6  A class's bit is set exactly if its list is not empty; a summary bit exactly if its bitmap
 *     word is not zero.
 *  7  The counters (live blocks, blocks, free units) are those of the blocks.
 *  8  Out-of-band: the entry of each 256-byte window names the first block that starts in it.
 *  9  Out-of-band: each record is a block's, a sentinel's, or on the list of spare ones.
 * 10  Hardening FULL: a live block's canary (out-of-band: its record's seal) is intact.
 * 11  A block that is given back, resized or measured is live (double free).
 * 12  The end marker is live and says two units.
 *
 * On each free and resize: BASIC checks 1, 3, 4, 11 of the block and its neighbours. MODERATE also
 * looks one neighbour further, and at the list links of every free block that is about to leave a
 * list (5). FULL adds 10. EXTREME checks everything before each call. NONE refuses what would be
 * unsafe to follow, but neither reports it nor fences the heap off. In the kernel (more exactly,
 * with MRIG_PORT_DISTRUST) NONE and BASIC look as MODERATE does, and NONE reports too.
 *
 * All checks are read-only.
 */
#include "heap_inband.h"

/**
 * mrig_inband_fence() - take a corrupted heap out of service, for ever
 * @h: heap
 * @invariant: number of the broken invariant
 * @b: block concerned
 *
 * Return: what the caller should: -EIO, or -ENOENT without hardening, when nothing is done.
 */
int mrig_inband_fence(HEAP *h, unsigned int invariant, mrig_id b)
{
	if (inband_level(h) == MRIG_HARDEN_NONE)
		return -ENOENT;
	if (b > inband_end(h))
		b = inband_end(h);
	mrig_core_fence(&h->core, invariant, (uint64_t)b << MRIG_UNIT_LOG);
	mrig_port_heap_fault(h, invariant, (uint64_t)b << MRIG_UNIT_LOG);
	return -EIO;
}

/**
 * mrig_inband_canary() - what the canary of a block must be
 * @h: heap
 * @b: block
 *
 * Return: a function of the block's place and size and of the heap's secret.
 */
uint64_t mrig_inband_canary(const HEAP *h, mrig_id b)
{
	uint64_t x = h->core.key ^ ((uint64_t)b << 32 | *inband_at(h, b, 0) >> 2);

	x *= 0xd6e8feb86659fd93ULL;
	return x ^ x >> 32;
}

/* The canary takes the last 8 bytes of the payload, which are 4-aligned only. */
static inband_word *canary_at(const HEAP *h, mrig_id b)
{
	return inband_foot(h, b + (*inband_at(h, b, 0) >> 2)) - 1;
}

/**
 * mrig_inband_seal() - write a block's canary
 * @h: heap
 * @b: block
 * @flip: 0, or all ones for a block that is about to be given back
 */
void mrig_inband_seal(HEAP *h, mrig_id b, uint64_t flip)
{
	uint64_t x = mrig_inband_canary(h, b) ^ flip;

	memcpy(canary_at(h, b), &x, sizeof(x));
}

static bool sealed(const HEAP *h, mrig_id b)
{
	uint64_t x = mrig_inband_canary(h, b);

	return !memcmp(canary_at(h, b), &x, sizeof(x));
}

static mrig_id first_of(const HEAP *h)
{
	return inband_whole(h) ? 0 : h->first;
}

/* Does a header stand at b that stays within the span? 0 or the broken invariant. */
static unsigned int check_extent(HEAP *h, mrig_id b)
{
	mrig_id end = inband_end(h), u;

	if (b == end)
		return (*inband_at(h, b, 0) & ~INBAND_LEFT_FREE) != INBAND_END ? 12 : 0;
	u = blk_units(h, b);
	if (u < MRIG_MIN_UNITS || u > end - b)
		return 1;
	if (!blk_live(h, b) && (blk_left_free(h, b) || *inband_foot(h, b + u) != u << 2))
		return blk_left_free(h, b) ? 2 : 4;
	return 0;
}

/* The border between b and its left neighbour, which is free if b says so. */
static unsigned int check_left(HEAP *h, mrig_id b)
{
	mrig_id n;

	if (!blk_left_free(h, b))
		return 0;
	n = *inband_foot(h, b) >> 2;
	if (b == first_of(h) || n < MRIG_MIN_UNITS || n > b - first_of(h))
		return 3;
	return *inband_at(h, b - n, 0) == (*inband_foot(h, b) | INBAND_FREE) ? 0 : 4;
}

/* Block and both neighbours, as far as BASIC goes; with @far the right neighbour's right border. */
static unsigned int check_around(HEAP *h, mrig_id b, bool far)
{
	unsigned int bad = check_extent(h, b);
	mrig_id r;

	if (bad)
		return bad;
	r = b + blk_units(h, b);
	bad = check_extent(h, r);
	if (!bad)
		bad = check_left(h, b);
	if (!bad && blk_left_free(h, r) == blk_live(h, b))
		bad = 3;
	if (bad || !far || r == inband_end(h))
		return bad;
	b = r;
	r += blk_units(h, r);
	bad = check_extent(h, r);
	return bad ? bad : blk_left_free(h, r) == blk_live(h, b) ? 3 : 0;
}

static bool in_span(const HEAP *h, mrig_id b)
{
	return b >= h->first && b < inband_end(h);
}

/* List links of free block b, and those of its list neighbours that point back. */
static unsigned int check_links(HEAP *h, mrig_id b)
{
	mrig_id c = mrig_class(&h->core, blk_units(h, b) - MRIG_MIN_UNITS, CLASS_BASE);
	mrig_id n = *blk_next(h, b), w = *blk_named(h, b), p = (w - 2) >> 1;

	if (n && (!in_span(h, n) || blk_live(h, n) || *blk_named(h, n) != mrig_link_word(b)))
		return 5;
	if (w == c)
		return words(h)[c] == b ? 0 : 5;
	if (w & 1 || !in_span(h, p) || blk_live(h, p) || *blk_next(h, p) != b)
		return 5;
	return 0;
}

/**
 * mrig_inband_inspect_free() - is a block that is about to leave its list sound?
 * @h: heap
 * @b: free block
 *
 * Return: 0, or -EIO with the heap fenced off.
 */
int mrig_inband_inspect_free(HEAP *h, mrig_id b)
{
	unsigned int bad;

	if (inband_level(h) < MRIG_HARDEN_MODERATE)
		return 0;
	bad = in_span(h, b) ? check_around(h, b, true) : 5;
	if (!bad && blk_live(h, b))
		bad = 5;
	if (!bad)
		bad = check_links(h, b);
	return bad ? mrig_inband_fence(h, bad, b) : 0;
}

/**
 * mrig_inband_inspect_live() - is a block that its user names live and sound?
 * @h: heap
 * @b: place where a block can start
 *
 * Return: 0; -EIO with the heap fenced off; -ENOENT without hardening.
 */
int mrig_inband_inspect_live(HEAP *h, mrig_id b)
{
	mrig_id r;
	unsigned int bad;

	if (!blk_live(h, b))
		return mrig_inband_fence(h, 11, b);
	bad = check_around(h, b, inband_level(h) >= MRIG_HARDEN_MODERATE);
	if (bad)
		return mrig_inband_fence(h, bad, b);
	if (inband_level(h) < MRIG_HARDEN_MODERATE)
		return 0;
	r = b + blk_units(h, b);
	if (!blk_live(h, r))
		bad = check_links(h, r);
	if (!bad && blk_left_free(h, b))
		bad = check_links(h, blk_left(h, b));
	if (!bad && h->core.hardening >= MRIG_HARDEN_FULL && !sealed(h, b))
		bad = 10;
	return bad ? mrig_inband_fence(h, bad, b) : 0;
}

/* What one pass over the blocks counts. */
struct census {
	uint32_t live;
	uint32_t blocks;
	uint32_t free_units;
	mrig_id at;
};

static unsigned int check_blocks(HEAP *h, struct census *sum)
{
	mrig_id b, end = inband_end(h);
	bool left_free = false;
	unsigned int bad;

	for (b = first_of(h); ; b += blk_units(h, b)) {
		sum->at = b;
		bad = check_extent(h, b);
		if (bad)
			return bad;
		if (blk_left_free(h, b) != left_free)
			return left_free && !blk_live(h, b) ? 2 : 3;
		if (b == end)
			return 0;
		left_free = !blk_live(h, b);
		sum->blocks++;
		if (left_free) {
			sum->free_units += (uint32_t)blk_units(h, b);
		} else {
			sum->live++;
			if (h->core.hardening >= MRIG_HARDEN_FULL && !sealed(h, b))
				return 10;
		}
	}
}

/* The list of class c: every member free, of that class, linked both ways; counts into *n. */
static unsigned int check_list(HEAP *h, mrig_id c, uint32_t most, uint32_t *n, mrig_id *at)
{
	mrig_id b, w = c;

	for (b = words(h)[c]; b; w = mrig_link_word(b), b = *blk_next(h, b)) {
		*at = b;
		if (!in_span(h, b) || blk_live(h, b) || (*n)++ >= most)
			return 5;
		if (*blk_named(h, b) != w)
			return 5;
		if (check_extent(h, b) ||
		    mrig_class(&h->core, blk_units(h, b) - MRIG_MIN_UNITS, CLASS_BASE) != c)
			return 5;
	}
	return 0;
}

static unsigned int check_lists(HEAP *h, struct census *sum)
{
	struct mrig_core *core = &h->core;
	uint32_t n = 0, nfree = sum->blocks - sum->live;
	unsigned int bad;
	mrig_id c;

	for (c = CLASS_BASE; c < core->nclass; c++) {
		bad = check_list(h, c, nfree, &n, &sum->at);
		if (bad)
			return bad;
		if ((words(h)[c] != 0) != (core->bm[c >> 6] >> (c & 63) & 1))
			return 6;
	}
	for (c = 0; c <= core->nclass >> 6; c++) {
		if (!!core->bm[c] != (core->sum >> c & 1))
			return 6;
	}
	return n == nfree ? 0 : 5;
}

/**
 * mrig_inband_validate() - check every invariant
 * @h: heap
 * @fault: filled in on failure
 *
 * Read-only, linear in the number of blocks.
 *
 * Return: 0, or -EIO: an invariant is broken, now or when the heap was fenced off.
 */
int mrig_inband_validate(HEAP *h, struct mrig_fault *fault)
{
	struct mrig_core *core = &h->core;
	struct census sum = { .at = 0 };
	unsigned int bad;

	if (core->flags & MRIG_HEAP_FENCED) {
		mrig_core_fault(core, fault);
		return -EIO;
	}
	bad = check_blocks(h, &sum);
	if (!bad && !inband_whole(h))
		bad = check_lists(h, &sum);
	if (!bad && (sum.live != core->live || sum.blocks != core->blocks ||
		     sum.free_units != core->free >> core->scale))
		bad = 7;
	fault->invariant = bad;
	fault->offset = (uint64_t)sum.at << MRIG_UNIT_LOG;
	return bad ? -EIO : 0;
}

/**
 * sys_heap_validate() - are all invariants of a heap intact?
 * @heap: heap; not changed, not even for a moment
 *
 * Return: false also for a heap that has been fenced off.
 */
bool sys_heap_validate(struct sys_heap *heap)
{
	struct mrig_fault fault;

	return !mrig_inband_validate(heap, &fault);
}

/**
 * mrig_inband_inspect_all() - check every invariant, and fence the heap off if one is broken
 * @h: heap
 *
 * Return: 0 or -EIO.
 */
int mrig_inband_inspect_all(HEAP *h)
{
	struct mrig_fault fault;

	if (!mrig_inband_validate(h, &fault))
		return 0;
	return mrig_inband_fence(h, fault.invariant, (mrig_id)(fault.offset >> MRIG_UNIT_LOG));
}

/**
 * mrig_inband_walk() - report blocks in order of address
 * @h: heap; must not change between the calls of one walk
 * @cursor: 0 to start with; advanced
 * @out: room for @max blocks; offsets count from unit 0
 * @max: see @out
 *
 * Return: blocks reported; 0 at the end, or where the tiling is broken.
 */
uint32_t mrig_inband_walk(HEAP *h, uint64_t *cursor, struct mrig_block *out, uint32_t max)
{
	mrig_id b = *cursor ? (mrig_id)*cursor : first_of(h);
	uint32_t n = 0;

	if (h->core.flags & MRIG_HEAP_FENCED)
		return 0;
	while (n < max && b < inband_end(h) && !check_extent(h, b)) {
		out[n].offset = ((uint64_t)b + 1) << MRIG_UNIT_LOG;
		out[n].bytes = (blk_units(h, b) << MRIG_UNIT_LOG) - h->core.over;
		out[n].tag = 0;
		out[n].used = blk_live(h, b);
		b += blk_units(h, b);
		n++;
	}
	*cursor = b;
	return n;
}
