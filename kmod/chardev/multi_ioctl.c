// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of multi objects on members, rules and figures.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc/multi.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "core/account.h"

static struct mrig_multi_file *file_of(const struct mrig_ucmd *ucmd)
{
	return ucmd->file->private_data;
}

static void add_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	struct memrig_multi_add *arg = ucmd->arg;

	if (!delivered)
		mrig_multi_undo_add(file_of(ucmd), arg->member, ucmd->memo.number);
}

/**
 * mrig_multi_add_ioctl() - MEMRIG_IOC_MULTI_ADD
 * @ucmd: the ioctl
 *
 * Return: -EBADF, -EINVAL: that is no heap; else as mrig_multi_add().
 */
int mrig_multi_add_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_add *arg = ucmd->arg;
	u64 attrs = arg->attrs;
	struct mrig_client *client;
	struct file *heap_file;
	u32 number = 0;
	int err;

	arg->member = 0;
	if (arg->flags)
		return -EOPNOTSUPP;
	heap_file = fget(arg->heap_fd);
	if (!heap_file)
		return -EBADF;
	client = mrig_heap_file_client(heap_file);
	err = client ? mrig_multi_add(file_of(ucmd), client->heap, &attrs, &number,
				      &ucmd->memo.number) : -EINVAL;
	fput(heap_file);
	if (err)
		return err;
	arg->attrs = attrs;
	arg->member = number;
	ucmd->settle = add_settle;
	return 0;
}

/**
 * mrig_multi_remove_ioctl() - MEMRIG_IOC_MULTI_REMOVE
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_remove().
 */
int mrig_multi_remove_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_remove *arg = ucmd->arg;

	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	return mrig_multi_remove(file_of(ucmd), arg->member);
}

static int copy_rules(struct mrig_rules *rules, const struct memrig_rule __user *from, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (mrig_copy_in(&rules->rule[i].is, from + i, sizeof(*from)))
			return -EFAULT;
	return 0;
}

/**
 * mrig_multi_rules_ioctl() - MEMRIG_IOC_MULTI_RULES
 * @ucmd: the ioctl
 *
 * Return: -EFAULT, -ENOMEM; else as mrig_rules_set().
 */
int mrig_multi_rules_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_rules *arg = ucmd->arg;
	struct mrig_rules *rules;
	int err;

	if (arg->flags)
		return -EOPNOTSUPP;
	if (arg->count > MEMRIG_MULTI_MAX || arg->rule_size != sizeof(struct memrig_rule))
		return -EINVAL;
	if (!mrig_multi_may_change(file_of(ucmd)->multi))
		return -EPERM;
	rules = mrig_rules_new(arg->count);
	if (!rules)
		return -ENOMEM;
	err = copy_rules(rules, u64_to_user_ptr(arg->rules), arg->count);
	if (err) {
		kvfree(rules);
		return err;
	}
	return mrig_rules_set(file_of(ucmd)->multi, rules);
}

/**
 * mrig_multi_member_ioctl() - MEMRIG_IOC_MULTI_MEMBER
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_client().
 */
int mrig_multi_member_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_member *arg = ucmd->arg;
	struct mrig_client *client;

	arg->fd = -1;
	if (arg->flags)
		return -EOPNOTSUPP;
	client = mrig_multi_client(file_of(ucmd), arg->member);
	if (IS_ERR(client))
		return PTR_ERR(client);
	return mrig_client_publish(ucmd, client, &arg->fd);
}

/**
 * mrig_multi_watch_ioctl() - MEMRIG_IOC_MULTI_WATCH
 * @ucmd: the ioctl
 *
 * Return: as mrig_multi_watch().
 */
int mrig_multi_watch_ioctl(struct mrig_ucmd *ucmd)
{
	const struct memrig_multi_watch *arg = ucmd->arg;
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

	return arg->flags ? -EOPNOTSUPP : mrig_multi_watch(file_of(ucmd), &request);
}

static int put_members(struct mrig_multi *multi, void __user *to, u32 room)
{
	struct memrig_multi_member_stat *stats = NULL;
	int err;
	u32 n;

	if (!room)
		return 0;
	if (!mrig_should_fail())
		stats = kvcalloc(room, sizeof(*stats), MRIG_GFP_SIDE);
	if (!stats)
		return -ENOMEM;
	n = mrig_multi_member_stats(multi, stats, room);
	err = mrig_copy_out(to, stats, n * sizeof(*stats));
	kvfree(stats);
	return err;
}

static int put_rules(struct mrig_multi *multi, void __user *to, u32 room)
{
	struct memrig_multi_rule_stat *stats = NULL;
	int err;
	u32 n;

	if (!room)
		return 0;
	if (!mrig_should_fail())
		stats = kvcalloc(room, sizeof(*stats), MRIG_GFP_SIDE);
	if (!stats)
		return -ENOMEM;
	n = mrig_multi_rule_stats(multi, stats, room);
	err = mrig_copy_out(to, stats, n * sizeof(*stats));
	kvfree(stats);
	return err;
}

/**
 * mrig_multi_stat_ioctl() - MEMRIG_IOC_MULTI_STAT
 * @ucmd: the ioctl
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOMEM.
 */
int mrig_multi_stat_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_multi_stat *arg = ucmd->arg;
	struct mrig_multi *multi = file_of(ucmd)->multi;
	u32 members = arg->member_count, rules = arg->rule_count;
	int err;

	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	if (members > MEMRIG_MULTI_MAX || rules > MEMRIG_MULTI_MAX)
		return -EINVAL;
	mrig_multi_stat(multi, arg);
	err = put_members(multi, u64_to_user_ptr(arg->members), members);
	return err ?: put_rules(multi, u64_to_user_ptr(arg->rules), rules);
}
