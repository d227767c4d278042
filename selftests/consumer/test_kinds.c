// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What can be made of memory of every kind and attribute that this machine offers: a page of it
 * becomes one object after the other.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <memrig/patterns.h>

#include "consumer.h"

static const struct memrig_span_opts outside = { .flags = MEMRIG_SPAN_OOB };

static void fixed_in(u8 *mem)
{
	struct k_mem_slab slab;
	sys_mem_blocks_t mb;
	void *p = NULL, *b[2];

	EXPECT(k_mem_slab_init(&slab, mem, 64, PAGE_SIZE / 64) == 0);
	if (EXPECT(k_mem_slab_alloc(&slab, &p, K_NO_WAIT) == 0)) {
		memset(p, 1, 64);
		EXPECT(mrig_mem_slab_free(&slab, p) == 0 && ((u8 *)p)[63] == 1);
	}
	EXPECT(mrig_mem_slab_fini(&slab) == 0);
	EXPECT(mrig_mem_blocks_init(&mb, mem, 64, PAGE_SIZE / 64) == 0);
	if (EXPECT(sys_mem_blocks_alloc(&mb, 2, b) == 0)) {
		memset(b[1], 2, 64);
		EXPECT(sys_mem_blocks_free(&mb, 2, b) == 0 && ((u8 *)b[1])[63] == 2);
	}
	EXPECT(mrig_mem_blocks_fini(&mb) == 0);
}

static void shared_in(u8 *mem, u32 zephyrs)
{
	const struct memrig_smh_opts opts = { .span = outside };
	struct shared_multi_heap_region r = { zephyrs, (uintptr_t)mem, PAGE_SIZE };
	u8 *p;

	EXPECT(shared_multi_heap_pool_init() == 0 && memrig_smh_add(&r, NULL, &opts) == 0);
	EXPECT(!shared_multi_heap_alloc(!zephyrs, 100));
	p = shared_multi_heap_aligned_alloc(zephyrs, 64, 100);
	if (EXPECT(p >= mem && p < mem + PAGE_SIZE)) {
		memset(p, 3, 100);
		p = shared_multi_heap_realloc(zephyrs, p, 1000);
		EXPECT(p && p[99] == 3);
		shared_multi_heap_free(p);
	}
	EXPECT(memrig_smh_remove(mem) == 0 && memrig_smh_fini() == 0);
}

static void streams_in(u8 *mem)
{
	struct memrig_msgpool *pool;
	struct memrig_ring *ring;
	u64 number = 42, *msg;

	if (EXPECT(memrig_ring_create(&ring, mem, PAGE_SIZE, 64, 8) == 0)) {
		EXPECT(memrig_ring_put(ring, &number, sizeof(number), K_NO_WAIT) == 0);
		number = 0;
		EXPECT(memrig_ring_read(ring, &number, sizeof(number), K_NO_WAIT) == 8);
		EXPECT(number == 42 && memrig_ring_destroy(ring) == 0);
	}
	if (EXPECT(memrig_msgpool_create(&pool, NULL, mem, 64, 8) == 0)) {
		msg = memrig_msgpool_alloc(pool, K_NO_WAIT);
		if (EXPECT(msg)) {
			*msg = 43;
			EXPECT(memrig_msgpool_put(pool, msg) == 0);
			EXPECT(memrig_msgpool_get(pool, K_NO_WAIT) == msg && *msg == 43);
			EXPECT(memrig_msgpool_free(pool, msg) == 0);
		}
		EXPECT(memrig_msgpool_destroy(pool) == 0);
	}
}

static void smart_in(u8 *mem)
{
	struct memrig_smart *smart;
	u8 *p;

	if (!EXPECT(memrig_smart_create(&smart, 0) == 0))
		return;
	EXPECT(memrig_smart_add_tier(smart, mem, 64, 8) == 0);
	EXPECT(memrig_smart_add_heap(smart, mem + PAGE_SIZE / 2, PAGE_SIZE / 2, &outside) == 0);
	p = memrig_smart_calloc(smart, 10, 4);
	if (EXPECT(p >= mem && p < mem + 512 && !p[0] && !p[39])) {
		memset(p, 4, 40);
		p = memrig_smart_realloc(smart, p, 1000);
		EXPECT(p >= mem + PAGE_SIZE / 2 && p[0] == 4 && p[39] == 4);
		EXPECT(memrig_smart_free(smart, p) == 0 && memrig_smart_free(smart, p) == -ENOENT);
	}
	EXPECT(memrig_smart_destroy(smart) == 0 && memrig_smart_destroy(smart) == -EINVAL);
}

static void prio_in(u8 *mem)
{
	struct memrig_prio *prio;
	u8 *low = mem, *high = mem + PAGE_SIZE / 2, *p, *q;

	if (!EXPECT(memrig_prio_create(&prio) == 0))
		return;
	EXPECT(memrig_prio_add(prio, MEMRIG_PRIO_LOW, low, PAGE_SIZE / 2, &outside) == 0);
	EXPECT(memrig_prio_add(prio, MEMRIG_PRIO_HIGH, high, PAGE_SIZE / 2, &outside) == 0);
	p = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 1500);
	q = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 1500);
	if (EXPECT(p >= high && q >= low && q < high)) {
		memset(p, 5, 1500);
		memset(q, 6, 1500);
		EXPECT(p[0] == 5 && p[1499] == 5 && q[0] == 6 && q[1499] == 6);
	}
	EXPECT(!memrig_prio_alloc(prio, MEMRIG_PRIO_LOW, 1500));
	EXPECT(memrig_prio_free(prio, p) == 0 && memrig_prio_free(prio, q) == 0);
	EXPECT(memrig_prio_destroy(prio) == 0 && memrig_prio_destroy(prio) == -EINVAL);
}

static void attrs_in(u8 *mem, bool cached)
{
	const struct mem_attr_region_t table = {
		"kind", (uintptr_t)mem, PAGE_SIZE,
		(cached ? DT_MEM_CACHEABLE : DT_MEM_DMA) | DT_MEM_SW_ALLOC_DMA,
	};
	u8 *p;

	EXPECT(memrig_mem_attr_register(&table, 1) == 0);
	EXPECT(memrig_mem_attr_heap_init(&outside) == 0);
	EXPECT(!mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 100));
	p = mem_attr_heap_aligned_alloc(DT_MEM_SW_ALLOC_DMA, 128, 100);
	if (EXPECT(p >= mem && p < mem + PAGE_SIZE && IS_ALIGNED((uintptr_t)p, 128))) {
		memset(p, 7, 100);
		p = mem_attr_heap_realloc(p, 2000);
		EXPECT(p && p[0] == 7 && p[99] == 7 && mem_attr_heap_get_region(p) == &table);
		EXPECT(memrig_mem_attr_heap_free(p) == 0);
		EXPECT(memrig_mem_attr_heap_free(p) == -ENOENT);
	}
	EXPECT(memrig_mem_attr_heap_fini() == 0 && memrig_mem_attr_register(NULL, 0) == 0);
}

static void every_kind(void)
{
	struct memrig_region_config config = { .length = PAGE_SIZE };
	unsigned int made = 0;

	for (config.kind = MEMRIG_KIND_PAGES; config.kind <= MEMRIG_KIND_COHERENT; config.kind++) {
		for (config.attr = MEMRIG_ATTR_CACHED; config.attr <= MEMRIG_ATTR_DEVICE;
		     config.attr++) {
			struct mrig_region *r = memrig_region_create(&config);
			u8 *mem;

			if (PTR_ERR_OR_ZERO(r) == -EOPNOTSUPP || !EXPECT(!IS_ERR(r)))
				continue;
			mem = memrig_region_kaddr(r);
			if (EXPECT(!IS_ERR(mem))) {
				fixed_in(mem);
				shared_in(mem, config.attr == MEMRIG_ATTR_CACHED ?
					  SMH_REG_ATTR_CACHEABLE : SMH_REG_ATTR_NON_CACHEABLE);
				streams_in(mem);
				smart_in(mem);
				prio_in(mem);
				attrs_in(mem, config.attr == MEMRIG_ATTR_CACHED);
				made++;
			}
			memrig_region_put(r);
		}
	}
	EXPECT(made >= 2);
}

const struct test kinds_tests[] = {
	{ "slabs, blocks, sets, managers, streams: in every kind and attribute", every_kind },
	{ }
};
