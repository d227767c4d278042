// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * smart_alloc: random programs against a linear search. argv[1] is the seed.
 */
#include "smart_rig.h"

#define STEPS 5000

/* The reference: sizes and blocks of tiers, live ones, and what was counted. */
static struct {
	uint64_t bytes;
	uint32_t num, used;
	uint64_t hits, lent, full;
} ref[TIERS];
static struct live blocks[LIVE];
static int nblocks;

/* Tier that is asked after tier @i. */
static int next_tier(int i)
{
	int best = -1;

	for (int k = 0; k < ntiers; k++) {
		bool after = i < 0 || ref[k].bytes > ref[i].bytes ||
			     (ref[k].bytes == ref[i].bytes && k > i);

		if (after && (best < 0 || ref[k].bytes < ref[best].bytes))
			best = k;
	}
	return best;
}

/* Tier that has to serve, or TIERS; counts it, and who was wanted first. */
static int expect(size_t bytes, size_t align)
{
	uint64_t sizes = 0, last = 0;
	int want = -1;

	for (int i = next_tier(-1); i >= 0; i = next_tier(i)) {
		if (ref[i].bytes < bytes || (align && ref[i].bytes % align))
			continue;
		if (ref[i].bytes != last && ++sizes > 1U + smart.reach)
			break;
		last = ref[i].bytes;
		if (want < 0)
			want = i;
		if (ref[i].used == ref[i].num)
			continue;
		ref[i].used++;
		if (i == want)
			ref[i].hits++;
		else
			ref[i].lent++;
		ref[want].full += i != want;
		return i;
	}
	if (want >= 0)
		ref[want].full++;
	return TIERS;
}

static void keep(uint64_t addr, size_t bytes)
{
	struct live *l = &blocks[nblocks];
	int64_t usable = mrig_smart_usable(&smart, addr);

	assert_true(usable >= (int64_t)bytes);
	l->addr = addr;
	l->usable = (uint64_t)usable;
	l->region = place(addr);
	for (int i = 0; i < nblocks; i++)
		assert_true(blocks[i].addr >= addr + l->usable ||
			    addr >= blocks[i].addr + blocks[i].usable);
	nblocks++;
}

static void drop(struct live *l)
{
	assert_int_equal(mrig_smart_free(&smart, l->addr), 0);
	assert_true(mrig_smart_free(&smart, l->addr) == -EALREADY ||
		    (l->region == TIERS && mrig_smart_free(&smart, l->addr) == -ENOENT));
	if (l->region < TIERS)
		ref[l->region].used--;
	*l = blocks[--nblocks];
}

static void no_heap_has(size_t bytes)
{
	for (int i = 0; i < r.n; i++)
		assert_true(regions_largest(&r, i) < bytes);
}

static void grow_or_shrink(struct live *l)
{
	size_t bytes = 1 + rnd(rnd(4) ? 300 : 3000);
	bool stays = l->region < TIERS && bytes <= l->usable;
	struct mrig_move move;
	int err = resize(l->addr, 0, bytes, &move), to;

	to = err ? TIERS : place(move.to);
	if (stays)
		assert_true(!err && move.to == l->addr);
	else if (l->region < TIERS || err || to < TIERS)
		assert_int_equal(to, expect(bytes, 0));
	if (err || (l->region == TIERS && to < TIERS))
		no_heap_has(bytes);
	if (err) {
		assert_int_equal(err, -ENOMEM);
		return;
	}
	if (move.to != move.from) {
		assert_int_equal(move.bytes, l->usable < bytes ? l->usable : bytes);
		drop(l);
	} else {
		*l = blocks[--nblocks];
	}
	keep(move.to, bytes);
}

static void step(void)
{
	size_t bytes = 1 + rnd(rnd(4) ? 300 : 3000), align = rnd(4) ? 0 : 8U << rnd(6);
	uint64_t addr;
	int err;

	if (nblocks < LIVE && rnd(5) < 2) {
		err = alloc(align, bytes, &addr);
		assert_true(!err || err == -ENOMEM);
		assert_int_equal(err ? TIERS : place(addr), expect(bytes, align));
		if (!err)
			keep(addr, bytes);
		else if (!align)
			no_heap_has(bytes);
		if (!err && align)
			assert_int_equal(addr % align, 0);
		return;
	}
	if (!nblocks)
		return;
	if (rnd(2))
		drop(&blocks[rnd((uint32_t)nblocks)]);
	else
		grow_or_shrink(&blocks[rnd((uint32_t)nblocks)]);
}

static void figures_agree(void)
{
	for (int k = 0; k < TIERS; k++) {
		assert_int_equal(tier[k].hits, ref[k].hits);
		assert_int_equal(tier[k].lent, ref[k].lent);
		assert_int_equal(tier[k].full, ref[k].full);
	}
}

void model_program(void)
{
	up(rnd(3));
	memset(ref, 0, sizeof(ref));
	for (int i = 0; i < TIERS; i++) {
		ref[i].bytes = 8 * (1 + rnd(rnd(2) ? 8 : 32));
		ref[i].num = 1 + rnd(20);
		add_tier(ref[i].bytes, ref[i].num);
	}
	add_heap(8192, true);
	add_heap(8192, true);
	for (uint32_t i = 0; random_goes_on(i, STEPS); i++) {
		step();
		if (i % 64 == 0)
			figures_agree();
	}
	figures_agree();
	while (nblocks)
		drop(&blocks[0]);
	for (int i = 0; i < TIERS; i++)
		assert_int_equal(mrig_smart_remove_tier(&smart, &tier[i]), 0);
	down();
}

static void random_programs(void **state)
{
	for (int i = 0; i < 6; i++)
		model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("smart alloc, model", tests);
}
