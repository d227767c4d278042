// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages go: one leaves its frame, its content to the store if need be.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/page-flags.h>

#include "core/trace_paging.h"
#include "paging/window_priv.h"

static void page_dirty(struct mrig_page *page)
{
	spin_lock(&page->window->lock);
	page->dirty = true;
	spin_unlock(&page->window->lock);
}

static int location_get(struct mrig_page *page, bool fault, u64 *location, u32 *reason)
{
	struct mrig_store *store = &page->window->store;
	int err;

	*location = page->location;
	if (*location != MRIG_NO_LOCATION)
		return 0;
	err = store->ops->location_get(store, page->index, fault, location);
	if (!err && *location <= MRIG_LOCATION_MAX)
		return 0;
	if (!err)
		store->ops->location_free(store, *location);
	*reason = MEMRIG_REASON_STORE_FULL;
	return -ENOMEM;
}

/* @cleans: it is clean afterwards. */
static int page_write(struct mrig_page *page, const void *from, bool fault, bool cleans,
		      u32 *reason)
{
	struct mrig_window *window = page->window;
	struct mrig_store *store = &window->store;
	u64 start, ns, location;
	int err = location_get(page, fault, &location, reason);

	if (err) {
		page_dirty(page);
		return err;
	}
	mrig_turn_take(window);
	start = ktime_get_ns();
	err = store->ops->page_out(store, location, from);
	ns = ktime_get_ns() - start;
	trace_memrig_page_out(window->id, page->index, page->frame, ns, err);
	mrig_turn_give(window);
	if (err && page->location == MRIG_NO_LOCATION)
		store->ops->location_free(store, location);

	spin_lock(&window->lock);
	if (err) {
		window->stats.out_errors++;
		page->dirty = true;
	} else {
		window->stats.page_outs++;
		mrig_hist_add_locked(window, MEMRIG_HIST_PAGE_OUT, ns);
		page->location = location;
		page->dirty &= !cleans;
		page->zero = false;
	}
	spin_unlock(&window->lock);
	if (!err)
		return 0;
	*reason = err == -ENOMEM || err == -ENOSPC || err == -EDQUOT ? MEMRIG_REASON_STORE_FULL :
								     MEMRIG_REASON_STORE;
	return *reason == MEMRIG_REASON_STORE ? -EIO : -ENOMEM;
}

/**
 * mrig_page_write() - write a page to the store
 * @page: LEAVING; nobody else changes it, or the caller knows that it stays dirty
 * @fault: somebody waits for its frame
 * @reason: out: enum memrig_reason, on errors
 *
 * Context: may sleep, and wait for the store.
 * Return: 0: it is clean now; -ENOMEM: the store has no room; -EIO: it failed. Then the page is
 * dirty.
 */
int mrig_page_write(struct mrig_page *page, bool fault, u32 *reason)
{
	return page_write(page, mrig_frame_addr(page->window, page->frame), fault, true, reason);
}

/**
 * mrig_page_write_copy() - write what was in a page to the store
 * @page: held by the cleaner, and not dirty when it was copied
 * @copy: of its bytes, not older than that
 * @reason: out: enum memrig_reason, on errors
 *
 * Context: may sleep, and wait for the store.
 * Return: as mrig_page_write(); the page may have become dirty meanwhile.
 */
int mrig_page_write_copy(struct mrig_page *page, const void *copy, u32 *reason)
{
	return page_write(page, copy, false, false, reason);
}

/**
 * mrig_page_leave() - take the frame of a page, its content to the store if need be
 * @page: LEAVING; afterwards gone, or RESIDENT again on errors
 * @heir: the page that waits for its frame, or NULL
 * @frame: out: the frame
 * @reason: out: enum memrig_reason, on errors
 *
 * Context: may sleep, and wait for the store.
 * Return: 0; -EBUSY: somebody else holds the frame; errors of mrig_page_write().
 */
int mrig_page_leave(struct mrig_page *page, struct mrig_page *heir, u32 *frame, u32 *reason)
{
	struct mrig_window *window = page->window;
	unsigned long index = page->index;
	/* A page that comes ahead is no reason to use up the last place of the store. */
	bool fault = heir && !heir->ahead;
	bool dirty;
	int err;

	mrig_page_strip(page);
	if (mrig_page_exposed(page)) {
		/* What he does to it shows in no page table. */
		spin_lock(&window->lock);
		page->dirty |= !(window->spec.flags & MEMRIG_WINDOW_READ_ONLY);
		window->stats.held++;
		spin_unlock(&window->lock);
		mrig_page_stay(page);
		*reason = MEMRIG_REASON_FRAMES;
		return -EBUSY;
	}
	/* Who had one until now has marked it before he let go, perhaps after it was looked at. */
	smp_rmb();
	if (folio_test_dirty(page_folio(mrig_frame_page(window, page->frame))))
		mrig_page_strip(page);
	dirty = page->dirty || (page->location == MRIG_NO_LOCATION && !page->zero);
	err = dirty ? mrig_page_write(page, fault, reason) : 0;
	if (err) {
		mrig_page_stay(page);
		return err;
	}
	*frame = mrig_page_left(page, heir, dirty);
	trace_memrig_page_evict(window->id, index, *frame, dirty, fault);
	return 0;
}
