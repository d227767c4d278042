// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for any of several members of a multi object that the library runs.
 *
 * The request has a place in the queue of each heap of this process (local_wait.c). Heaps in the
 * kernel have no queue for a thread that waits elsewhere too: it polls them, each by a client of
 * its own, which watches for the size of the request. All such requests of an object are in one
 * queue, and whoever sees memory in the kernel hands it out in the order of that queue, not to
 * himself. poll() reports what is the case, not what has changed: memory that comes before it is
 * not missed.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "multi.h"

#define SECOND 1000000000LL

/**
 * struct request - a request that waits
 * @poll: its place in the queue of those who poll; first
 * @race: which place has a block first
 * @local: object
 * @places: the members
 * @nr: their number
 * @polled: how many are in the kernel
 * @fds: what is polled: the event, then a descriptor for each place, -1: none
 */
struct request {
	struct mrig_waiter poll;
	struct local_race race;
	struct local_multi *local;
	struct multi_place *places;
	uint32_t nr;
	uint32_t polled;
	struct pollfd *fds;
};

static bool is_process(const struct multi_place *place)
{
	return !place->member->span.heap->ops->fd;
}

/* ---- in the kernel ------------------------------------------------------------------- */

/* An attempt, for whoever the place is of. */
static int64_t ask_kernel(void *ctx, struct local_wait *wait)
{
	struct memrig_heap *heap = ctx;
	int ret;

	ret = heap->ops->alloc(heap, wait->args);
	if (!ret)
		return 0;
	ret = mrig_local_hopeless(ret, wait->args);
	return ret ? ret : -EAGAIN;
}

/* What poll() says is never to be had, and what an attempt cannot explain. */
static int64_t give_up(void *ctx, struct local_wait *wait)
{
	wait->args->reason = MEMRIG_REASON_TOO_LARGE;
	return -EINVAL;
}

static struct multi_place *place_in(struct request *request, const struct multi_member *member)
{
	uint32_t i;

	for (i = 0; i < request->nr; i++)
		if (request->places[i].member == member)
			return request->places[i].done ? NULL : &request->places[i];
	return NULL;
}

/*
 * Hands what a member in the kernel has to those who poll for it, in their order. True: nothing
 * comes from there for him who saw it.
 */
static bool serve_member(struct local_multi *local, struct multi_place *seen, bool never)
{
	struct multi_member *member = seen->member;
	unsigned long key = mrig_lock_enter(&local->polling);
	struct mrig_waiter *waiter;
	bool done;

	for (waiter = local->polls.first; waiter; waiter = waiter->next) {
		struct multi_place *place = place_in((struct request *)waiter, member);

		if (place)
			place->done = mrig_local_race(&place->wait, ask_kernel, member->span.heap);
	}
	if (never && !seen->done)
		seen->done = mrig_local_race(&seen->wait, give_up, NULL);
	done = seen->done;
	mrig_lock_leave(&local->polling, key);
	return done;
}

/* A client of its own, so that requests of several sizes can be watched for. */
static int open_eye(struct multi_place *place, struct pollfd *fd)
{
	struct memrig_heap *heap = place->member->span.heap;
	struct memrig_watch watch = {
		.size = sizeof(watch),
		.bytes = place->args.bytes,
		.align = place->args.align,
	};
	int ret;

	ret = heap->ops->attach(heap, &place->eye);
	if (!ret)
		ret = place->eye->ops->watch(place->eye, &watch);
	if (!ret)
		*fd = (struct pollfd){ .fd = heap->ops->fd(place->eye), .events = POLLIN };
	return ret;
}

/* Descriptors of all that is to be polled. */
static int open_eyes(struct request *request)
{
	uint32_t i;
	int ret = 0;

	request->fds = calloc(request->nr + 1, sizeof(*request->fds));
	if (!request->fds)
		return -ENOMEM;
	request->race.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (request->race.event < 0)
		return -errno;
	request->fds[0] = (struct pollfd){ .fd = request->race.event, .events = POLLIN };
	for (i = 0; i < request->nr && !ret; i++) {
		request->fds[i + 1].fd = -1;
		if (!is_process(&request->places[i]))
			ret = open_eye(&request->places[i], &request->fds[i + 1]);
	}
	return ret;
}

static void close_eyes(struct request *request)
{
	uint32_t i;

	for (i = 0; i < request->nr; i++)
		memrig_heap_close(request->places[i].eye);
	if (request->race.event >= 0)
		mrig_close_fd(request->race.event);
	free(request->fds);
}

/* ---- asleep -------------------------------------------------------------------------- */

/* Until something is to be seen. 0, -ETIMEDOUT, -EINTR or worse. */
static int poll_once(struct request *request, int64_t until)
{
	int64_t left = until - mrig_clock();
	struct timespec time = { 0 };
	int saved = errno, ret;

	if (left > 0)
		time = (struct timespec){ .tv_sec = left / SECOND, .tv_nsec = left % SECOND };
	ret = ppoll(request->fds, request->nr + 1, until == MRIG_NEVER ? NULL : &time, NULL);
	if (ret < 0) {
		ret = -errno;
		errno = saved;
		return ret;
	}
	return ret ? 0 : -ETIMEDOUT;
}

static int sleep_polling(struct request *request, int64_t until)
{
	uint32_t i;
	int ret;

	for (;;) {
		ret = poll_once(request, until);
		if (ret || request->fds[0].revents)
			return ret;
		for (i = 1; i <= request->nr; i++) {
			struct pollfd *fd = &request->fds[i];
			bool never = !(fd->revents & POLLIN);

			if (fd->fd >= 0 && fd->revents &&
			    serve_member(request->local, &request->places[i - 1], never))
				fd->fd = -1;
		}
	}
}

static int sleep_until(struct request *request, int64_t until)
{
	struct local_race *race = &request->race;
	unsigned long key;
	int ret;

	if (request->polled)
		return sleep_polling(request, until);
	key = mrig_lock_enter(&race->lock);
	ret = mrig_sleep(&race->lock, &key, &race->sleeper, until);
	mrig_lock_leave(&race->lock, key);
	return ret;
}

/* ---- the queues ---------------------------------------------------------------------- */

static void enter(struct request *request)
{
	struct local_multi *local = request->local;
	unsigned long key;
	uint32_t i;

	for (i = 0; i < request->nr; i++)
		if (is_process(&request->places[i]))
			mrig_local_join(request->places[i].member->span.heap,
					&request->places[i].wait);
	if (!request->polled)
		return;
	key = mrig_lock_enter(&local->polling);
	mrig_waitq_join(&local->polls, &local->polling, &request->poll);
	mrig_lock_leave(&local->polling, key);
}

static void leave(struct request *request)
{
	struct local_multi *local = request->local;
	unsigned long key;
	uint32_t i;

	for (i = 0; i < request->nr; i++)
		if (is_process(&request->places[i]))
			mrig_local_leave(request->places[i].member->span.heap,
					 &request->places[i].wait);
	if (!request->polled)
		return;
	key = mrig_lock_enter(&local->polling);
	mrig_waitq_leave(&local->polling, &local->polls, &request->poll);
	mrig_lock_leave(&local->polling, key);
}

/* ---- how it ended -------------------------------------------------------------------- */

/* All places are without hope: that heaps are fenced off counts least. */
static int verdict(const struct request *request, struct memrig_multi_alloc *args)
{
	const struct multi_place *place;
	int ret = -EIO;
	uint32_t i;

	for (i = 0; i < request->nr && ret != -ENOMEM; i++) {
		place = &request->places[i];
		if (place->wait.result == -EIO)
			continue;
		ret = (int)place->wait.result;
		args->reason = place->args.reason;
	}
	return ret;
}

/* The reason is that of the last place that may serve it still, as things are now. */
static void tell_timeout(struct request *request, struct memrig_multi_alloc *args)
{
	struct multi_place *place;
	uint32_t i;

	args->largest_free = 0;
	for (i = 0; i < request->nr; i++) {
		place = &request->places[i];
		if (place->wait.result != -EAGAIN)
			continue;
		if (is_process(place))
			mrig_local_late(place->member->span.heap, &place->wait);
		args->reason = place->args.reason;
		if (place->args.largest_free > args->largest_free)
			args->largest_free = place->args.largest_free;
	}
}

static int run(struct request *request, struct memrig_multi_alloc *args)
{
	int64_t until = mrig_local_deadline(args->timeout_ns), left;
	int ret;

	enter(request);
	ret = sleep_until(request, until);
	leave(request);
	if (request->race.winner)
		return 0;
	if (!request->race.hopes)
		return verdict(request, args);
	if (ret == -ETIMEDOUT)
		tell_timeout(request, args);
	if (ret == -EINTR && until != MRIG_NEVER) {
		left = until - mrig_clock();
		args->timeout_ns = left > 0 ? (uint64_t)left : 0;
	}
	return ret;
}

/* Only one may serve it: its heap has a queue, in the kernel, too. */
static int wait_for_one(struct multi_place *place, struct memrig_multi_alloc *args)
{
	struct memrig_heap *heap = place->member->span.heap;
	int ret;

	place->args.flags = MEMRIG_ALLOC_WAIT;
	place->args.timeout_ns = args->timeout_ns;
	ret = heap->ops->alloc(heap, &place->args);
	args->timeout_ns = place->args.timeout_ns;
	args->reason = place->args.reason;
	return ret;
}

/**
 * mrig_multi_wait() - wait for any of several members
 * @local: object; its lock is not held
 * @places: the members, which stay; in the order to be tried
 * @nr: their number, not 0
 * @args: the request; out: if there is no block, why
 * @winner: out: the place whose args say where the block is
 *
 * Return: 0; -ETIMEDOUT; -EINTR, with the time that is left; -EINVAL: it can never be had; -ENOMEM:
 * no memory for bookkeeping; -EIO: all are fenced off; what poll() or another descriptor lack.
 */
int mrig_multi_wait(struct local_multi *local, struct multi_place *places, uint32_t nr,
		    struct memrig_multi_alloc *args, struct multi_place **winner)
{
	struct request request = {
		.race = { .hopes = nr, .event = -1 },
		.local = local,
		.places = places,
		.nr = nr,
	};
	uint32_t i;
	int ret = 0;

	for (i = 0; i < nr; i++) {
		places[i].args = (struct memrig_alloc){
			.size = sizeof(places[i].args),
			.bytes = args->bytes,
			.align = args->align,
		};
		places[i].wait = (struct local_wait){
			.args = &places[i].args,
			.race = &request.race,
			.result = -EAGAIN,
		};
		request.polled += !is_process(&places[i]);
	}
	*winner = &places[0];
	if (nr == 1)
		return wait_for_one(&places[0], args);
	if (request.polled)
		ret = open_eyes(&request);
	if (!ret)
		ret = run(&request, args);
	if (request.polled)
		close_eyes(&request);
	if (!ret)
		*winner = (struct multi_place *)request.race.winner;
	return ret;
}
