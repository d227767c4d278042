// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that wait: who is served, when, and who is not.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "consumer.h"

#define BYTES	1024
#define BLOCK	700	/* one of them fits */

static void *from_k_heap(struct waiter *w)
{
	return k_heap_alloc(w->object, w->bytes, w->timeout);
}

static void *from_kheap(struct waiter *w)
{
	return memrig_kheap_alloc(w->object, w->bytes, w->timeout);
}

static void *from_slab(struct waiter *w)
{
	void *mem;

	return k_mem_slab_alloc(w->object, &mem, w->timeout) ? NULL : mem;
}

/* A block that grows: its bytes are copied by who asked, not by who frees. */
static void *grow(struct waiter *w)
{
	return k_heap_realloc(w->object, w->result, w->bytes, w->timeout);
}

/* Six threads for one block: by priority, then in the order of their coming. */
static void order(struct waiter *proto, void *first, void (*give)(void *object, void *mem),
		  struct mrig_lock *l, struct mrig_waitq *q)
{
	static const int prio[] = { 5, -3, 5, 0, -3, 0 }, by[] = { 1, 4, 3, 5, 0, 2 };
	struct waiter w[ARRAY_SIZE(prio)];
	int i, k, n = ARRAY_SIZE(prio);

	for (i = 0; i < n; i++) {
		w[i] = *proto;
		w[i].prio = prio[i];
		w[i].timeout = i & 1 ? K_FOREVER : K_SECONDS(200);
		if (!waiter_start(&w[i]))
			return;
		until_waiting(l, q, i + 1);
	}
	/* Kernels that cannot start six threads have other worries than this test. */
	for (i = 0; i < n; i++) {
		give(proto->object, first);
		first = waiter_join(&w[by[i]]);
		EXPECT(first);
		EXPECT(waiting(l, q) == n - 1 - i);
		for (k = i + 1; k < n; k++)
			EXPECT(!waiter_done(&w[by[k]]));
	}
	give(proto->object, first);
}

static void give_k_heap(void *object, void *mem)
{
	k_heap_free(object, mem);
}

static void give_kheap(void *object, void *mem)
{
	EXPECT(memrig_kheap_free(object, mem) == 0);
}

static void give_slab(void *object, void *mem)
{
	k_mem_slab_free(object, mem);
}

static void k_heap_order(void)
{
	struct waiter proto = { .alloc = from_k_heap, .bytes = BLOCK };
	void *mem = kmalloc(BYTES, GFP_KERNEL);
	struct k_heap h;

	if (!EXPECT(mem))
		return;
	EXPECT(k_heap_init(&h, mem, BYTES) == 0);
	proto.object = &h;
	order(&proto, k_heap_alloc(&h, BLOCK, K_NO_WAIT), give_k_heap, &h.lock.lock, &h.wait_q);
	kfree(mem);
}

K_MEM_SLAB_DEFINE_STATIC(single, 64, 1, 8);

static void slab_order(void)
{
	struct waiter proto = { .alloc = from_slab, .object = &single };
	void *mem = NULL;

	EXPECT(k_mem_slab_alloc(&single, &mem, K_NO_WAIT) == 0);
	order(&proto, mem, give_slab, &single.lock.lock, &single.wait_q);
}

static void timeouts(void)
{
	struct waiter w = { .alloc = from_k_heap, .bytes = BLOCK, .timeout = K_MSEC(30) };
	void *mem = kmalloc(BYTES, GFP_KERNEL), *p;
	s64 start = mrig_clock();
	struct k_heap h;

	if (!EXPECT(mem))
		return;
	EXPECT(k_heap_init(&h, mem, BYTES) == 0);
	p = k_heap_alloc(&h, BLOCK, K_NO_WAIT);
	EXPECT(!k_heap_alloc(&h, BLOCK, K_NO_WAIT));
	EXPECT(!k_heap_alloc(&h, BLOCK, K_USEC(1500)));
	EXPECT(mrig_clock() - start >= 1500 * 1000);
	EXPECT(!k_heap_alloc(&h, BLOCK, K_TIMEOUT_ABS_MS(k_uptime_get() + 20)));
	EXPECT(mrig_clock() - start >= 20 * NSEC_PER_MSEC);
	w.object = &h;
	if (waiter_start(&w)) {
		EXPECT(!waiter_join(&w));
		EXPECT(w.took >= 30 * NSEC_PER_MSEC);
	}
	EXPECT(waiting(&h.lock.lock, &h.wait_q) == 0);
	k_heap_free(&h, p);
	EXPECT(sys_heap_validate(&h.heap));
	kfree(mem);
}

static void moves(void)
{
	struct waiter w = { .alloc = grow, .bytes = BLOCK, .timeout = K_FOREVER };
	u8 *mem = kmalloc(BYTES, GFP_KERNEL), *p, *q;
	struct k_heap h;

	if (!EXPECT(mem))
		return;
	EXPECT(k_heap_init(&h, mem, BYTES) == 0);
	p = k_heap_alloc(&h, 100, K_NO_WAIT);
	q = k_heap_alloc(&h, BLOCK, K_NO_WAIT);
	if (EXPECT(p && q)) {
		memset(p, 'm', 100);
		w.object = &h;
		w.result = p;
		if (waiter_start(&w) && until_waiting(&h.lock.lock, &h.wait_q, 1)) {
			k_heap_free(&h, q);
			p = waiter_join(&w);
			EXPECT(p && p[0] == 'm' && p[99] == 'm');
			k_heap_free(&h, p);
		}
	}
	EXPECT(sys_heap_validate(&h.heap));
	kfree(mem);
}

static void kheap_waits(void)
{
	const struct memrig_region_config region_config = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = PAGE_SIZE,
	};
	const struct memrig_kheap_config config = { .max_blocks = 16 };
	struct waiter proto = { .alloc = from_kheap, .bytes = PAGE_SIZE - 512 };
	struct waiter w;
	struct mrig_region *r = memrig_region_create(&region_config);
	struct memrig_kheap *heap;
	void *p;

	if (!EXPECT(!IS_ERR(r)))
		return;
	heap = memrig_kheap_create(r, &config);
	if (EXPECT(!IS_ERR(heap))) {
		proto.object = heap;
		p = memrig_kheap_alloc(heap, proto.bytes, K_NO_WAIT);
		EXPECT(p && !memrig_kheap_alloc(heap, proto.bytes, K_MSEC(5)));
		w = proto;
		w.timeout = K_FOREVER;
		if (waiter_start(&w)) {
			give_kheap(heap, p);
			p = waiter_join(&w);
			EXPECT(p);
			give_kheap(heap, p);
		}
		EXPECT(memrig_kheap_destroy(heap) == 0);
	}
	memrig_region_put(r);
}

const struct test wait_tests[] = {
	{ "k_heap: served by priority, then in order", k_heap_order },
	{ "k_mem_slab: handed over by priority, then in order", slab_order },
	{ "k_heap: timeouts", timeouts },
	{ "k_heap: a block that moves when there is room", moves },
	{ "memrig_kheap: waits, and is served", kheap_waits },
	{ }
};
