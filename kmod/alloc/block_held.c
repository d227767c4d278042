// SPDX-License-Identifier: GPL-2.0-only
/*
 * Working on a block without the lock: it is marked busy, everybody else gets -EBUSY, and whoever
 * marked it looks after it even if its owner dies meanwhile.
 */
#include "alloc/heap_private.h"

/**
 * mrig_block_hold_locked() - keep everybody off a block while the lock is dropped
 * @heap: its heap
 * @held: the block, not busy
 *
 * Context: heap->lock held.
 */
void mrig_block_hold_locked(struct mrig_heap_obj *heap, struct mrig_held *held)
{
	lockdep_assert_held(&heap->lock);
	held->tag |= MRIG_TAG_BUSY;
	heap->table->retag(heap, held->off, held->tag);
}

/**
 * mrig_block_refresh_locked() - see what became of a held block's owner meanwhile
 * @heap: its heap
 * @held: the block, held by the caller
 *
 * Context: heap->lock held again.
 * Return: 0; -ENOENT: its owner is gone and the block is the
 * caller's to drop; -EIO.
 */
int mrig_block_refresh_locked(struct mrig_heap_obj *heap, struct mrig_held *held)
{
	struct mrig_client *owner;

	lockdep_assert_held(&heap->lock);
	if (heap->fenced || heap->table->lookup(heap, held->off, &held->tag))
		return -EIO;
	if (held->tag & MRIG_TAG_KEPT)
		return 0;
	owner = mrig_block_owner_locked(heap, held->tag);
	return owner && !owner->dying ? 0 : -ENOENT;
}

/**
 * mrig_block_dispose_locked() - free a block as its heap promises: zeroed first if it scrubs
 * @heap: its heap
 * @held: the block, held by the caller or not busy
 *
 * Context: heap->lock held, dropped while zeroing.
 * Return: 0 or -EIO.
 */
int mrig_block_dispose_locked(struct mrig_heap_obj *heap, struct mrig_held *held)
{
	int err;

	lockdep_assert_held(&heap->lock);
	if (heap->spec.flags & MEMRIG_HEAP_SCRUB) {
		mrig_block_hold_locked(heap, held);
		mutex_unlock(&heap->lock);
		mrig_payload_zero(heap, held->off, held->usable);
		mutex_lock(&heap->lock);
		err = mrig_block_refresh_locked(heap, held);
		if (err == -EIO)
			return err;
	}
	return mrig_block_drop_locked(heap, held);
}

/**
 * mrig_block_unhold_locked() - let others at a held block again
 * @heap: its heap
 * @held: the block
 *
 * Context: heap->lock held, dropped while a block whose owner is gone is zeroed.
 * Return: 0; -ENOENT: its owner is gone and the block went with him; -EIO.
 */
int mrig_block_unhold_locked(struct mrig_heap_obj *heap, struct mrig_held *held)
{
	int err;

	lockdep_assert_held(&heap->lock);
	err = mrig_block_refresh_locked(heap, held);
	if (err == -ENOENT)
		mrig_block_dispose_locked(heap, held);
	if (err)
		return err;
	held->tag &= ~MRIG_TAG_BUSY;
	heap->table->retag(heap, held->off, held->tag);
	return 0;
}
