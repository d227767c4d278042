// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has asked for pages: what Zephyr counts, by client and by thread.
 *
 * A page that is on its way remembers for whom: the client and the thread that asked first. The
 * client is gone when its file is, and its memory when no page remembers it any more. Threads are
 * known by their struct pid, which no other thread ever is, though its number may be used again.
 */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/lockdep.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/window_priv.h"

/* Both are bounds on what a touch looks through. */
#define THREAD_BITS	6
#define THREAD_DEPTH	16

/**
 * struct mrig_thread - a thread that has asked for pages
 * @node: in the table of its window
 * @pid: which
 * @loads: pages on their way for it
 * @tally: its figures
 */
struct mrig_thread {
	struct hlist_node node;
	struct pid *pid;
	u32 loads;
	struct mrig_tally tally;
};

/**
 * mrig_threads_init() - get ready to count by thread, if that is wanted
 * @window: new
 *
 * Return: 0 or -ENOMEM.
 */
int mrig_threads_init(struct mrig_window *window)
{
	if (!(window->spec.flags & MEMRIG_WINDOW_THREAD_STATS))
		return 0;
	if (mrig_should_fail())
		return -ENOMEM;
	window->threads = kcalloc(BIT(THREAD_BITS), sizeof(*window->threads), MRIG_GFP_SIDE);
	return window->threads ? 0 : -ENOMEM;
}

static void thread_free(struct mrig_thread *thread)
{
	put_pid(thread->pid);
	kfree(thread);
}

/**
 * mrig_threads_fini() - forget all threads
 * @window: nothing moves any more
 */
void mrig_threads_fini(struct mrig_window *window)
{
	struct mrig_thread *thread;
	struct hlist_node *next;
	unsigned int i;

	if (!window->threads)
		return;
	for (i = 0; i < BIT(THREAD_BITS); i++)
		hlist_for_each_entry_safe(thread, next, &window->threads[i], node)
			thread_free(thread);
	kfree(window->threads);
}

static struct hlist_head *thread_list(struct mrig_window *window, const struct pid *pid)
{
	return &window->threads[hash_ptr(pid, THREAD_BITS)];
}

static struct mrig_thread *thread_find_locked(struct mrig_window *window, const struct pid *pid)
{
	struct mrig_thread *thread;

	lockdep_assert_held(&window->lock);
	hlist_for_each_entry(thread, thread_list(window, pid), node)
		if (thread->pid == pid)
			return thread;
	return NULL;
}

static bool thread_dead(const struct mrig_thread *thread)
{
	bool dead;

	rcu_read_lock();
	dead = !thread->loads && !pid_task(thread->pid, PIDTYPE_PID);
	rcu_read_unlock();
	return dead;
}

/* Takes @new up, or says no. In a list that is full one that is dead makes room. */
static bool thread_add_locked(struct mrig_window *window, struct mrig_thread *new)
{
	struct hlist_head *list = thread_list(window, new->pid);
	struct mrig_thread *thread, *dead = NULL;
	unsigned int depth = 0;

	lockdep_assert_held(&window->lock);
	hlist_for_each_entry(thread, list, node)
		depth++;
	if (depth >= THREAD_DEPTH) {
		hlist_for_each_entry(thread, list, node)
			if (thread_dead(thread))
				dead = thread;
		if (!dead)
			return false;
		hlist_del(&dead->node);
		thread_free(dead);
	}
	hlist_add_head(&new->node, list);
	return true;
}

static struct mrig_thread *thread_new(struct mrig_window *window, struct pid *pid)
{
	struct mem_cgroup *old = mrig_window_pays(window);
	struct mrig_thread *thread = NULL;

	if (!mrig_should_fail())
		thread = kzalloc(sizeof(*thread), MRIG_GFP_SIDE);
	set_active_memcg(old);
	if (thread)
		thread->pid = get_pid(pid);
	return thread;
}

/**
 * mrig_thread_get() - the thread that runs is about to ask for a page
 * @window: of which
 *
 * Context: may sleep.
 * Return: it, as one for which a page is on its way; or NULL: it is not counted, because nobody
 *	wants that, or for want of memory or room.
 */
struct mrig_thread *mrig_thread_get(struct mrig_window *window)
{
	struct pid *pid = task_pid(current);
	struct mrig_thread *thread;

	if (!window->threads)
		return NULL;
	spin_lock(&window->lock);
	thread = thread_find_locked(window, pid);
	if (thread)
		thread->loads++;
	spin_unlock(&window->lock);
	if (thread)
		return thread;
	thread = thread_new(window, pid);
	if (!thread)
		return NULL;
	/* Nobody else makes this one. */
	thread->loads = 1;
	spin_lock(&window->lock);
	if (!thread_add_locked(window, thread)) {
		thread_free(thread);
		thread = NULL;
	}
	spin_unlock(&window->lock);
	return thread;
}

/**
 * mrig_thread_put_locked() - a page is not on its way any more
 * @window: of which
 * @thread: from mrig_thread_get(), or NULL
 */
void mrig_thread_put_locked(struct mrig_window *window, struct mrig_thread *thread)
{
	lockdep_assert_held(&window->lock);
	if (thread)
		thread->loads--;
}

/**
 * mrig_client_put_locked() - a file or a page does not need a client any more
 * @client: perhaps gone afterwards; or NULL
 */
void mrig_client_put_locked(struct mrig_window_client *client)
{
	if (!client)
		return;
	lockdep_assert_held(&client->window->lock);
	if (!--client->uses)
		kfree(client);
}

/**
 * mrig_page_asked_locked() - remember who asked for a page
 * @page: LOADING from now on
 * @client: who asked
 * @thread: from mrig_thread_get()
 */
void mrig_page_asked_locked(struct mrig_page *page, struct mrig_window_client *client,
			    struct mrig_thread *thread)
{
	lockdep_assert_held(&page->window->lock);
	page->client = client;
	page->thread = thread;
	client->uses++;
}

/**
 * mrig_page_answered_locked() - forget it again
 * @page: not LOADING any more
 */
void mrig_page_answered_locked(struct mrig_page *page)
{
	lockdep_assert_held(&page->window->lock);
	mrig_client_put_locked(page->client);
	mrig_thread_put_locked(page->window, page->thread);
	page->client = NULL;
	page->thread = NULL;
}

static void tally_fault(struct mrig_tally *tally, bool user)
{
	tally->faults++;
	if (user)
		tally->faults_user++;
	else
		tally->faults_kernel++;
}

static void tally_evict(struct mrig_tally *tally, bool dirty)
{
	if (dirty)
		tally->evict_dirty++;
	else
		tally->evict_clean++;
}

/**
 * mrig_tally_fault_locked() - a page got a frame
 * @page: for whom it is still known
 */
void mrig_tally_fault_locked(struct mrig_page *page)
{
	lockdep_assert_held(&page->window->lock);
	tally_fault(&page->window->tally, page->user);
	tally_fault(&page->client->tally, page->user);
	if (page->thread)
		tally_fault(&page->thread->tally, page->user);
}

/**
 * mrig_tally_evict_locked() - a page has left so that another can come
 * @heir: the other one: LOADING
 * @dirty: it was written
 */
void mrig_tally_evict_locked(struct mrig_page *heir, bool dirty)
{
	lockdep_assert_held(&heir->window->lock);
	/* It comes ahead: nobody has asked for it. */
	if (!heir->client)
		return;
	tally_evict(&heir->window->tally, dirty);
	tally_evict(&heir->client->tally, dirty);
	if (heir->thread)
		tally_evict(&heir->thread->tally, dirty);
}

/**
 * mrig_tally_add() - add up
 * @to: sum
 * @from: summand
 */
void mrig_tally_add(struct mrig_tally *to, const struct mrig_tally *from)
{
	to->faults += from->faults;
	to->faults_user += from->faults_user;
	to->faults_kernel += from->faults_kernel;
	to->evict_clean += from->evict_clean;
	to->evict_dirty += from->evict_dirty;
}

/**
 * mrig_tally_tell() - figures as they are reported
 * @tally: figures
 * @stat: out
 */
void mrig_tally_tell(const struct mrig_tally *tally, struct memrig_paging_stat *stat)
{
	stat->faults = tally->faults;
	stat->faults_user = tally->faults_user;
	stat->faults_kernel = tally->faults_kernel;
	stat->faults_isr = 0;
	stat->evict_clean = tally->evict_clean;
	stat->evict_dirty = tally->evict_dirty;
}

/**
 * mrig_window_forget_locked() - the figures of a window start again, those of all windows do not
 * @window: window
 */
void mrig_window_forget_locked(struct mrig_window *window)
{
	lockdep_assert_held(&window->lock);
	mrig_tally_add(&window->before, &window->tally);
	memset(&window->tally, 0, sizeof(window->tally));
}

static int thread_stat(struct mrig_window *window, struct memrig_paging_stat *stat, bool reset)
{
	struct pid *pid = stat->tid ? find_get_pid(stat->tid) : get_pid(task_pid(current));
	struct mrig_thread *thread;

	if (!pid)
		return -ENOENT;
	spin_lock(&window->lock);
	thread = thread_find_locked(window, pid);
	if (thread) {
		mrig_tally_tell(&thread->tally, stat);
		if (reset)
			memset(&thread->tally, 0, sizeof(thread->tally));
	}
	spin_unlock(&window->lock);
	put_pid(pid);
	return thread ? 0 : -ENOENT;
}

static int paging_stat(struct mrig_window_client *client, struct memrig_paging_stat *stat,
		       bool reset)
{
	struct mrig_window *window = client->window;

	if (stat->scope == MEMRIG_SCOPE_THREAD)
		return window->threads ? thread_stat(window, stat, reset) : -EOPNOTSUPP;
	if (stat->scope > MEMRIG_SCOPE_THREAD || stat->tid)
		return -EINVAL;
	spin_lock(&window->lock);
	if (stat->scope == MEMRIG_SCOPE_WINDOW) {
		mrig_tally_tell(&window->tally, stat);
		if (reset)
			mrig_window_forget_locked(window);
	} else {
		mrig_tally_tell(&client->tally, stat);
		if (reset)
			memset(&client->tally, 0, sizeof(client->tally));
	}
	spin_unlock(&window->lock);
	return 0;
}

/**
 * mrig_window_paging_stat() - MEMRIG_IOC_WINDOW_PAGING_STAT
 * @client: on whose file
 * @stat: argument
 *
 * Context: Process context.
 * Return: 0; see struct memrig_paging_stat.
 */
int mrig_window_paging_stat(struct mrig_window_client *client, struct memrig_paging_stat *stat)
{
	if (stat->flags & ~MEMRIG_WINDOW_STAT_RESET)
		return -EOPNOTSUPP;
	return paging_stat(client, stat, stat->flags & MEMRIG_WINDOW_STAT_RESET);
}
