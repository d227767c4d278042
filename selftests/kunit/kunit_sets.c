// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several heaps behind one call in the kernel: priority heap, tiers of slabs with a heap behind,
 * and regions chosen by attribute. All heaps are out-of-band over addresses that nobody touches.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "kunit_mrig.h"
#include "mem_attr.h"
#include "mrig_prio.h"
#include "mrig_smart.h"
#include "shared_multi_heap.h"

#define BASE	0x100000UL
#define SPAN	4096
#define HEAPS	3

/* Heap i is at BASE + i * SPAN. */
struct rig {
	struct mrig_heap heap[HEAPS];
	struct mrig_member *slots[HEAPS];
};

static void heap_close(void *arg)
{
	struct mrig_heap *heap = arg;
	void *mem;

	while ((mem = heap->ops->drain(heap)))
		kvfree(mem);
	kvfree(heap->control);
}

static struct rig *rig_of(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct mrig_heap_cfg cfg = { .bytes = SPAN, .hardening = MRIG_HARDEN_BASIC, .stats = true };
	void *control;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	for (i = 0; i < HEAPS; i++) {
		cfg.base = BASE + i * SPAN;
		control = kvzalloc(mrig_heap_oob.control_bytes(&cfg), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, control);
		KUNIT_ASSERT_EQ(test, mrig_heap_oob.init(&rig->heap[i], control, &cfg), 0);
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, heap_close, &rig->heap[i]),
				0);
	}
	return rig;
}

static void member_of(struct rig *rig, struct mrig_member *m, int i)
{
	m->heap = &rig->heap[i];
	m->addr = BASE + i * SPAN;
	m->bytes = SPAN;
}

/* After -EAGAIN: whether to try again. */
static bool fed(struct kunit *test, const struct mrig_set *set, int err)
{
	struct mrig_heap *heap;
	struct mrig_want want;
	void *mem;

	if (err != -EAGAIN)
		return false;
	KUNIT_ASSERT_NOT_NULL(test, set->hungry);
	heap = set->hungry->heap;
	heap->ops->want(heap, &want);
	KUNIT_ASSERT_GT(test, want.bytes, 0);
	mem = kvzalloc(want.bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	kvfree(heap->ops->feed(heap, &want, mem));
	return true;
}

/* Number of the heap an address is in. */
static int heap_at(u64 addr)
{
	return (int)((addr - BASE) / SPAN);
}

static int prio_alloc(struct kunit *test, struct mrig_prio *prio, s32 number, size_t bytes,
		      u64 *addr)
{
	int err;

	do {
		err = mrig_prio_alloc(prio, number, 0, bytes, addr);
	} while (fed(test, &prio->set, err));
	return err;
}

static void prio_falls_as_far_as_it_may(struct kunit *test)
{
	struct mrig_prio_level level[HEAPS] = {
		{ .floor = MRIG_PRIO_NORMAL },
		{ .floor = MRIG_PRIO_LOW },
		{ .floor = MRIG_PRIO_HIGH },
	};
	struct rig *rig = rig_of(test);
	struct mrig_prio prio;
	u64 addr, other;
	int i;

	KUNIT_ASSERT_EQ(test, mrig_prio_init(&prio, rig->slots, HEAPS), 0);
	for (i = 0; i < HEAPS; i++) {
		member_of(rig, &level[i].member, i);
		KUNIT_ASSERT_EQ(test, mrig_prio_add(&prio, &level[i]), 0);
	}
	KUNIT_ASSERT_EQ(test, prio_alloc(test, &prio, MRIG_PRIO_HIGH, 3000, &addr), 0);
	KUNIT_EXPECT_EQ(test, heap_at(addr), 2);
	KUNIT_ASSERT_EQ(test, prio_alloc(test, &prio, MRIG_PRIO_HIGH, 3000, &other), 0);
	KUNIT_EXPECT_EQ(test, heap_at(other), 0);
	KUNIT_EXPECT_EQ(test, level[0].fallen, 1);
	KUNIT_ASSERT_EQ(test, prio_alloc(test, &prio, MRIG_PRIO_LOW, 3000, &other), 0);
	KUNIT_EXPECT_EQ(test, heap_at(other), 1);
	KUNIT_EXPECT_EQ(test, prio_alloc(test, &prio, MRIG_PRIO_LOW, 3000, &other), -ENOMEM);
	KUNIT_EXPECT_EQ(test, prio_alloc(test, &prio, MRIG_PRIO_LOW - 1, 8, &other), -ENOENT);
	KUNIT_EXPECT_EQ(test, prio_alloc(test, &prio, MRIG_PRIO_HIGH, 0, &other), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_prio_remove(&prio, &level[2]), -EBUSY);
	KUNIT_EXPECT_EQ(test, mrig_prio_free(&prio, addr), 0);
	KUNIT_EXPECT_EQ(test, mrig_prio_free(&prio, addr), -ENOENT);
	KUNIT_EXPECT_EQ(test, mrig_prio_remove(&prio, &level[2]), 0);
}

static int smart_alloc(struct kunit *test, struct mrig_smart *smart, size_t bytes, u64 *addr)
{
	int err;

	do {
		err = mrig_smart_alloc(smart, 0, bytes, addr);
	} while (fed(test, &smart->heaps, err));
	return err;
}

static void smart_routes_by_size_and_address(struct kunit *test)
{
	struct mrig_smart_tier tier = { }, *tiers[2];
	struct rig *rig = rig_of(test);
	struct mrig_member heap = { };
	struct mrig_smart smart;
	u64 small, next, large;

	tier.slab = kunit_kzalloc(test, mrig_slab_control_bytes(1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tier.slab);
	KUNIT_ASSERT_EQ(test, mrig_slab_init(tier.slab, 0x10000, 64, 1), 0);
	KUNIT_ASSERT_EQ(test, mrig_smart_init(&smart, tiers, 1, rig->slots, 1, 0), 0);
	KUNIT_ASSERT_EQ(test, mrig_smart_add_tier(&smart, &tier), 0);
	member_of(rig, &heap, 0);
	KUNIT_ASSERT_EQ(test, mrig_smart_add_heap(&smart, &heap), 0);
	KUNIT_ASSERT_EQ(test, smart_alloc(test, &smart, 64, &small), 0);
	KUNIT_EXPECT_PTR_EQ(test, mrig_smart_tier_of(&smart, small), &tier);
	KUNIT_ASSERT_EQ(test, smart_alloc(test, &smart, 64, &next), 0);
	KUNIT_EXPECT_EQ(test, heap_at(next), 0);
	KUNIT_ASSERT_EQ(test, smart_alloc(test, &smart, 65, &large), 0);
	KUNIT_EXPECT_EQ(test, heap_at(large), 0);
	KUNIT_EXPECT_EQ(test, tier.hits, 1);
	KUNIT_EXPECT_EQ(test, tier.full, 1);
	KUNIT_EXPECT_EQ(test, smart_alloc(test, &smart, 2 * SPAN, &next), -ENOMEM);
	KUNIT_EXPECT_EQ(test, smart_alloc(test, &smart, 0, &next), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_smart_free(&smart, small + 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, mrig_smart_free(&smart, small), 0);
	KUNIT_EXPECT_EQ(test, mrig_smart_free(&smart, small), -EALREADY);
	KUNIT_EXPECT_EQ(test, mrig_smart_free(&smart, large), 0);
	KUNIT_EXPECT_EQ(test, mrig_smart_free(&smart, large), -ENOENT);
}

static int smh_alloc(struct kunit *test, struct mrig_smh *smh, const struct mrig_smh_req *req,
		     size_t bytes, u64 *addr)
{
	int err;

	do {
		err = mrig_smh_alloc(smh, req, 0, bytes, addr);
	} while (fed(test, &smh->set, err));
	return err;
}

static void regions_by_attribute(struct kunit *test)
{
	struct mrig_smh_region region[HEAPS] = { };
	struct mrig_smh_req req = { .with = MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE) };
	struct mrig_smh *smh = kunit_kzalloc(test, sizeof(*smh), GFP_KERNEL);
	struct rig *rig = rig_of(test);
	struct mrig_smh_stats stats;
	u64 addr;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, smh);
	KUNIT_ASSERT_EQ(test, mrig_smh_init(smh, rig->slots, HEAPS), 0);
	for (i = 0; i < HEAPS; i++) {
		region[i].attrs = MRIG_SMH_BIT(i % 2);
		region[i].node = -1;
		member_of(rig, &region[i].member, i);
		KUNIT_ASSERT_EQ(test, mrig_smh_add(smh, &region[i]), 0);
	}
	KUNIT_EXPECT_EQ(test, mrig_smh_add(smh, &region[0]), -EEXIST);
	KUNIT_ASSERT_EQ(test, smh_alloc(test, smh, &req, 3000, &addr), 0);
	KUNIT_EXPECT_EQ(test, heap_at(addr), 1);
	KUNIT_EXPECT_EQ(test, smh_alloc(test, smh, &req, 3000, &addr), -ENOMEM);
	KUNIT_ASSERT_EQ(test, mrig_smh_region_stats(&region[1], &stats), 0);
	KUNIT_EXPECT_EQ(test, stats.use.live, 1);
	KUNIT_EXPECT_EQ(test, mrig_smh_remove(smh, &region[1]), -EBUSY);
	KUNIT_EXPECT_EQ(test, mrig_smh_free(smh, BASE + SPAN + 8), -ENOENT);
	req.with = MRIG_SMH_BIT(MRIG_SMH_DEVICE);
	KUNIT_EXPECT_EQ(test, smh_alloc(test, smh, &req, 8, &addr), -ENOENT);
}

static int mah_alloc(struct kunit *test, struct mrig_mah *mah, u32 attr, size_t bytes, u64 *addr)
{
	int err;

	do {
		err = mrig_mah_alloc(mah, attr, 0, bytes, addr);
	} while (fed(test, &mah->set, err));
	return err;
}

static void heaps_of_a_table(struct kunit *test)
{
	static const struct mem_attr_region_t table[HEAPS] = {
		{ "fast", BASE, SPAN, DT_MEM_SW_ALLOC_CACHE },
		{ "slow", BASE + SPAN, SPAN, DT_MEM_SW_ALLOC_DMA },
		{ "none", BASE + 2 * SPAN, SPAN, 0 },
	};
	struct mrig_mah_member member[HEAPS] = { };
	struct rig *rig = rig_of(test);
	struct mrig_mem_attr attrs;
	struct mrig_mah mah = { };
	u64 addr;
	int i;

	KUNIT_ASSERT_EQ(test, mrig_mem_attr_init(&attrs, table, HEAPS), 0);
	KUNIT_ASSERT_EQ(test, mrig_mah_init(&mah, &attrs, rig->slots, HEAPS), 0);
	for (i = 0; i < HEAPS; i++) {
		member[i].member.heap = &rig->heap[i];
		KUNIT_ASSERT_EQ(test, mrig_mah_add(&mah, &member[i], i), i == 2 ? -EINVAL : 0);
	}
	KUNIT_ASSERT_EQ(test, mah_alloc(test, &mah, DT_MEM_SW_ALLOC_DMA, 3000, &addr), 0);
	KUNIT_EXPECT_EQ(test, heap_at(addr), 1);
	KUNIT_EXPECT_PTR_EQ(test, mrig_mah_get_region(&mah, addr), &table[1]);
	KUNIT_EXPECT_EQ(test, mah_alloc(test, &mah, DT_MEM_SW_ALLOC_DMA, 3000, &addr), -ENOMEM);
	KUNIT_EXPECT_EQ(test, mrig_mah_free(&mah, BASE), -ENOENT);
}

static struct kunit_case mrig_sets_cases[] = {
	KUNIT_CASE(prio_falls_as_far_as_it_may),
	KUNIT_CASE(smart_routes_by_size_and_address),
	KUNIT_CASE(regions_by_attribute),
	KUNIT_CASE(heaps_of_a_table),
	{ }
};

static struct kunit_suite mrig_sets_suite = {
	.name = "memrig_sets",
	.test_cases = mrig_sets_cases,
};

kunit_test_suite(mrig_sets_suite);
