// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of heaps of equal blocks, by number.
 */
#include <linux/fs.h>

#include "alloc/heap.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"

static void blocks_get_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	struct memrig_blocks_get *arg = ucmd->arg;
	u64 offset = arg->offset;

	if (delivered)
		mrig_block_commit(ucmd->file->private_data, &offset, 1);
	else
		mrig_block_undo(ucmd->file->private_data, &offset, 1);
}

/**
 * mrig_blocks_get_ioctl() - MEMRIG_IOC_BLOCKS_GET
 * @ucmd: the ioctl
 *
 * Return: as mrig_blocks_get_begin().
 */
int mrig_blocks_get_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_blocks_get *arg = ucmd->arg;
	int err;

	arg->reason = MEMRIG_REASON_NONE;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	err = mrig_blocks_get_begin(ucmd->file->private_data, arg->offset, arg->count,
				    &arg->reason);
	if (!err)
		ucmd->settle = blocks_get_settle;
	return err;
}

/**
 * mrig_blocks_free_ioctl() - MEMRIG_IOC_BLOCKS_FREE
 * @ucmd: the ioctl
 *
 * Return: as mrig_blocks_give_back().
 */
int mrig_blocks_free_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_blocks_free *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_blocks_give_back(ucmd->file->private_data, arg->offset, arg->count);
}

/**
 * mrig_blocks_is_free_ioctl() - MEMRIG_IOC_BLOCKS_IS_FREE
 * @ucmd: the ioctl
 *
 * Return: as mrig_blocks_are_free().
 */
int mrig_blocks_is_free_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_blocks_is_free *arg = ucmd->arg;

	arg->free = 0;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return mrig_blocks_are_free(ucmd->file->private_data, arg->offset, arg->count, &arg->free);
}
