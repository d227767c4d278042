// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig on the real device: allocators of every engine in the kernel, waiting for memory,
 * blocks by number.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "device_kinds.h"

#define MS 1000000ULL

FIXTURE(family)
{
	memrig_t *rig;
};

FIXTURE_SETUP(family)
{
	ASSERT_EQ(0, memrig_open(&self->rig));
}

FIXTURE_TEARDOWN(family)
{
	memrig_close(self->rig);
}

TEST_F(family, every_engine_allocates)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	uint32_t engine;

	ASSERT_EQ(0, memrig_caps(self->rig, &caps));
	for (engine = MEMRIG_ENGINE_SYS_HEAP; engine <= MEMRIG_ENGINE_BEST_FIT; engine++) {
		bool equal = engine == MEMRIG_ENGINE_SLAB || engine == MEMRIG_ENGINE_BLOCKS;
		struct memrig_heap_stat stat = { .size = sizeof(stat) };
		uint32_t invariant = 1;
		unsigned char *block[50];
		memrig_heap_t *heap;
		uint64_t offset;
		size_t usable;
		int i;

		EXPECT_NE(0, caps.engines & (1u << engine));
		heap = make_kind(self->rig, engine, equal ? 256 : 0, 0);
		ASSERT_NE(NULL, heap);
		for (i = 0; i < 50; i++) {
			ASSERT_EQ(0, memrig_heap_alloc(heap, 0, 100 + i, (void **)&block[i]));
			ASSERT_EQ(0, memrig_heap_usable(heap, block[i], &usable));
			memset(block[i], i, usable);
		}
		EXPECT_EQ(-ENOMEM, memrig_heap_alloc_at(heap, 0, 2 * LENGTH, &offset, NULL));
		EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, memrig_failure()->reason);
		ASSERT_EQ(0, memrig_heap_stat(heap, &stat));
		EXPECT_EQ(engine, stat.engine);
		EXPECT_EQ(equal ? 256 : 0, stat.block_size);
		EXPECT_EQ(50, stat.live_blocks);
		for (i = 0; i < 50; i++) {
			EXPECT_EQ(i, block[i][0]);
			EXPECT_EQ(i, block[i][99 + i]);
			EXPECT_EQ(0, memrig_heap_free(heap, block[i]));
			EXPECT_EQ(-ENOENT, memrig_heap_free(heap, block[i]));
		}
		ASSERT_EQ(0, memrig_heap_validate(heap, &invariant, &offset));
		EXPECT_EQ(0, invariant);
		memrig_heap_close(heap);
	}
}

TEST_F(family, bad_shapes_are_refused)
{
	static const struct {
		uint32_t engine;
		uint32_t placement;
		uint64_t block_size;
		uint32_t num_blocks;
		int error;
	} rows[] = {
		{ MEMRIG_ENGINE_SLAB, MEMRIG_PLACEMENT_OOB, 0, 0, -EINVAL },
		{ MEMRIG_ENGINE_SLAB, MEMRIG_PLACEMENT_OOB, 12, 0, -EINVAL },
		{ MEMRIG_ENGINE_SLAB, MEMRIG_PLACEMENT_OOB, 64, LENGTH / 64 + 1, -EINVAL },
		{ MEMRIG_ENGINE_SLAB, MEMRIG_PLACEMENT_INBAND, 64, 0, -EOPNOTSUPP },
		{ MEMRIG_ENGINE_BLOCKS, MEMRIG_PLACEMENT_OOB, 96, 0, -EINVAL },
		{ MEMRIG_ENGINE_RING, MEMRIG_PLACEMENT_OOB, 64, 0, -EINVAL },
		{ MEMRIG_ENGINE_BEST_FIT, MEMRIG_PLACEMENT_OOB, 0, 1, -EINVAL },
		{ 7, MEMRIG_PLACEMENT_OOB, 0, 0, -EOPNOTSUPP },
	};
	memrig_region_t *region = make_region(self->rig, MEMRIG_ATTR_CACHED, 0);
	memrig_heap_t *heap;
	size_t i;

	ASSERT_NE(NULL, region);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memrig_heap_create args = {
			.size = sizeof(args),
			.engine = rows[i].engine,
			.placement = rows[i].placement,
			.block_size = rows[i].block_size,
			.num_blocks = rows[i].num_blocks,
		};

		EXPECT_EQ(rows[i].error, memrig_heap_create(region, &args, &heap));
	}
	memrig_region_close(region);
}

/* ---- waiting ------------------------------------------------------------------------- */

struct waiter {
	memrig_heap_t *heap;
	uint64_t timeout;
	int ret;
	uint64_t left;
	uint64_t offset;
};

static void *wait_for_block(void *arg)
{
	struct waiter *w = arg;

	w->ret = memrig_heap_alloc_wait_at(w->heap, 0, 64, w->timeout, &w->offset, NULL);
	w->left = memrig_failure()->detail;
	return NULL;
}

static void until_waiting(memrig_heap_t *heap)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	while (!memrig_heap_stat(heap, &stat) && !stat.waiters)
		usleep(1000);
}

TEST_F(family, a_free_ends_the_wait_of_another_client)
{
	memrig_heap_t *heap = make_kind(self->rig, MEMRIG_ENGINE_SLAB, 64, 1), *other;
	struct waiter w = { .timeout = MEMRIG_FOREVER };
	pthread_t thread;
	uint64_t offset;
	void *ptr;

	ASSERT_NE(NULL, heap);
	ASSERT_EQ(0, memrig_heap_attach(heap, &other));
	w.heap = other;
	ASSERT_EQ(0, memrig_heap_alloc_at(heap, 0, 64, &offset, NULL));
	EXPECT_EQ(-ETIMEDOUT, memrig_heap_alloc_wait(heap, 0, 64, 10 * MS, &ptr));
	EXPECT_EQ(MEMRIG_REASON_EMPTY, memrig_failure()->reason);
	EXPECT_EQ(-EINVAL, memrig_heap_alloc_wait(heap, 0, 65, MEMRIG_FOREVER, &ptr));
	EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, memrig_failure()->reason);
	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_for_block, &w));
	until_waiting(heap);
	EXPECT_EQ(0, memrig_heap_free_at(heap, offset));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, w.ret);
	EXPECT_EQ(offset, w.offset);
	EXPECT_EQ(-ENOMEM, memrig_heap_alloc(heap, 0, 64, &ptr));
	memrig_heap_close(other); /* its block with it */
	EXPECT_EQ(0, memrig_heap_alloc_wait(heap, 0, 64, MEMRIG_FOREVER, &ptr));
	memrig_heap_close(heap);
}

static void no_action(int number)
{
}

TEST_F(family, a_signal_tells_what_is_left_of_the_time)
{
	struct sigaction action = { .sa_handler = no_action }; /* without SA_RESTART */
	memrig_heap_t *heap = make_kind(self->rig, MEMRIG_ENGINE_SLAB, 64, 1);
	struct waiter w = { .heap = heap, .timeout = 3600000 * MS };
	pthread_t thread;
	uint64_t offset;

	ASSERT_NE(NULL, heap);
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, memrig_heap_alloc_at(heap, 0, 64, &offset, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_for_block, &w));
	until_waiting(heap);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	EXPECT_EQ(-EINTR, w.ret);
	EXPECT_LT(0, w.left);
	EXPECT_GT(3600000 * MS, w.left);
	memrig_heap_close(heap);
}

TEST_F(family, poll_watches_a_size)
{
	memrig_heap_t *heap = make_kind(self->rig, MEMRIG_ENGINE_SLAB, 64, 1);
	struct pollfd fd = { .events = POLLIN };
	uint64_t offset;

	ASSERT_NE(NULL, heap);
	fd.fd = memrig_heap_fd(heap);
	ASSERT_EQ(0, memrig_heap_watch(heap, 0, 64));
	EXPECT_EQ(1, poll(&fd, 1, 0));
	EXPECT_EQ(POLLIN, fd.revents & (POLLIN | POLLERR));
	ASSERT_EQ(0, memrig_heap_alloc_at(heap, 0, 64, &offset, NULL));
	EXPECT_EQ(0, poll(&fd, 1, 0));
	ASSERT_EQ(0, memrig_heap_free_at(heap, offset));
	EXPECT_EQ(1, poll(&fd, 1, 1000));
	ASSERT_EQ(0, memrig_heap_watch(heap, 0, 65));
	EXPECT_EQ(1, poll(&fd, 1, 0));
	EXPECT_NE(0, fd.revents & POLLERR);
	EXPECT_EQ(-EINVAL, memrig_heap_watch(heap, 0, 0));
	EXPECT_EQ(-EINVAL, memrig_heap_watch(heap, 7, 1));
	memrig_heap_close(heap);
}

TEST_F(family, blocks_can_be_named)
{
	memrig_heap_t *heap = make_kind(self->rig, MEMRIG_ENGINE_BLOCKS, 4096, 16), *slab;
	uint64_t usable;

	ASSERT_NE(NULL, heap);
	ASSERT_EQ(0, memrig_heap_blocks_get(heap, 8192, 4));
	EXPECT_EQ(1, memrig_heap_blocks_is_free(heap, 0, 2));
	EXPECT_EQ(0, memrig_heap_blocks_is_free(heap, 0, 3));
	EXPECT_EQ(0, memrig_heap_blocks_free(heap, 12288, 2));
	EXPECT_EQ(0, memrig_heap_usable_at(heap, 8192, &usable));
	EXPECT_EQ(4096, usable);
	EXPECT_EQ(-ENOENT, memrig_heap_blocks_free(heap, 8192, 4));
	EXPECT_EQ(-ENOMEM, memrig_heap_blocks_get(heap, 0, 3));
	EXPECT_EQ(-EINVAL, memrig_heap_blocks_get(heap, 8, 1));
	EXPECT_EQ(-EINVAL, memrig_heap_blocks_get(heap, 0, 0));
	EXPECT_EQ(-EINVAL, memrig_heap_blocks_is_free(heap, 16 * 4096, 1));
	slab = make_kind(self->rig, MEMRIG_ENGINE_SLAB, 64, 1);
	ASSERT_NE(NULL, slab);
	EXPECT_EQ(-EOPNOTSUPP, memrig_heap_blocks_get(slab, 0, 1));
	memrig_heap_close(slab);
	memrig_heap_close(heap);
}

TEST_HARNESS_MAIN
