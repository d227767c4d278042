// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for memory of heaps of this process, of one or of any of several.
 *
 * Whoever gives memory back serves those who wait, before he leaves the lock of the heap. A request
 * that waits for several heaps has a place in the queue of each, and a struct local_race. Each
 * place is tried under the lock of its heap just before it is queued, so that no block that comes
 * back is missed. Attempts for the places of one request are made one after the other, under the
 * lock of the race: the first that succeeds is the winner, and after it no block is taken.
 *
 * The thread leaves all queues, one lock after the other, before it looks whether there is a
 * winner: a block that came at the last moment counts, and nobody knows of the request any more. So
 * all of it may be on its stack.
 */
#include <errno.h>
#include <unistd.h>

#include "local.h"

/**
 * mrig_local_hopeless() - may a request be served when others have freed?
 * @error: by which it was refused
 * @args: the request, and the reason
 *
 * Return: 0 if so, or why not.
 */
int mrig_local_hopeless(int error, const struct memrig_alloc *args)
{
	if (error != -ENOMEM)
		return error;
	switch (args->reason) {
	case MEMRIG_REASON_TOO_LARGE:
		return -EINVAL;
	case MEMRIG_REASON_SIDE:
		return -ENOMEM;
	default:
		return 0;
	}
}

/**
 * mrig_local_deadline() - when a time will be over
 * @timeout_ns: from now on
 *
 * Return: on mrig_clock(), MRIG_NEVER if that is beyond it.
 */
int64_t mrig_local_deadline(uint64_t timeout_ns)
{
	int64_t now = mrig_clock();

	return timeout_ns < (uint64_t)(MRIG_NEVER - now) ? now + (int64_t)timeout_ns : MRIG_NEVER;
}

/**
 * mrig_local_wait_locked() - wait for memory of this heap
 * @local: heap
 * @args: request that was refused, and is not hopeless
 *
 * Return: offset from the start of the span, or -errno.
 */
int64_t mrig_local_wait_locked(struct local_heap *local, struct memrig_alloc *args)
{
	struct local_wait wait = { .args = args };
	int ret;

	local->waits++;
	local->waiters++;
	ret = mrig_waitq_sleep(&local->waiting, &local->lock, &local->key, &wait.waiter,
			       mrig_local_deadline(args->timeout_ns));
	local->waiters--;
	if (!ret)
		return wait.result;
	local->timeouts++;
	mrig_local_explain_locked(local, -ENOMEM, args);
	return ret;
}

/* ---- serving ------------------------------------------------------------------------- */

/* Offset from the start of the span; -EAGAIN: let him wait. */
static int64_t attempt_locked(void *ctx, struct local_wait *wait)
{
	struct local_heap *local = ctx;
	int64_t ret = mrig_local_try_locked(local, wait->args);
	int error;

	if (ret >= 0) {
		wait->args->offset = local->span + (uint64_t)ret;
		wait->args->usable = (uint64_t)local->engine.ops->usable(&local->engine, ret);
		return ret;
	}
	ret = mrig_local_explain_locked(local, (int)ret, wait->args);
	error = mrig_local_hopeless((int)ret, wait->args);
	return error ? error : -EAGAIN;
}

/* The thread looks up: there is a block, or there will be none. */
static void end_race(struct local_race *race)
{
	const uint64_t one = 1;
	int saved = errno;

	if (race->event < 0)
		mrig_wake(&race->sleeper);
	else if (write(race->event, &one, sizeof(one)) < 0) /* full is readable as well */
		errno = saved;
}

/**
 * mrig_local_race() - try to get a block for one of several places
 * @place: it, with its race
 * @attempt: gets it: 0 or more, -EAGAIN if that may succeed later, or why it never will
 * @ctx: goes with it
 *
 * The caller holds the lock of the queue that the place is, or will be, in.
 *
 * Return: whether the place is finished, or the race decided.
 */
bool mrig_local_race(struct local_wait *place, int64_t (*attempt)(void *ctx, struct local_wait *),
		     void *ctx)
{
	struct local_race *race = place->race;
	unsigned long key = mrig_lock_enter(&race->lock);
	bool done = true;

	if (!race->winner) {
		place->result = attempt(ctx, place);
		done = place->result != -EAGAIN;
		if (place->result >= 0)
			race->winner = place;
		else if (done)
			race->hopes--;
		if (race->winner || !race->hopes)
			end_race(race);
	}
	mrig_lock_leave(&race->lock, key);
	return done;
}

/**
 * mrig_local_serve_locked() - hand what is free to those who wait, in their order
 * @local: heap
 *
 * Who cannot use it is passed over; who can hope no longer is woken with an error.
 */
void mrig_local_serve_locked(struct local_heap *local)
{
	struct mrig_waiter *waiter, *next;

	for (waiter = local->waiting.first; waiter; waiter = next) {
		struct local_wait *wait = (struct local_wait *)waiter;

		next = waiter->next;
		if (wait->race) {
			if (mrig_local_race(wait, attempt_locked, local))
				mrig_waitq_leave(&local->lock, &local->waiting, waiter);
			continue;
		}
		wait->result = attempt_locked(local, wait);
		if (wait->result != -EAGAIN)
			mrig_waitq_wake(&local->lock, &local->waiting, waiter);
	}
}

/* ---- one of several places ----------------------------------------------------------- */

/**
 * mrig_local_join() - try, and queue up if that may help
 * @heap: of this process
 * @place: its request, and its race
 */
void mrig_local_join(struct memrig_heap *heap, struct local_wait *place)
{
	struct local_heap *local = lock_heap(heap);

	local->waits++;
	local->waiters++;
	if (!mrig_local_race(place, attempt_locked, local))
		mrig_waitq_join(&local->waiting, &local->lock, &place->waiter);
	unlock_heap(local);
}

/**
 * mrig_local_leave() - nobody who serves this heap knows of the place afterwards
 * @heap: as joined
 * @place: likewise
 */
void mrig_local_leave(struct memrig_heap *heap, struct local_wait *place)
{
	struct local_heap *local = lock_heap(heap);

	mrig_waitq_leave(&local->lock, &local->waiting, &place->waiter);
	local->waiters--;
	unlock_heap(local);
}

/**
 * mrig_local_late() - the time is over: say why there is nothing, as things are now
 * @heap: as left
 * @place: likewise
 */
void mrig_local_late(struct memrig_heap *heap, struct local_wait *place)
{
	struct local_heap *local = lock_heap(heap);

	local->timeouts++;
	place->args->reason = MEMRIG_REASON_NONE;
	mrig_local_explain_locked(local, -ENOMEM, place->args);
	unlock_heap(local);
}
