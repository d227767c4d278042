// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every engine over every memory this machine offers: whatever the kind, a heap is a heap.
 */
#include <poll.h>

#include "offers.h"
#include "waiter.h"

#define LENGTH (64 * KIB)
#define SIZE   256 /* of blocks, where they have one */
#define COUNT  32

FIXTURE(kinds)
{
	int session;
	int region;
	int heap;
	char *map;
	uint32_t engines;
};

FIXTURE_OFFERS(kinds);

FIXTURE_SETUP(kinds)
{
	self->session = session_open();
	self->engines = caps_get(self->session).engines;
	self->map = region_mapped_as(self->session, variant->of.kind, variant->of.attr, LENGTH,
				     &self->region);
	ASSERT_TRUE(self->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(kinds)
{
	munmap(self->map, LENGTH);
	close(self->region);
	close(self->session);
}

static uint64_t block_size(uint32_t engine)
{
	return engine == MEMRIG_ENGINE_SLAB || engine == MEMRIG_ENGINE_BLOCKS ? SIZE : 0;
}

static bool begin(FIXTURE_DATA(kinds) * self, uint32_t engine)
{
	if (!(self->engines & (1u << engine)))
		return false;
	self->heap = heap_engine(self->region, engine, block_size(engine));
	return self->heap >= 0;
}

/* Run the body with self->heap of every engine there is. */
#define FOR_EACH_ENGINE(engine)                          \
	for (uint32_t engine = 1; engine < 32; engine++) \
		if (begin(self, engine))

TEST_F(kinds, all_can_be_created)
{
	int made = 0;

	/* Each of the interface is there. */
	EXPECT_EQ(0x7e, self->engines);
	FOR_EACH_ENGINE(engine)
	{
		struct memrig_heap_stat stat = heap_stat(self->heap);

		EXPECT_EQ(engine, stat.engine);
		EXPECT_EQ(block_size(engine), stat.block_size);
		EXPECT_EQ(block_size(engine) ? LENGTH / SIZE : 0, stat.num_blocks);
		EXPECT_GE(stat.largest_free, SIZE);
		close(self->heap);
		made++;
	}
	EXPECT_EQ(__builtin_popcount(self->engines), made);
}

TEST_F(kinds, blocks_do_not_overlap)
{
	FOR_EACH_ENGINE(engine)
	{
		int64_t offs[COUNT];

		for (int i = 0; i < COUNT; i++) {
			uint64_t bytes = 1 + i * 8;

			offs[i] = heap_alloc(self->heap, bytes, i % 4 ? 0 : 64);
			ASSERT_GE(offs[i], 0)
			{
				TH_LOG("engine %u", engine);
			}
			EXPECT_GE(heap_usable(self->heap, offs[i]), bytes);
			EXPECT_LE(offs[i] + bytes, LENGTH);
			memset(self->map + offs[i], i + 1, bytes);
		}
		for (int i = 0; i < COUNT; i++)
			for (int j = 0; j < 1 + i * 8; j++)
				ASSERT_EQ(i + 1, self->map[offs[i] + j]);
		EXPECT_EQ(COUNT, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(0, heap_validate(self->heap));
		/* In an order of its own. */
		for (int i = 0; i < COUNT; i++)
			EXPECT_EQ(0, heap_free(self->heap, offs[(i * 7 + 3) % COUNT]));
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(0, heap_stat(self->heap).allocated_bytes);
		EXPECT_EQ(COUNT, heap_stat(self->heap).max_live_blocks);
		EXPECT_EQ(0, heap_validate(self->heap));
		close(self->heap);
	}
}

TEST_F(kinds, refusals)
{
	FOR_EACH_ENGINE(engine)
	{
		struct memrig_alloc arg = ARG(memrig_alloc, .bytes = LENGTH + 1);
		int64_t off = heap_alloc(self->heap, 100, 0);
		int other = heap_attach(self->heap, NULL);

		ASSERT_GE(off, 0);
		EXPECT_EQ(-EINVAL, heap_alloc(self->heap, 0, 0));
		EXPECT_EQ(-EINVAL, heap_alloc(self->heap, 8, 24 + 1));
		EXPECT_EQ(-EOPNOTSUPP, heap_alloc(self->heap, 8, MIB));
		EXPECT_EQ(-ENOMEM, heap_alloc_full(self->heap, &arg));
		EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, arg.reason);
		EXPECT_EQ(-EINVAL, heap_alloc_wait(self->heap, ~0ULL, 0, MEMRIG_FOREVER));
		/* In the middle of a block, outside of all, far outside, twice. */
		EXPECT_EQ(-ENOENT, heap_free(self->heap, off + 8));
		EXPECT_EQ(-ENOENT, heap_free(self->heap, off + 1));
		EXPECT_EQ(-ENOENT, heap_free(self->heap, LENGTH));
		EXPECT_EQ(-ENOENT, heap_free(self->heap, ~0ULL));
		EXPECT_EQ(-ENOENT, heap_free(self->heap, 1ULL << 63));
		EXPECT_EQ(-EPERM, heap_give(other, off, 1));
		EXPECT_EQ(0, heap_free(self->heap, off));
		EXPECT_EQ(-ENOENT, heap_free(self->heap, off));
		EXPECT_EQ(-ENOENT, heap_usable(self->heap, off));
		EXPECT_EQ(-ENOENT, heap_realloc(self->heap, off, 8, 0, 0));
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(0, heap_validate(self->heap));
		close(other);
		close(self->heap);
	}
}

TEST_F(kinds, owners)
{
	FOR_EACH_ENGINE(engine)
	{
		struct memrig_block blocks[8];
		uint32_t id;
		bool mine;
		int other = heap_attach(self->heap, &id);
		int64_t first = heap_alloc(self->heap, 100, 0);
		int64_t second = heap_alloc(self->heap, 100, 0), n, used = 0;

		EXPECT_EQ(0, heap_give(self->heap, first, id));
		EXPECT_EQ(1, heap_stat(other).client_blocks);
		EXPECT_EQ(0, heap_keep(self->heap, second, NULL));
		n = heap_walk(other, blocks, 8, 3);
		for (int64_t i = 0; i < n && i < 8; i++) {
			if (!(blocks[i].flags & MEMRIG_BLOCK_USED))
				continue;
			used++;
			mine = (int64_t)blocks[i].offset == first;
			EXPECT_EQ(MEMRIG_BLOCK_USED |
					  (mine ? MEMRIG_BLOCK_MINE : MEMRIG_BLOCK_KEPT),
				  blocks[i].flags);
		}
		EXPECT_EQ(2, used);
		close(other);
		EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(1, heap_stat(self->heap).reclaimed);
		EXPECT_EQ(0, heap_free(self->heap, second));
		close(self->heap);
	}
}

TEST_F(kinds, batches)
{
	FOR_EACH_ENGINE(engine)
	{
		struct memrig_alloc_req reqs[COUNT];
		__u64 offsets[COUNT];
		struct memrig_alloc_batch alloc =
			ARG(memrig_alloc_batch, .flags = MEMRIG_BATCH_ALL_OR_NONE,
			    .reqs = (uintptr_t)reqs, .count = COUNT);
		struct memrig_free_batch frees =
			ARG(memrig_free_batch, .offsets = (uintptr_t)offsets, .count = COUNT);

		memset(reqs, 0, sizeof(reqs));
		for (int i = 0; i < COUNT; i++)
			reqs[i].bytes = i + 1 < COUNT ? 100 : LENGTH;
		EXPECT_EQ(-ENOMEM, call(self->heap, MEMRIG_IOC_ALLOC_BATCH, &alloc));
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
		reqs[COUNT - 1].bytes = 1;
		EXPECT_EQ(0, call(self->heap, MEMRIG_IOC_ALLOC_BATCH, &alloc));
		EXPECT_EQ(COUNT, heap_stat(self->heap).client_blocks);
		for (int i = 0; i < COUNT; i++)
			offsets[i] = reqs[COUNT - 1 - i].offset;
		EXPECT_EQ(0, call(self->heap, MEMRIG_IOC_FREE_BATCH, &frees));
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
		close(self->heap);
	}
}

TEST_F(kinds, reallocation_keeps_the_content)
{
	FOR_EACH_ENGINE(engine)
	{
		int64_t off = heap_alloc(self->heap, 100, 0), next = heap_alloc(self->heap, 100, 0);
		int64_t was = off;

		memset(self->map + off, 0x6b, 100);
		off = heap_realloc(self->heap, off, SIZE, 0, 0);
		ASSERT_GE(off, 0);
		EXPECT_EQ(0x6b, self->map[off]);
		EXPECT_EQ(0x6b, self->map[off + 99]);
		EXPECT_EQ(off, heap_realloc(self->heap, off, 10, 0, 0));
		was = off;
		off = heap_realloc(self->heap, off, 4 * SIZE, 0, 0);
		if (engine == MEMRIG_ENGINE_SLAB) {
			EXPECT_EQ(-ENOMEM, off);
			off = was;
		}
		EXPECT_EQ(0x6b, self->map[off + 9]);
		EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(-EINVAL, heap_realloc(self->heap, off, 0, 0, 0));
		EXPECT_EQ(-ENOMEM, heap_realloc(self->heap, off, LENGTH, 0, 0));
		EXPECT_EQ(0, heap_free(self->heap, off));
		EXPECT_EQ(0, heap_free(self->heap, next));
		EXPECT_EQ(0, heap_validate(self->heap));
		close(self->heap);
	}
}

static void free_own(int heap)
{
	static struct memrig_block blocks[2 * LENGTH / SIZE];
	int64_t n = heap_walk(heap, blocks, ARRAY_SIZE(blocks), 64);

	for (int64_t i = 0; i < n && i < (int64_t)ARRAY_SIZE(blocks); i++)
		if (blocks[i].flags & MEMRIG_BLOCK_MINE)
			heap_free(heap, blocks[i].offset);
}

TEST_F(kinds, waiting_and_polling)
{
	FOR_EACH_ENGINE(engine)
	{
		struct waiter waiter = { .heap = self->heap,
					 .bytes = SIZE,
					 .timeout_ns = MEMRIG_FOREVER };
		struct pollfd pfd = { .fd = self->heap, .events = POLLIN };
		int64_t off = -1, last = -1;

		EXPECT_EQ(0, heap_watch(self->heap, SIZE, 0));
		EXPECT_EQ(1, poll(&pfd, 1, 0));
		EXPECT_EQ(POLLIN, pfd.revents);
		while ((off = heap_alloc(self->heap, SIZE, 0)) >= 0)
			last = off;
		EXPECT_EQ(-ENOMEM, off);
		EXPECT_EQ(0, poll(&pfd, 1, 0));
		EXPECT_EQ(-ETIMEDOUT, heap_alloc_wait(self->heap, SIZE, 0, MSEC));
		ASSERT_EQ(0, waiter_start(&waiter));
		EXPECT_GE(last, 0);
		/* All: a ring has room only when the oldest are gone. */
		free_own(self->heap);
		EXPECT_EQ(0, waiter_answer(&waiter).ret);
		EXPECT_EQ(0, waiter_end(&waiter));
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(1, poll(&pfd, 1, 0));
		EXPECT_EQ(0, heap_watch(self->heap, ~0ULL, 0));
		EXPECT_EQ(1, poll(&pfd, 1, 0));
		EXPECT_EQ(POLLERR, pfd.revents);
		close(self->heap);
	}
}

TEST_HARNESS_MAIN
