/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What every unit test of the synchronised objects includes. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <pthread.h>
#include <time.h>
#include "k_heap.h"
#include "k_thread.h"
#include "mrig_port_user.h"

#define RUN(name, tests) cmocka_run_group_tests_name(name, tests, quiet, NULL)
#define COUNT(a)	 (sizeof(a) / sizeof((a)[0]))

static inline void no_fault(const void *heap, unsigned int invariant, uint64_t offset)
{
	(void)heap;
	(void)invariant;
	(void)offset;
}

/* Reports of faults are not for the reader of test results. */
static inline int quiet(void **state)
{
	(void)state;
	mrig_port_on_heap_fault(no_fault);
	return 0;
}

/* A heap over a buffer of exactly the right size. */
static inline void *k_heap_of(struct k_heap *h, size_t bytes)
{
	void *mem = malloc(bytes);

	assert_non_null(mem);
	assert_int_equal(k_heap_init(h, mem, bytes), 0);
	return mem;
}

/* How many wait for memory of a heap. */
static inline int waiting(struct k_heap *h)
{
	unsigned long key = mrig_lock_enter(&h->lock.lock);
	int n = 0;

	for (struct mrig_waiter *w = h->wait_q.first; w; w = w->next)
		n += !w->mark;
	mrig_lock_leave(&h->lock.lock, key);
	return n;
}

static inline void nap(long us)
{
	struct timespec t = { .tv_nsec = us * 1000 };

	nanosleep(&t, NULL);
}

/* Until @n wait; a test that hangs here is ended by its runner. */
static inline void until_waiting(struct k_heap *h, int n)
{
	while (waiting(h) != n)
		nap(200);
}

static inline size_t allocated(struct k_heap *h)
{
	struct sys_memory_stats stats;

	assert_int_equal(k_heap_runtime_stats_get(h, &stats), 0);
	return stats.allocated_bytes;
}

#endif /* TEST_H */
