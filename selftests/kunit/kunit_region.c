// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions from inside the kernel: every kind and attribute is made, is what the page tables say,
 * holds data through the kernel's own mapping, and gives back all it took.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "core/account.h"
#include "kunit_mrig.h"
#include "mrig_engine.h"

#define LENGTH	SZ_256K

/* Steps through every attribute of every kind that this machine offers, from 0, 0 on. */
static bool next_offer(u32 *kind, u32 *attr)
{
	for (; *kind < 32; ++*kind, *attr = 0)
		if (mrig_region_kinds() & BIT(*kind))
			while (++*attr < 32)
				if (mrig_region_attrs(*kind) & BIT(*attr))
					return true;
	return false;
}

static void for_every_offer(struct kunit *test,
			    void (*check)(struct kunit *test, u32 kind, u32 attr))
{
	u32 kind = 0, attr = 0, offers = 0;

	for (; next_offer(&kind, &attr); offers++)
		check(test, kind, attr);
	KUNIT_EXPECT_GE(test, offers, 4);
}

static void holds_data(struct kunit *test, u32 kind, u32 attr)
{
	struct mrig_region *region = mrig_test_region(test, kind, attr, 0, LENGTH);
	u32 *mem = mrig_region_kmap(region);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem);
	KUNIT_EXPECT_PTR_EQ(test, mrig_region_kmap(region), (void *)mem);
	for (i = 0; i < LENGTH / sizeof(*mem); i++)
		KUNIT_ASSERT_EQ(test, READ_ONCE(mem[i]), 0);
	for (i = 0; i < LENGTH / sizeof(*mem); i++)
		WRITE_ONCE(mem[i], i * 2654435761u);
	for (i = 0; i < LENGTH / sizeof(*mem); i++)
		KUNIT_ASSERT_EQ(test, READ_ONCE(mem[i]), i * 2654435761u);
	mrig_region_put(region);
}

static void region_holds_data(struct kunit *test)
{
	for_every_offer(test, holds_data);
}

static u32 expected_type(u32 kind, u32 attr)
{
	if (kind != MEMRIG_KIND_PAGES)
		return IS_ENABLED(CONFIG_X86) ? MEMRIG_MEMTYPE_WB : MEMRIG_MEMTYPE_NORMAL_NC;
	if (attr == MEMRIG_ATTR_CACHED)
		return MEMRIG_MEMTYPE_WB;
	if (!IS_ENABLED(CONFIG_X86))
		return MEMRIG_MEMTYPE_NORMAL_NC;
	return attr == MEMRIG_ATTR_UNCACHED ? MEMRIG_MEMTYPE_UC_MINUS : MEMRIG_MEMTYPE_WC;
}

static void has_its_type(struct kunit *test, u32 kind, u32 attr)
{
	struct mrig_region *region = mrig_test_region(test, kind, attr, 0, LENGTH);
	u64 off;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mrig_region_kmap(region));
	for (off = 0; off < LENGTH; off += PAGE_SIZE) {
		struct memrig_attr_query query = { .offset = off };

		KUNIT_ASSERT_EQ(test, mrig_region_attr_query(region, &query), 0);
		KUNIT_ASSERT_EQ(test, query.asked, attr);
		KUNIT_ASSERT_EQ(test, query.kernel_type, expected_type(kind, attr));
		KUNIT_ASSERT_EQ(test, query.user_type, MEMRIG_MEMTYPE_NONE);
	}
	mrig_region_put(region);
}

static void region_has_its_type(struct kunit *test)
{
	for_every_offer(test, has_its_type);
}

static void gives_back_its_charge(struct kunit *test, u32 kind, u32 attr)
{
	u64 used = mrig_charge_used();
	struct mrig_region *region = mrig_test_region(test, kind, attr, 0, LENGTH - 1);

	KUNIT_EXPECT_EQ(test, region->spec.length, LENGTH);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used + LENGTH);
	mrig_region_get(region);
	mrig_region_put(region);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used + LENGTH);
	mrig_region_put(region);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used);
}

static void region_gives_back_its_charge(struct kunit *test)
{
	for_every_offer(test, gives_back_its_charge);
}

static void expect_refused(struct kunit *test, const struct mrig_region_spec *spec, int error,
			   u32 why)
{
	u64 used = mrig_charge_used(), detail;
	struct mrig_region *region;
	u32 reason;

	region = mrig_region_create(spec, &reason, &detail);
	KUNIT_EXPECT_TRUE(test, IS_ERR(region));
	KUNIT_EXPECT_EQ(test, PTR_ERR(region), error);
	KUNIT_EXPECT_EQ(test, reason, why);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used);
}

static void region_refuses_nonsense(struct kunit *test)
{
	const struct mrig_region_spec good =
		mrig_test_spec(MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 0, LENGTH);
	struct mrig_region_spec spec;

	spec = good;
	spec.length = 0;
	expect_refused(test, &spec, -EINVAL, MEMRIG_REASON_NONE);
	spec = good;
	spec.length = U64_MAX;
	expect_refused(test, &spec, -EOVERFLOW, MEMRIG_REASON_NONE);
	spec = good;
	spec.length = 1ULL << 50;
	expect_refused(test, &spec, -ENOMEM, MEMRIG_REASON_TOO_LARGE);
	spec = good;
	spec.kind = 0;
	expect_refused(test, &spec, -EINVAL, MEMRIG_REASON_NONE);
	spec = good;
	spec.kind = U32_MAX;
	expect_refused(test, &spec, -EOPNOTSUPP, MEMRIG_REASON_NONE);
	spec = good;
	spec.attr = MEMRIG_ATTR_WRITE_THROUGH;
	expect_refused(test, &spec, -EOPNOTSUPP, MEMRIG_REASON_NONE);
	spec = good;
	spec.attr = U32_MAX;
	expect_refused(test, &spec, -EOPNOTSUPP, MEMRIG_REASON_NONE);
	spec = good;
	spec.node = MAX_NUMNODES;
	expect_refused(test, &spec, -EINVAL, MEMRIG_REASON_NONE);
	spec = good;
	spec.dma_mask_bits = 32;
	expect_refused(test, &spec, -EINVAL, MEMRIG_REASON_NONE);
	spec = good;
	spec.attrs = MEMRIG_ATTRS_CACHEABLE;
	expect_refused(test, &spec, -EINVAL, MEMRIG_REASON_NONE);
	spec = good;
	spec.attrs = BIT_ULL(7);
	expect_refused(test, &spec, -EOPNOTSUPP, MEMRIG_REASON_NONE);
	spec = good;
	spec.cpus = BIT_ULL(63);
	expect_refused(test, &spec, -EINVAL, MEMRIG_REASON_NONE);
	spec = good;
	strscpy(spec.name, "Not.A.Name", sizeof(spec.name));
	expect_refused(test, &spec, -EINVAL, MEMRIG_REASON_NONE);
}

static void region_name_holds_it(struct kunit *test)
{
	struct mrig_region_spec spec =
		mrig_test_spec(MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 0, LENGTH);
	u64 used = mrig_charge_used(), detail;
	struct mrig_region *region, *again;
	u32 reason;

	strscpy(spec.name, "kunit-name", sizeof(spec.name));
	region = mrig_region_create(&spec, &reason, &detail);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, region);
	again = mrig_region_create(&spec, &reason, &detail);
	KUNIT_EXPECT_EQ(test, PTR_ERR(again), -EEXIST);
	mrig_region_put(region);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used + LENGTH);
	again = mrig_region_open("kunit-name", true);
	KUNIT_EXPECT_PTR_EQ(test, again, region);
	KUNIT_EXPECT_EQ(test, mrig_region_remove("kunit-name"), 0);
	KUNIT_EXPECT_EQ(test, mrig_region_remove("kunit-name"), -ENOENT);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used + LENGTH);
	mrig_region_put(again);
	KUNIT_EXPECT_EQ(test, mrig_charge_used(), used);
}

static struct mrig_region *powered_region(struct kunit *test, u32 attr)
{
	struct mrig_region_spec spec = mrig_test_spec(MEMRIG_KIND_PAGES, attr, 0, LENGTH);
	struct mrig_region *region;
	u32 reason;
	u64 detail;

	spec.attrs = MEMRIG_ATTRS_POWERED | MEMRIG_ATTRS_CUSTOM(3);
	region = mrig_region_create(&spec, &reason, &detail);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, region);
	return region;
}

/* A region that somebody uses stays on, and one that is off gives nobody its bytes. */
static void goes_off_and_on(struct kunit *test, u32 kind, u32 attr)
{
	struct mrig_region *region;
	struct page *page;
	u8 *mem;

	if (kind != MEMRIG_KIND_PAGES)
		return;
	region = powered_region(test, attr);
	mem = mrig_region_touch(region);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mem);
	mem[LENGTH - 1] = 0x77;
	KUNIT_EXPECT_EQ(test, mrig_region_suspend(region, false), -EBUSY);
	KUNIT_EXPECT_FALSE(test, mrig_region_suspended(region));
	mrig_region_touched(region);

	page = region->pages[5];
	get_page(page);
	KUNIT_EXPECT_EQ(test, mrig_region_suspend(region, false), -EBUSY);
	put_page(page);

	KUNIT_EXPECT_EQ(test, mrig_region_resume(region), -EALREADY);
	KUNIT_EXPECT_EQ(test, mrig_region_suspend(region, false), 0);
	KUNIT_EXPECT_TRUE(test, mrig_region_suspended(region));
	KUNIT_EXPECT_EQ(test, mrig_region_suspend(region, false), -EALREADY);
	KUNIT_EXPECT_EQ(test, PTR_ERR(mrig_region_touch(region)), -EHOSTDOWN);
	KUNIT_EXPECT_EQ(test, mrig_region_resume(region), 0);
	KUNIT_EXPECT_EQ(test, mem[LENGTH - 1], 0x77);
	KUNIT_EXPECT_EQ(test, mrig_region_suspend(region, true), 0);
	KUNIT_EXPECT_EQ(test, mrig_region_resume(region), 0);
	KUNIT_EXPECT_EQ(test, mem[LENGTH - 1], 0xa5);
	KUNIT_EXPECT_EQ(test, region->power.count, 2);
	mrig_region_put(region);
}

static void region_goes_off_and_on(struct kunit *test)
{
	for_every_offer(test, goes_off_and_on);
}

static void region_knows_its_cpus(struct kunit *test)
{
	struct mrig_region_spec spec =
		mrig_test_spec(MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 0, LENGTH);
	struct mrig_region *region;
	u32 cpu, reason;
	u64 detail;

	spec.cpus = 1;
	region = mrig_region_create(&spec, &reason, &detail);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, region);
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, mrig_region_near(region, cpu), cpu == 0);
	mrig_region_put(region);
	spec.cpus = 0;
	region = mrig_region_create(&spec, &reason, &detail);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, region);
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, mrig_region_near(region, cpu),
				cpu_to_node(cpu) == page_to_nid(region->pages[0]));
	mrig_region_put(region);
}

static bool charge_falls_to(u64 used, unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;

	while (mrig_charge_used() != used && time_before(jiffies, end))
		msleep(20);
	return mrig_charge_used() == used;
}

/* DMA memory must not go back to its allocator while somebody holds one of its pages. */
static void waits_for_its_pages(struct kunit *test, u32 kind, u32 attr)
{
	u64 used = mrig_charge_used();
	struct mrig_region *region;
	struct page *page;
	void *mem;

	if (kind != MEMRIG_KIND_COHERENT)
		return;
	region = mrig_test_region(test, kind, attr, 0, LENGTH);
	mem = mrig_region_kmap(region);
	page = is_vmalloc_addr(mem) ? vmalloc_to_page(mem) : virt_to_page(mem);
	get_page(page);
	mrig_region_put(region);
	KUNIT_EXPECT_FALSE(test, charge_falls_to(used, 3));
	KUNIT_EXPECT_GT(test, page_count(page), 1);
	put_page(page);
	KUNIT_EXPECT_TRUE(test, charge_falls_to(used, 10));
}

static void region_waits_for_its_pages(struct kunit *test)
{
	for_every_offer(test, waits_for_its_pages);
}

/* Who has the address of a KERNEL_ONLY region keeps user space from making heaps there. */
static void region_is_the_kernels_or_has_heaps(struct kunit *test)
{
	const struct mrig_heap_spec spec = {
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = MRIG_HARDEN_BASIC,
	};
	struct mrig_region *region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
						      MEMRIG_REGION_KERNEL_ONLY, LENGTH);
	struct mrig_heap_obj *heap;
	u32 reason;

	heap = mrig_heap_obj_create(region, &spec, &reason);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, heap);
	KUNIT_EXPECT_EQ(test, mrig_region_take(region), -EBUSY);
	mrig_heap_obj_put(heap);
	KUNIT_EXPECT_EQ(test, mrig_region_take(region), 0);
	KUNIT_EXPECT_EQ(test, mrig_region_take(region), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(mrig_heap_obj_create(region, &spec, &reason)), -EBUSY);
	mrig_region_put(region);
	region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 0, LENGTH);
	KUNIT_EXPECT_EQ(test, mrig_region_take(region), 0);
	heap = mrig_heap_obj_create(region, &spec, &reason);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, heap);
	KUNIT_EXPECT_EQ(test, mrig_region_take(region), 0);
	mrig_heap_obj_put(heap);
	mrig_region_put(region);
}

static void is_reached(struct kunit *test, u32 kind, u32 attr)
{
	struct mrig_region *region = mrig_test_region(test, kind, attr, 0, LENGTH);
	u32 bits = mrig_region_dma_bits(region);
	struct memrig_region_info info = { };
	struct memrig_region_addr addr = { };
	bool met = false;
	u64 off;

	for (off = PAGE_SIZE - 1; off < LENGTH; off += PAGE_SIZE) {
		KUNIT_ASSERT_EQ(test, mrig_region_addr(region, off, &addr), 0);
		KUNIT_EXPECT_TRUE(test, bits == 64 || addr.phys >> bits == 0);
		met |= addr.phys >> (bits - 1);
	}
	KUNIT_EXPECT_TRUE(test, met);
	mrig_region_fill_info(region, &info);
	KUNIT_EXPECT_EQ(test, info.dma_bits, bits);
	KUNIT_EXPECT_EQ(test, info.node, mrig_region_node(region));
	mrig_region_put(region);
}

static void region_knows_who_reaches_it(struct kunit *test)
{
	for_every_offer(test, is_reached);
}

static struct kunit_case mrig_region_cases[] = {
	KUNIT_CASE(region_holds_data),
	KUNIT_CASE(region_has_its_type),
	KUNIT_CASE(region_gives_back_its_charge),
	KUNIT_CASE(region_refuses_nonsense),
	KUNIT_CASE(region_name_holds_it),
	KUNIT_CASE(region_goes_off_and_on),
	KUNIT_CASE(region_knows_its_cpus),
	KUNIT_CASE(region_waits_for_its_pages),
	KUNIT_CASE(region_is_the_kernels_or_has_heaps),
	KUNIT_CASE(region_knows_who_reaches_it),
	{ }
};

static struct kunit_suite mrig_region_suite = {
	.name = "memrig_region",
	.test_cases = mrig_region_cases,
};

kunit_test_suite(mrig_region_suite);
