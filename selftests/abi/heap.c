// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What a heap answers: allocation, alignment, realloc, free, batches, figures - and to every wrong
 * request an error that changes nothing.
 */
#include "abi.h"
#include "harness.h"

#define LENGTH (256 * KIB)

FIXTURE(heap)
{
	int session;
	int region;
	int heap;
};

FIXTURE_VARIANT(heap)
{
	uint32_t placement;
	uint32_t region_flags;
	uint32_t attr;
};

FIXTURE_VARIANT_ADD(heap, oob){ .placement = MEMRIG_PLACEMENT_OOB, .attr = MEMRIG_ATTR_CACHED };

FIXTURE_VARIANT_ADD(heap, oob_uncached){ .placement = MEMRIG_PLACEMENT_OOB,
					 .attr = MEMRIG_ATTR_UNCACHED };

FIXTURE_VARIANT_ADD(heap, inband){ .placement = MEMRIG_PLACEMENT_INBAND,
				   .region_flags = MEMRIG_REGION_KERNEL_ONLY,
				   .attr = MEMRIG_ATTR_CACHED };

FIXTURE_SETUP(heap)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .flags = variant->region_flags, .kind = MEMRIG_KIND_PAGES,
		    .attr = variant->attr, .length = LENGTH, .node = MEMRIG_NODE_ANY);

	self->session = session_open();
	ASSERT_GE(self->session, 0);
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
	self->region = arg.fd;
	self->heap = heap_new(self->region, variant->placement, MEMRIG_HEAP_STATS);
	ASSERT_GE(self->heap, 0);
}

FIXTURE_TEARDOWN(heap)
{
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->heap);
	close(self->region);
	close(self->session);
}

TEST_F(heap, blocks_do_not_overlap)
{
	struct {
		uint64_t start, end;
	} blocks[300];
	struct memrig_alloc arg;
	uint64_t seed = 42;

	for (int i = 0; i < 300; i++) {
		seed = seed * 6364136223846793005ULL + 1;
		arg = ARG(memrig_alloc, .bytes = 1 + (seed >> 33) % 500,
			  .align = 1ULL << ((seed >> 50) % 8));
		ASSERT_EQ(0, heap_alloc_full(self->heap, &arg));
		EXPECT_GE(arg.usable, arg.bytes);
		EXPECT_EQ(0, arg.offset % (arg.align < 8 ? 8 : arg.align));
		EXPECT_EQ(MEMRIG_REASON_NONE, arg.reason);
		EXPECT_EQ(0, arg.region_index);
		blocks[i].start = arg.offset;
		blocks[i].end = arg.offset + arg.usable;
		EXPECT_LE(blocks[i].end, LENGTH);
		for (int j = 0; j < i; j++)
			ASSERT_TRUE(blocks[i].end <= blocks[j].start ||
				    blocks[j].end <= blocks[i].start);
	}
	EXPECT_EQ(300, heap_stat(self->heap).live_blocks);
	for (int i = 0; i < 300; i++)
		ASSERT_EQ(0, heap_free(self->heap, blocks[(i * 7) % 300].start));
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(1, heap_stat(self->heap).free_blocks);
}

TEST_F(heap, sizes_nobody_can_have)
{
	const uint64_t sizes[] = { LENGTH + 1, 1ULL << 31,	  1ULL << 32, (1ULL << 32) + 8,
				   1ULL << 35, (1ULL << 35) + 64, 1ULL << 62, 1ULL << 63,
				   ~0ULL,      ~0ULL - 7,	  ~0ULL - 15 };
	struct memrig_alloc arg;
	int64_t keep = heap_alloc(self->heap, 64, 0);

	ASSERT_GE(keep, 0);
	EXPECT_EQ(-EINVAL, heap_alloc(self->heap, 0, 0));
	EXPECT_EQ(-EINVAL, heap_realloc(self->heap, keep, 0, 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		arg = ARG(memrig_alloc, .bytes = sizes[i]);
		EXPECT_EQ(-ENOMEM, heap_alloc_full(self->heap, &arg));
		EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, arg.reason);
		arg = ARG(memrig_alloc, .bytes = sizes[i], .align = 4096);
		EXPECT_EQ(-ENOMEM, heap_alloc_full(self->heap, &arg));
		EXPECT_EQ(-ENOMEM, heap_realloc(self->heap, keep, sizes[i], 0, 0));
		EXPECT_EQ(-ENOMEM,
			  heap_realloc(self->heap, keep, sizes[i], 0, MEMRIG_REALLOC_IN_PLACE));
	}
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
}

TEST_F(heap, alignments)
{
	const uint64_t bad[] = { 3, 6, 24 + 1, 0x70, 7, ~0ULL, (1ULL << 63) | 5 };

	for (uint64_t align = 1; align <= 4096; align <<= 1) {
		int64_t off = heap_alloc(self->heap, 40, align);

		ASSERT_GE(off, 0);
		EXPECT_EQ(0, off % align);
		EXPECT_EQ(0, heap_free(self->heap, off));
	}
	/* align | rewind: that many bytes before a boundary. */
	for (uint64_t align = 32; align <= 1024; align <<= 1) {
		for (uint64_t rewind = 8; rewind < align; rewind <<= 1) {
			int64_t off = heap_alloc(self->heap, 100, align | rewind);

			ASSERT_GE(off, 0);
			EXPECT_EQ(0, (off + rewind) % align);
			EXPECT_EQ(0, heap_free(self->heap, off));
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t ret = heap_alloc(self->heap, 40, bad[i]);

		/* Two bits are align|rewind; more are nothing. */
		if (__builtin_popcountll(bad[i]) == 2) {
			if (ret >= 0)
				heap_free(self->heap, ret);
			continue;
		}
		EXPECT_EQ(-EINVAL, ret)
		{
			TH_LOG("align %#llx", (unsigned long long)bad[i]);
		}
	}
	/* No mapping keeps more than a page. */
	EXPECT_EQ(page_size(), caps_get(self->session).max_align);
	EXPECT_EQ(-EOPNOTSUPP, heap_alloc(self->heap, 40, 2 * page_size()));
	EXPECT_EQ(-EOPNOTSUPP, heap_alloc(self->heap, 40, 1ULL << 40));
	EXPECT_EQ(-EOPNOTSUPP, heap_alloc(self->heap, 40, 1ULL << 63));
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
}

TEST_F(heap, free_refuses)
{
	int64_t a = heap_alloc(self->heap, 512, 0), b = heap_alloc(self->heap, 64, 0);
	const uint64_t wrong[] = { a + 8,      a + 16,	   a + 256,  a + 1,	 a - 8,
				   b + 8,      LENGTH - 8, LENGTH,   LENGTH + 8, 1ULL << 32,
				   1ULL << 63, ~0ULL,	   ~0ULL - 7 };
	struct memrig_heap_stat before, after;

	ASSERT_GE(a, 0);
	ASSERT_GE(b, 0);
	before = heap_stat(self->heap);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-ENOENT, heap_free(self->heap, wrong[i]))
		{
			TH_LOG("offset %#llx", (unsigned long long)wrong[i]);
		}
		EXPECT_EQ(-ENOENT, heap_usable(self->heap, wrong[i]));
		EXPECT_EQ(-ENOENT, heap_realloc(self->heap, wrong[i], 100, 0, 0));
		EXPECT_EQ(-ENOENT, heap_keep(self->heap, wrong[i], NULL));
		EXPECT_EQ(-ENOENT, heap_give(self->heap, wrong[i], before.client));
	}
	after = heap_stat(self->heap);
	EXPECT_EQ(before.live_blocks, after.live_blocks);
	EXPECT_EQ(before.allocated_bytes, after.allocated_bytes);
	EXPECT_GE(after.rejects, before.rejects + 2 * ARRAY_SIZE(wrong));
	EXPECT_EQ(0, heap_free(self->heap, a));
	EXPECT_EQ(-ENOENT, heap_free(self->heap, a));
	EXPECT_EQ(0, heap_free(self->heap, b));
	EXPECT_EQ(-ENOENT, heap_free(self->heap, b));
	EXPECT_EQ(-ENOENT, heap_free(self->heap, a));
}

TEST_F(heap, realloc_in_place)
{
	int64_t a = heap_alloc(self->heap, 4096, 0), b;
	uint64_t usable = heap_usable(self->heap, a);

	EXPECT_EQ(a, heap_realloc(self->heap, a, 1024, 0, MEMRIG_REALLOC_IN_PLACE));
	EXPECT_LT(heap_usable(self->heap, a), usable);
	EXPECT_EQ(a, heap_realloc(self->heap, a, 8192, 0, MEMRIG_REALLOC_IN_PLACE));
	b = heap_alloc(self->heap, 64, 0);
	ASSERT_GT(b, a);
	EXPECT_EQ(-ENOMEM, heap_realloc(self->heap, a, 100 * KIB, 0, MEMRIG_REALLOC_IN_PLACE));
	EXPECT_GE(heap_usable(self->heap, a), 8192);
	EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
}

TEST_F(heap, realloc_alignment)
{
	int64_t a = heap_alloc(self->heap, 64, 0), b = heap_alloc(self->heap, 64, 0);
	struct memrig_realloc arg = ARG(memrig_realloc, .bytes = 64, .align = 4096);

	arg.offset = b % 4096 ? b : a;
	ASSERT_EQ(0, call(self->heap, MEMRIG_IOC_REALLOC, &arg));
	EXPECT_EQ(0, arg.offset % 4096);
	EXPECT_EQ(1, arg.moved);
	EXPECT_GE(arg.usable, 64);
	EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(-EINVAL, heap_realloc(self->heap, a, 64, 7, 0));
}

TEST_F(heap, exhaustion_and_recovery)
{
	static int64_t blocks[8192];
	struct memrig_alloc arg;
	struct memrig_heap_stat stat;
	int count = 0, ret;

	for (;;) {
		arg = ARG(memrig_alloc, .bytes = 240);
		ret = heap_alloc_full(self->heap, &arg);
		if (ret)
			break;
		ASSERT_LT(count, 8192);
		blocks[count++] = arg.offset;
	}
	EXPECT_EQ(-ENOMEM, ret);
	EXPECT_EQ(MEMRIG_REASON_EMPTY, arg.reason);
	EXPECT_LT(arg.largest_free, 240);
	/* 240 and 8 bytes of header at most, and little lost at the ends. */
	EXPECT_GE(count, (LENGTH - 4096) / 248);
	for (int i = 0; i < count; i += 2)
		ASSERT_EQ(0, heap_free(self->heap, blocks[i]));
	arg = ARG(memrig_alloc, .bytes = 20000);
	EXPECT_EQ(-ENOMEM, heap_alloc_full(self->heap, &arg));
	EXPECT_EQ(MEMRIG_REASON_FRAGMENTED, arg.reason);
	EXPECT_GE(arg.largest_free, 240);
	stat = heap_stat(self->heap);
	EXPECT_EQ(arg.largest_free, stat.largest_free);
	EXPECT_GT(stat.frag_permille, 900);
	EXPECT_GE(stat.failures, 2);
	for (int i = 1; i < count; i += 2)
		ASSERT_EQ(0, heap_free(self->heap, blocks[i]));
	EXPECT_EQ(0, heap_stat(self->heap).frag_permille);
	/* What the figure promises is given. */
	ret = heap_alloc(self->heap, heap_stat(self->heap).largest_free, 0);
	EXPECT_GE(ret, 0);
}

TEST_F(heap, figures)
{
	struct memrig_heap_stat stat = heap_stat(self->heap);
	struct memrig_heap_reset_max reset = ARG(memrig_heap_reset_max);
	uint64_t free_at_start = stat.free_bytes;
	int64_t a, b;

	EXPECT_EQ(region_info(self->region).id, stat.region_id);
	EXPECT_EQ(variant->placement, stat.placement);
	EXPECT_EQ(LENGTH, stat.length);
	EXPECT_EQ(0, stat.offset);
	EXPECT_EQ(1, stat.clients);
	EXPECT_NE(0, stat.client);
	EXPECT_TRUE(stat.flags & MEMRIG_HEAP_STATS);
	EXPECT_GT(free_at_start, LENGTH - 4096);
	EXPECT_GT(stat.search_limit, 0);
	a = heap_alloc(self->heap, 1000, 0);
	b = heap_alloc(self->heap, 2000, 0);
	stat = heap_stat(self->heap);
	EXPECT_EQ(heap_usable(self->heap, a) + heap_usable(self->heap, b), stat.allocated_bytes);
	EXPECT_EQ(stat.allocated_bytes, stat.max_allocated_bytes);
	EXPECT_EQ(2, stat.allocs);
	EXPECT_EQ(2, stat.client_blocks);
	EXPECT_EQ(0, heap_free(self->heap, b));
	stat = heap_stat(self->heap);
	EXPECT_GT(stat.max_allocated_bytes, stat.allocated_bytes);
	EXPECT_EQ(0, call(self->heap, MEMRIG_IOC_HEAP_RESET_MAX, &reset));
	stat = heap_stat(self->heap);
	EXPECT_EQ(stat.allocated_bytes, stat.max_allocated_bytes);
	EXPECT_EQ(0, heap_free(self->heap, a));
	EXPECT_EQ(free_at_start, heap_stat(self->heap).free_bytes);
	EXPECT_EQ(2, heap_stat(self->heap).frees);
}

TEST_F(heap, walk_agrees)
{
	static struct memrig_block blocks[256];
	int64_t offsets[50], n;
	int live = 0;

	for (int i = 0; i < 50; i++)
		offsets[i] = heap_alloc(self->heap, 100 + i * 8, 0);
	for (int i = 0; i < 50; i += 3)
		ASSERT_EQ(0, heap_free(self->heap, offsets[i]));
	for (uint32_t part = 1; part <= 64; part += 21) {
		live = 0;
		n = heap_walk(self->heap, blocks, 256, part);
		ASSERT_GT(n, 0);
		for (int i = 0; i < n; i++) {
			if (!(blocks[i].flags & MEMRIG_BLOCK_USED))
				continue;
			live++;
			EXPECT_TRUE(blocks[i].flags & MEMRIG_BLOCK_MINE);
			EXPECT_EQ(heap_stat(self->heap).client, blocks[i].client);
			EXPECT_EQ(blocks[i].bytes, heap_usable(self->heap, blocks[i].offset));
		}
		EXPECT_EQ(heap_stat(self->heap).live_blocks, live);
	}
}

TEST_F(heap, its_region)
{
	struct memrig_heap_region arg = ARG(memrig_heap_region);
	struct memrig_heap_region bad = ARG(memrig_heap_region, .index = 1);

	ASSERT_EQ(0, call(self->heap, MEMRIG_IOC_HEAP_REGION, &arg));
	EXPECT_EQ(region_info(self->region).id, region_info(arg.fd).id);
	EXPECT_EQ(FD_CLOEXEC, fcntl(arg.fd, F_GETFD));
	EXPECT_EQ(-ENOENT, call(self->heap, MEMRIG_IOC_HEAP_REGION, &bad));
	bad.index = 0xffffffffu;
	EXPECT_EQ(-ENOENT, call(self->heap, MEMRIG_IOC_HEAP_REGION, &bad));
	close(arg.fd);
}

TEST_HARNESS_MAIN
