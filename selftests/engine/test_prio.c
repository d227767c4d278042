// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Priority heap: who may fall how far, bad input, and random programs against a linear search.
 * argv[1] is the seed.
 */
#include "regions.h"
#include "mrig_prio.h"

#define ROUNDS 20000

static struct regions r;
static struct mrig_prio prio;
static struct mrig_prio_level level[REGIONS];
static struct mrig_member *slots[REGIONS];

static void add(int32_t floor, uint64_t bytes)
{
	int i = r.n;

	level[i] = (struct mrig_prio_level){ .floor = floor };
	regions_open(&r, &level[i].member, bytes, i % 2 == 0);
	assert_int_equal(mrig_prio_add(&prio, &level[i]), 0);
}

static int alloc(int32_t number, size_t align, size_t bytes, uint64_t *addr)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_prio_alloc(&prio, number, align, bytes, addr);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &prio.set);
	}
	return err;
}

static int resize(int32_t number, uint64_t addr, size_t bytes, struct mrig_move *move)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_prio_realloc(&prio, number, addr, 0, bytes, move);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &prio.set);
	}
	return err;
}

/* Level that serves, or the error. */
static int where(int32_t number, size_t bytes)
{
	uint64_t addr;
	int err = alloc(number, 0, bytes, &addr);

	return err ? err : (int)(mrig_prio_find(&prio, addr) - level);
}

static void three_levels(void **state)
{
	assert_int_equal(mrig_prio_init(&prio, slots, REGIONS), 0);
	add(MRIG_PRIO_NORMAL, 4096);
	add(MRIG_PRIO_LOW, 4096);
	add(MRIG_PRIO_HIGH, 4096);
	assert_int_equal(where(MRIG_PRIO_HIGH, 3000), 2);
	assert_int_equal(where(MRIG_PRIO_NORMAL, 2000), 0);
	assert_int_equal(where(MRIG_PRIO_LOW, 1000), 1);
	assert_int_equal(where(MRIG_PRIO_LOW - 1, 10), -ENOENT);
	assert_int_equal(where(INT32_MIN, 10), -ENOENT);
	/* urgent ones fall twice, normal ones once, the others not at all */
	assert_int_equal(where(INT32_MAX, 2000), 0);
	assert_int_equal(level[0].fallen, 1);
	assert_int_equal(where(MRIG_PRIO_HIGH, 2000), 1);
	assert_int_equal(where(MRIG_PRIO_HIGH, 2000), -ENOMEM);
	assert_int_equal(where(MRIG_PRIO_NORMAL, 900), 1);
	assert_int_equal(level[1].fallen, 2);
	assert_int_equal(where(MRIG_PRIO_LOW, 900), -ENOMEM);
	assert_int_equal(where(MRIG_PRIO_HIGH, 900), 2);
	assert_int_equal(level[2].fallen, 0);
	regions_close(&r);
}

static void equal_floors(void **state)
{
	assert_int_equal(mrig_prio_init(&prio, slots, REGIONS), 0);
	add(5, 4096);
	add(5, 4096);
	assert_int_equal(where(5, 3000), 0);
	assert_int_equal(where(5, 3000), 1);
	assert_int_equal(level[1].fallen, 0);
	regions_close(&r);
}

static void bad_input(void **state)
{
	struct mrig_prio_level bad;
	struct mrig_move move;
	uint64_t addr;

	assert_int_equal(mrig_prio_init(NULL, slots, 1), -EINVAL);
	assert_int_equal(mrig_prio_init(&prio, NULL, 1), -EINVAL);
	assert_int_equal(mrig_prio_init(&prio, slots, 1), 0);
	add(0, 4096);
	assert_int_equal(mrig_prio_add(NULL, &level[0]), -EINVAL);
	assert_int_equal(mrig_prio_add(&prio, NULL), -EINVAL);
	assert_int_equal(mrig_prio_add(&prio, &level[0]), -EEXIST);
	bad = level[0];
	assert_int_equal(mrig_prio_add(&prio, &bad), -EINVAL);
	bad.member.addr += 4096;
	assert_int_equal(mrig_prio_add(&prio, &bad), -ENOMEM);
	bad.member.heap = NULL;
	assert_int_equal(mrig_prio_add(&prio, &bad), -EINVAL);
	assert_int_equal(mrig_prio_alloc(NULL, 0, 0, 8, &addr), -EINVAL);
	assert_int_equal(alloc(0, 0, 8, NULL), -EINVAL);
	assert_int_equal(alloc(0, 0, 0, &addr), -EINVAL);
	assert_int_equal(alloc(0, 7, 8, &addr), -EINVAL);
	assert_int_equal(alloc(0, 0, SIZE_MAX, &addr), -ENOMEM);
	assert_int_equal(alloc(0, 64, 8, &addr), 0);
	assert_int_equal(mrig_prio_realloc(NULL, 0, addr, 0, 8, &move), -EINVAL);
	assert_int_equal(resize(0, addr, 0, &move), -EINVAL);
	assert_int_equal(resize(0, addr, 8, NULL), -EINVAL);
	assert_int_equal(resize(0, addr + 8, 8, &move), -ENOENT);
	assert_int_equal(resize(0, addr - 4096, 8, &move), -ENOENT);
	assert_int_equal(resize(0, addr, 5000, &move), -ENOMEM);
	assert_int_equal(resize(-1, addr, 5000, &move), -ENOMEM);
	assert_int_equal(mrig_prio_free(NULL, addr), -EINVAL);
	assert_int_equal(mrig_prio_free(&prio, addr + 8), -ENOENT);
	assert_int_equal(mrig_prio_free(&prio, 0), -ENOENT);
	assert_null(mrig_prio_find(NULL, addr));
	assert_null(mrig_prio_find(&prio, 0));
	assert_int_equal(mrig_prio_remove(NULL, &level[0]), -EINVAL);
	assert_int_equal(mrig_prio_remove(&prio, NULL), -EINVAL);
	assert_int_equal(mrig_prio_remove(&prio, &bad), -ENOENT);
	assert_int_equal(mrig_prio_remove(&prio, &level[0]), -EBUSY);
	assert_int_equal(mrig_prio_free(&prio, addr), 0);
	assert_int_equal(mrig_prio_free(&prio, addr), -ENOENT);
	assert_int_equal(mrig_prio_remove(&prio, &level[0]), 0);
	assert_int_equal(mrig_prio_remove(&prio, &level[0]), -ENOENT);
	assert_int_equal(alloc(0, 0, 8, &addr), -ENOENT);
	regions_close(&r);
}

/* The level that is asked after level @i, by a look at all; -1 begins, -1 ends. */
static int next_level(int i)
{
	int best = -1;

	for (int k = 0; k < r.n; k++) {
		bool after = i < 0 || level[k].floor < level[i].floor ||
			     (level[k].floor == level[i].floor && k > i);

		if (after && (best < 0 || level[k].floor > level[best].floor))
			best = k;
	}
	return best;
}

static uint64_t fallen[REGIONS];

/* Nobody before @got in that order was open and had room; @plain: without alignment. */
static void served_by(int32_t number, size_t bytes, int got, bool plain)
{
	int top = -1;

	for (int i = next_level(-1); i >= 0; i = next_level(i)) {
		if (level[i].floor > number)
			continue;
		if (top < 0)
			top = i;
		if (i == got)
			break;
		if (plain)
			assert_true(regions_largest(&r, i) < bytes);
	}
	assert_int_equal(top < 0, number < 0);
	if (got >= 0) {
		assert_true(level[got].floor <= number);
		fallen[got] += level[got].floor < level[top].floor;
	}
}

static void step(void)
{
	size_t bytes = 1 + rnd(rnd(6) ? 300 : 5000), align = rnd(4) ? 0 : 8U << rnd(6);
	int32_t number = (int32_t)rnd(7) - 1;
	struct mrig_move move;
	struct live *l;
	uint64_t addr;
	int err;

	if (r.nlive < LIVE && rnd(2)) {
		err = alloc(number, align, bytes, &addr);
		assert_true(!err || err == -ENOMEM || err == -ENOENT);
		assert_int_equal(err == -ENOENT, number < 0);
		if (!err)
			regions_add(&r, addr, bytes);
		if (!err || !align)
			served_by(number, bytes, err ? -1 : regions_of(&r, addr), !align);
		return;
	}
	if (!r.nlive)
		return;
	l = &r.live[rnd((uint32_t)r.nlive)];
	if (rnd(3)) {
		assert_int_equal(mrig_prio_free(&prio, l->addr), 0);
		regions_drop(&r, l);
		return;
	}
	err = resize(number, l->addr, bytes, &move);
	assert_true(!err || err == -ENOMEM);
	if (err)
		return;
	if (regions_of(&r, move.to) != l->region) {
		assert_true(regions_largest(&r, l->region) < bytes);
		served_by(number, bytes, regions_of(&r, move.to), true);
	}
	if (move.to != move.from)
		assert_int_equal(mrig_prio_free(&prio, move.from), 0);
	regions_drop(&r, l);
	regions_add(&r, move.to, bytes);
}

void model_program(void)
{
	memset(fallen, 0, sizeof(fallen));
	assert_int_equal(mrig_prio_init(&prio, slots, REGIONS), 0);
	for (int i = 0; i < REGIONS; i++)
		add(i ? (int32_t)rnd(6) : 0, 1024U << rnd(4));
	for (uint32_t i = 0; random_goes_on(i, ROUNDS); i++) {
		step();
		for (int k = 0; k < r.n && i % 64 == 0; k++) {
			regions_agree(&r, k, &level[k].member.stats);
			assert_int_equal(level[k].fallen, fallen[k]);
		}
	}
	while (r.nlive) {
		assert_int_equal(mrig_prio_free(&prio, r.live[0].addr), 0);
		regions_drop(&r, &r.live[0]);
	}
	for (int i = 0; i < REGIONS; i++)
		assert_int_equal(mrig_prio_remove(&prio, &level[i]), 0);
	regions_close(&r);
}

static void random_programs(void **state)
{
	model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_levels),
		cmocka_unit_test(equal_floors),
		cmocka_unit_test(bad_input),
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("priority heap", tests);
}
