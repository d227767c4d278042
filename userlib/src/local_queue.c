// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Messages in heaps of this process: the queue of the kernel's heaps, between threads.
 *
 * A message is in the queue, a list, and in a search tree of the C library by its offset, so that a
 * block can be told from one that waits to be received. There are messages or receivers, never
 * both.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "local.h"

/**
 * struct local_message - a block that waits to be received
 * @off: from the start of the span; first, it is the key of the tree
 * @bytes: how many of its bytes are the message
 * @next: sent after it
 */
struct local_message {
	uint64_t off;
	uint64_t bytes;
	struct local_message *next;
};

/**
 * struct local_receiver - a thread that waits for a message
 * @waiter: its place in the queue; first
 * @args: the answer
 * @result: 0 or -errno
 */
struct local_receiver {
	struct mrig_waiter waiter;
	struct memrig_receive *args;
	int result;
};

static int by_offset(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Whether a block waits in the queue. */
bool mrig_local_queued_locked(const struct local_heap *local, uint64_t off)
{
	return local->queue.tree && tfind(&off, &local->queue.tree, by_offset);
}

/* Whether one does that has a part of [off, end) of the span. */
bool mrig_local_any_queued_locked(struct local_heap *local, uint64_t off, uint64_t end)
{
	const struct local_message *message;

	for (message = local->queue.first; message; message = message->next)
		if (message->off < end &&
		    message->off + local->engine.ops->usable(&local->engine, message->off) > off)
			return true;
	return false;
}

static void answer(struct local_heap *local, uint64_t off, uint64_t bytes,
		   struct memrig_receive *args)
{
	args->offset = local->span + off;
	args->usable = local->engine.ops->usable(&local->engine, off);
	args->bytes = bytes;
	args->from = LOCAL_CLIENT;
	local->queue.received++;
}

static int enqueue_locked(struct local_heap *local, uint64_t off, uint64_t bytes)
{
	struct local_queue *queue = &local->queue;
	struct local_message *message = malloc(sizeof(*message));

	if (!message)
		return -ENOMEM;
	*message = (struct local_message){ .off = off, .bytes = bytes };
	if (!tsearch(message, &queue->tree, by_offset)) {
		free(message);
		return -ENOMEM;
	}
	if (queue->last)
		queue->last->next = message;
	else
		queue->first = message;
	queue->last = message;
	if (++queue->length > queue->max_length)
		queue->max_length = queue->length;
	return 0;
}

static int send_locked(struct local_heap *local, const struct memrig_send *args)
{
	uint64_t off = args->offset - local->span, bytes;
	struct local_receiver *first = (struct local_receiver *)local->queue.receivers.first;
	int64_t usable;
	int ret = 0;

	if (local->fenced)
		return -EIO;
	usable = in_span(local, args->offset) ? local->engine.ops->usable(&local->engine, off)
					      : -ENOENT;
	if (usable >= 0 && mrig_local_queued_locked(local, off))
		usable = -EBUSY;
	if (usable < 0)
		return mrig_local_note_locked(local, usable);
	if (args->bytes > (uint64_t)usable)
		return -EINVAL;
	bytes = args->bytes ? args->bytes : (uint64_t)usable;
	if (first) {
		answer(local, off, bytes, first->args);
		mrig_waitq_wake(&local->lock, &local->queue.receivers, &first->waiter);
	} else {
		ret = enqueue_locked(local, off, bytes);
	}
	local->queue.sent += !ret;
	return ret;
}

int mrig_local_send(struct memrig_heap *heap, struct memrig_send *args)
{
	struct local_heap *local = lock_heap(heap);
	int ret = send_locked(local, args);

	unlock_heap(local);
	return ret;
}

static void take_first_locked(struct local_heap *local, struct memrig_receive *args)
{
	struct local_queue *queue = &local->queue;
	struct local_message *message = queue->first;

	queue->first = message->next;
	if (!queue->first)
		queue->last = NULL;
	queue->length--;
	tdelete(message, &queue->tree, by_offset);
	answer(local, message->off, message->bytes, args);
	free(message);
}

static int wait_locked(struct local_heap *local, struct memrig_receive *args)
{
	struct local_receiver self = { .args = args };
	int ret;

	local->queue.nreceivers++;
	ret = mrig_waitq_sleep(&local->queue.receivers, &local->lock, &local->key, &self.waiter,
			       mrig_local_deadline(args->timeout_ns));
	local->queue.nreceivers--;
	return ret ? ret : self.result;
}

int mrig_local_receive(struct memrig_heap *heap, struct memrig_receive *args)
{
	struct local_heap *local;
	int ret = 0;

	if (args->flags & ~MEMRIG_RECEIVE_WAIT)
		return -EOPNOTSUPP;
	if (!(args->flags & MEMRIG_RECEIVE_WAIT) && args->timeout_ns)
		return -EINVAL;
	local = lock_heap(heap);
	if (local->fenced)
		ret = -EIO;
	else if (local->queue.first)
		take_first_locked(local, args);
	else if (args->flags & MEMRIG_RECEIVE_WAIT)
		ret = wait_locked(local, args);
	else
		ret = -EAGAIN;
	unlock_heap(local);
	return ret;
}

/* The heap is broken: no message will ever come. */
void mrig_local_queue_fail_locked(struct local_heap *local)
{
	struct mrig_waiter *waiter;

	while ((waiter = local->queue.receivers.first)) {
		((struct local_receiver *)waiter)->result = -EIO;
		mrig_waitq_wake(&local->lock, &local->queue.receivers, waiter);
	}
}

/* The heap goes, and its messages with it. */
void mrig_local_queue_clear(struct local_heap *local)
{
	struct local_queue *queue = &local->queue;
	struct local_message *message;

	while ((message = queue->first)) {
		queue->first = message->next;
		tdelete(message, &queue->tree, by_offset);
		free(message);
	}
}
