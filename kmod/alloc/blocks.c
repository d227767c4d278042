// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heaps of equal blocks: taking blocks by number, and giving back any part of what one has.
 *
 * What is given back may be parts of many allocations, and it is all or none. So they are first
 * marked busy one by one, in batches; from then on nobody else can touch them, the lock may be
 * dropped, and giving them back cannot fail.
 */
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "alloc/heap_private.h"
#include "core/trace.h"

#define HOLD_BATCH	64

/* From offsets of the region to [first, end) of the span. */
static int range_locked(struct mrig_heap_obj *heap, u64 offset, u64 count, u64 *first, u64 *end)
{
	u64 size = heap->spec.block_size, all = heap->spec.num_blocks * size, bytes, last;

	lockdep_assert_held(&heap->lock);
	if (heap->spec.engine != MEMRIG_ENGINE_BLOCKS)
		return -EOPNOTSUPP;
	if (heap->fenced)
		return -EIO;
	if (!count)
		return -EINVAL;
	if (check_mul_overflow(count, size, &bytes) || check_add_overflow(offset, bytes, &last))
		return -EOVERFLOW;
	if (offset < heap->spec.offset)
		return -EINVAL;
	*first = offset - heap->spec.offset;
	*end = *first + bytes;
	if (*first & (size - 1) || *end > all)
		return -EINVAL;
	*first = array_index_nospec(*first, all);
	return 0;
}

static int get_locked(struct mrig_client *client, u64 first, u64 count, struct mrig_grant *grant)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err;

	lockdep_assert_held(&heap->lock);
	err = heap->live_blocks < heap->spec.max_blocks ?
	      mrig_heap_blocks_get(&heap->engine, first, count) : -ENOSPC;
	if (!err)
		err = mrig_block_enter_locked(heap, first, client->id | MRIG_TAG_BUSY,
					      count * heap->spec.block_size, &held);
	if (!err)
		grant->usable = held.usable;
	return err ? mrig_grant_refuse_locked(heap, err, count * heap->spec.block_size, grant) : 0;
}

/**
 * mrig_blocks_get_begin() - get given blocks, as one allocation that is busy until
 * mrig_block_commit()
 * @client: their owner
 * @offset: of the first, from the start of the region
 * @count: how many
 * @reason: out: enum memrig_reason
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP: not a heap of blocks; -EINVAL, -EOVERFLOW: there are no such blocks;
 * -ENOMEM: they are not all free; -EIO.
 */
int mrig_blocks_get_begin(struct mrig_client *client, u64 offset, u64 count, u32 *reason)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_grant grant = { };
	u64 first, end;
	int err;

	mutex_lock(&heap->lock);
	err = range_locked(heap, offset, count, &first, &end);
	if (!err)
		err = get_locked(client, first, count, &grant);
	if (err == -ENOMEM)
		heap->counts.failures++;
	mrig_heap_unlock(heap);
	*reason = grant.reason;
	trace_memrig_alloc(heap->id, client->id, count * heap->spec.block_size,
			   heap->spec.block_size, offset, grant.usable, err, grant.reason);
	return err;
}

/**
 * mrig_blocks_are_free() - look at given blocks
 * @client: who asks
 * @offset: of the first, from the start of the region
 * @count: how many
 * @free: out: whether all of them are free
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP, -EINVAL, -EOVERFLOW, -EIO as mrig_blocks_get_begin().
 */
int mrig_blocks_are_free(struct mrig_client *client, u64 offset, u64 count, u32 *free)
{
	struct mrig_heap_obj *heap = client->heap;
	u64 first, end;
	int err;

	mutex_lock(&heap->lock);
	err = range_locked(heap, offset, count, &first, &end);
	if (!err)
		*free = mrig_heap_blocks_is_free(&heap->engine, first, count) > 0;
	mutex_unlock(&heap->lock);
	return err;
}

/* Let others at the allocations from @at to @end again; busy ones all. */
static void let_go_locked(struct mrig_heap_obj *heap, u64 at, u64 end)
{
	struct mrig_held held;
	u32 n = 0;

	lockdep_assert_held(&heap->lock);
	for (; at < end && !mrig_block_look_locked(heap, at, &held); at += held.usable) {
		mrig_block_unhold_locked(heap, &held);
		if (++n % HOLD_BATCH == 0) {
			mrig_heap_unlock(heap);
			cond_resched();
			mutex_lock(&heap->lock);
		}
	}
}

/* Mark all allocations busy that [first, end) has a part of, or none. -EINTR: killed meanwhile. */
static int hold_all_locked(struct mrig_client *client, u64 first, u64 end)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	u64 at = first;
	int err = 0;
	u32 n = 0;

	lockdep_assert_held(&heap->lock);
	while (at < end) {
		err = mrig_block_find_locked(client, heap->spec.offset + at, MRIG_RIGHT_MANAGE,
					     &held);
		if (err)
			break;
		mrig_block_hold_locked(heap, &held);
		at += held.usable;
		if (++n % HOLD_BATCH == 0) {
			mutex_unlock(&heap->lock);
			cond_resched();
			mutex_lock(&heap->lock);
			err = fatal_signal_pending(current) ? -EINTR : 0;
			if (err)
				break;
		}
	}
	if (err)
		let_go_locked(heap, first, at);
	return err;
}

/* What of a held allocation lies before @at stays. */
static int cut_before_locked(struct mrig_heap_obj *heap, u64 run, u64 at)
{
	struct mrig_held before, rest;
	int err;

	lockdep_assert_held(&heap->lock);
	if (run == at)
		return 0;
	err = mrig_block_look_locked(heap, run, &before);
	if (!err)
		err = mrig_block_split_locked(heap, &before, at, &rest);
	if (!err && mrig_block_unhold_locked(heap, &before) == -EIO)
		err = -EIO;
	return err;
}

/*
 * What of a held allocation lies behind @end stays. To let it go may drop the lock, and its owner
 * may die meanwhile: what is known of the rest is to be learnt anew.
 */
static int cut_behind_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 end)
{
	struct mrig_held rest;
	int err;

	lockdep_assert_held(&heap->lock);
	if (held->usable <= end - held->off)
		return 0;
	err = mrig_block_split_locked(heap, held, end, &rest);
	if (err)
		return err;
	if (mrig_block_unhold_locked(heap, &rest) == -EIO ||
	    mrig_block_refresh_locked(heap, held) == -EIO)
		return -EIO;
	return 0;
}

/* Give back the held allocations from @at on; what of the last lies behind @end stays. */
static int drop_all_locked(struct mrig_client *client, u64 at, u64 end)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err = 0;
	u32 n = 0;

	lockdep_assert_held(&heap->lock);
	while (!err && at < end) {
		err = mrig_block_look_locked(heap, at, &held);
		err = err ?: cut_behind_locked(heap, &held, end);
		err = err ?: mrig_block_dispose_locked(heap, &held);
		if (err)
			break;
		heap->counts.frees++;
		trace_memrig_free(heap->id, client->id, heap->spec.offset + at, held.usable);
		at += held.usable;
		if (++n % HOLD_BATCH == 0) {
			mrig_heap_unlock(heap);
			cond_resched();
			mutex_lock(&heap->lock);
		}
	}
	return err;
}

/**
 * mrig_blocks_give_back() - free blocks, of any allocations, whole or in part; all or none
 * @client: who asks; the owner, the creator of the heap or CAP_SYS_ADMIN
 * @offset: of the first, from the start of the region
 * @count: how many
 *
 * Context: may sleep.
 * Return: 0; -ENOENT: one of them is free; -EPERM, -EBUSY, -EIO as mrig_block_find_locked();
 * -EOPNOTSUPP, -EINVAL, -EOVERFLOW as mrig_blocks_get_begin(); -EINTR: killed, nothing is freed.
 */
int mrig_blocks_give_back(struct mrig_client *client, u64 offset, u64 count)
{
	struct mrig_heap_obj *heap = client->heap;
	u64 first, end;
	s64 run = 0;
	int err;

	mutex_lock(&heap->lock);
	err = range_locked(heap, offset, count, &first, &end);
	if (!err) {
		run = mrig_heap_blocks_start(&heap->engine, first);
		err = run < 0 ? run : hold_all_locked(client, run, end);
	}
	if (run == -ENOENT)
		heap->counts.rejects++;
	if (!err)
		err = cut_before_locked(heap, run, first);
	if (!err)
		err = drop_all_locked(client, first, end);
	mrig_heap_unlock(heap);
	return err;
}
