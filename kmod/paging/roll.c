// SPDX-License-Identifier: GPL-2.0-only
/*
 * All windows that there are, who may know of them, and what all that ever were have counted.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/uidgid.h>

#include "paging/window_priv.h"

/* For all that follows; windows by ascending id. */
static DEFINE_MUTEX(roll_lock);
static LIST_HEAD(roll);
static u64 roll_last_id;

/* Of the windows that are gone. */
static struct mrig_tally roll_gone;

/**
 * mrig_roll_add() - a window is there
 * @window: gets its number
 *
 * Context: Process context of who makes it. May sleep.
 */
void mrig_roll_add(struct mrig_window *window)
{
	window->uid = current_fsuid();
	window->creator = get_task_pid(current, PIDTYPE_TGID);
	mutex_lock(&roll_lock);
	window->id = ++roll_last_id;
	list_add_tail(&window->entry, &roll);
	mutex_unlock(&roll_lock);
}

/**
 * mrig_roll_remove() - a window is gone
 * @window: that counts nothing any more
 *
 * Context: may sleep.
 */
void mrig_roll_remove(struct mrig_window *window)
{
	mutex_lock(&roll_lock);
	list_del(&window->entry);
	mrig_tally_add(&roll_gone, &window->before);
	mrig_tally_add(&roll_gone, &window->tally);
	mutex_unlock(&roll_lock);
	put_pid(window->creator);
}

/* By who made it, whoever has its files now. */
static bool window_visible(const struct mrig_window *window)
{
	return uid_eq(window->uid, current_fsuid()) || capable(CAP_SYS_ADMIN);
}

/**
 * mrig_window_next() - iterate over the windows that the caller may know of
 * @cursor: id to start after; becomes the id of the one that is shown
 * @show: called with the next one, which does not go meanwhile, and with @arg
 * @arg: whatever @show needs
 *
 * No reference is given out: a window ends, and its store is up to date, when its last file is
 * closed, whoever looks at it just then.
 *
 * Context: Process context. May sleep; @show may not wait for the store.
 * Return: false at the end: there was none.
 */
bool mrig_window_next(u64 *cursor, mrig_window_fn show, void *arg)
{
	struct mrig_window *window;
	bool found = false;

	mutex_lock(&roll_lock);
	list_for_each_entry(window, &roll, entry) {
		if (window->id <= *cursor || !kref_read(&window->ref) || !window_visible(window))
			continue;
		*cursor = window->id;
		show(window, arg);
		found = true;
		break;
	}
	mutex_unlock(&roll_lock);
	return found;
}

/**
 * mrig_window_by_id() - find a window by its number
 * @id: of it
 *
 * Context: Process context. May sleep.
 * Return: it, with a reference on its shell; ERR_PTR(-ENOENT): there is none; -EPERM: the caller
 *	may not know of it.
 */
struct mrig_window *mrig_window_by_id(u64 id)
{
	struct mrig_window *window, *found = ERR_PTR(-ENOENT);

	mutex_lock(&roll_lock);
	list_for_each_entry(window, &roll, entry) {
		if (window->id != id)
			continue;
		if (!window_visible(window))
			found = ERR_PTR(-EPERM);
		else if (kref_read(&window->ref))
			found = window;
		if (!IS_ERR(found))
			refcount_inc(&found->shells);
		break;
	}
	mutex_unlock(&roll_lock);
	return found;
}

/**
 * mrig_paging_stat() - MEMRIG_IOC_PAGING_STAT
 * @stat: argument
 *
 * Context: Process context. May sleep.
 * Return: 0; -EOPNOTSUPP: a flag; -EINVAL.
 */
int mrig_paging_stat(struct memrig_paging_stat *stat)
{
	struct mrig_window *window;
	struct mrig_tally sum;

	if (stat->flags)
		return -EOPNOTSUPP;
	if (stat->scope || stat->tid)
		return -EINVAL;
	mutex_lock(&roll_lock);
	sum = roll_gone;
	list_for_each_entry(window, &roll, entry) {
		spin_lock(&window->lock);
		mrig_tally_add(&sum, &window->before);
		mrig_tally_add(&sum, &window->tally);
		spin_unlock(&window->lock);
	}
	mutex_unlock(&roll_lock);
	mrig_tally_tell(&sum, stat);
	return 0;
}
