// SPDX-License-Identifier: GPL-2.0-only
/*
 * The changes of state of pages; see page.h. No bytes move here.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "paging/window_priv.h"

/* Who waits for a page uses it. */
static void page_wake_locked(struct mrig_page *page)
{
	lockdep_assert_held(&page->window->lock);
	if (page->users)
		wake_up_all(&page->wait);
}

/**
 * mrig_page_use() - look at a page beyond the time that it is sure to be there
 * @page: held, or to be loaded by the caller
 */
void mrig_page_use(struct mrig_page *page)
{
	spin_lock(&page->window->lock);
	page->users++;
	spin_unlock(&page->window->lock);
}

/**
 * mrig_page_unhold_locked() - a page may leave again
 * @page: held
 * @mapped: it has been put into a page table
 */
void mrig_page_unhold_locked(struct mrig_page *page, bool mapped)
{
	lockdep_assert_held(&page->window->lock);
	page->mapped |= mapped;
	if (!--page->holds)
		page_wake_locked(page);
}

/**
 * mrig_page_unhold() - mrig_page_unhold_locked() for who has no lock
 * @page: held
 * @mapped: it has been put into a page table
 */
void mrig_page_unhold(struct mrig_page *page, bool mapped)
{
	struct mrig_window *window = page->window;

	spin_lock(&window->lock);
	mrig_page_unhold_locked(page, mapped);
	spin_unlock(&window->lock);
}

/**
 * mrig_page_unuse() - nobody looks at it any more
 * @page: used; may be gone afterwards
 */
void mrig_page_unuse(struct mrig_page *page)
{
	struct mrig_window *window = page->window;

	spin_lock(&window->lock);
	if (!--page->users && page->state == MRIG_PAGE_GONE)
		mrig_page_free_locked(page);
	spin_unlock(&window->lock);
}

static bool page_settled(struct mrig_page *page, bool idle)
{
	u8 state = READ_ONCE(page->state);

	if (state == MRIG_PAGE_RESIDENT)
		return !idle || !READ_ONCE(page->holds);
	return state == MRIG_PAGE_GONE;
}

/**
 * mrig_page_wait() - wait until a page has arrived or left
 * @page: used
 * @idle: and until nobody holds it
 * @left: how long, in jiffies; what is left of it
 * @reason: out: enum memrig_reason, on errors
 *
 * Context: may sleep.
 * Return: 0: look again what has become of it; -EINTR: the caller is being killed; -ETIMEDOUT; the
 *	error that it could not be brought in for.
 */
int mrig_page_wait(struct mrig_page *page, bool idle, unsigned long *left, u32 *reason)
{
	long ret = wait_event_killable_timeout(page->wait, page_settled(page, idle), *left);
	int err = 0;

	*reason = MEMRIG_REASON_NONE;
	if (ret < 0)
		return -EINTR;
	*left = ret;
	if (!ret) {
		*reason = MEMRIG_REASON_STORE;
		return -ETIMEDOUT;
	}
	spin_lock(&page->window->lock);
	if (page->state == MRIG_PAGE_GONE) {
		err = page->error;
		*reason = page->reason;
	}
	spin_unlock(&page->window->lock);
	return err;
}

/**
 * mrig_page_loaded() - a page has its bytes
 * @page: LOADING; RESIDENT from now on
 * @frame: that has them
 * @hold: hold it for the caller
 */
void mrig_page_loaded(struct mrig_page *page, u32 frame, bool hold)
{
	struct mrig_window *window = page->window;

	mutex_lock(&window->choice);
	spin_lock(&window->lock);
	window->owners[frame] = page;
	window->moving--;
	window->resident++;
	if (page->zero) {
		window->stats.zeroed++;
	} else {
		window->stats.page_ins++;
		mrig_hist_add_locked(window, MEMRIG_HIST_PAGE_IN, page->took);
	}
	if (page->ahead)
		window->stats.read_aheads++;
	else
		mrig_tally_fault_locked(page);
	mrig_page_answered_locked(page);
	page->frame = frame;
	page->holds += hold;
	/* Of the first entry the core may not tell (MADV_RANDOM, fork). */
	page->accessed |= page->user;
	WRITE_ONCE(page->state, MRIG_PAGE_RESIDENT);
	page_wake_locked(page);
	mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
	mrig_choice_add_locked(page, MRIG_EVICT_FAULT);
	mutex_unlock(&window->choice);
}

/* Nobody finds it any more, and who looks at it looks away. */
static void page_gone_locked(struct mrig_page *page)
{
	mrig_page_forget_locked(page);
	mrig_ahead_settle_locked(page, MRIG_AHEAD_NONE);
	page->window->moving--;
	WRITE_ONCE(page->state, MRIG_PAGE_GONE);
	page_wake_locked(page);
	if (!page->users)
		mrig_page_free_locked(page);
}

/**
 * mrig_page_failed() - a page could not be brought in
 * @page: LOADING; gone afterwards, unless it is used
 * @error: why
 * @reason: enum memrig_reason
 */
void mrig_page_failed(struct mrig_page *page, int error, u32 reason)
{
	struct mrig_window *window = page->window;

	spin_lock(&window->lock);
	page->error = error;
	page->reason = reason;
	mrig_page_answered_locked(page);
	page_gone_locked(page);
	spin_unlock(&window->lock);
}

/**
 * mrig_page_begin_locked() - a page begins to leave, if it can
 * @page: RESIDENT a moment ago; LEAVING from now on
 * @pins_too: also if it is pinned: it is not really going to
 *
 * Context: the choice lock of the window held, too.
 * Return: true if it can: then the policy is to be told with mrig_choice_remove_locked(), and
 *	mrig_page_stay() or mrig_page_left() is to follow.
 */
bool mrig_page_begin_locked(struct mrig_page *page, bool pins_too)
{
	struct mrig_window *window = page->window;

	lockdep_assert_held(&window->choice);
	lockdep_assert_held(&window->lock);
	if (page->state != MRIG_PAGE_RESIDENT || page->holds || (page->pins && !pins_too))
		return false;
	WRITE_ONCE(page->state, MRIG_PAGE_LEAVING);
	window->resident--;
	window->moving++;
	return true;
}

/**
 * mrig_page_begin() - a page begins to leave on behalf of a call, if it can
 * @page: as for mrig_page_begin_locked()
 * @pins_too: likewise
 *
 * Context: may sleep.
 * Return: as mrig_page_begin_locked(), but the policy knows.
 */
bool mrig_page_begin(struct mrig_page *page, bool pins_too)
{
	struct mrig_window *window = page->window;
	bool begun;

	mutex_lock(&window->choice);
	spin_lock(&window->lock);
	begun = mrig_page_begin_locked(page, pins_too);
	spin_unlock(&window->lock);
	if (begun)
		mrig_choice_remove_locked(page, MRIG_EVICT_TAKEN);
	mutex_unlock(&window->choice);
	return begun;
}

/**
 * mrig_page_stay() - a page does not leave after all
 * @page: LEAVING; RESIDENT from now on
 */
void mrig_page_stay(struct mrig_page *page)
{
	struct mrig_window *window = page->window;

	mutex_lock(&window->choice);
	spin_lock(&window->lock);
	window->moving--;
	window->resident++;
	WRITE_ONCE(page->state, MRIG_PAGE_RESIDENT);
	page_wake_locked(page);
	mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
	if (!page->pins)
		mrig_choice_add_locked(page, MRIG_EVICT_BACK);
	mutex_unlock(&window->choice);
}

/**
 * mrig_page_left() - a page has left
 * @page: LEAVING; gone afterwards, unless it is used
 * @heir: the page that its frame is for, or NULL
 * @dirty: it had to be written
 *
 * Return: the frame that it had, which is the caller's now.
 */
u32 mrig_page_left(struct mrig_page *page, struct mrig_page *heir, bool dirty)
{
	struct mrig_window *window = page->window;
	u32 frame = page->frame;

	spin_lock(&window->lock);
	window->owners[frame] = NULL;
	if (heir)
		mrig_tally_evict_locked(heir, dirty);
	page_gone_locked(page);
	spin_unlock(&window->lock);
	return frame;
}
