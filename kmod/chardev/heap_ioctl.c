// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of a heap on one block, or on the heap itself: unpack, call, pack.
 */
#include <linux/fs.h>

#include "alloc/heap.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"

static struct mrig_client *client_of(const struct mrig_ucmd *ucmd)
{
	return ucmd->file->private_data;
}

static void alloc_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	struct memrig_alloc *arg = ucmd->arg;
	u64 offset = arg->offset;

	if (delivered)
		mrig_block_commit(client_of(ucmd), &offset, 1);
	else
		mrig_block_undo(client_of(ucmd), &offset, 1);
}

/**
 * mrig_alloc_ioctl() - MEMRIG_IOC_ALLOC
 * @ucmd: the ioctl
 *
 * Return: as mrig_block_alloc_begin().
 */
int mrig_alloc_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_alloc *arg = ucmd->arg;
	bool wait = arg->flags & MEMRIG_ALLOC_WAIT;
	u64 timeout_ns = arg->timeout_ns;
	struct mrig_grant grant = { };
	char site[MEMRIG_SITE_MAX] = "";
	int err = 0;

	if (arg->flags & ~MEMRIG_ALLOC_WAIT)
		err = -EOPNOTSUPP;
	else if (timeout_ns && !wait)
		err = -EINVAL;
	if (!err && client_of(ucmd)->heap->spec.flags & MEMRIG_HEAP_TRACK)
		err = mrig_site_copy_in(site, arg->site);
	if (!err)
		err = mrig_block_alloc_begin(client_of(ucmd), arg->align, arg->bytes,
					     wait ? &timeout_ns : NULL, &grant);
	if (!err && site[0])
		mrig_track_name(client_of(ucmd), grant.offset, site);
	arg->timeout_ns = timeout_ns;
	arg->offset = grant.offset;
	arg->usable = grant.usable;
	arg->region_index = 0;
	arg->reason = grant.reason;
	arg->largest_free = grant.largest_free;
	if (!err)
		ucmd->settle = alloc_settle;
	return err;
}

/**
 * mrig_free_ioctl() - MEMRIG_IOC_FREE
 * @ucmd: the ioctl
 *
 * Return: as mrig_block_free().
 */
int mrig_free_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_free *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_block_free(client_of(ucmd), arg->offset);
}

/*
 * A block that moved is in both places until now. One that was resized where it is gets its old
 * size again; if that was larger, somebody else may have taken the difference.
 */
static void realloc_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	struct memrig_realloc *arg = ucmd->arg;
	struct mrig_grant grant;

	if (arg->moved)
		mrig_block_realloc_end(client_of(ucmd), ucmd->memo.number, arg->offset, delivered);
	else if (!delivered)
		mrig_block_realloc_begin(client_of(ucmd), arg->offset, 0, ucmd->memo.number, true,
					 &grant);
}

/**
 * mrig_realloc_ioctl() - MEMRIG_IOC_REALLOC
 * @ucmd: the ioctl
 *
 * Return: as mrig_block_realloc().
 */
int mrig_realloc_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_realloc *arg = ucmd->arg;
	struct mrig_grant grant = { .offset = arg->offset };
	int err = arg->flags & ~MEMRIG_REALLOC_IN_PLACE ? -EOPNOTSUPP : 0;

	if (!err)
		err = mrig_block_realloc_begin(client_of(ucmd), arg->offset, arg->align, arg->bytes,
					       arg->flags & MEMRIG_REALLOC_IN_PLACE, &grant);
	if (!err) {
		ucmd->memo.number = grant.moved ? arg->offset : grant.was;
		ucmd->settle = realloc_settle;
	}
	arg->offset = grant.offset;
	arg->usable = grant.usable;
	arg->moved = grant.moved;
	arg->reason = grant.reason;
	arg->largest_free = grant.largest_free;
	return err;
}

/**
 * mrig_usable_ioctl() - MEMRIG_IOC_USABLE
 * @ucmd: the ioctl
 *
 * Return: as mrig_block_usable().
 */
int mrig_usable_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_usable *arg = ucmd->arg;
	u64 usable = 0;
	int err = arg->flags ? -EOPNOTSUPP : 0;

	if (!err)
		err = mrig_block_usable(client_of(ucmd), arg->offset, &usable);
	arg->usable = usable;
	return err;
}

/**
 * mrig_watch_ioctl() - MEMRIG_IOC_WATCH
 * @ucmd: the ioctl
 *
 * Return: as mrig_client_watch().
 */
int mrig_watch_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_watch *arg = ucmd->arg;
	bool messages = arg->flags & MEMRIG_WATCH_MESSAGES;
	int err = 0;

	if (arg->flags & ~MEMRIG_WATCH_MESSAGES)
		return -EOPNOTSUPP;
	if (!messages)
		err = mrig_client_watch(client_of(ucmd), arg->align, arg->bytes);
	else if (arg->bytes || arg->align)
		err = -EINVAL;
	if (!err)
		mrig_queue_watch(client_of(ucmd), messages);
	return err;
}

/**
 * mrig_give_ioctl() - MEMRIG_IOC_GIVE
 * @ucmd: the ioctl
 *
 * Return: as mrig_block_give().
 */
int mrig_give_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_give *arg = ucmd->arg;

	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return mrig_block_give(client_of(ucmd), arg->offset, arg->client);
}

/**
 * mrig_keep_ioctl() - MEMRIG_IOC_KEEP
 * @ucmd: the ioctl
 *
 * Return: as mrig_block_keep().
 */
int mrig_keep_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_keep *arg = ucmd->arg;

	arg->reason = MEMRIG_REASON_NONE;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return mrig_block_keep(client_of(ucmd), arg->offset, &arg->reason);
}

/**
 * mrig_heap_stat_ioctl() - MEMRIG_IOC_HEAP_STAT
 * @ucmd: the ioctl
 *
 * Return: as mrig_heap_obj_stat().
 */
int mrig_heap_stat_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_heap_stat *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_heap_obj_stat(client_of(ucmd)->heap, client_of(ucmd), arg);
}

/**
 * mrig_heap_reset_max_ioctl() - MEMRIG_IOC_HEAP_RESET_MAX
 * @ucmd: the ioctl
 *
 * Return: as mrig_heap_obj_reset_max().
 */
int mrig_heap_reset_max_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_heap_reset_max *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_heap_obj_reset_max(client_of(ucmd)->heap);
}

/**
 * mrig_heap_validate_ioctl() - MEMRIG_IOC_HEAP_VALIDATE
 * @ucmd: the ioctl
 *
 * Return: as mrig_heap_obj_validate().
 */
int mrig_heap_validate_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_heap_validate *arg = ucmd->arg;
	struct mrig_fault fault = { };
	int err = arg->flags || arg->reserved ? -EOPNOTSUPP : 0;

	if (!err)
		err = mrig_heap_obj_validate(client_of(ucmd)->heap, &fault);
	arg->invariant = fault.invariant;
	arg->offset = fault.offset;
	return err;
}
