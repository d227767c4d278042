// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a window: with its last client, that is the last file but those of observers, and the
 * last mapping.
 *
 * A worker of the module does it, whom no signal and no limit of a process keeps from writing what
 * has changed. Whoever closes waits for that, so that the store has everything when close() is
 * over; but not for ever, as the store may be served by the very process that is on its way out.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/memcontrol.h>
#include <linux/page_ref.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "core/object.h"
#include "core/trace_paging.h"
#include "paging/window_priv.h"

/* How long a process that is being killed, or exits, waits for what it leaves behind. */
#define EXIT_PATIENCE	(30 * HZ)

static struct workqueue_struct *endings;

/**
 * mrig_endings_init() - get ready to end windows
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int mrig_endings_init(void)
{
	endings = alloc_workqueue("memrig-ending", WQ_UNBOUND, 0);
	return endings ? 0 : -ENOMEM;
}

/**
 * mrig_endings_fini() - undo mrig_endings_init(), when all windows have ended
 *
 * Context: module exit.
 */
void mrig_endings_fini(void)
{
	destroy_workqueue(endings);
}

/**
 * mrig_window_unshell() - nobody looks at what is left of a window
 * @window: with a reference on its shell
 */
void mrig_window_unshell(struct mrig_window *window)
{
	if (!refcount_dec_and_test(&window->shells))
		return;
	mutex_destroy(&window->choice);
	mutex_destroy(&window->turn);
	kfree(window);
}

/* What has changed goes where it survives. What cannot be written is lost, and leaves a trace. */
static void window_save(struct mrig_window *window)
{
	struct mrig_page *page;
	u32 frame, reason;

	if (!(window->store.flags & MRIG_STORE_PERMANENT) ||
	    window->spec.flags & MEMRIG_WINDOW_READ_ONLY)
		return;
	for (frame = 0; frame < window->spec.frames; frame++) {
		page = window->owners[frame];
		if (!page || !mrig_page_begin(page, true))
			continue;
		mrig_page_strip(page);
		if (page->dirty)
			mrig_page_write(page, false, &reason);
		mrig_page_stay(page);
		cond_resched();
	}
}

/*
 * Whoever gets the frames next is not to read what the window had in them. What somebody holds (a
 * pipe) he goes on to read.
 */
static void frames_scrub(struct mrig_window *window)
{
	u32 frame;

	for (frame = 0; frame < window->spec.frames; frame++) {
		if (page_ref_count(mrig_frame_page(window, frame)) == 1)
			clear_page(mrig_frame_addr(window, frame));
		cond_resched();
	}
}

/* Nobody looks, and nothing moves any more. */
static void window_stop(struct mrig_window *window)
{
	down_write(&window->alive);
	WRITE_ONCE(window->closing, true);
	up_write(&window->alive);
	wake_up_all(&window->frame_wait);
	mrig_store_calm(&window->store);
	mrig_cleaner_stop(window);
	destroy_workqueue(window->workers);
	mrig_choice_stop(window);
}

static void window_dismantle(struct mrig_window *window)
{
	mrig_roll_remove(window);
	trace_memrig_window_destroy(window->id, window->resident);
	mrig_pages_forget(window);
	mrig_node_put(window->node);
	mrig_choice_fini(window);
	mrig_threads_fini(window);
	mrig_cleaner_fini(window);
	kvfree(window->owners);
	kvfree(window->free);
	mrig_store_fini(&window->store);
	frames_scrub(window);
	mrig_region_lent(window->region, &window->claim);
	mrig_region_put(window->region);
	mem_cgroup_put(window->memcg);
}

static void window_ending(struct work_struct *work)
{
	struct mrig_window *window = container_of(work, struct mrig_window, ending);

	window_stop(window);
	window_save(window);
	window_dismantle(window);
	complete_all(&window->ended);
	mrig_window_unshell(window);
}

/**
 * mrig_ending_init() - a window can end
 * @window: new
 */
void mrig_ending_init(struct mrig_window *window)
{
	kref_init(&window->ref);
	refcount_set(&window->shells, 1);
	init_rwsem(&window->alive);
	init_completion(&window->ended);
	INIT_WORK(&window->ending, window_ending);
}

static void window_over(struct kref *ref)
{
	struct mrig_window *window = container_of(ref, struct mrig_window, ref);

	queue_work(endings, &window->ending);
}

/**
 * mrig_window_put() - drop the reference of a client
 * @window: over with the last one
 *
 * Context: Process context. May sleep, and wait for the store.
 */
void mrig_window_put(struct mrig_window *window)
{
	/* The last one finds it there while he waits. */
	refcount_inc(&window->shells);
	if (kref_put(&window->ref, window_over) &&
	    (current->flags & PF_EXITING || wait_for_completion_killable(&window->ended)))
		wait_for_completion_timeout(&window->ended, EXIT_PATIENCE);
	mrig_window_unshell(window);
}

/**
 * mrig_window_look() - begin to look at a window that may end meanwhile
 * @client: of it; an observer, or not
 *
 * Context: may sleep.
 * Return: 0: it stays until mrig_window_looked(); -ENODEV: it is over.
 */
int mrig_window_look(struct mrig_window_client *client)
{
	struct mrig_window *window = client->window;

	if (!client->observer)
		return 0;
	down_read(&window->alive);
	if (!READ_ONCE(window->closing))
		return 0;
	up_read(&window->alive);
	return -ENODEV;
}

/**
 * mrig_window_looked() - it may end now
 * @client: of which mrig_window_look() said 0
 */
void mrig_window_looked(struct mrig_window_client *client)
{
	if (client->observer)
		up_read(&client->window->alive);
}
