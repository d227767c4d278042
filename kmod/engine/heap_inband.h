/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Headers inside the span: the format, and the accessors heap_algo.h wants.
 *
 * The buffer from its first 8-aligned byte on, in units:
 *
 *	0		list heads, bitmap
 *	first .. end-1	blocks, back to back
 *	end		end marker: the header of a live block
 *
 * A block named b has its header word in the upper half of unit b; its payload starts at unit b + 1
 * and ends where the header of its right neighbour begins. So a header costs 4 bytes and the
 * payload is 8-aligned:
 *
 *	header	units << 2 | left neighbour is free << 1 | free
 *
 * Of a free block the next two words link it into the list of its class and the last word, right
 * below the header of its right neighbour, is units << 2 again: that is how it is found from there.
 * The header of a live block between live blocks is its size and nothing else, so that the fast
 * paths need not take it apart.
 *
 * In a world that must survive corruption (MRIG_PORT_DISTRUST) the fast paths stay closed, every
 * block is inspected as hardening MODERATE does before it is touched, and whatever name a word of
 * the span gives is brought back into the span before it is followed.
 */
#ifndef MRIG_HEAP_INBAND_H
#define MRIG_HEAP_INBAND_H

#include "mrig_inband.h"

#define INBAND_FREE		1U
#define INBAND_LEFT_FREE	2U
#define INBAND_FLAGS		3U
#define INBAND_END		(MRIG_MIN_UNITS << 2)	/* a header of zero is never right */
#define INBAND_MAX_UNITS	0x3fffffffU

#define INBAND_OVER		4	/* header */
#define INBAND_OVER_FULL	12	/* header and canary */

/*
 * Users write payload through types of their own; that no access of theirs moves across a call that
 * makes a block theirs or ours is what mrig_opaque on those calls is for.
 */
typedef uint32_t inband_word;

#define HEAP_SCALE 2
#define CLASS_BASE 0
#define BLK_MAY_LACK 0
#define HEAP struct sys_heap

static mrig_inline uint32_t *words(const HEAP *h)
{
	return h->heap;
}

static mrig_inline mrig_id inband_end(const HEAP *h)
{
	return (h->end - (uintptr_t)h->heap) >> MRIG_UNIT_LOG;
}

static mrig_inline mrig_id inband_bound(mrig_id b, mrig_id last)
{
	return MRIG_PORT_DISTRUST && mrig_unlikely(b > last) ? last : b;
}

/* Word @i of block @b, the header being word 0. The end marker has no other. */
static mrig_inline inband_word *inband_at(const HEAP *h, mrig_id b, unsigned int i)
{
	b = inband_bound(b, inband_end(h) - (i != 0));
	return (inband_word *)((char *)h->heap + (b << MRIG_UNIT_LOG) + 4 + 4 * i);
}

/* The last word of the block that ends where block @r begins. */
static mrig_inline inband_word *inband_foot(const HEAP *h, mrig_id r)
{
	r = inband_bound(r, inband_end(h));
	return (inband_word *)((char *)h->heap + (r << MRIG_UNIT_LOG));
}

static mrig_inline void *inband_payload(const HEAP *h, mrig_id b)
{
	return (char *)h->heap + ((b + 1) << MRIG_UNIT_LOG);
}

static mrig_inline bool inband_whole(const HEAP *h)
{
	return h->core.flags & MRIG_HEAP_WHOLE;
}

/* How hard to look at a block before it is touched. */
static mrig_inline uint8_t inband_level(const HEAP *h)
{
	if (MRIG_PORT_DISTRUST && h->core.hardening < MRIG_HARDEN_MODERATE)
		return MRIG_HARDEN_MODERATE;
	return h->core.hardening;
}

static mrig_inline inband_word *blk_next(HEAP *h, mrig_id b)
{
	return inband_at(h, b, 1);
}

static mrig_inline inband_word *blk_named(HEAP *h, mrig_id b)
{
	return inband_at(h, b, 2);
}

/* In a world of distrust some word of the span below the end marker. */
static mrig_inline mrig_id blk_word(HEAP *h, mrig_id b)
{
	return inband_bound(*blk_named(h, b), 2 * inband_end(h));
}

static mrig_inline mrig_id blk_units(HEAP *h, mrig_id b)
{
	return *inband_at(h, b, 0) >> 2;
}

static mrig_inline mrig_id blk_free_units(HEAP *h, mrig_id b)
{
	return blk_units(h, b);
}

/* Whatever the flags, they are less than one unit. */
static mrig_inline bool blk_fits(HEAP *h, mrig_id b, mrig_id u)
{
	return *inband_at(h, b, 0) >= u << 2;
}

static mrig_inline mrig_id blk_beyond(HEAP *h, mrig_id b, mrig_id u)
{
	return (mrig_id)(*inband_at(h, b, 0) - ((uint32_t)u << 2)) >> 2;
}

static mrig_inline uint64_t blk_addr(HEAP *h, mrig_id b)
{
	return (uintptr_t)inband_payload(h, b);
}

static mrig_inline mrig_id blk_right(HEAP *h, mrig_id b, mrig_id u)
{
	return b + u;
}

static mrig_inline mrig_id blk_left(HEAP *h, mrig_id b)
{
	return b - (*inband_foot(h, b) >> 2);
}

static mrig_inline bool blk_live(HEAP *h, mrig_id b)
{
	return !(*inband_at(h, b, 0) & INBAND_FREE);
}

static mrig_inline bool blk_left_free(HEAP *h, mrig_id b)
{
	return *inband_at(h, b, 0) & INBAND_LEFT_FREE;
}

/* The headers are in the blocks: there is always room for one more. */
static mrig_inline int blk_lack(HEAP *h, mrig_id b, mrig_id u1, mrig_id u2)
{
	return -ENOMEM;
}

static mrig_inline int blk_room(HEAP *h, mrig_id b, mrig_id u1, mrig_id u2)
{
	return 0;
}

static mrig_inline int blk_room_shift(HEAP *h, mrig_id b, mrig_id u)
{
	return 0;
}

/* A whole block (sys_heap_whole.c) lies where the class table was: nothing can be searched. */
static mrig_inline int blk_ready(HEAP *h)
{
	return inband_whole(h) ? -ENOMEM : 0;
}

/* A free block whose left neighbour is live, and whose right neighbour knows that it is free. */
static mrig_inline void inband_set_free(HEAP *h, mrig_id b, mrig_id u)
{
	*inband_at(h, b, 0) = (uint32_t)u << 2 | INBAND_FREE;
	*inband_foot(h, b + u) = (uint32_t)u << 2;
}

static mrig_inline void blk_take(HEAP *h, mrig_id b, mrig_id u)
{
	*inband_at(h, b, 0) = (uint32_t)u << 2;
	*inband_at(h, b + u, 0) &= ~INBAND_LEFT_FREE;
}

static mrig_inline mrig_id blk_reserve(HEAP *h, mrig_id b, mrig_id u)
{
	return b + u;
}

static mrig_inline void blk_carve(HEAP *h, mrig_id b, mrig_id u, mrig_id r, mrig_id rem)
{
	uint32_t rest = *inband_at(h, b, 0) - ((uint32_t)u << 2);

	*inband_at(h, b, 0) = (uint32_t)u << 2;
	*inband_at(h, r, 0) = rest;
	*inband_foot(h, r + rem) = rest - INBAND_FREE;
}

static mrig_inline mrig_id blk_bore(HEAP *h, mrig_id b, mrig_id pre, mrig_id u, mrig_id rem)
{
	mrig_id n = b + pre;

	inband_set_free(h, b, pre);
	*inband_at(h, n, 0) = (uint32_t)u << 2 | INBAND_LEFT_FREE;
	if (rem)
		inband_set_free(h, n + u, rem);
	else
		*inband_at(h, n + u, 0) &= ~INBAND_LEFT_FREE;
	return n;
}

/* New size of live block @b, its flags kept. */
static mrig_inline void inband_set_units(HEAP *h, mrig_id b, mrig_id u)
{
	inband_word *w = inband_at(h, b, 0);

	*w = (uint32_t)u << 2 | (*w & INBAND_FLAGS);
}

static mrig_inline mrig_id blk_cut(HEAP *h, mrig_id b, mrig_id u, mrig_id rem)
{
	inband_set_units(h, b, u);
	inband_set_free(h, b + u, rem);
	*inband_at(h, b + u + rem, 0) |= INBAND_LEFT_FREE;
	return b + u;
}

static mrig_inline mrig_id blk_shift(HEAP *h, mrig_id b, mrig_id u, mrig_id r, mrig_id rem)
{
	inband_set_units(h, b, u);
	inband_set_free(h, b + u, rem);
	return b + u;
}

static mrig_inline void blk_annex(HEAP *h, mrig_id b, mrig_id r, mrig_id u)
{
	inband_set_units(h, b, u);
	*inband_at(h, b + u, 0) &= ~INBAND_LEFT_FREE;
}

static mrig_inline void blk_absorb(HEAP *h, mrig_id b, mrig_id r, mrig_id u)
{
}

static mrig_inline void blk_release(HEAP *h, mrig_id b, mrig_id u)
{
	inband_set_free(h, b, u);
	*inband_at(h, b + u, 0) |= INBAND_LEFT_FREE;
}

/* The header that is swallowed must not look live to a second free. */
static mrig_inline void blk_absorb_left(HEAP *h, mrig_id l, mrig_id b, mrig_id u)
{
	*inband_at(h, b, 0) = INBAND_FREE;
	blk_release(h, l, u);
}

/* heap_check.c */
int mrig_inband_inspect_free(HEAP *h, mrig_id b);
int mrig_inband_inspect_live(HEAP *h, mrig_id b);
int mrig_inband_inspect_all(HEAP *h);
int mrig_inband_fence(HEAP *h, unsigned int invariant, mrig_id b);
uint64_t mrig_inband_canary(const HEAP *h, mrig_id b);
void mrig_inband_seal(HEAP *h, mrig_id b, uint64_t flip);

static mrig_inline int blk_inspect_free(HEAP *h, mrig_id b)
{
	return inband_level(h) < MRIG_HARDEN_MODERATE ? 0 : mrig_inband_inspect_free(h, b);
}

static mrig_inline int blk_inspect_live(HEAP *h, mrig_id b)
{
	return mrig_inband_inspect_live(h, b);
}

static mrig_inline int blk_inspect_all(HEAP *h)
{
	return mrig_inband_inspect_all(h);
}

static mrig_inline void blk_seal(HEAP *h, mrig_id b)
{
	if (h->core.hardening >= MRIG_HARDEN_FULL)
		mrig_inband_seal(h, b, 0);
}

static mrig_inline void blk_unseal(HEAP *h, mrig_id b)
{
	if (h->core.hardening >= MRIG_HARDEN_FULL)
		mrig_inband_seal(h, b, ~0ULL);
}

/* sys_heap_inband.c, sys_heap_whole.c */
void mrig_inband_format(HEAP *h);
int mrig_inband_locate(HEAP *h, const void *mem, mrig_id *b);
int mrig_whole_alloc(HEAP *h, size_t bytes);
int mrig_whole_free(HEAP *h, const void *mem);
int mrig_whole_resize(HEAP *h, const void *mem, size_t bytes);
int64_t mrig_whole_usable(HEAP *h, const void *mem);

#endif /* MRIG_HEAP_INBAND_H */
