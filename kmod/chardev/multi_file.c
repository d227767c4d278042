// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of multi objects: each is a client of the members it uses.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>

#include "alloc/multi.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"

#define FIRST	0x50

static const struct mrig_ioctl_op multi_ops[] = {
	MRIG_IOCTL_OP(FIRST, MULTI_ADD, struct memrig_multi_add, attrs, mrig_multi_add_ioctl),
	MRIG_IOCTL_MUTE(FIRST, MULTI_REMOVE, struct memrig_multi_remove, reserved,
			mrig_multi_remove_ioctl),
	MRIG_IOCTL_MUTE(FIRST, MULTI_RULES, struct memrig_multi_rules, rule_size,
			mrig_multi_rules_ioctl),
	MRIG_IOCTL_OP(FIRST, MULTI_ALLOC, struct memrig_multi_alloc, reserved,
		      mrig_multi_alloc_ioctl),
	MRIG_IOCTL_MUTE(FIRST, MULTI_FREE, struct memrig_multi_free, offset,
			mrig_multi_free_ioctl),
	MRIG_IOCTL_OP(FIRST, MULTI_REALLOC, struct memrig_multi_realloc, reserved,
		      mrig_multi_realloc_ioctl),
	MRIG_IOCTL_OP(FIRST, MULTI_MEMBER, struct memrig_multi_member, fd,
		      mrig_multi_member_ioctl),
	MRIG_IOCTL_OP(FIRST, MULTI_ATTACH, struct memrig_multi_attach, reserved,
		      mrig_multi_attach_ioctl),
	MRIG_IOCTL_OP(FIRST, MULTI_STAT, struct memrig_multi_stat, rule_count,
		      mrig_multi_stat_ioctl),
	MRIG_IOCTL_MUTE(FIRST, MULTI_WATCH, struct memrig_multi_watch, node,
			mrig_multi_watch_ioctl),
};

static const struct mrig_ioctl_table multi_table = {
	.object = "multi",
	.first = FIRST,
	.count = ARRAY_SIZE(multi_ops),
	.ops = multi_ops,
};

static long multi_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return mrig_ioctl_dispatch(&multi_table, file, cmd, arg);
}

static __poll_t multi_poll(struct file *file, struct poll_table_struct *table)
{
	struct mrig_multi_file *multi = file->private_data;

	poll_wait(file, &multi->multi->pollers, table);
	return mrig_multi_poll(multi);
}

static void multi_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct mrig_multi_file *multi = file->private_data;
	struct memrig_multi_stat stat = { };

	mrig_multi_stat(multi->multi, &stat);
	seq_puts(m, "memrig-object:\tmulti\n");
	seq_printf(m, "memrig-multi:\t%llu\n", stat.id);
	seq_printf(m, "memrig-members:\t%u\n", stat.member_count);
	seq_printf(m, "memrig-rules:\t%u\n", stat.rule_count);
	seq_printf(m, "memrig-files:\t%u\n", stat.files);
	seq_printf(m, "memrig-allocs:\t%llu\n", stat.allocs);
	seq_printf(m, "memrig-frees:\t%llu\n", stat.frees);
	seq_printf(m, "memrig-failures:\t%llu\n", stat.failures);
}

static int multi_release(struct inode *inode, struct file *file)
{
	mrig_multi_release(file->private_data);
	return 0;
}

static const struct file_operations multi_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = multi_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = multi_poll,
	.show_fdinfo = multi_show_fdinfo,
	.release = multi_release,
};

/* Takes @multi over. */
static int publish(struct mrig_ucmd *ucmd, struct mrig_multi_file *multi, __s32 *fd_out)
{
	struct file *file;

	if (IS_ERR(multi))
		return PTR_ERR(multi);
	file = mrig_file_create("memrig-multi", NULL, &multi_fops, multi, O_RDWR);
	if (IS_ERR(file)) {
		mrig_multi_release(multi);
		return PTR_ERR(file);
	}
	return mrig_ucmd_publish(ucmd, file, fd_out);
}

/**
 * mrig_multi_create_ioctl() - MEMRIG_IOC_MULTI_CREATE, on a session
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_create().
 */
int mrig_multi_create_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_create *arg = ucmd->arg;

	arg->fd = -1;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return publish(ucmd, mrig_multi_create(), &arg->fd);
}

/**
 * mrig_multi_attach_ioctl() - MEMRIG_IOC_MULTI_ATTACH
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_attach().
 */
int mrig_multi_attach_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_attach *arg = ucmd->arg;
	struct mrig_multi_file *file = ucmd->file->private_data;

	arg->fd = -1;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return publish(ucmd, mrig_multi_attach(file->multi), &arg->fd);
}
