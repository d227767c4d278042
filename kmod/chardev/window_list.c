// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of a session on windows that there are.
 */
#include <linux/err.h>
#include <linux/memrig.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "paging/window.h"

static void list_stat(struct mrig_window *window, void *stat)
{
	mrig_window_stat(window, stat, false);
}

/* One element of a listing, as long as the caller thinks it is. */
static int list_put(const struct memrig_window_stat *stat, void __user *to, u32 entry_size)
{
	if (mrig_copy_out(to, stat, stat->size) ||
	    clear_user(to + stat->size, entry_size - stat->size))
		return -EFAULT;
	return 0;
}

/**
 * mrig_window_list_ioctl() - MEMRIG_IOC_WINDOW_LIST
 * @ucmd: the ioctl
 *
 * Return: 0; -EOPNOTSUPP: unknown flag; -EINVAL, -EFAULT; -EINTR: the caller is being killed.
 */
int mrig_window_list_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_window_list *arg = ucmd->arg;
	void __user *to = u64_to_user_ptr(arg->entries);
	struct memrig_window_stat stat = { };
	u64 cursor = arg->cursor;
	u32 room = arg->count;
	int err;

	arg->count = 0;
	if (arg->flags)
		return -EOPNOTSUPP;
	if (!room || room > MEMRIG_BATCH_MAX || arg->entry_size > PAGE_SIZE ||
	    arg->entry_size < offsetofend(struct memrig_window_stat, wear_most))
		return -EINVAL;
	while (arg->count < room) {
		stat.size = min_t(u32, arg->entry_size, sizeof(stat));
		if (!mrig_window_next(&cursor, list_stat, &stat))
			break;
		err = list_put(&stat, to, arg->entry_size);
		if (err)
			return err;
		to += arg->entry_size;
		arg->cursor = cursor;
		arg->count++;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * mrig_paging_stat_ioctl() - MEMRIG_IOC_PAGING_STAT, on a session
 * @ucmd: the ioctl
 *
 * Return: as mrig_paging_stat().
 */
int mrig_paging_stat_ioctl(struct mrig_ucmd *ucmd)
{
	return mrig_paging_stat(ucmd->arg);
}
