// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* k_heap: who waits, how long, who is served and who is woken. */
#include <sched.h>
#include "waiters.h"

#define MSEC 1000000LL

/* Timeouts of every kind on a full heap: not shorter than asked for, and not for ever. */
static void timeouts_pass(void **state)
{
	struct {
		k_timeout_t timeout;
		int64_t least;
	} const rows[] = {
		{ K_NO_WAIT, 0 },
		{ K_MSEC(-1), 0 },
		{ K_MSEC(0), 0 },
		{ K_MSEC(20), 20 * MSEC },
		{ K_USEC(1500), 3 * MSEC / 2 },
		{ K_NSEC(1), 1000 },
		{ K_TICKS(1), 1000 },
		{ K_TIMEOUT_ABS_MS(0), 0 },
		{ K_TIMEOUT_ABS_TICKS(5), 0 },
	};
	struct k_heap h;
	void *mem = k_heap_of(&h, 512), *p = k_heap_alloc(&h, 300, K_NO_WAIT);

	assert_non_null(k_heap_alloc(&h, 80, K_NO_WAIT));
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int call = ALLOC; call <= REALLOC; call++) {
			struct waiter w = { .heap = &h,
					    .call = call,
					    .bytes = 400,
					    .align = 8,
					    .ptr = p,
					    .timeout = rows[i].timeout };

			waiter_main(&w);
			assert_null(w.result);
			assert_true(w.took >= rows[i].least);
			assert_true(w.took < rows[i].least + 5000 * MSEC);
		}
	}
	assert_int_equal(waiting(&h), 0);
	assert_int_equal(h.lock.lock.word, 0);
	free(mem);
}

static void an_absolute_time_is_kept(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 256);
	int64_t then = k_uptime_ticks() + 15000;

	assert_non_null(k_heap_alloc(&h, 180, K_NO_WAIT));
	assert_null(k_heap_alloc(&h, 100, K_TIMEOUT_ABS_TICKS(then)));
	assert_true(k_uptime_ticks() >= then);
	free(mem);
}

static void each_call_is_served_by_a_free(void **state)
{
	for (int call = ALLOC; call <= REALLOC; call++) {
		struct k_heap h;
		void *mem = k_heap_of(&h, 512), *p, *small = k_heap_alloc(&h, 8, K_NO_WAIT);
		struct waiter w = { .heap = &h,
				    .call = call,
				    .bytes = 300,
				    .align = 64,
				    .ptr = small,
				    .timeout = K_FOREVER };

		memset(small, 'x', 8);
		p = k_heap_alloc(&h, 300, K_NO_WAIT);
		memset(p, 'y', 300);
		waiter_queue(&w);
		k_heap_free(&h, p);
		assert_non_null(waiter_join(&w));
		if (call == ALIGNED)
			assert_int_equal((uintptr_t)w.result % 64, 0);
		if (call == CALLOC)
			assert_int_equal(((char *)w.result)[299], 0);
		if (call == REALLOC)
			assert_int_equal(((char *)w.result)[7], 'x');
		assert_int_equal(waiting(&h), 0);
		assert_int_equal(h.lock.lock.word, 0);
		assert_true(sys_heap_validate(&h.heap));
		free(mem);
	}
}

/* Six threads for one block: it goes round by priority, then in the order of coming. */
static void served_by_priority_then_fifo(void **state)
{
	static const int prio[] = { 5, -3, 5, 0, -3, 0 }, order[] = { 1, 4, 3, 5, 0, 2 };
	struct waiter w[COUNT(prio)];
	struct k_heap h;
	void *mem = k_heap_of(&h, 256), *p = k_heap_alloc(&h, 150, K_NO_WAIT);

	for (size_t i = 0; i < COUNT(prio); i++) {
		w[i] = (struct waiter){ .heap = &h,
					.bytes = 150,
					.prio = prio[i],
					.timeout = i & 1 ? K_FOREVER : K_SECONDS(100) };
		waiter_queue(&w[i]);
	}
	for (size_t i = 0; i < COUNT(order); i++) {
		k_heap_free(&h, p);
		p = waiter_join(&w[order[i]]);
		assert_non_null(p);
		assert_int_equal(waiting(&h), (int)(COUNT(order) - 1 - i));
		for (size_t k = i + 1; k < COUNT(order); k++)
			assert_false(waiter_done(&w[order[k]]));
	}
	free(mem);
}

/* The first in the queue asks for too much: it does not stand in the way of the others. */
static void a_large_request_is_passed(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 1024), *a = k_heap_alloc(&h, 400, K_NO_WAIT);
	void *b = k_heap_alloc(&h, 400, K_NO_WAIT);
	struct waiter large = { .heap = &h, .bytes = 900, .prio = -9, .timeout = K_FOREVER };
	struct waiter one = { .heap = &h, .bytes = 180, .prio = 3, .timeout = K_FOREVER };
	struct waiter two = { .heap = &h, .bytes = 180, .prio = 2, .timeout = K_FOREVER };

	waiter_queue(&large);
	waiter_queue(&one);
	waiter_queue(&two);
	k_heap_free(&h, a);
	assert_non_null(waiter_join(&one));
	assert_non_null(waiter_join(&two));
	assert_false(waiter_done(&large));
	k_heap_free(&h, b);
	k_heap_free(&h, one.result);
	assert_false(waiter_done(&large));
	k_heap_free(&h, two.result);
	assert_non_null(waiter_join(&large));
	free(mem);
}

/* Nothing is reserved for who waits. */
static void who_comes_now_may_be_served_first(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 512), *p = k_heap_alloc(&h, 300, K_NO_WAIT);
	struct waiter w = { .heap = &h, .bytes = 300, .prio = -50, .timeout = K_MSEC(50) };

	waiter_queue(&w);
	assert_non_null(k_heap_alloc(&h, 20, K_NO_WAIT));
	assert_null(waiter_join(&w));
	k_heap_free(&h, p);
	free(mem);
}

/* realloc() that frees wakes nobody, but who times out tries once more. */
static void realloc_serves_nobody(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 512), *p = k_heap_alloc(&h, 400, K_NO_WAIT);
	struct waiter w = { .heap = &h, .bytes = 300, .timeout = K_MSEC(150) };

	waiter_queue(&w);
	assert_ptr_equal(k_heap_realloc(&h, p, 8, K_NO_WAIT), p);
	assert_null(k_heap_realloc(&h, p, 0, K_FOREVER));
	assert_int_equal(waiting(&h), 1);
	assert_non_null(waiter_join(&w));
	assert_true(w.took >= 150 * MSEC);
	free(mem);
}

/* A free of nothing tries what waits, too. */
static void free_of_null_serves(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 512), *p = k_heap_alloc(&h, 400, K_NO_WAIT);
	struct waiter w = { .heap = &h, .bytes = 300, .timeout = K_FOREVER };

	waiter_queue(&w);
	k_heap_realloc(&h, p, 8, K_NO_WAIT);
	assert_int_equal(waiting(&h), 1);
	k_heap_free(&h, NULL);
	assert_non_null(waiter_join(&w));
	free(mem);
}

/* Who cannot be served any more does not wait for ever. */
static void a_fenced_heap_lets_go(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 512), *p = k_heap_alloc(&h, 100, K_NO_WAIT);
	void *q = k_heap_alloc(&h, 100, K_NO_WAIT);
	struct waiter w = { .heap = &h, .bytes = 400, .timeout = K_FOREVER };

	waiter_queue(&w);
	k_heap_free(&h, q);
	k_heap_free(&h, q);
	assert_null(waiter_join(&w));
	assert_null(k_heap_alloc(&h, 1, K_FOREVER));
	(void)p;
	free(mem);
}

static void a_block_freed_under_its_realloc_lets_go(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 512), *p = k_heap_alloc(&h, 100, K_NO_WAIT);
	struct waiter w = {
		.heap = &h, .call = REALLOC, .ptr = p, .bytes = 300, .timeout = K_FOREVER
	};

	assert_non_null(k_heap_alloc(&h, 250, K_NO_WAIT));
	waiter_queue(&w);
	k_heap_free(&h, p);
	assert_null(waiter_join(&w));
	free(mem);
}

/* Who leaves by timeout leaves the others as they were. */
static void the_queue_survives_timeouts(void **state)
{
	struct waiter w[5];
	struct k_heap h;
	void *mem = k_heap_of(&h, 256), *p = k_heap_alloc(&h, 150, K_NO_WAIT);

	for (int i = 0; i < 5; i++) {
		w[i] = (struct waiter){ .heap = &h,
					.bytes = 150,
					.timeout = i == 2 ? K_FOREVER : K_MSEC(200) };
		waiter_queue(&w[i]);
	}
	for (int i = 0; i < 5; i++) {
		if (i != 2)
			assert_null(waiter_join(&w[i]));
	}
	assert_int_equal(waiting(&h), 1);
	k_heap_free(&h, p);
	assert_non_null(waiter_join(&w[2]));
	assert_int_equal(h.lock.lock.word, 0);
	free(mem);
}

static void errno_is_left_alone(void **state)
{
	struct k_heap h;
	void *mem = k_heap_of(&h, 256);

	assert_non_null(k_heap_alloc(&h, 150, K_NO_WAIT));
	errno = 77;
	assert_null(k_heap_alloc(&h, 150, K_MSEC(2)));
	assert_int_equal(errno, 77);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timeouts_pass),
		cmocka_unit_test(an_absolute_time_is_kept),
		cmocka_unit_test(each_call_is_served_by_a_free),
		cmocka_unit_test(served_by_priority_then_fifo),
		cmocka_unit_test(a_large_request_is_passed),
		cmocka_unit_test(who_comes_now_may_be_served_first),
		cmocka_unit_test(realloc_serves_nobody),
		cmocka_unit_test(free_of_null_serves),
		cmocka_unit_test(a_fenced_heap_lets_go),
		cmocka_unit_test(a_block_freed_under_its_realloc_lets_go),
		cmocka_unit_test(the_queue_survives_timeouts),
		cmocka_unit_test(errno_is_left_alone),
	};

	return RUN("wait", tests);
}
