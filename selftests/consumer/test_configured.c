// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The system heap as the parameters of memrig make it. Whoever loads this module says how memrig
 * was loaded; what can be had shows whether it counts.
 */
#include <linux/module.h>

#include "consumer.h"

unsigned long consumer_pool_size;
module_param_named(pool_size, consumer_pool_size, ulong, 0444);
MODULE_PARM_DESC(pool_size, "heap_mem_pool_size= of memrig; if not 0, only that is tried");

bool consumer_ignore_min;
module_param_named(ignore_min, consumer_ignore_min, bool, 0444);
MODULE_PARM_DESC(ignore_min, "heap_mem_pool_ignore_min= of memrig");

/* Whether the system heap serves so much at once when it is empty. */
static bool serves(size_t bytes)
{
	void *p = k_malloc(bytes);

	if (p)
		memset(p, 0x5a, bytes);
	k_free(p);
	return p;
}

/* It has what heap_mem_pool_size= says, before any module has added something. */
static void served_from_the_parameter(void)
{
	size_t size = consumer_pool_size;
	void *p, *q;

	EXPECT(serves(size));
	EXPECT(!serves(2 * size));
	p = k_malloc(size / 2);
	q = k_calloc(1, size / 4);
	EXPECT(p && q && !k_malloc(size / 2));
	k_free(p);
	k_free(q);
	EXPECT(memrig_system_heap_sub(1) == -EINVAL);
	EXPECT(serves(size));
}

/* Less than the parameter says changes nothing, even while a block lives. */
static void small_sums(void)
{
	size_t size = consumer_pool_size;
	void *p = k_malloc(size / 4);

	EXPECT(p);
	EXPECT(memrig_system_heap_add(size / 4) == 0);
	EXPECT(memrig_system_heap_add(size / 2) == 0);
	k_free(p);
	EXPECT(serves(size) && !serves(2 * size));
	EXPECT(memrig_system_heap_sub(size / 4) == 0);
	EXPECT(memrig_system_heap_sub(size / 2) == 0);
	EXPECT(serves(size));
}

/* More than that counts in its place, unless it is to be ignored. */
static void large_sums(void)
{
	size_t size = consumer_pool_size;
	void *p = k_malloc(size / 4);

	EXPECT(p);
	if (consumer_ignore_min) {
		/* It has not to grow, so the block is in nobody's way. */
		EXPECT(memrig_system_heap_add(2 * size) == 0);
		k_free(p);
		EXPECT(!serves(2 * size));
	} else {
		EXPECT(memrig_system_heap_add(2 * size) == -EBUSY);
		k_free(p);
		EXPECT(memrig_system_heap_add(2 * size) == 0);
		EXPECT(serves(2 * size) && !serves(3 * size));
	}
	EXPECT(memrig_system_heap_add(2 * size) == 0);
	EXPECT(serves(4 * size) == !consumer_ignore_min);
	EXPECT(memrig_system_heap_sub(4 * size) == 0);
	EXPECT(serves(size) && !serves(2 * size));
}

/* A sum that is ignored may be any that can be counted. */
static void sums_out_of_range(void)
{
	EXPECT(memrig_system_heap_add(SIZE_MAX) == (consumer_ignore_min ? 0 : -EINVAL));
	EXPECT(memrig_system_heap_add(SIZE_MAX) == -EINVAL);
	EXPECT(memrig_system_heap_sub(SIZE_MAX) == (consumer_ignore_min ? 0 : -EINVAL));
	EXPECT(serves(consumer_pool_size));
}

const struct test configured_tests[] = {
	{ "heap_mem_pool_size: k_malloc() is served from it", served_from_the_parameter },
	{ "heap_mem_pool_size: the larger counts, and modules add less", small_sums },
	{ "heap_mem_pool_ignore_min: what modules add counts, or not", large_sums },
	{ "heap_mem_pool_ignore_min: sums out of range", sums_out_of_range },
	{ }
};
