/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a window works inside.
 *
 * A page that was never touched has no record at all. One that is in the store and nowhere else is
 * a number in the tree of pages: its location. One that has a frame, or is about to, has a struct
 * mrig_page there, in one of these states:
 *
 *	          install                 done
 *	(tree) ------------> LOADING ------------> RESIDENT <-------.
 *	   ^                    | error              | begin        | stay: in use, or an error of
 *	   |                    v                    v              | the store, or only written
 *	   `------------------ GONE <------------ LEAVING ----------'
 *	                                  left
 *
 * Only RESIDENT pages are in page tables. Whoever puts one there *holds* it meanwhile, and a page
 * that is held does not begin to leave. So a page that is LEAVING gets no new entry in a page
 * table; what is there is taken away, which moves what the hardware noted to the flags of the
 * frame; and if then nobody but its region has a reference on the frame, nobody can touch its
 * bytes any more.
 *
 * Nobody who moves bytes holds a lock. Who finds a page LOADING or LEAVING waits for it.
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

#include "paging/choice.h"
#include "paging/kind.h"
#include "paging/store.h"
#include "paging/window.h"
#include "region/region.h"

#define MRIG_NO_FRAME		U32_MAX
#define MRIG_NO_LOCATION	U64_MAX

enum mrig_page_state {
	MRIG_PAGE_LOADING,
	MRIG_PAGE_RESIDENT,
	MRIG_PAGE_LEAVING,
	MRIG_PAGE_GONE,
};

/**
 * enum mrig_ahead_state - what has become of a page that was brought in before it was touched
 * @MRIG_AHEAD_NONE: it is none, or nothing is left to say of that
 * @MRIG_AHEAD_NEW: nobody has touched it, and it is in no page table
 * @MRIG_AHEAD_ENTERED: it may be in a page table; the hardware tells
 * @MRIG_AHEAD_USED: it was touched. The policy has not heard of it: this touch stands for the one
 *	that brings a page in, and as such says nothing of the future
 */
enum mrig_ahead_state {
	MRIG_AHEAD_NONE,
	MRIG_AHEAD_NEW,
	MRIG_AHEAD_ENTERED,
	MRIG_AHEAD_USED,
};

/**
 * struct mrig_page - a page that has a frame or is about to. Protected by the lock of the window,
 *	but what only whoever moves it changes
 * @window: of which it is
 * @client: while LOADING: who asked for it
 * @thread: likewise, or NULL: not counted
 * @index: its number
 * @location: in the store, or MRIG_NO_LOCATION. Changed by whoever moves it, with the lock
 * @frame: number of its frame
 * @state: enum mrig_page_state
 * @error: why it became GONE without having been RESIDENT
 * @reason: enum memrig_reason, with @error
 * @holds: how many are putting it into page tables, or need it where it is for a moment
 * @users: how many look at this record without being sure that it is in the tree
 * @pins: of all clients together
 * @tracked: the policy knows its frame; lock: &mrig_window.choice
 * @mapped: it may be in page tables
 * @accessed: it was touched since the policy last asked
 * @looked: the policy has asked since it was last touched, as far as that is known
 * @used: it was touched since the cleaner last came by
 * @cleaning: one of @holds is the cleaner's
 * @ahead: enum mrig_ahead_state
 * @mark: its touch tells that more pages are to be brought in ahead
 * @dirty: it has changed since it was last written or read
 * @zero: its content is zeros unless it is dirty
 * @user: a program touched it to bring it in, not the kernel
 * @took: LOADING: time that the store took, in ns
 * @wait: for its state to change, or @holds to become 0
 * @work: brings it in
 * @spare: in the list of records that are not needed
 */
struct mrig_page {
	struct mrig_window *window;
	struct mrig_window_client *client;
	struct mrig_thread *thread;
	unsigned long index;
	u64 location;
	u32 frame;
	u8 state;
	u8 reason;
	s16 error;
	u32 holds;
	u32 users;
	u32 pins;
	bool tracked;
	bool mapped;
	bool accessed;
	bool looked;
	bool used;
	bool cleaning;
	bool mark;
	u8 ahead;
	bool dirty;
	bool zero;
	bool user;
	u64 took;
	wait_queue_head_t wait;
	struct work_struct work;
	struct list_head spare;
};

struct mrig_thread;

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

#define MRIG_STREAMS	8
#define MRIG_SPANS	16

/**
 * struct mrig_stream - touches one after the other
 * @touched: the page after the last that was touched
 * @end: the page after the last that was asked for; 0: this is none
 */
struct mrig_stream {
	u64 touched;
	u64 end;
};

/**
 * struct mrig_span - pages that are to be brought in ahead
 * @first: of them
 * @count: how many
 * @mark: the one that gets &mrig_page.mark
 */
struct mrig_span {
	u64 first;
	u64 count;
	u64 mark;
};

/**
 * struct mrig_ahead - pages that come before they are touched; lock: &mrig_window.lock
 * @waiting: pages that are MRIG_AHEAD_NEW
 * @turn: which stream is forgotten next
 * @streams: of touches
 * @first_span: where the ring of spans begins
 * @nspans: how many there are
 * @spans: a ring of what is to be brought in
 * @work: brings it in
 */
struct mrig_ahead {
	u32 waiting;
	u32 turn;
	struct mrig_stream streams[MRIG_STREAMS];
	u32 first_span;
	u32 nspans;
	struct mrig_span spans[MRIG_SPANS];
	struct work_struct work;
};

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

/* record.c: records, and who finds them */
int mrig_page_cache_init(void);
void mrig_page_cache_fini(void);
int mrig_page_find(struct mrig_window *window, unsigned long index, struct mrig_page **found);
int mrig_page_take(struct mrig_window_client *client, unsigned long index, bool user,
		   struct mrig_page **found);
int mrig_page_take_ahead(struct mrig_window *window, unsigned long index, bool mark,
			 struct mrig_page **found);
void mrig_page_forget_locked(struct mrig_page *page);
void mrig_page_free_locked(struct mrig_page *page);
void mrig_pages_forget(struct mrig_window *window);

/* page.c: states */
void mrig_page_use(struct mrig_page *page);
void mrig_page_unhold(struct mrig_page *page, bool mapped);
void mrig_page_unuse(struct mrig_page *page);
int mrig_page_wait(struct mrig_page *page, bool idle, unsigned long *left, u32 *reason);
void mrig_page_loaded(struct mrig_page *page, u32 frame, bool hold);
void mrig_page_failed(struct mrig_page *page, int error, u32 reason);
bool mrig_page_begin_locked(struct mrig_page *page, bool pins_too);
bool mrig_page_begin(struct mrig_page *page, bool pins_too);
void mrig_page_stay(struct mrig_page *page);
u32 mrig_page_left(struct mrig_page *page, struct mrig_page *heir, bool dirty);

/* load.c: pages come */
int mrig_page_enter(struct mrig_window_client *client, unsigned long index, bool user,
		    struct mrig_page **found, u32 *reason);
int mrig_page_bring(struct mrig_window_client *client, unsigned long index,
		    struct mrig_page **found, u32 *reason);
void mrig_load_work(struct work_struct *work);
void mrig_page_load_later(struct mrig_page *page);

/* ahead.c: pages come before they are touched */
void mrig_ahead_init(struct mrig_window *window);
void mrig_ahead_touched(struct mrig_window *window, u64 index);
bool mrig_ahead_used_locked(struct mrig_page *page);
void mrig_ahead_settle_locked(struct mrig_page *page, u8 now);

/* around.c: neighbours of a page that is touched */
void mrig_fault_around(struct vm_fault *vmf);

/* clean.c: pages are written before they leave */
int mrig_cleaner_init(struct mrig_window *window);
void mrig_cleaner_start(struct mrig_window *window);
void mrig_cleaner_stop(struct mrig_window *window);
void mrig_cleaner_fini(struct mrig_window *window);

/* evict.c: pages go */
unsigned int mrig_page_look(struct mrig_page *page);
bool mrig_page_peek(struct mrig_page *page);
void mrig_page_strip(struct mrig_page *page);
bool mrig_page_exposed(const struct mrig_page *page);
int mrig_page_write(struct mrig_page *page, bool fault, u32 *reason);
int mrig_page_write_copy(struct mrig_page *page, const void *copy, u32 *reason);
int mrig_page_leave(struct mrig_page *page, struct mrig_page *heir, u32 *frame, u32 *reason);
int mrig_frame_get(struct mrig_page *heir, bool wait, u32 *frame, u32 *reason);
void mrig_frame_chance_locked(struct mrig_window *window);
void mrig_frame_put(struct mrig_window *window, u32 frame);

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

/* roll.c: all windows */
void mrig_roll_add(struct mrig_window *window);
void mrig_roll_remove(struct mrig_window *window);
struct mrig_window *mrig_window_by_id(u64 id);

#endif /* MRIG_WINDOW_PRIV_H */
