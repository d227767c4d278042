// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of a heap on many blocks: arrays travel in pieces of bounded size, and nothing that has
 * been written to user space is ever read back as the truth.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "alloc/heap.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "core/account.h"
#include "core/fault.h"

/**
 * struct alloc_run - an ALLOC_BATCH under way
 * @client: who allocates
 * @reqs: the array
 * @count: its length
 * @done: elements that succeeded
 * @taken: ALL_OR_NONE: offsets of these, not committed yet; else NULL
 */
struct alloc_run {
	struct mrig_client *client;
	struct memrig_alloc_req __user *reqs;
	u32 count;
	u32 done;
	u64 *taken;
};

/*
 * One piece: copy in, take, copy out, and then commit or remember it. A piece whose answers cannot
 * be delivered is undone as a whole. Returns the error of the first element that failed.
 */
static int alloc_piece(struct alloc_run *run)
{
	struct memrig_alloc_req piece[MRIG_BATCH_CHUNK];
	u32 n = min_t(u32, run->count - run->done, MRIG_BATCH_CHUNK);
	u64 offsets[MRIG_BATCH_CHUNK];
	u32 i, got, answered;

	if (mrig_copy_in(piece, run->reqs + run->done, n * sizeof(*piece)))
		return -EFAULT;
	got = mrig_block_alloc_chunk(run->client, piece, n);
	for (i = 0; i < got; i++)
		offsets[i] = piece[i].offset;
	answered = min(got + 1, n);
	if (mrig_copy_out(run->reqs + run->done, piece, answered * sizeof(*piece))) {
		mrig_block_undo(run->client, offsets, got);
		return -EFAULT;
	}
	if (run->taken)
		memcpy(run->taken + run->done, offsets, got * sizeof(*offsets));
	else
		mrig_block_commit(run->client, offsets, got);
	run->done += got;
	return got < n ? -(int)piece[got].error : 0;
}

/* Commit or undo everything an ALL_OR_NONE batch has taken. */
static void alloc_settle(struct mrig_client *client, u64 *taken, u32 count, bool keep)
{
	u32 at, n;

	for (at = 0; at < count; at += n) {
		n = min_t(u32, count - at, MRIG_BATCH_CHUNK);
		if (keep)
			mrig_block_commit(client, taken + at, n);
		else
			mrig_block_undo(client, taken + at, n);
		cond_resched();
	}
	kvfree(taken);
}

static void alloc_batch_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	struct memrig_alloc_batch *arg = ucmd->arg;

	alloc_settle(ucmd->file->private_data, ucmd->memo.pointer, arg->done, delivered);
}

static int alloc_all(struct alloc_run *run)
{
	int err = 0;

	while (!err && run->done < run->count) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = alloc_piece(run);
		cond_resched();
	}
	return err;
}

/**
 * mrig_alloc_batch_ioctl() - MEMRIG_IOC_ALLOC_BATCH
 * @ucmd: the ioctl
 *
 * Return: 0 when anything succeeded, with ALL_OR_NONE when everything did; else the error of the
 * first element, or -EINTR, -EFAULT, -ENOMEM, -EINVAL.
 */
int mrig_alloc_batch_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_alloc_batch *arg = ucmd->arg;
	struct alloc_run run = {
		.client = ucmd->file->private_data,
		.reqs = u64_to_user_ptr(arg->reqs),
		.count = arg->count,
	};
	int err;

	arg->done = 0;
	if (arg->flags & ~MEMRIG_BATCH_ALL_OR_NONE)
		return -EOPNOTSUPP;
	if (!arg->count || arg->count > MEMRIG_BATCH_MAX)
		return -EINVAL;
	if (arg->flags & MEMRIG_BATCH_ALL_OR_NONE) {
		if (!mrig_should_fail())
			run.taken = kvmalloc_array(run.count, sizeof(*run.taken),
						   MRIG_GFP_SIDE);
		if (!run.taken)
			return -ENOMEM;
	}
	err = alloc_all(&run);
	if (run.taken && err) {
		alloc_settle(run.client, run.taken, run.done, false);
		return err;
	}
	if (run.taken) {
		ucmd->settle = alloc_batch_settle;
		ucmd->memo.pointer = run.taken;
	}
	arg->done = run.done;
	return run.done ? 0 : err;
}

static int free_piece(struct mrig_client *client, const u64 __user *from, u32 n, u32 *done)
{
	u64 offsets[MRIG_BATCH_CHUNK];
	int err;
	u32 i;

	if (mrig_copy_in(offsets, from, n * sizeof(*offsets)))
		return -EFAULT;
	for (i = 0; i < n; i++) {
		err = mrig_block_free(client, offsets[i]);
		if (err)
			return err;
		++*done;
	}
	return 0;
}

/**
 * mrig_free_batch_ioctl() - MEMRIG_IOC_FREE_BATCH
 * @ucmd: the ioctl
 *
 * Return: 0 when all are free; the error of the first that could not be freed, or -EINTR, -EFAULT,
 * -EINVAL.
 */
int mrig_free_batch_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_free_batch *arg = ucmd->arg;
	const u64 __user *offsets = u64_to_user_ptr(arg->offsets);
	int err = 0;
	u32 n;

	arg->done = 0;
	if (arg->flags)
		return -EOPNOTSUPP;
	if (!arg->count || arg->count > MEMRIG_BATCH_MAX)
		return -EINVAL;
	while (!err && arg->done < arg->count) {
		if (fatal_signal_pending(current))
			return -EINTR;
		n = min_t(u32, arg->count - arg->done, MRIG_BATCH_CHUNK);
		err = free_piece(ucmd->file->private_data, offsets + arg->done, n, &arg->done);
		cond_resched();
	}
	return err;
}

/**
 * mrig_heap_walk_ioctl() - MEMRIG_IOC_HEAP_WALK
 * @ucmd: the ioctl
 *
 * A part that cannot be delivered is not skipped: the cursor stays before it.
 *
 * Return: 0, -EINTR, -EFAULT, -EINVAL, -EIO.
 */
int mrig_heap_walk_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_heap_walk *arg = ucmd->arg;
	struct mrig_client *client = ucmd->file->private_data;
	struct memrig_block __user *to = u64_to_user_ptr(arg->blocks);
	struct memrig_block piece[MRIG_BATCH_CHUNK];
	u64 cursor = arg->cursor;
	u32 room = arg->count;
	u32 n = 0;
	int err;

	arg->count = 0;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	if (!room || room > MEMRIG_BATCH_MAX)
		return -EINVAL;
	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = mrig_heap_obj_walk(client->heap, client, &cursor, piece,
					 min_t(u32, room - arg->count, MRIG_BATCH_CHUNK), &n);
		if (err)
			return err;
		if (mrig_copy_out(to + arg->count, piece, n * sizeof(*piece)))
			return -EFAULT;
		arg->cursor = cursor;
		arg->count += n;
		cond_resched();
	} while (n && arg->count < room);
	return 0;
}
