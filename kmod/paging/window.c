// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of windows and of their clients. How windows end is in ending.c.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/kref.h>
#include <linux/limits.h>
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/page-flags.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/fault.h"
#include "core/object.h"
#include "core/trace_paging.h"
#include "paging/window_priv.h"

#define WINDOW_FLAGS \
	(MEMRIG_WINDOW_READ_ONLY | MEMRIG_WINDOW_INJECT | MEMRIG_WINDOW_SERIAL | \
	 MEMRIG_WINDOW_THREAD_STATS)

#define STORE_TIMEOUT_NS	(10ULL * NSEC_PER_SEC)
#define FRAME_TIMEOUT_NS	(1ULL * NSEC_PER_SEC)
#define TIMEOUT_MAX_NS		(3600ULL * NSEC_PER_SEC)
#define TICK_MS			100	/* Zephyr's CONFIG_EVICTION_NRU_PERIOD */

#define CLEAN_PAGES		32

/* What is off unless it is asked for. */
static int spec_check_guesses(struct mrig_window_spec *spec)
{
	if (spec->fault_around > MEMRIG_FAULT_AROUND_MAX ||
	    spec->fault_around & (spec->fault_around - 1))
		return -EINVAL;
	if (spec->read_ahead > MEMRIG_READ_AHEAD_MAX)
		return -EINVAL;
	if (spec->clean_ms > MEMRIG_CLEAN_MS_MAX || spec->clean_pages > MEMRIG_CLEAN_PAGES_MAX)
		return -EINVAL;
	if (spec->clean_pages && !spec->clean_ms)
		return -EINVAL;
	spec->clean_pages = spec->clean_pages ?: CLEAN_PAGES;
	return 0;
}

/* Everything that can be refused without touching a resource. Fills in what has a default. */
static int spec_check(struct mrig_window_spec *spec)
{
	u32 both = MEMRIG_WINDOW_READ_ONLY | MEMRIG_WINDOW_INJECT;
	u32 store;

	/* Whether there is such a policy shows when it is to be had. */
	if (spec->flags & ~WINDOW_FLAGS || mrig_store_flags(spec->store.kind, &store))
		return -EOPNOTSUPP;
	if (store & MRIG_STORE_READ_ONLY)
		spec->flags |= MEMRIG_WINDOW_READ_ONLY;
	if ((spec->flags & both) == both)
		return -EINVAL;
	if (!spec->frames || spec->frames > spec->pages || spec->pages > MEMRIG_WINDOW_PAGES_MAX)
		return -EINVAL;
	if (spec->store_timeout_ns > TIMEOUT_MAX_NS || spec->frame_timeout_ns > TIMEOUT_MAX_NS)
		return -EINVAL;
	spec->store_timeout_ns = spec->store_timeout_ns ?: STORE_TIMEOUT_NS;
	spec->frame_timeout_ns = spec->frame_timeout_ns ?: FRAME_TIMEOUT_NS;
	spec->policy = spec->policy ?: MEMRIG_POLICY_ADAPTIVE;
	spec->tick_ms = spec->tick_ms ?: TICK_MS;
	spec->store.pages = spec->pages;
	spec->store.frames = spec->frames;
	spec->store.read_only = spec->flags & MEMRIG_WINDOW_READ_ONLY;
	spec->store.inject = spec->flags & MEMRIG_WINDOW_INJECT;
	return spec_check_guesses(spec) ?: mrig_store_check(&spec->store);
}

/* What others have left behind on the frames is nobody's business: see the top of look.c. */
static void frames_clean(struct mrig_window *window)
{
	struct folio *folio;
	u32 frame;

	for (frame = 0; frame < window->spec.frames; frame++) {
		folio = page_folio(mrig_frame_page(window, frame));
		folio_clear_referenced(folio);
		folio_clear_dirty(folio);
		if (!(frame % 1024))
			cond_resched();
	}
}

static int frames_init(struct mrig_window *window)
{
	u32 count = window->spec.frames;
	u32 frame;

	if (mrig_should_fail())
		return -ENOMEM;
	window->owners = kvcalloc(count, sizeof(*window->owners), MRIG_GFP_SIDE);
	window->free = kvmalloc_array(count, sizeof(*window->free), MRIG_GFP_SIDE);
	if (!window->owners || !window->free) {
		kvfree(window->owners);
		kvfree(window->free);
		return -ENOMEM;
	}
	/* The first one is on top. */
	for (frame = 0; frame < count; frame++)
		window->free[frame] = count - 1 - frame;
	window->nfree = count;
	return 0;
}

static struct workqueue_struct *workers_make(const struct mrig_window *window)
{
	if (mrig_should_fail())
		return NULL;
	if (window->spec.flags & MEMRIG_WINDOW_SERIAL)
		return alloc_ordered_workqueue("memrig-window", 0);
	return alloc_workqueue("memrig-window", WQ_UNBOUND, 0);
}

static struct mrig_window *window_new(struct mrig_region *region,
				      const struct mrig_window_spec *spec)
{
	struct mrig_window *window;

	if (mrig_should_fail())
		return NULL;
	window = kzalloc(sizeof(*window), MRIG_GFP_SIDE);
	if (!window)
		return NULL;
	mrig_ending_init(window);
	mutex_init(&window->turn);
	mutex_init(&window->choice);
	spin_lock_init(&window->lock);
	init_waitqueue_head(&window->frame_wait);
	INIT_LIST_HEAD(&window->spares);
	window->patience = nsecs_to_jiffies(spec->store_timeout_ns) +
			   nsecs_to_jiffies(spec->frame_timeout_ns) + 1;
	xa_init_flags(&window->pages, XA_FLAGS_ACCOUNT);
	mrig_hists_init(window);
	mrig_ahead_init(window);
	window->spec = *spec;
	/* The store has what it needs of it. */
	window->spec.store.file = NULL;
	window->policy = spec->policy;
	window->memcg = get_mem_cgroup_from_mm(current->mm);
	mrig_region_get(region);
	window->region = region;
	return window;
}

static void window_delete(struct mrig_window *window)
{
	mrig_region_put(window->region);
	mem_cgroup_put(window->memcg);
	mutex_destroy(&window->choice);
	mutex_destroy(&window->turn);
	kfree(window);
}

/* What a window is made of, one after the other. */
static int window_build(struct mrig_window *window, const struct mrig_store_spec *store)
{
	u64 length = window->spec.frames << PAGE_SHIFT;
	int err;

	window->kaddr = mrig_region_lend(window->region, &window->claim, window->spec.offset,
					 length);
	if (IS_ERR(window->kaddr))
		return PTR_ERR(window->kaddr);
	err = mrig_store_init(&window->store, store, window->memcg);
	if (err)
		goto err_lend;
	err = frames_init(window);
	if (err)
		goto err_store;
	err = mrig_threads_init(window);
	if (err)
		goto err_frames;
	err = mrig_choice_init(window);
	if (err)
		goto err_threads;
	window->workers = workers_make(window);
	if (!window->workers) {
		err = -ENOMEM;
		goto err_choice;
	}
	window->node = mrig_node_create(window->store.flags & MRIG_STORE_CODE);
	if (IS_ERR(window->node)) {
		err = PTR_ERR(window->node);
		goto err_workers;
	}
	err = mrig_cleaner_init(window);
	if (err)
		goto err_node;
	frames_clean(window);
	return 0;

err_node:
	mrig_node_put(window->node);
err_workers:
	destroy_workqueue(window->workers);
err_choice:
	WRITE_ONCE(window->closing, true);
	mrig_choice_stop(window);
	mrig_choice_fini(window);
err_threads:
	mrig_threads_fini(window);
err_frames:
	kvfree(window->owners);
	kvfree(window->free);
err_store:
	mrig_store_fini(&window->store);
err_lend:
	mrig_region_lent(window->region, &window->claim);
	return err;
}

static void window_publish(struct mrig_window *window)
{
	const struct mrig_window_spec *spec = &window->spec;

	mrig_roll_add(window);
	mrig_cleaner_start(window);
	trace_memrig_window_create(window->id, window->region->id, spec->pages, spec->frames,
				   spec->store.kind, spec->policy, spec->flags);
}

static struct mrig_window_client *client_new(struct mrig_window *window, bool observer)
{
	struct mrig_window_client *client;

	if (mrig_should_fail())
		return ERR_PTR(-ENOMEM);
	client = kzalloc(sizeof(*client), MRIG_GFP_SIDE);
	if (!client)
		return ERR_PTR(-ENOMEM);
	mutex_init(&client->lock);
	xa_init_flags(&client->pins, XA_FLAGS_ACCOUNT);
	if (observer)
		refcount_inc(&window->shells);
	else
		kref_get(&window->ref);
	client->window = window;
	client->observer = observer;
	client->uses = 1;
	spin_lock(&window->lock);
	window->nclients++;
	spin_unlock(&window->lock);
	return client;
}

/**
 * mrig_window_create() - make a window
 * @region: lends the frames; referenced by the window
 * @wanted: what to make, unchecked
 * @reason: out: set on -ENOMEM
 *
 * Context: Process context of the user who pays. May sleep.
 * Return: its first client, or ERR_PTR: see struct memrig_window_create.
 */
struct mrig_window_client *mrig_window_create(struct mrig_region *region,
					      const struct mrig_window_spec *wanted, u32 *reason)
{
	struct mrig_window_spec spec = *wanted;
	struct mrig_window_client *client;
	struct mrig_window *window;
	int err;

	*reason = MEMRIG_REASON_NONE;
	err = spec_check(&spec);
	if (err)
		return ERR_PTR(err);
	*reason = MEMRIG_REASON_SIDE;
	window = window_new(region, &spec);
	if (!window)
		return ERR_PTR(-ENOMEM);
	err = window_build(window, &spec.store);
	if (err) {
		window_delete(window);
		if (err != -ENOMEM)
			*reason = MEMRIG_REASON_NONE;
		return ERR_PTR(err);
	}
	window_publish(window);
	client = client_new(window, false);
	mrig_window_put(window);
	if (!IS_ERR(client))
		*reason = MEMRIG_REASON_NONE;
	return client;
}

/**
 * mrig_window_attach() - make another client of the same window
 * @client: one that there is
 *
 * Context: may sleep.
 * Return: the new one, or ERR_PTR(-ENOMEM).
 */
struct mrig_window_client *mrig_window_attach(struct mrig_window_client *client)
{
	return client_new(client->window, false);
}

/**
 * mrig_window_observe() - make a client that reaches neither content nor frames
 * @id: of the window
 *
 * Context: Process context. May sleep.
 * Return: it, or ERR_PTR: as mrig_window_by_id(), and -ENOMEM.
 */
struct mrig_window_client *mrig_window_observe(u64 id)
{
	struct mrig_window *window = mrig_window_by_id(id);
	struct mrig_window_client *client;

	if (IS_ERR(window))
		return ERR_CAST(window);
	client = client_new(window, true);
	mrig_window_unshell(window);
	return client;
}

/**
 * mrig_window_release() - a client goes, and its pins with it
 * @client: gone afterwards
 *
 * The last one takes the window with it; then what has changed is written to a FILE store.
 *
 * Context: Process context. May sleep, and wait for the store.
 */
void mrig_window_release(struct mrig_window_client *client)
{
	struct mrig_window *window = client->window;
	bool observer = client->observer;

	mrig_pins_release(client);
	mutex_destroy(&client->lock);
	spin_lock(&window->lock);
	window->nclients--;
	mrig_client_put_locked(client);
	spin_unlock(&window->lock);
	if (observer)
		mrig_window_unshell(window);
	else
		mrig_window_put(window);
}

/**
 * mrig_window_file_create() - make the file of a client, on the node all files of the window share
 * @client: becomes its private_data
 * @fops: operations; the release operation must call mrig_window_release()
 *
 * Context: Process context. May sleep.
 * Return: the file, not published, or ERR_PTR.
 */
struct file *mrig_window_file_create(struct mrig_window_client *client,
				     const struct file_operations *fops)
{
	return mrig_file_create("memrig-window", client->window->node, fops, client,
				client->observer ? O_RDONLY : O_RDWR);
}

/**
 * mrig_window_init() - get ready to make windows
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int mrig_window_init(void)
{
	int err = mrig_endings_init();

	if (err)
		return err;
	mrig_kinds_init();
	err = mrig_page_cache_init();
	if (err)
		mrig_endings_fini();
	return err;
}

/**
 * mrig_window_fini() - undo mrig_window_init()
 *
 * Context: module exit; no client is left.
 */
void mrig_window_fini(void)
{
	mrig_endings_fini();
	mrig_page_cache_fini();
}
