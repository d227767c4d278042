/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of a window: their records, and how they come and go.
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
 */
#ifndef MRIG_PAGE_H
#define MRIG_PAGE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct mrig_thread;
struct mrig_window;
struct mrig_window_client;

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
void mrig_page_unhold_locked(struct mrig_page *page, bool mapped);
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

/* look.c: what the hardware has noted about them */
unsigned int mrig_page_look(struct mrig_page *page);
bool mrig_page_peek(struct mrig_page *page);
void mrig_page_strip(struct mrig_page *page);
bool mrig_page_exposed(const struct mrig_page *page);

/* evict.c: pages go */
int mrig_page_write(struct mrig_page *page, bool fault, u32 *reason);
int mrig_page_write_copy(struct mrig_page *page, const void *copy, u32 *reason);
int mrig_page_leave(struct mrig_page *page, struct mrig_page *heir, u32 *frame, u32 *reason);

/* frame.c: frames for pages */
int mrig_frame_get(struct mrig_page *heir, bool wait, u32 *frame, u32 *reason);
void mrig_frame_chance_locked(struct mrig_window *window);
void mrig_frame_put(struct mrig_window *window, u32 frame);

#endif /* MRIG_PAGE_H */
