// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The priority heap: what each call promises, bad input, and random programs. */
#include "memory.h"
#include "memrig_prio.h"

#define SPAN 4096

static char mem[3][SPAN] __attribute__((aligned(64)));
static const struct memrig_span_opts outside = { .flags = MEMRIG_SPAN_OOB, .hardening = 1 };
static struct memrig_prio *prio;

/* Low, normal and high, added in another order. */
static int up(void **state)
{
	assert_int_equal(memrig_prio_create(&prio), 0);
	assert_int_equal(memrig_prio_add(prio, MEMRIG_PRIO_NORMAL, mem[1], SPAN, &outside), 0);
	assert_int_equal(memrig_prio_add(prio, MEMRIG_PRIO_HIGH, mem[2], SPAN, NULL), 0);
	assert_int_equal(memrig_prio_add(prio, MEMRIG_PRIO_LOW, mem[0], SPAN, &outside), 0);
	return 0;
}

static int down(void **state)
{
	assert_int_equal(memrig_prio_destroy(prio), 0);
	mrig_handle_drop_all();
	assert_int_equal(mem_live, 0);
	return 0;
}

static int level(const void *p)
{
	return p ? (int)((char(*)[SPAN])p - mem) : -1;
}

static void urgent_requests_fall(void **state)
{
	void *p[6];

	assert_int_equal(level(p[0] = memrig_prio_alloc(prio, MEMRIG_PRIO_LOW, 3000)), 0);
	assert_null(memrig_prio_alloc(prio, MEMRIG_PRIO_LOW, 3000));
	assert_null(memrig_prio_alloc(prio, MEMRIG_PRIO_LOW - 1, 8));
	assert_null(memrig_prio_alloc(prio, INT32_MIN, 8));
	assert_int_equal(level(p[1] = memrig_prio_alloc(prio, INT32_MAX, 3000)), 2);
	assert_int_equal(level(p[2] = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 3000)), 1);
	assert_null(memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 3000));
	assert_int_equal(memrig_prio_free(prio, p[0]), 0);
	assert_int_equal(level(p[0] = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 3000)), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(memrig_prio_free(prio, p[i]), 0);
}

static void figures(void **state)
{
	struct memrig_prio_stats stats;
	void *a = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 3000);
	void *b = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 3000);

	assert_int_equal(memrig_prio_level(NULL, 0, &stats), -EINVAL);
	assert_int_equal(memrig_prio_level(prio, 0, NULL), -EINVAL);
	assert_int_equal(memrig_prio_level(prio, 3, &stats), -ENOENT);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(memrig_prio_level(prio, i, &stats), 0);
		assert_ptr_equal(stats.span.mem, mem[2 - i]);
		assert_int_equal(stats.floor, 2 - i);
		assert_int_equal(stats.fallen, i == 1);
		assert_int_equal(stats.span.use.live, i < 2);
		assert_int_equal(stats.span.out_of_band, i > 0);
	}
	memrig_prio_free(prio, a);
	memrig_prio_free(prio, b);
}

static void bad_input(void **state)
{
	const struct memrig_span_opts bad = { .flags = 3 };
	struct memrig_prio *none = NULL;
	char *p = memrig_prio_alloc(prio, MEMRIG_PRIO_LOW, 100), other[64];

	assert_int_equal(memrig_prio_create(NULL), -EINVAL);
	assert_int_equal(memrig_prio_destroy(NULL), 0);
	assert_int_equal(memrig_prio_destroy(prio), -EBUSY);
	assert_int_equal(memrig_prio_add(none, 0, other, sizeof(other), NULL), -EINVAL);
	assert_int_equal(memrig_prio_add(prio, 0, NULL, SPAN, NULL), -EINVAL);
	assert_int_equal(memrig_prio_add(prio, 0, other, 0, NULL), -EINVAL);
	assert_int_equal(memrig_prio_add(prio, 0, other, 4, NULL), -EINVAL);
	assert_int_equal(memrig_prio_add(prio, 0, other, SIZE_MAX, &outside), -EINVAL);
	assert_int_equal(memrig_prio_add(prio, 0, other, sizeof(other), &bad), -EINVAL);
	assert_int_equal(memrig_prio_add(prio, 0, mem[0] + 64, 512, &outside), -EINVAL);
	assert_int_equal(memrig_prio_remove(none, mem[0]), -EINVAL);
	assert_int_equal(memrig_prio_remove(prio, mem[0]), -EBUSY);
	assert_int_equal(memrig_prio_remove(prio, mem[0] + 8), -ENOENT);
	assert_int_equal(memrig_prio_remove(prio, NULL), -ENOENT);
	assert_null(memrig_prio_alloc(none, 0, 8));
	assert_null(memrig_prio_alloc(prio, 0, 0));
	assert_null(memrig_prio_alloc(prio, 0, SIZE_MAX));
	assert_null(memrig_prio_aligned_alloc(prio, 0, 3, 8));
	assert_null(memrig_prio_realloc(none, 0, p, 8));
	assert_null(memrig_prio_realloc(prio, 0, other, 8));
	assert_null(memrig_prio_realloc(prio, 0, p + 8, 8));
	assert_null(memrig_prio_realloc(prio, 0, p, SIZE_MAX));
	assert_null(memrig_prio_realloc(prio, 0, NULL, 0));
	assert_int_equal(memrig_prio_free(none, p), -EINVAL);
	assert_int_equal(memrig_prio_free(prio, NULL), -EINVAL);
	assert_int_equal(memrig_prio_free(prio, other), -ENOENT);
	assert_int_equal(memrig_prio_free(prio, p + 8), -ENOENT);
	assert_null(memrig_prio_realloc(prio, 0, p, 0));
	assert_int_equal(memrig_prio_free(prio, p), -ENOENT);
	assert_int_equal(memrig_prio_remove(prio, mem[0]), 0);
	assert_int_equal(memrig_prio_remove(prio, mem[0]), -ENOENT);
}

static void realloc_may_change_the_level(void **state)
{
	char *p = memrig_prio_realloc(prio, MEMRIG_PRIO_HIGH, NULL, 2000), *q;

	memset(p, 'x', 2000);
	q = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 1500);
	assert_null(memrig_prio_realloc(prio, MEMRIG_PRIO_LOW - 1, p, 3000));
	p = memrig_prio_realloc(prio, MEMRIG_PRIO_NORMAL, p, 3000);
	assert_int_equal(level(p), 1);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(p[i], 'x');
	memrig_prio_free(prio, p);
	memrig_prio_free(prio, q);
}

/* Blocks keep their bytes, lie in levels open to them, and the figures add up. */
static void random_programs(void **state)
{
	struct block {
		unsigned char *at;
		size_t bytes;
		unsigned char fill;
	} held[64] = { 0 };
	unsigned int seed = 11;

	for (int step = 0; step < 30000; step++) {
		struct block *b = &held[rand_r(&seed) % 64];
		int number = rand_r(&seed) % 3;
		size_t bytes = 1 + rand_r(&seed) % 500;
		unsigned char *to;

		for (size_t i = 0; b->at && i < b->bytes; i++)
			assert_int_equal(b->at[i], b->fill);
		if (b->at && rand_r(&seed) % 2) {
			assert_int_equal(memrig_prio_free(prio, b->at), 0);
			b->at = NULL;
			continue;
		}
		to = memrig_prio_realloc(prio, number, b->at, bytes);
		if (!to)
			continue;
		if (!b->at)
			assert_true(level(to) <= number);
		b->at = to;
		b->bytes = bytes;
		b->fill = (unsigned char)step;
		memset(to, b->fill, bytes);
	}
	for (int i = 0; i < 64; i++) {
		if (held[i].at)
			assert_int_equal(memrig_prio_free(prio, held[i].at), 0);
	}
}

static int create(void)
{
	int err = memrig_prio_create(&prio);

	if (!err)
		err = memrig_prio_add(prio, 0, mem[0], SPAN, &outside);
	if (err && prio)
		memrig_prio_destroy(prio);
	if (err)
		prio = NULL;
	return err;
}

static void without_memory(void **state)
{
	void *p;

	prio = NULL;
	/* itself; the level, its heap, the array */
	assert_int_equal(mem_starve(create), 4);
	mem_grants = 0;
	assert_null(memrig_prio_alloc(prio, 0, 8));
	mem_grants = -1;
	assert_non_null(p = memrig_prio_alloc(prio, 0, 8));
	assert_int_equal(memrig_prio_free(prio, p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(urgent_requests_fall, up, down),
		cmocka_unit_test_setup_teardown(figures, up, down),
		cmocka_unit_test_setup_teardown(bad_input, up, down),
		cmocka_unit_test_setup_teardown(realloc_may_change_the_level, up, down),
		cmocka_unit_test_setup_teardown(random_programs, up, down),
		cmocka_unit_test_teardown(without_memory, down),
	};

	return RUN("memrig_prio", tests);
}
