// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on one small k_mem_slab, under the thread sanitizer: every block is written by its
 * owner and must be found as it was left. Most of the time some wait. Figures are read and the peak
 * is reset meanwhile; blocks are given back twice, while nobody else can have them, and misaligned.
 * At the end all is free.
 *
 *	stress_k_mem_slab [SEED [SECONDS]]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "k_mem_slab.h"
#include "k_thread.h"
#include "mem_slab_core.h"
#include "stress.h"

#define THREADS 8
#define BLOCKS	7
#define SIZE	40
#define HOLD	3

K_MEM_SLAB_DEFINE_STATIC(slab, SIZE, BLOCKS, 8);

static int64_t end;
static unsigned long served, refused, timeouts;

static void drop(unsigned char **block, unsigned char fill)
{
	if (!*block)
		return;
	inspect(*block, SIZE, fill);
	if (mrig_mem_slab_free(&slab, *block + 8) != -EINVAL)
		fail("a misaligned free went through");
	if (fill & 1)
		k_mem_slab_free(&slab, *block);
	else if (mrig_mem_slab_free(&slab, *block))
		fail("a free was refused");
	*block = NULL;
}

static void get(unsigned char **block, unsigned char fill, k_timeout_t timeout)
{
	void *mem = NULL;
	int err = k_mem_slab_alloc(&slab, &mem, timeout);

	if (err == -ENOMEM && !timeout.ticks)
		tick(&refused);
	else if (err == -EAGAIN && timeout.ticks > 0)
		tick(&timeouts);
	else if (err)
		fail("an unexpected error");
	if (err)
		return;
	tick(&served);
	*block = mem;
	memset(mem, fill, SIZE);
}

static void look(void)
{
	struct sys_memory_stats stats;
	uint32_t used = k_mem_slab_num_used_get(&slab);

	if (used > BLOCKS || k_mem_slab_num_free_get(&slab) > BLOCKS)
		fail("more blocks than there are");
	k_mem_slab_runtime_stats_get(&slab, &stats);
	if (stats.allocated_bytes + stats.free_bytes != BLOCKS * SIZE ||
	    stats.max_allocated_bytes < stats.allocated_bytes)
		fail("figures of one answer disagree");
	k_mem_slab_runtime_stats_reset_max(&slab);
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg;
	unsigned char fill = (unsigned char)(seed * 37 + 1), *held[HOLD] = { NULL };

	k_thread_priority_set(NULL, (int)(seed % 3));
	while (mrig_clock() < end) {
		unsigned char **block = &held[rand_r(&seed) % HOLD];
		int dice = rand_r(&seed) % 16;

		if (*block)
			drop(block, fill);
		else
			get(block, fill, dice < 8 ? K_NO_WAIT : K_USEC(dice * 10));
		if (dice == 14)
			look();
		/* Who holds nothing may wait without an end: others free. */
		if (dice == 15) {
			for (int i = 0; i < HOLD; i++)
				drop(&held[i], fill);
			get(&held[0], fill, K_FOREVER);
			drop(&held[0], fill);
		}
	}
	for (int i = 0; i < HOLD; i++)
		drop(&held[i], fill);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	unsigned int seeds[THREADS];
	pthread_t threads[THREADS];
	int seconds = argc > 2 ? atoi(argv[2]) : 3;

	end = mrig_clock() + seconds * 1000000000LL;
	for (int i = 0; i < THREADS; i++) {
		seeds[i] = seed * 100 + (unsigned int)i;
		if (pthread_create(&threads[i], NULL, work, &seeds[i]))
			fail("no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (k_mem_slab_num_used_get(&slab) || slab.wait_q.first || slab.lock.lock.word ||
	    !mrig_slab_validate(&slab.core))
		fail("not all is free at the end");
	if (!served || !refused || !timeouts)
		fail("not everything happened");
	printf("%lu served, %lu refused, %lu timed out\n", served, refused, timeouts);
	return 0;
}
