// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks of one size: slabs and what is wrong to give back to them, runs of blocks, groups.
 */
#include <linux/slab.h>

#include "consumer.h"

#define SIZE	64
#define NUM	16
#define MANY	20

K_MEM_SLAB_DEFINE_STATIC(slab, SIZE, 2, 8);
SYS_MEM_BLOCKS_DEFINE_STATIC(fixed, SIZE, NUM, 64);

static int heard;

static void on_alloc(uintptr_t id, void *mem, size_t bytes)
{
	heard += bytes / SIZE;
}

static void wrong_frees(void)
{
	void *mem = NULL;

	EXPECT(k_mem_slab_alloc(NULL, &mem, K_NO_WAIT) == -EINVAL);
	EXPECT(k_mem_slab_alloc(&slab, NULL, K_NO_WAIT) == -EINVAL);
	EXPECT(k_mem_slab_alloc(&slab, &mem, K_NO_WAIT) == 0);
	EXPECT(mrig_mem_slab_free(&slab, mem + 8) == -EINVAL);
	EXPECT(mrig_mem_slab_free(&slab, NULL) == -ENOENT);
	EXPECT(mrig_mem_slab_free(&slab, &mem) == -ENOENT);
	EXPECT(mrig_mem_slab_free(&slab, mem) == 0);
	EXPECT(mrig_mem_slab_free(&slab, mem) == -EALREADY);
	EXPECT(k_mem_slab_num_used_get(&slab) == 0);
	EXPECT(k_mem_slab_max_used_get(&slab) == 1);
}

/* Of whom is filled in when he is there. */
static HEAP_LISTENER_ALLOC_DEFINE(listener, 0, on_alloc);

/* Memory for the bookkeeping of the second slab replaces that of the first. */
static void slab_of_a_buffer(void)
{
	struct sys_memory_stats stats;
	void *buf = kmalloc(NUM * SIZE, GFP_KERNEL), *mem = NULL;
	struct k_mem_slab s;

	if (!EXPECT(buf))
		return;
	EXPECT(k_mem_slab_init(&s, buf, SIZE + 1, NUM) == -EINVAL);
	EXPECT(k_mem_slab_alloc(&s, &mem, K_FOREVER) == -ENOMEM);
	EXPECT(k_mem_slab_init(&s, buf, SIZE, 1) == 0);
	EXPECT(k_mem_slab_init(&s, buf, SIZE, NUM) == 0);
	EXPECT(k_mem_slab_alloc(&s, &mem, K_MSEC(5)) == 0 && mem == buf);
	EXPECT(k_mem_slab_runtime_stats_get(&s, &stats) == 0);
	EXPECT(stats.allocated_bytes == SIZE && stats.free_bytes == (NUM - 1) * SIZE);
	EXPECT(mrig_mem_slab_fini(&s) == -EBUSY);
	EXPECT(mrig_mem_slab_free(&s, mem) == 0);
	EXPECT(mrig_mem_slab_fini(&s) == 0);
	kfree(buf);
}

static void runs(void)
{
	struct sys_memory_stats stats;
	void *b[NUM], *run = NULL;

	EXPECT(sys_mem_blocks_alloc(&fixed, 3, b) == 0);
	EXPECT(sys_mem_blocks_alloc_contiguous(&fixed, 8, &run) == 0);
	EXPECT(sys_mem_blocks_alloc(&fixed, 6, b + 3) == -ENOMEM);
	EXPECT(sys_mem_blocks_alloc_contiguous(&fixed, 6, b + 3) == -ENOMEM);
	EXPECT(sys_mem_blocks_get(&fixed, b[0], 1) == -ENOMEM);
	EXPECT(sys_mem_blocks_is_region_free(&fixed, run, 8) == 0);
	EXPECT(sys_mem_blocks_free_contiguous(&fixed, run, 8) == 0);
	EXPECT(sys_mem_blocks_is_region_free(&fixed, run, 8) == 1);
	EXPECT(sys_mem_blocks_free_contiguous(&fixed, run, 8) == -EFAULT);
	EXPECT(sys_mem_blocks_runtime_stats_get(&fixed, &stats) == 0);
	EXPECT(stats.allocated_bytes == 3 * SIZE && stats.max_allocated_bytes == 11 * SIZE);
	EXPECT(sys_mem_blocks_free(&fixed, 3, b) == 0);
	EXPECT(sys_mem_blocks_free(&fixed, 3, b) == -EFAULT);
	EXPECT(mrig_mem_blocks_largest(&fixed) == NUM);
}

static void listeners(void)
{
	const struct mrig_mem_blocks_opts opts = { .listen = true };
	void *buf = kmalloc(NUM * SIZE, GFP_KERNEL), *b[2];
	sys_mem_blocks_t mb;

	if (!EXPECT(buf))
		return;
	listener.heap_id = HEAP_ID_FROM_POINTER(&mb);
	heap_listener_register(&listener);
	EXPECT(mrig_mem_blocks_init_opts(&mb, buf, SIZE, NUM, &opts) == 0);
	EXPECT(sys_mem_blocks_alloc(&mb, 2, b) == 0);
	EXPECT(sys_mem_blocks_get(&mb, buf + 4 * SIZE, 3) == 0);
	EXPECT(heard == 5);
	heap_listener_unregister(&listener);
	EXPECT(sys_mem_blocks_free(&mb, 2, b) == 0);
	EXPECT(sys_mem_blocks_free_contiguous(&mb, buf + 4 * SIZE, 3) == 0);
	EXPECT(mrig_mem_blocks_fini(&mb) == 0);
	kfree(buf);
}

static sys_mem_blocks_t *choose(struct sys_multi_mem_blocks *group, void *cfg)
{
	return group->allocators[(uintptr_t)cfg];
}

/* The lock of a group around those of its members: lockdep looks on. */
static void groups(void)
{
	sys_mem_blocks_t *mb = kcalloc(MANY, sizeof(*mb), GFP_KERNEL);
	char *buf = kmalloc(MANY * SIZE, GFP_KERNEL);
	sys_multi_mem_blocks_t group;
	size_t size = 0, i;
	void *b[1];

	EXPECT(sys_multi_mem_blocks_init(&group, choose) == 0);
	for (i = 0; EXPECT(mb && buf) && i < MANY; i++) {
		EXPECT(mrig_mem_blocks_init(&mb[i], buf + i * SIZE, SIZE, 1) == 0);
		EXPECT(sys_multi_mem_blocks_add_allocator(&group, &mb[i]) == 0);
	}
	EXPECT(sys_multi_mem_blocks_add_allocator(&group, &fixed) == 0);
	EXPECT(sys_multi_mem_blocks_add_allocator(&group, &fixed) == -EEXIST);
	EXPECT(sys_multi_mem_blocks_alloc(&group, (void *)(MANY - 1UL), 1, b, &size) == 0);
	EXPECT(size == SIZE && b[0] == buf + (MANY - 1) * SIZE);
	EXPECT(sys_multi_mem_blocks_alloc(&group, (void *)(MANY - 1UL), 1, b, &size) == -ENOMEM);
	EXPECT(sys_multi_mem_blocks_remove_allocator(&group, &mb[MANY - 1]) == -EBUSY);
	EXPECT(sys_multi_mem_blocks_free(&group, 1, b) == 0);
	EXPECT(sys_multi_mem_blocks_remove_allocator(&group, &fixed) == 0);
	for (i = 0; mb && i < MANY; i++) {
		EXPECT(sys_multi_mem_blocks_remove_allocator(&group, &mb[i]) == 0);
		EXPECT(mrig_mem_blocks_fini(&mb[i]) == 0);
	}
	EXPECT(mrig_multi_mem_blocks_fini(&group) == 0);
	kfree(buf);
	kfree(mb);
}

SYS_BITARRAY_DEFINE_STATIC(bits, 70);
SYS_BITARRAY_DEFINE_STATIC(other_bits, 70);

static void bitarray(void)
{
	size_t at = 0, n = 0;
	int val = 7;

	EXPECT(sys_bitarray_set_bit(&bits, 70) == -EINVAL);
	EXPECT(sys_bitarray_set_bit(&bits, 69) == 0 && sys_bitarray_set_bit(NULL, 1) == -EINVAL);
	EXPECT(sys_bitarray_test_bit(&bits, 69, &val) == 0 && val == 1);
	EXPECT(sys_bitarray_test_and_clear_bit(&bits, 69, &val) == 0 && val == 1);
	EXPECT(sys_bitarray_test_and_set_bit(&bits, 2, &val) == 0 && val == 0);
	EXPECT(sys_bitarray_alloc(&bits, 68, &at) == -ENOSPC);
	EXPECT(sys_bitarray_alloc(&bits, 71, &at) == -EINVAL);
	EXPECT(sys_bitarray_alloc(&bits, 40, &at) == 0 && at == 3);
	EXPECT(sys_bitarray_is_region_set(&bits, 41, 2));
	EXPECT(sys_bitarray_is_region_cleared(&bits, 27, 43));
	EXPECT(sys_bitarray_popcount_region(&bits, 70, 0, &n) == 0 && n == 41);
	EXPECT(sys_bitarray_find_nth_set(&bits, 41, 70, 0, &at) == 0 && at == 42);
	EXPECT(sys_bitarray_find_nth_set(&bits, 42, 70, 0, &at) == 1);
	EXPECT(sys_bitarray_set_region(&other_bits, 70, 0) == 0);
	EXPECT(sys_bitarray_xor(&bits, &other_bits, 70, 0) == 0);
	EXPECT(sys_bitarray_is_region_cleared(&bits, 41, 2));
	EXPECT(sys_bitarray_test_and_set_region(&bits, 41, 2, false) == -EEXIST);
	EXPECT(sys_bitarray_test_and_set_region(&bits, 41, 2, true) == 0);
	EXPECT(sys_bitarray_free(&bits, 70, 0) == 0 && sys_bitarray_free(&bits, 1, 0) == -EFAULT);
	EXPECT(sys_bitarray_clear_bit(&other_bits, 0) == 0);
	EXPECT(sys_bitarray_clear_region(&other_bits, 70, 0) == 0);
	EXPECT(sys_bitarray_is_region_cleared(&other_bits, 70, 0));
}

const struct test fixed_tests[] = {
	{ "slabs refuse what is no block of theirs", wrong_frees },
	{ "a slab of a buffer, made twice", slab_of_a_buffer },
	{ "blocks by the list and by the run", runs },
	{ "listeners of blocks", listeners },
	{ "groups of blocks", groups },
	{ "sys_bitarray: bits and regions", bitarray },
	{ }
};
