// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resizing a block: in place if the engine can, else by moving it.
 *
 * A move takes the new block first, marks both busy, and copies without the lock. Until its caller
 * has been told where the block is now, the old one is untouched: who is killed half-way, or cannot
 * be told, has lost nothing. If the owner dies meanwhile, reclaim leaves both blocks to the mover,
 * who drops them.
 */
#include <linux/minmax.h>

#include "alloc/heap_private.h"
#include "core/trace.h"

/* What a scrubbing heap gives up when a block shrinks is zeroed while it is still the block's. */
static int scrub_tail_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 bytes)
{
	lockdep_assert_held(&heap->lock);
	mrig_block_hold_locked(heap, held);
	mutex_unlock(&heap->lock);
	mrig_payload_zero(heap, held->off + bytes, held->usable - bytes);
	mutex_lock(&heap->lock);
	return mrig_block_unhold_locked(heap, held);
}

static int resize_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 bytes)
{
	int err;

	lockdep_assert_held(&heap->lock);
	if (bytes > heap->spec.length)
		return -ENOMEM;
	if (bytes < held->usable && (heap->spec.flags & MEMRIG_HEAP_SCRUB)) {
		err = scrub_tail_locked(heap, held, bytes);
		if (err)
			return err;
	}
	err = mrig_engine_resize_locked(heap, held->off, bytes);
	if (!err) {
		mrig_block_resized_locked(heap, held);
		mrig_track_resize_locked(heap, held->off, bytes);
	}
	return heap->fenced ? -EIO : err;
}

/* The new block is not to be: drop it, the old one is as it was. */
static int move_abort_locked(struct mrig_heap_obj *heap, struct mrig_held *src,
			     struct mrig_held *dst, int why)
{
	int err;

	lockdep_assert_held(&heap->lock);
	if (mrig_block_refresh_locked(heap, dst) != -EIO)
		mrig_block_dispose_locked(heap, dst);
	err = mrig_block_unhold_locked(heap, src);
	return err ? err : why;
}

static int move_begin_locked(struct mrig_heap_obj *heap, struct mrig_held *src, u64 align,
			     u64 bytes, struct mrig_grant *grant)
{
	struct mrig_held dst;
	int err;

	lockdep_assert_held(&heap->lock);
	err = mrig_block_take_locked(heap, src->tag | MRIG_TAG_BUSY, align, bytes, &dst, grant);
	if (err)
		return err;
	mrig_block_hold_locked(heap, src);
	mrig_track_inherit_locked(heap, src->off, dst.off);
	mutex_unlock(&heap->lock);

	err = mrig_payload_copy(heap, dst.off, heap, src->off, min(src->usable, bytes));

	mutex_lock(&heap->lock);
	if (!err)
		err = mrig_block_refresh_locked(heap, src);
	if (err)
		return move_abort_locked(heap, src, &dst, err);
	grant->moved = true;
	*src = dst;
	return 0;
}

static int realloc_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 align, u64 bytes,
			  bool in_place, struct mrig_grant *grant)
{
	int err = -ENOMEM;

	lockdep_assert_held(&heap->lock);
	if ((held->tag & MRIG_TAG_KEPT) && bytes > held->usable &&
	    !mrig_keep_would_fit(held->tag & MRIG_TAG_ID, bytes - held->usable)) {
		grant->reason = MEMRIG_REASON_QUOTA;
		return -ENOMEM;
	}
	if (mrig_align_met(heap, held->off, align))
		err = resize_locked(heap, held, bytes);
	if (err == -ENOMEM && !in_place)
		return move_begin_locked(heap, held, align, bytes, grant);
	return err ? mrig_grant_refuse_locked(heap, err, bytes, grant) : 0;
}

/**
 * mrig_block_realloc_begin() - change the size of a block, and its place if it must
 * @client: who asks; the owner, the creator of the heap or CAP_SYS_ADMIN
 * @offset: of the block
 * @align: as for mrig_block_alloc(); a block that does not have it moves
 * @bytes: new size
 * @in_place: do not move
 * @grant: out: where it is now, and where it was if the call fails
 *
 * The block stays with its owner whoever asks. When it moves, both places are busy, and the old one
 * is as it was, until mrig_block_realloc_end().
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: no bytes or a bad alignment; -EOPNOTSUPP; -ENOMEM: see
 * @grant; -EINTR: killed while copying; -ENOENT, -EPERM, -EBUSY, -EIO as
 * mrig_block_find_locked().
 */
int mrig_block_realloc_begin(struct mrig_client *client, u64 offset, u64 align, u64 bytes,
			     bool in_place, struct mrig_grant *grant)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err;

	*grant = (struct mrig_grant){ .offset = offset };
	err = bytes ? mrig_align_check(align) : -EINVAL;
	if (err)
		goto out;
	mutex_lock(&heap->lock);
	err = mrig_block_find_locked(client, offset, MRIG_RIGHT_MANAGE, &held);
	if (!err) {
		grant->was = held.usable;
		err = realloc_locked(heap, &held, align, bytes, in_place, grant);
	}
	if (!err) {
		grant->offset = heap->spec.offset + held.off;
		grant->usable = held.usable;
	} else if (err == -ENOMEM) {
		heap->counts.failures++;
	}
	mrig_heap_unlock(heap);
out:
	trace_memrig_realloc(heap->id, client->id, offset, bytes, grant->offset, grant->usable,
			     err);
	return err;
}

/**
 * mrig_block_realloc_end() - one of the two places of a block that moves is given up
 * @client: who asked for the move
 * @from: where the block was
 * @to: where mrig_block_realloc_begin() has put it
 * @keep: whether it is to stay there, or where it was
 *
 * A heap that scrubs has the place zeroed.
 *
 * Context: may sleep.
 */
void mrig_block_realloc_end(struct mrig_client *client, u64 from, u64 to, bool keep)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held src, dst;

	mutex_lock(&heap->lock);
	/* Nobody else drops what is busy; but the heap may have been fenced off. */
	if (mrig_block_look_locked(heap, from - heap->spec.offset, &src) ||
	    mrig_block_look_locked(heap, to - heap->spec.offset, &dst))
		goto out_unlock;
	if (!keep) {
		move_abort_locked(heap, &src, &dst, 0);
		trace_memrig_realloc(heap->id, client->id, to, src.usable, from, src.usable, 0);
	} else if (!mrig_block_dispose_locked(heap, &src)) {
		mrig_block_unhold_locked(heap, &dst);
	}
out_unlock:
	mrig_heap_unlock(heap);
}

/**
 * mrig_block_realloc() - both steps, for callers that need no answer to be delivered
 * @client: as for mrig_block_realloc_begin(), like all that follow
 * @offset: of the block
 * @align: of its place
 * @bytes: new size
 * @in_place: do not move
 * @grant: out
 *
 * Context: may sleep.
 * Return: as mrig_block_realloc_begin().
 */
int mrig_block_realloc(struct mrig_client *client, u64 offset, u64 align, u64 bytes, bool in_place,
		       struct mrig_grant *grant)
{
	int err = mrig_block_realloc_begin(client, offset, align, bytes, in_place, grant);

	if (!err && grant->moved)
		mrig_block_realloc_end(client, offset, grant->offset, true);
	return err;
}
