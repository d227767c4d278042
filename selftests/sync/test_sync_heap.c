// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* sys_sync_heap: what each call promises, bad input, and against a bare heap of the same size. */
#include "test.h"
#include "sys_sync_heap.h"

#define BYTES 4096

static char mem[BYTES] __attribute__((aligned(64)));
static char twin_mem[BYTES] __attribute__((aligned(64)));

static void init_refuses(void **state)
{
	struct sys_sync_heap h;

	assert_int_equal(sys_sync_heap_init(NULL, mem, BYTES), -EINVAL);
	assert_int_equal(sys_sync_heap_init(&h, NULL, BYTES), -EINVAL);
	assert_int_equal(sys_sync_heap_init(&h, mem, 0), -EINVAL);
	assert_int_equal(sys_sync_heap_init(&h, mem, SIZE_MAX), -EINVAL);
	assert_null(sys_sync_heap_alloc(&h, 8));
	assert_null(sys_sync_heap_realloc(&h, mem + 64, 8));
	sys_sync_heap_free(&h, mem + 64);
	assert_int_equal(sys_sync_heap_init(&h, mem, Z_HEAP_MIN_SIZE), 0);
	assert_non_null(sys_sync_heap_alloc(&h, 1));
}

static void bad_input(void **state)
{
	struct sys_memory_stats stats;
	struct sys_sync_heap h;
	char *p;

	assert_null(sys_sync_heap_alloc(NULL, 8));
	assert_null(sys_sync_heap_aligned_alloc(NULL, 8, 8));
	assert_null(sys_sync_heap_noalign_alloc(NULL, 8, 8));
	assert_null(sys_sync_heap_realloc(NULL, mem, 8));
	assert_null(sys_sync_heap_realloc(NULL, NULL, 8));
	assert_null(sys_sync_heap_aligned_realloc(NULL, mem, 8, 8));
	sys_sync_heap_free(NULL, mem);
	assert_int_equal(sys_sync_heap_runtime_stats_get(NULL, &stats), -EINVAL);
	assert_int_equal(sys_sync_heap_runtime_stats_reset_max(NULL), -EINVAL);
	assert_int_equal(sys_sync_heap_init(&h, mem, BYTES), 0);
	assert_int_equal(sys_sync_heap_runtime_stats_get(&h, NULL), -EINVAL);
	p = sys_sync_heap_alloc(&h, 100);
	assert_null(sys_sync_heap_alloc(&h, 0));
	assert_null(sys_sync_heap_alloc(&h, BYTES));
	assert_null(sys_sync_heap_alloc(&h, SIZE_MAX));
	assert_null(sys_sync_heap_aligned_alloc(&h, 3, 8));
	assert_null(sys_sync_heap_aligned_realloc(&h, p, 3, 8));
	assert_null(sys_sync_heap_realloc(&h, p + 1, 8));
	assert_null(sys_sync_heap_realloc(&h, p, SIZE_MAX));
	assert_null(sys_sync_heap_realloc(&h, &h, 8));
	sys_sync_heap_free(&h, NULL);
	sys_sync_heap_free(&h, p + 1);
	sys_sync_heap_free(&h, &h);
	assert_int_equal(sys_sync_heap_runtime_stats_get(&h, &stats), 0);
	assert_true(stats.allocated_bytes >= 100);
	assert_int_equal(sys_sync_heap_runtime_stats_reset_max(&h), 0);
	assert_null(sys_sync_heap_realloc(&h, p, 0));
	assert_int_equal(sys_sync_heap_runtime_stats_get(&h, &stats), 0);
	assert_int_equal(stats.allocated_bytes, 0);
	assert_true(sys_heap_validate(&h.heap));
}

/* The bare heap copies before it allocates elsewhere in no case, so both do the same. */
static void like_a_bare_heap(void **state)
{
	unsigned char *real[32] = { 0 }, *twin[32] = { 0 };
	unsigned int seed = 7;
	struct sys_sync_heap h;
	struct sys_heap bare;

	assert_int_equal(sys_sync_heap_init(&h, mem, BYTES), 0);
	assert_int_equal(sys_heap_init(&bare, twin_mem, BYTES), 0);
	for (int step = 0; step < 20000; step++) {
		int i = rand_r(&seed) % 32, what = rand_r(&seed) % 4;
		size_t align = (size_t)8 << rand_r(&seed) % 4, bytes = rand_r(&seed) % 400;
		unsigned char first = real[i] ? *real[i] : 0;

		if (what == 0) {
			sys_sync_heap_free(&h, real[i]);
			sys_heap_free(&bare, twin[i]);
			real[i] = NULL;
			twin[i] = NULL;
		} else if (!real[i]) {
			real[i] = what == 1   ? sys_sync_heap_alloc(&h, bytes)
				  : what == 2 ? sys_sync_heap_aligned_alloc(&h, align, bytes)
					      : sys_sync_heap_noalign_alloc(&h, align, bytes);
			twin[i] = what == 1   ? sys_heap_alloc(&bare, bytes)
				  : what == 2 ? sys_heap_aligned_alloc(&bare, align, bytes)
					      : sys_heap_noalign_alloc(&bare, align, bytes);
			if (real[i])
				*real[i] = (unsigned char)step;
		} else if (bytes) {
			void *to = what == 1 ? sys_sync_heap_realloc(&h, real[i], bytes)
					     : sys_sync_heap_aligned_realloc(&h, real[i], align,
									     bytes);
			void *other =
				what == 1 ? sys_heap_realloc(&bare, twin[i], bytes)
					  : sys_heap_aligned_realloc(&bare, twin[i], align, bytes);

			real[i] = to ? to : real[i];
			twin[i] = other ? other : twin[i];
			assert_int_equal(!to, !other);
			assert_int_equal(*real[i], first);
		}
		assert_int_equal(!real[i], !twin[i]);
		if (real[i])
			assert_int_equal((char *)real[i] - mem, (char *)twin[i] - twin_mem);
	}
	assert_true(sys_heap_validate(&h.heap));
}

static struct sys_sync_heap shared;

static void *hammer(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;

	for (int i = 0; i < 20000; i++) {
		size_t bytes = 1 + rand_r(&seed) % 200;
		unsigned char *p = sys_sync_heap_alloc(&shared, bytes), *q;

		if (!p)
			continue;
		memset(p, (int)seed, bytes);
		q = sys_sync_heap_realloc(&shared, p, bytes * 2);
		if (q)
			p = q;
		for (size_t k = 0; k < bytes; k++)
			assert_true(p[k] == p[0]);
		sys_sync_heap_free(&shared, p);
	}
	return NULL;
}

static void threads(void **state)
{
	struct sys_memory_stats stats;
	pthread_t t[4];

	assert_int_equal(sys_sync_heap_init(&shared, mem, BYTES), 0);
	for (uintptr_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, hammer, (void *)(i + 1)), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(sys_sync_heap_runtime_stats_get(&shared, &stats), 0);
	assert_int_equal(stats.allocated_bytes, 0);
	assert_true(sys_heap_validate(&shared.heap));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_refuses),
		cmocka_unit_test(bad_input),
		cmocka_unit_test(like_a_bare_heap),
		cmocka_unit_test(threads),
	};

	return RUN("sys_sync_heap", tests);
}
