/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A shared multi heap over regions that are fed when they ask for it. */
#ifndef SMH_RIG_H
#define SMH_RIG_H

#include "regions.h"
#include "shared_multi_heap.h"

static struct regions r;
static struct mrig_smh smh;
static struct mrig_smh_region reg[REGIONS];
static struct mrig_member *slots[REGIONS];

/* Region i is out-of-band for odd i. */
static inline void region(uint64_t attrs, uint64_t bytes)
{
	int i = r.n;

	reg[i] = (struct mrig_smh_region){ .attrs = attrs, .node = -1 };
	regions_open(&r, &reg[i].member, bytes, i % 2);
	assert_int_equal(mrig_smh_add(&smh, &reg[i]), 0);
}

static inline void up(void)
{
	assert_int_equal(mrig_smh_init(&smh, slots, REGIONS), 0);
}

static inline int alloc(const struct mrig_smh_req *req, size_t align, size_t bytes, uint64_t *addr)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_smh_alloc(&smh, req, align, bytes, addr);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &smh.set);
	}
	return err;
}

static inline int resize(const struct mrig_smh_req *req, uint64_t addr, size_t align, size_t bytes,
			 struct mrig_move *move)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_smh_realloc(&smh, req, addr, align, bytes, move);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &smh.set);
	}
	return err;
}

#endif /* SMH_RIG_H */
