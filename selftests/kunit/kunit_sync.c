// SPDX-License-Identifier: GPL-2.0-only
/*
 * What synchronised objects stand on in the kernel: locks that nobody initialised, queues, sleep,
 * and what Zephyr's calls add to a thread.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "k_heap.h"
#include "k_malloc.h"
#include "kunit_mrig.h"

#define THREADS	6

/**
 * struct rig - a queue, and threads that wait in it
 * @lock: of the queue
 * @q: the queue
 * @tries: how often somebody was retried
 * @wanted: priority of who is to be woken by a retry
 */
struct rig {
	struct mrig_lock lock;
	struct mrig_waitq q;
	int tries;
	int wanted;
};

/**
 * struct sleeper - one of the threads
 * @rig: where it waits
 * @prio: its priority
 * @when: its deadline
 * @err: what mrig_waitq_sleep() said
 * @done: it has said so
 * @self: its structure
 * @task: the thread
 */
struct sleeper {
	struct rig *rig;
	int prio;
	s64 when;
	int err;
	struct completion done;
	struct k_thread *self;
	struct task_struct *task;
};

static int sleeper_main(void *arg)
{
	struct mrig_waiter waiter = { };
	struct sleeper *s = arg;
	unsigned long key;

	allow_signal(SIGKILL);
	s->self = mrig_self();
	mrig_priority_assign(s->self, s->prio);
	key = mrig_lock_enter(&s->rig->lock);
	s->err = mrig_waitq_sleep(&s->rig->q, &s->rig->lock, &key, &waiter, s->when);
	mrig_lock_leave(&s->rig->lock, key);
	complete_all(&s->done);
	while (!kthread_should_stop())
		usleep_range(100, 1000);
	return 0;
}

static int count(struct rig *rig)
{
	unsigned long key = mrig_lock_enter(&rig->lock);
	struct mrig_waiter *w;
	int n = 0;

	for (w = rig->q.first; w; w = w->next)
		n++;
	mrig_lock_leave(&rig->lock, key);
	return n;
}

/* A thread that waits, behind those that already do. */
static void sleeper_start(struct kunit *test, struct sleeper *s, struct rig *rig, int prio,
			  s64 when)
{
	int before = count(rig), i;

	*s = (struct sleeper){ .rig = rig, .prio = prio, .when = when };
	init_completion(&s->done);
	s->task = kthread_run(sleeper_main, s, "memrig-kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s->task);
	for (i = 0; i < 10000 && count(rig) == before && !completion_done(&s->done); i++)
		usleep_range(500, 1500);
}

static int sleeper_join(struct sleeper *s)
{
	wait_for_completion(&s->done);
	kthread_stop(s->task);
	return s->err;
}

static void lock_zeroed_is_free(struct kunit *test)
{
	static struct mrig_lock fixed;
	struct mrig_lock *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	unsigned long outer, key;

	KUNIT_ASSERT_NOT_NULL(test, l);
	outer = mrig_lock_enter(&fixed);
	key = mrig_lock_enter(l);
	KUNIT_EXPECT_FALSE(test, mrig_may_sleep());
	mrig_lock_mark(l, true);
	KUNIT_EXPECT_TRUE(test, mrig_lock_leave(l, key));
	KUNIT_EXPECT_FALSE(test, mrig_lock_leave(&fixed, outer));
	key = mrig_lock_enter(l);
	mrig_lock_mark(l, false);
	KUNIT_EXPECT_FALSE(test, mrig_lock_leave(l, key));
	KUNIT_EXPECT_TRUE(test, mrig_may_sleep());
	mrig_lock_init(l);
	key = mrig_lock_enter(l);
	KUNIT_EXPECT_FALSE(test, mrig_lock_leave(l, key));
}

/* Priorities beyond Zephyr's count as the last of them. */
static void queue_is_in_order(struct kunit *test)
{
	static const int prio[THREADS] = { 5, -1000, 1000, 0, -128, 127 };
	static const int order[THREADS] = { 1, 4, 3, 0, 2, 5 };
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct sleeper s[THREADS];
	unsigned long key;
	int i, k;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	for (i = 0; i < THREADS; i++)
		sleeper_start(test, &s[i], rig, prio[i], MRIG_NEVER);
	KUNIT_EXPECT_EQ(test, count(rig), THREADS);
	for (i = 0; i < THREADS; i++) {
		key = mrig_lock_enter(&rig->lock);
		mrig_waitq_wake(&rig->lock, &rig->q, rig->q.first);
		KUNIT_EXPECT_EQ(test, mrig_lock_leave(&rig->lock, key), i < THREADS - 1);
		KUNIT_EXPECT_EQ(test, sleeper_join(&s[order[i]]), 0);
		for (k = i + 1; k < THREADS; k++)
			KUNIT_EXPECT_FALSE(test, completion_done(&s[order[k]].done));
	}
}

static bool retry(struct mrig_waitq *q, struct mrig_waiter *w)
{
	struct rig *rig = container_of(q, struct rig, q);

	rig->tries++;
	return w->prio == rig->wanted;
}

static void queue_retries_each_once(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct sleeper s[THREADS];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->wanted = -1;
	mrig_waitq_retry(&rig->lock, &rig->q, retry);
	KUNIT_EXPECT_EQ(test, rig->tries, 0);
	for (i = 0; i < THREADS; i++)
		sleeper_start(test, &s[i], rig, i, MRIG_NEVER);
	mrig_waitq_retry(&rig->lock, &rig->q, retry);
	KUNIT_EXPECT_EQ(test, rig->tries, THREADS);
	KUNIT_EXPECT_EQ(test, count(rig), THREADS);
	for (i = 0; i < THREADS; i++) {
		rig->wanted = THREADS - 1 - i;
		rig->tries = 0;
		mrig_waitq_retry(&rig->lock, &rig->q, retry);
		KUNIT_EXPECT_EQ(test, rig->tries, THREADS - i);
		KUNIT_EXPECT_EQ(test, sleeper_join(&s[rig->wanted]), 0);
		KUNIT_EXPECT_EQ(test, count(rig), THREADS - 1 - i);
	}
}

static void sleep_ends(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	s64 until = mrig_clock() + 20 * NSEC_PER_MSEC;
	struct sleeper s;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	/* By time: not before. A time that is over does not wait. */
	sleeper_start(test, &s, rig, 0, until);
	KUNIT_EXPECT_EQ(test, sleeper_join(&s), -ETIMEDOUT);
	KUNIT_EXPECT_GE(test, mrig_clock(), until);
	sleeper_start(test, &s, rig, 0, 1);
	KUNIT_EXPECT_EQ(test, sleeper_join(&s), -ETIMEDOUT);
	/* By a fatal signal, as if the time had passed. */
	sleeper_start(test, &s, rig, 0, MRIG_NEVER);
	KUNIT_EXPECT_FALSE(test, completion_done(&s.done));
	send_sig(SIGKILL, s.task, 1);
	KUNIT_EXPECT_EQ(test, sleeper_join(&s), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, count(rig), 0);
}

static void threads_have_structures(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct k_thread *self = mrig_self(), *a;
	struct sleeper s;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	KUNIT_EXPECT_PTR_EQ(test, mrig_self(), self);
	KUNIT_EXPECT_FALSE(test, mrig_thread_shared(self));
	KUNIT_EXPECT_EQ(test, mrig_priority(), task_nice(current) + 20);
	/* Many more than the table has buckets: those that are gone make room. */
	for (i = 0; i < 300; i++) {
		sleeper_start(test, &s, rig, 7, 1);
		sleeper_join(&s);
		KUNIT_EXPECT_PTR_NE(test, s.self, self);
	}
	sleeper_start(test, &s, rig, -5, MRIG_NEVER);
	a = s.self;
	KUNIT_EXPECT_EQ(test, mrig_priority_of(a), -5);
	KUNIT_EXPECT_EQ(test, k_thread_heap_assign(a, &_system_heap), 0);
	mrig_threads_drop_pool(&_system_heap);
	KUNIT_EXPECT_NULL(test, a->resource_pool);
	rig->wanted = -5;
	mrig_waitq_retry(&rig->lock, &rig->q, retry);
	KUNIT_EXPECT_EQ(test, sleeper_join(&s), 0);
	KUNIT_EXPECT_PTR_EQ(test, mrig_self(), self);
}

/* Nowhere in a region that others can write, whichever address it is called by. */
static void headers_are_refused(struct kunit *test)
{
	struct mrig_region *region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
						      0, 4 * PAGE_SIZE);
	u8 *mem = mrig_region_kmap(region), *linear = page_address(region->pages[0]);
	struct sys_heap heap;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem);
	KUNIT_EXPECT_EQ(test, sys_heap_init(&heap, mem, PAGE_SIZE), -EPERM);
	KUNIT_EXPECT_EQ(test, sys_heap_init(&heap, linear + PAGE_SIZE, PAGE_SIZE), -EPERM);
	KUNIT_EXPECT_EQ(test, mrig_port_span_refused(linear - 1, 2), -EPERM);
	KUNIT_EXPECT_EQ(test, mrig_port_span_refused(linear - 1, 1), 0);
	KUNIT_EXPECT_EQ(test, mrig_port_span_refused(linear - 1, SIZE_MAX), -EPERM);
	KUNIT_EXPECT_EQ(test, mrig_port_span_refused(linear + 4 * PAGE_SIZE - 1, 1), -EPERM);
	mrig_region_put(region);
	KUNIT_EXPECT_EQ(test, mrig_port_span_refused(linear, PAGE_SIZE), 0);
}

static struct kunit_case mrig_sync_cases[] = {
	KUNIT_CASE(lock_zeroed_is_free),
	KUNIT_CASE(queue_is_in_order),
	KUNIT_CASE(queue_retries_each_once),
	KUNIT_CASE(sleep_ends),
	KUNIT_CASE(threads_have_structures),
	KUNIT_CASE(headers_are_refused),
	{ }
};

static struct kunit_suite mrig_sync_suite = {
	.name = "memrig_sync",
	.test_cases = mrig_sync_cases,
};

kunit_test_suite(mrig_sync_suite);
