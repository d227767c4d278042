/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Wait queues: threads in the order in which they are to be served, most urgent first, those of one
 * priority in the order of their coming.
 *
 * A queue belongs to an object and is protected by the object's lock, which is marked while anybody
 * waits. A waiter is on its thread's stack and is woken at most once, by whoever takes it off.
 */
#ifndef MRIG_WAIT_H
#define MRIG_WAIT_H

#include "mrig_sync_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Priorities beyond these count as these, as Zephyr's int8_t: it bounds the search for a place. */
#define MRIG_PRIO_MIN	(-128)
#define MRIG_PRIO_MAX	127

/* Requests that are retried before others get a chance of the lock. */
#define MRIG_RETRY_AT_ONCE	4

/**
 * struct mrig_waiter - one waiting thread, or a mark of somebody who walks the queue
 * @next: the one to be served after it
 * @prev: the one before it
 * @group_next: if @head: the first of those of the next priority
 * @group_prev: if @head: the first of those of the priority before
 * @prio: its priority when it came
 * @queued: it is on a queue
 * @head: it is the first of its priority
 * @mark: nobody waits here
 * @sleeper: where it sleeps
 */
struct mrig_waiter {
	struct mrig_waiter *next;
	struct mrig_waiter *prev;
	struct mrig_waiter *group_next;
	struct mrig_waiter *group_prev;
	int prio;
	bool queued;
	bool head;
	bool mark;
	struct mrig_sleeper sleeper;
};

/**
 * struct mrig_waitq - waiting threads; zeroed is empty
 * @first: the next to be served, or NULL
 * @last: the last to be served
 */
struct mrig_waitq {
	struct mrig_waiter *first;
	struct mrig_waiter *last;
};

typedef struct mrig_waitq _wait_q_t;

void mrig_waitq_join(struct mrig_waitq *q, struct mrig_lock *l, struct mrig_waiter *w);
void mrig_waitq_leave(struct mrig_lock *l, struct mrig_waitq *q, struct mrig_waiter *w);
int mrig_waitq_sleep(struct mrig_waitq *q, struct mrig_lock *l, unsigned long *key,
		     struct mrig_waiter *w, int64_t when);
void mrig_waitq_wake(struct mrig_lock *l, struct mrig_waitq *q, struct mrig_waiter *w);
void mrig_waitq_retry(struct mrig_lock *l, struct mrig_waitq *q,
		      bool (*retry)(struct mrig_waitq *q, struct mrig_waiter *w));

#ifdef __cplusplus
}
#endif

#endif /* MRIG_WAIT_H */
