// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages are written before they leave, so that those that leave are clean.
 *
 * From time to time a worker goes through the pages in the order in which they would leave, and
 * writes those that have changed and were not touched since it last came by. What it writes is a
 * copy: the page is taken out of the page tables to learn whether it has changed, counts as
 * unchanged from then on, and is copied; who changes it afterwards has a new entry in a page table,
 * which notes that. So nobody waits for the worker but who wants to take the page away, and he for
 * one write: the page is held meanwhile.
 */
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/window_priv.h"

/*
 * For each page that may be written, so many are passed by, and so many of them are taken out of
 * the page tables, which costs whoever uses them a fault.
 */
#define CLEAN_VISITS	32
#define CLEAN_LOOKS	4

/* Is the page in this frame to be written? Then it is held, and counts as unchanged. */
static struct mrig_page *clean_begin_locked(struct mrig_window *window, u32 frame, u32 *looks)
{
	struct mrig_page *page = window->owners[frame];
	bool can, used, exposed;

	lockdep_assert_held(&window->choice);
	spin_lock(&window->lock);
	can = page && page->state == MRIG_PAGE_RESIDENT && !page->holds && !page->pins;
	*looks -= can && page->mapped;
	spin_unlock(&window->lock);
	if (!can)
		return NULL;
	used = mrig_page_peek(page);
	exposed = mrig_page_exposed(page);
	spin_lock(&window->lock);
	can = !used && !exposed && !page->holds && page->dirty;
	if (can) {
		page->holds++;
		page->cleaning = true;
		page->dirty = false;
	}
	spin_unlock(&window->lock);
	return can ? page : NULL;
}

/* The next frame in the order of the policy, or MRIG_NO_FRAME; and its page, if it will do. */
static struct mrig_page *clean_next(struct mrig_window *window, u32 *frame, u32 *looks)
{
	struct mrig_page *page = NULL;

	mutex_lock(&window->choice);
	*frame = mrig_choice_after_locked(window, *frame);
	if (*frame != MRIG_NO_FRAME)
		page = clean_begin_locked(window, *frame, looks);
	mutex_unlock(&window->choice);
	return page;
}

static int clean_write(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	void *copy = window->cleaner.copy;
	u32 reason;
	int err;

	memcpy(copy, mrig_frame_addr(window, page->frame), PAGE_SIZE);
	err = mrig_page_write_copy(page, copy, &reason);
	spin_lock(&window->lock);
	page->cleaning = false;
	if (!err)
		window->stats.cleaned++;
	spin_unlock(&window->lock);
	mrig_page_unhold(page, false);
	spin_lock(&window->lock);
	mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
	return err;
}

static void clean_work(struct work_struct *work)
{
	struct mrig_window *window = container_of(to_delayed_work(work), struct mrig_window,
						  cleaner.work);
	u32 left = window->spec.clean_pages;
	u32 looks = CLEAN_LOOKS * left, visits = CLEAN_VISITS * left;
	u32 frame = window->cleaner.after;
	struct mrig_page *page;

	for (; left && looks && visits && !READ_ONCE(window->closing); visits--) {
		page = clean_next(window, &frame, &looks);
		if (frame == MRIG_NO_FRAME)
			break;
		cond_resched();
		if (!page)
			continue;
		/* There is no room, or something is wrong. Next time, perhaps. */
		if (clean_write(page))
			break;
		left--;
	}
	mutex_lock(&window->choice);
	window->cleaner.after = mrig_choice_ordered_locked(window) ? MRIG_NO_FRAME : frame;
	mutex_unlock(&window->choice);
	if (!READ_ONCE(window->closing))
		queue_delayed_work(window->workers, &window->cleaner.work,
				   msecs_to_jiffies(window->spec.clean_ms));
}

/**
 * mrig_cleaner_init() - get ready to clean, if that is wanted
 * @window: new
 *
 * Return: 0 or -ENOMEM.
 */
int mrig_cleaner_init(struct mrig_window *window)
{
	INIT_DELAYED_WORK(&window->cleaner.work, clean_work);
	window->cleaner.after = MRIG_NO_FRAME;
	/* What is never changed is never written. */
	if (!window->spec.clean_ms || window->spec.flags & MEMRIG_WINDOW_READ_ONLY)
		return 0;
	if (mrig_should_fail())
		return -ENOMEM;
	window->cleaner.copy = kmalloc(PAGE_SIZE, MRIG_GFP_SIDE);
	return window->cleaner.copy ? 0 : -ENOMEM;
}

/**
 * mrig_cleaner_start() - clean from now on
 * @window: complete
 */
void mrig_cleaner_start(struct mrig_window *window)
{
	if (window->cleaner.copy)
		queue_delayed_work(window->workers, &window->cleaner.work,
				   msecs_to_jiffies(window->spec.clean_ms));
}

/**
 * mrig_cleaner_stop() - do not clean any more
 * @window: that is closing
 *
 * Context: may sleep, and wait for the store.
 */
void mrig_cleaner_stop(struct mrig_window *window)
{
	cancel_delayed_work_sync(&window->cleaner.work);
}

/**
 * mrig_cleaner_fini() - undo mrig_cleaner_init()
 * @window: mrig_cleaner_stop() was called, or mrig_cleaner_start() never was
 */
void mrig_cleaner_fini(struct mrig_window *window)
{
	kfree(window->cleaner.copy);
}
