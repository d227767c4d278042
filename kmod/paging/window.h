/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A window: more pages than frames. Its frames are borrowed from a region, its other pages are in a
 * store; a fault handler of its own brings in what is touched.
 *
 * What is here is for those who make windows reachable. How they work is in page.h and
 * window_priv.h.
 */
#ifndef MRIG_WINDOW_H
#define MRIG_WINDOW_H

#include <linux/fs.h>
#include <linux/memrig.h>
#include <linux/types.h>

#include "paging/store.h"

struct mrig_region;
struct mrig_window;
struct mrig_window_client;
struct vm_area_struct;

/**
 * struct mrig_window_spec - what to make; mrig_window_create() checks all of it
 * @flags: MEMRIG_WINDOW_*
 * @policy: enum memrig_policy, or the number of one of another module
 * @offset: of the first frame in the region
 * @frames: number of frames
 * @pages: number of pages
 * @store_timeout_ns: how long a touch waits for the store; 0: the default
 * @frame_timeout_ns: how long it waits for a frame; 0: the default
 * @tick_ms: how often a policy that counts time is told; 0: the default
 * @fault_around: see struct memrig_window_create
 * @read_ahead: likewise
 * @clean_ms: likewise
 * @clean_pages: likewise
 * @store: the store; @store.pages, @store.frames, @store.read_only and @store.inject follow from
 *	the rest
 */
struct mrig_window_spec {
	u32 flags;
	u32 policy;
	u64 offset;
	u64 frames;
	u64 pages;
	u64 store_timeout_ns;
	u64 frame_timeout_ns;
	u32 tick_ms;
	u32 fault_around;
	u32 read_ahead;
	u32 clean_ms;
	u32 clean_pages;
	struct mrig_store_spec store;
};

/* Life. Windows are held by their clients, clients by their files. */
struct mrig_window_client *mrig_window_create(struct mrig_region *region,
					      const struct mrig_window_spec *spec, u32 *reason);
struct mrig_window_client *mrig_window_attach(struct mrig_window_client *client);
struct mrig_window_client *mrig_window_observe(u64 id);
void mrig_window_release(struct mrig_window_client *client);
struct file *mrig_window_file_create(struct mrig_window_client *client,
				     const struct file_operations *fops);

typedef void (*mrig_window_fn)(struct mrig_window *window, void *arg);

bool mrig_window_next(u64 *cursor, mrig_window_fn show, void *arg);

/* Around what an observer does: it does not keep a window from ending. */
int mrig_window_look(struct mrig_window_client *client);
void mrig_window_looked(struct mrig_window_client *client);

/* Use. */
int mrig_window_mmap(struct mrig_window_client *client, struct vm_area_struct *vma);
int mrig_window_page_in(struct mrig_window_client *client, struct memrig_page_range *range);
int mrig_window_page_out(struct mrig_window_client *client, struct memrig_page_range *range);
int mrig_window_pin(struct mrig_window_client *client, struct memrig_page_range *range);
int mrig_window_unpin(struct mrig_window_client *client, struct memrig_page_range *range);
int mrig_window_flush(struct mrig_window_client *client, struct memrig_page_range *range);
int mrig_window_willneed(struct mrig_window_client *client, u64 offset, u64 length);
int mrig_window_states(struct mrig_window_client *client, u64 offset, u64 length, u8 *states);
int mrig_window_policy(struct mrig_window_client *client, u32 policy);
int mrig_window_inject(struct mrig_window_client *client, const struct memrig_window_inject *plan);
struct mrig_window *mrig_window_of(const struct mrig_window_client *client);
bool mrig_window_observes(const struct mrig_window_client *client);
void mrig_window_stat(struct mrig_window *window, struct memrig_window_stat *stat, bool reset);
int mrig_window_paging_stat(struct mrig_window_client *client, struct memrig_paging_stat *stat);
int mrig_paging_stat(struct memrig_paging_stat *stat);
const char *mrig_window_store_name(const struct mrig_window_client *client);
int mrig_window_addr(struct mrig_window_client *client, struct memrig_page_addr *addr);
void mrig_window_hist_read(struct mrig_window *window, struct memrig_window_hist *hist);
int mrig_window_hist(struct mrig_window_client *client, struct memrig_window_hist *hist);

int mrig_window_init(void);
void mrig_window_fini(void);

#endif /* MRIG_WINDOW_H */
