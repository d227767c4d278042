/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What tests of sets of heaps share: worlds as members, and the slow list of blocks that live in
 * them.
 */
#ifndef REGIONS_H
#define REGIONS_H

#include <string.h>
#include "random.h"
#include "test.h"
#include "heap_set.h"

#define REGIONS 12
#define LIVE	400

/**
 * struct live - a block
 * @addr: its address
 * @usable: usable bytes of it
 * @region: which region it is in
 */
struct live {
	uint64_t addr;
	uint64_t usable;
	int region;
};

/**
 * struct regions - worlds and what lives in them
 * @w: the worlds
 * @m: the member each is, or NULL while it is none
 * @n: worlds in use
 * @live: blocks, in no order
 * @nlive: how many
 */
struct regions {
	struct world w[REGIONS];
	struct mrig_member *m[REGIONS];
	int n;
	struct live live[LIVE];
	int nlive;
};

/* Another world, in-band or out-of-band, as what a member is made of. */
static inline void regions_open(struct regions *r, struct mrig_member *m, uint64_t bytes, bool oob)
{
	struct world *w = &r->w[r->n];
	struct mrig_heap_cfg cfg = { .bytes = bytes, .hardening = 1, .stats = true };

	assert_true(r->n < REGIONS);
	assert_int_equal(world_open(w, oob ? &mrig_heap_oob : &mrig_heap_inband, &cfg), 0);
	m->heap = &w->heap;
	m->addr = (uintptr_t)w->base;
	m->bytes = bytes;
	r->m[r->n++] = m;
}

static inline void regions_close(struct regions *r)
{
	for (int i = 0; i < r->n; i++) {
		assert_true(world_sound(&r->w[i]));
		world_close(&r->w[i]);
	}
	memset(r, 0, sizeof(*r));
}

/* After -EAGAIN: feed the heap that the set names. */
static inline void regions_feed(struct regions *r, const struct mrig_set *set)
{
	for (int i = 0; i < r->n; i++) {
		if (set->hungry && set->hungry->heap == &r->w[i].heap) {
			assert_true(world_feed(&r->w[i]));
			return;
		}
	}
	fail_msg("-EAGAIN, but no region is hungry");
}

/* The region an address lies in, by a look at each. */
static inline int regions_of(const struct regions *r, uint64_t addr)
{
	for (int i = 0; i < r->n; i++) {
		uintptr_t base = (uintptr_t)r->w[i].base;

		if (r->m[i] && addr >= base && addr < base + r->w[i].bytes)
			return i;
	}
	return -1;
}

static inline uint64_t regions_largest(struct regions *r, int i)
{
	struct mrig_heap_info info;

	r->w[i].ops->info(&r->w[i].heap, &info);
	return info.largest_free;
}

/* A block has come: inside one region, large enough, and in nobody's way. */
static inline struct live *regions_add(struct regions *r, uint64_t addr, size_t bytes)
{
	struct live *l = &r->live[r->nlive];
	int64_t usable;

	assert_true(r->nlive < LIVE);
	l->addr = addr;
	l->region = regions_of(r, addr);
	assert_true(l->region >= 0);
	usable = r->w[l->region].ops->usable(&r->w[l->region].heap,
					     addr - (uintptr_t)r->w[l->region].base);
	assert_true(usable >= (int64_t)bytes);
	l->usable = (uint64_t)usable;
	assert_true(addr - (uintptr_t)r->w[l->region].base + l->usable <= r->w[l->region].bytes);
	for (int i = 0; i < r->nlive; i++)
		assert_true(r->live[i].addr >= addr + l->usable ||
			    addr >= r->live[i].addr + r->live[i].usable);
	r->nlive++;
	return l;
}

static inline void regions_drop(struct regions *r, struct live *l)
{
	*l = r->live[--r->nlive];
}

/* What the figures of a member have to be, peak and counts of calls aside. */
static inline void regions_agree(const struct regions *r, int i, const struct mrig_member_stats *st)
{
	uint64_t bytes = 0, live = 0;

	for (int k = 0; k < r->nlive; k++) {
		if (i < 0 || r->live[k].region == i) {
			bytes += r->live[k].usable;
			live++;
		}
	}
	assert_int_equal(st->live, live);
	assert_int_equal(st->allocated, bytes);
	assert_int_equal(st->allocs - st->frees, live);
	assert_true(st->max_allocated >= bytes);
}

#endif /* REGIONS_H */
