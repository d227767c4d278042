// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Groups of block allocators: two tables of their members, as they came and by address.
 *
 * Tables that have become too small are kept until the group ends: a choice function may be looking
 * at one.
 */
#include "sys_multi_mem_blocks.h"
#include "mem_blocks_part.h"
#include "mrig_side.h"

static uintptr_t start_of(const sys_mem_blocks_t *mb)
{
	return (uintptr_t)mb->buffer;
}

/* Last byte of an allocator. */
static uintptr_t end_of(const sys_mem_blocks_t *mb)
{
	return start_of(mb) + ((uintptr_t)mb->info.num_blocks << mb->info.blk_sz_shift) - 1;
}

/* How many members start at or below an address. The lock is held, as below. */
static uint32_t rank_of(const sys_multi_mem_blocks_t *g, uintptr_t at)
{
	uint32_t low = 0, high = g->num_allocators, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (start_of(g->sorted[mid]) <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The member an address belongs to, or NULL. */
static sys_mem_blocks_t *home_of(const sys_multi_mem_blocks_t *g, const void *block)
{
	uint32_t rank = rank_of(g, (uintptr_t)block);

	if (!rank || end_of(g->sorted[rank - 1]) < (uintptr_t)block)
		return NULL;
	return g->sorted[rank - 1];
}

/**
 * sys_multi_mem_blocks_init() - make an empty group
 * @group: group that nobody uses
 * @choice_fn: names the member to serve a request
 *
 * Context: any.
 * Return: 0; -EINVAL: no @group or no function: every call on it then fails. Zephyr's returns
 * nothing.
 */
int sys_multi_mem_blocks_init(sys_multi_mem_blocks_t *group,
			      sys_multi_mem_blocks_choice_fn_t choice_fn)
{
	if (!group)
		return -EINVAL;
	mrig_side_drop(group);
	memset(group, 0, sizeof(*group));
	mrig_lock_init(&group->lock.lock);
	group->choice_fn = choice_fn;
	return choice_fn ? 0 : -EINVAL;
}

/* Without asking for memory, as a zeroed group is. */
static void furnish(sys_multi_mem_blocks_t *g)
{
	if (g->room)
		return;
	g->room = MAX_MULTI_ALLOCATORS;
	g->allocators = g->own;
	g->sorted = g->own + MAX_MULTI_ALLOCATORS;
}

/* Put a member in, if that needs no larger tables: else -ENOSPC. */
static int insert(sys_multi_mem_blocks_t *g, sys_mem_blocks_t *mb)
{
	uint32_t rank = rank_of(g, end_of(mb)), n = g->num_allocators, i;

	if (rank && end_of(g->sorted[rank - 1]) >= start_of(mb))
		return -EEXIST;
	furnish(g);
	if (n == g->room)
		return -ENOSPC;
	for (i = n; i > rank; i--)
		g->sorted[i] = g->sorted[i - 1];
	g->sorted[rank] = mb;
	g->allocators[n] = mb;
	g->num_allocators = n + 1;
	return 0;
}

/* Go over to larger tables, if nobody else has done so meanwhile. */
static int grow(sys_multi_mem_blocks_t *g, uint32_t room)
{
	sys_mem_blocks_t **table;
	unsigned long key;

	if (room > ~0U / 2)
		return -ENOMEM;
	table = mrig_side_add(g, (size_t)room * 4 * sizeof(*table));
	if (!table)
		return -ENOMEM;
	key = mrig_lock_enter(&g->lock.lock);
	if (g->room == room) {
		memcpy(table, g->allocators, room * sizeof(*table));
		memcpy(table + (size_t)room * 2, g->sorted, room * sizeof(*table));
		g->allocators = table;
		g->sorted = table + (size_t)room * 2;
		g->room = room * 2;
	}
	mrig_lock_leave(&g->lock.lock, key);
	return 0;
}

/**
 * sys_multi_mem_blocks_add_allocator() - put an allocator into a group
 * @group: group
 * @alloc: allocator; may be in use, and in other groups; stays until it is removed
 *
 * Context: any; where the caller cannot sleep there may be no memory for more than 8.
 * Return: 0; -EINVAL: no @group, no @alloc, or one without blocks; -EEXIST: it is a member already,
 * or overlaps one; -ENOMEM: no memory. Zephyr's returns nothing.
 */
int sys_multi_mem_blocks_add_allocator(sys_multi_mem_blocks_t *group, sys_mem_blocks_t *alloc)
{
	unsigned long key;
	uint32_t room;
	int err;

	if (!group || !alloc || !alloc->info.num_blocks)
		return -EINVAL;
	for (;;) {
		key = mrig_lock_enter(&group->lock.lock);
		err = insert(group, alloc);
		room = group->room;
		mrig_lock_leave(&group->lock.lock, key);
		if (err != -ENOSPC)
			return err;
		err = grow(group, room);
		if (err)
			return err;
	}
}

static void cut(sys_mem_blocks_t **table, uint32_t num, const sys_mem_blocks_t *mb)
{
	uint32_t i = 0;

	while (i < num && table[i] != mb)
		i++;
	for (; i + 1 < num; i++)
		table[i] = table[i + 1];
}

/**
 * sys_multi_mem_blocks_remove_allocator() - take an allocator out of a group
 * @group: group
 * @alloc: allocator
 *
 * Context: any.
 * Return: 0; -EINVAL: no @group or no @alloc; -ENOENT: it is no member; -EBUSY: some of its blocks
 * are handed out.
 */
int sys_multi_mem_blocks_remove_allocator(sys_multi_mem_blocks_t *group, sys_mem_blocks_t *alloc)
{
	struct sys_memory_stats stats;
	unsigned long key;
	int err = 0;

	if (!group || !alloc)
		return -EINVAL;
	key = mrig_lock_enter(&group->lock.lock);
	sys_mem_blocks_runtime_stats_get(alloc, &stats);
	if (home_of(group, alloc->buffer) != alloc) {
		err = -ENOENT;
	} else if (stats.allocated_bytes) {
		err = -EBUSY;
	} else {
		cut(group->allocators, group->num_allocators, alloc);
		cut(group->sorted, group->num_allocators, alloc);
		group->num_allocators--;
	}
	mrig_lock_leave(&group->lock.lock, key);
	return err;
}

/**
 * mrig_multi_mem_blocks_fini() - end a group
 * @group: group that nobody uses
 *
 * Its members live on. To call it, or to init the group again, is necessary only if there were more
 * than 8.
 *
 * Context: any.
 * Return: 0, or -EINVAL if @group is NULL.
 */
int mrig_multi_mem_blocks_fini(sys_multi_mem_blocks_t *group)
{
	if (!group)
		return -EINVAL;
	mrig_side_drop(group);
	memset(group, 0, sizeof(*group));
	return 0;
}

/**
 * sys_multi_mem_blocks_alloc() - hand out single blocks of the member that is chosen
 * @group: group
 * @cfg: for the function that chooses
 * @count: how many; 0 does nothing
 * @out_blocks: their addresses; untouched after a failure
 * @blk_size: size of each, 0 if @count is; untouched after a failure. May be NULL.
 *
 * There is no second choice.
 *
 * Context: any.
 * Return: 0; -EINVAL: no @group, no @out_blocks, no function, it chose none, or what is no member;
 * -ENOMEM: the member has fewer free blocks.
 */
int sys_multi_mem_blocks_alloc(sys_multi_mem_blocks_t *group, void *cfg, size_t count,
			       void **out_blocks, size_t *blk_size)
{
	struct mrig_blocks_news news;
	sys_mem_blocks_t *mb;
	unsigned long key;
	int err = -EINVAL;
	size_t size = 0;

	if (!group)
		return -EINVAL;
	if (!count) {
		if (blk_size)
			*blk_size = 0;
		return 0;
	}
	if (!out_blocks || !group->choice_fn)
		return -EINVAL;
	mb = group->choice_fn(group, cfg);
	if (!mb)
		return -EINVAL;
	key = mrig_lock_enter(&group->lock.lock);
	news = mrig_mem_blocks_news(mb);
	if (home_of(group, mb->buffer) == mb) {
		size = (size_t)1 << mb->info.blk_sz_shift;
		err = mrig_mem_blocks_take(mb, count, out_blocks);
	}
	mrig_lock_leave(&group->lock.lock, key);
	if (err)
		return err;
	if (blk_size)
		*blk_size = size;
	mrig_mem_blocks_tell_alloc(news, count, out_blocks);
	return 0;
}

/**
 * sys_multi_mem_blocks_free() - give single blocks back to the member they are of
 * @group: group
 * @count: how many; 0 does nothing
 * @in_blocks: their addresses, all of one member
 *
 * Context: any.
 * Return: 0; -EINVAL: no @group, no @in_blocks, or the first is of no member; else as
 * sys_mem_blocks_free(): -EFAULT also for a block of another member. After an error all are as they
 * were.
 */
int sys_multi_mem_blocks_free(sys_multi_mem_blocks_t *group, size_t count, void **in_blocks)
{
	struct mrig_blocks_news news = { 0 };
	sys_mem_blocks_t *mb;
	unsigned long key;
	int err = -EINVAL;

	if (!group)
		return -EINVAL;
	if (!count)
		return 0;
	if (!in_blocks)
		return -EINVAL;
	key = mrig_lock_enter(&group->lock.lock);
	mb = home_of(group, in_blocks[0]);
	if (mb) {
		news = mrig_mem_blocks_news(mb);
		err = mrig_mem_blocks_give(mb, count, in_blocks);
	}
	mrig_lock_leave(&group->lock.lock, key);
	if (!err)
		mrig_mem_blocks_tell_free(news, count, in_blocks);
	return err;
}
