/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the parts of the sample module share: expectations, and threads that wait for memory.
 */
#ifndef CONSUMER_H
#define CONSUMER_H

#include <linux/completion.h>
#include <memrig/zephyr.h>

struct task_struct;

/* Goes on if it does not hold; the test has failed then. */
#define EXPECT(cond)	consumer_expect(cond, __FILE__, __LINE__, #cond)

bool consumer_expect(bool holds, const char *file, int line, const char *what);

/**
 * struct test - one line of the results
 * @name: what holds if it passes
 * @run: expects things
 */
struct test {
	const char *name;
	void (*run)(void);
};

/* Made by macros. */
extern struct k_heap consumer_heap, consumer_pool;

extern const struct test fixed_tests[];
extern const struct test heap_tests[], malloc_tests[], region_tests[], sets_tests[];
extern const struct test wait_tests[], atomic_tests[], zephyr_tests[], patterns_tests[];
extern const struct test sys_tests[], stream_tests[], smart_tests[], pools_tests[], irq_tests[];
extern const struct test kinds_tests[], paging_tests[], configured_tests[];

/* How memrig was loaded: heap_mem_pool_size= and heap_mem_pool_ignore_min=; 0: without. */
extern unsigned long consumer_pool_size;
extern bool consumer_ignore_min;

void region_tests_end(void);

/**
 * struct waiter - a thread with one request
 * @alloc: makes the request
 * @object: whose memory
 * @bytes: wanted
 * @prio: of the thread
 * @timeout: of the request
 * @result: once @done
 * @took: nanoseconds
 * @done: the request has been answered
 * @task: the thread
 */
struct waiter {
	void *(*alloc)(struct waiter *w);
	void *object;
	size_t bytes;
	int prio;
	k_timeout_t timeout;
	void *result;
	s64 took;
	struct completion done;
	struct task_struct *task;
};

bool waiter_start(struct waiter *w);
bool waiter_done(struct waiter *w);
void *waiter_join(struct waiter *w);
int waiting(struct mrig_lock *l, struct mrig_waitq *q);
bool until_waiting(struct mrig_lock *l, struct mrig_waitq *q, int n);
void consumer_log_start(void);
unsigned int consumer_logged(const char *text);

#endif /* CONSUMER_H */
