// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_heap: statistics, in usable bytes.
 *
 * Live and free bytes follow from counters that every heap keeps; the peak needs
 * CONFIG_SYS_HEAP_RUNTIME_STATS (struct sys_heap_opts.stats) and is 0 without.
 */
#include "heap_inband.h"

/**
 * sys_heap_runtime_stats_get() - usable bytes in live and in free blocks, and the peak
 * @heap: heap
 * @stats: filled in
 *
 * Return: 0, or -EINVAL if either is NULL.
 */
int sys_heap_runtime_stats_get(struct sys_heap *heap, struct sys_memory_stats *stats)
{
	if (!heap || !stats)
		return -EINVAL;
	stats->free_bytes = (size_t)mrig_core_free(&heap->core);
	stats->allocated_bytes = (size_t)mrig_core_allocated(&heap->core);
	stats->max_allocated_bytes = (size_t)heap->core.peak;
	return 0;
}

/**
 * sys_heap_runtime_stats_reset_max() - forget the peak
 * @heap: heap
 *
 * Return: 0, or -EINVAL if @heap is NULL.
 */
int sys_heap_runtime_stats_reset_max(struct sys_heap *heap)
{
	if (!heap)
		return -EINVAL;
	heap->core.peak = 0;
	mrig_core_peak(&heap->core);
	return 0;
}
