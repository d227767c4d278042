// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: blocks that leave one client, wait in the queue of their heap, and become another's.
 *
 * The tag of a block that waits says so, and who sent it; its place in the queue is a struct
 * mrig_message. Whoever sends while tasks wait to receive hands the message to the first of them,
 * by the priority it had when it began to wait, then by age: so there are messages or receivers,
 * never both. What was handed over is busy until its receiver has been told. If he cannot be told,
 * it goes back to its place, which is before everything sent after it: the struct mrig_message
 * lives until then, so that going back needs no memory.
 *
 * A receiver lives on the stack of its task, which leaves only after it has had the lock again.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "alloc/heap_private.h"
#include "core/trace.h"

/**
 * struct mrig_message - the place of a block in the queue
 * @entry: in queue->messages, unless a receiver has it
 * @off: of the block, from the start of the span
 * @bytes: how many of its bytes are the message
 * @seq: the how manieth of this heap
 * @from: number of the client that sent it
 */
struct mrig_message {
	struct list_head entry;
	u64 off;
	u64 bytes;
	u64 seq;
	u32 from;
};

/**
 * struct receiver - a task that waits for a message
 * @entry: in queue->receivers
 * @client: who is to own the block
 * @task: to be woken
 * @prio: of the task when it began to wait; lower goes first
 * @got: out: the message
 * @err: out: 0 or a negative errno
 * @done: @err is final, and @entry is off the list
 */
struct receiver {
	struct list_head entry;
	struct mrig_client *client;
	struct task_struct *task;
	int prio;
	struct mrig_received *got;
	int err;
	bool done;
};

/**
 * mrig_queue_init() - no messages, nobody who waits
 * @queue: of a heap that nobody knows yet
 */
void mrig_queue_init(struct mrig_queue *queue)
{
	INIT_LIST_HEAD(&queue->messages);
	INIT_LIST_HEAD(&queue->receivers);
}

/**
 * mrig_queue_clear() - forget all messages
 * @queue: of a heap that goes; nobody else can reach it
 *
 * Context: may sleep.
 */
void mrig_queue_clear(struct mrig_queue *queue)
{
	struct mrig_message *message, *next;

	list_for_each_entry_safe(message, next, &queue->messages, entry) {
		list_del(&message->entry);
		kvfree(message);
	}
}

/**
 * mrig_queue_bytes() - kernel memory that a queue takes
 * @queue: its heap's lock is held
 *
 * Return: bytes.
 */
u64 mrig_queue_bytes(const struct mrig_queue *queue)
{
	return queue->length * sizeof(struct mrig_message);
}

/* ---- messages -------------------------------------------------------------------------- */

/* Before whatever was sent later: that is the end, or, for one that comes back, near the front. */
static void enqueue_locked(struct mrig_heap_obj *heap, struct mrig_message *message)
{
	struct mrig_queue *queue = &heap->queue;
	struct list_head *later = &queue->messages;
	struct mrig_message *other;

	lockdep_assert_held(&heap->lock);
	if (message->seq != queue->sent) {
		list_for_each_entry(other, &queue->messages, entry) {
			if (other->seq > message->seq) {
				later = &other->entry;
				break;
			}
		}
	}
	list_add_tail(&message->entry, later);
	queue->length++;
	queue->max_length = max(queue->max_length, queue->length);
}

/* Make a client the owner of a message that is on no list; -EIO: the heap is broken, it is lost. */
static int take_locked(struct mrig_client *client, struct mrig_message *message,
		       struct mrig_received *got)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_client *sender;
	struct mrig_held held;

	lockdep_assert_held(&heap->lock);
	if (mrig_block_look_locked(heap, message->off, &held)) {
		kvfree(message);
		return -EIO;
	}
	mrig_block_retag_locked(heap, &held, client->id | MRIG_TAG_BUSY);
	sender = xa_load(&heap->clients, message->from);
	*got = (struct mrig_received){
		.message = message,
		.offset = heap->spec.offset + held.off,
		.usable = held.usable,
		.bytes = message->bytes,
		.from = sender && !sender->dying ? message->from : 0,
	};
	return 0;
}

static void finish_locked(struct mrig_heap_obj *heap, struct receiver *receiver, int err)
{
	lockdep_assert_held(&heap->lock);
	list_del(&receiver->entry);
	heap->queue.nreceivers--;
	receiver->err = err;
	WRITE_ONCE(receiver->done, true);
	wake_up_process(receiver->task);
}

/* To the first who waits, or into the queue. */
static void pass_on_locked(struct mrig_heap_obj *heap, struct mrig_message *message)
{
	struct receiver *first;
	int err;

	lockdep_assert_held(&heap->lock);
	first = list_first_entry_or_null(&heap->queue.receivers, struct receiver, entry);
	if (!first) {
		enqueue_locked(heap, message);
		return;
	}
	err = take_locked(first->client, message, first->got);
	/* Corruption found on the way has finished everybody. */
	if (!heap->fenced)
		finish_locked(heap, first, err);
}

/* Lets go of the lock; those who poll learn of messages. */
static void unlock(struct mrig_heap_obj *heap)
{
	bool any = heap->queue.length;

	mrig_heap_unlock(heap);
	if (any && wq_has_sleeper(&heap->pollers))
		wake_up_interruptible_poll(&heap->pollers, EPOLLIN | EPOLLRDNORM);
}

/**
 * mrig_queue_fail_all_locked() - no message will ever come
 * @heap: fenced off
 *
 * Context: heap->lock held.
 */
void mrig_queue_fail_all_locked(struct mrig_heap_obj *heap)
{
	struct receiver *receiver, *next;

	lockdep_assert_held(&heap->lock);
	list_for_each_entry_safe(receiver, next, &heap->queue.receivers, entry)
		finish_locked(heap, receiver, -EIO);
}

/* ---- sending --------------------------------------------------------------------------- */

static int send_locked(struct mrig_client *client, u64 offset, u64 bytes,
		       struct mrig_message *message)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;
	int err;

	lockdep_assert_held(&heap->lock);
	err = mrig_block_find_locked(client, offset, MRIG_RIGHT_OWNER, &held);
	if (err)
		return err;
	if (bytes > held.usable)
		return -EINVAL;
	message->off = held.off;
	message->bytes = bytes ?: held.usable;
	message->seq = ++heap->queue.sent;
	message->from = client->id;
	mrig_block_retag_locked(heap, &held, MRIG_TAG_QUEUED | client->id);
	pass_on_locked(heap, message);
	return 0;
}

/**
 * mrig_queue_send() - a block leaves its client, for whoever receives it
 * @client: its owner
 * @offset: of the block
 * @bytes: how many of its bytes are the message; 0: all
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: it has not that many; -ENOMEM: no memory for its place; -ENOENT, -EPERM,
 * -EBUSY, -EIO as mrig_block_find_locked().
 */
int mrig_queue_send(struct mrig_client *client, u64 offset, u64 bytes)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_message *message;
	int err = -ENOMEM;

	message = mrig_side_alloc(heap, sizeof(*message));
	if (message) {
		mutex_lock(&heap->lock);
		err = send_locked(client, offset, bytes, message);
		unlock(heap);
	}
	if (err)
		kvfree(message);
	trace_memrig_send(heap->id, client->id, offset, bytes, err);
	return err;
}

/* ---- receiving ------------------------------------------------------------------------- */

static void wait_in_line_locked(struct mrig_heap_obj *heap, struct receiver *receiver)
{
	struct list_head *before = &heap->queue.receivers;
	struct receiver *other;

	lockdep_assert_held(&heap->lock);
	list_for_each_entry_reverse(other, &heap->queue.receivers, entry) {
		if (other->prio <= receiver->prio) {
			before = &other->entry;
			break;
		}
	}
	list_add(&receiver->entry, before);
	heap->queue.nreceivers++;
}

/* Until served, a signal, or @until (NULL: for ever). The caller looks who was first. */
static int sleep_until(const struct receiver *receiver, ktime_t *until)
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (READ_ONCE(receiver->done))
			break;
		err = -EINTR;
		if (signal_pending(current))
			break;
		err = -ETIMEDOUT;
		if (!schedule_hrtimeout(until, HRTIMER_MODE_ABS))
			break;
		err = 0;
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

/* Sleep without the lock; a message that came at the last moment counts. */
static int wait_locked(struct mrig_client *client, u64 *timeout_ns, struct mrig_received *got)
{
	struct mrig_heap_obj *heap = client->heap;
	struct receiver receiver = {
		.client = client,
		.task = current,
		.prio = current->prio,
		.got = got,
	};
	bool forever = *timeout_ns >= KTIME_MAX;
	ktime_t until;
	int err;

	lockdep_assert_held(&heap->lock);
	if (!*timeout_ns)
		return -ETIMEDOUT;
	until = forever ? KTIME_MAX : ktime_add_safe(ktime_get(), ns_to_ktime(*timeout_ns));
	wait_in_line_locked(heap, &receiver);
	mutex_unlock(&heap->lock);
	err = sleep_until(&receiver, forever ? NULL : &until);
	mutex_lock(&heap->lock);
	if (receiver.done)
		return receiver.err;
	list_del(&receiver.entry);
	heap->queue.nreceivers--;
	if (err == -EINTR && !forever)
		*timeout_ns = max_t(s64, 0, ktime_to_ns(ktime_sub(until, ktime_get())));
	return err;
}

static int receive_locked(struct mrig_client *client, u64 *timeout_ns, struct mrig_received *got)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_queue *queue = &heap->queue;
	struct mrig_message *oldest;

	lockdep_assert_held(&heap->lock);
	if (heap->fenced)
		return -EIO;
	oldest = list_first_entry_or_null(&queue->messages, struct mrig_message, entry);
	if (!oldest)
		return timeout_ns ? wait_locked(client, timeout_ns, got) : -EAGAIN;
	list_del(&oldest->entry);
	queue->length--;
	return take_locked(client, oldest, got);
}

/**
 * mrig_queue_receive_begin() - get the oldest message, busy until mrig_queue_receive_end()
 * @client: its new owner
 * @timeout_ns: how long to wait for one, and what is left of that on -EINTR; NULL: not at all
 * @got: out
 *
 * Context: may sleep.
 * Return: 0; -EAGAIN: there is none; -ETIMEDOUT; -EINTR: a signal; -EIO: the heap is fenced off.
 */
int mrig_queue_receive_begin(struct mrig_client *client, u64 *timeout_ns,
			     struct mrig_received *got)
{
	struct mrig_heap_obj *heap = client->heap;
	ktime_t start = ktime_get();
	int err;

	*got = (struct mrig_received){ };
	mutex_lock(&heap->lock);
	err = receive_locked(client, timeout_ns, got);
	mutex_unlock(&heap->lock);
	trace_memrig_receive(heap->id, client->id, got->offset, got->bytes, got->from,
			     ktime_to_ns(ktime_sub(ktime_get(), start)), err);
	return err;
}

/* It was not to be: as if it had never left the queue. Whoever waits by now may have it. */
static void give_back_locked(struct mrig_heap_obj *heap, struct mrig_held *held,
			     struct mrig_message *message)
{
	lockdep_assert_held(&heap->lock);
	mrig_block_retag_locked(heap, held, MRIG_TAG_QUEUED | message->from);
	pass_on_locked(heap, message);
}

/**
 * mrig_queue_receive_end() - the owner of a message knows about it, or cannot be told
 * @client: who received it
 * @message: from mrig_queue_receive_begin()
 * @delivered: whether he knows; if not, the message is in the queue again
 *
 * Context: may sleep.
 */
void mrig_queue_receive_end(struct mrig_client *client, struct mrig_message *message,
			    bool delivered)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;

	mutex_lock(&heap->lock);
	/* Nobody else touches what is busy; but the heap may have been fenced off. */
	if (mrig_block_look_locked(heap, message->off, &held)) {
		kvfree(message);
	} else if (delivered) {
		mrig_block_unhold_locked(heap, &held);
		heap->queue.received++;
		kvfree(message);
	} else {
		give_back_locked(heap, &held, message);
	}
	unlock(heap);
}
