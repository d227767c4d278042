// SPDX-License-Identifier: GPL-2.0-only
/*
 * What poll() says about a multi object: whether a request like the watched one would succeed now,
 * or never. A hint: nothing is reserved. See multi.h for how wake-ups get here.
 */
#include <linux/poll.h>
#include <linux/smp.h>
#include <linux/wait.h>

#include "alloc/heap_private.h"
#include "alloc/multi.h"

/**
 * mrig_member_poke() - something happened to the heap of a member
 * @entry: mrig_member.poke
 * @mode: as for any wake-up function
 * @flags: likewise
 * @key: likewise
 *
 * Context: any; lock of the heap's wait queue held.
 * Return: 0: others are to be woken, too.
 */
int mrig_member_poke(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct mrig_member *member = container_of(entry, struct mrig_member, poke);
	struct wait_queue_head *pollers = &member->multi->pollers;

	if (wq_has_sleeper(pollers))
		__wake_up(pollers, TASK_NORMAL, 1, key);
	return 0;
}

/**
 * mrig_multi_poke() - members, rules or what is watched changed: let those who poll look again
 * @multi: the object
 *
 * Context: any.
 */
void mrig_multi_poke(struct mrig_multi *multi)
{
	if (wq_has_sleeper(&multi->pollers))
		wake_up_poll(&multi->pollers, EPOLLIN | EPOLLRDNORM | EPOLLERR);
}

/**
 * mrig_multi_watch() - what this file polls for from now on
 * @file: whose poll()
 * @request: what it is about
 *
 * Context: may sleep.
 * Return: as mrig_request_check().
 */
int mrig_multi_watch(struct mrig_multi_file *file, const struct mrig_request *request)
{
	int err = mrig_request_check(request);

	if (err)
		return err;
	down_write(&file->multi->lock);
	file->watch = *request;
	up_write(&file->multi->lock);
	mrig_multi_poke(file->multi);
	return 0;
}

/**
 * mrig_multi_poll() - the state of what a file watches for
 * @file: whose poll(), which is in the queue already
 *
 * Context: may sleep.
 * Return: EPOLLIN when it could be had now, EPOLLERR when never, or 0.
 */
__poll_t mrig_multi_poll(struct mrig_multi_file *file)
{
	struct mrig_multi *multi = file->multi;
	struct mrig_choice choice = {
		.multi = multi,
		.request = &file->watch,
		.cpu = raw_smp_processor_id(),
	};
	__poll_t mask = EPOLLERR, one;
	struct mrig_member *member;

	down_read(&multi->lock);
	while (!(mask & EPOLLIN)) {
		member = mrig_choice_next_locked(&choice);
		if (!member)
			break;
		one = mrig_heap_poll(member->heap, file->watch.align, file->watch.bytes);
		if (one != EPOLLERR)
			mask = one ?: mask & ~EPOLLERR;
	}
	up_read(&multi->lock);
	return mask;
}
