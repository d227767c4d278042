// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * smart_alloc: tiers, heaps behind them, bad input.
 */
#include "smart_rig.h"

static int where(size_t align, size_t bytes)
{
	uint64_t addr;
	int err = alloc(align, bytes, &addr);

	return err ? err : place(addr);
}

static void by_size(void **state)
{
	up(0);
	add_tier(256, 2);
	add_tier(32, 2);
	add_tier(64, 1);
	add_heap(4096, false);
	assert_int_equal(where(0, 1), 1);
	assert_int_equal(where(0, 32), 1);
	assert_int_equal(where(0, 32), TIERS);
	assert_int_equal(where(0, 33), 2);
	assert_int_equal(where(0, 33), TIERS);
	assert_int_equal(where(0, 65), 0);
	assert_int_equal(where(0, 256), 0);
	assert_int_equal(where(0, 257), TIERS);
	assert_int_equal(where(0, 4000), -ENOMEM);
	assert_int_equal(tier[1].hits, 2);
	assert_int_equal(tier[1].full, 1);
	assert_int_equal(tier[2].lent, 0);
	down();
}

static void reach(void **state)
{
	up(1);
	add_tier(32, 1);
	add_tier(64, 1);
	add_tier(32, 1);
	add_tier(128, 1);
	assert_int_equal(where(0, 8), 0);
	assert_int_equal(where(0, 8), 2);
	assert_int_equal(where(0, 8), 1);
	assert_int_equal(where(0, 8), -ENOMEM);
	assert_int_equal(tier[0].hits, 1);
	assert_int_equal(tier[0].full, 3);
	assert_int_equal(tier[1].lent, 1);
	assert_int_equal(where(0, 40), 3);
	assert_int_equal(where(0, 200), -ENOMEM);
	down();
}

static void alignment(void **state)
{
	up(0);
	add_tier(24, 4);
	add_tier(64, 4);
	add_heap(4096, true);
	assert_int_equal(where(8, 8), 0);
	assert_int_equal(where(16, 8), 1);
	assert_int_equal(where(64, 8), 1);
	assert_int_equal(where(128, 8), TIERS);
	assert_int_equal(where(16 | 8, 8), TIERS);
	assert_int_equal(where(7, 8), -EINVAL);
	down();
}

static void free_routes_by_address(void **state)
{
	uint64_t a, b;

	up(0);
	add_tier(48, 2);
	add_heap(4096, true);
	assert_int_equal(alloc(0, 48, &a), 0);
	assert_int_equal(alloc(0, 100, &b), 0);
	assert_int_equal(mrig_smart_usable(&smart, a), 48);
	assert_int_equal(mrig_smart_usable(&smart, b), 104);
	assert_int_equal(mrig_smart_free(NULL, a), -EINVAL);
	assert_int_equal(mrig_smart_free(&smart, a + 8), -EINVAL);
	assert_int_equal(mrig_smart_free(&smart, a + 48), -EALREADY);
	assert_int_equal(mrig_smart_free(&smart, a + 96), -ENOENT);
	assert_int_equal(mrig_smart_free(&smart, a - 1), -ENOENT);
	assert_int_equal(mrig_smart_free(&smart, 0), -ENOENT);
	assert_int_equal(mrig_smart_free(&smart, b + 8), -ENOENT);
	assert_int_equal(mrig_smart_usable(NULL, a), -EINVAL);
	assert_int_equal(mrig_smart_usable(&smart, a + 8), -EINVAL);
	assert_int_equal(mrig_smart_usable(&smart, a + 48), -EALREADY);
	assert_int_equal(mrig_smart_usable(&smart, 0), -ENOENT);
	assert_int_equal(mrig_smart_free(&smart, a), 0);
	assert_int_equal(mrig_smart_free(&smart, a), -EALREADY);
	assert_int_equal(mrig_smart_free(&smart, b), 0);
	assert_int_equal(mrig_smart_free(&smart, b), -ENOENT);
	down();
}

static void moving(void **state)
{
	struct mrig_move move;
	uint64_t a, b;

	up(0);
	add_tier(32, 1);
	add_tier(2048, 1);
	add_heap(1024, true);
	assert_int_equal(alloc(0, 10, &a), 0);
	assert_int_equal(resize(a, 0, 32, &move), 0);
	assert_int_equal(move.to, a);
	assert_int_equal(resize(a, 0, 500, &move), 0);
	assert_int_equal(place(move.to), 1);
	assert_int_equal(move.bytes, 32);
	assert_int_equal(mrig_smart_free(&smart, a), 0);
	b = move.to;
	assert_int_equal(resize(b, 0, 1, &move), 0);
	assert_int_equal(move.to, b);
	/* what had to go to the heap leaves it when that has no more */
	assert_int_equal(alloc(0, 1000, &a), 0);
	assert_int_equal(place(a), TIERS);
	assert_int_equal(mrig_smart_free(&smart, b), 0);
	b = a;
	assert_int_equal(resize(b, 0, 1100, &move), 0);
	assert_int_equal(place(move.to), 1);
	assert_int_equal(move.bytes, 1000);
	assert_int_equal(resize(b, 0, 1100, &move), -ENOMEM);
	assert_int_equal(mrig_smart_usable(&smart, b), 1000);
	assert_int_equal(resize(b, 0, 0, &move), -EINVAL);
	assert_int_equal(resize(b, 7, 10, &move), -EINVAL);
	assert_int_equal(resize(b, 0, 10, NULL), -EINVAL);
	assert_int_equal(mrig_smart_realloc(NULL, b, 0, 10, &move), -EINVAL);
	assert_int_equal(resize(b + 8, 0, 10, &move), -ENOENT);
	assert_int_equal(resize(1, 0, 10, &move), -ENOENT);
	assert_int_equal(resize(BASE, 0, 10, &move), -EALREADY);
	assert_int_equal(resize(BASE + 1, 0, 10, &move), -EINVAL);
	down();
}

static void bad_tiers(void **state)
{
	struct mrig_smart_tier bad = { 0 };
	uint64_t addr;

	assert_int_equal(mrig_smart_init(NULL, tiers, 1, heaps, 1, 0), -EINVAL);
	assert_int_equal(mrig_smart_init(&smart, NULL, 1, heaps, 1, 0), -EINVAL);
	assert_int_equal(mrig_smart_init(&smart, tiers, 1, NULL, 1, 0), -EINVAL);
	assert_int_equal(mrig_smart_init(&smart, NULL, 0, NULL, 0, 0), 0);
	assert_int_equal(alloc(0, 8, &addr), -ENOMEM);
	assert_int_equal(mrig_smart_free(&smart, 8), -ENOENT);
	assert_int_equal(mrig_smart_init(&smart, tiers, 1, heaps, 2, 0), 0);
	ntiers = 0;
	add_tier(32, 2);
	add_heap(4096, true);
	assert_int_equal(mrig_smart_add_tier(NULL, &tier[0]), -EINVAL);
	assert_int_equal(mrig_smart_add_tier(&smart, NULL), -EINVAL);
	assert_int_equal(mrig_smart_add_tier(&smart, &bad), -EINVAL);
	assert_int_equal(mrig_smart_add_tier(&smart, &tier[0]), -EEXIST);
	bad.slab = tier[0].slab;
	assert_int_equal(mrig_smart_add_tier(&smart, &bad), -EINVAL);
	bad.slab = slab_of(0x2000, 32, 0);
	assert_int_equal(mrig_smart_add_tier(&smart, &bad), -EINVAL);
	free(bad.slab);
	bad.slab = slab_of(0, 32, 1);
	assert_int_equal(mrig_smart_add_tier(&smart, &bad), -EINVAL);
	free(bad.slab);
	bad.slab = slab_of(heap[0].addr - 8, 16, 1);
	assert_int_equal(mrig_smart_add_tier(&smart, &bad), -EINVAL);
	free(bad.slab);
	bad.slab = slab_of(BASE + 64, 16, 1);
	assert_int_equal(mrig_smart_add_tier(&smart, &bad), -ENOMEM);
	assert_non_null(mrig_slab_alloc(bad.slab));
	assert_int_equal(mrig_smart_add_tier(&smart, &bad), -EBUSY);
	free(bad.slab);
	down();
}

static void bad_requests_and_heaps(void **state)
{
	struct mrig_member m;
	uint64_t addr;

	up(0);
	add_tier(32, 2);
	add_heap(4096, true);
	m = heap[0];
	m.addr = BASE + 63;
	assert_int_equal(mrig_smart_add_heap(&smart, &m), -EINVAL);
	m.addr = BASE - 4095;
	assert_int_equal(mrig_smart_add_heap(&smart, &m), -EINVAL);
	assert_int_equal(mrig_smart_add_heap(NULL, &m), -EINVAL);
	assert_int_equal(mrig_smart_add_heap(&smart, NULL), -EINVAL);
	assert_int_equal(mrig_smart_add_heap(&smart, &heap[0]), -EEXIST);
	assert_int_equal(alloc(0, 0, &addr), -EINVAL);
	assert_int_equal(alloc(0, 8, NULL), -EINVAL);
	assert_int_equal(mrig_smart_alloc(NULL, 0, 8, &addr), -EINVAL);
	assert_int_equal(alloc(0, SIZE_MAX, &addr), -ENOMEM);
	assert_int_equal(alloc(0, 8, &addr), 0);
	assert_int_equal(mrig_smart_remove_tier(NULL, &tier[0]), -EINVAL);
	assert_int_equal(mrig_smart_remove_tier(&smart, NULL), -EINVAL);
	assert_int_equal(mrig_smart_remove_tier(&smart, &tier[1]), -ENOENT);
	assert_int_equal(mrig_smart_remove_tier(&smart, &tier[0]), -EBUSY);
	assert_int_equal(mrig_smart_free(&smart, addr), 0);
	assert_int_equal(mrig_smart_remove_tier(&smart, &tier[0]), 0);
	assert_int_equal(mrig_smart_remove_tier(&smart, &tier[0]), -ENOENT);
	assert_null(mrig_smart_tier_of(&smart, addr));
	assert_null(mrig_smart_tier_of(NULL, addr));
	assert_int_equal(alloc(0, 8, &addr), 0);
	assert_int_equal(mrig_smart_remove_heap(NULL, &heap[0]), -EINVAL);
	assert_int_equal(mrig_smart_remove_heap(&smart, NULL), -EINVAL);
	assert_int_equal(mrig_smart_remove_heap(&smart, &heap[0]), -EBUSY);
	assert_int_equal(mrig_smart_free(&smart, addr), 0);
	assert_int_equal(mrig_smart_remove_heap(&smart, &heap[0]), 0);
	assert_int_equal(mrig_smart_remove_heap(&smart, &heap[0]), -ENOENT);
	down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_size),
		cmocka_unit_test(reach),
		cmocka_unit_test(alignment),
		cmocka_unit_test(free_routes_by_address),
		cmocka_unit_test(moving),
		cmocka_unit_test(bad_tiers),
		cmocka_unit_test(bad_requests_and_heaps),
	};

	return RUN("smart alloc", tests);
}
