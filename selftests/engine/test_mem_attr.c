// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mem_attr and mem_attr_heap: the table, bad input, and random programs against a linear search.
 * argv[1] is the seed.
 */
#include "regions.h"
#include "mem_attr.h"

#define ROUNDS 20000

static struct regions r;
static struct mem_attr_region_t table[REGIONS];
static struct mrig_mem_attr ma;
static struct mrig_mah mah;
static struct mrig_mah_member reg[REGIONS];
static struct mrig_member *slots[REGIONS];

static const struct mem_attr_region_t some[] = {
	{ "ram", 0x1000, 0x1000, DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE },
	{ "top", UINTPTR_MAX - 0x1000, 0x1000, DT_MEM_DMA },
	{ "next", 0x2000, 0x800, DT_MEM_OOO },
};

static void tables(void **state)
{
	const struct mem_attr_region_t *got;
	struct mem_attr_region_t bad[2];
	struct mrig_mem_attr t;

	assert_int_equal(mrig_mem_attr_init(NULL, some, 3), -EINVAL);
	assert_int_equal(mrig_mem_attr_init(&t, NULL, 1), -EINVAL);
	assert_int_equal(mrig_mem_attr_init(&t, NULL, 0), 0);
	assert_int_equal(mrig_mem_attr_get_regions(&t, &got), 0);
	assert_int_equal(mrig_mem_attr_init(&t, some, 3), 0);
	assert_int_equal(mrig_mem_attr_get_regions(&t, &got), 3);
	assert_ptr_equal(got, some);
	assert_int_equal(mrig_mem_attr_get_regions(&t, NULL), 3);
	assert_int_equal(mrig_mem_attr_get_regions(NULL, &got), 0);
	assert_null(got);
	memcpy(bad, some, sizeof(bad));
	bad[1].dt_size = 0;
	assert_int_equal(mrig_mem_attr_init(&t, bad, 2), -EINVAL);
	assert_int_equal(mrig_mem_attr_get_regions(&t, NULL), 0);
	bad[1].dt_size = 0x2000;
	assert_int_equal(mrig_mem_attr_init(&t, bad, 2), -EINVAL);
	bad[1].dt_addr = 0x1fff;
	assert_int_equal(mrig_mem_attr_init(&t, bad, 2), -EINVAL);
	bad[1].dt_addr = 0xfff;
	bad[1].dt_size = 2;
	assert_int_equal(mrig_mem_attr_init(&t, bad, 2), -EINVAL);
	bad[1].dt_size = 1;
	assert_int_equal(mrig_mem_attr_init(&t, bad, 2), 0);
}

static void buffers(void **state)
{
	const uint32_t attr = DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE;
	struct mrig_mem_attr t;

	assert_int_equal(mrig_mem_attr_init(&t, some, 3), 0);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0, 1, attr), -ENOTSUP);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x1000, 0, attr), -ENOTSUP);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0xfff, 1, attr), -ENOBUFS);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x2800, 1, attr), -ENOBUFS);
	assert_int_equal(mrig_mem_attr_check_buf(NULL, 0x1000, 1, attr), -ENOBUFS);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x1001, 0x1000, attr), -ENOSPC);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x1001, SIZE_MAX, 0), -ENOSPC);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x1000, 8, DT_MEM_CACHEABLE), -EINVAL);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x1000, 8, attr | DT_MEM_DMA), -EINVAL);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x1000, 0x1000, attr), 0);
	assert_int_equal(mrig_mem_attr_check_buf(&t, 0x1fff, 1, attr), 0);
	assert_int_equal(mrig_mem_attr_check_buf(&t, UINTPTR_MAX - 1, 1, DT_MEM_DMA), 0);
	assert_int_equal(mrig_mem_attr_check_buf(&t, UINTPTR_MAX, 1, DT_MEM_DMA), -ENOBUFS);
}

static void open_region(uint32_t attr, uint64_t bytes)
{
	int i = r.n;

	regions_open(&r, &reg[i].member, bytes, i % 2);
	table[i] = (struct mem_attr_region_t){ "r", (uintptr_t)r.w[i].base, bytes, attr };
}

static void up(void)
{
	memset(&mah, 0, sizeof(mah));
	assert_int_equal(mrig_mem_attr_init(&ma, table, (size_t)r.n), 0);
	assert_int_equal(mrig_mah_init(&mah, &ma, slots, REGIONS), 0);
}

static int alloc(uint32_t attr, size_t align, size_t bytes, uint64_t *addr)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_mah_alloc(&mah, attr, align, bytes, addr);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &mah.set);
	}
	return err;
}

static int resize(uint64_t addr, size_t bytes, struct mrig_move *move)
{
	int err, i;

	for (i = 0; i <= REGIONS * MRIG_WANT_MAX; i++) {
		err = mrig_mah_realloc(&mah, addr, bytes, move);
		if (err != -EAGAIN)
			return err;
		regions_feed(&r, &mah.set);
	}
	return err;
}

static void adding(void **state)
{
	struct mrig_mem_attr none = { 0 };
	uint64_t addr;

	open_region(DT_MEM_SW_ALLOC_CACHE, 4096);
	open_region(DT_MEM_DMA, 4096);
	open_region(DT_MEM_SW_ALLOC_CACHE, 4096);
	up();
	assert_int_equal(mrig_mah_init(&mah, &ma, slots, REGIONS), -EALREADY);
	assert_int_equal(mrig_mah_init(NULL, &ma, slots, REGIONS), -EINVAL);
	assert_int_equal(mrig_mah_init(&mah, NULL, slots, REGIONS), -EINVAL);
	memset(&mah, 0, sizeof(mah));
	assert_int_equal(mrig_mah_add(&mah, &reg[0], 0), -EINVAL);
	assert_int_equal(mrig_mah_init(&mah, &none, NULL, 1), -EINVAL);
	assert_int_equal(mrig_mah_init(&mah, &ma, slots, 1), 0);
	assert_int_equal(mrig_mah_add(NULL, &reg[0], 0), -EINVAL);
	assert_int_equal(mrig_mah_add(&mah, NULL, 0), -EINVAL);
	assert_int_equal(mrig_mah_add(&mah, &reg[0], 3), -EINVAL);
	assert_int_equal(mrig_mah_add(&mah, &reg[0], SIZE_MAX), -EINVAL);
	assert_int_equal(mrig_mah_add(&mah, &reg[1], 1), -EINVAL);
	assert_int_equal(mrig_mah_add(&mah, &reg[2], 2), 0);
	assert_int_equal(mrig_mah_add(&mah, &reg[2], 2), -EEXIST);
	assert_int_equal(mrig_mah_add(&mah, &reg[0], 0), -ENOMEM);
	assert_int_equal(mrig_set_room(&mah.set, slots + 1, 2), 0);
	assert_int_equal(mrig_mah_add(&mah, &reg[0], 0), 0);
	/* the table's order counts */
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE, 0, 100, &addr), 0);
	assert_ptr_equal(mrig_mah_get_region(&mah, addr), &table[0]);
	assert_int_equal(mrig_mah_remove(NULL, &reg[0]), -EINVAL);
	assert_int_equal(mrig_mah_remove(&mah, NULL), -EINVAL);
	assert_int_equal(mrig_mah_remove(&mah, &reg[1]), -ENOENT);
	assert_int_equal(mrig_mah_remove(&mah, &reg[0]), -EBUSY);
	assert_int_equal(mrig_mah_free(&mah, addr), 0);
	assert_int_equal(mrig_mah_remove(&mah, &reg[0]), 0);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE, 0, 100, &addr), 0);
	assert_ptr_equal(mrig_mah_get_region(&mah, addr), &table[2]);
	regions_close(&r);
}

static void requests(void **state)
{
	struct mrig_move move;
	uint64_t addr;

	open_region(DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE, 4096);
	open_region(DT_MEM_DMA | DT_MEM_SW_ALLOC_DMA, 4096);
	open_region(DT_MEM_SW_ALLOC_CACHE, 8192);
	up();
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(mrig_mah_add(&mah, &reg[i], i), 0);
	assert_int_equal(alloc(0, 0, 8, &addr), -ENOENT);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_NON_CACHE, 0, 8, &addr), -ENOENT);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE | DT_MEM_SW_ALLOC_DMA, 0, 8, &addr), -ENOENT);
	assert_int_equal(alloc(DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE, 0, 8, &addr), -ENOENT);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE, 0, 0, &addr), -EINVAL);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE, 7, 8, &addr), -EINVAL);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE, 0, 8, NULL), -EINVAL);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE, 0, SIZE_MAX, &addr), -ENOMEM);
	assert_int_equal(mrig_mah_alloc(NULL, DT_MEM_SW_ALLOC_CACHE, 0, 8, &addr), -EINVAL);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_DMA, 0, 4097, &addr), -ENOMEM);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_CACHE, 0, 2000, &addr), 0);
	/* hardware attributes do not hinder a move to a sibling */
	assert_int_equal(resize(addr, 6000, &move), 0);
	assert_int_equal(move.from, addr);
	assert_true(move.bytes >= 2000 && move.bytes < 2016);
	assert_ptr_equal(mrig_mah_get_region(&mah, addr), &table[0]);
	assert_ptr_equal(mrig_mah_get_region(&mah, move.to), &table[2]);
	assert_int_equal(mrig_mah_free(&mah, addr), 0);
	assert_int_equal(resize(move.to, 9000, &move), -ENOMEM);
	assert_int_equal(resize(move.to, 0, &move), -EINVAL);
	assert_int_equal(resize(move.to, 10, NULL), -EINVAL);
	assert_int_equal(resize(0, 10, &move), -ENOENT);
	assert_int_equal(mrig_mah_realloc(NULL, addr, 8, &move), -EINVAL);
	assert_int_equal(mrig_mah_free(NULL, addr), -EINVAL);
	assert_int_equal(mrig_mah_free(&mah, 0), -ENOENT);
	assert_int_equal(mrig_mah_free(&mah, addr + 1), -ENOENT);
	assert_int_equal(alloc(DT_MEM_SW_ALLOC_DMA, 256, 3000, &addr), 0);
	assert_int_equal(addr % 256, 0);
	assert_int_equal(mrig_mah_free(&mah, addr + 8), -ENOENT);
	assert_null(mrig_mah_get_region(&mah, addr + 8));
	assert_null(mrig_mah_get_region(&mah, addr - 1));
	assert_null(mrig_mah_get_region(NULL, addr));
	assert_int_equal(mrig_mah_free(&mah, addr), 0);
	assert_int_equal(mrig_mah_free(&mah, addr), -ENOENT);
	assert_null(mrig_mah_get_region(&mah, addr));
	regions_close(&r);
}

static uint32_t sw(int i)
{
	return table[i].dt_attr >> 16 & 0xf;
}

/* The first region of the table with this attribute that is large enough, or none, served. */
static void first_in_table(uint32_t attr, size_t bytes, int got)
{
	for (int i = 0; i < r.n && i != got; i++) {
		if (sw(i) == attr)
			assert_true(regions_largest(&r, i) < bytes);
	}
	assert_true(got < 0 || sw(got) == attr);
}

static void step(void)
{
	size_t bytes = 1 + rnd(rnd(6) ? 300 : 6000);
	uint32_t attr = 1 + rnd(3);
	struct mrig_move move;
	struct live *l;
	uint64_t addr;
	int err, to;

	if (r.nlive < LIVE && rnd(2)) {
		err = alloc(DT_MEM_SW(attr), 0, bytes, &addr);
		assert_true(!err || err == -ENOMEM);
		first_in_table(attr, bytes, err ? -1 : regions_of(&r, addr));
		if (!err)
			regions_add(&r, addr, bytes);
		return;
	}
	if (!r.nlive)
		return;
	l = &r.live[rnd((uint32_t)r.nlive)];
	assert_ptr_equal(mrig_mah_get_region(&mah, l->addr), &table[l->region]);
	if (rnd(3)) {
		assert_int_equal(mrig_mah_free(&mah, l->addr), 0);
		regions_drop(&r, l);
		return;
	}
	err = resize(l->addr, bytes, &move);
	if (err) {
		assert_int_equal(err, -ENOMEM);
		first_in_table(sw(l->region), bytes, -1);
		return;
	}
	to = regions_of(&r, move.to);
	assert_int_equal(sw(to), sw(l->region));
	if (to != l->region)
		assert_true(regions_largest(&r, l->region) < bytes);
	if (move.to != move.from)
		assert_int_equal(mrig_mah_free(&mah, move.from), 0);
	regions_drop(&r, l);
	regions_add(&r, move.to, bytes);
}

void model_program(void)
{
	/* each attribute at least once */
	for (uint32_t i = 0; i < REGIONS; i++)
		open_region(rnd(16) | DT_MEM_SW(1 + (i < 3 ? i : rnd(3))), 1024U << rnd(4));
	up();
	for (int i = REGIONS; i--;)
		assert_int_equal(mrig_mah_add(&mah, &reg[i], (size_t)i), 0);
	for (uint32_t i = 0; random_goes_on(i, ROUNDS); i++) {
		step();
		for (int k = 0; k < r.n && i % 64 == 0; k++)
			regions_agree(&r, k, &reg[k].member.stats);
	}
	while (r.nlive) {
		assert_int_equal(mrig_mah_free(&mah, r.live[0].addr), 0);
		regions_drop(&r, &r.live[0]);
	}
	for (int i = 0; i < REGIONS; i++)
		assert_int_equal(mrig_mah_remove(&mah, &reg[i]), 0);
	regions_close(&r);
}

static void random_programs(void **state)
{
	model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),	   cmocka_unit_test(buffers),
		cmocka_unit_test(adding),	   cmocka_unit_test(requests),
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("mem_attr", tests);
}
