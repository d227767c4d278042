/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a window counts: faults and evictions, by whom, and times.
 */
#ifndef MRIG_TALLY_H
#define MRIG_TALLY_H

#include <linux/memrig.h>
#include <linux/types.h>

struct mrig_page;
struct mrig_thread;
struct mrig_window;
struct mrig_window_client;

/**
 * struct mrig_tally - what Zephyr counts; see struct memrig_paging_stat
 * @faults: see there
 * @faults_user: likewise
 * @faults_kernel: likewise
 * @evict_clean: likewise
 * @evict_dirty: likewise
 */
struct mrig_tally {
	u64 faults;
	u64 faults_user;
	u64 faults_kernel;
	u64 evict_clean;
	u64 evict_dirty;
};

/**
 * struct mrig_hist - times, counted by length
 * @bins: how many there are
 * @bounds: see struct memrig_window_hist
 * @counts: likewise
 */
struct mrig_hist {
	u32 bins;
	u64 bounds[MEMRIG_HIST_BINS];
	u64 counts[MEMRIG_HIST_BINS];
};

#define MRIG_HISTS	(MEMRIG_HIST_PAGE_OUT + 1)

/* stat.c */
void mrig_hists_init(struct mrig_window *window);
void mrig_hist_add_locked(struct mrig_window *window, u32 which, u64 ns);

/* tally.c: who has asked for pages */
int mrig_threads_init(struct mrig_window *window);
void mrig_threads_fini(struct mrig_window *window);
struct mrig_thread *mrig_thread_get(struct mrig_window *window);
void mrig_thread_put_locked(struct mrig_window *window, struct mrig_thread *thread);
void mrig_client_put_locked(struct mrig_window_client *client);
void mrig_page_asked_locked(struct mrig_page *page, struct mrig_window_client *client,
			    struct mrig_thread *thread);
void mrig_page_answered_locked(struct mrig_page *page);
void mrig_tally_fault_locked(struct mrig_page *page);
void mrig_tally_evict_locked(struct mrig_page *heir, bool dirty);
void mrig_tally_add(struct mrig_tally *to, const struct mrig_tally *from);
void mrig_tally_tell(const struct mrig_tally *tally, struct memrig_paging_stat *stat);
void mrig_window_forget_locked(struct mrig_window *window);

#endif /* MRIG_TALLY_H */
