// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The calls of heaps, slabs and blocks that look at them or have settings: peaks, descriptions, the
 * array of heaps, the load; and what moves in heaps that are chosen or shared.
 */
#include <linux/slab.h>

#include "consumer.h"

#define BYTES	4096
#define STEPS	2000
#define HEAPS	10

static const struct sys_heap_opts with_peak = { .hardening = 1, .stats = true };

static void *stress_alloc(void *arg, size_t bytes)
{
	return sys_heap_alloc(arg, bytes);
}

static void stress_free(void *arg, void *p)
{
	sys_heap_free(arg, p);
}

static void plain_heap(void)
{
	const struct sys_heap_opts bad = { .hardening = 99 };
	void *mem = kmalloc(BYTES, GFP_KERNEL), *scratch = kmalloc(BYTES, GFP_KERNEL), *p;
	struct z_heap_stress_result result;
	struct sys_memory_stats stats;
	struct sys_heap h;

	if (!EXPECT(mem && scratch))
		goto out;
	EXPECT(sys_heap_init_opts(&h, mem, BYTES, &bad) == -EINVAL);
	EXPECT(sys_heap_init_opts(&h, mem, BYTES, &with_peak) == 0);
	p = sys_heap_noalign_alloc(&h, 64, 100);
	EXPECT(p && sys_heap_usable_size(&h, p) >= 100);
	memset(p, 'x', 100);
	p = sys_heap_aligned_realloc(&h, p, 256, 1000);
	EXPECT(p && IS_ALIGNED((uintptr_t)p, 256) && ((u8 *)p)[99] == 'x');
	EXPECT(!sys_heap_aligned_realloc(&h, p, 256, BYTES));
	EXPECT(sys_heap_runtime_stats_get(&h, NULL) == -EINVAL);
	EXPECT(sys_heap_runtime_stats_get(NULL, &stats) == -EINVAL);
	EXPECT(sys_heap_runtime_stats_reset_max(NULL) == -EINVAL);
	EXPECT(!sys_heap_aligned_realloc(&h, p, 256, 0));
	EXPECT(sys_heap_runtime_stats_get(&h, &stats) == 0);
	EXPECT(!stats.allocated_bytes && stats.max_allocated_bytes >= 1000);
	EXPECT(sys_heap_runtime_stats_reset_max(&h) == 0);
	EXPECT(sys_heap_runtime_stats_get(&h, &stats) == 0 && !stats.max_allocated_bytes);
	sys_heap_print_info(&h, true);

	sys_heap_stress(stress_alloc, stress_free, &h, BYTES, STEPS, scratch, BYTES, 101, &result);
	EXPECT(!result.total_allocs && !result.total_frees);
	sys_heap_stress(stress_alloc, stress_free, &h, BYTES, STEPS, scratch, BYTES, 50, &result);
	EXPECT(result.total_allocs + result.total_frees == STEPS && result.successful_allocs);
	EXPECT(sys_heap_validate(&h));
	EXPECT(sys_heap_runtime_stats_get(&h, &stats) == 0 && !stats.allocated_bytes);
out:
	kfree(scratch);
	kfree(mem);
}

static void array(void)
{
	struct sys_heap **heaps = NULL;
	int i, n, seen = 0;

	EXPECT(sys_heap_array_save(NULL) == -EINVAL);
	EXPECT(sys_heap_array_get(NULL) == -EINVAL);
	EXPECT(sys_heap_array_save(&_system_heap.heap) == 0);
	EXPECT(sys_heap_array_save(&_system_heap.heap) == 0);
	n = sys_heap_array_get(&heaps);
	for (i = 0; i < n; i++)
		seen += heaps[i] == &_system_heap.heap;
	EXPECT(n > 0 && seen == 1);
	EXPECT(sys_heap_array_remove(NULL) == -EINVAL);
	EXPECT(sys_heap_array_remove(&_system_heap.heap) == 0);
	EXPECT(sys_heap_array_remove(&_system_heap.heap) == -ENOENT);
	EXPECT(sys_heap_array_get(&heaps) == n - 1);
}

static void peaks(void)
{
	const struct k_mem_slab_opts untraced = { .untraced = true };
	void *mem = kmalloc(BYTES, GFP_KERNEL), *p = NULL;
	const struct k_mem_slab_opts bad = { .side = mem, .side_bytes = 8 };
	struct sys_memory_stats stats;
	struct k_mem_slab slab;
	sys_mem_blocks_t mb;
	struct k_heap h;

	if (!EXPECT(mem))
		return;
	EXPECT(k_heap_init_opts(&h, mem, BYTES, &with_peak) == 0);
	k_heap_free(&h, k_heap_alloc(&h, 500, K_NO_WAIT));
	EXPECT(k_heap_runtime_stats_get(&h, &stats) == 0 && stats.max_allocated_bytes >= 500);
	EXPECT(k_heap_runtime_stats_reset_max(NULL) == -EINVAL);
	EXPECT(k_heap_runtime_stats_reset_max(&h) == 0);
	EXPECT(k_heap_runtime_stats_get(&h, &stats) == 0 && !stats.max_allocated_bytes);

	EXPECT(k_mem_slab_init_opts(&slab, mem, 64, 4, &bad) == -EINVAL);
	EXPECT(k_mem_slab_init_opts(&slab, mem, 64, 4, &untraced) == 0);
	EXPECT(k_mem_slab_alloc(&slab, &p, K_NO_WAIT) == 0);
	EXPECT(k_mem_slab_max_used_get(&slab) == 0);
	k_mem_slab_free(&slab, p);
	EXPECT(k_mem_slab_init(&slab, mem, 64, 4) == 0);
	EXPECT(k_mem_slab_alloc(&slab, &p, K_NO_WAIT) == 0);
	k_mem_slab_free(&slab, p);
	EXPECT(k_mem_slab_max_used_get(&slab) == 1);
	EXPECT(k_mem_slab_runtime_stats_reset_max(NULL) == -EINVAL);
	EXPECT(k_mem_slab_runtime_stats_reset_max(&slab) == 0);
	EXPECT(k_mem_slab_max_used_get(&slab) == 0);
	EXPECT(mrig_mem_slab_fini(&slab) == 0);

	EXPECT(mrig_mem_blocks_init(&mb, mem, 64, 4) == 0);
	EXPECT(sys_mem_blocks_alloc(&mb, 1, &p) == 0 && sys_mem_blocks_free(&mb, 1, &p) == 0);
	EXPECT(sys_mem_blocks_runtime_stats_get(&mb, &stats) == 0);
	EXPECT(stats.max_allocated_bytes == 64);
	EXPECT(sys_mem_blocks_runtime_stats_reset_max(NULL) == -EINVAL);
	EXPECT(sys_mem_blocks_runtime_stats_reset_max(&mb) == 0);
	EXPECT(sys_mem_blocks_runtime_stats_get(&mb, &stats) == 0 && !stats.max_allocated_bytes);
	EXPECT(mrig_mem_blocks_fini(&mb) == 0);
	kfree(mem);
}

static void sync_heap(void)
{
	void *mem = kmalloc(BYTES, GFP_KERNEL), *p, *q;
	struct sys_memory_stats stats;
	struct sys_sync_heap h;

	if (!EXPECT(mem))
		return;
	EXPECT(sys_sync_heap_init(&h, mem, 8) == -EINVAL && !sys_sync_heap_alloc(&h, 1));
	EXPECT(sys_sync_heap_init(&h, mem, BYTES) == 0);
	p = sys_sync_heap_alloc(&h, 100);
	q = sys_sync_heap_noalign_alloc(&h, 64, 100);
	EXPECT(p && q && !sys_sync_heap_alloc(&h, 0) && !sys_sync_heap_alloc(&h, BYTES));
	p = sys_sync_heap_aligned_realloc(&h, p, 512, 600);
	EXPECT(p && IS_ALIGNED((uintptr_t)p, 512));
	EXPECT(sys_sync_heap_runtime_stats_get(&h, NULL) == -EINVAL);
	EXPECT(sys_sync_heap_runtime_stats_get(&h, &stats) == 0 && stats.allocated_bytes >= 700);
	EXPECT(sys_sync_heap_runtime_stats_reset_max(NULL) == -EINVAL);
	EXPECT(sys_sync_heap_runtime_stats_reset_max(&h) == 0);
	sys_sync_heap_free(&h, q);
	EXPECT(!sys_sync_heap_aligned_realloc(&h, p, 8, 0));
	EXPECT(sys_sync_heap_runtime_stats_get(&h, &stats) == 0 && !stats.allocated_bytes);
	kfree(mem);
}

static void *choose(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	return sys_heap_aligned_alloc(mheap->heaps[(uintptr_t)cfg].heap, align, size);
}

/* More heaps than Zephyr has room for, and blocks that move between them. */
static void multi_heap(void)
{
	struct sys_multi_heap_rec *recs = kcalloc(HEAPS, sizeof(*recs), GFP_KERNEL);
	struct sys_heap *heap = kcalloc(HEAPS, sizeof(*heap), GFP_KERNEL);
	u8 *mem = kmalloc(HEAPS * BYTES, GFP_KERNEL), *p, *q;
	struct sys_multi_heap mheap;
	unsigned int i;

	if (!EXPECT(recs && heap && mem))
		goto out;
	sys_multi_heap_init(&mheap, choose);
	EXPECT(sys_multi_heap_set_room(NULL, recs, HEAPS) == -EINVAL);
	EXPECT(sys_multi_heap_set_room(&mheap, recs, HEAPS) == 0);
	for (i = 0; i < HEAPS; i++) {
		EXPECT(sys_heap_init(&heap[i], mem + i * BYTES, BYTES) == 0);
		EXPECT(sys_multi_heap_add_heap(&mheap, &heap[i], NULL) == 0);
	}
	EXPECT(sys_multi_heap_set_room(&mheap, recs, HEAPS - 1) == -EINVAL);
	EXPECT(sys_multi_heap_set_room(&mheap, NULL, 0) == -EINVAL);
	EXPECT(sys_multi_heap_add_heap(&mheap, &heap[0], NULL) == -EEXIST);
	p = sys_multi_heap_realloc(&mheap, (void *)1, NULL, 1000);
	q = sys_multi_heap_alloc(&mheap, (void *)1, 2000);
	if (!EXPECT(p && q))
		goto out;
	memset(p, 'x', 1000);
	p = sys_multi_heap_aligned_realloc(&mheap, (void *)(HEAPS - 1UL), p, 512, 2000);
	EXPECT(p >= mem + (HEAPS - 1) * BYTES && IS_ALIGNED((uintptr_t)p, 512) && p[999] == 'x');
	EXPECT(!sys_multi_heap_realloc(&mheap, (void *)1, mem - 8, 10));
	EXPECT(sys_multi_heap_remove_heap(&mheap, &heap[HEAPS - 1]) == -EBUSY);
	EXPECT(!sys_multi_heap_realloc(&mheap, (void *)1, p, 0));
	sys_multi_heap_free(&mheap, q);
	for (i = 0; i < HEAPS; i++)
		EXPECT(sys_multi_heap_remove_heap(&mheap, &heap[i]) == 0);
	EXPECT(sys_multi_heap_remove_heap(&mheap, &heap[0]) == -ENOENT);
out:
	kfree(mem);
	kfree(heap);
	kfree(recs);
}

const struct test sys_tests[] = {
	{ "sys_heap: settings, description, peak, load", plain_heap },
	{ "sys_heap: the array of heaps", array },
	{ "peaks of heaps, slabs and blocks begin anew", peaks },
	{ "sys_sync_heap: what it has besides", sync_heap },
	{ "sys_multi_heap: ten heaps, and blocks that move", multi_heap },
	{ }
};
