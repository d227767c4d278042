// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heaps over regions from inside the kernel: an in-band heap whose headers are corrupted on
 * purpose is reported and fenced off, whatever the corruption and the hardening level, and never an
 * oops; an out-of-band heap does not notice at all.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/trace.h"
#include "kunit_mrig.h"
#include "mrig_engine.h"

#define LENGTH	SZ_16K
#define BLOCKS	40

struct rig {
	struct mrig_region *region;
	struct mrig_client *client;
	u8 *mem;
	u64 blocks[BLOCKS];
};

/* A heap in use, over the region the rig has. */
static void rig_fill(struct kunit *test, struct rig *rig, u32 placement, u32 hardening)
{
	struct mrig_grant grant = { };
	int i;

	rig->client = mrig_test_client(test, rig->region, placement, hardening,
				       MEMRIG_HEAP_STATS);
	rig->mem = mrig_region_kmap(rig->region);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rig->mem);
	for (i = 0; i < BLOCKS; i++) {
		KUNIT_ASSERT_EQ(test, mrig_block_alloc(rig->client, 0, 100 + i, &grant), 0);
		rig->blocks[i] = grant.offset;
	}
	/* Every third is free: lists, neighbours on both sides, and gaps. */
	for (i = 0; i < BLOCKS; i += 3)
		KUNIT_ASSERT_EQ(test, mrig_block_free(rig->client, rig->blocks[i]), 0);
}

static void rig_open(struct kunit *test, struct rig *rig, u32 placement, u32 hardening)
{
	rig->region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
				       MEMRIG_REGION_KERNEL_ONLY, LENGTH);
	rig_fill(test, rig, placement, hardening);
}

static void rig_close(struct rig *rig)
{
	mrig_client_release(rig->client);
	mrig_region_put(rig->region);
}

/* Everything a user can do, results ignored: what matters is that it comes back. */
static void rig_use(struct rig *rig)
{
	struct mrig_grant grant = { };
	struct memrig_heap_stat stat = { };
	u64 usable;
	int i;

	for (i = 0; i < BLOCKS; i++) {
		mrig_block_alloc(rig->client, i % 4 ? 0 : 64, 20 + i * 30, &grant);
		mrig_block_usable(rig->client, rig->blocks[i], &usable);
		mrig_block_realloc(rig->client, rig->blocks[i], 0, 50 + i * 20, i % 2, &grant);
		mrig_block_free(rig->client, rig->blocks[i]);
	}
	mrig_heap_obj_stat(rig->client->heap, rig->client, &stat);
}

/* A fenced heap answers -EIO to everything. */
static void expect_fenced(struct kunit *test, struct rig *rig)
{
	struct mrig_grant grant = { };
	struct memrig_block block;
	struct mrig_fault fault = { };
	u64 cursor = 0, usable;
	u32 reason, found;

	KUNIT_EXPECT_TRUE(test, mrig_heap_obj_is_fenced(rig->client->heap));
	KUNIT_EXPECT_EQ(test, mrig_block_alloc(rig->client, 0, 8, &grant), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_block_free(rig->client, rig->blocks[1]), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_block_usable(rig->client, rig->blocks[1], &usable), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_block_realloc(rig->client, rig->blocks[1], 0, 8, false, &grant),
			-EIO);
	KUNIT_EXPECT_EQ(test, mrig_block_give(rig->client, rig->blocks[1], rig->client->id), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_block_keep(rig->client, rig->blocks[1], &reason), -EIO);
	KUNIT_EXPECT_EQ(test, mrig_heap_obj_walk(rig->client->heap, rig->client, &cursor, &block, 1,
						 &found), -EIO);
	mrig_heap_obj_validate(rig->client->heap, &fault);
	KUNIT_EXPECT_NE(test, fault.invariant, 0);
	KUNIT_EXPECT_TRUE(test, IS_ERR(mrig_client_create(rig->client->heap)));
}

/* The header that stands before a live block, in all ways it can be wrong. */
static void heap_corrupt_header_is_fenced(struct kunit *test)
{
	static const u8 fills[] = { 0x00, 0xff, 0x55, 0x01, 0x80 };
	struct mrig_fault fault = { };
	struct rig rig;
	int i, level;

	for (level = MRIG_HARDEN_NONE; level <= MRIG_HARDEN_EXTREME; level++) {
		for (i = 0; i < ARRAY_SIZE(fills); i++) {
			rig_open(test, &rig, MEMRIG_PLACEMENT_INBAND, level);
			memset(rig.mem + rig.blocks[4] - 8, fills[i], 8);
			mrig_heap_obj_validate(rig.client->heap, &fault);
			KUNIT_EXPECT_NE_MSG(test, fault.invariant, 0, "level %d fill %#x", level,
					    fills[i]);
			expect_fenced(test, &rig);
			rig_close(&rig);
		}
	}
}

/* An overrun of one block into the next is noticed by free, from the level that promises it on. */
static void heap_overrun_is_noticed_on_free(struct kunit *test)
{
	struct rig rig;
	u64 usable;
	int level;

	for (level = MRIG_HARDEN_BASIC; level <= MRIG_HARDEN_EXTREME; level++) {
		rig_open(test, &rig, MEMRIG_PLACEMENT_INBAND, level);
		KUNIT_ASSERT_EQ(test, mrig_block_usable(rig.client, rig.blocks[4], &usable), 0);
		memset(rig.mem + rig.blocks[4], 0x41, usable + 8);
		KUNIT_EXPECT_EQ_MSG(test, mrig_block_free(rig.client, rig.blocks[4]), -EIO,
				    "level %d", level);
		expect_fenced(test, &rig);
		rig_close(&rig);
	}
}

/*
 * Every word of the heap in turn becomes something else, and everything is tried on it. Payload
 * words change nothing; others may or may not be noticed by the operation, and validate decides.
 * The kernel survives all of it.
 */
static void corrupt_word(struct kunit *test, struct rig *rig, u32 word, u64 value, int level)
{
	struct mrig_fault fault = { };

	rig_fill(test, rig, MEMRIG_PLACEMENT_INBAND, level);
	((u64 *)rig->mem)[word] = value;
	rig_use(rig);
	mrig_heap_obj_validate(rig->client->heap, &fault);
	rig_use(rig);
	mrig_client_release(rig->client);
}

static void heap_any_word_may_be_wrong(struct kunit *test)
{
	u64 used = mrig_charge_used();
	u32 word, seed = 7, high, low;
	struct rig rig;

	rig.region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
				      MEMRIG_REGION_KERNEL_ONLY, LENGTH);
	for (word = 0; word < LENGTH / 8; word += word < 32 ? 1 : word / 8) {
		high = mrig_test_random(&seed);
		low = mrig_test_random(&seed);
		corrupt_word(test, &rig, word, (u64)high << 40 ^ (u64)low << 16 ^ high, word % 5);
		corrupt_word(test, &rig, word, word % 2 ? ~0ULL : 0, MRIG_HARDEN_BASIC);
		/* Plausible: small numbers look like sizes and links. */
		corrupt_word(test, &rig, word, (u64)(high % 2048) << 32 | low % 4096,
			     MRIG_HARDEN_NONE);
	}
	mrig_region_put(rig.region);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used);
}

/* All of it at once. */
static void heap_total_loss(struct kunit *test)
{
	static const u8 fills[] = { 0x00, 0xff, 0x41, 0x08 };
	struct mrig_fault fault = { };
	struct rig rig;
	int i, level;

	for (level = MRIG_HARDEN_NONE; level <= MRIG_HARDEN_EXTREME; level++) {
		for (i = 0; i < ARRAY_SIZE(fills); i++) {
			rig_open(test, &rig, MEMRIG_PLACEMENT_INBAND, level);
			memset(rig.mem, fills[i], LENGTH);
			rig_use(&rig);
			mrig_heap_obj_validate(rig.client->heap, &fault);
			KUNIT_EXPECT_NE(test, fault.invariant, 0);
			expect_fenced(test, &rig);
			rig_close(&rig);
		}
	}
}

static void heap_oob_does_not_notice(struct kunit *test)
{
	struct mrig_fault fault = { };
	struct rig rig;
	int i;

	rig_open(test, &rig, MEMRIG_PLACEMENT_OOB, MRIG_HARDEN_FULL);
	memset(rig.mem, 0x41, LENGTH);
	KUNIT_EXPECT_EQ(test, mrig_heap_obj_validate(rig.client->heap, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.invariant, 0);
	for (i = 0; i < BLOCKS; i++)
		KUNIT_EXPECT_EQ(test, mrig_block_free(rig.client, rig.blocks[i]),
				i % 3 ? 0 : -ENOENT);
	/* And has not written a byte. */
	for (i = 0; i < LENGTH; i++)
		KUNIT_ASSERT_EQ(test, rig.mem[i], 0x41);
	rig_close(&rig);
}

struct fence {
	int times;
	u64 heap;
	u64 offset;
	u32 invariant;
};

static void on_fence(void *data, u64 heap, u32 invariant, u64 offset)
{
	struct fence *fence = data;

	fence->times++;
	fence->heap = heap;
	fence->offset = offset;
	fence->invariant = invariant;
}

/* The trace says once which heap, and what is wrong where; nothing while all is well. */
static void heap_fence_is_traced(struct kunit *test)
{
	struct mrig_fault fault = { };
	struct fence fence = { };
	struct rig rig;

	rig_open(test, &rig, MEMRIG_PLACEMENT_INBAND, MRIG_HARDEN_FULL);
	KUNIT_ASSERT_EQ(test, register_trace_memrig_fence(on_fence, &fence), 0);
	mrig_heap_obj_validate(rig.client->heap, &fault);
	KUNIT_EXPECT_EQ(test, fence.times, 0);
	memset(rig.mem + rig.blocks[4] - 8, 0xff, 8);
	mrig_heap_obj_validate(rig.client->heap, &fault);
	KUNIT_EXPECT_EQ(test, fence.times, 1);
	KUNIT_EXPECT_EQ(test, fence.heap, rig.client->heap->id);
	KUNIT_EXPECT_NE(test, fence.invariant, 0);
	KUNIT_EXPECT_EQ(test, fence.invariant, fault.invariant);
	KUNIT_EXPECT_EQ(test, fence.offset, fault.offset);
	expect_fenced(test, &rig);
	KUNIT_EXPECT_EQ(test, fence.times, 1);
	unregister_trace_memrig_fence(on_fence, &fence);
	tracepoint_synchronize_unregister();
	rig_close(&rig);
}

static void heap_gives_back_everything(struct kunit *test)
{
	u64 used = mrig_charge_used();
	struct mrig_client *client, *second;
	struct mrig_region *region;
	struct mrig_grant grant = { };
	u32 reason;
	int i;

	region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, 0, SZ_1M);
	client = mrig_test_client(test, region, MEMRIG_PLACEMENT_OOB, MRIG_HARDEN_BASIC,
				  MEMRIG_HEAP_SCRUB);
	mrig_region_put(region);
	second = mrig_client_create(client->heap);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, second);
	for (i = 0; i < 100; i++) {
		KUNIT_ASSERT_EQ(test, mrig_block_alloc(second, 0, 1000, &grant), 0);
		if (i == 50)
			KUNIT_EXPECT_EQ(test, mrig_block_keep(second, grant.offset, &reason), 0);
	}
	mrig_client_release(second);
	KUNIT_EXPECT_EQ(test, client->heap->live_blocks, 1);
	KUNIT_EXPECT_EQ(test, client->heap->counts.reclaimed, 99);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used + SZ_1M);
	mrig_client_release(client);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used);
}

static struct kunit_case mrig_heap_cases[] = {
	KUNIT_CASE(heap_corrupt_header_is_fenced),
	KUNIT_CASE(heap_overrun_is_noticed_on_free),
	KUNIT_CASE_SLOW(heap_any_word_may_be_wrong),
	KUNIT_CASE(heap_total_loss),
	KUNIT_CASE(heap_oob_does_not_notice),
	KUNIT_CASE(heap_fence_is_traced),
	KUNIT_CASE(heap_gives_back_everything),
	{ }
};

static struct kunit_suite mrig_heap_suite = {
	.name = "memrig_heap",
	.test_cases = mrig_heap_cases,
};

kunit_test_suite(mrig_heap_suite);
