// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* k_mem_slab: who waits, how long, and who is handed the block that comes back. */
#include "slab_waiters.h"

#define NUM  2
#define SIZE 16
#define MSEC 1000000LL

static char buffer[NUM * SIZE] __attribute__((__aligned__(16)));

/* A slab all of whose blocks are handed out. */
static void make_full(struct k_mem_slab *s, void *p[NUM])
{
	assert_int_equal(k_mem_slab_init(s, buffer, SIZE, NUM), 0);
	for (int i = 0; i < NUM; i++)
		assert_int_equal(k_mem_slab_alloc(s, &p[i], K_FOREVER), 0);
}

static void end(struct k_mem_slab *s, void *p[NUM])
{
	slab_check(s, NUM);
	for (int i = 0; i < NUM; i++)
		assert_int_equal(mrig_mem_slab_free(s, p[i]), 0);
	assert_int_equal(s->lock.lock.word, 0);
	assert_int_equal(mrig_mem_slab_fini(s), 0);
}

/* Each kind of timeout that is long enough, and a free by each of the two calls. */
static void a_free_ends_the_wait(void **state)
{
	const k_timeout_t timeouts[] = { K_FOREVER, K_HOURS(1), K_SECONDS(INT64_MAX),
					 K_TIMEOUT_ABS_MS(k_uptime_get() + 3600000),
					 mrig_timeout_raw(INT64_MIN) };
	struct k_mem_slab s;
	void *p[NUM];

	make_full(&s, p);
	for (size_t i = 0; i < COUNT(timeouts); i++) {
		struct slab_waiter w = { .slab = &s, .timeout = timeouts[i] };

		slab_waiter_queue(&w);
		slab_check(&s, NUM);
		if (i & 1)
			assert_int_equal(mrig_mem_slab_free(&s, p[i % NUM]), 0);
		else
			k_mem_slab_free(&s, p[i % NUM]);
		assert_int_equal(slab_waiter_join(&w), 0);
		assert_ptr_equal(w.block, p[i % NUM]);
		slab_check(&s, NUM);
	}
	end(&s, p);
}

static void served_by_priority_then_fifo(void **state)
{
	static const int prio[] = { 5, -3, 5, 0, -3, 0 }, order[] = { 1, 4, 3, 5, 0, 2 };
	struct slab_waiter w[COUNT(prio)];
	struct k_mem_slab s;
	void *p[NUM];

	make_full(&s, p);
	for (size_t i = 0; i < COUNT(prio); i++) {
		w[i] = (struct slab_waiter){ .slab = &s,
					     .prio = prio[i],
					     .timeout = i & 1 ? K_FOREVER : K_SECONDS(100) };
		slab_waiter_queue(&w[i]);
	}
	for (size_t i = 0; i < COUNT(order); i++) {
		k_mem_slab_free(&s, p[0]);
		assert_int_equal(slab_waiter_join(&w[order[i]]), 0);
		assert_ptr_equal(w[order[i]].block, p[0]);
		assert_int_equal(slab_waiting(&s), (int)(COUNT(order) - 1 - i));
		for (size_t k = i + 1; k < COUNT(order); k++)
			assert_false(slab_waiter_done(&w[order[k]]));
	}
	end(&s, p);
}

/* The block is the waiter's before it has woken: nobody, however urgent, comes in between. */
static void the_block_is_handed_over(void **state)
{
	struct slab_waiter w = { .prio = 39, .timeout = K_FOREVER };
	struct k_mem_slab s;
	void *p[NUM], *late;

	for (int i = 0; i < 200; i++) {
		make_full(&s, p);
		w.slab = &s;
		slab_waiter_queue(&w);
		k_mem_slab_free(&s, p[1]);
		late = UNTOUCHED;
		assert_int_equal(k_mem_slab_alloc(&s, &late, K_NO_WAIT), -ENOMEM);
		assert_null(late);
		assert_int_equal(slab_waiter_join(&w), 0);
		assert_ptr_equal(w.block, p[1]);
		end(&s, p);
	}
}

static void more_frees_than_waiters(void **state)
{
	struct slab_waiter w = { .timeout = K_FOREVER };
	struct k_mem_slab s;
	void *p[NUM];

	make_full(&s, p);
	w.slab = &s;
	slab_waiter_queue(&w);
	k_mem_slab_free(&s, p[0]);
	k_mem_slab_free(&s, p[1]);
	assert_int_equal(slab_waiter_join(&w), 0);
	assert_ptr_equal(w.block, p[0]);
	slab_check(&s, 1);
	assert_int_equal(k_mem_slab_alloc(&s, &p[1], K_NO_WAIT), 0);
	end(&s, p);
}

/* What is no block serves nobody. */
static void a_wrong_free_wakes_nobody(void **state)
{
	struct slab_waiter w = { .timeout = K_MSEC(60) };
	struct k_mem_slab s;
	void *p[NUM];

	make_full(&s, p);
	w.slab = &s;
	slab_waiter_queue(&w);
	assert_int_equal(mrig_mem_slab_free(&s, (char *)p[0] + 8), -EINVAL);
	assert_int_equal(mrig_mem_slab_free(&s, NULL), -ENOENT);
	assert_int_equal(slab_waiter_join(&w), -EAGAIN);
	assert_ptr_equal(w.block, UNTOUCHED);
	assert_true(w.took >= 60 * MSEC);
	end(&s, p);
}

static void an_absolute_time_is_kept(void **state)
{
	int64_t then = k_uptime_ticks() + 15000;
	struct k_mem_slab s;
	void *p[NUM], *q = UNTOUCHED;

	make_full(&s, p);
	assert_int_equal(k_mem_slab_alloc(&s, &q, K_TIMEOUT_ABS_TICKS(then)), -EAGAIN);
	assert_true(k_uptime_ticks() >= then);
	assert_ptr_equal(q, UNTOUCHED);
	end(&s, p);
}

static void the_queue_survives_timeouts(void **state)
{
	struct slab_waiter w[5];
	struct k_mem_slab s;
	void *p[NUM];

	make_full(&s, p);
	for (int i = 0; i < 5; i++) {
		w[i] = (struct slab_waiter){ .slab = &s,
					     .timeout = i == 2 ? K_FOREVER : K_MSEC(200) };
		slab_waiter_queue(&w[i]);
	}
	for (int i = 0; i < 5; i++) {
		if (i != 2)
			assert_int_equal(slab_waiter_join(&w[i]), -EAGAIN);
	}
	assert_int_equal(slab_waiting(&s), 1);
	assert_int_equal(mrig_mem_slab_fini(&s), -EBUSY);
	k_mem_slab_free(&s, p[0]);
	assert_int_equal(slab_waiter_join(&w[2]), 0);
	end(&s, p);
}

/* Waiters leave no mark on the peak, and a reset among them counts them out. */
static void waiters_and_the_peak(void **state)
{
	struct slab_waiter w = { .timeout = K_FOREVER };
	struct k_mem_slab s;
	void *p[NUM];

	make_full(&s, p);
	w.slab = &s;
	slab_waiter_queue(&w);
	assert_int_equal(k_mem_slab_max_used_get(&s), NUM);
	assert_int_equal(k_mem_slab_runtime_stats_reset_max(&s), 0);
	k_mem_slab_free(&s, p[0]);
	assert_int_equal(slab_waiter_join(&w), 0);
	assert_int_equal(k_mem_slab_max_used_get(&s), NUM);
	end(&s, p);
}

static void errno_is_left_alone(void **state)
{
	struct k_mem_slab s;
	void *p[NUM], *q;

	errno = 77;
	make_full(&s, p);
	assert_int_equal(k_mem_slab_alloc(&s, &q, K_MSEC(2)), -EAGAIN);
	assert_int_equal(errno, 77);
	end(&s, p);
	errno = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_free_ends_the_wait),
		cmocka_unit_test(served_by_priority_then_fifo),
		cmocka_unit_test(the_block_is_handed_over),
		cmocka_unit_test(more_frees_than_waiters),
		cmocka_unit_test(a_wrong_free_wakes_nobody),
		cmocka_unit_test(an_absolute_time_is_kept),
		cmocka_unit_test(the_queue_survives_timeouts),
		cmocka_unit_test(waiters_and_the_peak),
		cmocka_unit_test(errno_is_left_alone),
	};

	return RUN("slab wait", tests);
}
