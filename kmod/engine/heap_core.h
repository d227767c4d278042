/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What both placements of the heap share that does not depend on where headers live: counters,
 * size classes, and the two-level bitmap that finds a non-empty class in constant time.
 *
 * Words: a *unit* is 8 bytes. A *block* is a run of at least MRIG_MIN_UNITS units, live or free.
 * The *index* v of a block of u units is u - MRIG_MIN_UNITS. A *class* is a set of neighbouring
 * indices whose free blocks share one list:
 *
 *	class	0 .. lin - 1		one index each (lin = 1 << lin_log)
 *	class	lin ..			1 << sub_log classes per octave above that
 *
 * A placement may number its classes from a base other than 0.
 * Small heaps have few classes and large heaps many, so that the table stays below one percent
 * of the heap; see mrig_core_geometry().
 */
#ifndef MRIG_HEAP_CORE_H
#define MRIG_HEAP_CORE_H

#include "mrig_engine.h"

#define MRIG_UNIT_LOG		3
#define MRIG_UNIT		(1U << MRIG_UNIT_LOG)
#define MRIG_MIN_UNITS		2

/* Bitmap words are summarised in one 64-bit word: at most 64 * 64 classes. */
#define MRIG_MAX_CLASSES	4096

#define MRIG_MAX_SEARCH		0xffff	/* what a larger search limit is cut to */

#define MRIG_HEAP_STATS		0x01	/* track the peak of allocated bytes */
#define MRIG_HEAP_LISTEN	0x02	/* call heap listeners */
#define MRIG_HEAP_FENCED	0x04	/* corruption found: every call fails */
#define MRIG_HEAP_WHOLE		0x08	/* in-band: one block has displaced the class table */

/* A block's name: a unit number in-band, a record number out-of-band. 0 is no block. */
typedef uintptr_t mrig_id;

/**
 * struct mrig_core - state of a heap, whatever its placement
 * @hot: indices served by the fast paths; 0 sends every call to the careful path
 * @most: @total while the fast paths are open, else 0
 * @sum: bit w is set when bitmap word w is not 0
 * @bm: bit c is set when the list of class c is not empty
 * @free: units in free blocks << @scale
 * @total: units all blocks have together
 * @live: live blocks
 * @blocks: blocks, live and free
 * @looks: list entries an allocation looks at, at least 1
 * @sub_log: log2 of classes per octave above @lin
 * @lin: number of classes that hold one index only
 * @bias: constant of the class function, see mrig_class()
 * @nclass: number of the last class plus 1
 * @over: bytes of a live block its user cannot have
 * @scale: log2 of what the placement's fast paths multiply units with
 * @hardening: MRIG_HARDEN_*
 * @flags: MRIG_HEAP_*
 * @peak: largest number of usable bytes ever allocated, with MRIG_HEAP_STATS
 * @key: secret of this heap, for canaries
 */
struct mrig_core {
	uintptr_t hot;
	uintptr_t most;
	uint64_t sum;
	uint64_t *bm;
	uint32_t free;
	uint32_t total;
	uint32_t live;
	uint32_t blocks;
	uint32_t looks;
	uint32_t sub_log;
	uintptr_t lin;
	uintptr_t bias;
	uint32_t nclass;
	uint8_t over;
	uint8_t scale;
	uint8_t hardening;
	uint8_t flags;
	uint64_t peak;
	uint64_t key;
};

/* Rotating makes flags in the low bits, and what fell below zero, too large for any bound. */
static mrig_inline uint32_t mrig_ror32(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

/* Class of index @v, 0 being @base. Exact below lin, then sub_log bits below the leading one. */
static mrig_inline mrig_id mrig_class(const struct mrig_core *core, mrig_id v, mrig_id base)
{
	unsigned int sub = core->sub_log, top;

	if (mrig_likely(v < core->lin))
		return v + base;
	top = mrig_ilog2((uint32_t)v) - sub;
	return core->bias + (top << sub) + (v >> top);
}

/* Number of the word that is the next link of free block @b, in either placement; heap_algo.h. */
static mrig_inline mrig_id mrig_link_word(mrig_id b)
{
	return 2 * b + 2;
}

/* The words are hidden from the optimiser, which else prefers four instructions to one. */
static mrig_inline void mrig_class_fill(struct mrig_core *core, mrig_id c)
{
	uint64_t *bm = core->bm, old = bm[c >> 6], m = old;

	mrig_hide(m);
	bm[c >> 6] = m | 1ULL << (c & 63);
	if (mrig_unlikely(!old))
		core->sum |= 1ULL << (c >> 6);
}

static mrig_inline void mrig_class_drain(struct mrig_core *core, mrig_id c)
{
	uint64_t *bm = core->bm, m = bm[c >> 6];

	mrig_hide(m);
	m &= ~(1ULL << (c & 63));
	bm[c >> 6] = m;
	if (mrig_unlikely(!m))
		core->sum ^= 1ULL << (c >> 6);
}

/* Raise *@c, which may be nclass, to the lowest non-empty class not below it. False: none is. */
static mrig_inline bool mrig_class_next(const struct mrig_core *core, mrig_id *c)
{
	mrig_id w = *c >> 6;
	uint64_t m = core->bm[w] >> (*c & 63);

	if (m) {
		*c = (uint32_t)*c + mrig_ctz64(m);
		return !MRIG_PORT_DISTRUST || *c < core->nclass;
	}
	m = core->sum & (~1ULL << w);
	if (!m)
		return false;
	w = mrig_ctz64(m);
	if (MRIG_PORT_DISTRUST && !core->bm[w])
		return false;
	*c = ((uint32_t)w << 6) + mrig_ctz64(core->bm[w]);
	return !MRIG_PORT_DISTRUST || *c < core->nclass;
}

/* Index of the smallest block that can serve @bytes; @bytes is positive and below the span. */
static mrig_inline mrig_id mrig_index(const struct mrig_core *core, size_t bytes)
{
	size_t all = bytes + core->over;

	if (all <= MRIG_MIN_UNITS * MRIG_UNIT)
		return 0;
	return (all - (MRIG_MIN_UNITS * MRIG_UNIT - MRIG_UNIT + 1)) >> MRIG_UNIT_LOG;
}

/* Usable bytes of all live, and of all free blocks (struct sys_memory_stats). */
static inline uint64_t mrig_core_allocated(const struct mrig_core *core)
{
	return ((uint64_t)(core->total - (core->free >> core->scale)) << MRIG_UNIT_LOG) -
	       (uint64_t)core->live * core->over;
}

static inline uint64_t mrig_core_free(const struct mrig_core *core)
{
	return ((uint64_t)(core->free >> core->scale) << MRIG_UNIT_LOG) -
	       (uint64_t)(core->blocks - core->live) * core->over;
}

/* &mrig_heap_ops.held */
static inline uint64_t mrig_core_held(const struct mrig_core *core, uint64_t *free)
{
	if (free)
		*free = core->flags & MRIG_HEAP_FENCED ? 0 : mrig_core_free(core);
	return mrig_core_allocated(core);
}

static inline void mrig_core_peak(struct mrig_core *core)
{
	if (core->flags & MRIG_HEAP_STATS) {
		uint64_t now = mrig_core_allocated(core);

		if (now > core->peak)
			core->peak = now;
	}
}

/* Bytes of the bitmap; a word more than needed where nclass fills the last one. */
static inline size_t mrig_core_bm_bytes(const struct mrig_core *core)
{
	return ((size_t)(core->nclass >> 6) + 1) * sizeof(uint64_t);
}

/* Bytes of the list heads, padded so that a bitmap can follow. */
static inline size_t mrig_core_head_bytes(const struct mrig_core *core)
{
	return ((size_t)core->nclass * sizeof(uint32_t) + 7) & ~(size_t)7;
}

/* 1000 * part / whole without a 64-bit division; 0 of nothing is 0. */
static inline uint32_t mrig_permille(uint64_t part, uint64_t whole)
{
	while (whole >> 22) {
		part >>= 1;
		whole >>= 1;
	}
	return whole ? (uint32_t)part * 1000U / (uint32_t)whole : 0;
}

bool mrig_align_decode(size_t align, uint64_t *a, uint64_t *rewind);
int mrig_core_setup(struct mrig_core *core, const struct mrig_heap_cfg *cfg, uint64_t units,
		    mrig_id base, size_t budget);
void mrig_core_arm(struct mrig_core *core);
void mrig_core_fence(struct mrig_core *core, uint32_t invariant, uint64_t offset);
void mrig_core_fault(const struct mrig_core *core, struct mrig_fault *fault);

#endif /* MRIG_HEAP_CORE_H */
