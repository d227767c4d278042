// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames: which page is to leave for another one, and waiting for a frame.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "paging/window_priv.h"

/* Pages that one choice looks at, and that one search for a frame finds held, or cannot write. */
#define CHOICE_TRIES	64
#define HELD_TRIES	64
#define ERROR_TRIES	8

/* Nobody tells when a page is not held any more. */
#define HELD_JIFFIES	msecs_to_jiffies(10)

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
