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

/**
 * struct mrig_waiter - one waiting thread
 * @next: the one to be served after it
 * @link: what points at it; NULL when it is on no queue
 * @prio: its priority when it came
 * @sleeper: where it sleeps
 */
struct mrig_waiter {
	struct mrig_waiter *next;
	struct mrig_waiter **link;
	int prio;
	struct mrig_sleeper sleeper;
};

/**
 * struct mrig_waitq - waiting threads; zeroed is empty
 * @first: the next to be served, or NULL
 */
struct mrig_waitq {
	struct mrig_waiter *first;
};

typedef struct mrig_waitq _wait_q_t;

int mrig_waitq_sleep(struct mrig_waitq *q, struct mrig_lock *l, unsigned long *key,
		     struct mrig_waiter *w, int64_t when);
void mrig_waitq_wake(struct mrig_lock *l, struct mrig_waitq *q, struct mrig_waiter *w);

#ifdef __cplusplus
}
#endif

#endif /* MRIG_WAIT_H */
