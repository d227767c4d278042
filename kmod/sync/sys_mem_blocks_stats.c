// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_mem_blocks: figures. All are read under the lock: those of one answer belong together.
 */
#include "sys_mem_blocks.h"
#include "mem_blocks_core.h"

/**
 * sys_mem_blocks_runtime_stats_get() - bytes in live and in free blocks, and the peak
 * @mb: allocator
 * @stats: filled in
 *
 * Context: any.
 * Return: 0, or -EINVAL if either is NULL.
 */
int sys_mem_blocks_runtime_stats_get(sys_mem_blocks_t *mb, struct sys_memory_stats *stats)
{
	uint32_t used = 0, most = 0;
	unsigned long key;
	size_t shift;

	if (!mb || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&mb->lock.lock);
	if (mb->core) {
		used = mb->core->used;
		most = mb->core->max_used;
	}
	shift = mb->info.blk_sz_shift;
	stats->allocated_bytes = (size_t)used << shift;
	stats->free_bytes = (size_t)(mb->info.num_blocks - used) << shift;
	stats->max_allocated_bytes = (size_t)most << shift;
	mrig_lock_leave(&mb->lock.lock, key);
	return 0;
}

/**
 * sys_mem_blocks_runtime_stats_reset_max() - forget the peak
 * @mb: allocator
 *
 * Context: any.
 * Return: 0, or -EINVAL if @mb is NULL.
 */
int sys_mem_blocks_runtime_stats_reset_max(sys_mem_blocks_t *mb)
{
	unsigned long key;

	if (!mb)
		return -EINVAL;
	key = mrig_lock_enter(&mb->lock.lock);
	if (mb->core)
		mrig_blocks_reset_max(mb->core);
	mrig_lock_leave(&mb->lock.lock, key);
	return 0;
}

/**
 * mrig_mem_blocks_largest() - the longest run that can be had at this moment
 * @mb: allocator
 *
 * Context: any.
 * Return: the largest count that sys_mem_blocks_alloc_contiguous() would grant; 0 if @mb is NULL.
 */
uint32_t mrig_mem_blocks_largest(sys_mem_blocks_t *mb)
{
	unsigned long key;
	uint32_t n;

	if (!mb)
		return 0;
	key = mrig_lock_enter(&mb->lock.lock);
	/* One that has not started has all its blocks. */
	if (mb->core && mb->core->num)
		n = mrig_blocks_largest(mb->core);
	else
		n = mb->info.num_blocks;
	mrig_lock_leave(&mb->lock.lock, key);
	return n;
}
