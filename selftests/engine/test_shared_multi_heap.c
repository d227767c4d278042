// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * shared_multi_heap: attributes, names, regions that come and go, figures, bad input.
 */
#include "smh_rig.h"

static const struct mrig_smh_req any;

static int where(const struct mrig_smh_req *req, size_t bytes)
{
	uint64_t addr;
	int err = alloc(req, 0, bytes, &addr);

	if (err)
		return err;
	assert_non_null(mrig_smh_find(&smh, addr));
	return (int)(mrig_smh_find(&smh, addr) - reg);
}

static void zephyrs_attributes(void **state)
{
	struct mrig_smh_req req = { 0 };

	up();
	region(MRIG_SMH_BIT(SMH_REG_ATTR_CACHEABLE), 4096);
	region(MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE), 4096);
	region(MRIG_SMH_BIT(SMH_REG_ATTR_CACHEABLE), 4096);
	req.with = MRIG_SMH_BIT(SMH_REG_ATTR_CACHEABLE);
	assert_int_equal(where(&req, 3000), 0);
	assert_int_equal(where(&req, 3000), 2);
	assert_int_equal(where(&req, 3000), -ENOMEM);
	req.with = MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE);
	assert_int_equal(where(&req, 3000), 1);
	req.with = MRIG_SMH_BIT(SMH_REG_ATTR_EXTERNAL);
	assert_int_equal(where(&req, 1), -ENOENT);
	region(MRIG_SMH_BIT(SMH_REG_ATTR_EXTERNAL) | MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE),
	       4096);
	assert_int_equal(where(&req, 1000), 3);
	req.with |= MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE);
	assert_int_equal(where(&req, 1000), 3);
	req.with = MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE);
	req.without = MRIG_SMH_BIT(SMH_REG_ATTR_EXTERNAL);
	assert_int_equal(where(&req, 1000), 1);
	assert_int_equal(where(&req, 1000), -ENOMEM);
	assert_int_equal(where(&any, 100), 0);
	regions_close(&r);
}

static void reach_of_devices(void **state)
{
	static const uint32_t bits[] = { 64, 32, 30, 0 };
	struct mrig_smh_req req = { .match = MRIG_SMH_MATCH_DMA };

	up();
	for (int i = 0; i < 4; i++) {
		reg[i] = (struct mrig_smh_region){ .dma_bits = bits[i], .node = -1 };
		regions_open(&r, &reg[i].member, 4096, i % 2);
		assert_int_equal(mrig_smh_add(&smh, &reg[i]), 0);
	}
	req.dma_bits = 64;
	assert_int_equal(where(&req, 100), 0);
	req.dma_bits = 63;
	assert_int_equal(where(&req, 100), 1);
	req.dma_bits = 32;
	assert_int_equal(where(&req, 100), 1);
	req.dma_bits = 31;
	assert_int_equal(where(&req, 100), 2);
	req.dma_bits = 29;
	assert_int_equal(where(&req, 100), -ENOENT);
	req.dma_bits = 65;
	assert_int_equal(where(&req, 100), -EINVAL);
	req.dma_bits = 0;
	assert_int_equal(where(&req, 100), -EINVAL);
	regions_close(&r);
}

static void nodes_and_cpus(void **state)
{
	static const uint64_t low[1] = { 0x5 }, high[2] = { 0, 1ULL << 6 };
	struct mrig_smh_req req = { .match = MRIG_SMH_MATCH_CPU };
	int i;

	up();
	for (i = 0; i < 3; i++) {
		reg[i] = (struct mrig_smh_region){ .node = i - 1 };
		regions_open(&r, &reg[i].member, 4096, i % 2);
	}
	reg[1].cpus = low;
	reg[1].nr_cpus = 3;
	reg[2].cpus = high;
	reg[2].nr_cpus = 71;
	for (i = 0; i < 3; i++)
		assert_int_equal(mrig_smh_add(&smh, &reg[i]), 0);
	for (req.cpu = 0; req.cpu < 200; req.cpu++) {
		int want = req.cpu == 0 || req.cpu == 2 ? 1 : req.cpu == 70 ? 2 : -ENOENT;

		assert_int_equal(where(&req, 8), want);
	}
	req.cpu = UINT32_MAX;
	assert_int_equal(where(&req, 8), -ENOENT);
	req.match = MRIG_SMH_MATCH_NODE;
	assert_int_equal(where(&req, 8), 1);
	req.node = 1;
	assert_int_equal(where(&req, 8), 2);
	req.node = 2;
	assert_int_equal(where(&req, 8), -ENOENT);
	req.node = -1;
	assert_int_equal(where(&req, 8), -EINVAL);
	regions_close(&r);
}

static void names(void **state)
{
	static const char *const bad[] = { "", "-a", ".a", "_a", "A", "a b", "a/b", "caf\xc3\xa9" };
	char longest[34];

	up();
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(mrig_smh_set_name(&smh, 40, bad[i]), -EINVAL);
	assert_int_equal(mrig_smh_set_name(NULL, 40, "a"), -EINVAL);
	assert_int_equal(mrig_smh_set_name(&smh, 31, "a"), -EINVAL);
	assert_int_equal(mrig_smh_set_name(&smh, 0, "a"), -EINVAL);
	assert_int_equal(mrig_smh_set_name(&smh, 64, "a"), -EINVAL);
	assert_int_equal(mrig_smh_set_name(&smh, 32, "fast.ram_2-x"), 0);
	assert_string_equal(mrig_smh_name(&smh, 32), "fast.ram_2-x");
	assert_int_equal(mrig_smh_named(&smh, "fast.ram_2-x"), 32);
	assert_int_equal(mrig_smh_set_name(&smh, 32, "fast.ram_2-x"), 0);
	assert_int_equal(mrig_smh_set_name(&smh, 63, "fast.ram_2-x"), -EEXIST);
	assert_int_equal(mrig_smh_set_name(&smh, 63, "external"), -EEXIST);
	assert_int_equal(mrig_smh_set_name(&smh, 63, "fast.ram_2"), 0);
	assert_int_equal(mrig_smh_set_name(&smh, 32, "0"), 0);
	assert_int_equal(mrig_smh_named(&smh, "fast.ram_2-x"), -ENOENT);
	assert_int_equal(mrig_smh_set_name(&smh, 63, NULL), 0);
	assert_null(mrig_smh_name(&smh, 63));
	assert_int_equal(mrig_smh_named(&smh, "fast.ram_2"), -ENOENT);
	assert_int_equal(mrig_smh_named(&smh, ""), -ENOENT);
	assert_int_equal(mrig_smh_named(&smh, NULL), -EINVAL);
	assert_int_equal(mrig_smh_named(NULL, "a"), -EINVAL);
	memset(longest, 'x', sizeof(longest));
	longest[32] = '\0';
	assert_int_equal(mrig_smh_set_name(&smh, 33, longest), -EINVAL);
	longest[31] = '\0';
	assert_int_equal(mrig_smh_set_name(&smh, 33, longest), 0);
	assert_string_equal(mrig_smh_name(&smh, 33), longest);
	for (unsigned int bit = 0; bit < MRIG_SMH_FIXED; bit++)
		assert_int_equal(mrig_smh_named(&smh, mrig_smh_name(&smh, bit)), bit);
	assert_null(mrig_smh_name(&smh, MRIG_SMH_FIXED));
	assert_null(mrig_smh_name(&smh, 64));
	assert_null(mrig_smh_name(NULL, 40));
}

static void bad_regions(void **state)
{
	struct mrig_smh_region bad, *x = &bad;

	assert_int_equal(mrig_smh_init(NULL, slots, 1), -EINVAL);
	assert_int_equal(mrig_smh_init(&smh, NULL, 1), -EINVAL);
	assert_int_equal(mrig_smh_init(&smh, slots, 1), 0);
	region(1, 4096);
	bad = reg[0];
	assert_int_equal(mrig_smh_add(NULL, x), -EINVAL);
	assert_int_equal(mrig_smh_add(&smh, NULL), -EINVAL);
	assert_int_equal(mrig_smh_add(&smh, &reg[0]), -EEXIST);
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.member.addr += 4095;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.member.addr -= 4095 + 4095;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.member.addr -= 1;
	assert_int_equal(mrig_smh_add(&smh, x), -ENOMEM);
	bad.attrs = MRIG_SMH_BIT(MRIG_SMH_FIXED);
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.attrs = MRIG_SMH_BIT(31);
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.attrs = 3;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.attrs = 1;
	bad.dma_bits = 65;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.dma_bits = 0;
	bad.node = -2;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.node = 0;
	bad.nr_cpus = 1;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.nr_cpus = 0;
	bad.member.rank = 1;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.member.rank = 0;
	bad.member.bytes = 0;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.member.bytes = 2;
	bad.member.addr = UINT64_MAX;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	bad.member.heap = NULL;
	assert_int_equal(mrig_smh_add(&smh, x), -EINVAL);
	assert_int_equal(mrig_smh_room(NULL, slots, 2), -EINVAL);
	assert_int_equal(mrig_smh_room(&smh, NULL, 2), -EINVAL);
	assert_int_equal(mrig_smh_room(&smh, slots, 0), -EINVAL);
	assert_int_equal(mrig_smh_room(&smh, slots, REGIONS), 0);
	region(1, 4096);
	assert_int_equal(smh.set.nr, 2);
	regions_close(&r);
}

static void bad_requests(void **state)
{
	struct mrig_smh_req req = { 0 };
	struct mrig_move move;
	uint64_t addr;

	up();
	region(1, 4096);
	region(2, 4096);
	assert_int_equal(alloc(NULL, 0, 8, &addr), -EINVAL);
	assert_int_equal(mrig_smh_alloc(NULL, &req, 0, 8, &addr), -EINVAL);
	assert_int_equal(alloc(&req, 0, 8, NULL), -EINVAL);
	assert_int_equal(alloc(&req, 0, 0, &addr), -EINVAL);
	assert_int_equal(alloc(&req, 7, 8, &addr), -EINVAL);
	assert_int_equal(alloc(&req, 0, SIZE_MAX, &addr), -ENOMEM);
	req.with = MRIG_SMH_BIT(20);
	assert_int_equal(alloc(&req, 0, 8, &addr), -EINVAL);
	req.with = 1;
	req.without = 1;
	assert_int_equal(alloc(&req, 0, 8, &addr), -EINVAL);
	req.without = 0;
	req.match = 8;
	assert_int_equal(alloc(&req, 0, 8, &addr), -EINVAL);
	req.match = 0;
	assert_int_equal(alloc(&req, 0, 8, &addr), 0);
	assert_int_equal(mrig_smh_free(NULL, addr), -EINVAL);
	assert_int_equal(mrig_smh_free(&smh, 0), -ENOENT);
	assert_int_equal(mrig_smh_free(&smh, addr + 4), -ENOENT);
	assert_int_equal(mrig_smh_free(&smh, reg[1].member.addr + 64), -ENOENT);
	assert_int_equal(mrig_smh_free(&smh, reg[0].member.addr - 1), -ENOENT);
	assert_int_equal(mrig_smh_free(&smh, reg[1].member.addr + 4096), -ENOENT);
	assert_int_equal(mrig_smh_realloc(NULL, &req, addr, 0, 8, &move), -EINVAL);
	assert_int_equal(resize(NULL, addr, 0, 8, &move), -EINVAL);
	assert_int_equal(resize(&req, addr, 0, 8, NULL), -EINVAL);
	assert_int_equal(resize(&req, addr, 0, 0, &move), -EINVAL);
	assert_int_equal(resize(&req, addr, 7, 8, &move), -EINVAL);
	assert_int_equal(resize(&req, addr + 4, 0, 8, &move), -ENOENT);
	assert_int_equal(resize(&req, 1, 0, 8, &move), -ENOENT);
	assert_int_equal(resize(&req, addr, 0, SIZE_MAX, &move), -ENOMEM);
	req.with = MRIG_SMH_BIT(SMH_REG_ATTR_EXTERNAL);
	assert_int_equal(resize(&req, addr, 0, 5000, &move), -ENOMEM);
	assert_null(mrig_smh_find(NULL, addr));
	assert_null(mrig_smh_find(&smh, reg[0].member.addr - 1));
	assert_int_equal(reg[0].member.stats.live, 1);
	assert_int_equal(mrig_smh_free(&smh, addr), 0);
	req.with = 2;
	assert_int_equal(alloc(&req, 0, 64, &addr), 0);
	assert_int_equal(mrig_smh_free(&smh, addr + 8), -ENOENT);
	assert_int_equal(resize(&req, addr + 8, 0, 8, &move), -ENOENT);
	assert_int_equal(mrig_smh_free(&smh, addr), 0);
	assert_int_equal(mrig_smh_free(&smh, addr), -ENOENT);
	regions_close(&r);
}

static void removal(void **state)
{
	struct mrig_smh_req req = { .with = 1 };
	struct mrig_smh_stats st;
	uint64_t addr;

	up();
	region(1, 4096);
	region(1, 4096);
	assert_int_equal(alloc(&req, 0, 100, &addr), 0);
	assert_int_equal(mrig_smh_remove(NULL, &reg[0]), -EINVAL);
	assert_int_equal(mrig_smh_remove(&smh, NULL), -EINVAL);
	assert_int_equal(mrig_smh_remove(&smh, &reg[2]), -ENOENT);
	assert_int_equal(mrig_smh_remove(&smh, &reg[0]), -EBUSY);
	assert_int_equal(mrig_smh_free(&smh, addr), 0);
	assert_int_equal(mrig_smh_remove(&smh, &reg[0]), 0);
	assert_int_equal(mrig_smh_remove(&smh, &reg[0]), -ENOENT);
	assert_int_equal(mrig_smh_attr_stats(&smh, 0, &st), 0);
	assert_int_equal(st.regions, 1);
	assert_int_equal(st.use.frees, 1);
	assert_int_equal(where(&req, 400), 1);
	assert_int_equal(mrig_smh_add(&smh, &reg[0]), 0);
	assert_int_equal(where(&req, 400), 1);
	assert_int_equal(where(&req, 3500), 0);
	regions_close(&r);
}

static void figures(void **state)
{
	struct mrig_smh_req req = { .with = MRIG_SMH_BIT(33) };
	struct mrig_smh_stats st;
	struct mrig_move move;
	uint64_t a, b;

	up();
	region(1 | MRIG_SMH_BIT(33), 4096);
	region(2 | MRIG_SMH_BIT(33), 4096);
	assert_int_equal(alloc(&req, 0, 3000, &a), 0);
	assert_int_equal(alloc(&req, 0, 4096, &b), 0);
	assert_int_equal(alloc(&req, 0, 3000, &b), -ENOMEM);
	assert_int_equal(mrig_smh_attr_stats(&smh, 33, &st), 0);
	assert_int_equal(st.regions, 2);
	assert_int_equal(st.bytes, 8192);
	assert_int_equal(st.use.live, 2);
	assert_int_equal(st.use.allocs, 2);
	assert_int_equal(st.use.fails, 1);
	assert_int_equal(st.use.allocated, reg[0].member.stats.allocated + 4096);
	assert_int_equal(st.free_bytes, st.largest_free);
	assert_int_equal(mrig_smh_attr_stats(&smh, 1, &st), 0);
	assert_int_equal(st.regions, 1);
	assert_int_equal(st.use.allocated, 4096);
	assert_int_equal(st.use.fails, 0);
	assert_int_equal(mrig_smh_region_stats(&reg[1], &st), 0);
	assert_int_equal(st.use.allocated, 4096);
	assert_int_equal(st.free_bytes, 0);
	assert_int_equal(resize(&req, a, 0, 100, &move), 0);
	assert_int_equal(move.to, a);
	assert_int_equal(move.bytes, 0);
	assert_int_equal(mrig_smh_attr_stats(&smh, 0, &st), 0);
	assert_in_range(st.use.allocated, 100, 115);
	assert_true(st.use.max_allocated >= 3000);
	assert_int_equal(mrig_smh_reset_max(&smh), 0);
	assert_int_equal(mrig_smh_attr_stats(&smh, 0, &st), 0);
	assert_int_equal(st.use.max_allocated, st.use.allocated);
	assert_int_equal(mrig_smh_region_stats(&reg[0], &st), 0);
	assert_int_equal(st.use.max_allocated, st.use.allocated);
	assert_int_equal(mrig_smh_reset_max(NULL), -EINVAL);
	assert_int_equal(mrig_smh_attr_stats(NULL, 0, &st), -EINVAL);
	assert_int_equal(mrig_smh_attr_stats(&smh, 0, NULL), -EINVAL);
	assert_int_equal(mrig_smh_attr_stats(&smh, MRIG_SMH_FIXED, &st), -EINVAL);
	assert_int_equal(mrig_smh_attr_stats(&smh, 64, &st), -EINVAL);
	assert_int_equal(mrig_smh_region_stats(NULL, &st), -EINVAL);
	assert_int_equal(mrig_smh_region_stats(&reg[0], NULL), -EINVAL);
	regions_close(&r);
}

/* A fenced-off region is passed over; its blocks cannot be had back, so it stays. */
static void a_corrupted_region(void **state)
{
	struct mrig_smh_req req = { .with = 1 };
	uint64_t a, b;

	up();
	region(1, 4096);
	region(1, 4096);
	assert_int_equal(alloc(&req, 0, 100, &a), 0);
	assert_int_equal(alloc(&req, 0, 100, &b), 0);
	((uint32_t *)(uintptr_t)a)[-1] = 0x7777;
	assert_int_equal(mrig_smh_free(&smh, a), -EIO);
	assert_int_equal(where(&req, 100), 1);
	assert_int_equal(mrig_smh_remove(&smh, &reg[0]), -EBUSY);
	world_faults();
	for (int i = 0; i < 2; i++)
		world_close(&r.w[i]);
	memset(&r, 0, sizeof(r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zephyrs_attributes),
		cmocka_unit_test(reach_of_devices),
		cmocka_unit_test(nodes_and_cpus),
		cmocka_unit_test(names),
		cmocka_unit_test(bad_regions),
		cmocka_unit_test(bad_requests),
		cmocka_unit_test(removal),
		cmocka_unit_test(figures),
		cmocka_unit_test(a_corrupted_region),
	};

	return RUN("shared multi heap", tests);
}
