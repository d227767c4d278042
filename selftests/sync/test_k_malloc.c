// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* k_malloc, resource pools of threads, and where the system heap gets its size from. */
#include "memrig/system_heap.h"
#include "k_malloc.h"
#include "waiters.h"

#define POOL 16384

static size_t live(void)
{
	return allocated(&_system_heap);
}

/* First of all: nobody has asked for a system heap yet. */
static void no_system_heap(void **state)
{
	char other[64];

	assert_null(k_malloc(1));
	assert_null(k_malloc(0));
	assert_null(k_calloc(1, 1));
	assert_null(k_aligned_alloc(64, 1));
	assert_null(k_realloc(NULL, 1));
	k_free(NULL);
	k_free(other);
	assert_null(k_heap_alloc(&_system_heap, 1, K_FOREVER));
}

static void sizes_add_up(void **state)
{
	struct sys_heap_opts opts = { .hardening = MRIG_HARDEN_BASIC, .stats = true };
	struct sys_memory_stats stats;
	void *p;

	assert_int_equal(memrig_system_heap_pool(0, false, NULL), -EINVAL);
	assert_int_equal(memrig_system_heap_pool(SIZE_MAX, false, NULL), -EINVAL);
	assert_int_equal(memrig_system_heap_pool((size_t)1 << 40, false, NULL), -EINVAL);
	assert_int_equal(memrig_system_heap_add(0), -EINVAL);
	assert_int_equal(memrig_system_heap_add(SIZE_MAX), -EINVAL);
	assert_null(k_malloc(1));

	assert_int_equal(memrig_system_heap_pool(2000, false, &opts), 0);
	p = k_malloc(1900);
	assert_non_null(p);
	assert_null(k_malloc(1000));
	assert_int_equal(memrig_system_heap_pool(3000, false, NULL), -EBUSY);
	assert_int_equal(memrig_system_heap_add(3000), -EBUSY);
	k_free(p);
	/* less than the pool: no change; the sum counts, not the largest */
	assert_int_equal(memrig_system_heap_add(1500), 0);
	assert_null(k_malloc(2100));
	assert_int_equal(memrig_system_heap_add(2500), 0);
	p = k_malloc(3900);
	assert_non_null(p);
	k_free(p);
	/* the sum is not heeded any more */
	assert_int_equal(memrig_system_heap_pool(1000, true, NULL), 0);
	assert_null(k_malloc(2100));
	opts.hardening = 9;
	assert_int_equal(memrig_system_heap_pool(POOL, true, &opts), -EINVAL);
	assert_null(k_malloc(2100));
	assert_int_equal(memrig_system_heap_pool(POOL, true, NULL), 0);
	p = k_malloc(POOL - 200);
	assert_non_null(p);
	k_free(p);
	assert_int_equal(k_heap_runtime_stats_get(&_system_heap, &stats), 0);
	assert_true(stats.max_allocated_bytes >= POOL - 200);
}

static void zero_is_a_block(void **state)
{
	void *a = k_malloc(0), *b = k_malloc(0), *c = k_calloc(0, 5), *d = k_calloc(5, 0);
	void *e = k_aligned_alloc(64, 0);

	assert_true(a && b && c && d && e);
	assert_true(a != b && b != c && c != d);
	k_free(a);
	k_free(b);
	k_free(c);
	k_free(d);
	k_free(e);
	assert_int_equal(live(), 0);
}

static void huge_sizes_fail(void **state)
{
	void *p = k_malloc(8);

	for (size_t back = 0; back < 40; back++) {
		assert_null(k_malloc(SIZE_MAX - back));
		assert_null(k_aligned_alloc(64, SIZE_MAX - back));
		assert_null(k_realloc(p, SIZE_MAX - back));
	}
	assert_null(k_calloc(SIZE_MAX / 2, 3));
	assert_null(k_calloc(3, SIZE_MAX / 2));
	assert_null(k_malloc(POOL + 1));
	k_free(p);
	assert_int_equal(live(), 0);
}

static void alignment(void **state)
{
	for (size_t a = 0; a <= 2048; a = a ? a * 2 : 1) {
		for (size_t size = 0; size < 100; size += 7) {
			char *p = k_aligned_alloc(a, size);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % (a > 8 ? a : 8), 0);
			memset(p, 0xff, size);
			k_free(p);
		}
	}
	assert_null(k_aligned_alloc(3, 8));
	assert_null(k_aligned_alloc(24, 8));
	assert_null(k_aligned_alloc(SIZE_MAX, 8));
	assert_null(k_aligned_alloc((size_t)1 << 63, 8));
	assert_int_equal(live(), 0);
	assert_true(sys_heap_validate(&_system_heap.heap));
}

static void calloc_clears(void **state)
{
	char *p = k_malloc(3000);

	memset(p, 0xff, 3000);
	k_free(p);
	p = k_calloc(30, 100);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(p[i], 0);
	k_free(p);
}

static void realloc_edges(void **state)
{
	char *p = k_realloc(NULL, 40), *q, *between, other[64] = { 0 };

	assert_non_null(p);
	memset(p, 'x', 40);
	between = k_malloc(1);
	q = k_realloc(p, 4000);
	assert_non_null(q);
	for (int i = 0; i < 40; i++)
		assert_int_equal(q[i], 'x');
	assert_null(k_realloc(q, POOL * 2));
	assert_int_equal(q[39], 'x');
	assert_ptr_equal(k_realloc(q, 10), q);
	assert_null(k_realloc(q, 0));
	assert_null(k_realloc(NULL, 0));
	assert_null(k_realloc(other + 8, 10));
	assert_null(k_realloc(other + 9, 10));
	k_free(between);
	assert_int_equal(live(), 0);
}

/* Whatever it is that is not a block of these calls, nothing happens. */
static void foreign_pointers_change_nothing(void **state)
{
	char other[64] = { 0 }, *p = k_calloc(1, 64);
	void *bare = k_heap_alloc(&_system_heap, 40, K_NO_WAIT);
	size_t before = live();

	k_free(other + 8);
	k_free(other + 1);
	k_free((void *)8);
	k_free((void *)16);
	k_free((void *)(UINTPTR_MAX - 7));
	k_free(p + 1);
	k_free(p + 8);
	k_free(p + 16);
	k_free(bare);
	k_free(_system_heap.heap.heap);
	k_free((void *)_system_heap.heap.end);
	k_free((void *)(_system_heap.heap.end + 4));
	assert_int_equal(live(), before);
	assert_true(sys_heap_validate(&_system_heap.heap));
	k_free(p);
	k_heap_free(&_system_heap, bare);
	assert_int_equal(live(), 0);
}

static void k_free_serves_nobody(void **state)
{
	void *p = k_malloc(POOL - 200);
	struct waiter w = { .heap = &_system_heap, .bytes = POOL - 300, .timeout = K_FOREVER };

	assert_non_null(p);
	waiter_queue(&w);
	k_free(p);
	nap(20000);
	assert_false(waiter_done(&w));
	k_heap_free(&_system_heap, NULL);
	assert_non_null(waiter_join(&w));
	k_heap_free(&_system_heap, w.result);
	assert_int_equal(live(), 0);
}

static struct k_heap pools[MRIG_MAX_POOLS + 1];

static void pools_of_threads(void **state)
{
	struct k_thread *me = k_current_get();
	void *mem = k_heap_of(&pools[0], 2048), *more = k_heap_of(&pools[1], 2048);
	char *p, *q, *r;

	assert_null(z_thread_malloc(10));
	assert_int_equal(k_thread_heap_assign(NULL, &pools[0]), -EINVAL);
	assert_int_equal(k_thread_system_pool_assign(NULL), -EINVAL);
	assert_int_equal(k_thread_heap_assign(me, &pools[0]), 0);
	p = z_thread_malloc(100);
	assert_int_equal(k_thread_resource_pool_assign(me, &pools[1]), 0);
	q = z_thread_aligned_alloc(64, 100);
	assert_int_equal(k_thread_system_pool_assign(me), 0);
	r = z_thread_malloc(0);
	assert_true(p && q && r);
	assert_int_equal((uintptr_t)q % 64, 0);
	assert_true(allocated(&pools[0]) && allocated(&pools[1]) && live());
	assert_null(k_realloc(p, 4000)); /* stays in its heap */
	p = k_realloc(p, 1000);
	assert_true(allocated(&pools[0]) >= 1000);
	assert_int_equal(k_thread_heap_assign(me, NULL), 0);
	assert_null(z_thread_malloc(10));
	k_free(p);
	k_free(q);
	k_free(r);
	assert_int_equal(allocated(&pools[0]) + allocated(&pools[1]) + live(), 0);
	free(mem);
	free(more);
	k_heap_init(&pools[0], NULL, 0);
	k_heap_init(&pools[1], NULL, 0);
}

static void *has_no_pool(void *arg)
{
	assert_null(z_thread_malloc(10));
	return NULL;
}

static void pools_are_per_thread(void **state)
{
	pthread_t thread;

	assert_int_equal(k_thread_system_pool_assign(k_current_get()), 0);
	assert_int_equal(pthread_create(&thread, NULL, has_no_pool, NULL), 0);
	pthread_join(thread, NULL);
	k_thread_heap_assign(k_current_get(), NULL);
}

static void pools_have_an_end(void **state)
{
	struct k_thread *me = k_current_get();

	for (int i = 0; i < MRIG_MAX_POOLS; i++)
		assert_int_equal(k_thread_heap_assign(me, &pools[i]), 0);
	assert_int_equal(k_thread_heap_assign(me, &pools[MRIG_MAX_POOLS]), -ENOSPC);
	assert_ptr_equal(me->resource_pool, &pools[MRIG_MAX_POOLS - 1]);
	assert_int_equal(k_thread_heap_assign(me, &pools[3]), 0);
	assert_null(z_thread_malloc(1));
	assert_int_equal(k_thread_heap_assign(me, NULL), 0);
}

/* Random calls: contents, alignment and the sum of sizes against a list of what is held. */
static void random_calls(void **state)
{
	struct {
		unsigned char *p;
		size_t n;
		unsigned char fill;
	} held[40] = { { 0 } };
	unsigned int seed = 7;

	for (int step = 0; step < 20000; step++) {
		size_t i = (size_t)rand_r(&seed) % COUNT(held), sum = 0;
		size_t n = (size_t)rand_r(&seed) % 700;
		int how = rand_r(&seed) % 4;

		for (size_t k = 0; k < held[i].n; k++)
			assert_int_equal(held[i].p[k], held[i].fill);
		if (held[i].p && how) {
			k_free(held[i].p);
			held[i].p = NULL;
		} else if (held[i].p && n) {
			unsigned char *to = k_realloc(held[i].p, n);

			if (!to)
				continue;
			for (size_t k = 0; k < n && k < held[i].n; k++)
				assert_int_equal(to[k], held[i].fill);
			held[i].p = to;
		} else if (!held[i].p) {
			held[i].p = how ? k_malloc(n) : k_aligned_alloc(32, n);
		}
		held[i].n = held[i].p ? n : 0;
		held[i].fill = (unsigned char)step;
		if (held[i].n)
			memset(held[i].p, held[i].fill, n);
		for (size_t k = 0; k < COUNT(held); k++)
			sum += held[k].p ? held[k].n + 8 : 0;
		assert_true(live() >= sum && live() <= sum + 24 * COUNT(held));
		assert_true(sys_heap_validate(&_system_heap.heap));
	}
	for (size_t i = 0; i < COUNT(held); i++)
		k_free(held[i].p);
	assert_int_equal(live(), 0);
}

/* Wherever the block is, and whatever became of its neighbours. */
static void a_second_free_is_ignored(void **state)
{
	void *p[8], *q;

	for (int first = 0; first < 8; first++) {
		for (int i = 0; i < 8; i++)
			p[i] = k_malloc(100);
		for (int i = 0; i < 8; i++) {
			k_free(p[(first + 3 * i) % 8]);
			k_free(p[(first + 3 * i) % 8]);
			assert_null(k_realloc(p[(first + 3 * i) % 8], 10));
		}
		for (int i = 0; i < 8; i++)
			k_free(p[i]);
		assert_int_equal(live(), 0);
		assert_true(sys_heap_validate(&_system_heap.heap));
	}
	q = k_malloc(100);
	assert_non_null(q);
	k_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_system_heap),
		cmocka_unit_test(sizes_add_up),
		cmocka_unit_test(zero_is_a_block),
		cmocka_unit_test(huge_sizes_fail),
		cmocka_unit_test(alignment),
		cmocka_unit_test(calloc_clears),
		cmocka_unit_test(realloc_edges),
		cmocka_unit_test(foreign_pointers_change_nothing),
		cmocka_unit_test(k_free_serves_nobody),
		cmocka_unit_test(pools_of_threads),
		cmocka_unit_test(pools_are_per_thread),
		cmocka_unit_test(pools_have_an_end),
		cmocka_unit_test(random_calls),
		cmocka_unit_test(a_second_free_is_ignored),
	};

	return RUN("k_malloc", tests);
}
