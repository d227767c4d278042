// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on the system heap and on pools of their own, under the thread sanitizer. Blocks go
 * from hand to hand through a table: whoever finds one there frees or resizes it, whatever heap it
 * came from. At the end all is free.
 *
 *	stress_k_malloc [SEED [SECONDS]]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "k_malloc.h"
#include "memrig/system_heap.h"
#include "stress.h"

#define THREADS 6
#define BYTES	8192
#define SLOTS	32

struct block {
	size_t bytes;
	unsigned char fill;
	unsigned char data[];
};

static struct k_heap pools[THREADS];
static char memory[THREADS][BYTES];
static struct block *slots[SLOTS];
static int64_t end;
static unsigned long served, refused;

static struct block *get(unsigned int *seed)
{
	size_t bytes = (size_t)rand_r(seed) % 500;
	struct block *b;

	if (rand_r(seed) & 1)
		b = k_malloc(sizeof(*b) + bytes);
	else
		b = z_thread_aligned_alloc(32, sizeof(*b) + bytes);
	__atomic_add_fetch(b ? &served : &refused, 1, __ATOMIC_RELAXED);
	if (b) {
		b->bytes = bytes;
		b->fill = (unsigned char)rand_r(seed);
		memset(b->data, b->fill, bytes);
	}
	return b;
}

static struct block *resize(struct block *b, size_t bytes)
{
	struct block *to = k_realloc(b, sizeof(*b) + bytes);

	if (!to)
		return b;
	inspect(to->data, bytes < to->bytes ? bytes : to->bytes, to->fill);
	to->bytes = bytes;
	memset(to->data, to->fill, bytes);
	return to;
}

static void *work(void *arg)
{
	unsigned int i = *(unsigned int *)arg, seed = i * 7919 + 1;

	k_thread_heap_assign(k_current_get(), &pools[i % THREADS]);
	while (mrig_clock() < end) {
		struct block **slot = &slots[rand_r(&seed) % SLOTS], *b = NULL;

		if (rand_r(&seed) % 3)
			b = get(&seed);
		b = __atomic_exchange_n(slot, b, __ATOMIC_ACQ_REL);
		if (!b)
			continue;
		inspect(b->data, b->bytes, b->fill);
		if (rand_r(&seed) & 1)
			b = resize(b, (size_t)rand_r(&seed) % 500);
		k_free(b);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	unsigned int numbers[THREADS];
	pthread_t threads[THREADS];

	end = mrig_clock() + (argc > 2 ? atoi(argv[2]) : 3) * 1000000000LL;
	if (memrig_system_heap_pool(BYTES, false, NULL))
		fail("no system heap");
	for (unsigned int i = 0; i < THREADS; i++) {
		numbers[i] = seed * THREADS + i;
		if (k_heap_init(&pools[i], memory[i], BYTES) ||
		    pthread_create(&threads[i], NULL, work, &numbers[i]))
			fail("no heap or no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < SLOTS; i++)
		k_free(slots[i]);
	for (int i = -1; i < THREADS; i++) {
		struct k_heap *heap = i < 0 ? &_system_heap : &pools[i];
		struct sys_memory_stats stats;

		k_heap_runtime_stats_get(heap, &stats);
		if (stats.allocated_bytes || !sys_heap_validate(&heap->heap))
			fail("a heap is not empty or not sound at the end");
	}
	if (served < 100)
		fail("hardly anything happened");
	printf("%lu requests served, %lu refused\n", served, refused);
	return 0;
}
