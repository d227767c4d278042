// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handing memory to those who wait for it.
 *
 * A heap has a list of *waiters*, by the priority their tasks had when they began to wait, then by
 * age. Whoever gives memory back serves them before he lets go of the lock: he takes blocks on
 * their behalf, with their client as owner, so that nobody who comes later can be faster. A block
 * taken so is busy until its owner has been told, like any other.
 *
 * A task may wait for any of several heaps: a waiter is its place in the queue of one, and all its
 * places share a struct mrig_wait. Each place is tried under the lock of its heap just before it is
 * queued, so no block that comes back can be missed. The protocol between those who serve, each
 * with the lock of another heap:
 *
 *	take a block, then make the place the winner (cmpxchg from NULL). Who comes second gives his
 *	block back to his heap at once and goes on to the next in his queue. Who sees a winner from
 *	the start takes nothing.
 *	A heap that can never serve a place takes it off its list and counts the hopes of the task
 *	down; with the last of them the wait is over.
 *
 * The task wakes up by either, by a signal or when its time is over, and leaves all queues, one
 * lock after the other. Only then does it look whether there is a winner: a block that came at the
 * last moment counts, and nobody can bring one any more. So all this may live on its stack: who
 * holds the lock of a heap and sees a place on its list may use it.
 *
 * The list may be long and each attempt costs an allocation, so a place that asks for more than the
 * largest free block is passed over, and the lock is dropped between batches; a bookmark in the
 * list says how far one server is. Others step over it. He serves those who waited when he began:
 * whoever came later has tried by himself, and must not keep him here. A free so costs one look at
 * each waiter, and one attempt for each whose size there is room for.
 */
#include <linux/atomic.h>
#include <linux/limits.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "alloc/heap_private.h"

/* The lock is dropped after so much: a look counts as one. */
#define SERVE_ATTEMPT	16
#define SERVE_BATCH	256

static void leave_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter)
{
	lockdep_assert_held(&heap->lock);
	list_del_init(&waiter->entry);
	heap->nwaiters--;
}

/* Nothing can come from this heap. */
static void give_up_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter, int err)
{
	lockdep_assert_held(&heap->lock);
	waiter->err = err;
	leave_locked(heap, waiter);
	if (atomic_dec_and_test(&waiter->wait->hopes))
		wake_up_process(waiter->wait->task);
}

/*
 * What a refusal means for somebody who is ready to wait. Memory for bookkeeping does not come from
 * this heap, so nobody who frees a block can help; and a heap without blocks has nothing to wait
 * for.
 */
static int verdict_locked(struct mrig_heap_obj *heap, int err, const struct mrig_grant *grant)
{
	lockdep_assert_held(&heap->lock);
	if (err != -ENOMEM || grant->reason == MEMRIG_REASON_SIDE)
		return err;
	if (grant->reason == MEMRIG_REASON_TOO_LARGE || !heap->live_blocks)
		return -EINVAL;
	return -EAGAIN;
}

/**
 * mrig_wait_try_locked() - take a block for somebody who waits, or is about to
 * @waiter: his place
 *
 * Context: lock of the heap held; may sleep.
 * Return: 0: he has a block, from here or elsewhere; -EAGAIN: let him wait; else why this heap can
 * never serve him: -EINVAL, -ENOMEM for lack of bookkeeping, -EIO.
 */
int mrig_wait_try_locked(struct mrig_waiter *waiter)
{
	struct mrig_heap_obj *heap = waiter->client->heap;
	struct mrig_wait *wait = waiter->wait;
	int err;

	lockdep_assert_held(&heap->lock);
	if (READ_ONCE(wait->winner))
		return 0;
	err = mrig_block_take_locked(heap, waiter->client->id | MRIG_TAG_BUSY, wait->align,
				     wait->bytes, &waiter->held, &waiter->grant);
	if (err)
		return verdict_locked(heap, err, &waiter->grant);
	if (cmpxchg(&wait->winner, NULL, waiter))
		mrig_block_drop_locked(heap, &waiter->held);
	return 0;
}

static void serve_one_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter)
{
	int err;

	lockdep_assert_held(&heap->lock);
	err = mrig_wait_try_locked(waiter);
	/* Corruption found on the way has finished everybody. */
	if (heap->fenced || err == -EAGAIN)
		return;
	if (err) {
		give_up_locked(heap, waiter, err);
		return;
	}
	leave_locked(heap, waiter);
	wake_up_process(waiter->wait->task);
}

/* Bytes beyond which asking the engine is in vain. In an empty heap it has the last word. */
static u64 largest_locked(struct mrig_heap_obj *heap)
{
	struct mrig_heap_info info = { };

	lockdep_assert_held(&heap->lock);
	if (!heap->live_blocks || heap->fenced)
		return U64_MAX;
	heap->engine.ops->info(&heap->engine, &info);
	return info.largest_free;
}

static void serve_locked(struct mrig_heap_obj *heap)
{
	struct mrig_waiter bookmark = { }, *waiter;
	u64 newest = heap->counts.waits, largest = largest_locked(heap);
	u32 left = heap->nwaiters, work = 0;

	lockdep_assert_held(&heap->lock);
	list_add(&bookmark.entry, &heap->waiters);
	while (left && !heap->fenced && !list_is_last(&bookmark.entry, &heap->waiters)) {
		waiter = list_next_entry(&bookmark, entry);
		list_move(&bookmark.entry, &waiter->entry);
		if (!waiter->wait || waiter->seq > newest)
			continue;
		left--;
		work++;
		if (waiter->wait->bytes <= largest) {
			serve_one_locked(heap, waiter);
			work += SERVE_ATTEMPT;
		}
		if (work >= SERVE_BATCH) {
			mutex_unlock(&heap->lock);
			cond_resched();
			mutex_lock(&heap->lock);
			largest = largest_locked(heap);
			work = 0;
		}
	}
	list_del(&bookmark.entry);
}

/**
 * mrig_heap_unlock() - let go of heap->lock after anything that may have given memory back
 * @heap: whose; its waiters are served first, with the lock dropped now and then
 *
 * Context: heap->lock held, released; may sleep.
 */
void mrig_heap_unlock(struct mrig_heap_obj *heap)
{
	bool returned = heap->returned;

	lockdep_assert_held(&heap->lock);
	heap->returned = false;
	if (returned && heap->nwaiters)
		serve_locked(heap);
	mutex_unlock(&heap->lock);
	if (returned && wq_has_sleeper(&heap->pollers))
		wake_up_interruptible_poll(&heap->pollers, EPOLLIN | EPOLLRDNORM);
}

/**
 * mrig_wait_fail_all_locked() - nobody will ever be served
 * @heap: fenced off
 *
 * Context: heap->lock held.
 */
void mrig_wait_fail_all_locked(struct mrig_heap_obj *heap)
{
	struct mrig_waiter *waiter, *next;

	lockdep_assert_held(&heap->lock);
	list_for_each_entry_safe(waiter, next, &heap->waiters, entry)
		if (waiter->wait)
			give_up_locked(heap, waiter, -EIO);
	wake_up_interruptible_poll(&heap->pollers, EPOLLERR);
}
