/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A smart_alloc with tiers nobody touches and heaps that are fed when they ask for it. */
#ifndef SMART_RIG_H
#define SMART_RIG_H

#include "regions.h"
#include "mrig_smart.h"

#define TIERS 8
#define BASE  0x10000U /* addresses of tiers; nobody reads or writes there */

static struct regions r;
static struct mrig_smart smart;
static struct mrig_smart_tier tier[TIERS];
static struct mrig_member heap[2];
static struct mrig_smart_tier *tiers[2 * TIERS];
static struct mrig_member *heaps[2];
static int ntiers;

static inline struct mrig_slab *slab_of(uintptr_t base, uint64_t bytes, uint32_t num)
{
	struct mrig_slab *slab = calloc(1, mrig_slab_control_bytes(num));

	assert_non_null(slab);
	assert_int_equal(mrig_slab_init(slab, base, bytes, num), 0);
	return slab;
}

static inline void up(uint32_t reach)
{
	assert_int_equal(mrig_smart_init(&smart, tiers, TIERS, heaps, 2, reach), 0);
	ntiers = 0;
}

static inline void add_tier(uint64_t bytes, uint32_t num)
{
	tier[ntiers].slab = slab_of(BASE * (1U + (uint32_t)ntiers), bytes, num);
	assert_int_equal(mrig_smart_add_tier(&smart, &tier[ntiers++]), 0);
}

static inline void add_heap(uint64_t bytes, bool oob)
{
	int i = r.n;

	regions_open(&r, &heap[i], bytes, oob);
	assert_int_equal(mrig_smart_add_heap(&smart, &heap[i]), 0);
}

static inline void down(void)
{
	for (int i = 0; i < ntiers; i++) {
		assert_true(mrig_slab_validate(tier[i].slab));
		free(tier[i].slab);
	}
	regions_close(&r);
}

static inline int alloc(size_t align, size_t bytes, uint64_t *addr)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_smart_alloc(&smart, align, bytes, addr);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &smart.heaps);
	}
	return err;
}

static inline int resize(uint64_t addr, size_t align, size_t bytes, struct mrig_move *move)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_smart_realloc(&smart, addr, align, bytes, move);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &smart.heaps);
	}
	return err;
}

/* Number of the tier a block is in; TIERS for the heaps. */
static inline int place(uint64_t addr)
{
	struct mrig_smart_tier *t = mrig_smart_tier_of(&smart, addr);

	return t ? (int)(t - tier) : TIERS;
}

#endif /* SMART_RIG_H */
