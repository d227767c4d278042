// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Messages in heaps that the library runs: order, waiting, what may be done with one on its way,
 * and that tracked allocations are allocations.
 */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <memrig/sync/k_thread.h>
#include <memrig/track.h>

#include "test.h"

#define MS 1000000ULL

static memrig_heap_t *make(uint32_t engine, uint64_t block)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = engine,
		.placement = MEMRIG_PLACEMENT_OOB,
		.flags = MEMRIG_HEAP_STATS,
		.block_size = block,
	};
	memrig_heap_t *heap = NULL;

	assert_int_equal(memrig_local_create(NULL, 8192, &args, &heap), 0);
	return heap;
}

static struct memrig_heap_stat figures(memrig_heap_t *heap)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	return stat;
}

static void first_in_first_out(void **state)
{
	memrig_heap_t *heap = make(MEMRIG_ENGINE_SLAB, 64);
	struct memrig_receive got;
	void *sent[20], *ptr;
	size_t bytes;
	int i;

	for (i = 0; i < 20; i++) {
		assert_int_equal(memrig_heap_alloc(heap, 0, 64, &sent[i]), 0);
		assert_int_equal(memrig_heap_send(heap, sent[i], i), 0);
	}
	assert_int_equal(figures(heap).queued, 20);
	assert_int_equal(figures(heap).max_queued, 20);
	assert_int_equal(figures(heap).live_blocks, 20);
	assert_int_equal(figures(heap).client_blocks, 0);
	for (i = 0; i < 19; i++) {
		assert_int_equal(memrig_heap_receive(heap, 0, &ptr, &bytes), 0);
		assert_ptr_equal(ptr, sent[i]);
		assert_int_equal(bytes, i ? i : 64);
		assert_int_equal(memrig_heap_free(heap, ptr), 0);
	}
	assert_int_equal(memrig_heap_receive_at(heap, 0, &got), 0);
	assert_int_equal(got.usable, 64);
	assert_int_equal(got.bytes, 19);
	assert_int_equal(got.from, 1);
	assert_int_equal(memrig_heap_receive(heap, 0, &ptr, NULL), -EAGAIN);
	assert_int_equal(figures(heap).sent, 20);
	assert_int_equal(figures(heap).received, 20);
	assert_int_equal(memrig_heap_reset_max(heap), 0);
	assert_int_equal(figures(heap).max_queued, 0);
	memrig_heap_close(heap);
}

static void on_its_way_it_is_nobodys(void **state)
{
	static const uint32_t engines[] = { MEMRIG_ENGINE_SYS_HEAP, MEMRIG_ENGINE_SLAB,
					    MEMRIG_ENGINE_RING, MEMRIG_ENGINE_FIRST_FIT,
					    MEMRIG_ENGINE_BEST_FIT };
	struct memrig_block blocks[256];
	uint64_t offset, moved, usable, cursor;
	size_t i;
	int n, j;

	for (i = 0; i < ARRAY_SIZE(engines); i++) {
		memrig_heap_t *heap = make(engines[i], engines[i] == MEMRIG_ENGINE_SLAB ? 64 : 0);

		assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &offset, NULL), 0);
		assert_int_equal(memrig_heap_send_at(heap, offset, 1000), -EINVAL);
		assert_int_equal(memrig_heap_send_at(heap, offset, 0), 0);
		moved = offset;
		assert_int_equal(memrig_heap_send_at(heap, offset, 0), -EBUSY);
		assert_int_equal(memrig_heap_free_at(heap, offset), -EBUSY);
		assert_int_equal(memrig_heap_usable_at(heap, offset, &usable), -EBUSY);
		assert_int_equal(memrig_heap_realloc_at(heap, &moved, 0, 32, 0, NULL), -EBUSY);
		cursor = 0;
		n = memrig_heap_walk(heap, &cursor, blocks, ARRAY_SIZE(blocks));
		for (j = 0; j < n; j++)
			if (blocks[j].offset == offset)
				assert_int_equal(blocks[j].flags,
						 MEMRIG_BLOCK_USED | MEMRIG_BLOCK_QUEUED);
		/* It goes with the heap. */
		assert_sound(heap);
		memrig_heap_close(heap);
	}
}

static void runs_of_blocks(void **state)
{
	memrig_heap_t *heap = make(MEMRIG_ENGINE_BLOCKS, 64);
	struct memrig_receive got;

	assert_int_equal(memrig_heap_blocks_get(heap, 0, 8), 0);
	assert_int_equal(memrig_heap_send_at(heap, 0, 0), 0);
	assert_int_equal(memrig_heap_blocks_free(heap, 128, 2), -EBUSY);
	assert_int_equal(memrig_heap_receive_at(heap, 0, &got), 0);
	assert_int_equal(got.usable, 512);
	assert_int_equal(memrig_heap_blocks_free(heap, 128, 2), 0);
	memrig_heap_close(heap);
}

static void bad_input(void **state)
{
	memrig_heap_t *heap = make(MEMRIG_ENGINE_SLAB, 64);
	struct memrig_receive got;
	int here;

	assert_int_equal(memrig_heap_send_at(heap, 0, 0), -ENOENT);
	assert_int_equal(memrig_heap_send_at(heap, UINT64_MAX, 0), -ENOENT);
	assert_int_equal(memrig_heap_send(heap, NULL, 0), -ENOENT);
	assert_int_equal(memrig_heap_send(heap, &here, 0), -ENOENT);
	assert_int_equal(memrig_heap_receive_at(heap, 0, &got), -EAGAIN);
	assert_int_equal(memrig_heap_receive_at(heap, 20 * MS, &got), -ETIMEDOUT);
	assert_int_equal(memrig_heap_receive_at(heap, 1, &got), -ETIMEDOUT);
	assert_int_equal(memrig_heap_watch_messages(heap), -EOPNOTSUPP);
	assert_string_equal(memrig_failure()->call, "memrig_heap_watch_messages");
	memrig_heap_close(heap);
}

/* ---- waiting ------------------------------------------------------------------------- */

struct receiver {
	memrig_heap_t *heap;
	int priority;
	pthread_t thread;
	int ret;
	struct memrig_receive got;
};

static void *receive(void *arg)
{
	struct receiver *r = arg;

	if (r->priority)
		k_thread_priority_set(k_current_get(), r->priority);
	r->ret = memrig_heap_receive_at(r->heap, MEMRIG_FOREVER, &r->got);
	return NULL;
}

static void start(struct receiver *r, memrig_heap_t *heap, int priority)
{
	uint32_t before = figures(heap).receivers;

	*r = (struct receiver){ .heap = heap, .priority = priority };
	assert_int_equal(pthread_create(&r->thread, NULL, receive, r), 0);
	while (figures(heap).receivers != before + 1)
		usleep(1000);
}

/* By priority, then by age; each message goes to exactly one of them. */
static void handed_to_the_first_who_waits(void **state)
{
	static const int priority[] = { 5, 0, 5, 1 }, order[] = { 1, 3, 0, 2 };
	memrig_heap_t *heap = make(MEMRIG_ENGINE_SLAB, 64);
	struct receiver r[4];
	uint64_t offset;
	int i;

	for (i = 0; i < 4; i++)
		start(&r[i], heap, priority[i] ? priority[i] : -1);
	for (i = 0; i < 4; i++) {
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &offset, NULL), 0);
		assert_int_equal(memrig_heap_send_at(heap, offset, 7), 0);
		assert_int_equal(pthread_join(r[order[i]].thread, NULL), 0);
		assert_int_equal(r[order[i]].ret, 0);
		assert_int_equal(r[order[i]].got.offset, offset);
		assert_int_equal(r[order[i]].got.bytes, 7);
		assert_int_equal(figures(heap).receivers, 3 - i);
	}
	assert_int_equal(figures(heap).max_queued, 0);
	memrig_heap_close(heap);
}

/* ---- tracking ------------------------------------------------------------------------ */

/* A heap of this process takes tracked allocations and keeps no list: that is a tracker's. */
static void tracked_allocations(void **state)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.flags = MEMRIG_HEAP_TRACK,
	};
	memrig_heap_t *heap = make(MEMRIG_ENGINE_SYS_HEAP, 0), *other;
	struct memrig_track_entry entry;
	uint64_t offset, cursor = 0;
	void *ptr;

	assert_int_equal(MEMRIG_TRACKED_ALLOC(heap, 64, 100, &ptr), 0);
	assert_int_equal((uintptr_t)ptr % 64, 0);
	assert_int_equal(MEMRIG_TRACKED_ALLOC_AT(heap, 0, 100, &offset), 0);
	assert_int_equal(MEMRIG_TRACKED_ALLOC(heap, 0, 1 << 20, &ptr), -ENOMEM);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
	assert_int_equal(memrig_heap_tracked_alloc_at(heap, 0, 8, NULL, 0, &offset), 0);
	assert_int_equal(memrig_heap_track_list(heap, &cursor, &entry, 1), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_track_report(heap, stdout), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_track_report(heap, NULL), -EINVAL);
	assert_int_equal(memrig_local_create(NULL, 8192, &args, &other), -EOPNOTSUPP);
	memrig_heap_close(heap);
}

int main(void)
{
	const struct CMUnitTest messages[] = {
		cmocka_unit_test(first_in_first_out),
		cmocka_unit_test(on_its_way_it_is_nobodys),
		cmocka_unit_test(runs_of_blocks),
		cmocka_unit_test(bad_input),
		cmocka_unit_test(handed_to_the_first_who_waits),
		cmocka_unit_test(tracked_allocations),
	};

	return RUN(messages);
}
