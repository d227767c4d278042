// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting a block, at once or by waiting. It is busy until the caller has told its owner, so that
 * nobody who guesses its offset can free one that is about to be undone.
 */
#include "alloc/heap_private.h"
#include "core/trace.h"

static int take_now(struct mrig_client *client, u64 align, u64 bytes, struct mrig_held *held,
		    struct mrig_grant *grant)
{
	struct mrig_heap_obj *heap = client->heap;
	int err;

	mutex_lock(&heap->lock);
	err = mrig_block_take_locked(heap, client->id | MRIG_TAG_BUSY, align, bytes, held, grant);
	if (err == -ENOMEM)
		heap->counts.failures++;
	mrig_heap_unlock(heap);
	return err;
}

static int take_or_wait(struct mrig_client *client, u64 align, u64 bytes, u64 *timeout_ns,
			struct mrig_held *held, struct mrig_grant *grant)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_waiter waiter = { };
	struct mrig_wait wait;
	int err;

	mrig_wait_init(&wait, align, bytes);
	mrig_wait_add(&wait, &waiter, client);
	err = mrig_wait_run(&wait, timeout_ns, grant);
	*held = waiter.held;
	if (err == -ENOMEM || err == -ETIMEDOUT) {
		mutex_lock(&heap->lock);
		heap->counts.failures++;
		mutex_unlock(&heap->lock);
	}
	return err;
}

/**
 * mrig_block_alloc_begin() - get a block that is busy until mrig_block_commit()
 * @client: its owner
 * @align: 0, a power of two, or align | rewind
 * @bytes: wanted
 * @timeout_ns: how long to wait for it, and what is left of that on -EINTR; NULL: not at all
 * @grant: out
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: no bytes, a bad alignment, or waiting for what can never be; -EOPNOTSUPP: an
 * alignment this placement does not give; -ENOMEM, -ETIMEDOUT: see @grant; -EINTR: a signal; -EIO:
 * the heap is fenced off.
 */
int mrig_block_alloc_begin(struct mrig_client *client, u64 align, u64 bytes, u64 *timeout_ns,
			   struct mrig_grant *grant)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err;

	*grant = (struct mrig_grant){ };
	err = bytes ? mrig_align_check(align) : -EINVAL;
	if (err)
		goto out;
	if (timeout_ns)
		err = take_or_wait(client, align, bytes, timeout_ns, &held, grant);
	else
		err = take_now(client, align, bytes, &held, grant);
	if (!err) {
		grant->offset = heap->spec.offset + held.off;
		grant->usable = held.usable;
	}
out:
	trace_memrig_alloc(heap->id, client->id, bytes, align, grant->offset, grant->usable, err,
			   grant->reason);
	return err;
}

/**
 * mrig_block_alloc() - both steps, for callers that need no answer to be delivered
 * @client: as for mrig_block_alloc_begin(), like all that follow
 * @align: of the block
 * @bytes: wanted
 * @grant: out
 *
 * Context: may sleep.
 * Return: as mrig_block_alloc_begin() without waiting.
 */
int mrig_block_alloc(struct mrig_client *client, u64 align, u64 bytes, struct mrig_grant *grant)
{
	int err = mrig_block_alloc_begin(client, align, bytes, NULL, grant);

	if (!err)
		mrig_block_commit(client, &grant->offset, 1);
	return err;
}

/* Is it a block that this client took and has not committed? */
static bool taken_locked(struct mrig_client *client, const struct mrig_held *held)
{
	lockdep_assert_held(&client->heap->lock);
	return (held->tag & MRIG_TAG_BUSY) &&
	       mrig_block_owner_locked(client->heap, held->tag) == client;
}

/* The one at @offset. */
static bool find_taken_locked(struct mrig_client *client, u64 offset, struct mrig_held *held)
{
	struct mrig_heap_obj *heap = client->heap;

	lockdep_assert_held(&heap->lock);
	return !mrig_block_look_locked(heap, offset - heap->spec.offset, held) &&
	       taken_locked(client, held);
}

/*
 * The same for who need not know how long it is, for the engine takes as long again to tell: only
 * the blocks of an owner who goes may have to go with him.
 */
static bool find_tag_locked(struct mrig_client *client, u64 offset, struct mrig_held *held)
{
	struct mrig_heap_obj *heap = client->heap;

	lockdep_assert_held(&heap->lock);
	if (client->dying)
		return find_taken_locked(client, offset, held);
	*held = (struct mrig_held){ .off = offset - heap->spec.offset };
	return !heap->fenced && !heap->table->lookup(heap, held->off, &held->tag) &&
	       taken_locked(client, held);
}

/**
 * mrig_block_commit() - the owner knows about these blocks now
 * @client: their owner
 * @offsets: where they are, from mrig_block_alloc_begin() or _chunk()
 * @count: how many
 *
 * Context: may sleep.
 */
void mrig_block_commit(struct mrig_client *client, const u64 *offsets, u32 count)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	u32 n;

	mutex_lock(&heap->lock);
	for (n = 0; n < count; n++)
		if (find_tag_locked(client, offsets[n], &held) &&
		    !mrig_block_unhold_locked(heap, &held)) {
			mrig_track_sign_locked(heap, held.off);
			heap->counts.allocs++;
		}
	mrig_heap_unlock(heap);
}

/**
 * mrig_block_undo() - give back blocks that are not to be
 * @client: who took them
 * @offsets: where they are, from mrig_block_alloc_begin() or _chunk()
 * @count: how many
 *
 * Context: may sleep.
 */
void mrig_block_undo(struct mrig_client *client, const u64 *offsets, u32 count)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	u32 n;

	mutex_lock(&heap->lock);
	for (n = 0; n < count; n++)
		if (find_taken_locked(client, offsets[n], &held) &&
		    !mrig_block_dispose_locked(heap, &held))
			trace_memrig_free(heap->id, client->id, offsets[n], held.usable);
	mrig_heap_unlock(heap);
}

/**
 * mrig_block_lend() - make a block busy while its content is copied to another heap
 * @client: its owner
 * @offset: of the block
 * @usable: out: its bytes
 *
 * To be followed by mrig_block_return() or mrig_block_retire().
 *
 * Context: may sleep.
 * Return: 0; -ENOENT, -EPERM, -EBUSY, -EIO as mrig_block_find_locked().
 */
int mrig_block_lend(struct mrig_client *client, u64 offset, u64 *usable)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err;

	mutex_lock(&heap->lock);
	err = mrig_block_find_locked(client, offset, MRIG_RIGHT_OWNER, &held);
	if (!err) {
		*usable = held.usable;
		mrig_block_hold_locked(heap, &held);
	}
	mutex_unlock(&heap->lock);
	return err;
}

/**
 * mrig_block_return() - a block that was lent stays where it is
 * @client: its owner
 * @offset: of the block
 *
 * Context: may sleep.
 */
void mrig_block_return(struct mrig_client *client, u64 offset)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;

	mutex_lock(&heap->lock);
	if (find_taken_locked(client, offset, &held))
		mrig_block_unhold_locked(heap, &held);
	mrig_heap_unlock(heap);
}

/**
 * mrig_block_retire() - a block that was lent has moved away
 * @client: its owner
 * @offset: of the block; free from now on
 *
 * Context: may sleep.
 */
void mrig_block_retire(struct mrig_client *client, u64 offset)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;

	mutex_lock(&heap->lock);
	if (find_taken_locked(client, offset, &held) &&
	    !mrig_block_dispose_locked(heap, &held)) {
		heap->counts.frees++;
		trace_memrig_free(heap->id, client->id, offset, held.usable);
	}
	mrig_heap_unlock(heap);
}
