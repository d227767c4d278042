// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on one small k_heap, under the thread sanitizer: every block is written by its owner
 * from the first byte to the last and must be found as it was left. Some ask for more than is there
 * and wait. At the end all is free.
 *
 *	stress_k_heap [SEED [SECONDS]]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "k_heap.h"
#include "k_thread.h"
#include "stress.h"

#define THREADS 8
#define BYTES	8192
#define HOLD	6

static struct k_heap heap;
static char mem[BYTES];
static int64_t end;
static unsigned long served, refused;

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
	k_heap_free(&heap, b->at);
	b->at = NULL;
}

static void resize(struct block *b, size_t bytes, k_timeout_t timeout)
{
	void *to = k_heap_realloc(&heap, b->at, bytes, timeout);

	if (!to)
		return;
	b->at = to;
	inspect(b->at, bytes < b->bytes ? bytes : b->bytes, b->fill);
	memset(b->at, b->fill, bytes);
	b->bytes = bytes;
}

static void get(struct block *b, unsigned int *seed, k_timeout_t timeout)
{
	size_t bytes = 1 + (size_t)rand_r(seed) % (rand_r(seed) % 8 ? 600 : 3000);
	unsigned int how = (unsigned int)rand_r(seed) % 3;

	if (how == 0)
		b->at = k_heap_alloc(&heap, bytes, timeout);
	else if (how == 1)
		b->at = k_heap_aligned_alloc(&heap, 64, bytes, timeout);
	else
		b->at = k_heap_calloc(&heap, 1, bytes, timeout);
	b->bytes = bytes;
	if (!b->at) {
		tick(&refused);
		return;
	}
	tick(&served);
	b->fill = 0;
	if (how == 2)
		inspect(b->at, bytes, b->fill);
	b->fill = (unsigned char)(1 + rand_r(seed) % 255);
	memset(b->at, b->fill, bytes);
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg;
	struct block held[HOLD] = { 0 };

	k_thread_priority_set(NULL, (int)(seed % 5));
	while (mrig_clock() < end) {
		struct block *b = &held[rand_r(&seed) % HOLD];
		int dice = rand_r(&seed) % 16;
		k_timeout_t timeout = dice < 8 ? K_NO_WAIT : K_USEC(dice * 40);

		if (!b->at)
			get(b, &seed, timeout);
		else if (dice & 1)
			resize(b, 1 + (size_t)rand_r(&seed) % 900, timeout);
		else
			drop(b);
		/* Who holds nothing may wait without an end: others free. */
		if (dice == 15) {
			for (int i = 0; i < HOLD; i++)
				drop(&held[i]);
			get(&held[0], &seed, K_FOREVER);
			drop(&held[0]);
		}
	}
	for (int i = 0; i < HOLD; i++)
		drop(&held[i]);
	k_heap_free(&heap, NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	unsigned int seeds[THREADS];
	struct sys_memory_stats stats;
	pthread_t threads[THREADS];

	end = mrig_clock() + (argc > 2 ? atoi(argv[2]) : 3) * 1000000000LL;
	if (k_heap_init(&heap, mem, sizeof(mem)))
		fail("no heap");
	for (int i = 0; i < THREADS; i++) {
		seeds[i] = seed * 1000 + (unsigned int)i;
		if (pthread_create(&threads[i], NULL, work, &seeds[i]))
			fail("no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	k_heap_runtime_stats_get(&heap, &stats);
	if (stats.allocated_bytes || heap.wait_q.first || heap.lock.lock.word ||
	    !sys_heap_validate(&heap.heap))
		fail("the heap is not empty or not sound at the end");
	if (served < 100 || !refused)
		fail("hardly anything happened");
	printf("%lu requests served, %lu refused\n", served, refused);
	return 0;
}
