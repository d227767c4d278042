// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of pages and the changes of their state; see window_priv.h. No bytes move here.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/window_priv.h"

static struct kmem_cache *mrig_page_cache;

/**
 * mrig_page_cache_init() - get ready to make records
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int mrig_page_cache_init(void)
{
	mrig_page_cache = KMEM_CACHE(mrig_page, SLAB_ACCOUNT);
	return mrig_page_cache ? 0 : -ENOMEM;
}

/**
 * mrig_page_cache_fini() - undo mrig_page_cache_init()
 *
 * Context: module exit; no record is left.
 */
void mrig_page_cache_fini(void)
{
	kmem_cache_destroy(mrig_page_cache);
}

static struct mrig_page *page_at(struct mrig_window *window, unsigned long index)
{
	void *entry = xa_load(&window->pages, index);

	return xa_is_value(entry) ? NULL : entry;
}

/* What can be said of a record that is in the tree: hold it, or look at it and wait. */
static int page_take_locked(struct mrig_page *page)
{
	lockdep_assert_held(&page->window->lock);
	if (page->state == MRIG_PAGE_RESIDENT) {
		page->holds++;
		return 0;
	}
	page->users++;
	return -EINPROGRESS;
}

/**
 * mrig_page_find() - find the record of a page
 * @window: window
 * @index: of the page
 * @found: out: the record
 *
 * Return: 0: it is RESIDENT and held, mrig_page_unhold() is to follow; -EINPROGRESS: it is on its
 *	way and used, mrig_page_unuse() is to follow; -ENOENT: there is none.
 */
int mrig_page_find(struct mrig_window *window, unsigned long index, struct mrig_page **found)
{
	struct mrig_page *page;
	int ret = -ENOENT;

	spin_lock(&window->lock);
	page = page_at(window, index);
	if (page)
		ret = page_take_locked(page);
	spin_unlock(&window->lock);
	*found = page;
	return ret;
}

static struct mrig_page *page_new(struct mrig_window *window, unsigned long index, bool user)
{
	struct mem_cgroup *old = mrig_window_pays(window);
	struct mrig_page *page = NULL;

	if (!mrig_should_fail())
		page = kmem_cache_zalloc(mrig_page_cache, MRIG_GFP_SIDE);
	if (page && (mrig_should_fail() || xa_reserve(&window->pages, index, MRIG_GFP_SIDE))) {
		kmem_cache_free(mrig_page_cache, page);
		page = NULL;
	}
	set_active_memcg(old);
	if (!page)
		return NULL;
	page->window = window;
	page->index = index;
	page->user = user;
	page->frame = MRIG_NO_FRAME;
	page->state = MRIG_PAGE_LOADING;
	page->users = 1;
	init_waitqueue_head(&page->wait);
	INIT_WORK(&page->work, mrig_load_work);
	return page;
}

static u64 location_of(struct mrig_window *window, unsigned long index, void *entry)
{
	if (window->store.flags & MRIG_STORE_PERMANENT)
		return index;
	return entry ? xa_to_value(entry) : MRIG_NO_LOCATION;
}

/**
 * mrig_page_install() - make the record of a page that has none
 * @client: who asks for it
 * @index: of the page
 * @user: a program touched it, not the kernel
 * @found: out: the record: LOADING, and used by the caller, who has to see to it that it is loaded
 *
 * Context: may sleep.
 * Return: 0; -EAGAIN: somebody else was faster, or it has to be tried again; -ENOMEM.
 */
int mrig_page_install(struct mrig_window_client *client, unsigned long index, bool user,
		      struct mrig_page **found)
{
	struct mrig_window *window = client->window;
	struct mrig_page *page = page_new(window, index, user);
	struct mrig_thread *thread;
	void *entry;

	if (!page)
		return -ENOMEM;
	thread = mrig_thread_get(window);
	spin_lock(&window->lock);
	entry = xa_load(&window->pages, index);
	if (entry && !xa_is_value(entry))
		goto err_unlock;
	page->location = location_of(window, index, entry);
	/* Somebody may have come and gone meanwhile, and the reservation with him. */
	if (xa_is_err(xa_store(&window->pages, index, page, GFP_NOWAIT | __GFP_NOWARN)))
		goto err_unlock;
	window->moving++;
	mrig_page_asked_locked(page, client, thread);
	spin_unlock(&window->lock);
	*found = page;
	return 0;

err_unlock:
	mrig_thread_put_locked(window, thread);
	spin_unlock(&window->lock);
	kmem_cache_free(mrig_page_cache, page);
	return -EAGAIN;
}

static void page_free(struct mrig_page *page)
{
	kmem_cache_free(mrig_page_cache, page);
}

/* Who waits for a page uses it. */
static void page_wake_locked(struct mrig_page *page)
{
	lockdep_assert_held(&page->window->lock);
	if (page->users)
		wake_up_all(&page->wait);
}

/**
 * mrig_page_hold_use() - look at a page beyond the time that it is held for
 * @page: held
 */
void mrig_page_hold_use(struct mrig_page *page)
{
	spin_lock(&page->window->lock);
	page->users++;
	spin_unlock(&page->window->lock);
}

/**
 * mrig_page_unhold() - a page may leave again
 * @page: held
 * @mapped: it has been put into a page table
 */
void mrig_page_unhold(struct mrig_page *page, bool mapped)
{
	struct mrig_window *window = page->window;

	spin_lock(&window->lock);
	page->mapped |= mapped;
	if (!--page->holds)
		page_wake_locked(page);
	spin_unlock(&window->lock);
}

/**
 * mrig_page_unuse() - nobody looks at it any more
 * @page: used; may be gone afterwards
 */
void mrig_page_unuse(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	bool last;

	spin_lock(&window->lock);
	last = !--page->users && page->state == MRIG_PAGE_GONE;
	spin_unlock(&window->lock);
	if (last)
		page_free(page);
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
	mrig_tally_fault_locked(page);
	mrig_page_answered_locked(page);
	page->frame = frame;
	page->holds += hold;
	WRITE_ONCE(page->state, MRIG_PAGE_RESIDENT);
	page_wake_locked(page);
	mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
	mrig_choice_add_locked(page, MRIG_EVICT_FAULT);
	mutex_unlock(&window->choice);
}

/* The tree knows again where the page is without its record. */
static void page_forget_locked(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	u64 location = page->location;

	lockdep_assert_held(&window->lock);
	if (location == MRIG_NO_LOCATION || window->store.flags & MRIG_STORE_PERMANENT)
		xa_erase(&window->pages, page->index);
	else	/* The entry is there already, so this takes no memory. */
		xa_store(&window->pages, page->index, xa_mk_value(location), GFP_NOWAIT);
	window->moving--;
	WRITE_ONCE(page->state, MRIG_PAGE_GONE);
	page_wake_locked(page);
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
	bool unused;

	spin_lock(&window->lock);
	page->error = error;
	page->reason = reason;
	mrig_page_answered_locked(page);
	page_forget_locked(page);
	unused = !page->users;
	spin_unlock(&window->lock);
	if (unused)
		page_free(page);
}

/**
 * mrig_page_begin_locked() - a page begins to leave, if it can
 * @page: RESIDENT a moment ago; LEAVING from now on
 * @pins_too: also if it is pinned: it is not really going to
 * @why: what to tell the policy
 *
 * Context: the choice lock of the window held.
 * Return: true if it can: then mrig_page_stay() or mrig_page_left() is to follow.
 */
bool mrig_page_begin_locked(struct mrig_page *page, bool pins_too, enum mrig_evict_going why)
{
	struct mrig_window *window = page->window;
	bool can;

	lockdep_assert_held(&window->choice);
	spin_lock(&window->lock);
	can = page->state == MRIG_PAGE_RESIDENT && !page->holds && (pins_too || !page->pins);
	if (can) {
		WRITE_ONCE(page->state, MRIG_PAGE_LEAVING);
		window->resident--;
		window->moving++;
	}
	spin_unlock(&window->lock);
	if (can)
		mrig_choice_remove_locked(page, why);
	return can;
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
 *
 * Return: the frame that it had, which is the caller's now.
 */
u32 mrig_page_left(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	u32 frame = page->frame;
	bool unused;

	spin_lock(&window->lock);
	window->owners[frame] = NULL;
	page_forget_locked(page);
	unused = !page->users;
	spin_unlock(&window->lock);
	if (unused)
		page_free(page);
	return frame;
}

/**
 * mrig_pages_forget() - drop all records
 * @window: about to go: nobody touches or looks at anything, nothing moves
 */
void mrig_pages_forget(struct mrig_window *window)
{
	unsigned long index;
	void *entry;

	xa_for_each(&window->pages, index, entry) {
		if (!xa_is_value(entry))
			page_free(entry);
		cond_resched();
	}
	xa_destroy(&window->pages);
}
