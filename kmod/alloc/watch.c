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

/* The only sure answer where an alignment is asked for: try. */
static bool trial_locked(struct mrig_heap_obj *heap, u64 align, u64 bytes)
{
	s64 off;

	lockdep_assert_held(&heap->lock);
	off = mrig_engine_alloc_locked(heap, align, bytes);
	if (off < 0)
		return false;
	heap->engine.ops->free(&heap->engine, off);
	return true;
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
	return align <= MRIG_BLOCK_ALIGN || trial_locked(heap, align, bytes);
}

/**
 * mrig_client_poll() - the state of what a client watches for
 * @client: whose poll()
 *
 * Context: may sleep.
 * Return: EPOLLIN when it could be had now, EPOLLERR when never, or 0.
 */
__poll_t mrig_client_poll(struct mrig_client *client)
{
	struct mrig_heap_obj *heap = client->heap;
	u64 bytes, align;
	__poll_t mask = 0;

	mutex_lock(&heap->lock);
	bytes = client->watch_bytes;
	align = client->watch_align;
	if (heap->fenced || bytes > heap->most)
		mask = EPOLLERR;
	else if (would_succeed_locked(heap, align, bytes))
		mask = EPOLLIN | EPOLLRDNORM;
	else if (!heap->live_blocks || heap->fenced)
		mask = EPOLLERR;
	mutex_unlock(&heap->lock);
	return mask;
}
