// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * k_mem_slab: figures. All are read under the lock: those of one answer belong together.
 */
#include "k_mem_slab.h"
#include "mem_slab_core.h"

/* Blocks handed out: none of a slab that has not started. The lock is held. */
static uint32_t used(const struct k_mem_slab *slab)
{
	return (uint32_t)slab->core.num - slab->core.depth;
}

/**
 * k_mem_slab_num_used_get() - blocks handed out
 * @slab: slab
 *
 * Return: how many; 0 if @slab is NULL.
 */
uint32_t k_mem_slab_num_used_get(struct k_mem_slab *slab)
{
	unsigned long key;
	uint32_t n;

	if (!slab)
		return 0;
	key = mrig_lock_enter(&slab->lock.lock);
	n = used(slab);
	mrig_lock_leave(&slab->lock.lock, key);
	return n;
}

/**
 * k_mem_slab_num_free_get() - blocks that are free
 * @slab: slab
 *
 * Return: how many; 0 if @slab is NULL.
 */
uint32_t k_mem_slab_num_free_get(struct k_mem_slab *slab)
{
	unsigned long key;
	uint32_t n;

	if (!slab)
		return 0;
	key = mrig_lock_enter(&slab->lock.lock);
	n = slab->info.num_blocks - used(slab);
	mrig_lock_leave(&slab->lock.lock, key);
	return n;
}

/* The most blocks that were handed out at a time, as far as the slab tells. The lock is held. */
static uint32_t peak(const struct k_mem_slab *slab)
{
	return slab->untraced ? 0 : (uint32_t)slab->core.num - slab->core.marked;
}

/**
 * k_mem_slab_max_used_get() - the most blocks that were handed out at a time
 * @slab: slab
 *
 * Return: how many, since the start or k_mem_slab_runtime_stats_reset_max(); 0 if @slab is NULL or
 * does not tell.
 */
uint32_t k_mem_slab_max_used_get(struct k_mem_slab *slab)
{
	unsigned long key;
	uint32_t n;

	if (!slab)
		return 0;
	key = mrig_lock_enter(&slab->lock.lock);
	n = peak(slab);
	mrig_lock_leave(&slab->lock.lock, key);
	return n;
}

/**
 * k_mem_slab_runtime_stats_get() - bytes in live and in free blocks, and the peak
 * @slab: slab
 * @stats: filled in, under the lock: the figures belong together
 *
 * Return: 0, or -EINVAL if either is NULL.
 */
int k_mem_slab_runtime_stats_get(struct k_mem_slab *slab, struct sys_memory_stats *stats)
{
	const struct k_mem_slab_info *info;
	unsigned long key;

	if (!slab || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&slab->lock.lock);
	info = &slab->info;
	stats->allocated_bytes = used(slab) * info->block_size;
	stats->free_bytes = (info->num_blocks - used(slab)) * info->block_size;
	stats->max_allocated_bytes = peak(slab) * info->block_size;
	mrig_lock_leave(&slab->lock.lock, key);
	return 0;
}

/**
 * k_mem_slab_runtime_stats_reset_max() - forget the peak
 * @slab: slab
 *
 * Return: 0; -EINVAL: @slab is NULL; -EOPNOTSUPP: it does not tell its peak.
 */
int k_mem_slab_runtime_stats_reset_max(struct k_mem_slab *slab)
{
	unsigned long key;

	if (!slab)
		return -EINVAL;
	if (slab->untraced)
		return -EOPNOTSUPP;
	key = mrig_lock_enter(&slab->lock.lock);
	mrig_slab_reset_max(&slab->core);
	mrig_lock_leave(&slab->lock.lock, key);
	return 0;
}
