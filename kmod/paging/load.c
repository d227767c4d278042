// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages come: from the store or from nowhere, into a frame.
 *
 * Where the store only computes, whoever touches a page brings it in himself. Otherwise a worker
 * does, and whoever touches it waits in a way that he can be killed in; also where a frame has to
 * be waited for.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "core/trace_paging.h"
#include "paging/window_priv.h"

static int page_read(struct mrig_page *page, u32 frame, u32 *reason)
{
	struct mrig_window *window = page->window;
	struct mrig_store *store = &window->store;
	u64 start;
	int err;

	mrig_turn_take(window);
	start = ktime_get_ns();
	err = store->ops->page_in(store, page->location, mrig_frame_addr(window, frame));
	page->took = ktime_get_ns() - start;
	trace_memrig_page_in(window->id, page->index, frame, page->took, err);
	mrig_turn_give(window);
	if (!err)
		return 0;
	spin_lock(&window->lock);
	window->stats.in_errors++;
	spin_unlock(&window->lock);
	*reason = MEMRIG_REASON_STORE;
	return -EIO;
}

/* A store that cannot hold everything gives up what has a frame. */
static void location_drop(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	u64 location = page->location;

	window->store.ops->location_free(&window->store, location);
	spin_lock(&window->lock);
	page->location = MRIG_NO_LOCATION;
	mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
}

static int page_fill(struct mrig_page *page, u32 frame, u32 *reason)
{
	struct mrig_window *window = page->window;
	int err = 0;

	if (page->location == MRIG_NO_LOCATION) {
		clear_page(mrig_frame_addr(window, frame));
		page->zero = true;
	} else {
		err = page_read(page, frame, reason);
		if (!err && !window->store.keep)
			location_drop(page);
	}
	flush_dcache_page(mrig_frame_page(window, frame));
	return err;
}

/* Return: 0: it is RESIDENT; -EAGAIN: nothing has happened; another error: it is GONE. */
static int page_load(struct mrig_page *page, bool wait, bool hold, u32 *reason)
{
	struct mrig_window *window = page->window;
	u32 frame;
	int err = mrig_frame_get(page, wait, &frame, reason);

	if (err == -EAGAIN)
		return err;
	if (!err) {
		err = page_fill(page, frame, reason);
		if (err)
			mrig_frame_put(window, frame);
	}
	/* Who touches a page that was to come ahead finds out for himself what is wrong. */
	if (err)
		mrig_page_failed(page, page->ahead ? 0 : err, *reason);
	else
		mrig_page_loaded(page, frame, hold);
	return err;
}

/**
 * mrig_load_work() - bring a page in
 * @work: of a page that is LOADING
 */
void mrig_load_work(struct work_struct *work)
{
	struct mrig_page *page = container_of(work, struct mrig_page, work);
	u32 reason = MEMRIG_REASON_NONE;

	if (page_load(page, !page->ahead, false, &reason) == -EAGAIN)
		mrig_page_failed(page, 0, MEMRIG_REASON_NONE);
}

/**
 * mrig_page_load_later() - have a worker bring a page in
 * @page: LOADING
 */
void mrig_page_load_later(struct mrig_page *page)
{
	queue_work(page->window->workers, &page->work);
}

/**
 * mrig_page_enter() - see to it that a page has a frame
 * @client: who asks for it
 * @index: of the page
 * @user: a program touches it, not the kernel
 * @found: out: the page
 * @reason: out: enum memrig_reason, on errors
 *
 * Context: may sleep, but not wait for the store.
 * Return: 0: it is RESIDENT, and held; 1: it was not before; -EINPROGRESS: it is on its way, and
 *	used; -ENOMEM: no memory, or no frame and the store has no room; -EIO: the store failed.
 */
int mrig_page_enter(struct mrig_window_client *client, unsigned long index, bool user,
		    struct mrig_page **found, u32 *reason)
{
	struct mrig_window *window = client->window;
	int err = mrig_page_take(client, index, user, found);

	if (err == -ENOMEM)
		*reason = MEMRIG_REASON_SIDE;
	if (err != 1)
		return err;
	err = mrig_window_inline(window) ? page_load(*found, false, true, reason) : -EAGAIN;
	if (err != -EAGAIN)
		return err ?: 1;
	mrig_page_use(*found);
	queue_work(window->workers, &(*found)->work);
	return -EINPROGRESS;
}

static void bring_used(struct mrig_page *page)
{
	struct mrig_window *window = page->window;

	spin_lock(&window->lock);
	mrig_ahead_used_locked(page);
	spin_unlock(&window->lock);
}

/**
 * mrig_page_bring() - give a page a frame, on behalf of a call
 * @client: whose call
 * @index: of the page
 * @found: out: the page, RESIDENT and held
 * @reason: out: enum memrig_reason, on errors
 *
 * Context: may sleep, and wait for the store.
 * Return: 0; -EINTR: the caller is being killed; -ETIMEDOUT; -ENOMEM, -EIO.
 */
int mrig_page_bring(struct mrig_window_client *client, unsigned long index,
		    struct mrig_page **found, u32 *reason)
{
	unsigned long left = client->window->patience;
	int err;

	for (;;) {
		err = mrig_page_enter(client, index, false, found, reason);
		if (err >= 0) {
			bring_used(*found);
			return 0;
		}
		if (err != -EINPROGRESS)
			return err;
		err = mrig_page_wait(*found, false, &left, reason);
		mrig_page_unuse(*found);
		if (err)
			return err;
	}
}
