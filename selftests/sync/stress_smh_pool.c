// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on one shared_multi_heap, under the thread sanitizer, while regions come and go:
 * every block is written by its owner from the first byte to the last and must be found as it was
 * left. At the end all is free.
 *
 *	stress_smh_pool [SEED [SECONDS]]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "smh_pool.h"
#include "stress.h"

#define THREADS 6
#define FIXED	3
#define REGIONS (FIXED + THREADS)
#define BYTES	8192
#define HOLD	8

static char mem[REGIONS][BYTES] __attribute__((aligned(64)));
static int64_t end;
static unsigned long served, refused, moved, came, stayed;

struct block {
	unsigned char *at;
	size_t bytes;
	unsigned char fill;
};

static void drop(struct block *b)
{
	if (!b->at)
		return;
	inspect(b->at, b->bytes, b->fill);
	if (memrig_smh_free(b->at))
		fail("a block is not one");
	b->at = NULL;
}

static void get(struct block *b, unsigned int *seed)
{
	enum shared_multi_heap_attr attr = (enum shared_multi_heap_attr)(rand_r(seed) % 2);

	b->bytes = 1 + (size_t)rand_r(seed) % (rand_r(seed) % 4 ? 300 : 3000);
	b->at = rand_r(seed) % 4 ? shared_multi_heap_alloc(attr, b->bytes)
				 : shared_multi_heap_aligned_alloc(attr, 64, b->bytes);
	tick(b->at ? &served : &refused);
	if (!b->at)
		return;
	b->fill = (unsigned char)(1 + rand_r(seed) % 255);
	memset(b->at, b->fill, b->bytes);
}

static void resize(struct block *b, unsigned int *seed)
{
	size_t bytes = 1 + (size_t)rand_r(seed) % 2000;
	unsigned char *to =
		shared_multi_heap_realloc((enum shared_multi_heap_attr)(*seed % 2), b->at, bytes);

	if (!to)
		return;
	if (to != b->at)
		tick(&moved);
	b->at = to;
	inspect(b->at, bytes < b->bytes ? bytes : b->bytes, b->fill);
	memset(b->at, b->fill, bytes);
	b->bytes = bytes;
}

/* A region of the thread's own, which others use as soon as it is there. */
static void come_or_go(bool *there, unsigned int id)
{
	struct shared_multi_heap_region r = { id % 2, (uintptr_t)mem[FIXED + id], BYTES };
	int err = *there ? memrig_smh_remove(mem[FIXED + id]) : shared_multi_heap_add(&r, NULL);

	if (!err)
		*there = !*there;
	else if (!*there || err != -EBUSY)
		fail("a region does not do as it is told");
	tick(err ? &stayed : &came);
}

static void look(void)
{
	struct memrig_smh_region_info info;
	struct mrig_smh_stats stats;

	memrig_smh_stats(SMH_REG_ATTR_CACHEABLE, &stats);
	if (stats.use.allocated > stats.bytes)
		fail("more is allocated than there is");
	for (uint32_t i = 0; !memrig_smh_region(i, &info); i++) {
		if (info.span.free_bytes > info.span.bytes)
			fail("more is free than there is");
	}
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg, id = seed % THREADS;
	struct block held[HOLD] = { 0 };
	bool there = false;

	while (mrig_clock() < end) {
		struct block *b = &held[rand_r(&seed) % HOLD];
		int dice = rand_r(&seed) % 64;

		if (dice < 2)
			come_or_go(&there, id);
		else if (dice == 2)
			look();
		else if (!b->at)
			get(b, &seed);
		else if (dice & 1)
			resize(b, &seed);
		else
			drop(b);
	}
	for (int i = 0; i < HOLD; i++)
		drop(&held[i]);
	return NULL;
}

static void finish(void)
{
	struct memrig_smh_region_info info;

	while (!memrig_smh_region(0, &info)) {
		if (info.span.use.live || memrig_smh_remove(info.span.mem))
			fail("a region is not empty at the end");
	}
	if (memrig_smh_fini())
		fail("the pool does not end");
	if (served < 100 || !refused || !moved || !came || !stayed)
		fail("hardly anything happened");
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	unsigned int seeds[THREADS];
	pthread_t threads[THREADS];

	end = mrig_clock() + (argc > 2 ? atoi(argv[2]) : 3) * 1000000000LL;
	shared_multi_heap_pool_init();
	for (uint32_t i = 0; i < FIXED; i++) {
		struct shared_multi_heap_region r = { i % 2, (uintptr_t)mem[i], BYTES };

		if (shared_multi_heap_add(&r, NULL))
			fail("no region");
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		seeds[i] = seed * THREADS * 1000 + i;
		if (pthread_create(&threads[i], NULL, work, &seeds[i]))
			fail("no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	finish();
	printf("%lu requests served, %lu refused, %lu moved, %lu times a region came or went\n",
	       served, refused, moved, came);
	return 0;
}
