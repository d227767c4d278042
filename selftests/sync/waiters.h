/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Threads that wait for memory, one request each, started one after the other. */
#ifndef WAITERS_H
#define WAITERS_H

#include "test.h"

enum call { ALLOC, ALIGNED, CALLOC, REALLOC };

/**
 * struct waiter - one thread and its request
 * @heap: where to
 * @call: which call
 * @ptr: block to resize
 * @align: of ALIGNED
 * @bytes: size
 * @prio: priority of the thread
 * @timeout: of the call
 * @result: what it returned, once @done
 * @took: nanoseconds it took
 * @done: it has returned
 * @thread: to join
 */
struct waiter {
	struct k_heap *heap;
	enum call call;
	void *ptr;
	size_t align;
	size_t bytes;
	int prio;
	k_timeout_t timeout;
	void *result;
	int64_t took;
	bool done;
	pthread_t thread;
};

static inline void *waiter_main(void *arg)
{
	struct waiter *w = arg;
	int64_t start = mrig_clock();

	k_thread_priority_set(k_current_get(), w->prio);
	if (w->call == ALLOC)
		w->result = k_heap_alloc(w->heap, w->bytes, w->timeout);
	else if (w->call == ALIGNED)
		w->result = k_heap_aligned_alloc(w->heap, w->align, w->bytes, w->timeout);
	else if (w->call == CALLOC)
		w->result = k_heap_calloc(w->heap, 1, w->bytes, w->timeout);
	else
		w->result = k_heap_realloc(w->heap, w->ptr, w->bytes, w->timeout);
	w->took = mrig_clock() - start;
	__atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static inline void waiter_start(struct waiter *w)
{
	w->done = false;
	assert_int_equal(pthread_create(&w->thread, NULL, waiter_main, w), 0);
}

/* Start it, and see it queue up. */
static inline void waiter_queue(struct waiter *w)
{
	int before = waiting(w->heap);

	waiter_start(w);
	until_waiting(w->heap, before + 1);
}

static inline bool waiter_done(struct waiter *w)
{
	return __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
}

static inline void *waiter_join(struct waiter *w)
{
	assert_int_equal(pthread_join(w->thread, NULL), 0);
	return w->result;
}

#endif /* WAITERS_H */
