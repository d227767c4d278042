/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Heaps that run in this process, shared by local.c (life), local_ops.c (requests), local_alloc.c
 * (getting memory), local_wait.c (waiting for it), local_queue.c (messages) and local_query.c
 * (looking at it). Functions whose name ends in _locked are called with the lock of the heap held.
 */
#ifndef MEMRIG_LOCAL_H
#define MEMRIG_LOCAL_H

#include "mrig_engine.h"
#include "mrig_wait.h"
#include "priv.h"

#define LOCAL_CLIENT 1 /* the only client there is */

struct local_message;

/**
 * struct local_queue - messages of a heap, and those who wait for one
 * @first: the oldest
 * @last: the newest
 * @tree: the same by offset; NULL: there are none
 * @receivers: threads that wait; empty, or there are no messages
 * @nreceivers: their number
 * @length: messages
 * @max_length: the most there were
 * @sent: messages so far
 * @received: messages received so far
 */
struct local_queue {
	struct local_message *first;
	struct local_message *last;
	void *tree;
	struct mrig_waitq receivers;
	uint32_t nreceivers;
	uint64_t length;
	uint64_t max_length;
	uint64_t sent;
	uint64_t received;
};

/**
 * struct local_heap - a heap of this process
 * @heap: handle; its base is the address of the region, or of the memory when there is no region
 * @lock: held around every call of the engine, protects all that follows
 * @key: of the lock, its holder's
 * @waiting: those who wait for memory
 * @waiters: their number
 * @given: memory came back since @waiting was last looked at
 * @engine: the heap proper
 * @span: offset of the managed span from base
 * @cfg: as created; cfg.base is the address of the span
 * @placement: enum memrig_placement
 * @kind: enum memrig_engine
 * @largest: largest request that it can serve when it is empty
 * @own: memory that goes with the heap, or NULL
 * @fenced: corruption was found
 * @allocs: successful allocations so far
 * @frees: successful frees so far
 * @failures: refused allocations so far
 * @rejects: frees and reallocs that named no block
 * @live: blocks that live
 * @max_live: most that did at a time
 * @waits: requests that had to wait
 * @timeouts: those of them that waited in vain
 * @queue: messages
 */
struct local_heap {
	struct memrig_heap heap;
	struct mrig_lock lock;
	unsigned long key;
	struct mrig_waitq waiting;
	uint32_t waiters;
	bool given;
	struct mrig_heap engine;
	uint64_t span;
	struct mrig_heap_cfg cfg;
	uint32_t placement;
	uint32_t kind;
	uint64_t largest;
	void *own;
	bool fenced;
	uint64_t allocs;
	uint64_t frees;
	uint64_t failures;
	uint64_t rejects;
	uint64_t live;
	uint64_t max_live;
	uint64_t waits;
	uint64_t timeouts;
	struct local_queue queue;
};

static inline struct local_heap *to_local(struct memrig_heap *heap)
{
	return (struct local_heap *)heap;
}

void mrig_local_serve_locked(struct local_heap *local);

static inline struct local_heap *lock_heap(struct memrig_heap *heap)
{
	struct local_heap *local = to_local(heap);
	unsigned long key = mrig_lock_enter(&local->lock);

	local->key = key;
	return local;
}

/* Who gave memory back hands it to those who wait, before anybody else gets in. */
static inline void unlock_heap(struct local_heap *local)
{
	if (local->given && local->waiting.first)
		mrig_local_serve_locked(local);
	local->given = false;
	mrig_lock_leave(&local->lock, local->key);
}

/* Offsets before the span name no block either. */
static inline bool in_span(const struct local_heap *local, uint64_t offset)
{
	return offset >= local->span && offset - local->span < local->cfg.bytes;
}

/**
 * struct local_race - a request that waits in several queues: the first block counts
 * @lock: protects the others; taken under the lock of a queue, never the other way
 * @winner: the place that has a block, or NULL
 * @hopes: places that may bring one yet
 * @sleeper: where the thread sleeps, unless
 * @event: is the descriptor of an eventfd that it polls; else -1
 */
struct local_race {
	struct mrig_lock lock;
	struct local_wait *winner;
	uint32_t hopes;
	struct mrig_sleeper sleeper;
	int event;
};

/**
 * struct local_wait - a request that waits, or one of its places
 * @waiter: its place in the queue of the heap; first
 * @args: what is wanted; the answer
 * @result: offset from the start of the span, or -errno
 * @race: of whoever waits elsewhere too, or NULL
 */
struct local_wait {
	struct mrig_waiter waiter;
	struct memrig_alloc *args;
	int64_t result;
	struct local_race *race;
};

/* local_alloc.c */
int mrig_local_feed_locked(struct local_heap *local);
int mrig_local_note_locked(struct local_heap *local, int error);
void mrig_local_count_locked(struct local_heap *local);
int64_t mrig_local_get_locked(struct local_heap *local, struct memrig_alloc *args);
int mrig_local_refuse_locked(struct local_heap *local, int error, struct memrig_alloc *args);

int64_t mrig_local_try_locked(struct local_heap *local, struct memrig_alloc *args);
int mrig_local_explain_locked(struct local_heap *local, int error, struct memrig_alloc *args);

/* local_wait.c */
int64_t mrig_local_deadline(uint64_t timeout_ns);
int mrig_local_hopeless(int error, const struct memrig_alloc *args);
int64_t mrig_local_wait_locked(struct local_heap *local, struct memrig_alloc *args);
bool mrig_local_race(struct local_wait *place, int64_t (*attempt)(void *ctx, struct local_wait *),
		     void *ctx);
void mrig_local_join(struct memrig_heap *heap, struct local_wait *place);
void mrig_local_leave(struct memrig_heap *heap, struct local_wait *place);
void mrig_local_late(struct memrig_heap *heap, struct local_wait *place);

/* local_queue.c */
bool mrig_local_queued_locked(const struct local_heap *local, uint64_t off);
bool mrig_local_any_queued_locked(struct local_heap *local, uint64_t off, uint64_t end);
void mrig_local_queue_fail_locked(struct local_heap *local);
void mrig_local_queue_clear(struct local_heap *local);
int mrig_local_send(struct memrig_heap *heap, struct memrig_send *args);
int mrig_local_receive(struct memrig_heap *heap, struct memrig_receive *args);

int mrig_local_alloc(struct memrig_heap *heap, struct memrig_alloc *args);
int mrig_local_free(struct memrig_heap *heap, uint64_t offset);
int mrig_local_realloc(struct memrig_heap *heap, struct memrig_realloc *args);
int mrig_local_usable(struct memrig_heap *heap, struct memrig_usable *args);
int mrig_local_blocks_get(struct memrig_heap *heap, struct memrig_blocks_get *args);
int mrig_local_blocks_free(struct memrig_heap *heap, struct memrig_blocks_free *args);
int mrig_local_blocks_is_free(struct memrig_heap *heap, struct memrig_blocks_is_free *args);
int mrig_local_alloc_batch(struct memrig_heap *heap, struct memrig_alloc_batch *args);
int mrig_local_free_batch(struct memrig_heap *heap, struct memrig_free_batch *args);

int mrig_local_stat(struct memrig_heap *heap, struct memrig_heap_stat *args);
int mrig_local_reset_max(struct memrig_heap *heap);
int mrig_local_walk(struct memrig_heap *heap, struct memrig_heap_walk *args);
int mrig_local_validate(struct memrig_heap *heap, struct memrig_heap_validate *args);

#endif /* MEMRIG_LOCAL_H */
