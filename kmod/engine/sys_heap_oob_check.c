// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariants of a heap with out-of-band headers; their numbers and text are in sys_heap_check.c.
 *
 * Nobody but this module writes side memory, so a broken invariant means a bug here or memory gone
 * bad. Validation goes by record, not by address: each record is checked against its neighbours,
 * the directory and its list alone, so that a heap may change between two batches.
 */
#include "heap_oob.h"

static int fence(HEAP *h, unsigned int invariant, mrig_id b)
{
	if (h->core.hardening == MRIG_HARDEN_NONE)
		return -ENOENT;
	mrig_core_fence(&h->core, invariant, (uint64_t)oob_at(h, b) << MRIG_UNIT_LOG);
	mrig_port_heap_fault(h, invariant, (uint64_t)oob_at(h, b) << MRIG_UNIT_LOG);
	return -EIO;
}

/**
 * mrig_oob_seal_of() - what the seal of a live block's record must be
 * @h: heap
 * @b: block
 *
 * Return: a function of the record, what it describes, and the heap's secret.
 */
uint32_t mrig_oob_seal_of(const HEAP *h, mrig_id b)
{
	uint64_t x = h->core.key ^ ((uint64_t)b << 32 | rec(h, b)->at);

	x *= 0xd6e8feb86659fd93ULL;
	return (uint32_t)(x >> 32);
}

/* Does b name a record in use or a sentinel? */
static bool is_name(const HEAP *h, mrig_id b)
{
	return !(b & 1) && b >> 1 < h->room && (b >> 1 >= h->first || b <= OOB_RIGHT_END);
}

/* Block b and its right border. */
static unsigned int check_right(HEAP *h, mrig_id b)
{
	const struct oob_record *p = rec(h, b), *r;
	mrig_id left;

	if (!is_name(h, p->right) || p->right == OOB_LEFT_END)
		return 4;
	r = rec(h, p->right);
	if (blk_units(h, b) < MRIG_MIN_UNITS || blk_units(h, b) > h->units ||
	    r->at >> 1 > h->units || r->at >> 1 < p->at >> 1)
		return 1;
	if (!blk_live(h, p->right))
		return blk_live(h, b) ? 0 : 2;
	if (blk_left_free(h, p->right) == blk_live(h, b))
		return 3;
	left = r->left & ~OOB_LEFT_FREE;
	if (!is_name(h, left))
		return 4;
	if (blk_live(h, b))
		return left == b ? 0 : 4;
	return rec(h, left)->right == b ? 0 : 4;
}

/* List links of free block b, and those of its list neighbours that point back. */
static unsigned int check_links(HEAP *h, mrig_id b)
{
	mrig_id c = mrig_class(&h->core, blk_units(h, b) - MRIG_MIN_UNITS, CLASS_BASE);
	mrig_id n = *blk_next(h, b), w = *blk_named(h, b), p = (w - 2) >> 1;

	if (n && (!is_name(h, n) || blk_live(h, n) || *blk_named(h, n) != mrig_link_word(b)))
		return 5;
	if (!(h->core.bm[c >> 6] >> (c & 63) & 1))
		return 6;
	if (w == c)
		return words(h)[c] == b ? 0 : 5;
	return !is_name(h, p) || blk_live(h, p) || *blk_next(h, p) != b ? 5 : 0;
}

/* The directory leads to b: directly, or from a block left of it in the same window. */
static unsigned int check_directory(HEAP *h, mrig_id b)
{
	mrig_id at = oob_at(h, b), first = *oob_window(h, at);
	unsigned int steps = (1U << OOB_WINDOW_LOG) / MRIG_MIN_UNITS;

	if (!is_name(h, first) || first == OOB_LEFT_END ||
	    (oob_at(h, first) ^ at) >> OOB_WINDOW_LOG)
		return 8;
	while (first != b && steps--)
		first = rec(h, first)->right;
	return first == b ? 0 : 8;
}

/* Everything about one block that can be told without looking far. */
static unsigned int check_block(HEAP *h, mrig_id b)
{
	unsigned int bad = check_right(h, b);

	if (!bad)
		bad = check_directory(h, b);
	if (bad)
		return bad;
	if (!blk_live(h, b))
		return check_links(h, b);
	if (!is_name(h, rec(h, b)->left & ~OOB_LEFT_FREE))
		return 4;
	if (h->core.hardening >= MRIG_HARDEN_FULL && rec(h, b)->named != mrig_oob_seal_of(h, b))
		return 10;
	return 0;
}

/**
 * mrig_oob_inspect_free() - is a block that is about to leave its list sound?
 * @h: heap
 * @b: free block
 *
 * Return: 0, or -EIO with the heap fenced off.
 */
int mrig_oob_inspect_free(HEAP *h, mrig_id b)
{
	unsigned int bad;

	if (h->core.hardening < MRIG_HARDEN_MODERATE)
		return 0;
	bad = blk_live(h, b) ? 5 : check_block(h, b);
	return bad ? fence(h, bad, b) : 0;
}

/**
 * mrig_oob_inspect_live() - is a live block sound?
 * @h: heap
 * @b: live block, as the directory says
 *
 * Return: 0, or -EIO with the heap fenced off.
 */
int mrig_oob_inspect_live(HEAP *h, mrig_id b)
{
	mrig_id r;
	unsigned int bad;

	if (h->core.hardening < MRIG_HARDEN_MODERATE)
		return 0;
	bad = check_block(h, b);
	r = rec(h, b)->right;
	if (!bad && !blk_live(h, r))
		bad = check_block(h, r);
	if (!bad && blk_left_free(h, b))
		bad = check_block(h, blk_left(h, b));
	return bad ? fence(h, bad, b) : 0;
}

/* Classes and summary; cheap next to the blocks. */
static unsigned int check_bitmap(HEAP *h)
{
	const struct mrig_core *core = &h->core;
	mrig_id c;

	for (c = CLASS_BASE; c < core->nclass; c++) {
		mrig_id b = words(h)[c];

		if (!!b != (core->bm[c >> 6] >> (c & 63) & 1))
			return 6;
		if (b && (!is_name(h, b) || blk_live(h, b) ||
			  mrig_class(core, blk_units(h, b) - MRIG_MIN_UNITS, CLASS_BASE) != c))
			return 5;
	}
	for (c = 0; c <= core->nclass >> 6; c++) {
		if (!!core->bm[c] != (core->sum >> c & 1))
			return 6;
	}
	return 0;
}

/* A record that is no block is spare. */
static bool is_block(const HEAP *h, mrig_id b)
{
	return rec(h, b)->at != OOB_NONE;
}

/* What one pass over all records counts. */
struct census {
	uint32_t live;
	uint32_t blocks;
	uint64_t free_units;
};

/* Checks that need the whole heap in one batch. */
static unsigned int check_totals(HEAP *h, const struct census *sum)
{
	const struct mrig_core *core = &h->core;
	uint32_t spare = 0;
	mrig_id b;

	if (sum->live != core->live || sum->blocks != core->blocks ||
	    sum->free_units != core->free >> core->scale)
		return 7;
	for (b = h->spare; b; b = rec(h, b)->right) {
		if (!is_name(h, b) || is_block(h, b) || ++spare > h->room)
			return 9;
	}
	if (spare + oob_used(h) != h->room)
		return 9;
	return rec(h, OOB_RIGHT_END)->at == (uint32_t)h->units << 1 ? 0 : 12;
}

/**
 * mrig_oob_validate() - check invariants, some records at a time
 * @h: heap
 * @cursor: 0 to start with, advanced, 0 again at the end
 * @max: records to check
 * @fault: filled in on failure
 *
 * Counters are checked when one batch sees the whole heap.
 *
 * Return: 0, or -EIO: an invariant is broken, now or when the heap was fenced off.
 */
int mrig_oob_validate(HEAP *h, uint64_t *cursor, uint32_t max, struct mrig_fault *fault)
{
	mrig_id i = *cursor > h->first ? (mrig_id)*cursor : h->first;
	struct census sum = { 0 };
	bool all = i == h->first;
	unsigned int bad = 0;

	if (h->core.flags & MRIG_HEAP_FENCED) {
		mrig_core_fault(&h->core, fault);
		return -EIO;
	}
	fault->offset = 0;
	for (; h->ready && i < h->room && max--; i++) {
		mrig_id b = i << 1;

		if (!is_block(h, b))
			continue;
		bad = check_block(h, b);
		fault->offset = (uint64_t)oob_at(h, b) << MRIG_UNIT_LOG;
		if (bad)
			break;
		sum.blocks++;
		if (blk_live(h, b))
			sum.live++;
		else
			sum.free_units += blk_units(h, b);
	}
	*cursor = h->ready && i < h->room ? i : 0;
	if (!bad && !*cursor && h->ready) {
		bad = check_bitmap(h);
		if (!bad && all)
			bad = check_totals(h, &sum);
	}
	fault->invariant = bad;
	return bad ? -EIO : 0;
}

/**
 * mrig_oob_inspect_all() - check every invariant, and fence the heap off if one is broken
 * @h: heap
 *
 * Return: 0 or -EIO.
 */
int mrig_oob_inspect_all(HEAP *h)
{
	struct mrig_fault fault;
	uint64_t cursor = 0;

	if (!mrig_oob_validate(h, &cursor, ~0U, &fault))
		return 0;
	return fence(h, fault.invariant, OOB_RIGHT_END);
}

/**
 * mrig_oob_walk() - report blocks in order of record
 * @h: heap; may change between the calls of one walk
 * @cursor: 0 to start with; advanced
 * @out: room for @max blocks
 * @max: see @out
 *
 * A block keeps its record as long as it lives, so one that lives from the first call to the last
 * is reported exactly once.
 *
 * Return: blocks reported; 0 at the end.
 */
uint32_t mrig_oob_walk(HEAP *h, uint64_t *cursor, struct mrig_block *out, uint32_t max)
{
	mrig_id i = *cursor > h->first ? (mrig_id)*cursor : h->first;
	uint32_t n = 0;

	if (h->core.flags & MRIG_HEAP_FENCED)
		return 0;
	if (!h->ready && !*cursor && max) {
		memset(out, 0, sizeof(*out));
		out->bytes = h->units << MRIG_UNIT_LOG;
		*cursor = h->first + 1;
		return 1;
	}
	for (; i < h->room && n < max; i++) {
		mrig_id b = (mrig_id)mrig_index_nospec(i, h->room) << 1;

		if (!is_block(h, b))
			continue;
		out[n].offset = (uint64_t)oob_at(h, b) << MRIG_UNIT_LOG;
		out[n].bytes = (uint64_t)blk_units(h, b) << MRIG_UNIT_LOG;
		out[n].used = blk_live(h, b);
		out[n].tag = h->tag && out[n].used ? *oob_tag(h, b) : 0;
		n++;
	}
	*cursor = i;
	return n;
}
