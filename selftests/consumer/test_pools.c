// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * shared_multi_heap and mem_attr_heap: each call, and what each of them refuses.
 */
#include <linux/slab.h>
#include <linux/topology.h>

#include "consumer.h"

#define BYTES	4096
#define FAST	40	/* an attribute of ours */

static void names(void)
{
	char name[8];

	EXPECT(memrig_smh_set_name(FAST, "fast") == 0 && memrig_smh_set_name(FAST, "") == -EINVAL);
	EXPECT(memrig_smh_set_name(FAST + 1, "fast") == -EEXIST);
	EXPECT(memrig_smh_set_name(SMH_REG_ATTR_EXTERNAL, "mine") == -EINVAL);
	EXPECT(memrig_smh_get_name(FAST, NULL, 8) == -EINVAL);
	EXPECT(memrig_smh_get_name(FAST, name, 4) == -ENOSPC);
	EXPECT(memrig_smh_get_name(FAST + 1, name, 8) == -ENOENT);
	EXPECT(memrig_smh_get_name(FAST, name, 8) == 0 && !strcmp(name, "fast"));
	EXPECT(memrig_smh_find_name(NULL) == -EINVAL && memrig_smh_find_name("slow") == -ENOENT);
	EXPECT(memrig_smh_find_name("fast") == FAST);
}

/* The first region is for everybody, the second near, for devices, and fast. */
static void requests(u8 *mem)
{
	struct mrig_smh_req req = { .with = MRIG_SMH_BIT(FAST) }, any = { 0 };
	u8 *p, *q;

	p = memrig_smh_alloc(&req, 64, 1000);
	EXPECT(p >= mem + BYTES && IS_ALIGNED((uintptr_t)p, 64));
	req.match = MRIG_SMH_MATCH_DMA;
	req.dma_bits = 24;
	EXPECT(!memrig_smh_alloc(&req, 0, 8));
	req.dma_bits = 40;
	EXPECT(memrig_smh_here(NULL, MRIG_SMH_MATCH_NODE) == -EINVAL);
	EXPECT(memrig_smh_here(&req, 0) == -EINVAL && memrig_smh_here(&req, 8) == -EINVAL);
	EXPECT(memrig_smh_here(&req, MRIG_SMH_MATCH_NODE | MRIG_SMH_MATCH_CPU) == 0);
	q = memrig_smh_alloc(&req, 0, 8);
	EXPECT(q >= mem + BYTES);
	req.node++;
	EXPECT(!memrig_smh_alloc(&req, 0, 8) && !memrig_smh_alloc(&any, 0, 0));
	any.without = MRIG_SMH_BIT(FAST);
	memset(p, 'x', 1000);
	EXPECT(!memrig_smh_realloc(&any, p, 0, BYTES + 1));
	EXPECT(!memrig_smh_realloc(&any, &req, 0, 8));
	p = memrig_smh_realloc(&any, p, 0, BYTES - 512);
	EXPECT(p >= mem && p < mem + BYTES && p[999] == 'x');
	EXPECT(memrig_smh_free(NULL) == -EINVAL && memrig_smh_free(p + 8) == -ENOENT);
	EXPECT(memrig_smh_free(q) == 0 && memrig_smh_free(q) == -ENOENT);
	EXPECT(!memrig_smh_realloc(&any, p, 0, 0) && memrig_smh_free(p) == -ENOENT);
}

static void figures(u8 *mem)
{
	struct memrig_smh_region_info info;
	struct mrig_smh_stats stats;

	EXPECT(memrig_smh_region(0, NULL) == -EINVAL && memrig_smh_region(2, &info) == -ENOENT);
	EXPECT(memrig_smh_region(0, &info) == 0 && info.span.mem == mem && info.user_data == mem);
	EXPECT(memrig_smh_region_of(mem, NULL) == -EINVAL);
	EXPECT(memrig_smh_region_of(&info, &info) == -ENOENT);
	EXPECT(memrig_smh_region_of(mem + BYTES + 9, &info) == 0 && info.dma_bits == 32);
	EXPECT(memrig_smh_stats(FAST, NULL) == -EINVAL && memrig_smh_stats(64, &stats) == -EINVAL);
	EXPECT(memrig_smh_stats(FAST, &stats) == 0 && stats.regions == 1 && stats.bytes == BYTES);
	EXPECT(stats.use.allocs == 2 && !stats.use.live && stats.use.max_allocated >= 1000);
	EXPECT(memrig_smh_reset_max() == 0);
	EXPECT(memrig_smh_stats(FAST, &stats) == 0 && !stats.use.max_allocated);
}

static void smh(void)
{
	static const u64 all = ~0ULL;
	struct memrig_smh_opts opts = {
		.span = { .max_blocks = 32 }, .attrs = MRIG_SMH_BIT(FAST), .dma_bits = 32,
		.node = cpu_to_node(raw_smp_processor_id()), .cpus = &all, .nr_cpus = 64,
	};
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p;
	struct shared_multi_heap_region one = { SMH_REG_ATTR_CACHEABLE, (uintptr_t)mem, BYTES };
	struct shared_multi_heap_region two = one, bad = one;

	if (!EXPECT(mem))
		return;
	two.addr += BYTES;
	bad.attr = SMH_REG_ATTR_NUM;
	EXPECT(memrig_smh_fini() == -EINVAL && shared_multi_heap_add(&one, mem) == -EINVAL);
	EXPECT(memrig_smh_set_name(FAST, "fast") == -EINVAL);
	EXPECT(shared_multi_heap_pool_init() == 0 && shared_multi_heap_pool_init() == -EALREADY);
	EXPECT(shared_multi_heap_add(NULL, mem) == -EINVAL);
	EXPECT(shared_multi_heap_add(&bad, mem) == -EINVAL);
	EXPECT(shared_multi_heap_add(&one, mem) == 0);
	EXPECT(shared_multi_heap_add(&one, mem) == -EINVAL);
	EXPECT(memrig_smh_add(&two, NULL, &opts) == 0 && memrig_smh_fini() == -EBUSY);
	names();
	requests(mem);
	figures(mem);
	p = shared_multi_heap_realloc(SMH_REG_ATTR_CACHEABLE, NULL, 100);
	EXPECT(p == shared_multi_heap_realloc(SMH_REG_ATTR_CACHEABLE, p, 104));
	EXPECT(!shared_multi_heap_realloc(SMH_REG_ATTR_NUM, p, 104));
	EXPECT(memrig_smh_remove(mem) == -EBUSY && memrig_smh_remove(mem + 64) == -ENOENT);
	EXPECT(!shared_multi_heap_realloc(SMH_REG_ATTR_NUM, p, 0));
	EXPECT(memrig_smh_remove(mem) == 0 && memrig_smh_remove(mem + BYTES) == 0);
	EXPECT(memrig_smh_fini() == 0);
	kfree(mem);
}

static void mem_attr(void)
{
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p;
	const struct mem_attr_region_t table[2] = {
		{ "first", (uintptr_t)mem, BYTES, DT_MEM_CACHEABLE },
		{ "dma", (uintptr_t)mem + BYTES, BYTES, DT_MEM_DMA | DT_MEM_SW_ALLOC_DMA },
	}, *regions = NULL;
	struct memrig_span_stats stats;

	if (!EXPECT(mem))
		return;
	EXPECT(memrig_mem_attr_register(NULL, 2) == -EINVAL);
	EXPECT(memrig_mem_attr_heap_fini() == -EINVAL);
	EXPECT(memrig_mem_attr_register(table, 2) == 0);
	EXPECT(mem_attr_get_regions(&regions) == 2 && regions == table);
	EXPECT(memrig_mem_attr_heap_init(NULL) == 0 && mem_attr_heap_pool_init() == -EALREADY);
	EXPECT(memrig_mem_attr_register(NULL, 0) == -EBUSY);
	p = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 100);
	EXPECT(p >= mem + BYTES && !mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 100));
	p = mem_attr_heap_realloc(p, 1000);
	EXPECT(p && !mem_attr_heap_realloc(NULL, 8) && !mem_attr_heap_realloc(p, 2 * BYTES));
	EXPECT(memrig_mem_attr_heap_stats(NULL, &stats) == -EINVAL);
	EXPECT(memrig_mem_attr_heap_stats(&table[1], NULL) == -EINVAL);
	EXPECT(memrig_mem_attr_heap_stats(&table[0], &stats) == -ENOENT);
	EXPECT(memrig_mem_attr_heap_stats(&table[1], &stats) == 0 && stats.use.live == 1);
	EXPECT(memrig_mem_attr_heap_free(NULL) == -EINVAL);
	EXPECT(memrig_mem_attr_heap_free(p + 8) == -ENOENT && memrig_mem_attr_heap_free(p) == 0);
	EXPECT(!mem_attr_heap_get_region(p) && memrig_mem_attr_heap_free(p) == -ENOENT);
	EXPECT(memrig_mem_attr_heap_fini() == 0 && memrig_mem_attr_register(NULL, 0) == 0);
	kfree(mem);
}

const struct test pools_tests[] = {
	{ "shared_multi_heap: each call", smh },
	{ "mem_attr_heap: each call", mem_attr },
	{ }
};
