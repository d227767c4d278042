// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a client may do with single blocks that it has, but for resizing them.
 */
#include <linux/cred.h>

#include "alloc/heap_private.h"
#include "core/trace.h"

/**
 * mrig_block_free() - give a block back
 * @client: who asks; the owner, the creator of the heap or CAP_SYS_ADMIN
 * @offset: of the block
 *
 * Context: may sleep.
 * Return: 0; -ENOENT, -EPERM, -EBUSY, -EIO as mrig_block_find_locked().
 */
int mrig_block_free(struct mrig_client *client, u64 offset)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err;

	mutex_lock(&heap->lock);
	err = mrig_block_find_locked(client, offset, MRIG_RIGHT_MANAGE, &held);
	if (!err)
		err = mrig_block_dispose_locked(heap, &held);
	if (!err)
		heap->counts.frees++;
	mrig_heap_unlock(heap);
	if (!err)
		trace_memrig_free(heap->id, client->id, offset, held.usable);
	return err;
}

/**
 * mrig_block_usable() - how many bytes a block really has
 * @client: who asks; may what he may free
 * @offset: of the block
 * @usable: out
 *
 * Context: may sleep.
 * Return: 0; -ENOENT, -EPERM, -EBUSY, -EIO as mrig_block_find_locked().
 */
int mrig_block_usable(struct mrig_client *client, u64 offset, u64 *usable)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err;

	mutex_lock(&heap->lock);
	err = mrig_block_find_locked(client, offset, MRIG_RIGHT_MANAGE, &held);
	mrig_heap_unlock(heap);
	if (!err)
		*usable = held.usable;
	return err;
}

/**
 * mrig_block_give() - make another client the owner of a block
 * @client: its owner
 * @offset: of the block
 * @to: number of the client that gets it
 *
 * Its content goes with it; that is what giving is for, and SCRUB does not prevent it.
 *
 * Context: may sleep.
 * Return: 0; -ENOENT: no such block or client; -EPERM, -EBUSY, -EIO as
 * mrig_block_find_locked().
 */
int mrig_block_give(struct mrig_client *client, u64 offset, u32 to)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_client *heir;
	struct mrig_held held;
	int err;

	mutex_lock(&heap->lock);
	err = mrig_block_find_locked(client, offset, MRIG_RIGHT_OWNER, &held);
	if (err)
		goto out_unlock;
	heir = xa_load(&heap->clients, to);
	if (heir && !heir->dying)
		mrig_block_retag_locked(heap, &held, heir->id);
	else
		err = -ENOENT;
out_unlock:
	mrig_heap_unlock(heap);
	trace_memrig_give(heap->id, client->id, offset, to, err);
	return err;
}

/**
 * mrig_block_keep() - let a block outlive its client
 * @client: its owner
 * @offset: of the block; it is the heap's from now on
 * @reason: out: enum memrig_reason
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM: the quota of the calling user; -ENOENT, -EPERM, -EBUSY,
 * -EIO as mrig_block_find_locked().
 */
int mrig_block_keep(struct mrig_client *client, u64 offset, u32 *reason)
{
	struct mrig_heap_obj *heap = client->heap;
	kuid_t uid = current_fsuid();
	struct mrig_held held;
	int err;

	*reason = MEMRIG_REASON_NONE;
	mutex_lock(&heap->lock);
	err = mrig_block_find_locked(client, offset, MRIG_RIGHT_OWNER, &held);
	if (!err)
		err = mrig_keep_charge_locked(heap, uid, held.usable, reason);
	if (!err)
		mrig_block_retag_locked(heap, &held, MRIG_TAG_KEPT | __kuid_val(uid));
	mrig_heap_unlock(heap);
	trace_memrig_keep(heap->id, client->id, offset, err, *reason);
	return err;
}
