/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this layer share with each other and with nobody else.
 */
#ifndef MRIG_ALLOC_HEAP_PRIVATE_H
#define MRIG_ALLOC_HEAP_PRIVATE_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/poll.h>

#include "alloc/heap.h"
#include "core/account.h"

/* Whatever the engine: blocks start at multiples of this from the start of the span. */
#define MRIG_BLOCK_ALIGN	8

/*
 * The tag of a live block: who owns it.
 *
 *	id	number of the client, or the uid whose quota pays for a kept block
 *	KEPT	it belongs to the heap
 *	BUSY	somebody is copying or zeroing it, or has not yet told its new owner about it
 *	ORPHAN	its client died while it was busy; who made it busy frees it
 *	QUEUED	it is a message that nobody has received yet; the number is that of its sender
 */
#define MRIG_TAG_ID		GENMASK_ULL(31, 0)
#define MRIG_TAG_KEPT		BIT_ULL(32)
#define MRIG_TAG_BUSY		BIT_ULL(33)
#define MRIG_TAG_ORPHAN		BIT_ULL(34)
#define MRIG_TAG_QUEUED		BIT_ULL(35)
#define MRIG_TAG_BITS		36

/**
 * struct mrig_block_table - who owns which block; one implementation per placement
 * @insert: a block that the engine has just handed out. May need memory
 * @lookup: -ENOENT unless a live block starts at @off
 * @retag: change the tag of a live block; cannot fail
 * @remove: forget a block that the engine is about to take back
 * @bytes: kernel memory it takes that the engine does not know of
 * @walk: up to @max blocks from @cursor on, 0 at the end. The cursor survives changes between
 *	calls: a block that lives from the first call to the last is reported exactly once
 *
 * All under heap->lock; offsets count from the start of the span.
 */
struct mrig_block_table {
	int (*insert)(struct mrig_heap_obj *heap, u64 off, u64 tag);
	int (*lookup)(struct mrig_heap_obj *heap, u64 off, u64 *tag);
	void (*retag)(struct mrig_heap_obj *heap, u64 off, u64 tag);
	void (*remove)(struct mrig_heap_obj *heap, u64 off);
	u64 (*bytes)(const struct mrig_heap_obj *heap);
	u32 (*walk)(struct mrig_heap_obj *heap, u64 *cursor, struct mrig_block *out, u32 max);
};

extern const struct mrig_block_table mrig_block_table_oob;
extern const struct mrig_block_table mrig_block_table_inband;

/**
 * struct mrig_held - a live block that was looked up
 * @off: from the start of the span
 * @usable: bytes
 * @tag: owner
 */
struct mrig_held {
	u64 off;
	u64 usable;
	u64 tag;
};

/* Who may use a block. */
enum mrig_right {
	MRIG_RIGHT_OWNER,	/* its client only */
	MRIG_RIGHT_MANAGE,	/* also the creator of the heap and CAP_SYS_ADMIN */
};

/* heap_spec.c: which heaps can be had where */
int mrig_heap_spec_check(const struct mrig_region *region, struct mrig_heap_spec *spec);
const struct mrig_heap_ops *mrig_heap_spec_ops(const struct mrig_heap_spec *spec);

/* engine_feed.c: the engine and the memory it asks for */
#define MRIG_NO_SIDE_MEMORY	(-ENOBUFS)	/* tells it from the engine's own -ENOMEM */
s64 mrig_engine_alloc_locked(struct mrig_heap_obj *heap, size_t align, size_t bytes);
int mrig_engine_resize_locked(struct mrig_heap_obj *heap, u64 off, size_t bytes);
void *mrig_side_alloc(const struct mrig_heap_obj *heap, size_t bytes);
void mrig_heap_fence_locked(struct mrig_heap_obj *heap, const struct mrig_fault *fault);

/* block_core.c: the steps that operations are made of */
int mrig_align_check(u64 align);
bool mrig_align_met(const struct mrig_heap_obj *heap, u64 off, u64 align);
int mrig_grant_refuse_locked(struct mrig_heap_obj *heap, int err, u64 bytes,
			     struct mrig_grant *grant);
struct mrig_client *mrig_block_owner_locked(struct mrig_heap_obj *heap, u64 tag);
int mrig_block_take_locked(struct mrig_heap_obj *heap, u64 tag, u64 align, u64 bytes,
			   struct mrig_held *held, struct mrig_grant *grant);
int mrig_block_enter_locked(struct mrig_heap_obj *heap, u64 off, u64 tag, u64 bytes,
			    struct mrig_held *held);
int mrig_block_split_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 at,
			    struct mrig_held *rest);
int mrig_block_look_locked(struct mrig_heap_obj *heap, u64 off, struct mrig_held *held);
int mrig_block_find_locked(struct mrig_client *client, u64 offset, enum mrig_right right,
			   struct mrig_held *held);
void mrig_block_retag_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 tag);
void mrig_block_resized_locked(struct mrig_heap_obj *heap, struct mrig_held *held);
int mrig_block_drop_locked(struct mrig_heap_obj *heap, struct mrig_held *held);

/* block_held.c: blocks that are worked on without the lock */
void mrig_block_hold_locked(struct mrig_heap_obj *heap, struct mrig_held *held);
int mrig_block_refresh_locked(struct mrig_heap_obj *heap, struct mrig_held *held);
int mrig_block_unhold_locked(struct mrig_heap_obj *heap, struct mrig_held *held);
int mrig_block_dispose_locked(struct mrig_heap_obj *heap, struct mrig_held *held);

/**
 * struct mrig_wait - what a task waits for: a block of any of several heaps
 * @task: to be woken
 * @prio: of the task when it began to wait; lower goes first
 * @align: of the request
 * @bytes: of the request
 * @waiters: its places, linked by mrig_waiter.sibling, one for each heap
 * @hopes: places where it may still be served
 * @winner: the place where it was; set once
 */
struct mrig_wait {
	struct task_struct *task;
	int prio;
	u64 align;
	u64 bytes;
	struct list_head waiters;
	atomic_t hopes;
	struct mrig_waiter *winner;
};

/**
 * struct mrig_waiter - a place in the queue of one heap, or a bookmark
 * @sibling: in mrig_wait.waiters
 * @entry: in heap->waiters; empty when nothing is expected from this heap any more
 * @client: who is to own the block
 * @wait: whose place; NULL: a bookmark, and nothing else counts
 * @seq: the how manieth to wait for this heap; 0: it never did
 * @held: out: the block
 * @grant: out: why not
 * @err: out: 0, or why this heap will never serve it
 */
struct mrig_waiter {
	struct list_head sibling;
	struct list_head entry;
	struct mrig_client *client;
	struct mrig_wait *wait;
	u64 seq;
	struct mrig_held held;
	struct mrig_grant grant;
	int err;
};

/* wait.c: those who give memory back, and serve */
void mrig_heap_unlock(struct mrig_heap_obj *heap);
int mrig_wait_try_locked(struct mrig_waiter *waiter);
void mrig_wait_fail_all_locked(struct mrig_heap_obj *heap);

/* wait_task.c: those who wait for memory */
void mrig_wait_init(struct mrig_wait *wait, u64 align, u64 bytes);
void mrig_wait_add(struct mrig_wait *wait, struct mrig_waiter *waiter, struct mrig_client *client);
int mrig_wait_run(struct mrig_wait *wait, u64 *timeout_ns, struct mrig_grant *grant);

/* watch.c: what poll() says about a heap */
__poll_t mrig_heap_poll(struct mrig_heap_obj *heap, u64 align, u64 bytes);

/* payload.c: the bytes themselves; no lock held */
void mrig_payload_zero(const struct mrig_heap_obj *heap, u64 off, u64 bytes);
int mrig_payload_zero_killable(const struct mrig_heap_obj *heap, u64 off, u64 bytes);
int mrig_payload_copy(const struct mrig_heap_obj *to_heap, u64 to,
		      const struct mrig_heap_obj *from_heap, u64 from, u64 bytes);

/* heap_query.c: a block as listings tell of it */
void mrig_block_report_locked(struct mrig_heap_obj *heap, const struct mrig_client *client,
			      const struct mrig_block *block, struct memrig_block *out);

/* keep.c: per-user quota on kept blocks */
int mrig_keep_charge_locked(struct mrig_heap_obj *heap, kuid_t uid, u64 bytes, u32 *reason);
bool mrig_keep_would_fit(u32 uid, u64 more);
void mrig_keep_adjust_locked(struct mrig_heap_obj *heap, u32 uid, u64 old_bytes, u64 new_bytes);
void mrig_keep_forget(struct mrig_heap_obj *heap);

#endif /* MRIG_ALLOC_HEAP_PRIVATE_H */
