// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps of equal blocks: what may be created, and blocks by number.
 */
#include "abi.h"
#include "harness.h"

#define LENGTH (64 * KIB)
#define SIZE   1024
#define NUM    (LENGTH / SIZE)

FIXTURE(blocks)
{
	int session;
	int region;
	int heap;
	int other;
	uint32_t other_id;
};

FIXTURE_SETUP(blocks)
{
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap = heap_engine(self->region, MEMRIG_ENGINE_BLOCKS, SIZE);
	ASSERT_GE(self->heap, 0);
	self->other = heap_attach(self->heap, &self->other_id);
}

FIXTURE_TEARDOWN(blocks)
{
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->other);
	close(self->heap);
	close(self->region);
	close(self->session);
}

TEST_F(blocks, shapes)
{
	static const struct {
		uint32_t engine, num;
		uint64_t size;
		int err;
	} shapes[] = {
		{ MEMRIG_ENGINE_SLAB, 0, 0, EINVAL },
		{ MEMRIG_ENGINE_SLAB, 4, 0, EINVAL },
		{ MEMRIG_ENGINE_SLAB, 4, 12, EINVAL },
		{ MEMRIG_ENGINE_SLAB, 4, 24, 0 },
		{ MEMRIG_ENGINE_SLAB, 1, LENGTH, 0 },
		{ MEMRIG_ENGINE_SLAB, 2, LENGTH, EINVAL },
		{ MEMRIG_ENGINE_SLAB, 0, LENGTH + 8, EINVAL },
		{ MEMRIG_ENGINE_SLAB, 0, 1ULL << 63, EINVAL },
		{ MEMRIG_ENGINE_SLAB, ~0u, 8, EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 0, 0, EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 0, 4, EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 0, 24, EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 0, 8, 0 },
		{ MEMRIG_ENGINE_BLOCKS, 3, 16, 0 },
		{ MEMRIG_ENGINE_BLOCKS, NUM + 1, SIZE, EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 0, 1ULL << 63, EINVAL },
		{ MEMRIG_ENGINE_SYS_HEAP, 0, 8, EINVAL },
		{ MEMRIG_ENGINE_SYS_HEAP, 1, 0, EINVAL },
		{ 0, 1, 0, EINVAL },
		{ 0, 0, 0, 0 },
		{ 7, 0, 0, EOPNOTSUPP },
		{ ~0u, 0, 0, EOPNOTSUPP },
	};
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct memrig_heap_create arg =
			ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB,
			    .engine = shapes[i].engine, .num_blocks = shapes[i].num,
			    .block_size = shapes[i].size);
		uint32_t num;

		EXPECT_EQ(-shapes[i].err, call(region, MEMRIG_IOC_HEAP_CREATE, &arg))
		{
			TH_LOG("shape %zu", i);
		}
		if (arg.fd < 0)
			continue;
		num = shapes[i].num;
		if (!num && shapes[i].size)
			num = LENGTH / shapes[i].size;
		EXPECT_EQ(num, heap_stat(arg.fd).num_blocks);
		close(arg.fd);
	}
	close(region);
}

TEST_F(blocks, at_most_max_blocks)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB,
		    .engine = MEMRIG_ENGINE_SLAB, .block_size = 8, .max_blocks = 10);

	EXPECT_EQ(0, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	EXPECT_EQ(10, heap_stat(arg.fd).num_blocks);
	close(arg.fd);
	arg.num_blocks = 11;
	EXPECT_EQ(-EINVAL, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	close(region);
}

TEST_F(blocks, no_headers_inside)
{
	struct memrig_region_create region =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = LENGTH,
		    .node = MEMRIG_NODE_ANY);

	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &region));
	for (uint32_t engine = MEMRIG_ENGINE_SLAB; engine <= MEMRIG_ENGINE_BEST_FIT; engine++) {
		struct memrig_heap_create arg =
			ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_INBAND,
			    .engine = engine, .block_size = SIZE);

		EXPECT_EQ(-EOPNOTSUPP, call(region.fd, MEMRIG_IOC_HEAP_CREATE, &arg));
	}
	close(region.fd);
}

TEST_F(blocks, get_names_them)
{
	EXPECT_EQ(0, blocks_get(self->heap, 4 * SIZE, 3));
	EXPECT_EQ(3 * SIZE, heap_usable(self->heap, 4 * SIZE));
	EXPECT_EQ(1, heap_stat(self->heap).client_blocks);
	EXPECT_EQ(1, heap_stat(self->heap).allocs);
	EXPECT_EQ(0, blocks_is_free(self->other, 4 * SIZE, 1));
	EXPECT_EQ(0, blocks_is_free(self->other, 0, 5));
	EXPECT_EQ(1, blocks_is_free(self->other, 0, 4));
	EXPECT_EQ(1, blocks_is_free(self->other, 7 * SIZE, NUM - 7));
	/* None of them, if not all. */
	EXPECT_EQ(-ENOMEM, blocks_get(self->other, 2 * SIZE, 3));
	EXPECT_EQ(1, blocks_is_free(self->heap, 2 * SIZE, 2));
	EXPECT_EQ(0, blocks_get(self->other, 2 * SIZE, 2));
	EXPECT_EQ(0, heap_free(self->heap, 4 * SIZE));
}

TEST_F(blocks, bad_ranges)
{
	static const struct {
		uint64_t offset, count;
		int err;
	} bad[] = {
		{ 0, 0, EINVAL },
		{ 1, 1, EINVAL },
		{ SIZE / 2, 1, EINVAL },
		{ LENGTH, 1, EINVAL },
		{ 0, NUM + 1, EINVAL },
		{ LENGTH - SIZE, 2, EINVAL },
		{ ~0ULL - SIZE + 1, 1, EOVERFLOW },
		{ 0, ~0ULL, EOVERFLOW },
		{ 0, 1ULL << 54, EOVERFLOW },
		{ SIZE, 1ULL << 53, EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-bad[i].err, blocks_get(self->heap, bad[i].offset, bad[i].count));
		EXPECT_EQ(-bad[i].err, blocks_free(self->heap, bad[i].offset, bad[i].count));
		EXPECT_EQ(-bad[i].err, blocks_is_free(self->heap, bad[i].offset, bad[i].count));
	}
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
}

TEST_F(blocks, a_span_that_does_not_start_at_zero)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB, .offset = 4096,
		    .length = 8 * SIZE, .engine = MEMRIG_ENGINE_BLOCKS, .block_size = SIZE);

	ASSERT_EQ(0, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	EXPECT_EQ(-EINVAL, blocks_get(arg.fd, 0, 1));
	EXPECT_EQ(-EINVAL, blocks_get(arg.fd, 4096 - SIZE, 1));
	EXPECT_EQ(0, blocks_get(arg.fd, 4096, 8));
	EXPECT_EQ(-EINVAL, blocks_get(arg.fd, 4096 + 8 * SIZE, 1));
	EXPECT_EQ(0, blocks_free(arg.fd, 4096 + SIZE, 7));
	EXPECT_EQ(0, heap_free(arg.fd, 4096));
	close(arg.fd);
	close(region);
}

TEST_F(blocks, only_heaps_of_blocks)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_engine(region, MEMRIG_ENGINE_SLAB, SIZE);

	EXPECT_EQ(-EOPNOTSUPP, blocks_get(heap, 0, 1));
	EXPECT_EQ(-EOPNOTSUPP, blocks_free(heap, 0, 1));
	EXPECT_EQ(-EOPNOTSUPP, blocks_is_free(heap, 0, 1));
	close(heap);
	close(region);
}

TEST_F(blocks, any_part_can_be_freed)
{
	ASSERT_EQ(0, blocks_get(self->heap, 0, 10));
	/* The middle: two allocations are left. */
	EXPECT_EQ(0, blocks_free(self->heap, 4 * SIZE, 2));
	EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(2, heap_stat(self->heap).client_blocks);
	EXPECT_EQ(8 * SIZE, heap_stat(self->heap).allocated_bytes);
	EXPECT_EQ(4 * SIZE, heap_usable(self->heap, 0));
	EXPECT_EQ(4 * SIZE, heap_usable(self->heap, 6 * SIZE));
	EXPECT_EQ(-ENOENT, heap_usable(self->heap, 4 * SIZE));
	/* The end, the beginning. */
	EXPECT_EQ(0, blocks_free(self->heap, 9 * SIZE, 1));
	EXPECT_EQ(0, blocks_free(self->heap, 0, 1));
	EXPECT_EQ(3 * SIZE, heap_usable(self->heap, SIZE));
	EXPECT_EQ(3 * SIZE, heap_usable(self->heap, 6 * SIZE));
	/* Over a hole: none of them. */
	EXPECT_EQ(-ENOENT, blocks_free(self->heap, 2 * SIZE, 5));
	EXPECT_EQ(-ENOENT, blocks_free(self->heap, 0, 2));
	EXPECT_EQ(3 * SIZE, heap_usable(self->heap, SIZE));
	EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
	/* Over several. */
	EXPECT_EQ(0, blocks_get(self->heap, 4 * SIZE, 2));
	EXPECT_EQ(0, blocks_free(self->heap, 2 * SIZE, 6));
	EXPECT_EQ(SIZE, heap_usable(self->heap, SIZE));
	EXPECT_EQ(SIZE, heap_usable(self->heap, 8 * SIZE));
	EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(2 * SIZE, heap_stat(self->heap).allocated_bytes);
	EXPECT_EQ(0, heap_free(self->heap, SIZE));
	EXPECT_EQ(0, heap_free(self->heap, 8 * SIZE));
	EXPECT_EQ(1, blocks_is_free(self->heap, 0, NUM));
}

static int free_as_nobody(void *arg)
{
	int heap = heap_attach(*(int *)arg, NULL);

	become(NOBODY_UID, NOBODY_GID);
	CHECK(blocks_get(heap, 0, 2) == 0);
	/* Begins with his own, but goes on. */
	CHECK(blocks_free(heap, 0, 4) == -EPERM);
	CHECK(blocks_free(heap, 3 * SIZE, 1) == -EPERM);
	CHECK(heap_usable(heap, 0) == 2 * SIZE);
	CHECK(blocks_free(heap, 1 * SIZE, 1) == 0);
	return 0;
}

TEST_F(blocks, those_of_others)
{
	ASSERT_EQ(0, blocks_get(self->heap, 2 * SIZE, 2));
	EXPECT_EQ(0, in_child(free_as_nobody, &self->heap));
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(2 * SIZE, heap_usable(self->heap, 2 * SIZE));
	/* Its creator may. */
	ASSERT_EQ(0, blocks_get(self->other, 4 * SIZE, 2));
	EXPECT_EQ(0, blocks_free(self->heap, 3 * SIZE, 2));
	EXPECT_EQ(SIZE, heap_usable(self->other, 5 * SIZE));
	EXPECT_EQ(1, heap_stat(self->other).client_blocks);
}

TEST_F(blocks, kept_ones)
{
	ASSERT_EQ(0, blocks_get(self->other, 0, 4));
	EXPECT_EQ(0, heap_keep(self->other, 0, NULL));
	EXPECT_EQ(0, blocks_free(self->heap, SIZE, 2));
	EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(0, blocks_free(self->heap, 0, 1));
	EXPECT_EQ(0, blocks_free(self->heap, 3 * SIZE, 1));
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
}

/* More allocations than are looked at without dropping the lock. */
TEST_F(blocks, many_at_once)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, MIB);
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB,
		    .flags = MEMRIG_HEAP_SCRUB, .engine = MEMRIG_ENGINE_BLOCKS, .block_size = SIZE);

	ASSERT_EQ(0, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	for (int i = 0; i < 1000; i++)
		ASSERT_EQ(0, blocks_get(arg.fd, i * SIZE, 1));
	EXPECT_EQ(-ENOENT, blocks_free(arg.fd, 0, 1001));
	EXPECT_EQ(1000, heap_stat(arg.fd).live_blocks);
	EXPECT_EQ(0, heap_free(arg.fd, 500 * SIZE));
	EXPECT_EQ(-ENOENT, blocks_free(arg.fd, 0, 1000));
	EXPECT_EQ(999, heap_stat(arg.fd).live_blocks);
	EXPECT_EQ(0, blocks_free(arg.fd, 0, 500));
	EXPECT_EQ(0, blocks_free(arg.fd, 501 * SIZE, 499));
	EXPECT_EQ(0, heap_stat(arg.fd).live_blocks);
	EXPECT_EQ(0, heap_validate(arg.fd));
	close(arg.fd);
	close(region);
}

/* All of it in runs of three, of which somebody else frees the middle while their owner dies. */
static int own_runs_and_die(void *arg)
{
	int heap = heap_attach(*(int *)arg, NULL);

	for (int i = 0; i + 3 <= NUM; i += 3)
		CHECK(!blocks_get(heap, i * SIZE, 3));
	raise(SIGKILL);
	return 0;
}

TEST_F(blocks, parts_of_who_is_dying)
{
	struct memrig_heap_create arg = ARG(memrig_heap_create, .engine = MEMRIG_ENGINE_BLOCKS,
					    .block_size = SIZE, .placement = MEMRIG_PLACEMENT_OOB,
					    .flags = MEMRIG_HEAP_SCRUB | MEMRIG_HEAP_STATS);
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int i = 0, freed = 0;

	ASSERT_EQ(0, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	for (int round = 0; round < 20; round++) {
		pid_t pid;
		int ret;

		fflush(NULL);
		pid = fork();
		if (!pid)
			_exit(own_runs_and_die(&arg.fd));
		while (!waitpid(pid, NULL, WNOHANG)) {
			ret = blocks_free(arg.fd, (i * 3 + 1) * SIZE, 1);
			EXPECT_TRUE(ret == 0 || ret == -ENOENT || ret == -EBUSY);
			freed += !ret;
			i = (i + 1) % (NUM / 3);
		}
		EXPECT_EQ(0, heap_stat(arg.fd).live_blocks);
		EXPECT_EQ(0, heap_stat(arg.fd).allocated_bytes);
		EXPECT_EQ(1, heap_stat(arg.fd).clients);
		EXPECT_EQ(0, heap_validate(arg.fd));
	}
	TH_LOG("%d parts freed", freed);
	close(arg.fd);
	close(region);
}

TEST_HARNESS_MAIN
