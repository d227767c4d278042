// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Wait queues; see mrig_wait.h.
 */
#include "mrig_wait.h"

/* Put @w between @prev and what comes after it; NULL is the front. */
static void link_in(struct mrig_waitq *q, struct mrig_waiter *w, struct mrig_waiter *prev)
{
	w->prev = prev;
	w->next = prev ? prev->next : q->first;
	if (w->next)
		w->next->prev = w;
	else
		q->last = w;
	if (prev)
		prev->next = w;
	else
		q->first = w;
	w->queued = true;
}

/* Behind all of its priority. Looks at the first of each priority only. */
static void enqueue(struct mrig_waitq *q, struct mrig_waiter *w)
{
	struct mrig_waiter *before = NULL, *g = q->first;

	while (g && g->prio <= w->prio) {
		before = g;
		g = g->group_next;
	}
	link_in(q, w, g ? g->prev : q->last);
	if (before && before->prio == w->prio)
		return;
	w->head = true;
	w->group_prev = before;
	w->group_next = g;
	if (before)
		before->group_next = w;
	if (g)
		g->group_prev = w;
}

/* The first of a priority goes: the next of them becomes the first, or there are none. */
static void behead(struct mrig_waiter *w)
{
	struct mrig_waiter *to = w->next && !w->next->head ? w->next : NULL;

	if (to) {
		to->head = true;
		to->group_prev = w->group_prev;
		to->group_next = w->group_next;
	}
	if (w->group_prev)
		w->group_prev->group_next = to ? to : w->group_next;
	if (w->group_next)
		w->group_next->group_prev = to ? to : w->group_prev;
	w->head = false;
}

static void dequeue(struct mrig_lock *l, struct mrig_waitq *q, struct mrig_waiter *w)
{
	if (w->head)
		behead(w);
	if (w->prev)
		w->prev->next = w->next;
	else
		q->first = w->next;
	if (w->next)
		w->next->prev = w->prev;
	else
		q->last = w->prev;
	w->queued = false;
	if (!q->first)
		mrig_lock_mark(l, false);
}

/**
 * mrig_waitq_join() - take a place in a queue, for somebody who sleeps elsewhere
 * @q: queue
 * @l: its object's lock, held
 * @w: waiter, zeroed
 *
 * Context: any.
 */
void mrig_waitq_join(struct mrig_waitq *q, struct mrig_lock *l, struct mrig_waiter *w)
{
	w->prio = mrig_priority();
	if (w->prio < MRIG_PRIO_MIN)
		w->prio = MRIG_PRIO_MIN;
	if (w->prio > MRIG_PRIO_MAX)
		w->prio = MRIG_PRIO_MAX;
	enqueue(q, w);
	mrig_lock_mark(l, true);
}

/**
 * mrig_waitq_leave() - give up a place, if it is one still
 * @l: the object's lock, held
 * @q: queue
 * @w: waiter, joined earlier
 *
 * Context: any.
 */
void mrig_waitq_leave(struct mrig_lock *l, struct mrig_waitq *q, struct mrig_waiter *w)
{
	if (w->queued)
		dequeue(l, q, w);
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

	mrig_waitq_join(q, l, w);
	err = mrig_sleep(l, key, &w->sleeper, when);
	mrig_waitq_leave(l, q, w);
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

/* Keep a place in a queue, behind @after, while its lock is left. */
static void put_mark(struct mrig_waitq *q, struct mrig_waiter *mark, struct mrig_waiter *after)
{
	mark->mark = true;
	mark->prio = after->prio;
	link_in(q, mark, after);
}

/**
 * mrig_waitq_retry() - try again, once each and in their order, what those who wait want
 * @l: the object's lock, not held
 * @q: queue
 * @retry: called for each, the lock held; true: that one is taken off and woken
 *
 * The lock is left after every few of them. Ends where the queue ended when this began: who comes
 * later has tried by himself.
 *
 * Context: any.
 */
void mrig_waitq_retry(struct mrig_lock *l, struct mrig_waitq *q,
		      bool (*retry)(struct mrig_waitq *q, struct mrig_waiter *w))
{
	struct mrig_waiter place = { 0 }, end = { 0 };
	unsigned long key = mrig_lock_enter(l);
	struct mrig_waiter *w = q->first, *next;

	if (w)
		put_mark(q, &end, q->last);
	for (unsigned int i = 1; w && w != &end; i++, w = next) {
		put_mark(q, &place, w);
		if (!w->mark && retry(q, w))
			mrig_waitq_wake(l, q, w);
		if (!(i % MRIG_RETRY_AT_ONCE)) {
			mrig_lock_leave(l, key);
			key = mrig_lock_enter(l);
		}
		next = place.next;
		dequeue(l, q, &place);
	}
	if (end.queued)
		dequeue(l, q, &end);
	mrig_lock_leave(l, key);
}
