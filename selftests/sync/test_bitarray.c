// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_bitarray: what each call says, what it refuses, random programs against an array of flags,
 * and threads that claim regions.
 *
 *	test_bitarray [SEED]
 */
#include <zephyr/sys/bitarray.h>
#include "test.h"

#define BITS	150
#define STEPS	20000
#define THREADS 4

SYS_BITARRAY_DEFINE(small, 5);
SYS_BITARRAY_DEFINE_STATIC(array, BITS);
SYS_BITARRAY_DEFINE_STATIC(mask, BITS);
SYS_BITARRAY_DEFINE_STATIC(shared, 128);

static unsigned int seed = 1;
static bool model[BITS], model_mask[BITS];

static void single_bits(void **state)
{
	int val = 7;

	assert_int_equal(small.num_bits, 5);
	assert_int_equal(small.num_bundles, 1);
	assert_int_equal(sys_bitarray_test_bit(&small, 4, &val), 0);
	assert_int_equal(val, 0);
	assert_int_equal(sys_bitarray_set_bit(&small, 4), 0);
	assert_int_equal(sys_bitarray_test_bit(&small, 4, &val), 0);
	assert_int_equal(val, 1);
	assert_int_equal(sys_bitarray_test_and_set_bit(&small, 4, &val), 0);
	assert_int_equal(val, 1);
	assert_int_equal(sys_bitarray_test_and_clear_bit(&small, 4, &val), 0);
	assert_int_equal(val, 1);
	assert_int_equal(sys_bitarray_test_and_clear_bit(&small, 4, &val), 0);
	assert_int_equal(val, 0);
	assert_int_equal(sys_bitarray_test_and_set_bit(&small, 0, &val), 0);
	assert_int_equal(val, 0);
	assert_int_equal(small.bundles[0], 1);
	assert_int_equal(sys_bitarray_clear_bit(&small, 0), 0);
	assert_int_equal(small.bundles[0], 0);
}

static void no_such_bit(void **state)
{
	int val = 7;

	assert_int_equal(sys_bitarray_set_bit(&small, 5), -EINVAL);
	assert_int_equal(sys_bitarray_set_bit(&small, SIZE_MAX), -EINVAL);
	assert_int_equal(sys_bitarray_clear_bit(&small, 5), -EINVAL);
	assert_int_equal(sys_bitarray_test_bit(&small, 5, &val), -EINVAL);
	assert_int_equal(sys_bitarray_test_and_set_bit(&small, 5, &val), -EINVAL);
	assert_int_equal(sys_bitarray_test_and_clear_bit(&small, 5, &val), -EINVAL);
	assert_int_equal(val, 7);
	assert_int_equal(sys_bitarray_test_bit(&small, 0, NULL), -EINVAL);
	assert_int_equal(sys_bitarray_test_and_set_bit(&small, 0, NULL), -EINVAL);
	assert_int_equal(sys_bitarray_test_and_clear_bit(&small, 0, NULL), -EINVAL);
	assert_int_equal(small.bundles[0], 0);
}

static void refuses(sys_bitarray_t *b, size_t num, size_t from)
{
	size_t at = 7;

	assert_int_equal(sys_bitarray_free(b, num, from), -EINVAL);
	assert_int_equal(sys_bitarray_set_region(b, num, from), -EINVAL);
	assert_int_equal(sys_bitarray_clear_region(b, num, from), -EINVAL);
	assert_int_equal(sys_bitarray_test_and_set_region(b, num, from, true), -EINVAL);
	assert_int_equal(sys_bitarray_test_and_set_region(b, num, from, false), -EINVAL);
	assert_int_equal(sys_bitarray_popcount_region(b, num, from, &at), -EINVAL);
	assert_int_equal(sys_bitarray_find_nth_set(b, 1, num, from, &at), -EINVAL);
	assert_int_equal(sys_bitarray_xor(b, &small, num, from), -EINVAL);
	assert_false(sys_bitarray_is_region_set(b, num, from));
	assert_false(sys_bitarray_is_region_cleared(b, num, from));
	assert_int_equal(at, 7);
}

static void no_such_region(void **state)
{
	uint32_t word = 0;
	sys_bitarray_t none = { 0 }, short_one = { 33, 1, &word, { { 0 } } };
	size_t at = 7;

	refuses(&small, 0, 0);
	refuses(&small, 6, 0);
	refuses(&small, 5, 1);
	refuses(&small, 1, 5);
	refuses(&small, SIZE_MAX, 2);
	refuses(&small, 2, SIZE_MAX);
	refuses(NULL, 1, 0);
	refuses(&none, 1, 0);
	refuses(&short_one, 1, 0);
	assert_int_equal(sys_bitarray_alloc(&small, 0, &at), -EINVAL);
	assert_int_equal(sys_bitarray_alloc(&small, 6, &at), -EINVAL);
	assert_int_equal(sys_bitarray_alloc(NULL, 1, &at), -EINVAL);
	assert_int_equal(sys_bitarray_alloc(&small, 1, NULL), -EINVAL);
	assert_int_equal(sys_bitarray_popcount_region(&small, 1, 0, NULL), -EINVAL);
	assert_int_equal(sys_bitarray_find_nth_set(&small, 1, 5, 0, NULL), -EINVAL);
	assert_int_equal(sys_bitarray_find_nth_set(&small, 0, 5, 0, &at), -EINVAL);
	assert_int_equal(sys_bitarray_find_nth_set(&small, 6, 5, 0, &at), -EINVAL);
	assert_int_equal(sys_bitarray_xor(&small, NULL, 1, 0), -EINVAL);
	assert_int_equal(sys_bitarray_xor(&small, &array, 1, 0), -EINVAL);
	assert_int_equal(at, 7);
	assert_int_equal(small.bundles[0], 0);
}

static void first_fit(void **state)
{
	size_t at;

	assert_int_equal(sys_bitarray_set_bit(&small, 2), 0);
	assert_int_equal(sys_bitarray_alloc(&small, 3, &at), -ENOSPC);
	assert_int_equal(sys_bitarray_alloc(&small, 2, &at), 0);
	assert_int_equal(at, 0);
	assert_int_equal(sys_bitarray_alloc(&small, 2, &at), 0);
	assert_int_equal(at, 3);
	assert_int_equal(sys_bitarray_alloc(&small, 1, &at), -ENOSPC);
	assert_int_equal(sys_bitarray_free(&small, 5, 0), 0);
	assert_int_equal(sys_bitarray_free(&small, 1, 0), -EFAULT);
}

static int any(int n)
{
	return rand_r(&seed) % n;
}

static bool run_is(int num, int from, bool set)
{
	for (int i = from; i < from + num; i++)
		if (model[i] != set)
			return false;
	return true;
}

static void fill(int num, int from, bool set)
{
	for (int i = from; i < from + num; i++)
		model[i] = set;
}

static void alloc_step(int num)
{
	size_t at = SIZE_MAX;
	int err = sys_bitarray_alloc(&array, (size_t)num, &at), from = 0;

	while (from + num <= BITS && !run_is(num, from, false))
		from++;
	assert_int_equal(err, from + num <= BITS ? 0 : -ENOSPC);
	if (err)
		return;
	assert_int_equal(at, from);
	fill(num, from, true);
}

static void claim_step(int num, int from, int how)
{
	bool to = how == 1, can = run_is(num, from, !to);
	int err;

	if (how == 2)
		err = sys_bitarray_free(&array, (size_t)num, (size_t)from);
	else
		err = sys_bitarray_test_and_set_region(&array, (size_t)num, (size_t)from, to);
	assert_int_equal(err, can ? 0 : how == 2 ? -EFAULT : -EEXIST);
	if (can)
		fill(num, from, to);
}

static void count_step(int num, int from)
{
	int n = 1 + any(num), seen = 0, nth = -1;
	size_t count, at = SIZE_MAX;

	for (int i = from; i < from + num; i++) {
		seen += model[i];
		if (seen == n && nth < 0)
			nth = i;
	}
	assert_int_equal(sys_bitarray_popcount_region(&array, (size_t)num, (size_t)from, &count),
			 0);
	assert_int_equal(count, seen);
	assert_int_equal(sys_bitarray_find_nth_set(&array, (size_t)n, (size_t)num, (size_t)from,
						   &at),
			 nth < 0);
	assert_true(nth < 0 ? at == SIZE_MAX : at == (size_t)nth);
}

static void xor_step(int num, int from)
{
	int bit = any(BITS);

	model_mask[bit] = !model_mask[bit];
	if (model_mask[bit])
		assert_int_equal(sys_bitarray_set_bit(&mask, (size_t)bit), 0);
	else
		assert_int_equal(sys_bitarray_clear_bit(&mask, (size_t)bit), 0);
	assert_int_equal(sys_bitarray_xor(&array, &mask, (size_t)num, (size_t)from), 0);
	for (int i = from; i < from + num; i++)
		model[i] ^= model_mask[i];
}

static void step(void)
{
	int num = 1 + any(any(4) ? 10 : BITS), from = any(BITS - num + 1), what = any(8);

	switch (what) {
	case 0:
	case 1:
		alloc_step(num);
		break;
	case 2:
		fill(num, from, true);
		assert_int_equal(sys_bitarray_set_region(&array, (size_t)num, (size_t)from), 0);
		break;
	case 3:
		fill(num, from, false);
		assert_int_equal(sys_bitarray_clear_region(&array, (size_t)num, (size_t)from), 0);
		break;
	case 4:
		xor_step(num, from);
		break;
	case 5:
		count_step(num, from);
		break;
	default:
		claim_step(num, from, any(3));
	}
	assert_int_equal(sys_bitarray_is_region_set(&array, (size_t)num, (size_t)from),
			 run_is(num, from, true));
	assert_int_equal(sys_bitarray_is_region_cleared(&array, (size_t)num, (size_t)from),
			 run_is(num, from, false));
}

static void programs(void **state)
{
	for (int i = 0; i < STEPS; i++) {
		step();
		for (int bit = i % 7; bit < BITS; bit += 7) {
			int val = -1;

			assert_int_equal(sys_bitarray_test_bit(&array, (size_t)bit, &val), 0);
			assert_int_equal(val, model[bit]);
		}
	}
	/* Nothing was written beyond the last bit. */
	assert_int_equal(array.bundles[BITS / 32] >> BITS % 32, 0);
	assert_int_equal(sys_bitarray_xor(&array, &array, BITS, 0), 0);
	assert_true(sys_bitarray_is_region_cleared(&array, BITS, 0));
}

/* Whoever has a region is alone in it. */
static void *claims(void *arg)
{
	static int owner[128];
	int me = (int)(intptr_t)arg;
	size_t at;

	for (int i = 0; i < 20000; i++) {
		size_t num = 1 + (size_t)(i * me) % 40;

		if (sys_bitarray_alloc(&shared, num, &at))
			continue;
		for (size_t b = at; b < at + num; b++)
			owner[b] = me;
		for (size_t b = at; b < at + num; b++)
			if (owner[b] != me)
				return arg;
		if (sys_bitarray_free(&shared, num, at))
			return arg;
	}
	return NULL;
}

static void threads(void **state)
{
	pthread_t thread[THREADS];
	void *bad;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, claims, (void *)(intptr_t)(i + 1)), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &bad);
		assert_null(bad);
	}
	assert_true(sys_bitarray_is_region_cleared(&shared, 128, 0));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_bits),	  cmocka_unit_test(no_such_bit),
		cmocka_unit_test(no_such_region), cmocka_unit_test(first_fit),
		cmocka_unit_test(programs),	  cmocka_unit_test(threads),
	};

	if (argc > 1)
		seed = (unsigned int)strtoul(argv[1], NULL, 0);
	return RUN("bitarray", tests);
}
