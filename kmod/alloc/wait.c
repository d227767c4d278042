// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for memory, and handing it to those who wait.
 *
 * A heap has a list of *waiters*, by the priority their tasks had when they began to wait, then by
 * age. Whoever gives memory back serves them before he lets go of the lock: he takes blocks on
 * their behalf, with their client as owner, so that nobody who comes later can be faster. A block
 * taken so is busy until its owner has been told, like any other.
 *
 * The list may be long and each attempt costs an allocation, so the lock is dropped between
 * batches; a bookmark in the list says how far one server is. Others see it as a waiter without a
 * client and step over it. He serves those who waited when he began: whoever came later has tried
 * by himself, and must not keep him here.
 *
 * A waiter lives on the stack of its task, which leaves only after it has had the lock again: who
 * holds the lock and sees it on the list may use it.
 */
#include <linux/ktime.h>
#include <linux/hrtimer.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "alloc/heap_private.h"
#include "core/trace.h"

#define SERVE_BATCH	16

/**
 * struct mrig_waiter - a task waiting for a block, or a bookmark
 * @entry: in heap->waiters; empty when it has been served
 * @client: who is to own the block; NULL: a bookmark, and nothing else counts
 * @task: to be woken
 * @prio: of the task when it began to wait; lower goes first
 * @align: of the request
 * @bytes: of the request
 * @held: out: the block
 * @grant: out: why not
 * @err: out: 0 or a negative errno
 * @seq: the how manieth to wait for this heap
 * @done: @err is final
 */
struct mrig_waiter {
	struct list_head entry;
	struct mrig_client *client;
	struct task_struct *task;
	int prio;
	u64 align;
	u64 bytes;
	struct mrig_held *held;
	struct mrig_grant *grant;
	int err;
	u64 seq;
	bool done;
};

/* ---- those who serve ------------------------------------------------------------------- */

static void finish_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter, int err)
{
	lockdep_assert_held(&heap->lock);
	list_del_init(&waiter->entry);
	heap->nwaiters--;
	waiter->err = err;
	WRITE_ONCE(waiter->done, true);
	wake_up_process(waiter->task);
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

static void serve_one_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter)
{
	int err;

	lockdep_assert_held(&heap->lock);
	err = mrig_block_take_locked(heap, waiter->client->id | MRIG_TAG_BUSY, waiter->align,
				     waiter->bytes, waiter->held, waiter->grant);
	/* Corruption found on the way has finished everybody. */
	if (heap->fenced)
		return;
	err = verdict_locked(heap, err, waiter->grant);
	if (err != -EAGAIN)
		finish_locked(heap, waiter, err);
}

static void serve_locked(struct mrig_heap_obj *heap)
{
	struct mrig_waiter bookmark = { }, *waiter;
	u64 newest = heap->counts.waits;
	u32 left = heap->nwaiters;

	lockdep_assert_held(&heap->lock);
	list_add(&bookmark.entry, &heap->waiters);
	while (left && !heap->fenced && !list_is_last(&bookmark.entry, &heap->waiters)) {
		waiter = list_next_entry(&bookmark, entry);
		list_move(&bookmark.entry, &waiter->entry);
		if (!waiter->client || waiter->seq > newest)
			continue;
		serve_one_locked(heap, waiter);
		if (--left % SERVE_BATCH == 0) {
			mutex_unlock(&heap->lock);
			cond_resched();
			mutex_lock(&heap->lock);
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
		if (waiter->client)
			finish_locked(heap, waiter, -EIO);
	wake_up_interruptible_poll(&heap->pollers, EPOLLERR);
}

/* ---- those who wait -------------------------------------------------------------------- */

static void enqueue_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter)
{
	struct list_head *before = &heap->waiters;
	struct mrig_waiter *other;

	lockdep_assert_held(&heap->lock);
	list_for_each_entry_reverse(other, &heap->waiters, entry) {
		if (other->client && other->prio <= waiter->prio) {
			before = &other->entry;
			break;
		}
	}
	list_add(&waiter->entry, before);
	heap->nwaiters++;
	waiter->seq = ++heap->counts.waits;
}

/* Until served, a signal, or @until (NULL: for ever). The caller looks who was first. */
static int sleep_until(const struct mrig_waiter *waiter, ktime_t *until)
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (READ_ONCE(waiter->done))
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

/* Sleep without the lock; a block that came at the last moment counts. */
static int wait_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter, ktime_t *until)
{
	int err;

	lockdep_assert_held(&heap->lock);
	mutex_unlock(&heap->lock);
	err = sleep_until(waiter, until);
	mutex_lock(&heap->lock);
	if (waiter->done)
		return waiter->err;
	list_del(&waiter->entry);
	heap->nwaiters--;
	*waiter->grant = (struct mrig_grant){ };
	if (err != -ETIMEDOUT)
		return err;
	heap->counts.timeouts++;
	mrig_grant_refuse_locked(heap, -ENOMEM, waiter->bytes, waiter->grant);
	return err;
}

/**
 * mrig_wait_block_locked() - wait for a block after it was refused
 * @client: its owner
 * @align: of the request
 * @bytes: of the request
 * @timeout_ns: how long at most; when a signal ends it, what is left. From KTIME_MAX on: for ever
 * @held: out: the block, busy
 * @grant: in: the refusal; out: if there is still no block, why
 * @err: the refusal
 *
 * Context: heap->lock held, dropped meanwhile; sleeps.
 * Return: 0; -EINVAL: it can never be had; -ETIMEDOUT; -EINTR; -EIO; @err if waiting
 * does not help.
 */
int mrig_wait_block_locked(struct mrig_client *client, u64 align, u64 bytes, u64 *timeout_ns,
			   struct mrig_held *held, struct mrig_grant *grant, int err)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_waiter waiter = {
		.client = client,
		.task = current,
		.prio = current->prio,
		.align = align,
		.bytes = bytes,
		.held = held,
		.grant = grant,
	};
	bool forever = *timeout_ns >= KTIME_MAX;
	ktime_t start = ktime_get(), until;

	lockdep_assert_held(&heap->lock);
	err = verdict_locked(heap, err, grant);
	if (err != -EAGAIN)
		return err;
	if (!*timeout_ns)
		return -ETIMEDOUT;
	until = forever ? KTIME_MAX : ktime_add_safe(start, ns_to_ktime(*timeout_ns));
	enqueue_locked(heap, &waiter);
	trace_memrig_wait_begin(heap->id, client->id, bytes, align, waiter.prio, *timeout_ns);
	err = wait_locked(heap, &waiter, forever ? NULL : &until);
	trace_memrig_wait_end(heap->id, client->id, bytes,
			      ktime_to_ns(ktime_sub(ktime_get(), start)), err);
	if (err == -EINTR && !forever)
		*timeout_ns = max_t(s64, 0, ktime_to_ns(ktime_sub(until, ktime_get())));
	return err;
}
