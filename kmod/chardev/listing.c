// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listings: from objects to an array of the caller's.
 */
#include <linux/memrig.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "chardev/dispatch.h"
#include "chardev/listing.h"

/**
 * mrig_listing_check() - can there be such an array?
 * @count: elements
 * @entry_size: bytes of one
 * @least: bytes of one in the release that introduced it
 *
 * Return: 0 or -EINVAL.
 */
int mrig_listing_check(u32 count, u32 entry_size, size_t least)
{
	if (!count || count > MEMRIG_BATCH_MAX || entry_size > PAGE_SIZE || entry_size < least)
		return -EINVAL;
	return 0;
}

/**
 * mrig_listing_put() - one element, as long as the caller thinks it is
 * @to: its place
 * @entry: element
 * @known: bytes of it that both know
 * @entry_size: bytes of its place
 *
 * Return: 0 or -EFAULT.
 */
int mrig_listing_put(void __user *to, const void *entry, u32 known, u32 entry_size)
{
	if (mrig_copy_out(to, entry, known) || clear_user(to + known, entry_size - known))
		return -EFAULT;
	return 0;
}

/**
 * mrig_listing_ioctl() - answer a call that lists objects
 * @list: the call
 *
 * What cannot be delivered is not skipped: the cursor stays before it.
 *
 * Return: 0; -EINVAL, -EFAULT; -EINTR: the caller is being killed.
 */
int mrig_listing_ioctl(const struct mrig_listing *list)
{
	u32 known = min(list->entry_size, list->most), room = *list->count;
	void __user *to = u64_to_user_ptr(list->entries);
	u64 cursor = *list->cursor;
	int err;

	*list->count = 0;
	err = mrig_listing_check(room, list->entry_size, list->least);
	while (!err && *list->count < room) {
		*(u32 *)list->entry = known;
		if (!list->next(&cursor, list->entry))
			break;
		err = mrig_listing_put(to, list->entry, known, list->entry_size);
		if (err)
			break;
		to += list->entry_size;
		*list->cursor = cursor;
		++*list->count;
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}
