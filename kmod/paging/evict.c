// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages go: what the hardware noted about them, writing them to the store, finding a frame.
 *
 * The accessed and dirty bits of page table entries cannot be read and cleared in place by a
 * module. But taking an entry away moves both to the frame: accessed to PG_referenced, dirty to
 * PG_dirty. So looking at a page takes it out of all page tables; when it is touched next, the
 * fault handler finds it RESIDENT and puts it back, which costs no I/O, and is a touch that is
 * known of.
 *
 * For that reason it does not matter that the core does not always move the accessed bit
 * (MADV_RANDOM), or makes something else of it when several entries had one: there was a fault for
 * each of them. The dirty bit is always moved.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/page-flags.h>
#include <linux/page_ref.h>
#include <linux/sched.h>

#include "core/trace_paging.h"
#include "paging/window_priv.h"

/* Pages that one choice looks at, and that one search for a frame finds held, or cannot write. */
#define CHOICE_TRIES	64
#define HELD_TRIES	64
#define ERROR_TRIES	8

/* Nobody tells when a page is not held any more. */
#define HELD_JIFFIES	msecs_to_jiffies(10)

/* Takes a page out of all page tables. Return: MRIG_EVICT_*: what the hardware has noted. */
static unsigned int page_harvest(struct mrig_page *page, bool mapped)
{
	struct mrig_window *window = page->window;
	struct folio *folio = page_folio(mrig_frame_page(window, page->frame));
	unsigned int found = 0;

	if (mapped)
		unmap_mapping_pages(window->node->i_mapping, page->index, 1, false);
	if (folio_test_referenced(folio)) {
		folio_clear_referenced(folio);
		found |= MRIG_EVICT_ACCESSED;
	}
	/* Nobody can change a page of a READ_ONLY window, whatever a driver says of it. */
	if (folio_test_clear_dirty(folio) && !(window->spec.flags & MEMRIG_WINDOW_READ_ONLY))
		found |= MRIG_EVICT_DIRTY;
	return found;
}

static void page_note_locked(struct mrig_page *page, unsigned int found)
{
	lockdep_assert_held(&page->window->lock);
	page->accessed |= !!(found & MRIG_EVICT_ACCESSED);
	page->used |= !!(found & MRIG_EVICT_ACCESSED);
	page->dirty |= !!(found & MRIG_EVICT_DIRTY);
}

/* What the hardware has noted of a page that others may put into page tables meanwhile. */
static unsigned int page_glance(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	bool held, mapped, touched;

	lockdep_assert_held(&window->choice);
	spin_lock(&window->lock);
	held = page->holds;
	/* By somebody who has just touched it, or by the cleaner. */
	touched = held && !page->cleaning;
	/* Who puts it into a page table from now on holds it, and says so. */
	mapped = page->mapped;
	page->mapped &= held;
	spin_unlock(&window->lock);
	if (held)
		return touched ? MRIG_EVICT_ACCESSED : 0;
	return page_harvest(page, mapped);
}

/**
 * mrig_page_look() - what has happened to a page since this was last called?
 * @page: RESIDENT
 *
 * Context: with the choice lock of the window held. May sleep.
 * Return: MRIG_EVICT_*. Forgets that it was accessed, but not that it has changed.
 */
unsigned int mrig_page_look(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	unsigned int found = page_glance(page);

	spin_lock(&window->lock);
	page_note_locked(page, found);
	found = 0;
	if (page->accessed && page->ahead) {
		mrig_ahead_used_locked(page);
		mrig_ahead_settle_locked(page, MRIG_AHEAD_NONE);
	} else if (page->accessed) {
		found |= MRIG_EVICT_ACCESSED;
	}
	if (page->dirty)
		found |= MRIG_EVICT_DIRTY;
	if (page->holds)
		found |= MRIG_EVICT_BUSY;
	page->accessed = false;
	page->looked = true;
	spin_unlock(&window->lock);
	return found;
}

/**
 * mrig_page_peek() - was a page touched since this was last called?
 * @page: RESIDENT
 *
 * Notes also whether it has changed, and leaves to mrig_page_look() what that has to tell.
 *
 * Context: with the choice lock of the window held. May sleep.
 * Return: was it?
 */
bool mrig_page_peek(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	unsigned int found = page_glance(page);
	bool used;

	spin_lock(&window->lock);
	page_note_locked(page, found);
	used = page->used;
	page->used = false;
	spin_unlock(&window->lock);
	return used;
}

/**
 * mrig_page_strip() - take a page out of all page tables
 * @page: LEAVING, by the caller: nobody puts it there again
 *
 * Sets @page->accessed and @page->dirty if the hardware has noted such; never clears them.
 *
 * Context: may sleep.
 */
void mrig_page_strip(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	unsigned int found = page_harvest(page, page->mapped);

	spin_lock(&window->lock);
	page->mapped = false;
	page_note_locked(page, found);
	spin_unlock(&window->lock);
}

/**
 * mrig_page_exposed() - can anybody change a page that is in no page table?
 * @page: LEAVING, and has been looked at since
 *
 * Return: true: it is pinned, or somebody else has a reference on its frame.
 */
bool mrig_page_exposed(const struct mrig_page *page)
{
	if (page->pins)
		return true;
	/* Who takes one by way of a page table looks at its entry again afterwards. */
	smp_mb();
	return page_ref_count(mrig_frame_page(page->window, page->frame)) != 1;
}

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

/* Which one is to leave? It begins to, unless somebody has just begun to put it somewhere. */
static struct mrig_page *choose_locked(struct mrig_window *window, bool fault, bool *begun)
{
	u64 start = ktime_get_ns();
	u32 frame = mrig_choice_select_locked(window);
	u64 ns = ktime_get_ns() - start;
	struct mrig_page *page = frame == MRIG_NO_FRAME ? NULL : window->owners[frame];

	lockdep_assert_held(&window->choice);
	spin_lock(&window->lock);
	if (fault)
		mrig_hist_add_locked(window, MEMRIG_HIST_EVICTION, ns);
	*begun = page && mrig_page_begin_locked(page, false);
	spin_unlock(&window->lock);
	return page;
}

/* A page that has begun to leave, or NULL: there is none that can. */
static struct mrig_page *choose(struct mrig_window *window, bool fault)
{
	unsigned int tries = 0;
	struct mrig_page *page;
	bool begun;

	mutex_lock(&window->choice);
	do {
		page = choose_locked(window, fault, &begun);
	} while (page && !begun && ++tries < CHOICE_TRIES);
	if (begun)
		mrig_choice_remove_locked(page, MRIG_EVICT_EVICTED);
	mutex_unlock(&window->choice);
	return begun ? page : NULL;
}

static u32 frame_pop(struct mrig_window *window)
{
	u32 frame = MRIG_NO_FRAME;

	/* Who overlooks one evicts a page, or comes again before long. */
	if (!READ_ONCE(window->nfree))
		return frame;
	spin_lock(&window->lock);
	if (window->nfree)
		frame = window->free[--window->nfree];
	spin_unlock(&window->lock);
	return frame;
}

static bool frame_has_copy(struct mrig_window *window, u32 frame, u64 *location)
{
	struct mrig_page *page = window->owners[frame];

	lockdep_assert_held(&window->lock);
	/* Who holds one may be writing it. */
	if (!page || page->state != MRIG_PAGE_RESIDENT || page->holds ||
	    page->location == MRIG_NO_LOCATION)
		return false;
	*location = page->location;
	page->location = MRIG_NO_LOCATION;
	page->dirty = true;
	return true;
}

/* A full store that cannot hold everything gives up the copy of a page that has a frame. */
static bool copy_drop(struct mrig_window *window)
{
	u32 frame, batch;
	bool found = false;
	u64 location;

	if (window->store.keep)
		return false;
	for (frame = 0; frame < window->spec.frames && !found; cond_resched()) {
		spin_lock(&window->lock);
		for (batch = 0; batch < 256 && frame < window->spec.frames && !found; batch++)
			found = frame_has_copy(window, frame++, &location);
		spin_unlock(&window->lock);
	}
	if (found)
		window->store.ops->location_free(&window->store, location);
	return found;
}

/* One look for a frame, as far as it gets without waiting for one. */
static int frame_try(struct mrig_page *heir, u32 *frame, u32 *reason)
{
	struct mrig_window *window = heir->window;
	unsigned int held = 0, errors = 0;
	struct mrig_page *page;
	int err = 0;

	while (held < HELD_TRIES && errors < ERROR_TRIES) {
		*frame = frame_pop(window);
		if (*frame != MRIG_NO_FRAME)
			return 0;
		page = choose(window, !heir->ahead);
		if (!page) {
			*reason = MEMRIG_REASON_FRAMES;
			return -EAGAIN;
		}
		err = mrig_page_leave(page, heir, frame, reason);
		if (!err)
			return 0;
		/* There will be room when another page has come, and others are clean. */
		if (*reason == MEMRIG_REASON_STORE_FULL) {
			if (++held < HELD_TRIES && copy_drop(window))
				continue;
			return -EAGAIN;
		}
		if (err == -EBUSY)
			held++;
		else
			errors++;
	}
	return errors < ERROR_TRIES ? -EAGAIN : err;
}

static bool frame_likely(struct mrig_window *window, u64 seen)
{
	return READ_ONCE(window->chances) != seen || READ_ONCE(window->closing);
}

/**
 * mrig_frame_chance_locked() - whoever waits for a frame may find one now
 * @window: a frame is free, a page can leave, or there is room in the store
 */
void mrig_frame_chance_locked(struct mrig_window *window)
{
	lockdep_assert_held(&window->lock);
	WRITE_ONCE(window->chances, window->chances + 1);
	/* With a barrier: who begins to wait looks at it afterwards. */
	if (wq_has_sleeper(&window->frame_wait))
		wake_up_all(&window->frame_wait);
}

/**
 * mrig_frame_get() - find a frame for a page
 * @heir: the page: LOADING
 * @wait: for one, if all are pinned, held or on their way
 * @frame: out
 * @reason: out: enum memrig_reason, on errors
 *
 * Context: may sleep, and wait for the store.
 * Return: 0; -EAGAIN: there is none without waiting; -ENOMEM: nor with it, or the store is full;
 *	-EIO: the store failed.
 */
int mrig_frame_get(struct mrig_page *heir, bool wait, u32 *frame, u32 *reason)
{
	struct mrig_window *window = heir->window;
	unsigned long until = jiffies + nsecs_to_jiffies(window->spec.frame_timeout_ns);
	u64 seen;
	int err;

	for (;;) {
		seen = READ_ONCE(window->chances);
		err = frame_try(heir, frame, reason);
		if (err != -EAGAIN || !wait)
			return err;
		if (time_after(jiffies, until) || READ_ONCE(window->closing))
			return -ENOMEM;
		wait_event_timeout(window->frame_wait, frame_likely(window, seen),
				   HELD_JIFFIES);
	}
}

/**
 * mrig_frame_put() - a frame has no page any more
 * @window: window
 * @frame: from mrig_frame_get() or mrig_page_leave()
 */
void mrig_frame_put(struct mrig_window *window, u32 frame)
{
	spin_lock(&window->lock);
	window->free[window->nfree++] = frame;
	mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
}
