/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Threads that wait for a block of a slab, one request each, and slabs to wait for. */
#ifndef SLAB_WAITERS_H
#define SLAB_WAITERS_H

#include "test.h"
#include "k_mem_slab.h"
#include "mem_slab_core.h"

/**
 * struct slab_waiter - one thread and its request
 * @slab: where to
 * @prio: priority of the thread
 * @timeout: of the call
 * @block: what it got
 * @err: what the call returned, once @done
 * @took: nanoseconds it took
 * @done: it has returned
 * @thread: to join
 */
struct slab_waiter {
	struct k_mem_slab *slab;
	int prio;
	k_timeout_t timeout;
	void *block;
	int err;
	int64_t took;
	bool done;
	pthread_t thread;
};

/* What a call that changes nothing leaves behind. */
#define UNTOUCHED ((void *)0x5a5a)

static inline void *slab_waiter_main(void *arg)
{
	struct slab_waiter *w = arg;
	int64_t start = mrig_clock();

	k_thread_priority_set(k_current_get(), w->prio);
	w->block = UNTOUCHED;
	w->err = k_mem_slab_alloc(w->slab, &w->block, w->timeout);
	w->took = mrig_clock() - start;
	__atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static inline int slab_waiting(struct k_mem_slab *slab)
{
	unsigned long key = mrig_lock_enter(&slab->lock.lock);
	int n = 0;

	for (struct mrig_waiter *w = slab->wait_q.first; w; w = w->next)
		n++;
	mrig_lock_leave(&slab->lock.lock, key);
	return n;
}

static inline void slab_waiter_start(struct slab_waiter *w)
{
	w->done = false;
	assert_int_equal(pthread_create(&w->thread, NULL, slab_waiter_main, w), 0);
}

/* Start it, and see it queue up; a test that hangs here is ended by its runner. */
static inline void slab_waiter_queue(struct slab_waiter *w)
{
	int before = slab_waiting(w->slab);

	slab_waiter_start(w);
	while (slab_waiting(w->slab) != before + 1)
		nap(200);
}

static inline bool slab_waiter_done(struct slab_waiter *w)
{
	return __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
}

static inline int slab_waiter_join(struct slab_waiter *w)
{
	assert_int_equal(pthread_join(w->thread, NULL), 0);
	return w->err;
}

/* The figures of a slab agree with each other, with the engine's, and with what is expected. */
static inline void slab_check(struct k_mem_slab *slab, uint32_t used)
{
	struct sys_memory_stats stats;
	struct mrig_slab_info info;

	assert_int_equal(k_mem_slab_num_used_get(slab), used);
	assert_int_equal(k_mem_slab_num_free_get(slab), slab->info.num_blocks - used);
	assert_int_equal(k_mem_slab_runtime_stats_get(slab, &stats), 0);
	assert_int_equal(stats.allocated_bytes, used * slab->info.block_size);
	assert_int_equal(stats.free_bytes, (slab->info.num_blocks - used) * slab->info.block_size);
	if (!slab->core.num)
		return;
	assert_true(mrig_slab_validate(&slab->core));
	mrig_slab_get_info(&slab->core, &info);
	assert_int_equal(info.used, used);
	if (!slab->untraced)
		assert_int_equal(info.max_used, k_mem_slab_max_used_get(slab));
}

#endif /* SLAB_WAITERS_H */
