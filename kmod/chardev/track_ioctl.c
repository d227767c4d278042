// SPDX-License-Identifier: GPL-2.0-only
/*
 * Call sites as they come from user space, and the listing of who has which block.
 */
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "alloc/heap.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "chardev/listing.h"

/* Elements that travel at a time; they are larger than those of other listings. */
#define CHUNK	4

/**
 * mrig_site_copy_in() - read the name of a call site
 * @site: out: MEMRIG_SITE_MAX bytes, untouched if there is none
 * @from: user address of the text, or 0
 *
 * Return: 0; -EFAULT; -EINVAL: it is too long, or has characters that have no place in a log.
 */
int mrig_site_copy_in(char *site, u64 from)
{
	long n, i;

	if (!from)
		return 0;
	if (mrig_should_fail())
		return -EFAULT;
	n = strncpy_from_user(site, u64_to_user_ptr(from), MEMRIG_SITE_MAX);
	if (n < 0)
		return -EFAULT;
	if (n == MEMRIG_SITE_MAX)
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (!isascii(site[i]) || !isprint(site[i]))
			return -EINVAL;
	return 0;
}

static int put_entries(void __user *to, const struct memrig_track_entry *from, u32 count,
		       u32 entry_size)
{
	u32 known = min_t(u32, entry_size, sizeof(*from)), i;
	int err = 0;

	for (i = 0; i < count && !err; i++, to += entry_size)
		err = mrig_listing_put(to, &from[i], known, entry_size);
	return err;
}

/**
 * mrig_track_list_ioctl() - MEMRIG_IOC_TRACK_LIST
 * @ucmd: the ioctl
 *
 * A part that cannot be delivered is not skipped: the cursor stays before it.
 *
 * Return: 0, -EINTR, -EFAULT, -EINVAL, -EIO.
 */
int mrig_track_list_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_track_list *arg = ucmd->arg;
	struct memrig_track_entry piece[CHUNK];
	u64 cursor = arg->cursor;
	u32 room = arg->count;
	bool end = false;
	u32 n;
	int err;

	arg->count = 0;
	if (arg->flags)
		return -EOPNOTSUPP;
	err = mrig_listing_check(room, arg->entry_size,
				 offsetofend(struct memrig_track_entry, site));
	if (err)
		return err;
	while (!end && arg->count < room) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = mrig_track_list(ucmd->file->private_data, &cursor, piece,
				      min_t(u32, room - arg->count, CHUNK), &n, &end);
		if (err)
			return err;
		if (put_entries(u64_to_user_ptr(arg->entries) + (u64)arg->count * arg->entry_size,
				piece, n, arg->entry_size))
			return -EFAULT;
		arg->cursor = cursor;
		arg->count += n;
		cond_resched();
	}
	return 0;
}
