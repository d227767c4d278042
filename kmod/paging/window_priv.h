/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a window works inside. What becomes of a page is in page.h.
 *
 * Nobody who moves bytes holds a lock, but the turn of a SERIAL window, which is for that, and the
 * client's, where a call of it moves them. Who finds a page LOADING or LEAVING waits for it.
 *
 * Lock order: mmap_lock, &mrig_window.choice, then i_mmap_rwsem or &mrig_window.lock.
 */
#ifndef MRIG_WINDOW_PRIV_H
#define MRIG_WINDOW_PRIV_H

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "paging/ahead.h"
#include "paging/choice.h"
#include "paging/kind.h"
#include "paging/page.h"
#include "paging/store.h"
#include "paging/tally.h"
#include "paging/window.h"
#include "region/region.h"

/**
 * struct mrig_cleaner - writes pages before they leave
 * @copy: room for one page; NULL: there is nothing to clean
 * @after: frame to go on after
 * @work: cleans
 */
struct mrig_cleaner {
	void *copy;
	u32 after;
	struct delayed_work work;
};

/**
 * struct mrig_window - see the top of this file
 * @ref: references of clients
 * @shells: of those who need this struct: all clients together, observers, who waits for the end
 * @alive: read by observers while they look
 * @ending: ends it
 * @ended: it has
 * @id: unique number
 * @entry: in the list of all windows
 * @spec: as created, with the defaults filled in. Constant, but for the policy, which is @policy
 * @region: lends the frames
 * @claim: which
 * @kaddr: of the first frame
 * @node: inode whose address_space all mappings use
 * @memcg: who pays for records and store
 * @patience: how long to wait for a page, in jiffies: for a frame and then for the store
 * @uid: who made it
 * @creator: the process that did
 * @store: the store
 * @workers: move pages where the store has to be waited for, and where nobody waits
 * @ahead: pages that come before they are touched
 * @cleaner: writes pages before they leave
 * @turn: SERIAL: held over the I/O of a page
 * @choice: lock of the policy
 * @policy: enum memrig_policy in force; @choice
 * @chosen: the policy and what it remembers; @choice
 * @lock: of all that follows
 * @pages: the tree; struct mrig_page, location as a value, or nothing
 * @spares: records that are not needed
 * @owners: which page has a frame, by frame
 * @free: frames that no page has
 * @nfree: how many
 * @resident: pages that are RESIDENT
 * @moving: pages that are LOADING or LEAVING
 * @pinned: pages with pins
 * @nclients: number of clients
 * @nmaps: number of VMAs
 * @stats: counters, as they are reported, but for what is in @tally
 * @tally: since the counters were last started
 * @before: until then
 * @threads: by a hash, or NULL: they are not counted
 * @hists: by enum memrig_hist
 * @chances: how often something has happened that whoever waits for a frame wants to know
 * @closing: the last client is gone
 * @frame_wait: who waits for a page that can leave
 */
struct mrig_window {
	struct kref ref;
	refcount_t shells;
	struct rw_semaphore alive;	/* see above */
	struct work_struct ending;
	struct completion ended;
	u64 id;
	struct list_head entry;
	struct mrig_window_spec spec;
	struct mrig_region *region;
	struct mrig_claim claim;
	void *kaddr;
	struct inode *node;
	struct mem_cgroup *memcg;
	unsigned long patience;
	kuid_t uid;
	struct pid *creator;
	struct mrig_store store;
	struct workqueue_struct *workers;
	struct mrig_ahead ahead;
	struct mrig_cleaner cleaner;

	struct mutex turn;	/* see above */
	struct mutex choice;	/* see above */
	u32 policy;
	struct mrig_choice chosen;

	spinlock_t lock;	/* see above */
	struct xarray pages;
	struct list_head spares;
	struct mrig_page **owners;
	u32 *free;
	u32 nfree;
	u32 resident;
	u32 moving;
	u32 pinned;
	u32 nclients;
	atomic_t nmaps;
	struct memrig_window_stat stats;
	struct mrig_tally tally;
	struct mrig_tally before;
	struct hlist_head *threads;
	struct mrig_hist hists[MRIG_HISTS];
	u64 chances;
	bool closing;
	wait_queue_head_t frame_wait;
};

/**
 * struct mrig_window_client - an open file of a window
 * @window: referenced by the file
 * @observer: it reaches neither content nor frames. Constant
 * @uses: its file, and pages on their way for it; lock: &mrig_window.lock
 * @tally: its figures; same lock
 * @lock: for @pins
 * @pins: how often this client has pinned a page, by page
 */
struct mrig_window_client {
	struct mrig_window *window;
	bool observer;
	u32 uses;
	struct mrig_tally tally;
	struct mutex lock;	/* see above */
	struct xarray pins;
};

static inline void *mrig_frame_addr(const struct mrig_window *window, u32 frame)
{
	return window->kaddr + ((size_t)frame << PAGE_SHIFT);
}

/* Who moves a page has to be the only one, if the window is SERIAL. */
static inline void mrig_turn_take(struct mrig_window *window)
{
	if (window->spec.flags & MEMRIG_WINDOW_SERIAL)
		mutex_lock(&window->turn);
}

static inline void mrig_turn_give(struct mrig_window *window)
{
	if (window->spec.flags & MEMRIG_WINDOW_SERIAL)
		mutex_unlock(&window->turn);
}

static inline struct page *mrig_frame_page(const struct mrig_window *window, u32 frame)
{
	return mrig_region_lent_page(window->region, &window->claim, frame);
}

/* Records are the window's, whoever touches a page. */
static inline struct mem_cgroup *mrig_window_pays(const struct mrig_window *window)
{
	return set_active_memcg(window->memcg);
}

static inline bool mrig_window_inline(const struct mrig_window *window)
{
	return window->store.flags & MRIG_STORE_NOWAIT &&
	       !(window->spec.flags & MEMRIG_WINDOW_SERIAL);
}

/* around.c: neighbours of a page that is touched */
void mrig_fault_around(struct vm_fault *vmf);

/* clean.c: pages are written before they leave */
int mrig_cleaner_init(struct mrig_window *window);
void mrig_cleaner_start(struct mrig_window *window);
void mrig_cleaner_stop(struct mrig_window *window);
void mrig_cleaner_fini(struct mrig_window *window);

/* pin.c */
void mrig_pins_release(struct mrig_window_client *client);

/* fault.c */
extern const struct vm_operations_struct mrig_window_vm_ops;

/* ending.c: windows end; see there */
int mrig_endings_init(void);
void mrig_endings_fini(void);
void mrig_ending_init(struct mrig_window *window);
void mrig_window_put(struct mrig_window *window);
void mrig_window_unshell(struct mrig_window *window);

/* roll.c: all windows */
void mrig_roll_add(struct mrig_window *window);
void mrig_roll_remove(struct mrig_window *window);
struct mrig_window *mrig_window_by_id(u64 id);

#endif /* MRIG_WINDOW_PRIV_H */
