// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Statistics, listeners, the load generator, and the description of a heap. */
#include <stdio.h>
#include <string.h>
#include "test.h"
#include "heap_listener.h"

/* Sum of usable sizes as a walk sees them: the definition that the counters must meet. */
static struct sys_memory_stats walked(struct sys_heap *h)
{
	struct sys_memory_stats sum = { 0 };
	struct mrig_block b;
	uint64_t cursor = 0;

	while (mrig_inband_walk(h, &cursor, &b, 1)) {
		if (b.used)
			sum.allocated_bytes += b.bytes;
		else
			sum.free_bytes += b.bytes;
	}
	return sum;
}

static void assert_stats(struct sys_heap *h, size_t peak)
{
	struct sys_memory_stats st, sum = walked(h);

	assert_int_equal(sys_heap_runtime_stats_get(h, &st), 0);
	assert_int_equal(st.allocated_bytes, sum.allocated_bytes);
	assert_int_equal(st.free_bytes, sum.free_bytes);
	assert_int_equal(st.max_allocated_bytes, peak);
}

static void counts_usable_bytes(void **state)
{
	for (uint8_t level = 0; level <= MRIG_HARDEN_EXTREME; level++) {
		struct sys_memory_stats fresh, st;
		struct sys_heap h;
		void *mem = heap_of(&h, 65536, level, true), *p[20];
		size_t all = 0;

		sys_heap_runtime_stats_get(&h, &fresh);
		assert_int_equal(fresh.allocated_bytes, 0);
		for (int i = 0; i < 20; i++) {
			p[i] = sys_heap_alloc(&h, 1 + 37 * i);
			all += sys_heap_usable_size(&h, p[i]);
			assert_stats(&h, all);
		}
		for (int i = 0; i < 20; i += 3) {
			sys_heap_free(&h, p[i]);
			assert_stats(&h, all);
		}
		assert_int_equal(sys_heap_runtime_stats_reset_max(&h), 0);
		sys_heap_runtime_stats_get(&h, &st);
		assert_int_equal(st.max_allocated_bytes, st.allocated_bytes);
		for (int i = 0; i < 20; i++) {
			if (i % 3)
				sys_heap_free(&h, p[i]);
		}
		sys_heap_runtime_stats_get(&h, &st);
		assert_int_equal(st.allocated_bytes, 0);
		assert_int_equal(st.free_bytes, fresh.free_bytes);
		free(mem);
	}
}

static void resizing_counts_the_difference(void **state)
{
	struct sys_memory_stats a, b;
	struct sys_heap h;
	void *mem = heap_of(&h, 65536, MRIG_HARDEN_BASIC, true);
	char *p = sys_heap_alloc(&h, 1000);

	sys_heap_runtime_stats_get(&h, &a);
	assert_ptr_equal(sys_heap_realloc(&h, p, 3000), p);
	sys_heap_runtime_stats_get(&h, &b);
	assert_int_equal(b.allocated_bytes - a.allocated_bytes, 2000);
	assert_int_equal(a.free_bytes - b.free_bytes, 2000);
	assert_int_equal(b.max_allocated_bytes, b.allocated_bytes);
	assert_ptr_equal(sys_heap_realloc(&h, p, 1000), p);
	assert_stats(&h, b.max_allocated_bytes);
	free(mem);
}

static void bad_arguments(void **state)
{
	struct sys_memory_stats st;
	struct sys_heap h;
	void *mem = heap_of(&h, 1024, MRIG_HARDEN_BASIC, true);

	assert_int_equal(sys_heap_runtime_stats_get(NULL, &st), -EINVAL);
	assert_int_equal(sys_heap_runtime_stats_get(&h, NULL), -EINVAL);
	assert_int_equal(sys_heap_runtime_stats_reset_max(NULL), -EINVAL);
	free(mem);
}

/* What listeners were told, in order. */
static struct {
	char what;
	uintptr_t id;
	void *mem;
	size_t bytes;
} heard[16];
static int nr_heard;

static void hear(char what, uintptr_t id, void *mem, size_t bytes)
{
	assert_true(nr_heard < 16);
	heard[nr_heard].what = what;
	heard[nr_heard].id = id;
	heard[nr_heard].mem = mem;
	heard[nr_heard++].bytes = bytes;
}

static void on_alloc(uintptr_t id, void *mem, size_t bytes)
{
	hear('a', id, mem, bytes);
}

static void on_alloc2(uintptr_t id, void *mem, size_t bytes)
{
	hear('A', id, mem, bytes);
}

static void on_free(uintptr_t id, void *mem, size_t bytes)
{
	hear('f', id, mem, bytes);
}

static void on_resize(uintptr_t id, void *old_end, void *new_end)
{
	hear('r', id, old_end, (size_t)((char *)new_end - (char *)old_end));
}

static struct sys_heap lh;
static HEAP_LISTENER_ALLOC_DEFINE(l_alloc, HEAP_ID_FROM_POINTER(&lh), on_alloc);
static HEAP_LISTENER_ALLOC_DEFINE(l_alloc2, HEAP_ID_FROM_POINTER(&lh), on_alloc2);
static HEAP_LISTENER_FREE_DEFINE(l_free, HEAP_ID_FROM_POINTER(&lh), on_free);
static HEAP_LISTENER_RESIZE_DEFINE(l_resize, HEAP_ID_LIBC, on_resize);
static struct heap_listener l_zero;

static void *listening_heap(void)
{
	const struct sys_heap_opts opts = { .hardening = MRIG_HARDEN_BASIC, .listen = true };
	void *mem = malloc(8192);

	assert_int_equal(sys_heap_init_opts(&lh, mem, 8192, &opts), 0);
	heap_listener_register(&l_zero);
	heap_listener_register(&l_alloc);
	heap_listener_register(&l_free);
	heap_listener_register(&l_alloc2);
	heap_listener_register(&l_alloc);
	heap_listener_register(&l_resize);
	nr_heard = 0;
	return mem;
}

static void deaf(void)
{
	heap_listener_unregister(&l_alloc);
	heap_listener_unregister(&l_alloc2);
	heap_listener_unregister(&l_free);
	heap_listener_unregister(&l_resize);
	heap_listener_unregister(&l_zero);
	heap_listener_unregister(&l_zero);
}

static void assert_heard(int i, char what, void *mem, size_t bytes)
{
	assert_true(i < nr_heard);
	assert_int_equal(heard[i].what, what);
	assert_int_equal(heard[i].id, HEAP_ID_FROM_POINTER(&lh));
	assert_ptr_equal(heard[i].mem, mem);
	assert_int_equal(heard[i].bytes, bytes);
}

static void listeners_hear_in_order(void **state)
{
	void *mem = listening_heap(), *p = sys_heap_alloc(&lh, 100), *q, *n;
	size_t old = sys_heap_usable_size(&lh, p), new;

	assert_int_equal(nr_heard, 2);
	assert_heard(0, 'a', p, old);
	assert_heard(1, 'A', p, old);
	/* in place: the new size is allocated, then the old one freed */
	nr_heard = 0;
	assert_ptr_equal(sys_heap_realloc(&lh, p, 300), p);
	new = sys_heap_usable_size(&lh, p);
	assert_int_equal(nr_heard, 3);
	assert_heard(0, 'a', p, new);
	assert_heard(2, 'f', p, old);
	/* no change, no event */
	nr_heard = 0;
	assert_ptr_equal(sys_heap_realloc(&lh, p, new), p);
	assert_int_equal(nr_heard, 0);
	/* moving: alloc of one, free of the other */
	q = sys_heap_alloc(&lh, 8);
	nr_heard = 0;
	n = sys_heap_realloc(&lh, p, 1000);
	assert_int_equal(nr_heard, 3);
	assert_heard(0, 'a', n, sys_heap_usable_size(&lh, n));
	assert_heard(2, 'f', p, new);
	/* failures are silent */
	nr_heard = 0;
	assert_null(sys_heap_alloc(&lh, 10000));
	assert_null(sys_heap_realloc(&lh, n, 10000));
	sys_heap_free(&lh, (char *)n + 1);
	assert_int_equal(nr_heard, 0);
	old = sys_heap_usable_size(&lh, q);
	sys_heap_free(&lh, q);
	assert_int_equal(nr_heard, 1);
	assert_heard(0, 'f', q, old);
	deaf();
	assert_non_null(sys_heap_alloc(&lh, 8));
	assert_int_equal(nr_heard, 1);
	free(mem);
}

static void listeners_of_others(void **state)
{
	void *mem = listening_heap();

	heap_listener_notify_resize(HEAP_ID_LIBC, mem, (char *)mem + 5);
	assert_int_equal(nr_heard, 1);
	assert_int_equal(heard[0].what, 'r');
	assert_int_equal(heard[0].bytes, 5);
	heap_listener_notify_resize(1, mem, mem);
	heap_listener_notify_alloc(1, mem, 1);
	heap_listener_notify_free(1, mem, 1);
	assert_int_equal(nr_heard, 1);
	deaf();
	free(mem);
}

static void *stress_alloc(void *arg, size_t bytes)
{
	void *p = sys_heap_alloc(arg, bytes);

	assert_true(sys_heap_validate(arg));
	if (p)
		memset(p, 0x5a, bytes);
	return p;
}

static void stress_free(void *arg, void *p)
{
	sys_heap_free(arg, p);
	assert_true(sys_heap_validate(arg));
}

static void stress(void **state)
{
	static const unsigned int target[] = { 50, 100 };
	static void *scratch[256];
	struct z_heap_stress_result r;
	struct sys_heap h;

	for (int i = 0; i < 2; i++) {
		void *mem = heap_of(&h, 2048, MRIG_HARDEN_MODERATE, true);

		sys_heap_stress(stress_alloc, stress_free, &h, 2048, 10000, scratch,
				sizeof(scratch), (int)target[i], &r);
		assert_int_equal(h.core.live, 0);
		assert_true(r.total_allocs > 4000 && r.total_frees > 1500);
		assert_true(r.successful_allocs >= r.total_frees);
		assert_true(r.total_allocs + r.total_frees == 10000);
		assert_true(r.accumulated_in_use_bytes / 10000 > 600);
		assert_true(r.accumulated_in_use_bytes / 10000 <= 2048 / 100 * target[i] + 64);
		if (i == 0)
			assert_true(r.successful_allocs > r.total_allocs / 10 * 9);
		free(mem);
	}
	sys_heap_stress(stress_alloc, stress_free, &h, 2048, 100, scratch, 0, 50, &r);
	assert_int_equal(r.total_allocs, 0);
}

static void print_info_describes(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct sys_heap h;
	void *mem = heap_of(&h, 4096, MRIG_HARDEN_BASIC, false), *p[6];

	for (int i = 0; i < 6; i++)
		p[i] = sys_heap_alloc(&h, 100);
	sys_heap_free(&h, p[1]);
	sys_heap_free(&h, p[3]);
	mrig_port_print_to(out);
	sys_heap_print_info(&h, true);
	fflush(out);
	assert_non_null(strstr(text, "in 4 live blocks"));
	assert_non_null(strstr(text, "in 3 free blocks"));
	assert_non_null(strstr(text, "used "));
	assert_non_null(strstr(text, "fragmentation"));
	assert_null(strstr(text, "0x"));
	n = 0;
	rewind(out);
	sys_heap_print_info(&h, false);
	fflush(out);
	quiet(NULL);
	fclose(out);
	free(text);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_usable_bytes),
		cmocka_unit_test(resizing_counts_the_difference),
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(listeners_hear_in_order),
		cmocka_unit_test(listeners_of_others),
		cmocka_unit_test(stress),
		cmocka_unit_test(print_info_describes),
	};

	return RUN("statistics", tests);
}
