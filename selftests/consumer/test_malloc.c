// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The system heap and resource pools of threads.
 */
#include <linux/slab.h>

#include "consumer.h"

#define POOL	8192

static void system_heap(void)
{
	u8 *p, *q;

	EXPECT(memrig_system_heap_add(0) == -EINVAL);
	EXPECT(memrig_system_heap_add(SIZE_MAX) == -EINVAL);
	EXPECT(memrig_system_heap_add(INT_MAX) == -EINVAL);
	EXPECT(memrig_system_heap_sub(1) == -EINVAL);
	EXPECT(!k_malloc(16));
	EXPECT(memrig_system_heap_add(POOL) == 0);
	p = k_malloc(100);
	q = k_calloc(10, 10);
	EXPECT(p && q && !q[99]);
	/* It cannot grow under a live block, and shrinks later. */
	EXPECT(memrig_system_heap_add(POOL) == -EBUSY);
	p = k_realloc(p, 3000);
	EXPECT(p);
	k_free(q);
	q = k_aligned_alloc(128, 100);
	EXPECT(q && IS_ALIGNED((uintptr_t)q, 128));
	EXPECT(!k_malloc(POOL));
	EXPECT(!k_calloc(SIZE_MAX, 2));
	k_free(p);
	k_free(q);
	k_free(NULL);
	k_free(&p);
	EXPECT(memrig_system_heap_sub(POOL + 1) == -EINVAL);
	EXPECT(memrig_system_heap_sub(POOL) == 0);
	EXPECT(!k_malloc(16));
}

static void resource_pool(void)
{
	k_tid_t self = k_current_get();
	struct k_heap h;
	void *mem = kmalloc(POOL, GFP_KERNEL), *p;

	if (!EXPECT(mem))
		return;
	EXPECT(k_heap_init(&h, mem, POOL) == 0);
	EXPECT(!z_thread_malloc(10));
	EXPECT(k_thread_heap_assign(NULL, &h) == -EINVAL);
	EXPECT(k_thread_resource_pool_assign(self, &h) == 0);
	p = z_thread_malloc(100);
	EXPECT(p > mem && p < mem + POOL);
	EXPECT(k_realloc(p, 200));
	k_free(p);
	memrig_thread_heap_forget(&h);
	EXPECT(!z_thread_malloc(10));
	/* Nobody's any more: what looks like a block of it is left alone. */
	k_free(p);
	/* The system heap is one, too. */
	EXPECT(memrig_system_heap_add(POOL) == 0);
	EXPECT(k_thread_system_pool_assign(NULL) == -EINVAL);
	EXPECT(k_thread_system_pool_assign(self) == 0);
	p = z_thread_aligned_alloc(256, 100);
	EXPECT(p && IS_ALIGNED((uintptr_t)p, 256) && !z_thread_aligned_alloc(8, 2 * POOL));
	k_free(p);
	EXPECT(k_thread_heap_assign(self, NULL) == 0 && !z_thread_malloc(10));
	EXPECT(memrig_system_heap_sub(POOL) == 0);
	kfree(mem);
}

static void threads(void)
{
	k_tid_t self = k_current_get();
	char name[32];

	EXPECT(self == k_current_get());
	EXPECT(!strcmp(k_thread_name_get(self), current->comm));
	EXPECT(k_thread_name_set(self, NULL) == -EINVAL);
	EXPECT(k_thread_name_set(self, "loader") == 0);
	EXPECT(k_thread_name_copy(self, name, sizeof(name)) == 0 && !strcmp(name, "loader"));
	EXPECT(k_thread_name_copy(self, name, 3) == -ENOSPC);
	EXPECT(k_thread_name_copy(self, NULL, 3) == -EINVAL);
	k_thread_priority_set(self, -7);
	EXPECT(k_thread_priority_get(NULL) == -7);
}

const struct test malloc_tests[] = {
	{ "k_malloc: the system heap has what modules add", system_heap },
	{ "z_thread_malloc: a resource pool, and its end", resource_pool },
	{ "k_current_get: name and priority of a thread", threads },
	{ }
};
