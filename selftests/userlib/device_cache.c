// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Per-thread caches over heaps of the kernel.
 */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memrig/cache.h>

#include "device.h"

#define THREADS 4
#define BLOCKS	64

static uint64_t live(memrig_heap_t *heap)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	return memrig_heap_stat(heap, &stat) ? UINT64_MAX : stat.live_blocks;
}

static struct memrig_cache_stat look(memrig_cache_t *cache)
{
	struct memrig_cache_stat stat = { .size = sizeof(stat) };

	memrig_cache_stat(cache, &stat);
	return stat;
}

struct job {
	memrig_cache_t *cache;
	unsigned int number;
	int wrong;
};

static void *churn(void *arg)
{
	struct job *job = arg;
	unsigned char *block[BLOCKS] = { 0 };
	unsigned int i, n;
	void *ptr;

	for (i = 0; i < 4000; i++) {
		n = i * 7919 % BLOCKS;
		if (block[n]) {
			job->wrong += block[n][0] != job->number || block[n][99] != job->number;
			job->wrong += !!memrig_cache_free(job->cache, block[n]);
			block[n] = NULL;
		} else if (!memrig_cache_alloc(job->cache, 0, 100 + n * 4, &ptr)) {
			block[n] = memset(ptr, (int)job->number, 100);
		} else {
			job->wrong++;
		}
	}
	for (n = 0; n < BLOCKS; n++)
		job->wrong += !!memrig_cache_free(job->cache, block[n]);
	return NULL;
}

TEST_F(device, cache_serves_threads_and_gives_back_when_they_end)
{
	pthread_t thread[THREADS];
	struct job job[THREADS];
	memrig_cache_t *cache;
	unsigned int i;

	ASSERT_EQ(0, memrig_cache_create(self->heap, NULL, &cache));
	for (i = 0; i < THREADS; i++) {
		job[i] = (struct job){ .cache = cache, .number = i + 1 };
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, churn, &job[i]));
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		EXPECT_EQ(0, job[i].wrong);
	}
	EXPECT_EQ(0, live(self->heap));
	EXPECT_EQ(0, look(cache).idle_blocks);
	EXPECT_LT(look(cache).fills * 4, look(cache).allocs);
	memrig_cache_close(cache);
}

TEST_F(device, cache_takes_back_what_lies_idle_before_it_fails)
{
	struct memrig_cache_config config = { .size = sizeof(config), .thread_bytes = 2 * LENGTH };
	memrig_cache_t *cache;
	void *block[50], *large;
	int i;

	ASSERT_EQ(0, memrig_cache_create(self->heap, &config, &cache));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, memrig_cache_alloc(cache, 0, 4000, &block[i]));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, memrig_cache_free(cache, block[i]));
	EXPECT_LT(100000, look(cache).idle_bytes);
	ASSERT_EQ(0, memrig_cache_alloc(cache, 0, 200000, &large));
	EXPECT_EQ(1, look(cache).reclaims);
	EXPECT_EQ(-ENOMEM, memrig_cache_alloc(cache, 0, 200000, &block[0]));
	EXPECT_EQ(0, strcmp(memrig_failure()->call, "memrig_cache_alloc"));
	EXPECT_NE(MEMRIG_REASON_NONE, memrig_failure()->reason);
	EXPECT_EQ(0, memrig_cache_free(cache, large));
	EXPECT_EQ(-ENOENT, memrig_cache_free(cache, large));
	EXPECT_EQ(0, live(self->heap));
	memrig_cache_close(cache);
}

/* Parent and child are one client of the heap: what one has idle the other must not get. */
static int in_the_child(memrig_cache_t *cache, void *idle)
{
	unsigned char *block[40];
	void *ptr;
	int i;

	if (look(cache).idle_blocks)
		return 1;
	for (i = 0; i < 40; i++) {
		if (memrig_cache_alloc(cache, 0, 500, &ptr) || ptr == idle)
			return 2;
		block[i] = memset(ptr, 0xcc, 500);
	}
	for (i = 0; i < 40; i++) {
		if (memrig_cache_free(cache, block[i]))
			return 3;
	}
	memrig_cache_close(cache);
	return 0;
}

TEST_F(device, cache_is_empty_in_a_child)
{
	unsigned char *idle, *used;
	memrig_cache_t *cache;
	int status, i;
	void *ptr;
	pid_t pid;

	ASSERT_EQ(0, memrig_cache_create(self->heap, NULL, &cache));
	ASSERT_EQ(0, memrig_cache_alloc(cache, 0, 500, &ptr));
	used = memset(ptr, 0x11, 500);
	ASSERT_EQ(0, memrig_cache_alloc(cache, 0, 500, &ptr));
	idle = memset(ptr, 0x22, 500);
	ASSERT_EQ(0, memrig_cache_free(cache, idle));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(in_the_child(cache, idle));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	for (i = 0; i < 500; i++)
		ASSERT_EQ(0x11, used[i]);
	/* The child gave back what it took, and nothing else. */
	EXPECT_EQ(1 + look(cache).idle_blocks, live(self->heap));
	ASSERT_EQ(0, memrig_cache_alloc(cache, 0, 500, &ptr));
	EXPECT_EQ(0, memrig_cache_free(cache, ptr));
	EXPECT_EQ(0, memrig_cache_free(cache, used));
	memrig_cache_close(cache);
	EXPECT_EQ(0, live(self->heap));
}

TEST_F(device, cache_knows_offsets_where_there_are_no_pointers)
{
	memrig_region_t *region =
		make_region(self->rig, MEMRIG_ATTR_CACHED, MEMRIG_REGION_KERNEL_ONLY);
	memrig_cache_t *cache;
	memrig_heap_t *heap;
	uint64_t offset, usable;
	void *ptr;

	ASSERT_NE(NULL, region);
	heap = make_heap(region, MEMRIG_PLACEMENT_INBAND);
	ASSERT_NE(NULL, heap);
	ASSERT_EQ(0, memrig_cache_create(heap, NULL, &cache));
	EXPECT_EQ(-EPERM, memrig_cache_alloc(cache, 0, 100, &ptr));
	ASSERT_EQ(0, memrig_cache_alloc_at(cache, 0, 100, &offset, &usable));
	EXPECT_LE(100, usable);
	EXPECT_EQ(0, memrig_cache_free_at(cache, offset));
	EXPECT_EQ(-ENOENT, memrig_cache_free_at(cache, offset));
	memrig_cache_close(cache);
	EXPECT_EQ(0, live(heap));
	memrig_heap_close(heap);
	memrig_region_close(region);
}

TEST_HARNESS_MAIN
