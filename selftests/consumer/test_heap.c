// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps of a module, by Zephyr's calls, from a process: what each promises, and bad input.
 */
#include <linux/slab.h>

#include "consumer.h"

#define BYTES	4096

K_HEAP_DEFINE(consumer_heap, 1024);

static void calls(void)
{
	struct sys_memory_stats stats;
	struct k_heap h;
	u8 *mem = kmalloc(BYTES, GFP_KERNEL), *p, *q;
	int i;

	if (!EXPECT(mem))
		return;
	memset(mem, 0xff, BYTES);
	EXPECT(k_heap_init(&h, mem, BYTES) == 0);
	p = k_heap_alloc(&h, 100, K_NO_WAIT);
	EXPECT(p && IS_ALIGNED((uintptr_t)p, 8));
	q = k_heap_aligned_alloc(&h, 256, 10, K_NO_WAIT);
	EXPECT(q && IS_ALIGNED((uintptr_t)q, 256));
	k_heap_free(&h, q);
	q = k_heap_calloc(&h, 10, 20, K_NO_WAIT);
	for (i = 0; EXPECT(q) && i < 200; i++)
		EXPECT(!q[i]);
	memset(p, 'x', 100);
	p = k_heap_realloc(&h, p, 1000, K_NO_WAIT);
	EXPECT(p && p[0] == 'x' && p[99] == 'x');
	EXPECT(k_heap_runtime_stats_get(&h, &stats) == 0);
	EXPECT(stats.allocated_bytes >= 1200);
	EXPECT(!k_heap_realloc(&h, p, 0, K_NO_WAIT));
	k_heap_free(&h, q);
	EXPECT(k_heap_runtime_stats_get(&h, &stats) == 0 && !stats.allocated_bytes);
	EXPECT(sys_heap_validate(&h.heap));
	kfree(mem);
}

static void bad_input(void)
{
	struct k_heap h;
	u8 *mem = kmalloc(BYTES, GFP_KERNEL), *p;

	if (!EXPECT(mem))
		return;
	EXPECT(k_heap_init(NULL, mem, BYTES) == -EINVAL);
	EXPECT(k_heap_init(&h, NULL, BYTES) == -EINVAL);
	EXPECT(k_heap_init(&h, mem, 0) == -EINVAL);
	EXPECT(k_heap_init(&h, mem, SIZE_MAX) == -EINVAL);
	EXPECT(!k_heap_alloc(&h, 1, K_FOREVER));
	EXPECT(k_heap_init(&h, mem, BYTES) == 0);
	EXPECT(!k_heap_alloc(&h, 0, K_FOREVER));
	EXPECT(!k_heap_alloc(&h, BYTES, K_FOREVER));
	EXPECT(!k_heap_alloc(&h, SIZE_MAX, K_FOREVER));
	EXPECT(!k_heap_aligned_alloc(&h, 3, 8, K_FOREVER));
	EXPECT(!k_heap_calloc(&h, SIZE_MAX / 2, 3, K_FOREVER));
	EXPECT(k_heap_runtime_stats_get(NULL, NULL) == -EINVAL);
	p = k_heap_alloc(&h, 100, K_NO_WAIT);
	EXPECT(!k_heap_realloc(&h, p + 1, 200, K_FOREVER));
	k_heap_free(&h, NULL);
	k_heap_free(&h, p + 1);
	k_heap_free(&h, &h);
	EXPECT(sys_heap_validate(&h.heap));
	/* Twice: the heap is fenced off, and everything fails. */
	k_heap_free(&h, p);
	k_heap_free(&h, p);
	EXPECT(!k_heap_alloc(&h, 1, K_FOREVER));
	kfree(mem);
}

static void made_by_a_macro(void)
{
	struct k_heap *all = &consumer_heap;
	void *p = k_heap_alloc(&consumer_heap, 800, K_NO_WAIT);

	EXPECT(p);
	EXPECT(!k_heap_alloc(&consumer_heap, 800, K_NO_WAIT));
	k_heap_free(&consumer_heap, p);
	EXPECT(k_heap_array_get(&all) == 0 && !all);
}

static void bare_heap(void)
{
	struct sys_heap h;
	void *mem = kmalloc(BYTES, GFP_KERNEL), *p;

	if (!EXPECT(mem))
		return;
	EXPECT(sys_heap_init(&h, mem, BYTES) == 0);
	p = sys_heap_aligned_alloc(&h, 64, 10);
	EXPECT(p && sys_heap_usable_size(&h, p) >= 10);
	p = sys_heap_realloc(&h, p, 500);
	EXPECT(p);
	sys_heap_free(&h, p);
	EXPECT(sys_heap_validate(&h));
	kfree(mem);
}

/* One lock each: a class of their own, and the order is nobody's business. */
static void locks(void)
{
	static struct k_spinlock zeroed;
	struct k_spinlock made_here;
	k_spinlock_key_t key, inner;
	int n = 0;

	memrig_spinlock_init(&made_here);
	key = k_spin_lock(&zeroed);
	EXPECT(k_spin_trylock(&made_here, &inner) == 0);
	EXPECT(k_is_in_isr() == false);
	__acquire(&made_here.lock.lock);
	k_spin_unlock(&made_here, inner);
	k_spin_unlock(&zeroed, key);
	K_SPINLOCK(&zeroed) {
		n++;
		if (n)
			K_SPINLOCK_BREAK;
		n = 100;
	}
	EXPECT(n == 1);
}

const struct test heap_tests[] = {
	{ "k_heap: each call", calls },
	{ "k_heap: bad input", bad_input },
	{ "K_HEAP_DEFINE: starts with its first use", made_by_a_macro },
	{ "sys_heap: without a lock", bare_heap },
	{ "k_spinlock: zeroed and initialised", locks },
	{ }
};
