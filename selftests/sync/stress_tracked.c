// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on one sys_sync_heap, one mem_attr_heap and one tracker, under the thread sanitizer:
 * every block is written by its owner from the first byte to the last and must be found as it was
 * left. At the end all is free and the figures say so.
 *
 *	stress_tracked [SEED [SECONDS]]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <memrig/track.h>
#include "mem_attr_pool.h"
#include "stress.h"
#include "sys_sync_heap.h"

#define THREADS 6
#define HOLD	8
#define BYTES	8192

enum { SYNC, ATTR, TRACK, KINDS };

static char mem[3][BYTES] __attribute__((aligned(64)));
static struct mem_attr_region_t table[2];
static struct sys_sync_heap heap;
static struct memrig_tracker tracker;
static int64_t end;
static unsigned long served[KINDS], refused, seen;

struct block {
	unsigned char *at;
	size_t bytes;
	unsigned char fill;
	int kind;
};

static void drop(struct block *b)
{
	if (!b->at)
		return;
	inspect(b->at, b->bytes, b->fill);
	if (b->kind == SYNC)
		sys_sync_heap_free(&heap, b->at);
	else if (b->kind == ATTR ? memrig_mem_attr_heap_free(b->at)
				 : memrig_track_free(&tracker, b->at))
		fail("a block is not one");
	b->at = NULL;
	b->bytes = 0;
}

/* A new block, or the old one with another size. */
static void get(struct block *b, unsigned int *seed)
{
	size_t bytes = 1 + (size_t)rand_r(seed) % (rand_r(seed) % 4 ? 300 : 3000);
	void *to;

	if (!b->at)
		b->kind = rand_r(seed) % KINDS;
	if (b->kind == SYNC)
		to = sys_sync_heap_realloc(&heap, b->at, bytes);
	else if (b->kind == TRACK)
		to = memrig_track_realloc(&tracker, b->at, bytes, __FILE__, __LINE__);
	else
		to = b->at ? mem_attr_heap_realloc(b->at, bytes)
			   : mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, bytes);
	tick(to ? &served[b->kind] : &refused);
	if (!to)
		return;
	b->at = to;
	inspect(b->at, bytes < b->bytes ? bytes : b->bytes, b->fill);
	b->bytes = bytes;
	b->fill = (unsigned char)rand_r(seed);
	memset(to, b->fill, bytes);
}

static int count(const struct memrig_track_block *block, void *arg)
{
	tick(&seen);
	return !block->bytes;
}

static void look(void)
{
	struct sys_memory_stats stats;
	struct memrig_span_stats span;

	if (sys_sync_heap_runtime_stats_get(&heap, &stats) || stats.allocated_bytes > BYTES ||
	    memrig_mem_attr_heap_stats(&table[0], &span) || span.free_bytes > span.bytes ||
	    memrig_track_each(&tracker, count, NULL))
		fail("figures cannot be");
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg;
	struct block held[HOLD] = { 0 };

	while (mrig_clock() < end) {
		struct block *b = &held[rand_r(&seed) % HOLD];

		if (rand_r(&seed) % 64 == 0)
			look();
		else if (b->at && rand_r(&seed) % 2)
			drop(b);
		else
			get(b, &seed);
	}
	for (int i = 0; i < HOLD; i++)
		drop(&held[i]);
	return NULL;
}

static void finish(void)
{
	struct sys_memory_stats stats;

	if (sys_sync_heap_runtime_stats_get(&heap, &stats) || stats.allocated_bytes ||
	    !sys_heap_validate(&heap.heap) || memrig_mem_attr_heap_fini() ||
	    memrig_track_fini(&tracker))
		fail("something is not free at the end");
	if (served[SYNC] < 100 || served[ATTR] < 100 || served[TRACK] < 100 || !refused || !seen)
		fail("hardly anything happened");
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	unsigned int seeds[THREADS];
	pthread_t threads[THREADS];

	for (int i = 0; i < 2; i++)
		table[i] = (struct mem_attr_region_t){ "r", (uintptr_t)mem[i], BYTES,
						       DT_MEM_SW_ALLOC_CACHE };
	if (memrig_mem_attr_register(table, 2) || mem_attr_heap_pool_init() ||
	    sys_sync_heap_init(&heap, mem[2], BYTES) ||
	    memrig_track_init(&tracker, &memrig_allocator_libc))
		fail("something cannot be made");
	end = mrig_clock() + (argc > 2 ? atoi(argv[2]) : 2) * 1000000000LL;
	for (unsigned int i = 0; i < THREADS; i++) {
		seeds[i] = seed * 1000 + i;
		if (pthread_create(&threads[i], NULL, work, &seeds[i]))
			fail("no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	finish();
	printf("%lu + %lu + %lu blocks, %lu seen\n", served[SYNC], served[ATTR], served[TRACK],
	       seen);
	return 0;
}
