// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* sys_heap_realloc(): in place wherever Zephyr's would be, and never a lost byte. */
#include <string.h>
#include "test.h"

static struct sys_heap h;
static char *mem;

static int up(void **state)
{
	mem = heap_of(&h, 8192, MRIG_HARDEN_MODERATE, true);
	return 0;
}

static int down(void **state)
{
	assert_true(sys_heap_validate(&h));
	free(mem);
	return 0;
}

static size_t allocated(void)
{
	struct sys_memory_stats st;

	assert_int_equal(sys_heap_runtime_stats_get(&h, &st), 0);
	return st.allocated_bytes;
}

static void null_allocates_zero_frees(void **state)
{
	char *p = sys_heap_realloc(&h, NULL, 100);

	assert_non_null(p);
	assert_null(sys_heap_realloc(&h, p, 0));
	assert_int_equal(allocated(), 0);
	p = sys_heap_aligned_realloc(&h, NULL, 256, 100);
	assert_int_equal((uintptr_t)p % 256, 0);
	assert_null(sys_heap_aligned_realloc(&h, p, 256, 0));
	assert_int_equal(allocated(), 0);
}

static void within_slack_nothing_happens(void **state)
{
	char *p = sys_heap_alloc(&h, 61);
	size_t usable = sys_heap_usable_size(&h, p), before = allocated();

	sys_heap_alloc(&h, 1);
	before = allocated();
	for (size_t n = 61; n <= usable; n++)
		assert_ptr_equal(sys_heap_realloc(&h, p, n), p);
	assert_int_equal(allocated(), before);
}

static void grows_into_free_right(void **state)
{
	char *p = sys_heap_alloc(&h, 64);

	memset(p, 0x42, 64);
	assert_ptr_equal(sys_heap_realloc(&h, p, 128), p);
	assert_true(sys_heap_usable_size(&h, p) >= 128);
	assert_ptr_equal(sys_heap_realloc(&h, p, 7000), p);
	for (int i = 0; i < 64; i++)
		assert_int_equal(p[i], 0x42);
}

/* Exactly fitting and one byte too many. */
static void grows_by_all_there_is(void **state)
{
	char *p = sys_heap_alloc(&h, 100), *q = sys_heap_alloc(&h, 200), *r = sys_heap_alloc(&h, 1);
	size_t most = sys_heap_usable_size(&h, p) + sys_heap_usable_size(&h, q);

	sys_heap_free(&h, q);
	assert_ptr_equal(sys_heap_realloc(&h, p, most), p);
	assert_true(sys_heap_usable_size(&h, p) >= most);
	p[most - 1] = 1;
	assert_ptr_equal(sys_heap_realloc(&h, p, 100), p);
	assert_ptr_not_equal(sys_heap_realloc(&h, p, most + 64), p);
	sys_heap_free(&h, r);
}

static void shrinks_in_place(void **state)
{
	char *p = sys_heap_alloc(&h, 1000), *q = sys_heap_alloc(&h, 8), *r;

	memset(p, 7, 1000);
	for (size_t n = 999; n; n--) {
		assert_ptr_equal(sys_heap_realloc(&h, p, n), p);
		assert_true(sys_heap_usable_size(&h, p) < n + 24);
		assert_int_equal(p[n - 1], 7);
		assert_true(sys_heap_validate(&h));
	}
	/* what was cut off can be had */
	r = sys_heap_alloc(&h, 900);
	assert_true(r > p && r < q);
}

static void moves_when_it_must(void **state)
{
	char *p = sys_heap_alloc(&h, 100), *q = sys_heap_alloc(&h, 8), *n;
	struct sys_memory_stats st;

	memset(p, 9, 100);
	n = sys_heap_realloc(&h, p, 500);
	assert_non_null(n);
	assert_ptr_not_equal(n, p);
	for (int i = 0; i < 100; i++)
		assert_int_equal(n[i], 9);
	/* both were live for a moment: the peak has both */
	assert_int_equal(sys_heap_runtime_stats_get(&h, &st), 0);
	assert_true(st.max_allocated_bytes >= 100 + 8 + 500);
	assert_true(st.allocated_bytes < 600);
	sys_heap_free(&h, q);
}

static void left_neighbour_is_not_used(void **state)
{
	char *l = sys_heap_alloc(&h, 1000), *p = sys_heap_alloc(&h, 100);
	char *r = sys_heap_alloc(&h, 8), *n;

	sys_heap_free(&h, l);
	n = sys_heap_realloc(&h, p, 200);
	assert_non_null(n);
	assert_true(n != p && r);
}

static void failure_leaves_the_block(void **state)
{
	char *p = sys_heap_alloc(&h, 3000), *q = sys_heap_alloc(&h, 3000);
	size_t before = allocated();

	memset(p, 5, 3000);
	assert_null(sys_heap_realloc(&h, p, 5000));
	assert_null(sys_heap_realloc(&h, p, SIZE_MAX));
	assert_null(sys_heap_realloc(&h, p, SIZE_MAX - 64));
	assert_null(sys_heap_aligned_realloc(&h, p, 4096, 7000));
	assert_int_equal(allocated(), before);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(p[i], 5);
	assert_non_null(q);
}

static void stricter_alignment_moves(void **state)
{
	char *p, *n, *pad = sys_heap_alloc(&h, 8);

	do {
		p = sys_heap_alloc(&h, 40);
	} while (!((uintptr_t)p & 511));
	memset(p, 3, 40);
	n = sys_heap_aligned_realloc(&h, p, 512, 20);
	assert_non_null(n);
	assert_int_equal((uintptr_t)n % 512, 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(n[i], 3);
	/* aligned already: stays, whatever the size does */
	assert_ptr_equal(sys_heap_aligned_realloc(&h, n, 512, 10), n);
	assert_ptr_equal(sys_heap_aligned_realloc(&h, n, 512, 100), n);
	n = sys_heap_aligned_realloc(&h, n, 512 | 8, 50);
	assert_int_equal(((uintptr_t)n + 8) % 512, 0);
	sys_heap_free(&h, pad);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, up, down)
	const struct CMUnitTest tests[] = {
		CASE(null_allocates_zero_frees),  CASE(within_slack_nothing_happens),
		CASE(grows_into_free_right),	  CASE(grows_by_all_there_is),
		CASE(shrinks_in_place),		  CASE(moves_when_it_must),
		CASE(left_neighbour_is_not_used), CASE(failure_leaves_the_block),
		CASE(stricter_alignment_moves),
	};

	return RUN("realloc", tests);
}
