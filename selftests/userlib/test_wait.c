// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for memory of heaps that the library runs: deadlines, order, who is passed over, what is
 * hopeless.
 */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <memrig/sync/k_thread.h>

#include "test.h"

#define MS 1000000ULL

/* A slab of @blocks blocks of 64 bytes. */
static memrig_heap_t *make_slab(uint32_t blocks)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = MEMRIG_ENGINE_SLAB,
		.placement = MEMRIG_PLACEMENT_OOB,
		.block_size = 64,
		.num_blocks = blocks,
	};
	memrig_heap_t *heap = NULL;

	assert_int_equal(memrig_local_create(NULL, 64 * blocks, &args, &heap), 0);
	return heap;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 * MS + now.tv_nsec;
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

/* One thread that wants a block; what it got, and as which of all. */
struct waiter {
	memrig_heap_t *heap;
	uint64_t bytes;
	uint64_t timeout;
	int priority;
	pthread_t thread;
	int ret;
	uint32_t reason;
	uint64_t offset;
	uint64_t usable;
	int order;
};

static int served;

static void *wait_for_block(void *arg)
{
	struct waiter *w = arg;

	if (w->priority)
		k_thread_priority_set(k_current_get(), w->priority);
	w->ret =
		memrig_heap_alloc_wait_at(w->heap, 0, w->bytes, w->timeout, &w->offset, &w->usable);
	if (w->ret)
		w->reason = memrig_failure()->reason;
	w->order = __atomic_add_fetch(&served, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start(struct waiter *w, uint32_t waiters)
{
	assert_int_equal(pthread_create(&w->thread, NULL, wait_for_block, w), 0);
	until_waiting(w->heap, waiters);
}

static void nobody_waits_for_what_is_there(void **state)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap = make_slab(1);
	uint64_t offset, usable;
	void *ptr;

	assert_int_equal(memrig_heap_alloc_wait_at(heap, 0, 64, MEMRIG_FOREVER, &offset, &usable),
			 0);
	assert_int_equal(usable, 64);
	assert_int_equal(memrig_heap_free_at(heap, offset), 0);
	assert_int_equal(memrig_heap_alloc_wait(heap, 0, 64, 0, &ptr), 0);
	memset(ptr, 1, 64);
	assert_int_equal(memrig_heap_free(heap, ptr), 0);
	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	assert_int_equal(stat.waits, 0);
	memrig_heap_close(heap);
}

static void time_passes_before_it_is_over(void **state)
{
	static const uint64_t times[] = { 0, 1, 30 * MS };
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap = make_slab(1);
	uint64_t offset, before;
	size_t i;
	void *ptr;

	assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &offset, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		before = now_ns();
		assert_int_equal(memrig_heap_alloc_wait(heap, 0, 64, times[i], &ptr), -ETIMEDOUT);
		assert_true(now_ns() - before >= times[i]);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
		assert_int_equal(memrig_failure()->wanted, 64);
	}
	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	assert_int_equal(stat.waits, 3);
	assert_int_equal(stat.timeouts, 3);
	assert_int_equal(stat.failures, 3);
	assert_int_equal(stat.waiters, 0);
	memrig_heap_close(heap);
}

static void what_can_never_be_had_fails_at_once(void **state)
{
	memrig_heap_t *slab = make_slab(2), *heap = make_heap(MEMRIG_PLACEMENT_OOB, 4096, 0);
	memrig_heap_t *inband = make_heap(MEMRIG_PLACEMENT_INBAND, 4096, 0);
	uint64_t offset;

	assert_int_equal(memrig_heap_alloc_wait_at(slab, 0, 65, MEMRIG_FOREVER, &offset, NULL),
			 -EINVAL);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	assert_int_equal(memrig_heap_alloc_wait_at(heap, 0, 4097, MEMRIG_FOREVER, &offset, NULL),
			 -EINVAL);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	/* also when the heap is in use */
	assert_int_equal(memrig_heap_alloc_at(inband, 0, 8, &offset, NULL), 0);
	assert_int_equal(memrig_heap_alloc_wait_at(inband, 0, 4096, MEMRIG_FOREVER, &offset, NULL),
			 -EINVAL);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 8, &offset, NULL), 0);
	assert_int_equal(memrig_heap_alloc_wait_at(heap, 1 << 30, 2048, MEMRIG_FOREVER, &offset,
						   NULL),
			 -EINVAL);
	/* and what is no request is none */
	assert_int_equal(memrig_heap_alloc_wait_at(heap, 0, 0, MEMRIG_FOREVER, &offset, NULL),
			 -EINVAL);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_NONE);
	assert_int_equal(memrig_heap_alloc_wait_at(heap, 7, 8, MEMRIG_FOREVER, &offset, NULL),
			 -EINVAL);
	memrig_heap_close(inband);
	memrig_heap_close(heap);
	memrig_heap_close(slab);
}

static void a_free_is_handed_on(void **state)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap = make_slab(1);
	struct waiter w = { .heap = heap, .bytes = 10, .timeout = MEMRIG_FOREVER };
	uint64_t offset, other;

	assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &offset, NULL), 0);
	start(&w, 1);
	assert_int_equal(memrig_heap_free_at(heap, offset), 0);
	/* it is taken, even if the one who waited has not run yet */
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &other, NULL), -ENOMEM);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.ret, 0);
	assert_int_equal(w.offset, offset);
	assert_int_equal(w.usable, 64);
	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	assert_int_equal(stat.waits, 1);
	assert_int_equal(stat.timeouts, 0);
	assert_int_equal(stat.live_blocks, 1);
	memrig_heap_close(heap);
}

static void the_most_urgent_is_served_first(void **state)
{
	memrig_heap_t *heap = make_slab(1);
	struct waiter w[4] = {
		{ .priority = 9 }, { .priority = 5 }, { .priority = 9 }, { .priority = 2 }
	};
	static const int order[] = { 3, 2, 4, 1 };
	uint64_t offset;
	int i, k;

	served = 0;
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &offset, NULL), 0);
	for (i = 0; i < 4; i++) {
		w[i].heap = heap;
		w[i].bytes = 64;
		w[i].timeout = MEMRIG_FOREVER;
		start(&w[i], i + 1);
	}
	for (i = 1; i <= 4; i++) {
		assert_int_equal(memrig_heap_free_at(heap, offset), 0);
		until_waiting(heap, 4 - i);
		for (k = 0; order[k] != i; k++)
			;
		pthread_join(w[k].thread, NULL);
		assert_int_equal(w[k].order, i);
		assert_int_equal(w[k].ret, 0);
	}
	memrig_heap_close(heap);
}

static void who_cannot_use_it_is_passed_over(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 65536, 0);
	struct waiter large = { .heap = heap, .bytes = 60000, .timeout = MEMRIG_FOREVER };
	struct waiter small = { .heap = heap, .bytes = 1000, .timeout = MEMRIG_FOREVER };
	uint64_t block[64], first;
	int count = 0;

	while (count < 64 && !memrig_heap_alloc_at(heap, 0, 1000, &block[count], NULL))
		count++;
	assert_int_equal(count, 64);
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 1000, &first, NULL), 0);
	start(&large, 1);
	start(&small, 2);
	assert_int_equal(memrig_heap_free_at(heap, first), 0);
	pthread_join(small.thread, NULL);
	assert_int_equal(small.ret, 0);
	until_waiting(heap, 1);
	assert_int_equal(memrig_heap_free_at(heap, small.offset), 0);
	while (count)
		assert_int_equal(memrig_heap_free_at(heap, block[--count]), 0);
	pthread_join(large.thread, NULL);
	assert_int_equal(large.ret, 0);
	memrig_heap_close(heap);
}

/* A block that shrinks, and blocks given back by their number, are memory, too. */
static void all_ways_to_give_back_count(void **state)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = MEMRIG_ENGINE_BLOCKS,
		.placement = MEMRIG_PLACEMENT_OOB,
		.block_size = 64,
		.num_blocks = 4,
	};
	struct waiter w[2] = { { .bytes = 64, .timeout = MEMRIG_FOREVER },
			       { .bytes = 128, .timeout = MEMRIG_FOREVER } };
	memrig_heap_t *heap = NULL;
	uint64_t offset;

	assert_int_equal(memrig_local_create(NULL, 256, &args, &heap), 0);
	w[0].heap = heap;
	w[1].heap = heap;
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 256, &offset, NULL), 0);
	start(&w[0], 1);
	assert_int_equal(memrig_heap_realloc_at(heap, &offset, 0, 192, 0, NULL), 0);
	pthread_join(w[0].thread, NULL);
	assert_int_equal(w[0].ret, 0);
	start(&w[1], 1);
	assert_int_equal(memrig_heap_blocks_free(heap, 64, 2), 0);
	pthread_join(w[1].thread, NULL);
	assert_int_equal(w[1].ret, 0);
	assert_int_equal(w[1].offset, 64);
	assert_sound(heap);
	memrig_heap_close(heap);
}

int main(void)
{
	const struct CMUnitTest waiting[] = {
		cmocka_unit_test(nobody_waits_for_what_is_there),
		cmocka_unit_test(time_passes_before_it_is_over),
		cmocka_unit_test(what_can_never_be_had_fails_at_once),
		cmocka_unit_test(a_free_is_handed_on),
		cmocka_unit_test(the_most_urgent_is_served_first),
		cmocka_unit_test(who_cannot_use_it_is_passed_over),
		cmocka_unit_test(all_ways_to_give_back_count),
	};

	return RUN(waiting);
}
