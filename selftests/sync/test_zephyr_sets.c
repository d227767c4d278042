// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A program as it would be written for Zephyr, over several pieces of memory. */
#include <zephyr/kernel.h>
#include <zephyr/dt-bindings/memory-attr/memory-attr-sw.h>
#include <zephyr/dt-bindings/memory-attr/memory-attr.h>
#include <zephyr/mem_mgmt/mem_attr.h>
#include <zephyr/mem_mgmt/mem_attr_heap.h>
#include <zephyr/multi_heap/shared_multi_heap.h>
#include <zephyr/sys/multi_heap.h>
#include <zephyr/sys/sync_heap.h>
#include "test.h"

static char sram[4096] __aligned(64);
static char dma[4096] __aligned(64);
static char cached[4096] __aligned(64);

static const struct mem_attr_region_t regions[] = {
	{ "sram", (uintptr_t)sram, sizeof(sram), DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE },
	{ "dma", (uintptr_t)dma, sizeof(dma), DT_MEM_DMA | DT_MEM_SW_ALLOC_DMA },
};
MEMRIG_MEM_ATTR_DEFINE(regions);

static void mem_attr(void **state)
{
	const struct mem_attr_region_t *table;
	void *block;

	assert_int_equal(mem_attr_get_regions(&table), ARRAY_SIZE(regions));
	assert_string_equal(table[1].dt_name, "dma");
	assert_int_equal(mem_attr_check_buf(dma, 100, DT_MEM_DMA | DT_MEM_SW_ALLOC_DMA), 0);
	assert_int_equal(mem_attr_heap_pool_init(), 0);
	block = mem_attr_heap_aligned_alloc(DT_MEM_SW_ALLOC_DMA, 32, 100);
	assert_non_null(block);
	assert_ptr_equal(mem_attr_heap_get_region(block), &regions[1]);
	mem_attr_heap_free(block);
}

static void shared_heap(void **state)
{
	struct shared_multi_heap_region region = {
		.attr = SMH_REG_ATTR_CACHEABLE,
		.addr = (uintptr_t)cached,
		.size = sizeof(cached),
	};
	uint8_t *block;

	assert_int_equal(shared_multi_heap_pool_init(), 0);
	assert_int_equal(shared_multi_heap_pool_init(), -EALREADY);
	assert_int_equal(shared_multi_heap_add(&region, NULL), 0);
	block = shared_multi_heap_aligned_alloc(SMH_REG_ATTR_CACHEABLE, 32, 64);
	assert_non_null(block);
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_NON_CACHEABLE, 64));
	assert_null(shared_multi_heap_alloc(MAX_SHARED_MULTI_HEAP_ATTR, 64));
	memset(block, 1, 64);
	shared_multi_heap_free(block);
}

static void *choose(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	return sys_heap_aligned_alloc(cfg, align, size);
}

static void multi_heap(void **state)
{
	static char memory[MAX_MULTI_HEAPS][512] __aligned(8);
	static struct sys_heap heaps[MAX_MULTI_HEAPS];
	struct sys_multi_heap multi;
	void *block;

	sys_multi_heap_init(&multi, choose);
	for (int i = 0; i < MAX_MULTI_HEAPS; i++) {
		sys_heap_init(&heaps[i], memory[i], sizeof(memory[i]));
		sys_multi_heap_add_heap(&multi, &heaps[i], memory[i]);
	}
	block = sys_multi_heap_alloc(&multi, &heaps[2], 400);
	assert_ptr_equal(sys_multi_heap_get_heap(&multi, block)->user_data, memory[2]);
	block = sys_multi_heap_realloc(&multi, &heaps[3], block, 450);
	assert_ptr_equal(sys_multi_heap_get_heap(&multi, block)->heap, &heaps[2]);
	sys_multi_heap_free(&multi, block);
}

static void sync_heap(void **state)
{
	static char memory[512] __aligned(8);
	struct sys_sync_heap heap;
	void *block;

	assert_int_equal(sys_sync_heap_init(&heap, memory, sizeof(memory)), 0);
	block = sys_sync_heap_alloc(&heap, 100);
	assert_non_null(block);
	sys_sync_heap_free(&heap, block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mem_attr),
		cmocka_unit_test(shared_heap),
		cmocka_unit_test(multi_heap),
		cmocka_unit_test(sync_heap),
	};

	return RUN("zephyr_sets", tests);
}
