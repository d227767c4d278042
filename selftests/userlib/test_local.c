// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps that the library runs itself, both placements: what they promise when nothing goes wrong.
 */
#include <pthread.h>

#include "test.h"

#define PLACEMENTS 2

static const uint32_t placements[PLACEMENTS] = { MEMRIG_PLACEMENT_INBAND, MEMRIG_PLACEMENT_OOB };

static void alloc_gives_separate_usable_blocks(void **state)
{
	for (size_t i = 0; i < PLACEMENTS; i++) {
		memrig_heap_t *heap = make_heap(placements[i], 65536, 0);
		void *block[32];
		size_t usable;
		int n;

		for (n = 0; n < 32; n++) {
			assert_int_equal(memrig_heap_alloc(heap, 0, 100 + n, &block[n]), 0);
			assert_int_equal(memrig_heap_usable(heap, block[n], &usable), 0);
			assert_true(usable >= (size_t)(100 + n));
			assert_int_equal((uintptr_t)block[n] % sizeof(void *), 0);
			memset(block[n], n, usable);
		}
		for (n = 0; n < 32; n++) {
			assert_int_equal(((char *)block[n])[0], n);
			assert_int_equal(((char *)block[n])[99 + n], n);
			assert_int_equal(memrig_heap_free(heap, block[n]), 0);
		}
		assert_sound(heap);
		memrig_heap_close(heap);
	}
}

static void alignment_and_rewind_are_met(void **state)
{
	static const size_t aligns[] = { 16, 64, 256, 4096, 0x28, 0x108 };

	for (size_t i = 0; i < PLACEMENTS; i++) {
		memrig_heap_t *heap = make_heap(placements[i], 1 << 20, 0);
		size_t n, align, rewind;
		void *block;

		for (n = 0; n < 6; n++) {
			rewind = aligns[n] & -aligns[n];
			align = aligns[n] - rewind;
			if (!align) {
				align = rewind;
				rewind = 0;
			}
			assert_int_equal(memrig_heap_alloc(heap, aligns[n], 100, &block), 0);
			assert_int_equal(((uintptr_t)block + rewind) % align, 0);
		}
		memrig_heap_close(heap);
	}
}

static void realloc_keeps_content(void **state)
{
	for (size_t i = 0; i < PLACEMENTS; i++) {
		memrig_heap_t *heap = make_heap(placements[i], 65536, 0);
		void *first = NULL, *wall;
		uint64_t offset;
		int n;

		assert_int_equal(memrig_heap_realloc(heap, &first, 0, 64), 0);
		for (n = 0; n < 64; n++)
			((char *)first)[n] = n;
		assert_int_equal(memrig_heap_alloc(heap, 0, 64, &wall), 0);
		assert_int_equal(memrig_heap_realloc(heap, &first, 0, 4000), 0);
		for (n = 0; n < 64; n++)
			assert_int_equal(((char *)first)[n], n);
		assert_int_equal(memrig_heap_realloc(heap, &first, 1024, 4000), 0);
		assert_int_equal((uintptr_t)first % 1024, 0);
		for (n = 0; n < 64; n++)
			assert_int_equal(((char *)first)[n], n);
		assert_int_equal(memrig_heap_offset(heap, first, &offset), 0);
		assert_int_equal(memrig_heap_realloc_at(heap, &offset, 0, 16, 0, NULL), 0);
		assert_int_equal(memrig_heap_realloc(heap, &first, 0, 0), 0);
		assert_null(first);
		assert_sound(heap);
		memrig_heap_close(heap);
	}
}

static void realloc_in_place_never_moves(void **state)
{
	for (size_t i = 0; i < PLACEMENTS; i++) {
		memrig_heap_t *heap = make_heap(placements[i], 65536, 0);
		uint64_t offset, before, wall;

		assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &offset, NULL), 0);
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 64, &wall, NULL), 0);
		before = offset;
		assert_int_equal(memrig_heap_realloc_at(heap, &offset, 0, 1000,
							MEMRIG_REALLOC_IN_PLACE, NULL),
				 -ENOMEM);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_FRAGMENTED);
		assert_int_equal(offset, before);
		assert_int_equal(memrig_heap_realloc_at(heap, &offset, 0, 1000, 0, NULL), 1);
		assert_int_not_equal(offset, before);
		memrig_heap_close(heap);
	}
}

static void statistics_follow(void **state)
{
	for (size_t i = 0; i < PLACEMENTS; i++) {
		struct memrig_heap_stat stat = { .size = sizeof(stat) };
		memrig_heap_t *heap = make_heap(placements[i], 65536, 0);
		uint64_t a, b, usable_a, usable_b;

		assert_int_equal(memrig_heap_alloc_at(heap, 0, 1000, &a, &usable_a), 0);
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 2000, &b, &usable_b), 0);
		assert_int_equal(memrig_heap_free_at(heap, a), 0);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_int_equal(stat.placement, placements[i]);
		assert_int_equal(stat.length, 65536);
		assert_int_equal(stat.live_blocks, 1);
		assert_int_equal(stat.allocated_bytes, usable_b);
		assert_int_equal(stat.max_allocated_bytes, usable_a + usable_b);
		assert_int_equal(stat.allocs, 2);
		assert_int_equal(stat.frees, 1);
		assert_true(stat.largest_free > 60000);
		assert_int_equal(memrig_heap_reset_max(heap), 0);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_int_equal(stat.max_allocated_bytes, usable_b);
		memrig_heap_close(heap);
	}
}

static void walk_reports_each_live_block_once(void **state)
{
	enum { BLOCKS = 300 };

	for (size_t i = 0; i < PLACEMENTS; i++) {
		memrig_heap_t *heap = make_heap(placements[i], 1 << 20, 0);
		struct memrig_block part[7];
		uint64_t offset[BLOCKS], cursor = 0;
		int seen[BLOCKS] = { 0 };
		int n, k, j, live = 0;

		for (k = 0; k < BLOCKS; k++)
			assert_int_equal(memrig_heap_alloc_at(heap, 0, 8 + k, &offset[k], NULL), 0);
		for (k = 0; k < BLOCKS; k += 3)
			assert_int_equal(memrig_heap_free_at(heap, offset[k]), 0);
		while ((n = memrig_heap_walk(heap, &cursor, part, 7)) > 0) {
			for (j = 0; j < n; j++) {
				if (!(part[j].flags & MEMRIG_BLOCK_USED))
					continue;
				live++;
				for (k = 0; k < BLOCKS; k++)
					if (offset[k] == part[j].offset && k % 3)
						seen[k]++;
			}
		}
		assert_int_equal(n, 0);
		assert_int_equal(live, BLOCKS - BLOCKS / 3);
		for (k = 0; k < BLOCKS; k++)
			assert_int_equal(seen[k], k % 3 ? 1 : 0);
		memrig_heap_close(heap);
	}
}

static void batches_are_all_or_none_or_counted(void **state)
{
	for (size_t i = 0; i < PLACEMENTS; i++) {
		struct memrig_alloc_req reqs[3] = {
			{ .bytes = 100 },
			{ .bytes = 200, .align = 64 },
			{ .bytes = 1 << 20 },
		};
		struct memrig_heap_stat stat = { .size = sizeof(stat) };
		memrig_heap_t *heap = make_heap(placements[i], 65536, 0);
		uint64_t offsets[3];
		uint32_t done;

		assert_int_equal(memrig_heap_alloc_batch(heap, reqs, 3, MEMRIG_BATCH_ALL_OR_NONE,
							 &done),
				 -ENOMEM);
		assert_int_equal(done, 0);
		assert_int_equal(reqs[2].error, ENOMEM);
		assert_int_equal(reqs[2].reason, MEMRIG_REASON_TOO_LARGE);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_int_equal(stat.live_blocks, 0);

		assert_int_equal(memrig_heap_alloc_batch(heap, reqs, 3, 0, &done), 0);
		assert_int_equal(done, 2);
		offsets[0] = reqs[0].offset;
		offsets[1] = 1 << 30; /* no block */
		offsets[2] = reqs[1].offset;
		assert_int_equal(memrig_heap_free_batch(heap, offsets, 3, &done), -ENOENT);
		assert_int_equal(done, 1);
		assert_int_equal(memrig_heap_free_batch(heap, offsets + 2, 1, &done), 0);
		assert_int_equal(done, 1);
		memrig_heap_close(heap);
	}
}

/* ---- threads ------------------------------------------------------------------------- */

enum { THREADS = 4, SLOTS = 32, STEPS = 4000 };

struct worker {
	memrig_heap_t *heap;
	unsigned int seed;
	int bad;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	unsigned char *slot[SLOTS] = { NULL };
	size_t size[SLOTS] = { 0 };
	unsigned int r;
	void *ptr;
	int i, k;

	for (i = 0; i < STEPS; i++) {
		r = rand_r(&worker->seed);
		k = r % SLOTS;
		ptr = slot[k];
		if (ptr &&
		    (slot[k][0] != (unsigned char)k || slot[k][size[k] - 1] != (unsigned char)k))
			worker->bad++;
		if (ptr && r & 0x10000) {
			worker->bad += memrig_heap_free(worker->heap, ptr) != 0;
			slot[k] = NULL;
			continue;
		}
		size[k] = 1 + (r >> 8) % 500;
		if (memrig_heap_realloc(worker->heap, &ptr, 0, size[k])) {
			worker->bad++;
			break;
		}
		slot[k] = ptr;
		memset(ptr, k, size[k]);
	}
	for (k = 0; k < SLOTS; k++)
		worker->bad += memrig_heap_free(worker->heap, slot[k]) != 0;
	return NULL;
}

static void threads_share_a_heap(void **state)
{
	for (size_t i = 0; i < PLACEMENTS; i++) {
		struct memrig_heap_stat stat = { .size = sizeof(stat) };
		memrig_heap_t *heap = make_heap(placements[i], 1 << 20, 0);
		struct worker worker[THREADS];
		pthread_t thread[THREADS];
		int t;

		for (t = 0; t < THREADS; t++) {
			worker[t] = (struct worker){ .heap = heap, .seed = t + 1 };
			assert_int_equal(pthread_create(&thread[t], NULL, work, &worker[t]), 0);
		}
		for (t = 0; t < THREADS; t++) {
			pthread_join(thread[t], NULL);
			assert_int_equal(worker[t].bad, 0);
		}
		assert_sound(heap);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_int_equal(stat.live_blocks, 0);
		assert_true(stat.allocs > STEPS);
		memrig_heap_close(heap);
	}
}

int main(void)
{
	const struct CMUnitTest local[] = {
		cmocka_unit_test(alloc_gives_separate_usable_blocks),
		cmocka_unit_test(alignment_and_rewind_are_met),
		cmocka_unit_test(realloc_keeps_content),
		cmocka_unit_test(realloc_in_place_never_moves),
		cmocka_unit_test(statistics_follow),
		cmocka_unit_test(walk_reports_each_live_block_once),
		cmocka_unit_test(batches_are_all_or_none_or_counted),
		cmocka_unit_test(threads_share_a_heap),
	};

	return RUN(local);
}
