// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Under test: what programs call in front of an engine, each by its own calls, uncontended, with
 * room for every request in one piece. One program per adapter: the linker makes one of those below
 * bench_adapter.
 *
 * Nothing is taken down again: a program is one run.
 */
#include <stdlib.h>

#include "adapter.h"
#include "k_malloc.h"
#include "mem_attr_pool.h"
#include "memrig_msgpool.h"
#include "memrig_prio.h"
#include "memrig_ring.h"
#include "memrig_smart.h"
#include "smh_pool.h"
#include "sys_multi_heap.h"
#include "sys_sync_heap.h"

#define BLOCK 64

static const struct sys_heap_opts basic = { .hardening = MRIG_HARDEN_BASIC };

/* sys_sync_heap */

static void *sync_init(void *mem, size_t size, const struct bench_level *level)
{
	static struct sys_sync_heap heap;

	return sys_sync_heap_init(&heap, mem, size) ? NULL : &heap;
}

static intptr_t sync_alloc(void *heap, size_t bytes)
{
	return (intptr_t)sys_sync_heap_alloc(heap, bytes);
}

static intptr_t sync_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)sys_sync_heap_aligned_alloc(heap, align, bytes);
}

static void sync_free(void *heap, intptr_t handle, size_t bytes)
{
	sys_sync_heap_free(heap, (void *)handle);
}

const struct bench_adapter adapter_sync_heap = {
	.name = "sync_heap",
	.flags = BENCH_NOREALLOC,
	.min_align = sizeof(void *),
	.init = sync_init,
	.alloc = sync_alloc,
	.aligned = sync_aligned,
	.free = sync_free,
};

/* k_malloc() */

static void *malloc_init(void *mem, size_t size, const struct bench_level *level)
{
	void *old;

	return mrig_system_heap_give(mem, size, &basic, &old) ? NULL : mem;
}

static intptr_t malloc_alloc(void *heap, size_t bytes)
{
	return (intptr_t)k_malloc(bytes);
}

static intptr_t malloc_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)k_aligned_alloc(align, bytes);
}

static void malloc_free(void *heap, intptr_t handle, size_t bytes)
{
	k_free((void *)handle);
}

const struct bench_adapter adapter_k_malloc = {
	.name = "k_malloc",
	.flags = BENCH_NOREALLOC,
	.min_align = sizeof(void *),
	.init = malloc_init,
	.alloc = malloc_alloc,
	.aligned = malloc_aligned,
	.free = malloc_free,
};

/* sys_multi_heap: the second of two heaps is the one chosen */

static void *second(struct sys_multi_heap *multi, void *cfg, size_t align, size_t bytes)
{
	return sys_heap_aligned_alloc(multi->heaps[1].heap, align, bytes);
}

static void *multi_init(void *mem, size_t size, const struct bench_level *level)
{
	static char other[BLOCK * 16];
	static struct sys_multi_heap multi;
	static struct sys_heap heap[2];

	sys_multi_heap_init(&multi, second);
	if (sys_heap_init_opts(&heap[0], other, sizeof(other), &basic) ||
	    sys_heap_init_opts(&heap[1], mem, size, &basic) ||
	    sys_multi_heap_add_heap(&multi, &heap[0], NULL) ||
	    sys_multi_heap_add_heap(&multi, &heap[1], NULL))
		return NULL;
	return &multi;
}

static intptr_t multi_alloc(void *heap, size_t bytes)
{
	return (intptr_t)sys_multi_heap_alloc(heap, NULL, bytes);
}

static intptr_t multi_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)sys_multi_heap_aligned_alloc(heap, NULL, align, bytes);
}

static void multi_free(void *heap, intptr_t handle, size_t bytes)
{
	sys_multi_heap_free(heap, (void *)handle);
}

const struct bench_adapter adapter_multi_heap = {
	.name = "multi_heap",
	.flags = BENCH_NOREALLOC,
	.min_align = sizeof(void *),
	.init = multi_init,
	.alloc = multi_alloc,
	.aligned = multi_aligned,
	.free = multi_free,
};

/* shared_multi_heap */

static void *shared_init(void *mem, size_t size, const struct bench_level *level)
{
	struct shared_multi_heap_region region = {
		.attr = SMH_REG_ATTR_CACHEABLE,
		.addr = (uintptr_t)mem,
		.size = size,
	};

	if (shared_multi_heap_pool_init() || shared_multi_heap_add(&region, NULL))
		return NULL;
	return mem;
}

static intptr_t shared_alloc(void *heap, size_t bytes)
{
	return (intptr_t)shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, bytes);
}

static intptr_t shared_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)shared_multi_heap_aligned_alloc(SMH_REG_ATTR_CACHEABLE, align, bytes);
}

static void shared_free(void *heap, intptr_t handle, size_t bytes)
{
	shared_multi_heap_free((void *)handle);
}

const struct bench_adapter adapter_shared_heap = {
	.name = "shared_heap",
	.flags = BENCH_NOREALLOC,
	.min_align = sizeof(void *),
	.init = shared_init,
	.alloc = shared_alloc,
	.aligned = shared_aligned,
	.free = shared_free,
};

/* mem_attr_heap */

static void *attr_init(void *mem, size_t size, const struct bench_level *level)
{
	static struct mem_attr_region_t region = { .dt_name = "bench" };

	region.dt_addr = (uintptr_t)mem;
	region.dt_size = size;
	region.dt_attr = DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE;
	if (memrig_mem_attr_register(&region, 1) || mem_attr_heap_pool_init())
		return NULL;
	return &region;
}

static intptr_t attr_alloc(void *heap, size_t bytes)
{
	return (intptr_t)mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, bytes);
}

static intptr_t attr_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)mem_attr_heap_aligned_alloc(DT_MEM_SW_ALLOC_CACHE, align, bytes);
}

static void attr_free(void *heap, intptr_t handle, size_t bytes)
{
	mem_attr_heap_free((void *)handle);
}

const struct bench_adapter adapter_attr_heap = {
	.name = "attr_heap",
	.flags = BENCH_NOREALLOC,
	.min_align = sizeof(void *),
	.init = attr_init,
	.alloc = attr_alloc,
	.aligned = attr_aligned,
	.free = attr_free,
};

/* The buffer manager: a tier that is never used up for the smallest requests, then a heap */

static void *smart_init(void *mem, size_t size, const struct bench_level *level)
{
	struct memrig_smart *smart;
	char *tier = malloc(size);

	if (!tier || memrig_smart_create(&smart, 0) ||
	    memrig_smart_add_tier(smart, tier, BLOCK, (uint32_t)(size / BLOCK)) ||
	    memrig_smart_add_heap(smart, mem, size, NULL))
		return NULL;
	return smart;
}

static intptr_t smart_alloc(void *heap, size_t bytes)
{
	return (intptr_t)memrig_smart_alloc(heap, bytes);
}

static intptr_t smart_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)memrig_smart_aligned_alloc(heap, align, bytes);
}

static void smart_free(void *heap, intptr_t handle, size_t bytes)
{
	memrig_smart_free(heap, (void *)handle);
}

const struct bench_adapter adapter_smart = {
	.name = "smart",
	.flags = BENCH_NOREALLOC | BENCH_EXTERNAL,
	.min_align = sizeof(void *),
	.init = smart_init,
	.alloc = smart_alloc,
	.aligned = smart_aligned,
	.free = smart_free,
};

/* The heap by priority: requests of the highest, which has room */

static void *prio_init(void *mem, size_t size, const struct bench_level *level)
{
	static char low[BLOCK * 16];
	struct memrig_prio *prio;

	if (memrig_prio_create(&prio) ||
	    memrig_prio_add(prio, MEMRIG_PRIO_LOW, low, sizeof(low), NULL) ||
	    memrig_prio_add(prio, MEMRIG_PRIO_HIGH, mem, size, NULL))
		return NULL;
	return prio;
}

static intptr_t prio_alloc(void *heap, size_t bytes)
{
	return (intptr_t)memrig_prio_alloc(heap, MEMRIG_PRIO_HIGH, bytes);
}

static intptr_t prio_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)memrig_prio_aligned_alloc(heap, MEMRIG_PRIO_HIGH, align, bytes);
}

static void prio_free(void *heap, intptr_t handle, size_t bytes)
{
	memrig_prio_free(heap, (void *)handle);
}

const struct bench_adapter adapter_prio = {
	.name = "prio",
	.flags = BENCH_NOREALLOC,
	.min_align = sizeof(void *),
	.init = prio_init,
	.alloc = prio_alloc,
	.aligned = prio_aligned,
	.free = prio_free,
};

/* The ring, as a producer uses it that takes its own blocks back */

static void *ring_init(void *mem, size_t size, const struct bench_level *level)
{
	struct memrig_ring *ring;

	return memrig_ring_create(&ring, mem, size, 16, (uint32_t)(size / BLOCK)) ? NULL : ring;
}

static intptr_t ring_alloc(void *heap, size_t bytes)
{
	return (intptr_t)memrig_ring_alloc(heap, bytes, K_NO_WAIT);
}

static void ring_free(void *heap, intptr_t handle, size_t bytes)
{
	memrig_ring_free(heap, (void *)handle);
}

const struct bench_adapter adapter_ring = {
	.name = "ring",
	.flags = BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH,
	.min_align = 16,
	.init = ring_init,
	.alloc = ring_alloc,
	.free = ring_free,
};

/* Messages of one size */

static void *message_init(void *mem, size_t size, const struct bench_level *level)
{
	struct memrig_msgpool *pool;

	return memrig_msgpool_create(&pool, NULL, mem, BLOCK, (uint32_t)(size / BLOCK)) ? NULL
											: pool;
}

static intptr_t message_alloc(void *heap, size_t bytes)
{
	return (intptr_t)memrig_msgpool_alloc(heap, K_NO_WAIT);
}

static void message_free(void *heap, intptr_t handle, size_t bytes)
{
	memrig_msgpool_free(heap, (void *)handle);
}

const struct bench_adapter adapter_msgpool = {
	.name = "msgpool",
	.flags = BENCH_FIXED | BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH,
	.min_align = 16,
	.init = message_init,
	.alloc = message_alloc,
	.free = message_free,
};
