// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for any member of a multi object that the library runs: each serves, the first wins, in
 * order, in time, and what is hopeless.
 */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <memrig/sync/k_thread.h>

#include "multi_rig.h"

#define MS 1000000ULL

/* One thread that wants a block; what it got, and as which of all. */
struct waiter {
	memrig_multi_t *multi;
	struct memrig_multi_alloc args;
	int priority;
	pthread_t thread;
	int ret;
	uint32_t reason;
	uint64_t largest;
	int order;
};

static int served;

static struct memrig_multi_alloc request(uint64_t bytes, uint64_t timeout_ns)
{
	return (struct memrig_multi_alloc){
		.size = sizeof(struct memrig_multi_alloc),
		.flags = MEMRIG_ALLOC_WAIT,
		.bytes = bytes,
		.timeout_ns = timeout_ns,
	};
}

static void *wait_in_multi(void *arg)
{
	struct waiter *w = arg;

	if (w->priority)
		k_thread_priority_set(k_current_get(), w->priority);
	w->ret = memrig_multi_alloc_at(w->multi, &w->args);
	if (w->ret) {
		w->reason = memrig_failure()->reason;
		w->largest = memrig_failure()->detail;
	}
	w->order = __atomic_add_fetch(&served, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Until that many threads wait; a test that would not get there fails by its time limit. */
static void until_waiting(memrig_heap_t *heap, uint32_t waiters)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	do {
		usleep(1000);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	} while (stat.waiters != waiters);
}

/* The last of the members is joined last. */
static void start(struct rig *rig, struct waiter *w, uint32_t waiters)
{
	w->multi = rig->multi;
	assert_int_equal(pthread_create(&w->thread, NULL, wait_in_multi, w), 0);
	until_waiting(rig->heap[2], waiters);
}

static struct memrig_heap_stat stat_of(memrig_heap_t *heap)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	return stat;
}

/* All of the slabs, all of the heap but a rest of less than 64 bytes: one block of each. */
static void fill(struct rig *rig, uint64_t offset[3])
{
	uint64_t usable;
	int i;

	for (i = 0; i < 8; i++)
		assert_int_equal(memrig_heap_alloc_at(rig->heap[0], 0, 64, &offset[0], NULL), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(memrig_heap_alloc_at(rig->heap[1], 0, 256, &offset[1], NULL), 0);
	assert_int_equal(memrig_heap_alloc_at(rig->heap[2], 0, BYTES - 64, &offset[2], &usable), 0);
	while (!memrig_heap_alloc_at(rig->heap[2], 0, 8, &usable, NULL))
		;
}

static void a_free_in_any_member_serves(void **state)
{
	struct memrig_multi_member_stat infos[3];
	struct memrig_multi_stat all = {
		.size = sizeof(all),
		.members = (uintptr_t)infos,
		.member_count = 3,
	};
	struct rig *rig = *state;
	struct waiter w;
	uint64_t offset[3];
	uint32_t i, k;

	fill(rig, offset);
	for (i = 0; i < 3; i++) {
		uint64_t live[3];

		w = (struct waiter){ .args = request(40, MEMRIG_FOREVER) };
		start(rig, &w, 1);
		for (k = 0; k < 3; k++) {
			live[k] = stat_of(rig->heap[k]).live_blocks;
			assert_int_equal(stat_of(rig->heap[k]).waiters, 1);
			assert_int_equal(memrig_multi_remove(rig->multi, k), -EBUSY);
		}
		assert_int_equal(memrig_heap_free_at(rig->heap[i], offset[i]), 0);
		/* it is handed over, even if the thread has not run yet */
		assert_int_equal(stat_of(rig->heap[i]).live_blocks, live[i]);
		pthread_join(w.thread, NULL);
		assert_int_equal(w.ret, 0);
		assert_int_equal(w.args.member, i);
		assert_int_equal(w.args.offset, offset[i]);
		assert_true(w.args.usable >= 40);
		for (k = 0; k < 3; k++) {
			assert_int_equal(stat_of(rig->heap[k]).live_blocks, live[k]);
			assert_int_equal(stat_of(rig->heap[k]).waiters, 0);
			assert_int_equal(stat_of(rig->heap[k]).timeouts, 0);
		}
		assert_int_equal(memrig_multi_stat(rig->multi, &all), 0);
		assert_int_equal(infos[i].allocs, 1);
		if (i == 2) /* the heap has room again */
			break;
		assert_int_equal(memrig_multi_remove(rig->multi, i), -EBUSY); /* a block lives */
	}
	assert_int_equal(all.allocs, 3);
	assert_int_equal(all.failures, 0);
}

static void the_time_is_over(void **state)
{
	static const uint64_t times[] = { 0, 1, 30 * MS };
	struct memrig_multi_alloc args;
	struct timespec before, after;
	struct rig *rig = *state;
	uint64_t offset[3];
	size_t i, k;

	fill(rig, offset);
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		args = request(60, times[i]);
		clock_gettime(CLOCK_MONOTONIC, &before);
		assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ETIMEDOUT);
		clock_gettime(CLOCK_MONOTONIC, &after);
		assert_true((after.tv_sec - before.tv_sec) * 1000 * MS + after.tv_nsec -
				    before.tv_nsec >=
			    times[i]);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
		for (k = 0; k < 3; k++) {
			assert_int_equal(stat_of(rig->heap[k]).timeouts, i + 1);
			assert_int_equal(stat_of(rig->heap[k]).waits, i + 1);
			assert_int_equal(stat_of(rig->heap[k]).waiters, 0);
		}
	}
	/* nothing is left behind: what is freed now is free */
	assert_int_equal(memrig_heap_free_at(rig->heap[0], offset[0]), 0);
	assert_int_equal(stat_of(rig->heap[0]).live_blocks, 7);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 0);
	assert_int_equal(memrig_multi_remove(rig->multi, 1), 0);
}

static void the_reason_is_how_things_are_then(void **state)
{
	struct waiter w = { .args = request(250, 200 * MS) };
	struct rig *rig = *state;
	uint64_t offset[3], rest;

	fill(rig, offset);
	assert_int_equal(memrig_heap_free_at(rig->heap[2], offset[2]), 0);
	assert_int_equal(memrig_heap_alloc_at(rig->heap[2], 0, BYTES - 64 - 256, &rest, NULL), 0);
	assert_int_equal(memrig_heap_alloc_at(rig->heap[2], 0, 128, &rest, NULL), 0);
	start(rig, &w, 1);
	assert_int_equal(stat_of(rig->heap[0]).waiters, 0); /* its blocks are too small */
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, -ETIMEDOUT);
	assert_int_equal(w.reason, MEMRIG_REASON_EMPTY);
	assert_int_equal(w.largest, 128);
}

static void the_most_urgent_is_served_first(void **state)
{
	struct waiter w[4] = {
		{ .priority = 9 }, { .priority = 5 }, { .priority = 9 }, { .priority = 2 }
	};
	static const int order[] = { 3, 2, 4, 1 };
	struct rig *rig = *state;
	uint64_t offset[3];
	int i, k;

	served = 0;
	fill(rig, offset);
	for (i = 0; i < 4; i++) {
		w[i].args = request(64, MEMRIG_FOREVER);
		start(rig, &w[i], i + 1);
	}
	for (i = 1; i <= 4; i++) { /* in one member, then in the other */
		assert_int_equal(memrig_heap_free_at(rig->heap[i % 2], offset[i % 2]), 0);
		until_waiting(rig->heap[2], 4 - i);
		for (k = 0; order[k] != i; k++)
			;
		pthread_join(w[k].thread, NULL);
		assert_int_equal(w[k].order, i);
		assert_int_equal(w[k].ret, 0);
		assert_int_equal(w[k].args.member, i % 2);
	}
}

static void who_cannot_use_it_is_passed_over(void **state)
{
	struct waiter large = { .args = request(200, MEMRIG_FOREVER), .priority = 1 };
	struct waiter small = { .args = request(20, MEMRIG_FOREVER), .priority = 9 };
	struct rig *rig = *state;
	uint64_t offset[3];

	fill(rig, offset);
	start(rig, &large, 1);
	start(rig, &small, 2);
	assert_int_equal(memrig_heap_free_at(rig->heap[0], offset[0]), 0);
	pthread_join(small.thread, NULL);
	assert_int_equal(small.ret, 0);
	assert_int_equal(small.args.member, 0);
	assert_int_equal(memrig_heap_free_at(rig->heap[2], offset[2]), 0);
	pthread_join(large.thread, NULL);
	assert_int_equal(large.ret, 0);
	assert_int_equal(large.args.member, 2);
}

static void requests_say_which_members(void **state)
{
	struct waiter w = { .args = request(20, MEMRIG_FOREVER) };
	struct memrig_rule rule = any_rule;
	struct memrig_multi_rule_stat counts[1];
	struct memrig_multi_stat all = {
		.size = sizeof(all),
		.rules = (uintptr_t)counts,
		.rule_count = 1,
	};
	struct rig *rig = *state;
	uint64_t offset[3];

	fill(rig, offset);
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), 0);
	w.args.without = CUSTOM(0);
	start(rig, &w, 1);
	assert_int_equal(memrig_heap_free_at(rig->heap[0], offset[0]), 0); /* is none of them */
	assert_int_equal(stat_of(rig->heap[0]).live_blocks, 7);
	assert_int_equal(memrig_multi_remove(rig->multi, 0), 0);
	assert_int_equal(memrig_heap_free_at(rig->heap[1], offset[1]), 0);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, 0);
	assert_int_equal(w.args.member, 1);
	assert_int_equal(w.args.rule, 0);
	assert_int_equal(memrig_multi_stat(rig->multi, &all), 0);
	assert_int_equal(counts[0].allocs, 1);
}

static uint32_t backwards(memrig_multi_t *multi, const struct memrig_multi_alloc *args,
			  uint32_t tried, void *arg)
{
	return tried < 3 ? 2 - tried : MEMRIG_MEMBER_ANY;
}

static void a_function_says_for_whom_to_wait(void **state)
{
	struct waiter w = { .args = request(20, MEMRIG_FOREVER) };
	struct rig *rig = *state;
	uint64_t offset[3];

	fill(rig, offset);
	assert_int_equal(memrig_multi_choose(rig->multi, backwards, NULL), 0);
	w.multi = rig->multi;
	assert_int_equal(pthread_create(&w.thread, NULL, wait_in_multi, &w), 0);
	until_waiting(rig->heap[0], 1);
	assert_int_equal(memrig_heap_free_at(rig->heap[1], offset[1]), 0);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, 0);
	assert_int_equal(w.args.member, 1);
	assert_int_equal(w.args.rule, UINT32_MAX);
}

static void one_that_waits_alone_is_told_why(void **state)
{
	struct memrig_multi_alloc args = request(257, 1 * MS);
	struct waiter w = { .args = request(200, MEMRIG_FOREVER) };
	struct memrig_heap_stat stat;
	struct rig *rig = *state;
	uint64_t offset[3];

	fill(rig, offset);
	w.args.without = CUSTOM(2);
	args.without = CUSTOM(2);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	args.bytes = 200;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ETIMEDOUT);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
	w.multi = rig->multi;
	assert_int_equal(pthread_create(&w.thread, NULL, wait_in_multi, &w), 0);
	until_waiting(rig->heap[1], 1);
	assert_int_equal(memrig_multi_remove(rig->multi, 1), -EBUSY);
	assert_int_equal(memrig_heap_free_at(rig->heap[1], offset[1]), 0);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, 0);
	assert_int_equal(w.args.member, 1);
	stat = stat_of(rig->heap[1]);
	assert_int_equal(stat.waits, 2);
	assert_int_equal(stat.timeouts, 1);
}

static int corruptions;

static void on_corruption(const void *heap, unsigned int invariant, uint64_t offset)
{
	corruptions++;
}

/* Full: two blocks and some rest; the header of the second is where the first ends. */
static memrig_heap_t *make_full(void *ptr[2])
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_INBAND, 8192, 0);
	void *rest;

	assert_int_equal(memrig_heap_alloc(heap, 0, 2000, &ptr[0]), 0);
	assert_int_equal(memrig_heap_alloc(heap, 0, 2000, &ptr[1]), 0);
	while (!memrig_heap_alloc(heap, 0, 1000, &rest))
		;
	return heap;
}

static void who_waits_for_broken_heaps_is_told(void **state)
{
	struct waiter w = { .args = request(1500, MEMRIG_FOREVER) };
	memrig_multi_t *multi = NULL;
	memrig_heap_t *heap[2];
	void *ptr[2][2];
	int i;

	memrig_on_corruption(on_corruption);
	corruptions = 0;
	assert_int_equal(memrig_multi_local_create(&multi), 0);
	for (i = 0; i < 2; i++) {
		heap[i] = make_full(ptr[i]);
		assert_int_equal(memrig_multi_add(multi, heap[i], 0, NULL), 0);
	}
	w.multi = multi;
	assert_int_equal(pthread_create(&w.thread, NULL, wait_in_multi, &w), 0);
	until_waiting(heap[1], 1);
	for (i = 0; i < 2; i++) {
		memset((char *)ptr[i][1] - 8, 0xff, 8);
		assert_int_equal(memrig_heap_free(heap[i], ptr[i][0]), -EIO);
		assert_int_equal(corruptions, i + 1);
		if (!i) /* one is left */
			assert_int_equal(stat_of(heap[1]).waiters, 1);
	}
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, -EIO);
	memrig_multi_close(multi);
	memrig_heap_close(heap[0]);
	memrig_heap_close(heap[1]);
	memrig_on_corruption(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_free_in_any_member_serves),	       T(the_time_is_over),
		T(the_reason_is_how_things_are_then),  T(the_most_urgent_is_served_first),
		T(who_cannot_use_it_is_passed_over),   T(requests_say_which_members),
		T(a_function_says_for_whom_to_wait),   T(one_that_waits_alone_is_told_why),
		T(who_waits_for_broken_heaps_is_told),
	};

	return RUN(tests);
}
