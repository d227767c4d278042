// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Block allocators as programs written for Zephyr use them: what Zephyr's own suites mem_blocks and
 * mem_blocks_stats look at, with Zephyr's include lines, names and macros alone.
 */
#define CONFIG_SYS_MEM_BLOCKS		    1
#define CONFIG_SYS_MEM_BLOCKS_LISTENER	    1
#define CONFIG_SYS_MEM_BLOCKS_RUNTIME_STATS 1
#include <zephyr/kernel.h>
#include <zephyr/sys/heap_listener.h>
#include <zephyr/sys/mem_blocks.h>
#include "test.h"

#define BLK_SZ	  64
#define NUM_BLKS  4
#define UNTOUCHED ((void *)0x5a5a)

static uint8_t __aligned(4) ext_buf[BLK_SZ * NUM_BLKS];
static uint8_t __aligned(4) ext_static_buf[2 * BLK_SZ * NUM_BLKS];

SYS_MEM_BLOCKS_DEFINE(blocks_1, BLK_SZ, NUM_BLKS, 4);
SYS_MEM_BLOCKS_DEFINE_STATIC(blocks_2, 2 * BLK_SZ, NUM_BLKS, 128);
SYS_MEM_BLOCKS_DEFINE_WITH_EXT_BUF(blocks_3, BLK_SZ, NUM_BLKS, ext_buf);
SYS_MEM_BLOCKS_DEFINE_STATIC_WITH_EXT_BUF(blocks_4, 2 * BLK_SZ, NUM_BLKS, ext_static_buf);

static sys_mem_blocks_t *const all[] = { &blocks_1, &blocks_2, &blocks_3, &blocks_4 };
static uint32_t alloc_events, free_events;
static uintptr_t last_mem;

static void listen_alloc(uintptr_t heap_id, void *mem, size_t bytes)
{
	alloc_events++;
	last_mem = POINTER_TO_UINT(mem);
}

static void listen_free(uintptr_t heap_id, void *mem, size_t bytes)
{
	free_events++;
	last_mem = POINTER_TO_UINT(mem);
}

static HEAP_LISTENER_ALLOC_DEFINE(on_alloc, HEAP_ID_FROM_POINTER(&blocks_1), listen_alloc);
static HEAP_LISTENER_FREE_DEFINE(on_free, HEAP_ID_FROM_POINTER(&blocks_1), listen_free);

static void alloc_free_one_by_one(sys_mem_blocks_t *mb)
{
	size_t size = (size_t)1 << mb->info.blk_sz_shift;
	void *block[NUM_BLKS], *extra = UNTOUCHED;

	assert_int_equal(mb->info.num_blocks, NUM_BLKS);
	for (int i = 0; i < NUM_BLKS; i++) {
		assert_int_equal(sys_mem_blocks_alloc(mb, 1, &block[i]), 0);
		assert_true(block[i] == mb->buffer + i * size);
		memset(block[i], i, size);
	}
	assert_int_equal(sys_mem_blocks_alloc(mb, 1, &extra), -ENOMEM);
	for (int i = 0; i < NUM_BLKS; i++) {
		assert_int_equal(*(uint8_t *)block[i], i);
		assert_int_equal(sys_mem_blocks_free(mb, 1, &block[i]), 0);
	}
	assert_int_equal(sys_mem_blocks_free(mb, 1, &block[0]), -EFAULT);
}

static void one_by_one(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		alloc_free_one_by_one(all[i]);
	assert_int_equal(POINTER_TO_UINT(blocks_2.buffer) % 128, 0);
	assert_ptr_equal(blocks_3.buffer, ext_buf);
	assert_ptr_equal(blocks_4.buffer, ext_static_buf);
	assert_int_equal(blocks_2.info.blk_sz_shift, 7);
}

static void several_at_once(void **state)
{
	void *block[NUM_BLKS + 1] = { UNTOUCHED };

	for (size_t count = 0; count <= NUM_BLKS; count++) {
		assert_int_equal(sys_mem_blocks_alloc(&blocks_1, count, block), 0);
		assert_int_equal(sys_mem_blocks_alloc(&blocks_1, NUM_BLKS + 1 - count,
						      block + count),
				 -ENOMEM);
		assert_int_equal(sys_mem_blocks_free(&blocks_1, count, block), 0);
	}
}

static void contiguous(void **state)
{
	void *block = UNTOUCHED, *more = UNTOUCHED;

	assert_int_equal(sys_mem_blocks_alloc_contiguous(&blocks_1, 0, &block), 0);
	assert_null(block);
	for (size_t count = 1; count <= NUM_BLKS; count++) {
		assert_int_equal(sys_mem_blocks_alloc_contiguous(&blocks_1, count, &block), 0);
		assert_int_equal(sys_mem_blocks_alloc_contiguous(&blocks_1, NUM_BLKS + 1 - count,
								 &more),
				 -ENOMEM);
		assert_int_equal(sys_mem_blocks_free_contiguous(&blocks_1, block, count), 0);
		assert_int_equal(sys_mem_blocks_free_contiguous(&blocks_1, block, count), -EFAULT);
	}
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&blocks_1, NUM_BLKS + 1, &more), -ENOMEM);
	assert_ptr_equal(more, UNTOUCHED);
}

static void get_and_is_region_free(void **state)
{
	uint8_t *buf = blocks_1.buffer;

	assert_int_equal(sys_mem_blocks_is_region_free(&blocks_1, buf, NUM_BLKS), 1);
	assert_int_equal(sys_mem_blocks_get(&blocks_1, buf + BLK_SZ, 2), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&blocks_1, buf, NUM_BLKS), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&blocks_1, buf, 1), 1);
	assert_int_equal(sys_mem_blocks_get(&blocks_1, buf, 2), -ENOMEM);
	assert_int_equal(sys_mem_blocks_get(&blocks_1, buf, 1), 0);
	assert_int_equal(sys_mem_blocks_get(&blocks_1, buf + 3 * BLK_SZ, 2), -ENOMEM);
	assert_int_equal(sys_mem_blocks_free_contiguous(&blocks_1, buf, 3), 0);
}

static void invalid_arguments(void **state)
{
	void *block[NUM_BLKS + 1], *stray = ext_buf;

	assert_int_equal(sys_mem_blocks_alloc(NULL, 1, block), -EINVAL);
	assert_int_equal(sys_mem_blocks_alloc(&blocks_1, 1, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_alloc(&blocks_1, NUM_BLKS + 1, block), -ENOMEM);
	assert_int_equal(sys_mem_blocks_free(&blocks_1, NUM_BLKS + 1, block), -EINVAL);
	assert_int_equal(sys_mem_blocks_free(&blocks_1, 1, &stray), -EFAULT);
	assert_int_equal(sys_mem_blocks_free_contiguous(&blocks_1, stray, 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_free_contiguous(&blocks_1, blocks_1.buffer, NUM_BLKS + 1),
			 -EINVAL);
}

static sys_mem_blocks_t *choose(struct sys_multi_mem_blocks *group, void *cfg)
{
	for (uint32_t i = 0; i < (uint32_t)group->num_allocators; i++) {
		if (1UL << group->allocators[i]->info.blk_sz_shift == POINTER_TO_UINT(cfg))
			return group->allocators[i];
	}
	return NULL;
}

static void groups(void **state)
{
	static sys_multi_mem_blocks_t group;
	void *block[NUM_BLKS];
	size_t size;

	sys_multi_mem_blocks_init(&group, choose);
	sys_multi_mem_blocks_add_allocator(&group, &blocks_3);
	sys_multi_mem_blocks_add_allocator(&group, &blocks_4);
	for (size_t want = BLK_SZ; want <= 2 * BLK_SZ; want *= 2) {
		assert_int_equal(sys_multi_mem_blocks_alloc(&group, UINT_TO_POINTER(want), NUM_BLKS,
							    block, &size),
				 0);
		assert_int_equal(size, want);
		assert_int_equal(sys_multi_mem_blocks_alloc(&group, UINT_TO_POINTER(want), 1, block,
							    &size),
				 -ENOMEM);
		assert_int_equal(sys_multi_mem_blocks_free(&group, NUM_BLKS, block), 0);
	}
	assert_int_equal(sys_multi_mem_blocks_alloc(&group, UINT_TO_POINTER(17), 1, block, &size),
			 -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_alloc(&group, NULL, 0, block, &size), 0);
	assert_int_equal(size, 0);
	block[0] = blocks_1.buffer;
	assert_int_equal(sys_multi_mem_blocks_free(&group, 1, block), -EINVAL);
}

static void listener(void **state)
{
	void *block[2];

	heap_listener_register(&on_alloc);
	heap_listener_register(&on_free);
	assert_int_equal(sys_mem_blocks_alloc(&blocks_1, 2, block), 0);
	assert_int_equal(alloc_events, 2);
	assert_int_equal(last_mem, POINTER_TO_UINT(block[1]));
	assert_int_equal(sys_mem_blocks_free(&blocks_1, 2, block), 0);
	assert_int_equal(free_events, 2);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&blocks_1, 3, block), 0);
	assert_int_equal(alloc_events, 3);
	assert_int_equal(sys_mem_blocks_free_contiguous(&blocks_1, block[0], 3), 0);
	assert_int_equal(free_events, 3);
	heap_listener_unregister(&on_alloc);
	heap_listener_unregister(&on_free);
}

static void stats(void **state)
{
	struct sys_memory_stats figures;
	void *block[3];

	assert_int_equal(sys_mem_blocks_runtime_stats_get(NULL, &figures), -EINVAL);
	assert_int_equal(sys_mem_blocks_runtime_stats_get(&blocks_1, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_runtime_stats_reset_max(NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_runtime_stats_reset_max(&blocks_1), 0);
	assert_int_equal(sys_mem_blocks_alloc(&blocks_1, 3, block), 0);
	assert_int_equal(sys_mem_blocks_free(&blocks_1, 2, block), 0);
	assert_int_equal(sys_mem_blocks_runtime_stats_get(&blocks_1, &figures), 0);
	assert_int_equal(figures.allocated_bytes, BLK_SZ);
	assert_int_equal(figures.free_bytes, 3 * BLK_SZ);
	assert_int_equal(figures.max_allocated_bytes, 3 * BLK_SZ);
	assert_int_equal(sys_mem_blocks_runtime_stats_reset_max(&blocks_1), 0);
	assert_int_equal(sys_mem_blocks_runtime_stats_get(&blocks_1, &figures), 0);
	assert_int_equal(figures.max_allocated_bytes, BLK_SZ);
	assert_int_equal(sys_mem_blocks_free(&blocks_1, 1, block + 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_by_one),	     cmocka_unit_test(several_at_once),
		cmocka_unit_test(contiguous),	     cmocka_unit_test(get_and_is_region_free),
		cmocka_unit_test(invalid_arguments), cmocka_unit_test(groups),
		cmocka_unit_test(listener),	     cmocka_unit_test(stats),
	};

	return RUN("zephyr blocks", tests);
}
