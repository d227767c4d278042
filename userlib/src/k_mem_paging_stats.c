// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Zephyr's names for what windows do: see <memrig/k_mem_paging.h>. Figures, which are sums over the
 * windows that this process has mapped.
 */
#include <errno.h>
#include <string.h>

#include <memrig/k_mem_paging.h>

#include "window.h"

static int add_stat(struct memrig_window *window, void *arg)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };
	struct k_mem_paging_stats_t *sum = arg;
	int ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_STAT, &stat);

	if (ret)
		return ret;
	sum->pagefaults.cnt += stat.faults;
	sum->pagefaults.irq_locked += stat.faults_kernel;
	sum->pagefaults.irq_unlocked += stat.faults_user;
	sum->pagefaults.in_isr += stat.faults_isr;
	sum->eviction.clean += stat.evict_clean;
	sum->eviction.dirty += stat.evict_dirty;
	return 0;
}

/**
 * k_mem_paging_stats_get() - what paging has done
 * @stats: where to; NULL: nothing happens
 */
void k_mem_paging_stats_get(struct k_mem_paging_stats_t *stats)
{
	int ret;

	if (!stats)
		return;
	memset(stats, 0, sizeof(*stats));
	ret = mrig_windows_each(add_stat, stats);
	if (ret)
		FAIL(ret);
}

/**
 * k_mem_num_pagefaults_get() - pages that got a frame
 *
 * Return: how many.
 */
unsigned long k_mem_num_pagefaults_get(void)
{
	struct k_mem_paging_stats_t stats;

	k_mem_paging_stats_get(&stats);
	return stats.pagefaults.cnt;
}

/**
 * struct thread_sum - figures of one thread
 * @tid: its number
 * @stats: where to
 */
struct thread_sum {
	uint32_t tid;
	struct k_mem_paging_stats_t *stats;
};

/* Windows that do not count threads, or that this one has not used, have nothing to add. */
static int add_thread(struct memrig_window *window, void *arg)
{
	const struct thread_sum *sum = arg;
	struct memrig_paging_stat stat = {
		.size = sizeof(stat),
		.scope = MEMRIG_SCOPE_THREAD,
		.tid = sum->tid,
	};
	int ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_PAGING_STAT, &stat);

	if (ret)
		return ret == -EOPNOTSUPP || ret == -ENOENT ? 0 : ret;
	sum->stats->pagefaults.cnt += stat.faults;
	sum->stats->pagefaults.irq_locked += stat.faults_kernel;
	sum->stats->pagefaults.irq_unlocked += stat.faults_user;
	sum->stats->pagefaults.in_isr += stat.faults_isr;
	sum->stats->eviction.clean += stat.evict_clean;
	sum->stats->eviction.dirty += stat.evict_dirty;
	return 0;
}

/**
 * k_mem_paging_thread_stats_get() - what paging has done for one thread
 * @thread: a thread that lives, as its k_current_get() says
 * @stats: where to; if either is NULL, nothing happens
 *
 * Windows count threads if they were made with MEMRIG_WINDOW_THREAD_STATS.
 */
void k_mem_paging_thread_stats_get(struct k_thread *thread, struct k_mem_paging_stats_t *stats)
{
	struct thread_sum sum = { .stats = stats };
	int ret;

	if (!thread || !stats)
		return;
	sum.tid = (uint32_t)thread->tid;
	memset(stats, 0, sizeof(*stats));
	ret = mrig_windows_each(add_thread, &sum);
	if (ret)
		FAIL(ret);
}

/**
 * struct hist_sum - a histogram that grows
 * @which: enum memrig_hist
 * @bins: room
 * @used: bins that have a bound; 0: no window yet
 * @counts: of the caller
 * @bounds: of the caller
 */
struct hist_sum {
	uint32_t which;
	uint32_t bins;
	uint32_t used;
	unsigned long *counts;
	unsigned long *bounds;
};

/* The bounds are those of the first window. The last bin takes everything. */
static void take_bounds(struct hist_sum *sum, const struct memrig_window_hist *hist)
{
	uint32_t i;

	sum->used = hist->bins < sum->bins ? hist->bins : sum->bins;
	for (i = 0; i + 1 < sum->used; i++)
		sum->bounds[i] = hist->bounds[i];
}

static int add_hist(struct memrig_window *window, void *arg)
{
	struct hist_sum *sum = arg;
	struct memrig_window_hist hist = { .size = sizeof(hist), .which = sum->which };
	int ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_HIST, &hist);
	uint32_t i, bin = 0;

	if (ret)
		return ret;
	if (!sum->used)
		take_bounds(sum, &hist);
	for (i = 0; i < hist.bins; i++) {
		while (bin + 1 < sum->used && sum->bounds[bin] < hist.bounds[i])
			bin++;
		sum->counts[bin] += hist.counts[i];
	}
	return 0;
}

/**
 * memrig_paging_histogram() - how long something took
 * @which: enum memrig_hist
 * @counts: array for @bins numbers
 * @bounds: array for @bins bounds in nanoseconds; those that are not used, and the last that is,
 *	are the largest number. They are those of one of the windows; what another counted with
 *	others goes where its bound belongs
 * @bins: their number
 *
 * Return: 0 or a negative errno.
 */
int memrig_paging_histogram(uint32_t which, unsigned long *counts, unsigned long *bounds,
			    uint32_t bins)
{
	struct hist_sum sum = { .which = which, .bins = bins, .counts = counts, .bounds = bounds };
	uint32_t i;
	int ret;

	if (which > MEMRIG_HIST_PAGE_OUT || !bins)
		return FAIL(-EINVAL);
	for (i = 0; i < bins; i++) {
		counts[i] = 0;
		bounds[i] = ~0UL;
	}
	ret = mrig_windows_each(add_hist, &sum);
	return ret ? FAIL(ret) : 0;
}
