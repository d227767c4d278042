// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that make one request each, and how to see that they wait.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>

#include "consumer.h"

static int waiter_main(void *arg)
{
	struct waiter *w = arg;
	s64 start = mrig_clock();

	k_thread_priority_set(k_current_get(), w->prio);
	w->result = w->alloc(w);
	w->took = mrig_clock() - start;
	complete_all(&w->done);
	/* The task is looked at until it is stopped. */
	while (!kthread_should_stop())
		usleep_range(100, 1000);
	return 0;
}

/**
 * waiter_start() - let a thread make its request
 * @w: filled in
 *
 * Return: whether there is a thread.
 */
bool waiter_start(struct waiter *w)
{
	init_completion(&w->done);
	w->task = kthread_run(waiter_main, w, "memrig-waiter");
	return EXPECT(!IS_ERR(w->task));
}

/**
 * waiter_done() - has its request been answered?
 * @w: started
 *
 * Return: whether it has.
 */
bool waiter_done(struct waiter *w)
{
	return completion_done(&w->done);
}

/**
 * waiter_join() - wait for the answer to its request
 * @w: started
 *
 * Return: the answer.
 */
void *waiter_join(struct waiter *w)
{
	wait_for_completion(&w->done);
	kthread_stop(w->task);
	return w->result;
}

/**
 * waiting() - how many wait
 * @l: lock of the object
 * @q: its queue
 *
 * Return: their number.
 */
int waiting(struct mrig_lock *l, struct mrig_waitq *q)
{
	unsigned long key = mrig_lock_enter(l);
	struct mrig_waiter *w;
	int n = 0;

	for (w = q->first; w; w = w->next)
		n += !w->mark;
	mrig_lock_leave(l, key);
	return n;
}

/**
 * until_waiting() - wait until so many wait
 * @l: lock of the object
 * @q: its queue
 * @n: number
 *
 * Return: whether that happened within ten seconds.
 */
bool until_waiting(struct mrig_lock *l, struct mrig_waitq *q, int n)
{
	int i;

	for (i = 0; i < 10000 && waiting(l, q) != n; i++)
		usleep_range(500, 1500);
	return EXPECT(waiting(l, q) == n);
}
