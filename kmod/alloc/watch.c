// SPDX-License-Identifier: GPL-2.0-only
/*
 * What poll() says about a heap: whether a request of the watched size would succeed now, or never.
 * A hint: nothing is reserved.
 */
#include <linux/poll.h>

#include "alloc/heap_private.h"

/**
 * mrig_client_watch() - what this client polls for from now on
 * @client: whose poll()
 * @align: 0, a power of two, or align | rewind
 * @bytes: wanted
 *
 * Those who are polling already are woken, to look again.
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -EOPNOTSUPP as for mrig_block_alloc().
 */
int mrig_client_watch(struct mrig_client *client, u64 align, u64 bytes)
{
	struct mrig_heap_obj *heap = client->heap;
	int err = bytes ? mrig_align_check(align) : -EINVAL;

	if (err)
		return err;
	mutex_lock(&heap->lock);
	client->watch_align = align;
	client->watch_bytes = bytes;
	mutex_unlock(&heap->lock);
	wake_up_interruptible_poll(&heap->pollers, EPOLLIN | EPOLLRDNORM);
	return 0;
}

/*
 * Where an alignment is asked for, trying is the only sure answer of most engines: all is as before
 * when the block is back, and the largest sum of live bytes counts blocks that somebody had. Where
 * it would not be, the engine can tell.
 */
static bool fits_aligned_locked(struct mrig_heap_obj *heap, u64 align, u64 bytes)
{
	const struct mrig_heap_ops *ops = heap->engine.ops;
	struct mrig_fault fault = { };
	s64 off;

	lockdep_assert_held(&heap->lock);
	if (ops->fits)
		return ops->fits(&heap->engine, align, bytes);
	off = mrig_engine_alloc_locked(heap, align, bytes);
	if (off < 0)
		return false;
	fault.offset = off;
	if (ops->free(&heap->engine, off))
		mrig_heap_fence_locked(heap, &fault);
	return !heap->fenced;
}

static bool would_succeed_locked(struct mrig_heap_obj *heap, u64 align, u64 bytes)
{
	struct mrig_heap_info info = { };

	lockdep_assert_held(&heap->lock);
	if (heap->live_blocks >= heap->spec.max_blocks)
		return false;
	heap->engine.ops->info(&heap->engine, &info);
	if (bytes > info.largest_free)
		return false;
	return align <= MRIG_BLOCK_ALIGN || fits_aligned_locked(heap, align, bytes);
}

/**
 * mrig_heap_poll() - whether a request could be served
 * @heap: by whom
 * @align: of the request; passed mrig_align_check()
 * @bytes: of the request, not 0
 *
 * Context: may sleep.
 * Return: EPOLLIN when now, EPOLLERR when never, or 0.
 */
__poll_t mrig_heap_poll(struct mrig_heap_obj *heap, u64 align, u64 bytes)
{
	__poll_t mask = 0;

	mutex_lock(&heap->lock);
	if (heap->fenced || bytes > heap->most)
		mask = EPOLLERR;
	else if (would_succeed_locked(heap, align, bytes))
		mask = EPOLLIN | EPOLLRDNORM;
	else if (!heap->live_blocks || heap->fenced)
		mask = EPOLLERR;
	mutex_unlock(&heap->lock);
	return mask;
}

/**
 * mrig_client_poll() - the state of what a client watches for
 * @client: whose poll()
 *
 * Context: may sleep.
 * Return: as mrig_heap_poll().
 */
__poll_t mrig_client_poll(struct mrig_client *client)
{
	struct mrig_heap_obj *heap = client->heap;
	u64 bytes, align;

	mutex_lock(&heap->lock);
	bytes = client->watch_bytes;
	align = client->watch_align;
	mutex_unlock(&heap->lock);
	return mrig_heap_poll(heap, align, bytes);
}
