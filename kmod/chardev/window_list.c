// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of a session on windows that there are.
 */
#include <linux/memrig.h>
#include <linux/stddef.h>

#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "chardev/listing.h"
#include "paging/window.h"

static void list_stat(struct mrig_window *window, void *stat)
{
	mrig_window_stat(window, stat, false);
}

static bool window_list_next(u64 *cursor, void *stat)
{
	return mrig_window_next(cursor, list_stat, stat);
}

/**
 * mrig_window_list_ioctl() - MEMRIG_IOC_WINDOW_LIST
 * @ucmd: the ioctl
 *
 * Return: -EOPNOTSUPP: unknown flag; else as mrig_listing_ioctl().
 */
int mrig_window_list_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_window_list *arg = ucmd->arg;
	struct memrig_window_stat stat = { };
	struct mrig_listing list = {
		.cursor = &arg->cursor,
		.count = &arg->count,
		.entries = arg->entries,
		.entry_size = arg->entry_size,
		.least = offsetofend(struct memrig_window_stat, wear_most),
		.most = sizeof(stat),
		.entry = &stat,
		.next = window_list_next,
	};

	if (arg->flags) {
		arg->count = 0;
		return -EOPNOTSUPP;
	}
	return mrig_listing_ioctl(&list);
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
