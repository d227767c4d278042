// SPDX-License-Identifier: GPL-2.0-only
/*
 * The task that waits for memory: it queues up at each heap that may serve it, sleeps, and leaves
 * all queues. See wait.c for what goes on between it and those who serve.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "alloc/heap_private.h"
#include "core/trace.h"

/**
 * mrig_wait_init() - a wait of the current task, for nothing yet
 * @wait: the wait
 * @align: passed mrig_align_check()
 * @bytes: wanted, not 0
 */
void mrig_wait_init(struct mrig_wait *wait, u64 align, u64 bytes)
{
	*wait = (struct mrig_wait){
		.task = current,
		.prio = current->prio,
		.align = align,
		.bytes = bytes,
	};
	INIT_LIST_HEAD(&wait->waiters);
}

/**
 * mrig_wait_add() - one more heap to wait for
 * @wait: the wait
 * @waiter: zeroed; the place in its queue. Places are tried in the order of adding
 * @client: who is to own a block of it; referenced by the caller until mrig_wait_run() is done
 */
void mrig_wait_add(struct mrig_wait *wait, struct mrig_waiter *waiter, struct mrig_client *client)
{
	waiter->client = client;
	waiter->wait = wait;
	INIT_LIST_HEAD(&waiter->entry);
	list_add_tail(&waiter->sibling, &wait->waiters);
	atomic_inc(&wait->hopes);
}

static void queue_locked(struct mrig_heap_obj *heap, struct mrig_waiter *waiter)
{
	struct list_head *before = &heap->waiters;
	struct mrig_waiter *other;

	lockdep_assert_held(&heap->lock);
	list_for_each_entry_reverse(other, &heap->waiters, entry) {
		if (other->wait && other->wait->prio <= waiter->wait->prio) {
			before = &other->entry;
			break;
		}
	}
	list_add(&waiter->entry, before);
	heap->nwaiters++;
	waiter->seq = ++heap->counts.waits;
}

/* Try one heap; if that may change, queue up there. */
static void enter(struct mrig_waiter *waiter, u64 timeout_ns)
{
	struct mrig_heap_obj *heap = waiter->client->heap;
	struct mrig_wait *wait = waiter->wait;

	mutex_lock(&heap->lock);
	waiter->err = mrig_wait_try_locked(waiter);
	if (waiter->err == -EAGAIN && timeout_ns) {
		queue_locked(heap, waiter);
		trace_memrig_wait_begin(heap->id, waiter->client->id, wait->bytes, wait->align,
					wait->prio, timeout_ns);
	} else if (waiter->err != -EAGAIN) {
		atomic_dec(&wait->hopes);
	}
	mrig_heap_unlock(heap);
}

/* From now on nobody who serves this heap knows of the wait. */
static void leave(struct mrig_waiter *waiter)
{
	struct mrig_heap_obj *heap = waiter->client->heap;

	mutex_lock(&heap->lock);
	if (!list_empty(&waiter->entry)) {
		list_del_init(&waiter->entry);
		heap->nwaiters--;
	}
	mutex_unlock(&heap->lock);
}

static bool is_over(const struct mrig_wait *wait)
{
	return READ_ONCE(wait->winner) || !atomic_read(&wait->hopes);
}

/* Until it is over, a signal, or @until (NULL: for ever). The caller looks who was first. */
static int sleep_until(const struct mrig_wait *wait, ktime_t *until)
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (is_over(wait))
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

/* What to say when all places are without hope: that heaps are fenced off counts least. */
static int verdict(const struct mrig_wait *wait, struct mrig_grant *grant)
{
	struct mrig_waiter *waiter;
	int err = -EIO;

	list_for_each_entry(waiter, &wait->waiters, sibling) {
		if (waiter->err == -EIO)
			continue;
		err = waiter->err;
		*grant = waiter->grant;
		if (err == -ENOMEM)
			break;
	}
	return err;
}

/* Time is over: the reason is that of the last place that may still serve it, as things are now. */
static void tell_timeout(const struct mrig_wait *wait, struct mrig_grant *grant)
{
	struct mrig_heap_obj *heap;
	struct mrig_waiter *waiter;
	u64 largest = 0;

	list_for_each_entry(waiter, &wait->waiters, sibling) {
		if (waiter->err && waiter->err != -EAGAIN)
			continue;
		heap = waiter->client->heap;
		mutex_lock(&heap->lock);
		heap->counts.timeouts += !!waiter->seq;
		if (!heap->fenced) {
			*grant = (struct mrig_grant){ };
			mrig_grant_refuse_locked(heap, -ENOMEM, wait->bytes, grant);
			largest = max(largest, grant->largest_free);
		}
		mutex_unlock(&heap->lock);
	}
	grant->largest_free = largest;
}

static void trace_end(const struct mrig_wait *wait, ktime_t start, int err)
{
	s64 waited_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	struct mrig_waiter *waiter;

	list_for_each_entry(waiter, &wait->waiters, sibling)
		if (waiter->seq)
			trace_memrig_wait_end(waiter->client->heap->id, waiter->client->id,
					      wait->bytes, waited_ns, err);
}

/**
 * mrig_wait_run() - get a block of any of several heaps, waiting for it if need be
 * @wait: from mrig_wait_init(), with one place or more
 * @timeout_ns: how long at most; when a signal ends it, what is left. From KTIME_MAX on: for ever
 * @grant: out: if there is no block, why
 *
 * Context: no lock of a heap held; sleeps.
 * Return: 0: @wait->winner has a block, busy; -EINVAL: it can never be had; -ETIMEDOUT; -EINTR;
 * -ENOMEM: no memory for bookkeeping; -EIO: all heaps are fenced off.
 */
int mrig_wait_run(struct mrig_wait *wait, u64 *timeout_ns, struct mrig_grant *grant)
{
	bool forever = *timeout_ns >= KTIME_MAX;
	ktime_t start = ktime_get(), until;
	struct mrig_waiter *waiter;
	int err = -ETIMEDOUT;

	until = forever ? KTIME_MAX : ktime_add_safe(start, ns_to_ktime(*timeout_ns));
	list_for_each_entry(waiter, &wait->waiters, sibling) {
		enter(waiter, *timeout_ns);
		if (READ_ONCE(wait->winner))
			break;
	}
	if (*timeout_ns)
		err = sleep_until(wait, forever ? NULL : &until);
	list_for_each_entry(waiter, &wait->waiters, sibling)
		if (waiter->seq)
			leave(waiter);
	*grant = (struct mrig_grant){ };
	if (wait->winner)
		err = 0;
	else if (!atomic_read(&wait->hopes))
		err = verdict(wait, grant);
	else if (err == -ETIMEDOUT)
		tell_timeout(wait, grant);
	trace_end(wait, start, err);
	if (err == -EINTR && !forever)
		*timeout_ns = max_t(s64, 0, ktime_to_ns(ktime_sub(until, ktime_get())));
	return err;
}
