// SPDX-License-Identifier: GPL-2.0-only
/*
 * What windows tell about themselves: figures and histograms.
 */
#include <linux/cred.h>
#include <linux/lockdep.h>
#include <linux/nospec.h>
#include <linux/pid.h>
#include <linux/string.h>

#include "paging/window_priv.h"

/* The bounds of Zephyr, which are meant to be nanoseconds there, too, and are computed as these. */
static const u64 hist_choice[] = {
	1000, 5000, 10000, 50000, 100000, 200000, 500000, 1000000, 2000000, U64_MAX,
};

static const u64 hist_store[] = {
	10000, 100000, 125000, 250000, 500000, 1000000, 2000000, 5000000, 10000000, U64_MAX,
};

static_assert(ARRAY_SIZE(hist_choice) == ARRAY_SIZE(hist_store));

/**
 * mrig_hists_init() - histograms of a new window
 * @window: window
 */
void mrig_hists_init(struct mrig_window *window)
{
	struct mrig_hist *hist;
	unsigned int which;

	for (which = 0; which < MRIG_HISTS; which++) {
		hist = &window->hists[which];
		hist->bins = ARRAY_SIZE(hist_choice);
		memcpy(hist->bounds, which == MEMRIG_HIST_EVICTION ? hist_choice : hist_store,
		       sizeof(hist_choice));
	}
}

/**
 * mrig_hist_add_locked() - count a time
 * @window: window
 * @which: enum memrig_hist
 * @ns: the time
 */
void mrig_hist_add_locked(struct mrig_window *window, u32 which, u64 ns)
{
	struct mrig_hist *hist = &window->hists[which];
	u32 bin = 0;

	lockdep_assert_held(&window->lock);
	while (bin < hist->bins - 1 && hist->bounds[bin] < ns)
		bin++;
	hist->counts[bin]++;
}

static int hist_check(const struct memrig_window_hist *arg)
{
	u32 bin;

	if (!arg->bins || arg->bins > MEMRIG_HIST_BINS)
		return -EINVAL;
	for (bin = 1; bin < arg->bins; bin++)
		if (arg->bounds[bin] <= arg->bounds[bin - 1])
			return -EINVAL;
	return 0;
}

static void hist_read_locked(const struct mrig_hist *hist, struct memrig_window_hist *arg)
{
	arg->bins = hist->bins;
	memcpy(arg->bounds, hist->bounds, sizeof(arg->bounds));
	memcpy(arg->counts, hist->counts, sizeof(arg->counts));
}

/**
 * mrig_window_hist_read() - a histogram as it is
 * @window: window
 * @arg: @arg->which: enum memrig_hist, which is known to be one; out: the rest
 */
void mrig_window_hist_read(struct mrig_window *window, struct memrig_window_hist *arg)
{
	spin_lock(&window->lock);
	hist_read_locked(&window->hists[arg->which], arg);
	spin_unlock(&window->lock);
}

/**
 * mrig_window_hist() - MEMRIG_IOC_WINDOW_HIST
 * @client: of the window
 * @arg: argument
 *
 * Return: 0; -EOPNOTSUPP: unknown flag; -EINVAL.
 */
int mrig_window_hist(struct mrig_window_client *client, struct memrig_window_hist *arg)
{
	struct mrig_window *window = client->window;
	struct mrig_hist *hist;
	int err;

	if (arg->flags & ~(MEMRIG_HIST_SET | MEMRIG_HIST_RESET))
		return -EOPNOTSUPP;
	if (arg->which >= MRIG_HISTS || arg->flags == (MEMRIG_HIST_SET | MEMRIG_HIST_RESET))
		return -EINVAL;
	err = arg->flags & MEMRIG_HIST_SET ? hist_check(arg) : 0;
	if (err)
		return err;
	hist = &window->hists[array_index_nospec(arg->which, MRIG_HISTS)];
	spin_lock(&window->lock);
	if (arg->flags & MEMRIG_HIST_SET) {
		memset(hist, 0, sizeof(*hist));
		hist->bins = arg->bins;
		memcpy(hist->bounds, arg->bounds, arg->bins * sizeof(arg->bounds[0]));
	}
	hist_read_locked(hist, arg);
	if (arg->flags & MEMRIG_HIST_RESET)
		memset(hist->counts, 0, sizeof(hist->counts));
	spin_unlock(&window->lock);
	return 0;
}

/**
 * mrig_window_of() - the window of a client
 * @client: client
 *
 * Return: the window, which lives as long as the file of the client.
 */
struct mrig_window *mrig_window_of(const struct mrig_window_client *client)
{
	return client->window;
}

/**
 * mrig_window_observes() - is a client an observer?
 * @client: client
 *
 * Return: is it?
 */
bool mrig_window_observes(const struct mrig_window_client *client)
{
	return client->observer;
}

/* Who is gone has a number that may be somebody else's by now. */
static u32 creator_number(const struct mrig_window *window)
{
	bool lives;

	rcu_read_lock();
	lives = pid_has_task(window->creator, PIDTYPE_TGID);
	rcu_read_unlock();
	return lives ? pid_vnr(window->creator) : 0;
}

static void stat_tally(struct memrig_window_stat *stat, const struct mrig_tally *tally)
{
	stat->faults = tally->faults;
	stat->faults_user = tally->faults_user;
	stat->faults_kernel = tally->faults_kernel;
	stat->evict_clean = tally->evict_clean;
	stat->evict_dirty = tally->evict_dirty;
}

/**
 * mrig_window_stat() - describe a window
 * @window: window
 * @stat: out: all but @stat->size and @stat->flags
 * @reset: start counting again
 *
 * Context: may sleep.
 */
void mrig_window_stat(struct mrig_window *window, struct memrig_window_stat *stat, bool reset)
{
	const size_t first = offsetof(struct memrig_window_stat, faults);
	struct mrig_store *base = window->store.base;
	struct mrig_store_wear wear = { };
	u32 size = stat->size, flags = stat->flags;

	spin_lock(&window->lock);
	*stat = window->stats;
	stat_tally(stat, &window->tally);
	if (reset) {
		memset((u8 *)&window->stats + first, 0, sizeof(window->stats) - first);
		mrig_window_forget_locked(window);
	}
	stat->clients = window->nclients;
	stat->free_frames = window->nfree;
	stat->resident = window->resident;
	stat->moving = window->moving;
	stat->queued = window->ahead.nspans;
	stat->pinned = window->pinned;
	spin_unlock(&window->lock);

	stat->size = size;
	stat->flags = flags;
	stat->window_flags = window->spec.flags;
	stat->id = window->id;
	stat->region_id = window->region->id;
	stat->pages = window->spec.pages;
	stat->frames = window->spec.frames;
	stat->policy = READ_ONCE(window->policy);
	stat->store = window->spec.store.kind;
	stat->mappings = atomic_read(&window->nmaps);
	stat->uid = from_kuid_munged(current_user_ns(), window->uid);
	stat->pid = creator_number(window);
	stat->stored = atomic64_read(&base->held);
	stat->stored_bytes = base->ops->bytes ? base->ops->bytes(base) : 0;
	if (base->ops->wear)
		base->ops->wear(base, &wear);
	stat->erases = wear.erases;
	stat->store_moves = wear.moves;
	stat->wear_most = wear.most;
}

/**
 * mrig_window_store_name() - the kind of the store of a window, in a word
 * @client: of the window
 *
 * Return: its name, which is good as long as the window lives.
 */
const char *mrig_window_store_name(const struct mrig_window_client *client)
{
	return client->window->store.base->ops->name;
}

/**
 * mrig_window_inject() - MEMRIG_IOC_WINDOW_INJECT
 * @client: of the window
 * @plan: how its store is to fail
 *
 * Return: as mrig_store_inject().
 */
int mrig_window_inject(struct mrig_window_client *client, const struct memrig_window_inject *plan)
{
	return mrig_store_inject(&client->window->store, plan);
}
