// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Slabs, the heap that threads share, heaps chosen by a function and by attributes.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "consumer.h"

#define BYTES	4096

K_MEM_SLAB_DEFINE_STATIC(slab, 64, 4, 8);

static void slabs(void)
{
	void *block[4], *more;
	int i;

	EXPECT(k_mem_slab_num_free_get(&slab) == 4);
	for (i = 0; i < 4; i++)
		EXPECT(k_mem_slab_alloc(&slab, &block[i], K_NO_WAIT) == 0);
	EXPECT(k_mem_slab_alloc(&slab, &more, K_NO_WAIT) == -ENOMEM);
	EXPECT(k_mem_slab_alloc(&slab, &more, K_MSEC(2)) == -EAGAIN);
	EXPECT(k_mem_slab_num_used_get(&slab) == 4 && k_mem_slab_max_used_get(&slab) == 4);
	EXPECT(mrig_mem_slab_free(&slab, block[0] + 1) == -EINVAL);
	EXPECT(mrig_mem_slab_free(&slab, &more) != 0);
	for (i = 0; i < 4; i++)
		k_mem_slab_free(&slab, block[i]);
	EXPECT(mrig_mem_slab_free(&slab, block[0]) != 0);
	EXPECT(k_mem_slab_num_free_get(&slab) == 4);
}

static void sync_heap(void)
{
	struct sys_sync_heap h;
	void *mem = kmalloc(BYTES, GFP_KERNEL), *p;

	if (!EXPECT(mem))
		return;
	EXPECT(sys_sync_heap_init(&h, mem, BYTES) == 0);
	p = sys_sync_heap_aligned_alloc(&h, 64, 100);
	EXPECT(p && IS_ALIGNED((uintptr_t)p, 64));
	p = sys_sync_heap_realloc(&h, p, 1000);
	EXPECT(p);
	sys_sync_heap_free(&h, p);
	kfree(mem);
}

static void *choose(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	return sys_heap_aligned_alloc(mheap->heaps[(uintptr_t)cfg].heap, align, size);
}

static void multi_heap(void)
{
	struct sys_heap low, high;
	struct sys_multi_heap mheap;
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p, *q;

	if (!EXPECT(mem))
		return;
	sys_multi_heap_init(&mheap, choose);
	EXPECT(sys_heap_init(&low, mem, BYTES) == 0);
	EXPECT(sys_heap_init(&high, mem + BYTES, BYTES) == 0);
	EXPECT(sys_multi_heap_add_heap(&mheap, &low, &low) == 0);
	EXPECT(sys_multi_heap_add_heap(&mheap, &high, &high) == 0);
	p = sys_multi_heap_alloc(&mheap, (void *)0, 100);
	q = sys_multi_heap_aligned_alloc(&mheap, (void *)1, 64, 100);
	EXPECT(p >= mem && p < mem + BYTES && q >= mem + BYTES);
	EXPECT(sys_multi_heap_get_heap(&mheap, q)->user_data == &high);
	sys_multi_heap_free(&mheap, p);
	sys_multi_heap_free(&mheap, q);
	EXPECT(!sys_multi_heap_get_heap(&mheap, &mheap));
	EXPECT(sys_multi_heap_remove_heap(&mheap, &low) == 0);
	kfree(mem);
}

/* Over memory of two attributes; headers stand elsewhere where others can write. */
static void shared_heap(void)
{
	static const struct memrig_smh_opts opts = { .span = { .max_blocks = 64 } };
	const struct memrig_region_config config = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_UNCACHED, .length = BYTES,
	};
	struct mrig_region *r = memrig_region_create(&config);
	void *cached = kmalloc(BYTES, GFP_KERNEL), *p, *q;
	struct shared_multi_heap_region regions[2];
	bool uncached = !IS_ERR(r);

	if (!EXPECT(cached))
		return;
	EXPECT(uncached || PTR_ERR(r) == -EOPNOTSUPP);
	EXPECT(shared_multi_heap_pool_init() == 0);
	regions[0] = (struct shared_multi_heap_region){
		SMH_REG_ATTR_CACHEABLE, (uintptr_t)cached, BYTES,
	};
	EXPECT(memrig_smh_add(&regions[0], NULL, &opts) == 0);
	p = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 100);
	EXPECT(p >= cached && p < cached + BYTES);
	EXPECT(!shared_multi_heap_alloc(SMH_REG_ATTR_NON_CACHEABLE, 100));
	EXPECT(memrig_smh_remove(cached) == -EBUSY);
	if (uncached) {
		regions[1] = (struct shared_multi_heap_region){
			SMH_REG_ATTR_NON_CACHEABLE, (uintptr_t)memrig_region_kaddr(r), BYTES,
		};
		EXPECT(memrig_smh_add(&regions[1], NULL, &opts) == 0);
		q = shared_multi_heap_aligned_alloc(SMH_REG_ATTR_NON_CACHEABLE, 64, 100);
		EXPECT((uintptr_t)q >= regions[1].addr && IS_ALIGNED((uintptr_t)q, 64));
		shared_multi_heap_free(q);
		EXPECT(memrig_smh_remove((void *)regions[1].addr) == 0);
	}
	shared_multi_heap_free(p);
	EXPECT(memrig_smh_remove(cached) == 0);
	EXPECT(memrig_smh_fini() == 0);
	memrig_region_put(r);
	kfree(cached);
}

const struct test sets_tests[] = {
	{ "k_mem_slab: one that a macro made", slabs },
	{ "sys_sync_heap: each call", sync_heap },
	{ "sys_multi_heap: a choice function", multi_heap },
	{ "shared_multi_heap: cached and uncached memory", shared_heap },
	{ }
};
