// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Creating heaps: which placement over which region, spans that must not overlap, bounds, and the
 * options: scrubbing, statistics, the number of blocks. Batches of allocations and frees.
 */
#include <time.h>

#include "abi.h"
#include "harness.h"

#define LENGTH (256 * KIB)

FIXTURE(heapnew)
{
	int session;
	int region;
};

FIXTURE_SETUP(heapnew)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	ASSERT_GE(self->region, 0);
}

FIXTURE_TEARDOWN(heapnew)
{
	close(self->region);
	close(self->session);
}

static int create(int region, struct memrig_heap_create *arg)
{
	int ret = call(region, MEMRIG_IOC_HEAP_CREATE, arg);

	return ret ? ret : arg->fd;
}

#define OOB(...) ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB, ##__VA_ARGS__)

/* Headers between the blocks of memory that user space can write would be a root exploit. */
TEST_F(heapnew, inband_needs_kernel_only)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = LENGTH,
		    .node = MEMRIG_NODE_ANY);

	EXPECT_EQ(-EPERM, heap_new(self->region, MEMRIG_PLACEMENT_INBAND, 0));
	EXPECT_EQ(0, region_info(self->region).heaps);
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
	EXPECT_GE(heap_new(arg.fd, MEMRIG_PLACEMENT_INBAND, 0), 0);
}

/* A device has the address of that memory: no process can write it, but somebody can. */
TEST_F(heapnew, inband_needs_no_device)
{
	uint32_t given = caps_get(self->session).attrs_coherent;
	struct memrig_region_create arg;

	for (uint32_t attr = MEMRIG_ATTR_CACHED; attr <= MEMRIG_ATTR_DEVICE; attr++) {
		if (!(given & 1u << attr))
			continue;
		arg = ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
			  .kind = MEMRIG_KIND_COHERENT, .attr = attr, .length = LENGTH,
			  .node = MEMRIG_NODE_ANY);
		ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
		EXPECT_EQ(-EPERM, heap_new(arg.fd, MEMRIG_PLACEMENT_INBAND, 0));
		EXPECT_EQ(0, region_info(arg.fd).heaps);
		EXPECT_GE(heap_new(arg.fd, MEMRIG_PLACEMENT_OOB, 0), 0);
		close(arg.fd);
	}
}

/* The engine would read its headers at a hundred times the cost, with the heap locked. */
TEST_F(heapnew, inband_needs_cached)
{
	const uint32_t attrs[] = { MEMRIG_ATTR_WRITE_COMBINE, MEMRIG_ATTR_UNCACHED };
	uint32_t given = caps_get(self->session).attrs_pages;
	struct memrig_region_create arg;

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		if (!(given & 1u << attrs[i]))
			continue;
		arg = ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
			  .kind = MEMRIG_KIND_PAGES, .attr = attrs[i], .length = LENGTH,
			  .node = MEMRIG_NODE_ANY);
		ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
		EXPECT_EQ(-EOPNOTSUPP, heap_new(arg.fd, MEMRIG_PLACEMENT_INBAND, 0));
		EXPECT_EQ(0, region_info(arg.fd).heaps);
		EXPECT_GE(heap_new(arg.fd, MEMRIG_PLACEMENT_OOB, 0), 0);
		close(arg.fd);
	}
}

TEST_F(heapnew, wrong_values)
{
	struct memrig_heap_create arg;
	uint32_t max = caps_get(self->session).hardening_max;
	const uint32_t placements[] = { 3, 32, 0xffffffffu };

	arg = OOB();
	arg.placement = 0;
	EXPECT_EQ(-EINVAL, create(self->region, &arg));
	for (size_t i = 0; i < ARRAY_SIZE(placements); i++) {
		arg = OOB();
		arg.placement = placements[i];
		EXPECT_EQ(-EOPNOTSUPP, create(self->region, &arg));
	}
	arg = OOB(.hardening = max + 1);
	EXPECT_EQ(-EOPNOTSUPP, create(self->region, &arg));
	arg = OOB(.hardening = 0xffffffffu);
	EXPECT_EQ(-EOPNOTSUPP, create(self->region, &arg));
	arg = OOB(.hardening = 257);
	EXPECT_EQ(-EOPNOTSUPP, create(self->region, &arg));
	EXPECT_EQ(0, region_info(self->region).heaps);
	for (uint32_t level = 0; level <= max; level++) {
		arg = OOB(.hardening = level);
		int heap = create(self->region, &arg);

		ASSERT_GE(heap, 0);
		EXPECT_EQ(level, heap_stat(heap).hardening);
		int64_t off = heap_alloc(heap, 100, 0);

		EXPECT_GE(off, 0);
		EXPECT_EQ(0, heap_free(heap, off));
		EXPECT_EQ(-ENOENT, heap_free(heap, off));
		close(heap);
	}
}

TEST_F(heapnew, spans)
{
	int first, second, third;

	EXPECT_EQ(-EINVAL, heap_span(self->region, LENGTH, 0));
	EXPECT_EQ(-EINVAL, heap_span(self->region, LENGTH, 4096));
	EXPECT_EQ(-EINVAL, heap_span(self->region, 0, LENGTH + 8));
	EXPECT_EQ(-EINVAL, heap_span(self->region, LENGTH - 4096, 8192));
	EXPECT_EQ(-EINVAL, heap_span(self->region, 4, 4096));
	EXPECT_EQ(-EINVAL, heap_span(self->region, 4097, 4096));
	EXPECT_EQ(-EINVAL, heap_span(self->region, 1ULL << 40, 4096));
	EXPECT_EQ(-EINVAL, heap_span(self->region, 0, 8));
	EXPECT_EQ(-EOVERFLOW, heap_span(self->region, 8, ~0ULL));
	EXPECT_EQ(-EOVERFLOW, heap_span(self->region, ~0ULL - 4095, 8192));
	EXPECT_EQ(0, region_info(self->region).heaps);

	first = heap_span(self->region, 4096, 8192);
	ASSERT_GE(first, 0);
	EXPECT_EQ(-EBUSY, heap_span(self->region, 4096, 8192));
	EXPECT_EQ(-EBUSY, heap_span(self->region, 0, 4096 + 8));
	EXPECT_EQ(-EBUSY, heap_span(self->region, 4096 + 8192 - 8, 4096));
	EXPECT_EQ(-EBUSY, heap_span(self->region, 0, 0));
	EXPECT_EQ(-EBUSY, heap_span(self->region, 8192, 512));
	second = heap_span(self->region, 4096 + 8192, 0);
	third = heap_span(self->region, 0, 4096);
	ASSERT_GE(second, 0);
	ASSERT_GE(third, 0);
	EXPECT_EQ(3, region_info(self->region).heaps);
	EXPECT_EQ(LENGTH - 4096 - 8192, heap_stat(second).length);
	/* Blocks stay in their span and are named from the start of the region. */
	for (int i = 0; i < 20; i++) {
		int64_t off = heap_alloc(first, 100, 0);

		ASSERT_GE(off, 4096);
		EXPECT_LE(off + heap_usable(first, off), 4096 + 8192);
	}
	EXPECT_EQ(-ENOENT, heap_free(second, heap_alloc(first, 100, 0)));
	close(first);
	EXPECT_EQ(2, region_info(self->region).heaps);
	EXPECT_GE(heap_span(self->region, 4096, 8192), 0);
}

/* Alignment is of the real address: it holds in a span that starts anywhere. */
TEST_F(heapnew, alignment_of_odd_span)
{
	int heap = heap_span(self->region, 4096 + 8, 64 * KIB);
	struct memrig_region_addr addr;
	int64_t off;

	ASSERT_GE(heap, 0);
	for (uint64_t align = 8; align <= 4096; align <<= 1) {
		off = heap_alloc(heap, 100, align);
		ASSERT_GE(off, 4096 + 8);
		ASSERT_EQ(0, region_addr(self->region, off, &addr));
		EXPECT_EQ(0, addr.phys % align);
	}
}

TEST_F(heapnew, small_heaps_are_useful)
{
	int heap = heap_span(self->region, 0, 256);

	ASSERT_GE(heap, 0);
	EXPECT_GE(heap_alloc(heap, 200, 0), 0);
	close(heap);
}

TEST_F(heapnew, max_blocks)
{
	struct memrig_heap_create arg = OOB(.max_blocks = 64);
	int heap = create(self->region, &arg), count = 0;
	struct memrig_alloc alloc;
	int64_t last = -1;
	int ret;

	ASSERT_GE(heap, 0);
	EXPECT_EQ(64, heap_stat(heap).max_blocks);
	for (;;) {
		alloc = ARG(memrig_alloc, .bytes = 16);
		ret = heap_alloc_full(heap, &alloc);
		if (ret)
			break;
		last = alloc.offset;
		ASSERT_LE(++count, 64);
	}
	EXPECT_EQ(-ENOMEM, ret);
	EXPECT_EQ(MEMRIG_REASON_MAX_BLOCKS, alloc.reason);
	EXPECT_GE(count, 60);
	/* Freeing needs no record; then there is room again. */
	EXPECT_EQ(0, heap_free(heap, last));
	EXPECT_GE(heap_alloc(heap, 16, 0), 0);
	EXPECT_EQ(0, heap_validate(heap));
}

TEST_F(heapnew, no_statistics_unless_asked)
{
	int heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, 0);
	struct memrig_heap_reset_max reset = ARG(memrig_heap_reset_max);

	ASSERT_GE(heap, 0);
	EXPECT_GE(heap_alloc(heap, 100, 0), 0);
	EXPECT_EQ(0, heap_stat(heap).allocated_bytes);
	EXPECT_EQ(1, heap_stat(heap).live_blocks);
	EXPECT_EQ(-EINVAL, call(heap, MEMRIG_IOC_HEAP_RESET_MAX, &reset));
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* They look at each free block to take one back: a dead client must not make that minutes. */
TEST_F_TIMEOUT(heapnew, first_and_best_fit_are_small, 120)
{
	struct memrig_heap_create arg;
	int first, second, blocks;
	double start;

	for (uint32_t engine = MEMRIG_ENGINE_FIRST_FIT; engine <= MEMRIG_ENGINE_BEST_FIT;
	     engine++) {
		arg = OOB(.engine = engine, .max_blocks = MEMRIG_FIT_BLOCKS_MAX + 1);
		EXPECT_EQ(-EINVAL, create(self->region, &arg));
		arg.max_blocks = MEMRIG_FIT_BLOCKS_MAX;
		first = create(self->region, &arg);
		ASSERT_GE(first, 0);
		close(first);
		arg = OOB(.engine = engine);
		first = create(self->region, &arg);
		ASSERT_GE(first, 0);
		EXPECT_EQ(MEMRIG_FIT_BLOCKS_MAX, heap_stat(first).max_blocks);
		second = heap_attach(first, NULL);
		for (blocks = 0; heap_alloc(blocks % 2 ? second : first, 8, 0) >= 0; blocks++)
			ASSERT_LE(blocks, MEMRIG_FIT_BLOCKS_MAX);
		EXPECT_GE(blocks, MEMRIG_FIT_BLOCKS_MAX - 1);
		start = seconds();
		close(first);
		TH_LOG("engine %u: %d blocks reclaimed in %.3f s", engine, blocks - blocks / 2,
		       seconds() - start);
		EXPECT_EQ(blocks / 2, heap_stat(second).live_blocks);
		EXPECT_EQ(0, heap_validate(second));
		close(second);
	}
}

/* Who owns which block is in kernel memory in-band, too, and the figure does not hide it. */
TEST_F(heapnew, inband_owners_are_counted)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = LENGTH,
		    .node = MEMRIG_NODE_ANY);
	uint64_t empty, full;
	int64_t offs[1000];
	int heap;

	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
	heap = heap_new(arg.fd, MEMRIG_PLACEMENT_INBAND, 0);
	ASSERT_GE(heap, 0);
	empty = heap_stat(heap).side_bytes;
	/* Sizes that bring blocks to all places where one can start. */
	for (int i = 0; i < 1000; i++) {
		offs[i] = heap_alloc(heap, 8 + i % 3 * 8, 0);
		ASSERT_GE(offs[i], 0);
	}
	full = heap_stat(heap).side_bytes;
	EXPECT_GE(full, empty + 1000 * sizeof(void *));
	EXPECT_LE(full, empty + 1000 * 64);
	for (int i = 0; i < 1000; i++) {
		EXPECT_EQ(-ENOENT, heap_free(heap, offs[i] ^ 8));
		ASSERT_EQ(0, heap_free(heap, offs[i]));
	}
	EXPECT_EQ(empty, heap_stat(heap).side_bytes);
	EXPECT_EQ(0, heap_validate(heap));
}

/* Bookkeeping of a huge region with few blocks costs kilobytes. */
TEST_F(heapnew, bookkeeping_is_small)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 64 * MIB);
	int heap;

	if (region == -ENOMEM)
		SKIP(return, "no 64 MiB of contiguous memory");
	ASSERT_GE(region, 0);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	for (int i = 0; i < 10; i++)
		EXPECT_GE(heap_alloc(heap, MIB, 0), 0);
	/* A thousandth of the region. */
	EXPECT_LE(heap_stat(heap).side_bytes, 64 * KIB);
	close(heap);
	close(region);
}

/* A block is zeroed before another client gets it. */
TEST_F(heapnew, scrub)
{
	char *map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, self->region, 0);
	int heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_SCRUB);
	int other = heap_attach(heap, NULL);
	struct memrig_alloc arg = ARG(memrig_alloc, .bytes = 100 * KIB);

	ASSERT_GE(other, 0);
	EXPECT_TRUE(heap_stat(heap).flags & MEMRIG_HEAP_SCRUB);
	ASSERT_EQ(0, heap_alloc_full(heap, &arg));
	memset(map + arg.offset, 0x99, arg.usable);
	ASSERT_EQ(0, heap_free(heap, arg.offset));
	/* All of the heap, in other pieces. */
	for (;;) {
		arg = ARG(memrig_alloc, .bytes = 9000);
		if (heap_alloc_full(other, &arg))
			break;
		for (uint64_t i = 0; i < arg.usable; i++)
			ASSERT_EQ(0, map[arg.offset + i]);
	}
}

TEST_F(heapnew, batch_partial)
{
	int heap = heap_span(self->region, 0, 8192);
	struct memrig_alloc_req reqs[8];
	struct memrig_alloc_batch batch;
	__u64 offsets[4];
	struct memrig_free_batch frees = ARG(memrig_free_batch, .offsets = (uintptr_t)offsets);

	memset(reqs, 0, sizeof(reqs));
	for (int i = 0; i < 8; i++)
		reqs[i].bytes = i == 3 ? LENGTH : 100;
	batch = ARG(memrig_alloc_batch, .reqs = (uintptr_t)reqs, .count = 8);
	ASSERT_EQ(0, call(heap, MEMRIG_IOC_ALLOC_BATCH, &batch));
	EXPECT_EQ(3, batch.done);
	EXPECT_EQ(0, reqs[2].error);
	EXPECT_EQ(ENOMEM, reqs[3].error);
	EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, reqs[3].reason);
	EXPECT_EQ(3, heap_stat(heap).live_blocks);
	/* First one fails: that is the result of the call. */
	batch = ARG(memrig_alloc_batch, .reqs = (uintptr_t)&reqs[3], .count = 5);
	EXPECT_EQ(-ENOMEM, call(heap, MEMRIG_IOC_ALLOC_BATCH, &batch));
	EXPECT_EQ(0, batch.done);
	reqs[3].bytes = 0;
	EXPECT_EQ(-EINVAL, call(heap, MEMRIG_IOC_ALLOC_BATCH, &batch));
	EXPECT_EQ(3, heap_stat(heap).live_blocks);
	/* Freeing stops at what is no block. */
	offsets[0] = reqs[0].offset;
	offsets[1] = reqs[1].offset;
	offsets[2] = reqs[0].offset;
	offsets[3] = reqs[2].offset;
	frees.count = 4;
	EXPECT_EQ(-ENOENT, call(heap, MEMRIG_IOC_FREE_BATCH, &frees));
	EXPECT_EQ(2, frees.done);
	EXPECT_EQ(1, heap_stat(heap).live_blocks);
}

TEST_F(heapnew, batch_all_or_none)
{
	int heap = heap_span(self->region, 0, 8192);
	struct memrig_alloc_req reqs[8];
	struct memrig_alloc_batch batch = ARG(memrig_alloc_batch, .flags = MEMRIG_BATCH_ALL_OR_NONE,
					      .reqs = (uintptr_t)reqs, .count = 8);

	memset(reqs, 0, sizeof(reqs));
	for (int i = 0; i < 8; i++)
		reqs[i].bytes = 2000;
	EXPECT_EQ(-ENOMEM, call(heap, MEMRIG_IOC_ALLOC_BATCH, &batch));
	EXPECT_EQ(0, batch.done);
	EXPECT_EQ(0, heap_stat(heap).live_blocks);
	for (int i = 0; i < 8; i++)
		reqs[i].bytes = 500;
	EXPECT_EQ(0, call(heap, MEMRIG_IOC_ALLOC_BATCH, &batch));
	EXPECT_EQ(8, batch.done);
	EXPECT_EQ(8, heap_stat(heap).live_blocks);
}

TEST_F(heapnew, biggest_batch)
{
	int heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, 0);
	struct memrig_alloc_req *reqs = calloc(MEMRIG_BATCH_MAX, sizeof(*reqs));
	__u64 *offsets = calloc(MEMRIG_BATCH_MAX, sizeof(*offsets));
	struct memrig_alloc_batch batch =
		ARG(memrig_alloc_batch, .reqs = (uintptr_t)reqs, .count = MEMRIG_BATCH_MAX);
	struct memrig_free_batch frees =
		ARG(memrig_free_batch, .offsets = (uintptr_t)offsets, .count = MEMRIG_BATCH_MAX);

	ASSERT_TRUE(reqs && offsets);
	for (int i = 0; i < MEMRIG_BATCH_MAX; i++)
		reqs[i].bytes = 24;
	ASSERT_EQ(0, call(heap, MEMRIG_IOC_ALLOC_BATCH, &batch));
	ASSERT_EQ(MEMRIG_BATCH_MAX, batch.done);
	for (int i = 0; i < MEMRIG_BATCH_MAX; i++)
		offsets[i] = reqs[i].offset;
	EXPECT_EQ(0, call(heap, MEMRIG_IOC_FREE_BATCH, &frees));
	EXPECT_EQ(MEMRIG_BATCH_MAX, frees.done);
	EXPECT_EQ(0, heap_stat(heap).live_blocks);
}

TEST_HARNESS_MAIN
