// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* k_heap through its public calls, by one thread: what each promises, and bad input. */
#include "test.h"

static void init_refuses(void **state)
{
	uint64_t mem[64];
	struct k_heap h;

	assert_int_equal(k_heap_init(NULL, mem, sizeof(mem)), -EINVAL);
	assert_int_equal(k_heap_init(&h, NULL, sizeof(mem)), -EINVAL);
	assert_int_equal(k_heap_init(&h, mem, 0), -EINVAL);
	assert_int_equal(k_heap_init(&h, mem, 16), -EINVAL);
	assert_int_equal(k_heap_init(&h, mem, SIZE_MAX), -EINVAL);
	assert_null(k_heap_alloc(&h, 1, K_NO_WAIT));
	assert_null(k_heap_alloc(&h, 1, K_FOREVER));
	k_heap_free(&h, mem);
	assert_int_equal(k_heap_init(&h, mem, Z_HEAP_MIN_SIZE), 0);
	assert_non_null(k_heap_alloc(&h, 1, K_FOREVER));
}

static void a_zeroed_heap_refuses(void **state)
{
	struct k_heap h = { 0 };
	uint64_t other[4] = { 0 };

	assert_null(k_heap_alloc(&h, 1, K_NO_WAIT));
	assert_null(k_heap_alloc(&h, 1, K_FOREVER));
	assert_null(k_heap_aligned_alloc(&h, 64, 1, K_NO_WAIT));
	assert_null(k_heap_aligned_alloc(&h, 64, 1, K_FOREVER));
	assert_null(k_heap_calloc(&h, 1, 1, K_FOREVER));
	assert_null(k_heap_realloc(&h, other, 8, K_FOREVER));
	k_heap_free(&h, NULL);
	k_heap_free(&h, other);
}

/* Each timeout, each call: what can never be served is refused at once. */
static void impossible_requests_do_not_wait(void **state)
{
	const k_timeout_t timeouts[] = { K_NO_WAIT, K_MSEC(-5), K_HOURS(1), K_FOREVER,
					 K_TIMEOUT_ABS_MS(INT64_MAX) };
	struct k_heap h;
	char *mem = k_heap_of(&h, 1024), other[64];
	char *p = k_heap_alloc(&h, 100, K_NO_WAIT);
	size_t before = allocated(&h);

	for (size_t i = 0; i < COUNT(timeouts); i++) {
		k_timeout_t t = timeouts[i];

		assert_null(k_heap_alloc(&h, 0, t));
		assert_null(k_heap_alloc(&h, 1025, t));
		for (size_t back = 0; back < 40; back++) {
			assert_null(k_heap_alloc(&h, SIZE_MAX - back, t));
			assert_null(k_heap_aligned_alloc(&h, 64, SIZE_MAX - back, t));
			assert_null(k_heap_realloc(&h, p, SIZE_MAX - back, t));
		}
		assert_null(k_heap_aligned_alloc(&h, 8, 0, t));
		assert_null(k_heap_aligned_alloc(&h, 3, 8, t));
		assert_null(k_heap_aligned_alloc(&h, 64 | 4, 8, t));
		assert_null(k_heap_aligned_alloc(&h, (size_t)1 << 40, 8, t));
		assert_null(k_heap_calloc(&h, 0, 8, t));
		assert_null(k_heap_calloc(&h, 8, 0, t));
		assert_null(k_heap_calloc(&h, SIZE_MAX / 2, 3, t));
		assert_null(k_heap_realloc(&h, NULL, 0, t));
		assert_null(k_heap_realloc(&h, NULL, 4096, t));
		assert_null(k_heap_realloc(&h, other, 20, t));
		assert_null(k_heap_realloc(&h, p + 1, 20, t));
	}
	assert_int_equal(allocated(&h), before);
	assert_true(sys_heap_validate(&h.heap));
	free(mem);
}

/* Never refused too early: what fits into an empty heap may be waited for. */
static void possible_requests_wait(void **state)
{
	for (size_t bytes = 64; bytes < 700; bytes += 8) {
		struct k_heap h;
		void *mem = k_heap_of(&h, bytes), *all, *p;
		size_t most = bytes;

		while (!(all = k_heap_alloc(&h, most, K_NO_WAIT)))
			most--;
		p = k_heap_alloc(&h, most, K_USEC(1));
		assert_null(p);
		assert_null(k_heap_alloc(&h, most + 1, K_FOREVER));
		k_heap_free(&h, all);
		p = k_heap_alloc(&h, most, K_FOREVER);
		assert_non_null(p);
		free(mem);
	}
}

static void foreign_pointers_change_nothing(void **state)
{
	struct k_heap h;
	char *mem = k_heap_of(&h, 1024), other[64];
	char *p = k_heap_alloc(&h, 100, K_NO_WAIT);

	k_heap_free(&h, NULL);
	k_heap_free(&h, other);
	k_heap_free(&h, p + 1);
	k_heap_free(&h, mem);
	k_heap_free(&h, (void *)16);
	assert_true(sys_heap_validate(&h.heap));
	assert_true(allocated(&h) >= 100);
	k_heap_free(&h, p);
	assert_int_equal(allocated(&h), 0);
	free(mem);
}

static void a_second_free_fences_and_is_no_wait(void **state)
{
	struct k_heap h;
	char *mem = k_heap_of(&h, 1024);
	void *p = k_heap_alloc(&h, 100, K_NO_WAIT);

	k_heap_free(&h, p);
	k_heap_free(&h, p);
	assert_null(k_heap_alloc(&h, 1, K_NO_WAIT));
	assert_null(k_heap_alloc(&h, 1, K_FOREVER));
	free(mem);
}

static void calloc_clears(void **state)
{
	struct k_heap h;
	char *mem = k_heap_of(&h, 1024), *p;

	memset(mem + 512, 0xff, 512);
	p = k_heap_alloc(&h, 600, K_NO_WAIT);
	memset(p, 0xff, 600);
	k_heap_free(&h, p);
	p = k_heap_calloc(&h, 20, 30, K_NO_WAIT);
	for (int i = 0; i < 600; i++)
		assert_int_equal(p[i], 0);
	free(mem);
}

static void aligned_and_rewound(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 16384);

	for (size_t a = 8; a <= 1024; a *= 2) {
		uintptr_t now = (uintptr_t)k_heap_aligned_alloc(&h, a, 10, K_NO_WAIT);
		uintptr_t later = (uintptr_t)k_heap_aligned_alloc(&h, a | 8, 10, K_MSEC(1));

		assert_true(now && later);
		assert_int_equal(now % a, 0);
		assert_int_equal((later + (a > 8 ? 8 : 0)) % a, 0);
	}
	assert_non_null(k_heap_aligned_alloc(&h, 0, 10, K_NO_WAIT));
	assert_true(sys_heap_validate(&h.heap));
	free(mem);
}

static void realloc_keeps_bytes(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 4096);
	char *p = k_heap_realloc(&h, NULL, 50, K_NO_WAIT), *q;

	memset(p, 'x', 50);
	assert_non_null(k_heap_alloc(&h, 8, K_NO_WAIT));
	q = k_heap_realloc(&h, p, 500, K_FOREVER);
	assert_non_null(q);
	for (int i = 0; i < 50; i++)
		assert_int_equal(q[i], 'x');
	assert_null(k_heap_realloc(&h, q, 4000, K_NO_WAIT));
	assert_int_equal(q[49], 'x');
	free(mem);
}

/* Zephyr frees twice here. */
static void realloc_to_nothing_frees_once(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 1024);

	assert_null(k_heap_realloc(&h, k_heap_alloc(&h, 50, K_NO_WAIT), 0, K_FOREVER));
	assert_int_equal(allocated(&h), 0);
	assert_true(sys_heap_validate(&h.heap));
	assert_non_null(k_heap_alloc(&h, 50, K_NO_WAIT));
	free(mem);
}

static void statistics(void **state)
{
	const struct sys_heap_opts opts = { .hardening = MRIG_HARDEN_BASIC, .stats = true };
	struct sys_memory_stats stats;
	struct k_heap h;
	void *mem = malloc(1024), *p;

	assert_int_equal(k_heap_runtime_stats_get(NULL, &stats), -EINVAL);
	assert_int_equal(k_heap_runtime_stats_reset_max(NULL), -EINVAL);
	assert_int_equal(k_heap_init_opts(&h, mem, 1024, &opts), 0);
	assert_int_equal(k_heap_runtime_stats_get(&h, NULL), -EINVAL);
	p = k_heap_alloc(&h, 200, K_NO_WAIT);
	k_heap_free(&h, p);
	assert_int_equal(k_heap_runtime_stats_get(&h, &stats), 0);
	assert_int_equal(stats.allocated_bytes, 0);
	assert_in_range(stats.max_allocated_bytes, 200, 216);
	assert_int_equal(k_heap_runtime_stats_reset_max(&h), 0);
	assert_int_equal(k_heap_runtime_stats_get(&h, &stats), 0);
	assert_int_equal(stats.max_allocated_bytes, 0);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_refuses),
		cmocka_unit_test(a_zeroed_heap_refuses),
		cmocka_unit_test(impossible_requests_do_not_wait),
		cmocka_unit_test(possible_requests_wait),
		cmocka_unit_test(foreign_pointers_change_nothing),
		cmocka_unit_test(a_second_free_fences_and_is_no_wait),
		cmocka_unit_test(calloc_clears),
		cmocka_unit_test(aligned_and_rewound),
		cmocka_unit_test(realloc_keeps_bytes),
		cmocka_unit_test(realloc_to_nothing_frees_once),
		cmocka_unit_test(statistics),
	};

	return RUN("k_heap", tests);
}
