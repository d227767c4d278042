// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of pages, and the tree that knows them; see page.h. A record that is not needed
 * any more serves the next page: there are never more of them than frames and pages on their way.
 */
#include <linux/err.h>
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

/**
 * mrig_page_free_locked() - a record is not needed any more
 * @page: in no tree, and nobody looks at it
 */
void mrig_page_free_locked(struct mrig_page *page)
{
	lockdep_assert_held(&page->window->lock);
	list_add(&page->spare, &page->window->spares);
}

static struct mrig_page *page_make(struct mrig_window *window)
{
	struct mrig_page *page = NULL;

	if (!mrig_should_fail())
		page = kmem_cache_zalloc(mrig_page_cache, MRIG_GFP_SIDE);
	if (!page)
		return NULL;
	page->window = window;
	init_waitqueue_head(&page->wait);
	INIT_WORK(&page->work, mrig_load_work);
	return page;
}

static int spare_add(struct mrig_window *window)
{
	struct mrig_page *page = page_make(window);

	if (!page)
		return -ENOMEM;
	spin_lock(&window->lock);
	mrig_page_free_locked(page);
	spin_unlock(&window->lock);
	return 0;
}

/* Sees to it that there is a record, and a place in the tree for page @index; just now. */
static int records_prepare(struct mrig_window *window, unsigned long index)
{
	struct mem_cgroup *old = mrig_window_pays(window);
	bool none;
	int err;

	spin_lock(&window->lock);
	none = list_empty(&window->spares);
	spin_unlock(&window->lock);
	err = none ? spare_add(window) : 0;
	if (!err && mrig_should_fail())
		err = -ENOMEM;
	if (!err)
		err = xa_reserve(&window->pages, index, MRIG_GFP_SIDE);
	set_active_memcg(old);
	return err;
}

static u64 location_of(struct mrig_window *window, unsigned long index, void *entry)
{
	if (window->store.flags & MRIG_STORE_PERMANENT)
		return index;
	return xa_is_value(entry) ? xa_to_value(entry) : MRIG_NO_LOCATION;
}

/* It was in no tree, so nobody knows it. */
static void page_start(struct mrig_page *page, unsigned long index, u64 location, bool user)
{
	page->index = index;
	page->location = location;
	page->frame = MRIG_NO_FRAME;
	page->state = MRIG_PAGE_LOADING;
	page->reason = MEMRIG_REASON_NONE;
	page->error = 0;
	page->holds = 0;
	page->users = 0;
	page->pins = 0;
	page->tracked = false;
	page->mapped = false;
	page->accessed = false;
	page->looked = false;
	page->dirty = false;
	page->zero = false;
	page->user = user;
	page->used = false;
	page->cleaning = false;
	page->mark = false;
	page->ahead = MRIG_AHEAD_NONE;
}

/* What can be said of a record that is in the tree: hold it, or look at it and wait. */
static int page_use_locked(struct mrig_page *page)
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
	int ret = -ENOENT;
	void *entry;

	*found = NULL;
	spin_lock(&window->lock);
	entry = xa_load(&window->pages, index);
	if (entry && !xa_is_value(entry)) {
		*found = entry;
		ret = page_use_locked(entry);
	}
	spin_unlock(&window->lock);
	return ret;
}

/* Finds the record of a page, or puts one into the tree. -ENOMEM: there is something to prepare. */
static int page_take_locked(struct mrig_window *window, unsigned long index, bool user,
			    struct mrig_page **found)
{
	struct mrig_page *page = list_first_entry_or_null(&window->spares, struct mrig_page, spare);
	XA_STATE(xas, &window->pages, index);
	void *entry;

	lockdep_assert_held(&window->lock);
	xas_lock(&xas);
	entry = xas_load(&xas);
	if (entry && !xa_is_value(entry) && !xa_is_zero(entry)) {
		xas_unlock(&xas);
		*found = entry;
		return page_use_locked(entry);
	}
	if (page)
		xas_store(&xas, page);
	xas_unlock(&xas);
	if (!page || xas_error(&xas))
		return -ENOMEM;
	list_del(&page->spare);
	page_start(page, index, location_of(window, index, entry), user);
	window->moving++;
	*found = page;
	return 1;
}

/**
 * mrig_page_take() - find the record of a page, or make one
 * @client: who asks for it
 * @index: of the page
 * @user: a program touched it, not the kernel
 * @found: out: the record
 *
 * Context: may sleep.
 * Return: as mrig_page_find(); or 1: there was none, and this one is LOADING: the caller has to see
 *	to it that it is loaded; -ENOMEM.
 */
int mrig_page_take(struct mrig_window_client *client, unsigned long index, bool user,
		   struct mrig_page **found)
{
	struct mrig_window *window = client->window;
	struct mrig_thread *thread = NULL;
	struct mem_cgroup *old;
	int ret;

	if (window->threads) {
		ret = mrig_page_find(window, index, found);
		if (ret != -ENOENT)
			return ret;
		thread = mrig_thread_get(window);
	}
	/* What is prepared others may take, who get on with that. */
	do {
		old = mrig_window_pays(window);
		spin_lock(&window->lock);
		ret = page_take_locked(window, index, user, found);
		if (ret == 1)
			mrig_page_asked_locked(*found, client, thread);
		else if (ret != -ENOMEM)
			mrig_thread_put_locked(window, thread);
		spin_unlock(&window->lock);
		set_active_memcg(old);
	} while (ret == -ENOMEM && !records_prepare(window, index));
	if (ret != -ENOMEM || !thread)
		return ret;
	spin_lock(&window->lock);
	mrig_thread_put_locked(window, thread);
	spin_unlock(&window->lock);
	return ret;
}

static int take_ahead_locked(struct mrig_window *window, unsigned long index, bool mark,
			     struct mrig_page **found)
{
	void *entry = xa_load(&window->pages, index);
	int ret;

	lockdep_assert_held(&window->lock);
	if (entry && !xa_is_value(entry))
		return -EEXIST;
	ret = page_take_locked(window, index, false, found);
	if (ret != 1)
		return ret;
	(*found)->ahead = MRIG_AHEAD_NEW;
	(*found)->mark = mark;
	window->ahead.waiting++;
	return 0;
}

/**
 * mrig_page_take_ahead() - make the record of a page that nobody has asked for
 * @window: window
 * @index: of the page
 * @mark: when it is touched, more are to follow
 * @found: out: the record: LOADING; the caller has to see to it that it is loaded
 *
 * Context: may sleep.
 * Return: 0; -EEXIST: there is one; -ENOMEM.
 */
int mrig_page_take_ahead(struct mrig_window *window, unsigned long index, bool mark,
			 struct mrig_page **found)
{
	struct mem_cgroup *old;
	int ret;

	do {
		old = mrig_window_pays(window);
		spin_lock(&window->lock);
		ret = take_ahead_locked(window, index, mark, found);
		spin_unlock(&window->lock);
		set_active_memcg(old);
	} while (ret == -ENOMEM && !records_prepare(window, index));
	return ret;
}

/**
 * mrig_page_forget_locked() - the tree knows again where a page is without its record
 * @page: its record, which is in the tree no longer
 */
void mrig_page_forget_locked(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	XA_STATE(xas, &window->pages, page->index);
	void *entry = NULL;

	lockdep_assert_held(&window->lock);
	if (page->location != MRIG_NO_LOCATION && !(window->store.flags & MRIG_STORE_PERMANENT))
		entry = xa_mk_value(page->location);
	/* There is an entry, so this takes no memory. */
	xas_lock(&xas);
	xas_store(&xas, entry);
	xas_unlock(&xas);
}

/**
 * mrig_pages_forget() - drop all records
 * @window: about to go: nobody touches or looks at anything, nothing moves
 */
void mrig_pages_forget(struct mrig_window *window)
{
	struct mrig_page *page, *next;
	unsigned long index;
	void *entry;

	xa_for_each(&window->pages, index, entry) {
		if (!xa_is_value(entry))
			kmem_cache_free(mrig_page_cache, entry);
		cond_resched();
	}
	xa_destroy(&window->pages);
	list_for_each_entry_safe(page, next, &window->spares, spare) {
		kmem_cache_free(mrig_page_cache, page);
		cond_resched();
	}
}
