// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls of windows.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "core/account.h"
#include "paging/kind.h"
#include "paging/window.h"

typedef int (*range_call)(struct mrig_window_client *client, struct memrig_page_range *range);

static int range_ioctl(struct mrig_ucmd *ucmd, range_call call)
{
	struct memrig_page_range *arg = ucmd->arg;
	int err;

	arg->done = 0;
	arg->reason = MEMRIG_REASON_NONE;
	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	err = call(ucmd->file->private_data, arg);
	if (err != -ENOMEM && err != -EIO)
		arg->reason = MEMRIG_REASON_NONE;
	return err;
}

/**
 * mrig_page_in_ioctl() - MEMRIG_IOC_PAGE_IN
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_page_in().
 */
int mrig_page_in_ioctl(struct mrig_ucmd *ucmd)
{
	return range_ioctl(ucmd, mrig_window_page_in);
}

/**
 * mrig_page_out_ioctl() - MEMRIG_IOC_PAGE_OUT
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_page_out().
 */
int mrig_page_out_ioctl(struct mrig_ucmd *ucmd)
{
	return range_ioctl(ucmd, mrig_window_page_out);
}

/* Who does not learn that he has pins must not have them: they would stay until the file goes. */
static void page_pin_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	struct memrig_page_range undo = *(struct memrig_page_range *)ucmd->arg;

	if (delivered || !undo.done)
		return;
	undo.length = undo.done;
	undo.done = 0;
	mrig_window_unpin(ucmd->file->private_data, &undo);
}

/**
 * mrig_page_pin_ioctl() - MEMRIG_IOC_PAGE_PIN
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_pin().
 */
int mrig_page_pin_ioctl(struct mrig_ucmd *ucmd)
{
	int err = range_ioctl(ucmd, mrig_window_pin);

	if (!err)
		ucmd->settle = page_pin_settle;
	return err;
}

/**
 * mrig_page_unpin_ioctl() - MEMRIG_IOC_PAGE_UNPIN
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_unpin().
 */
int mrig_page_unpin_ioctl(struct mrig_ucmd *ucmd)
{
	ucmd->mute = true;
	return range_ioctl(ucmd, mrig_window_unpin);
}

/**
 * mrig_page_flush_ioctl() - MEMRIG_IOC_PAGE_FLUSH
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_flush().
 */
int mrig_page_flush_ioctl(struct mrig_ucmd *ucmd)
{
	return range_ioctl(ucmd, mrig_window_flush);
}

/**
 * mrig_page_map_ioctl() - MEMRIG_IOC_PAGE_MAP
 * @ucmd: the ioctl
 *
 * Return: -EFAULT, -ENODEV; as mrig_window_states().
 */
int mrig_page_map_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_page_map *arg = ucmd->arg;
	u64 count = arg->length >> PAGE_SHIFT;
	u8 *states;
	int err;

	if (arg->flags)
		return -EOPNOTSUPP;
	if (!count || count > MEMRIG_BATCH_MAX)
		return -EINVAL;
	if (mrig_should_fail())
		return -ENOMEM;
	states = kmalloc(count, MRIG_GFP_SIDE);
	if (!states)
		return -ENOMEM;
	err = mrig_window_look(ucmd->file->private_data);
	if (!err) {
		err = mrig_window_states(ucmd->file->private_data, arg->offset, arg->length,
					 states);
		mrig_window_looked(ucmd->file->private_data);
	}
	if (!err)
		err = mrig_copy_out(u64_to_user_ptr(arg->states), states, count);
	kfree(states);
	return err;
}

/**
 * mrig_window_stat_ioctl() - MEMRIG_IOC_WINDOW_STAT
 * @ucmd: the ioctl
 *
 * Return: 0, -EOPNOTSUPP or -ENODEV.
 */
int mrig_window_stat_ioctl(struct mrig_ucmd *ucmd)
{
	struct mrig_window_client *client = ucmd->file->private_data;
	struct memrig_window_stat *arg = ucmd->arg;
	int err;

	if (arg->flags & ~MEMRIG_WINDOW_STAT_RESET)
		return -EOPNOTSUPP;
	err = mrig_window_look(client);
	if (err)
		return err;
	mrig_window_stat(mrig_window_of(client), arg, arg->flags & MEMRIG_WINDOW_STAT_RESET);
	mrig_window_looked(client);
	return 0;
}

/**
 * mrig_window_paging_stat_ioctl() - MEMRIG_IOC_WINDOW_PAGING_STAT
 * @ucmd: the ioctl
 *
 * Return: -ENODEV; as mrig_window_paging_stat().
 */
int mrig_window_paging_stat_ioctl(struct mrig_ucmd *ucmd)
{
	struct mrig_window_client *client = ucmd->file->private_data;
	int err = mrig_window_look(client);

	if (err)
		return err;
	err = mrig_window_paging_stat(client, ucmd->arg);
	mrig_window_looked(client);
	return err;
}

/**
 * mrig_window_policy_ioctl() - MEMRIG_IOC_WINDOW_POLICY
 * @ucmd: the ioctl
 *
 * Return: -ENODEV; as mrig_window_policy().
 */
int mrig_window_policy_ioctl(struct mrig_ucmd *ucmd)
{
	struct mrig_window_client *client = ucmd->file->private_data;
	struct memrig_window_policy *arg = ucmd->arg;
	int err;

	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	err = mrig_window_look(client);
	if (err)
		return err;
	err = mrig_window_policy(client, arg->policy);
	mrig_window_looked(client);
	return err;
}

/**
 * mrig_window_hist_ioctl() - MEMRIG_IOC_WINDOW_HIST
 * @ucmd: the ioctl
 *
 * Return: -ENODEV; as mrig_window_hist().
 */
int mrig_window_hist_ioctl(struct mrig_ucmd *ucmd)
{
	struct mrig_window_client *client = ucmd->file->private_data;
	int err = mrig_window_look(client);

	if (err)
		return err;
	err = mrig_window_hist(client, ucmd->arg);
	mrig_window_looked(client);
	return err;
}

/**
 * mrig_window_inject_ioctl() - MEMRIG_IOC_WINDOW_INJECT
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_inject().
 */
int mrig_window_inject_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_window_inject *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_window_inject(ucmd->file->private_data, arg);
}

/**
 * mrig_page_addr_ioctl() - MEMRIG_IOC_PAGE_ADDR
 * @ucmd: the ioctl
 *
 * Return: as mrig_window_addr().
 */
int mrig_page_addr_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_page_addr *arg = ucmd->arg;

	if (arg->flags)
		return -EOPNOTSUPP;
	return mrig_window_addr(ucmd->file->private_data, arg);
}

/**
 * mrig_window_kind_ioctl() - MEMRIG_IOC_WINDOW_KIND, on a session
 * @ucmd: the ioctl
 *
 * Return: -EOPNOTSUPP, or as mrig_kind_next().
 */
int mrig_window_kind_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_window_kind *arg = ucmd->arg;
	char name[MEMRIG_NAME_MAX] = { };
	u32 flags = 0;
	int err;

	if (arg->flags || arg->reserved)
		return -EOPNOTSUPP;
	err = mrig_kind_next(arg->what, &arg->number, name, &flags);
	memcpy(arg->name, name, sizeof(name));
	arg->wants_file = !!(flags & MRIG_STORE_FILE);
	return err;
}
