// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on two sys_mem_blocks and a group of them, under the thread sanitizer: every block
 * is written by its owner and must be found as it was left, whichever call it came and goes by.
 * Listeners count what is handed out and given back. A third member comes and goes. At the end all
 * is free, and the listeners agree.
 *
 *	stress_sys_mem_blocks [SEED [SECONDS]]
 */
#define CONFIG_SYS_MEM_BLOCKS_LISTENER 1
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "k_thread.h"
#include "mem_blocks_core.h"
#include "stress.h"
#include "sys_multi_mem_blocks.h"

#define THREADS 8
#define BLOCKS	40
#define SIZE	32
#define HOLD	6

SYS_MEM_BLOCKS_DEFINE_STATIC(one, SIZE, BLOCKS, 8);
SYS_MEM_BLOCKS_DEFINE_STATIC(two, SIZE, BLOCKS, 8);

static sys_mem_blocks_t *const members[] = { &one, &two };
static char third_buf[4 * SIZE] __attribute__((__aligned__(SIZE)));
static sys_mem_blocks_t third;
static sys_multi_mem_blocks_t group;
static int64_t end;
static unsigned long lists, runs, named, refused, moves;
static long told;

static void on_alloc(uintptr_t id, void *mem, size_t bytes)
{
	told += (long)bytes;
}

static void on_free(uintptr_t id, void *mem, size_t bytes)
{
	told -= (long)bytes;
}

static sys_mem_blocks_t *choose(struct sys_multi_mem_blocks *g, void *cfg)
{
	return cfg;
}

static void count(unsigned long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

/**
 * struct held - blocks of one thread
 * @mb: whose
 * @num: how many; 0: none
 * @run: they are neighbours
 * @block: their addresses, of a run the first alone
 */
struct held {
	sys_mem_blocks_t *mb;
	size_t num;
	bool run;
	void *block[HOLD];
};

static void get(struct held *h, unsigned int *seed, unsigned char fill)
{
	size_t n = 1 + (size_t)rand_r(seed) % HOLD, size = 0;
	unsigned int how = (unsigned int)rand_r(seed) % 4;
	int err;

	h->mb = members[rand_r(seed) % 2];
	h->run = how > 1;
	h->block[0] = h->mb->buffer + rand_r(seed) % BLOCKS * SIZE;
	if (how == 0)
		err = sys_mem_blocks_alloc(h->mb, n, h->block);
	else if (how == 1)
		err = sys_multi_mem_blocks_alloc(&group, h->mb, n, h->block, &size);
	else if (how == 2)
		err = sys_mem_blocks_alloc_contiguous(h->mb, n, h->block);
	else
		err = sys_mem_blocks_get(h->mb, h->block[0], n);
	if (err && err != -ENOMEM)
		fail("an unexpected error");
	if (err) {
		count(&refused);
		return;
	}
	count(how < 2 ? &lists : how == 2 ? &runs : &named);
	if (how == 1 && size != SIZE)
		fail("the group gives a wrong size");
	h->num = n;
	if (sys_mem_blocks_is_region_free(h->mb, h->block[0], 1))
		fail("a block that is handed out is free");
	for (size_t i = 0; i < (h->run ? 1 : n); i++)
		memset(h->block[i], fill, h->run ? n * SIZE : SIZE);
}

static void drop(struct held *h, bool by_group, unsigned char fill)
{
	int err;

	if (!h->num)
		return;
	for (size_t i = 0; i < h->num * SIZE; i++) {
		unsigned char *at = h->run ? h->block[0] : h->block[i / SIZE];

		if (at[h->run ? i : i % SIZE] != fill)
			fail("somebody wrote into a block that is not his");
	}
	if (h->run)
		err = sys_mem_blocks_free_contiguous(h->mb, h->block[0], h->num);
	else if (by_group)
		err = sys_multi_mem_blocks_free(&group, h->num, h->block);
	else
		err = sys_mem_blocks_free(h->mb, h->num, h->block);
	if (err)
		fail("a free was refused");
	h->num = 0;
}

/* A member that comes and goes: its blocks are used through the group only. */
static void third_party(void)
{
	void *block[2];
	int err = sys_multi_mem_blocks_alloc(&group, &third, 2, block, NULL);

	if (!err && sys_multi_mem_blocks_free(&group, 2, block))
		fail("a member went although blocks of its were handed out");
	if (err && err != -EINVAL && err != -ENOMEM)
		fail("an unexpected error of the third member");
	err = sys_multi_mem_blocks_remove_allocator(&group, &third);
	if (!err)
		count(&moves);
	else if (err != -EBUSY && err != -ENOENT)
		fail("an unexpected error of removal");
	err = sys_multi_mem_blocks_add_allocator(&group, &third);
	if (err && err != -EEXIST)
		fail("an unexpected error of adding");
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg;
	unsigned char fill = (unsigned char)(seed * 37 + 1);
	struct held held[HOLD] = { 0 };
	struct sys_memory_stats stats;

	while (mrig_clock() < end) {
		struct held *h = &held[rand_r(&seed) % HOLD];
		int dice = rand_r(&seed) % 16;

		if (h->num)
			drop(h, dice & 1, fill);
		else
			get(h, &seed, fill);
		if (dice == 15)
			third_party();
		if (dice == 14) {
			sys_mem_blocks_runtime_stats_get(&one, &stats);
			if (stats.allocated_bytes + stats.free_bytes != BLOCKS * SIZE ||
			    stats.max_allocated_bytes < stats.allocated_bytes)
				fail("figures of one answer disagree");
			sys_mem_blocks_runtime_stats_reset_max(&one);
			mrig_mem_blocks_largest(&two);
		}
	}
	for (int i = 0; i < HOLD; i++)
		drop(&held[i], i & 1, fill);
	return NULL;
}

static void judge(void)
{
	struct sys_memory_stats stats;

	for (int i = 0; i < 2; i++) {
		sys_mem_blocks_runtime_stats_get(members[i], &stats);
		if (stats.allocated_bytes || !mrig_blocks_validate(members[i]->core) ||
		    mrig_mem_blocks_largest(members[i]) != BLOCKS)
			fail("not all is free at the end");
	}
	if (told)
		fail("the listeners' sum is not 0");
	if (!lists || !runs || !named || !refused || !moves)
		fail("not everything happened");
	printf("%lu lists, %lu runs, %lu named, %lu refused, %lu moves\n", lists, runs, named,
	       refused, moves);
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	HEAP_LISTENER_ALLOC_DEFINE(allocs, HEAP_ID_FROM_POINTER(&one), on_alloc);
	HEAP_LISTENER_FREE_DEFINE(frees, HEAP_ID_FROM_POINTER(&one), on_free);
	unsigned int seeds[THREADS];
	pthread_t threads[THREADS];
	int seconds = argc > 2 ? atoi(argv[2]) : 3;

	heap_listener_register(&allocs);
	heap_listener_register(&frees);
	if (mrig_mem_blocks_init(&third, third_buf, SIZE, 4) ||
	    sys_multi_mem_blocks_init(&group, choose) ||
	    sys_multi_mem_blocks_add_allocator(&group, &one) ||
	    sys_multi_mem_blocks_add_allocator(&group, &two))
		fail("no group");
	end = mrig_clock() + seconds * 1000000000LL;
	for (int i = 0; i < THREADS; i++) {
		seeds[i] = seed * 100 + (unsigned int)i;
		if (pthread_create(&threads[i], NULL, work, &seeds[i]))
			fail("no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	judge();
	return mrig_mem_blocks_fini(&third) | mrig_multi_mem_blocks_fini(&group);
}
