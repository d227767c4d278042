// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll() about messages: those who send wake whoever polls, see queue.c.
 */
#include <linux/poll.h>

#include "alloc/heap_private.h"

/**
 * mrig_queue_watch() - whether poll() of a client is about messages
 * @client: whose poll()
 * @on: it is; else it is about memory
 *
 * Those who are polling already are woken, to look again.
 *
 * Context: may sleep.
 */
void mrig_queue_watch(struct mrig_client *client, bool on)
{
	WRITE_ONCE(client->watch_messages, on);
	wake_up_interruptible_poll(&client->heap->pollers, EPOLLIN | EPOLLRDNORM);
}

/**
 * mrig_queue_is_watched() - what mrig_queue_watch() was told last
 * @client: whose poll()
 *
 * Return: true if poll() is about messages.
 */
bool mrig_queue_is_watched(struct mrig_client *client)
{
	return READ_ONCE(client->watch_messages);
}

/**
 * mrig_queue_poll() - whether a message waits
 * @client: whose poll()
 *
 * Context: may sleep.
 * Return: EPOLLIN when one does, EPOLLERR when the heap is fenced off, or 0.
 */
__poll_t mrig_queue_poll(struct mrig_client *client)
{
	struct mrig_heap_obj *heap = client->heap;
	__poll_t mask = 0;

	mutex_lock(&heap->lock);
	if (heap->fenced)
		mask = EPOLLERR;
	else if (heap->queue.length)
		mask = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&heap->lock);
	return mask;
}
