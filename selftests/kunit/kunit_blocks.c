// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engines of equal blocks and of streams in the kernel: slab, runs of blocks, groups of them,
 * ring. Each against a table of what is live; nothing behind the addresses is ever touched.
 */
#include <linux/slab.h>

#include "kunit_mrig.h"
#include "mem_slab_core.h"
#include "mrig_ring.h"
#include "multi_mem_blocks.h"

#define BASE	0x100000UL
#define NUM	600
#define STEPS	20000

static void *control_of(struct kunit *test, size_t bytes)
{
	void *control;

	KUNIT_ASSERT_GT(test, bytes, 0);
	control = kunit_kzalloc(test, bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, control);
	return control;
}

static struct mrig_slab *slab_of(struct kunit *test, u64 bytes, u32 num)
{
	struct mrig_slab *slab = control_of(test, mrig_slab_control_bytes(num));

	KUNIT_ASSERT_EQ(test, mrig_slab_init(slab, BASE, bytes, num), 0);
	return slab;
}

static void slab_step(struct kunit *test, struct mrig_slab *slab, u8 *live, u32 *used, u32 *seed)
{
	u32 i = mrig_test_random(seed) % NUM;
	void *at = (void *)(BASE + i * 48);
	uintptr_t off;

	if (mrig_test_random(seed) % 2) {
		KUNIT_ASSERT_EQ(test, mrig_slab_free(slab, at),
				live[i] ? (s64)(NUM - *used) : -EALREADY);
		*used -= live[i];
		live[i] = 0;
		return;
	}
	at = mrig_slab_alloc(slab);
	KUNIT_ASSERT_EQ(test, !at, *used == NUM);
	if (!at)
		return;
	off = (uintptr_t)at - BASE;
	KUNIT_ASSERT_EQ(test, off % 48, 0);
	KUNIT_ASSERT_LT(test, off / 48, NUM);
	KUNIT_ASSERT_FALSE(test, live[off / 48]);
	live[off / 48] = 1;
	++*used;
}

static void slab_agrees_with_table(struct kunit *test)
{
	struct mrig_slab *slab = slab_of(test, 48, NUM);
	struct mrig_slab_info info;
	u32 seed = 1, used = 0, i;
	u8 *live = control_of(test, NUM);

	for (i = 0; i < STEPS; i++) {
		slab_step(test, slab, live, &used, &seed);
		if (i % 500 == 0)
			KUNIT_ASSERT_TRUE(test, mrig_slab_validate(slab));
	}
	mrig_slab_get_info(slab, &info);
	KUNIT_EXPECT_EQ(test, info.used, used);
}

static void slab_refuses_nonsense(struct kunit *test)
{
	struct mrig_slab *slab = slab_of(test, 48, 4);
	struct mrig_slab bad[2] = { };

	KUNIT_EXPECT_EQ(test, mrig_slab_init(bad, BASE, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_slab_init(bad, BASE + 1, 48, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_slab_control_bytes(U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, mrig_slab_free(slab, (void *)BASE), -EALREADY);
	KUNIT_EXPECT_EQ(test, mrig_slab_free(slab, (void *)(BASE + 8)), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_slab_free(slab, (void *)(BASE + 4 * 48)), -ENOENT);
	KUNIT_EXPECT_EQ(test, mrig_slab_free(slab, NULL), -ENOENT);
}

static struct mrig_blocks *pool_of(struct kunit *test, uintptr_t base, u32 num)
{
	struct mrig_blocks *pool = control_of(test, mrig_blocks_control_bytes(num));

	KUNIT_ASSERT_EQ(test, mrig_blocks_init(pool, base, 64, num), 0);
	return pool;
}

static bool all_are(const u8 *live, u32 first, u32 count, u8 what)
{
	while (count--)
		if (live[first++] != what)
			return false;
	return true;
}

/* One run of up to 40 blocks comes, is named, or goes. */
static void pool_step(struct kunit *test, struct mrig_blocks *pool, u8 *live, u32 *seed)
{
	u32 count = 1 + mrig_test_random(seed) % 40, first = mrig_test_random(seed) % (NUM - 40);
	u32 what = mrig_test_random(seed) % 3;
	s64 got;

	if (what == 0) {
		got = mrig_blocks_alloc_run(pool, count);
		if (got < 0) {
			KUNIT_ASSERT_EQ(test, got, -ENOMEM);
			KUNIT_ASSERT_GT(test, count, mrig_blocks_largest(pool));
			return;
		}
		KUNIT_ASSERT_LE(test, got + count, NUM);
		KUNIT_ASSERT_TRUE(test, all_are(live, got, count, 0));
		memset(live + got, 1, count);
	} else if (what == 1) {
		KUNIT_ASSERT_EQ(test, mrig_blocks_get_run(pool, first, count),
				all_are(live, first, count, 0) ? 0 : -ENOMEM);
		if (all_are(live, first, count, 0))
			memset(live + first, 1, count);
	} else {
		KUNIT_ASSERT_EQ(test, mrig_blocks_free_run(pool, first, count),
				all_are(live, first, count, 1) ? 0 : -EFAULT);
		if (all_are(live, first, count, 1))
			memset(live + first, 0, count);
	}
}

static void blocks_agree_with_table(struct kunit *test)
{
	struct mrig_blocks *pool = pool_of(test, BASE, NUM);
	u8 *live = control_of(test, NUM);
	u32 seed = 2, used = 0, i;

	for (i = 0; i < STEPS; i++) {
		pool_step(test, pool, live, &seed);
		if (i % 500 == 0)
			KUNIT_ASSERT_TRUE(test, mrig_blocks_validate(pool));
	}
	for (i = 0; i < NUM; i++)
		used += live[i];
	KUNIT_EXPECT_EQ(test, pool->used, used);
}

static void blocks_refuse_nonsense(struct kunit *test)
{
	struct mrig_blocks *pool = pool_of(test, BASE, 8);

	KUNIT_EXPECT_EQ(test, mrig_blocks_control_bytes(0), 0);
	KUNIT_EXPECT_EQ(test, mrig_blocks_control_bytes(U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, mrig_blocks_init(pool, BASE, 48, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_blocks_alloc_run(pool, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_blocks_alloc_run(pool, SIZE_MAX), -ENOMEM);
	KUNIT_EXPECT_EQ(test, mrig_blocks_free_run(pool, 0, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, mrig_blocks_free_run(pool, 8, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_blocks_free_run(pool, U64_MAX, SIZE_MAX), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_blocks_free_contiguous(pool, (void *)(BASE + 1), 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_blocks_free_contiguous(pool, NULL, 1), -EFAULT);
}

static struct mrig_blocks *as_told(struct mrig_multi_blocks *group, void *cfg)
{
	return cfg;
}

static void group_of_pools(struct kunit *test)
{
	struct mrig_blocks *low = pool_of(test, BASE, 4), *high = pool_of(test, BASE + 4096, 4);
	struct mrig_blocks *member[2];
	struct mrig_multi_blocks group;
	void *out[4];

	KUNIT_ASSERT_EQ(test, mrig_multi_blocks_init(&group, member, 2, as_told), 0);
	KUNIT_ASSERT_EQ(test, mrig_multi_blocks_add(&group, high), 0);
	KUNIT_ASSERT_EQ(test, mrig_multi_blocks_add(&group, low), 0);
	KUNIT_EXPECT_EQ(test, mrig_multi_blocks_add(&group, low), -EEXIST);
	KUNIT_ASSERT_EQ(test, mrig_multi_blocks_alloc(&group, high, 3, out, NULL), 0);
	KUNIT_EXPECT_PTR_EQ(test, mrig_multi_blocks_find(&group, out[0]), high);
	KUNIT_EXPECT_EQ(test, mrig_multi_blocks_alloc(&group, high, 2, out + 3, NULL), -ENOMEM);
	KUNIT_EXPECT_EQ(test, mrig_multi_blocks_alloc(&group, NULL, 1, out + 3, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, high->used, 3);
	KUNIT_EXPECT_EQ(test, low->used, 0);
	KUNIT_EXPECT_EQ(test, mrig_multi_blocks_free(&group, 3, out), 0);
	KUNIT_EXPECT_EQ(test, high->used, 0);
	KUNIT_EXPECT_NE(test, mrig_multi_blocks_free(&group, 3, out), 0);
}

/* Blocks of a stream, given back nearly in order. */
static void ring_agrees_with_table(struct kunit *test)
{
	struct mrig_ring *ring = control_of(test, mrig_ring_control_bytes(32));
	struct { u64 off, bytes; } live[32];
	u32 seed = 3, n = 0, i, k;
	s64 off;

	KUNIT_ASSERT_EQ(test, mrig_ring_init(ring, 4096, 8, 32), 0);
	for (i = 0; i < STEPS; i++) {
		if (n && mrig_test_random(&seed) % 2) {
			k = mrig_test_random(&seed) % min(n, 3U);
			KUNIT_ASSERT_EQ(test, mrig_ring_drop(ring, live[k].off), 0);
			KUNIT_ASSERT_EQ(test, mrig_ring_drop(ring, live[k].off), -ENOENT);
			memmove(&live[k], &live[k + 1], (--n - k) * sizeof(live[0]));
			continue;
		}
		k = 1 + mrig_test_random(&seed) % 500;
		off = mrig_ring_alloc(ring, k);
		if (off == -ENOMEM || off == -ENOSPC)
			continue;
		KUNIT_ASSERT_GE(test, off, 0);
		live[n].off = off;
		live[n++].bytes = k;
		KUNIT_ASSERT_LE(test, off + k, 4096);
		for (k = 0; k + 1 < n; k++)
			KUNIT_ASSERT_TRUE(test, off >= live[k].off + live[k].bytes ||
					  off + live[n - 1].bytes <= live[k].off);
	}
	KUNIT_EXPECT_EQ(test, mrig_ring_alloc(ring, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_ring_alloc(ring, 4097), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_ring_free(ring, 1), -ENOENT);
}

static struct kunit_case mrig_blocks_cases[] = {
	KUNIT_CASE(slab_agrees_with_table),
	KUNIT_CASE(slab_refuses_nonsense),
	KUNIT_CASE(blocks_agree_with_table),
	KUNIT_CASE(blocks_refuse_nonsense),
	KUNIT_CASE(group_of_pools),
	KUNIT_CASE(ring_agrees_with_table),
	{ }
};

static struct kunit_suite mrig_blocks_suite = {
	.name = "memrig_blocks",
	.test_cases = mrig_blocks_cases,
};

kunit_test_suite(mrig_blocks_suite);
