// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of multi objects on blocks.
 */
#include <linux/build_bug.h>
#include <linux/fs.h>

#include "alloc/multi.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"

static struct mrig_multi_file *file_of(const struct mrig_ucmd *ucmd)
{
	return ucmd->file->private_data;
}

static struct mrig_taken *taken_of(struct mrig_ucmd *ucmd)
{
	static_assert(sizeof(struct mrig_taken) <= sizeof(ucmd->memo));
	return (struct mrig_taken *)ucmd->memo.space;
}

static struct mrig_moved *move_of(struct mrig_ucmd *ucmd)
{
	static_assert(sizeof(struct mrig_moved) <= sizeof(ucmd->memo));
	return (struct mrig_moved *)ucmd->memo.space;
}

static void alloc_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	mrig_multi_settle(file_of(ucmd)->multi, taken_of(ucmd), delivered);
}

/**
 * mrig_multi_alloc_ioctl() - MEMRIG_IOC_MULTI_ALLOC
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_alloc_begin().
 */
int mrig_multi_alloc_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_alloc *arg = ucmd->arg;
	const struct mrig_request request = {
		.bytes = arg->bytes,
		.align = arg->align,
		.with = arg->with,
		.without = arg->without,
		.priority = arg->priority,
		.match = arg->match,
		.dma_bits = arg->dma_bits,
		.node = arg->node,
	};
	bool wait = arg->flags & MEMRIG_ALLOC_WAIT;
	struct mrig_taken *taken = taken_of(ucmd);
	u64 timeout_ns = arg->timeout_ns;
	char site[MEMRIG_SITE_MAX] = "";
	int err = 0;

	*taken = (struct mrig_taken){ .rule = ~0U };
	if (arg->flags & ~MEMRIG_ALLOC_WAIT || arg->reserved)
		err = -EOPNOTSUPP;
	else if (timeout_ns && !wait)
		err = -EINVAL;
	if (!err)
		err = mrig_site_copy_in(site, arg->site);
	if (!err)
		err = mrig_multi_alloc_begin(file_of(ucmd), &request, wait ? &timeout_ns : NULL,
					     taken);
	if (!err && site[0])
		mrig_track_name(taken->client, taken->grant.offset, site);
	arg->timeout_ns = timeout_ns;
	arg->member = err ? MEMRIG_MEMBER_ANY : taken->member->id;
	arg->rule = taken->rule;
	arg->offset = err ? 0 : taken->grant.offset;
	arg->usable = err ? 0 : taken->grant.usable;
	arg->reason = taken->grant.reason;
	arg->largest_free = taken->grant.largest_free;
	if (!err)
		ucmd->settle = alloc_settle;
	return err;
}

/**
 * mrig_multi_free_ioctl() - MEMRIG_IOC_MULTI_FREE
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_free().
 */
int mrig_multi_free_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_free *arg = ucmd->arg;

	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return mrig_multi_free(file_of(ucmd), arg->member, arg->offset);
}

static void realloc_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	mrig_multi_realloc_settle(file_of(ucmd)->multi, move_of(ucmd), delivered);
}

/**
 * mrig_multi_realloc_ioctl() - MEMRIG_IOC_MULTI_REALLOC
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_realloc_begin().
 */
int mrig_multi_realloc_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_realloc *arg = ucmd->arg;
	const struct mrig_request request = {
		.bytes = arg->bytes,
		.align = arg->align,
		.with = arg->with,
		.without = arg->without,
		.priority = arg->priority,
		.match = arg->match,
		.dma_bits = arg->dma_bits,
		.node = arg->node,
	};
	struct mrig_moved *move = move_of(ucmd);
	int err = 0;

	*move = (struct mrig_moved){ };
	if (arg->flags & ~MEMRIG_REALLOC_IN_PLACE || arg->reserved)
		err = -EOPNOTSUPP;
	if (!err)
		err = mrig_multi_realloc_begin(file_of(ucmd), arg->member, arg->offset, &request,
					       arg->flags & MEMRIG_REALLOC_IN_PLACE, move);
	arg->usable = 0;
	arg->moved = 0;
	arg->reason = err == -ENOMEM ? move->to.grant.reason : MEMRIG_REASON_NONE;
	arg->largest_free = err == -ENOMEM ? move->to.grant.largest_free : 0;
	if (err)
		return err;
	arg->offset = move->to.grant.offset;
	arg->usable = move->to.grant.usable;
	arg->moved = move->moved;
	if (move->moved)
		arg->member = move->to.member->id;
	ucmd->settle = realloc_settle;
	return 0;
}
