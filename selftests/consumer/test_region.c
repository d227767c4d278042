// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Regions of every kind and attribute this machine offers, and heaps over them.
 */
#include <linux/err.h>
#include <linux/mm.h>

#include "consumer.h"

#define LENGTH	(16 * PAGE_SIZE)

static struct mrig_region *region(u32 kind, u32 attr, u32 flags)
{
	const struct memrig_region_config config = {
		.kind = kind, .attr = attr, .flags = flags, .length = LENGTH,
	};

	return memrig_region_create(&config);
}

static void bad_regions(void)
{
	struct memrig_region_config config = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
	};

	EXPECT(PTR_ERR(memrig_region_create(&config)) == -EINVAL);
	config.length = U64_MAX;
	EXPECT(PTR_ERR(memrig_region_create(&config)) == -EOVERFLOW);
	config.length = LENGTH;
	config.on_node = true;
	config.node = -3;
	EXPECT(PTR_ERR(memrig_region_create(&config)) == -EINVAL);
	config.on_node = false;
	config.name = "a-name-that-is-longer-than-any-name-of-a-region-may-be";
	EXPECT(PTR_ERR(memrig_region_create(&config)) == -ENAMETOOLONG);
	config.name = NULL;
	config.attr = MEMRIG_ATTR_WRITE_THROUGH;
	EXPECT(PTR_ERR(memrig_region_create(&config)) == -EOPNOTSUPP);
	EXPECT(PTR_ERR(memrig_region_open("no-such-region")) == -ENOENT);
	memrig_region_put(NULL);
	memrig_region_put(ERR_PTR(-ENOMEM));
}

static void headers(u32 kind, u32 attr, u32 flags, int err)
{
	struct mrig_region *r = region(kind, attr, flags);
	struct k_heap h;
	void *mem;

	if (PTR_ERR_OR_ZERO(r) == -EOPNOTSUPP || !EXPECT(!IS_ERR(r)))
		return;
	mem = memrig_region_kaddr(r);
	if (EXPECT(!IS_ERR(mem))) {
		EXPECT(k_heap_init(&h, mem, LENGTH) == err);
		EXPECT(k_heap_init(&h, mem + LENGTH - 512, 512) == err);
		EXPECT(sys_heap_init(&h.heap, mem, PAGE_SIZE) == err);
		EXPECT(!sys_heap_alloc(&h.heap, 8) == !!err);
	}
	memrig_region_put(r);
}

/* Nobody's bytes but the kernel's, so no device's, and only where caches work. */
static void no_headers(void)
{
	headers(MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 0, -EPERM);
	headers(MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, 0, -EPERM);
	headers(MEMRIG_KIND_COHERENT, MEMRIG_ATTR_CACHED, 0, -EPERM);
	headers(MEMRIG_KIND_COHERENT, MEMRIG_ATTR_CACHED, MEMRIG_REGION_KERNEL_ONLY, -EPERM);
	headers(MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, MEMRIG_REGION_KERNEL_ONLY, -EOPNOTSUPP);
	headers(MEMRIG_KIND_PAGES, MEMRIG_ATTR_WRITE_COMBINE, MEMRIG_REGION_KERNEL_ONLY,
		-EOPNOTSUPP);
	headers(MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, MEMRIG_REGION_KERNEL_ONLY, 0);
}

static void use_kheap(struct memrig_kheap *heap, u8 *mem)
{
	struct sys_memory_stats stats;
	u8 *p, *q, *all;

	p = memrig_kheap_alloc(heap, 100, K_NO_WAIT);
	q = memrig_kheap_aligned_alloc(heap, 4096, 200, K_NO_WAIT);
	if (!EXPECT(p >= mem && p < mem + LENGTH && q && IS_ALIGNED((uintptr_t)q, 4096)))
		return;
	memset(p, 1, memrig_kheap_usable_size(heap, p));
	memset(q, 2, memrig_kheap_usable_size(heap, q));
	EXPECT(memrig_kheap_free(heap, p + 8) == -ENOENT);
	EXPECT(memrig_kheap_free(heap, mem - 8) == -ENOENT);
	EXPECT(memrig_kheap_free(heap, NULL) == 0);
	EXPECT(memrig_kheap_resize(heap, q, 400) == 0);
	EXPECT(memrig_kheap_resize(heap, q, 0) == -EINVAL);
	EXPECT(memrig_kheap_resize(heap, q, LENGTH) == -ENOMEM);
	EXPECT(memrig_kheap_resize(heap, q + 1, 8) == -ENOENT);
	EXPECT(!memrig_kheap_usable_size(heap, q + 1));
	EXPECT(!memrig_kheap_alloc(heap, 0, K_FOREVER));
	EXPECT(!memrig_kheap_alloc(heap, LENGTH + 1, K_FOREVER));
	EXPECT(!memrig_kheap_aligned_alloc(heap, 3, 8, K_FOREVER));
	EXPECT(memrig_kheap_stats_get(heap, NULL) == -EINVAL);
	EXPECT(memrig_kheap_stats_get(heap, &stats) == 0 && stats.allocated_bytes >= 500);
	EXPECT(memrig_kheap_free(heap, p) == 0);
	EXPECT(memrig_kheap_free(heap, p) == -ENOENT);
	EXPECT(memrig_kheap_free(heap, q) == 0);
	all = memrig_kheap_alloc(heap, LENGTH - 64, K_NO_WAIT);
	EXPECT(all && !memrig_kheap_alloc(heap, 4096, K_MSEC(2)));
	EXPECT(memrig_kheap_free(heap, all) == 0);
}

static void kheap_over(u32 kind, u32 attr)
{
	const struct memrig_kheap_config config = { .stats = true, .max_blocks = 64 };
	struct mrig_region *r = region(kind, attr, 0);
	struct memrig_region_info info;
	struct memrig_kheap *heap;
	dma_addr_t dma;
	u8 *mem;

	if (PTR_ERR_OR_ZERO(r) == -EOPNOTSUPP || !EXPECT(!IS_ERR(r)))
		return;
	memrig_region_info(r, &info);
	EXPECT(info.kind == kind && info.attr == attr && info.length == LENGTH);
	EXPECT(memrig_region_dma_addr(r, 0, &dma) ==
	       (kind == MEMRIG_KIND_COHERENT ? 0 : -EOPNOTSUPP));
	EXPECT(memrig_region_dma_addr(r, LENGTH, &dma) == -EINVAL);
	mem = memrig_region_kaddr(r);
	heap = memrig_kheap_create(r, &config);
	if (EXPECT(!IS_ERR(heap))) {
		EXPECT(PTR_ERR(memrig_kheap_create(r, &config)) == -EBUSY);
		/* The heap holds the region. */
		memrig_region_put(memrig_region_get(r));
		use_kheap(heap, mem);
		EXPECT(memrig_kheap_destroy(heap) == 0);
	}
	memrig_region_put(r);
}

static void kheaps(void)
{
	static const u32 attrs[] = {
		MEMRIG_ATTR_CACHED, MEMRIG_ATTR_WRITE_COMBINE, MEMRIG_ATTR_UNCACHED,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		kheap_over(MEMRIG_KIND_PAGES, attrs[i]);
		kheap_over(MEMRIG_KIND_COHERENT, attrs[i]);
	}
}

static void bad_kheaps(void)
{
	struct memrig_kheap_config config = { .offset = 8 };
	struct mrig_region *r = region(MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 0);
	struct memrig_kheap *heap;
	unsigned int n = 0;

	if (!EXPECT(!IS_ERR(r)))
		return;
	EXPECT(PTR_ERR(memrig_kheap_create(r, &config)) == -EINVAL);
	config.offset = LENGTH;
	EXPECT(PTR_ERR(memrig_kheap_create(r, &config)) == -EINVAL);
	config.offset = PAGE_SIZE;
	config.length = LENGTH;
	EXPECT(PTR_ERR(memrig_kheap_create(r, &config)) == -EINVAL);
	config.length = 0;
	config.hardening = 99;
	EXPECT(PTR_ERR(memrig_kheap_create(r, &config)) == -EINVAL);
	config.hardening = MRIG_HARDEN_FULL;
	config.max_blocks = 32;
	heap = memrig_kheap_create(r, &config);
	if (EXPECT(!IS_ERR(heap))) {
		while (n < 100 && memrig_kheap_alloc(heap, 16, K_NO_WAIT))
			n++;
		EXPECT(n >= 16 && n <= 32);
		/* Blocks that live go with it. */
		EXPECT(memrig_kheap_destroy(heap) == 0);
	}
	EXPECT(memrig_kheap_destroy(NULL) == 0);
	memrig_region_put(r);
}

static void named(void)
{
	const struct memrig_region_config config = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = LENGTH,
		.name = "consumer",
	};
	struct mrig_region *r = memrig_region_create(&config), *again;

	if (!EXPECT(!IS_ERR(r)))
		return;
	EXPECT(PTR_ERR(memrig_region_create(&config)) == -EEXIST);
	again = memrig_region_open("consumer");
	EXPECT(again == r);
	memrig_region_put(again);
	EXPECT(memrig_region_remove("consumer") == 0);
	EXPECT(memrig_region_remove("consumer") == -ENOENT);
	memrig_region_put(r);
}

/*
 * A heap with its headers in a region that user space can open, left there for it to try its worst:
 * consumer.sh tries to make a heap of its own over it.
 */
static struct mrig_region *kept;
static struct k_heap kept_heap;
static void *kept_block;

static void kernels(void)
{
	const struct memrig_region_config config = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = LENGTH,
		.flags = MEMRIG_REGION_KERNEL_ONLY, .name = "consumer-kernel",
	};
	const struct memrig_kheap_config some = { .offset = LENGTH / 2 };
	struct memrig_kheap *heap;
	void *mem;

	kept = memrig_region_create(&config);
	if (!EXPECT(!IS_ERR(kept)))
		return;
	mem = memrig_region_kaddr(kept);
	if (!EXPECT(!IS_ERR(mem)) || !EXPECT(k_heap_init(&kept_heap, mem, LENGTH / 2) == 0))
		return;
	kept_block = k_heap_alloc(&kept_heap, 100, K_NO_WAIT);
	EXPECT(kept_block);
	/* Kernel code is free to share it with itself. */
	EXPECT(memrig_region_kaddr(kept) == mem);
	heap = memrig_kheap_create(kept, &some);
	EXPECT(!IS_ERR(heap));
	if (!IS_ERR(heap))
		EXPECT(memrig_kheap_destroy(heap) == 0);
}

/**
 * region_tests_end() - the end of what was left
 */
void region_tests_end(void)
{
	if (IS_ERR_OR_NULL(kept))
		return;
	if (kept_block)
		k_heap_free(&kept_heap, kept_block);
	memrig_region_remove("consumer-kernel");
	memrig_region_put(kept);
}

const struct test region_tests[] = {
	{ "regions: bad input", bad_regions },
	{ "regions: a name", named },
	{ "regions: no headers where others can write", no_headers },
	{ "regions: a heap of the kernel's where user space can try to have one", kernels },
	{ "memrig_kheap: over every kind and attribute", kheaps },
	{ "memrig_kheap: bad input, and a bound on blocks", bad_kheaps },
	{ }
};
