/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of a heap: blocks on their way from one client to another. See queue.c.
 */
#ifndef MRIG_ALLOC_QUEUE_H
#define MRIG_ALLOC_QUEUE_H

#include <linux/list.h>
#include <linux/poll.h>
#include <linux/types.h>

struct mrig_client;
struct mrig_heap_obj;
struct mrig_message;

/**
 * struct mrig_queue - messages of a heap and those who wait for one; all under heap->lock
 * @messages: the oldest first
 * @receivers: tasks in the order they are to be served. Empty, or @messages is
 * @length: of @messages
 * @max_length: the most there were
 * @sent: messages so far
 * @received: of these, those that a receiver knows of
 * @nreceivers: length of @receivers
 */
struct mrig_queue {
	struct list_head messages;
	struct list_head receivers;
	u64 length;
	u64 max_length;
	u64 sent;
	u64 received;
	u32 nreceivers;
};

/**
 * struct mrig_received - a message that a client got
 * @message: for mrig_queue_receive_end()
 * @offset: of the block, from the start of the region
 * @usable: its bytes
 * @bytes: how many of them are the message
 * @from: client that sent it; 0: it is gone
 */
struct mrig_received {
	struct mrig_message *message;
	u64 offset;
	u64 usable;
	u64 bytes;
	u32 from;
};

void mrig_queue_init(struct mrig_queue *queue);
void mrig_queue_clear(struct mrig_queue *queue);
u64 mrig_queue_bytes(const struct mrig_queue *queue);
void mrig_queue_fail_all_locked(struct mrig_heap_obj *heap);
int mrig_queue_send(struct mrig_client *client, u64 offset, u64 bytes);
int mrig_queue_receive_begin(struct mrig_client *client, u64 *timeout_ns,
			     struct mrig_received *got);
void mrig_queue_receive_end(struct mrig_client *client, struct mrig_message *message,
			    bool delivered);
void mrig_queue_watch(struct mrig_client *client, bool on);
bool mrig_queue_is_watched(struct mrig_client *client);
__poll_t mrig_queue_poll(struct mrig_client *client);

#endif /* MRIG_ALLOC_QUEUE_H */
