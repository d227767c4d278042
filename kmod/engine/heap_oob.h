/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Headers in side memory: the format. The accessors heap_algo.h wants are in heap_oob_block.h.
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

static mrig_inline uint32_t *words(const HEAP *h)
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

/* Where live block @b starts, in bytes: its at is the unit times 2. */
static mrig_inline int64_t oob_offset(const HEAP *h, mrig_id b)
{
	return (int64_t)rec(h, b)->at << (MRIG_UNIT_LOG - 1);
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

/* sys_heap_oob_check.c */
int mrig_oob_inspect_free(HEAP *h, mrig_id b);
int mrig_oob_inspect_live(HEAP *h, mrig_id b);
int mrig_oob_inspect_all(HEAP *h);
int mrig_oob_validate(HEAP *h, uint64_t *cursor, uint32_t max, struct mrig_fault *fault);
uint32_t mrig_oob_walk(HEAP *h, uint64_t *cursor, struct mrig_block *out, uint32_t max);
uint32_t mrig_oob_seal_of(const HEAP *h, mrig_id b);

/* sys_heap_oob_side.c */
size_t mrig_oob_record_bytes(const HEAP *h, uint32_t records);
size_t mrig_oob_control_bytes(const struct mrig_heap_cfg *cfg);
int mrig_oob_setup(HEAP *h, const struct mrig_heap_cfg *cfg);
int mrig_oob_lack(HEAP *h, mrig_id at1, mrig_id at2, uint32_t records);
void mrig_oob_want(HEAP *h, struct mrig_want *want);
void *mrig_oob_feed(HEAP *h, const struct mrig_want *want, void *mem);
void *mrig_oob_drain(HEAP *h);

/* sys_heap_oob.c */
int64_t mrig_oob_alloc_careful(HEAP *h, size_t align, size_t bytes);
int mrig_oob_free_careful(HEAP *h, uint64_t off);
void mrig_oob_start(HEAP *h);
mrig_id mrig_oob_find(const HEAP *h, uint64_t off);

#include "heap_oob_block.h"

#endif /* MRIG_HEAP_OOB_H */
