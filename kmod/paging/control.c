// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages on request: in, out, to the store, and where they are.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "core/fault.h"
#include "paging/control.h"
#include "paging/window_priv.h"

/* Who holds a page only for the length of a system call is waited for. */
#define LEAVE_TRIES	10

static int range_check(const struct mrig_window *window, u64 offset, u64 length)
{
	u64 end;

	if (!length || !PAGE_ALIGNED(offset | length))
		return -EINVAL;
	if (check_add_overflow(offset, length, &end))
		return -EOVERFLOW;
	return end > window->spec.pages << PAGE_SHIFT ? -EINVAL : 0;
}

/**
 * mrig_range_each() - do something to each page of a range
 * @client: of the window
 * @range: which pages; out: how far it got
 * @fn: what to do
 *
 * Return: 0; -EINVAL, -EOVERFLOW: there is no such range; -EINTR: the caller is being killed; what
 *	@fn returned for the page after @range->done.
 */
int mrig_range_each(struct mrig_window_client *client, struct memrig_page_range *range,
		    mrig_range_fn fn)
{
	int err = range_check(client->window, range->offset, range->length);

	while (!err && range->done < range->length) {
		err = fn(client, (range->offset + range->done) >> PAGE_SHIFT, &range->reason);
		if (err)
			break;
		range->done += PAGE_SIZE;
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static int in_one(struct mrig_window_client *client, unsigned long index, u32 *reason)
{
	struct mrig_page *page;
	int err = mrig_page_bring(client, index, &page, reason);

	if (!err)
		mrig_page_unhold(page, false);
	return err;
}

/**
 * mrig_window_page_in() - MEMRIG_IOC_PAGE_IN
 * @client: of the window
 * @range: which pages; out: how far it got
 *
 * Context: may sleep, and wait for the store.
 * Return: see struct memrig_page_range.
 */
int mrig_window_page_in(struct mrig_window_client *client, struct memrig_page_range *range)
{
	return mrig_range_each(client, range, in_one);
}

/*
 * The record of a page that has a frame, LEAVING by the hand of the caller; NULL: it has none, or
 * ERR_PTR: -EBUSY: it is pinned; -EINTR, -ETIMEDOUT.
 */
static struct mrig_page *page_grab(struct mrig_window *window, unsigned long index, bool pins_too,
				   u32 *reason)
{
	unsigned long left = window->patience;
	struct mrig_page *page;
	bool begun = false, pinned = false;
	int err;

	do {
		err = mrig_page_find(window, index, &page);
		if (err == -ENOENT)
			return NULL;
		if (!err) {
			pinned = page->pins && !pins_too;
			mrig_page_use(page);
			mrig_page_unhold(page, false);
			begun = !pinned && mrig_page_begin(page, pins_too);
		}
		err = 0;
		if (!begun && !pinned)
			err = mrig_page_wait(page, true, &left, reason);
		mrig_page_unuse(page);
		if (pinned)
			err = -EBUSY;
	} while (!begun && !err);
	return err ? ERR_PTR(err) : page;
}

static int out_try(struct mrig_window *window, unsigned long index, u32 *reason)
{
	struct mrig_page *page = page_grab(window, index, false, reason);
	u32 frame;
	int err;

	if (IS_ERR_OR_NULL(page))
		return PTR_ERR_OR_ZERO(page);
	err = mrig_page_leave(page, NULL, &frame, reason);
	if (!err)
		mrig_frame_put(window, frame);
	return err;
}

static int out_one(struct mrig_window_client *client, unsigned long index, u32 *reason)
{
	unsigned int tries = 0;
	int err;

	do {
		*reason = MEMRIG_REASON_NONE;
		err = out_try(client->window, index, reason);
		if (err != -EBUSY || *reason != MEMRIG_REASON_FRAMES)
			return err;
		schedule_timeout_killable(1);
	} while (++tries < LEAVE_TRIES && !fatal_signal_pending(current));
	return err;
}

/**
 * mrig_window_page_out() - MEMRIG_IOC_PAGE_OUT
 * @client: of the window
 * @range: which pages; out: how far it got
 *
 * Context: may sleep, and wait for the store.
 * Return: see struct memrig_page_range.
 */
int mrig_window_page_out(struct mrig_window_client *client, struct memrig_page_range *range)
{
	return mrig_range_each(client, range, out_one);
}

static int flush_one(struct mrig_window_client *client, unsigned long index, u32 *reason)
{
	struct mrig_window *window = client->window;
	struct mrig_page *page = page_grab(window, index, true, reason);
	bool exposed;
	int err = 0;

	if (IS_ERR_OR_NULL(page))
		return PTR_ERR_OR_ZERO(page);
	mrig_page_strip(page);
	exposed = mrig_page_exposed(page) && !(window->spec.flags & MEMRIG_WINDOW_READ_ONLY);
	if (page->dirty || exposed)
		err = mrig_page_write(page, false, reason);
	if (exposed) {
		spin_lock(&window->lock);
		page->dirty = true;
		spin_unlock(&window->lock);
	}
	mrig_page_stay(page);
	return err;
}

/**
 * mrig_window_flush() - MEMRIG_IOC_PAGE_FLUSH
 * @client: of the window
 * @range: which pages; out: how far it got
 *
 * Context: may sleep, and wait for the store.
 * Return: see struct memrig_page_range.
 */
int mrig_window_flush(struct mrig_window_client *client, struct memrig_page_range *range)
{
	struct mrig_store *store = &client->window->store;
	int err = mrig_range_each(client, range, flush_one);

	if (err || !store->ops->sync || client->window->spec.flags & MEMRIG_WINDOW_READ_ONLY)
		return err;
	if (!store->ops->sync(store))
		return 0;
	range->reason = MEMRIG_REASON_STORE;
	return -EIO;
}

static u8 page_states(const struct mrig_page *page)
{
	u8 states = page->state == MRIG_PAGE_RESIDENT ? MEMRIG_PAGE_RESIDENT : MEMRIG_PAGE_MOVING;

	if (page->location != MRIG_NO_LOCATION)
		states |= MEMRIG_PAGE_STORED;
	if (page->pins)
		states |= MEMRIG_PAGE_PINNED;
	if (page->dirty)
		states |= MEMRIG_PAGE_DIRTY;
	if (page->accessed)
		states |= MEMRIG_PAGE_ACCESSED;
	return states;
}

/**
 * mrig_window_states() - where pages are
 * @client: of the window
 * @offset: of the first page, in bytes
 * @length: in bytes
 * @states: out: MEMRIG_PAGE_*, one for each page
 *
 * Context: may sleep.
 * Return: 0; -EINVAL, -EOVERFLOW: there is no such range.
 */
int mrig_window_states(struct mrig_window_client *client, u64 offset, u64 length, u8 *states)
{
	struct mrig_window *window = client->window;
	u8 absent = window->store.flags & MRIG_STORE_PERMANENT ? MEMRIG_PAGE_STORED : 0;
	int err = range_check(window, offset, length);
	unsigned long i;
	void *entry;

	for (i = 0; !err && i < length >> PAGE_SHIFT; i++) {
		spin_lock(&window->lock);
		entry = xa_load(&window->pages, (offset >> PAGE_SHIFT) + i);
		if (!entry)
			states[i] = absent;
		else
			states[i] = xa_is_value(entry) ? MEMRIG_PAGE_STORED : page_states(entry);
		spin_unlock(&window->lock);
		cond_resched();
	}
	return err;
}
