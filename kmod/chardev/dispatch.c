// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way of every ioctl: find its row, copy the struct in, run the handler, copy the struct out,
 * and only then make new descriptors visible. Whatever cannot be delivered is taken back.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "chardev/dispatch.h"
#include "core/trace.h"

/* No struct will ever be longer; bounds the search for non-zero bytes in what we do not know. */
#define SIZE_LIMIT	PAGE_SIZE

static const struct mrig_ioctl_op *find_op(const struct mrig_ioctl_table *table, unsigned int cmd)
{
	const struct mrig_ioctl_op *op;
	u32 nr = _IOC_NR(cmd);

	if (nr < table->first || nr - table->first >= table->count)
		return NULL;
	op = &table->ops[array_index_nospec(nr - table->first, table->count)];
	return op->handler && op->cmd == cmd ? op : NULL;
}

/*
 * Also tries to write the struct, so that an address that cannot take the answer is refused before
 * anything has happened.
 */
static int copy_in(const struct mrig_ioctl_op *op, union mrig_ioctl_arg *arg, void __user *uarg,
		   u32 *usize)
{
	int err;

	if (mrig_should_fail() || get_user(*usize, (u32 __user *)uarg))
		return -EFAULT;
	if (*usize < op->min_size)
		return -EINVAL;
	if (*usize > SIZE_LIMIT)
		return -E2BIG;
	err = copy_struct_from_user(arg, op->size, uarg, *usize);
	if (err)
		return err;
	/* The caller may have changed it between the two looks. */
	arg->size = *usize;
	return mrig_copy_out(uarg, arg, min(*usize, op->size));
}

/*
 * The end: all or nothing. Where success is the whole answer, nobody misses the struct if its
 * memory went away meanwhile.
 */
static int deliver(const struct mrig_ioctl_op *op, struct mrig_ucmd *ucmd, void __user *uarg,
		   u32 usize, int err)
{
	bool mute = op->mute || ucmd->mute;

	if (mrig_copy_out(uarg, ucmd->arg, min(usize, op->size)) && !err && !mute)
		err = -EFAULT;
	if (ucmd->settle)
		ucmd->settle(ucmd, !err);
	if (!ucmd->new_file)
		return err;
	if (!err) {
		fd_install(ucmd->new_fd, ucmd->new_file);
		return 0;
	}
	put_unused_fd(ucmd->new_fd);
	fput(ucmd->new_file);
	return err;
}

static int run(const struct mrig_ioctl_table *table, struct file *file, unsigned int cmd,
	       void __user *uarg)
{
	const struct mrig_ioctl_op *op = find_op(table, cmd);
	struct mrig_ucmd ucmd = { .file = file, .new_fd = -1 };
	union mrig_ioctl_arg arg;
	u32 usize;
	int err;

	if (!op)
		return -ENOTTY;
	err = copy_in(op, &arg, uarg, &usize);
	if (err)
		return err;
	ucmd.arg = &arg;
	err = op->handler(&ucmd);
	return deliver(op, &ucmd, uarg, usize, err);
}

/**
 * mrig_ioctl_dispatch() - handle an ioctl
 * @table: of this kind of file
 * @file: it was issued on
 * @cmd: its number
 * @arg: address of its struct
 *
 * Every refusal leaves a line in the trace.
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
long mrig_ioctl_dispatch(const struct mrig_ioctl_table *table, struct file *file,
			 unsigned int cmd, unsigned long arg)
{
	int err = run(table, file, cmd, (void __user *)arg);

	if (err)
		trace_memrig_reject(table->object, cmd, err);
	return err;
}
