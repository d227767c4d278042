// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many blocks in one call. The caller copies requests and answers in pieces; between taking a
 * piece and having told its owner, the blocks are busy, so that nobody who guesses an offset can
 * free one that is about to be undone.
 */
#include "alloc/heap_private.h"
#include "core/trace.h"

static int alloc_one_locked(struct mrig_client *client, struct memrig_alloc_req *req)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_grant grant = { };
	struct mrig_held held;
	int err;

	lockdep_assert_held(&heap->lock);
	req->offset = 0;
	req->usable = 0;
	err = req->bytes ? mrig_align_check(req->align) : -EINVAL;
	if (!err)
		err = mrig_block_take_locked(heap, client->id | MRIG_TAG_BUSY, req->align,
					     req->bytes, &held, &grant);
	if (!err) {
		req->offset = heap->spec.offset + held.off;
		req->usable = held.usable;
	} else if (err == -ENOMEM) {
		heap->counts.failures++;
	}
	req->error = -err;
	req->reason = grant.reason;
	trace_memrig_alloc(heap->id, client->id, req->bytes, req->align, req->offset, req->usable,
			   err, grant.reason);
	return err;
}

/**
 * mrig_block_alloc_chunk() - take blocks until one is refused
 * @client: their owner
 * @reqs: what is wanted, in kernel memory; answers are filled in up to and including the first
 *	refusal
 * @count: at most MRIG_BATCH_CHUNK
 *
 * The blocks stay busy until mrig_block_commit() or mrig_block_undo().
 *
 * Context: may sleep.
 * Return: how many were taken.
 */
u32 mrig_block_alloc_chunk(struct mrig_client *client, struct memrig_alloc_req *reqs, u32 count)
{
	u32 n;

	mutex_lock(&client->heap->lock);
	for (n = 0; n < count; n++)
		if (alloc_one_locked(client, &reqs[n]))
			break;
	mrig_heap_unlock(client->heap);
	return n;
}
