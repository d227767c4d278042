// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of a heap on messages.
 */
#include <linux/fs.h>

#include "alloc/heap.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"

/**
 * mrig_send_ioctl() - MEMRIG_IOC_SEND
 * @ucmd: the ioctl
 *
 * Return: as mrig_queue_send().
 */
int mrig_send_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_send *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_queue_send(ucmd->file->private_data, arg->offset, arg->bytes);
}

static void receive_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	mrig_queue_receive_end(ucmd->file->private_data, ucmd->memo.pointer, delivered);
}

/**
 * mrig_receive_ioctl() - MEMRIG_IOC_RECEIVE
 * @ucmd: the ioctl
 *
 * Return: as mrig_queue_receive_begin().
 */
int mrig_receive_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_receive *arg = ucmd->arg;
	bool wait = arg->flags & MEMRIG_RECEIVE_WAIT;
	u64 timeout_ns = arg->timeout_ns;
	struct mrig_received got = { };
	int err = 0;

	if (arg->flags & ~MEMRIG_RECEIVE_WAIT || arg->reserved)
		err = -EOPNOTSUPP;
	else if (timeout_ns && !wait)
		err = -EINVAL;
	if (!err)
		err = mrig_queue_receive_begin(ucmd->file->private_data, wait ? &timeout_ns : NULL,
					       &got);
	arg->timeout_ns = timeout_ns;
	arg->offset = got.offset;
	arg->usable = got.usable;
	arg->bytes = got.bytes;
	arg->from = got.from;
	if (!err) {
		ucmd->memo.pointer = got.message;
		ucmd->settle = receive_settle;
	}
	return err;
}
