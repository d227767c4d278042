// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Wait queues; see mrig_wait.h.
 */
#include "mrig_wait.h"

static void enqueue(struct mrig_waitq *q, struct mrig_waiter *w)
{
	struct mrig_waiter **link = &q->first;

	while (*link && (*link)->prio <= w->prio)
		link = &(*link)->next;
	w->next = *link;
	w->link = link;
	if (w->next)
		w->next->link = &w->next;
	*link = w;
}

static void dequeue(struct mrig_lock *l, struct mrig_waitq *q, struct mrig_waiter *w)
{
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->link = NULL;
	if (!q->first)
		mrig_lock_mark(l, false);
}

/**
 * mrig_waitq_sleep() - wait on a queue
 * @q: queue
 * @l: its object's lock, held; released while asleep
 * @key: of the lock
 * @w: waiter, zeroed
 * @when: deadline on mrig_clock()
 *
 * On return @w is on no queue.
 *
 * Context: may sleep.
 * Return: 0 if mrig_waitq_wake() took it off, -ETIMEDOUT if the deadline passed first.
 */
int mrig_waitq_sleep(struct mrig_waitq *q, struct mrig_lock *l, unsigned long *key,
		     struct mrig_waiter *w, int64_t when)
{
	int err;

	w->prio = mrig_priority();
	enqueue(q, w);
	mrig_lock_mark(l, true);
	err = mrig_sleep(l, key, &w->sleeper, when);
	if (w->link)
		dequeue(l, q, w);
	return err;
}

/**
 * mrig_waitq_wake() - take a waiter off its queue and wake it
 * @l: the object's lock, held
 * @q: queue
 * @w: a waiter that is on it
 */
void mrig_waitq_wake(struct mrig_lock *l, struct mrig_waitq *q, struct mrig_waiter *w)
{
	dequeue(l, q, w);
	mrig_wake(&w->sleeper);
}
