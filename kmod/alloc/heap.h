/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heaps: an engine over a span of a region, shared by clients.
 *
 * A *heap object* runs one engine (out-of-band or in-band) over [offset, offset + length) of a
 * region. A *client* is one open file description of it; every block belongs to a client, or to
 * the heap itself once it was kept. All offsets that cross this header count from the start of the
 * region; the engine's own count from the start of the span.
 *
 * What is trusted: which bytes are a live block and whose it is comes from the block table in
 * kernel memory (block_table.c), never from the bytes of the region.
 *
 * Life: clients hold the heap, the heap holds the region. Nothing else keeps a heap alive, so a
 * heap goes with its last client, and what was kept goes with it.
 *
 * Whoever frees serves those who wait for memory before he lets go of the lock: mrig_heap_unlock().
 *
 * Locks, outermost first: heap->lock, then the quota lock (keep.c). region->lock and the lock of
 * the list of heaps are never held together with either. Memory is copied and zeroed with no lock
 * held; the blocks concerned are marked busy meanwhile, and a busy block is EBUSY for everybody.
 */
#ifndef MRIG_ALLOC_HEAP_H
#define MRIG_ALLOC_HEAP_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/memrig.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "alloc/queue.h"
#include "alloc/track.h"
#include "mrig_engine.h"
#include "region/region.h"

struct mem_cgroup;
struct mrig_block_table;

/**
 * struct mrig_heap_spec - what to create
 * @flags: MEMRIG_HEAP_*
 * @placement: enum memrig_placement
 * @hardening: MRIG_HARDEN_*
 * @search_limit: 0: the engine's default
 * @max_blocks: bound on block records; 0: the module's default
 * @offset: of the span in the region
 * @length: of the span; 0: up to the end of the region
 * @engine: enum memrig_engine; 0: SYS_HEAP
 * @num_blocks: engines of equal blocks: how many
 * @block_size: engines of equal blocks: bytes of each
 */
struct mrig_heap_spec {
	u32 flags;
	u32 placement;
	u32 hardening;
	u32 search_limit;
	u32 max_blocks;
	u64 offset;
	u64 length;
	u32 engine;
	u32 num_blocks;
	u64 block_size;
};

/**
 * struct mrig_heap_counts - events since creation
 * @allocs: successful allocations
 * @frees: successful frees, reclaimed blocks not included
 * @failures: refused allocations
 * @rejects: requests that named no block the caller may touch
 * @reclaimed: blocks freed because their client died
 * @waits: allocations that had to wait
 * @timeouts: those of them for which it took too long
 */
struct mrig_heap_counts {
	u64 allocs;
	u64 frees;
	u64 failures;
	u64 rejects;
	u64 reclaimed;
	u64 waits;
	u64 timeouts;
};

/**
 * struct mrig_heap_obj - see the top of this file
 * @ref: one per client, and short-lived ones of listings
 * @id: unique while the module is loaded
 * @region: a reference
 * @spec: as created, defaults filled in; fixed
 * @base: address the engine knows the span by: its offset in the region (out-of-band) or where the
 *	kernel has it mapped (in-band)
 * @kaddr: kernel mapping of the span; NULL for heaps that never need one but for moves
 * @most: bytes of the largest request that the empty heap can serve; set before it is published
 * @pollers: those in poll()
 * @creator: uid that may free every block
 * @memcg: control group that pays for bookkeeping; a reference, or NULL
 * @table: who owns which block
 * @claim: its span of the region
 * @entry: in the list of all heaps, under the lock of that list
 * @lock: protects everything below
 * @engine: the engine
 * @control_bytes: size of @engine.control
 * @owners: in-band: the block table
 * @owner_leaves: nodes of the lowest level that it has
 * @clients: by number
 * @next_client: where the search for a free number starts
 * @nclients: open clients
 * @live_blocks: blocks handed out
 * @max_live_blocks: the most there were
 * @live_bytes: usable bytes of these
 * @max_live_bytes: the most there were
 * @kept: bytes of kept blocks by uid, what keep.c charges this heap with
 * @counts: events
 * @waiters: tasks waiting for memory, in the order they are to be served (wait.c)
 * @nwaiters: their number
 * @returned: memory was given back since waiters were served last
 * @queue: messages, and those who wait for one (queue.c)
 * @tracks: what is known of blocks (track.c)
 * @fault: what was found broken when @fenced
 * @fenced: corruption was found; every call gives -EIO and the engine is not entered again
 */
struct mrig_heap_obj {
	struct kref ref;
	u64 id;
	struct mrig_region *region;
	struct mrig_heap_spec spec;
	uintptr_t base;
	void *kaddr;
	u64 most;
	wait_queue_head_t pollers;
	kuid_t creator;
	struct mem_cgroup *memcg;
	const struct mrig_block_table *table;
	struct mrig_claim claim;
	struct list_head entry;

	struct mutex lock;	/* protects all that follows */
	struct mrig_heap engine;
	size_t control_bytes;
	struct xarray owners;
	u64 owner_leaves;
	struct xarray clients;
	u32 next_client;
	u32 nclients;
	u64 live_blocks;
	u64 max_live_blocks;
	u64 live_bytes;
	u64 max_live_bytes;
	struct xarray kept;
	struct mrig_heap_counts counts;
	struct list_head waiters;
	u32 nwaiters;
	bool returned;
	struct mrig_queue queue;
	struct mrig_tracks tracks;
	struct mrig_fault fault;
	bool fenced;
};

/**
 * struct mrig_client - one open file description of a heap
 * @ref: one per file of the heap or of a multi object, and those of calls that go on without
 * @heap: a reference
 * @id: unique in the heap
 * @blocks: live blocks it owns; under heap->lock
 * @bytes: usable bytes of these; under heap->lock
 * @watch_align: what poll() is about; under heap->lock
 * @watch_bytes: the same
 * @watch_messages: poll() is about the queue instead
 * @dying: its last reference is gone; owns nothing new from now on; under heap->lock
 */
struct mrig_client {
	struct kref ref;
	struct mrig_heap_obj *heap;
	u32 id;
	u64 blocks;
	u64 bytes;
	u64 watch_align;
	u64 watch_bytes;
	bool watch_messages;
	bool dying;
};

/**
 * struct mrig_grant - what became of a request for memory
 * @offset: of the block
 * @usable: its bytes
 * @was: realloc: its bytes before
 * @moved: realloc: it is not where it was
 * @reason: enum memrig_reason of a failure
 * @largest_free: on -ENOMEM and -ETIMEDOUT: the largest request that would succeed now
 */
struct mrig_grant {
	u64 offset;
	u64 usable;
	u64 was;
	bool moved;
	u32 reason;
	u64 largest_free;
};

/**
 * struct mrig_block_size_class - blocks of 2^n to 2^(n+1) - 1 bytes, for dumps
 * @used_blocks: live
 * @used_bytes: usable bytes of these
 * @free_blocks: free
 * @free_bytes: usable bytes of these
 */
struct mrig_block_size_class {
	u64 used_blocks;
	u64 used_bytes;
	u64 free_blocks;
	u64 free_bytes;
};

#define MRIG_SIZE_CLASSES	64

/* heap_object.c: heaps */
struct mrig_heap_obj *mrig_heap_obj_create(struct mrig_region *region,
					   const struct mrig_heap_spec *spec, u32 *reason);
void mrig_heap_obj_put(struct mrig_heap_obj *heap);
struct mrig_heap_obj *mrig_heap_obj_next(u64 *cursor);

/* heap_spec.c: engines */
const char *mrig_heap_engine_name(u32 engine);
u32 mrig_heap_engines_mask(void);

/* client.c: clients */
struct mrig_client *mrig_client_create(struct mrig_heap_obj *heap);
void mrig_client_get(struct mrig_client *client);
u64 mrig_client_blocks(struct mrig_client *client);
void mrig_client_release(struct mrig_client *client);

/* watch.c: poll() */
int mrig_client_watch(struct mrig_client *client, u64 align, u64 bytes);
__poll_t mrig_client_poll(struct mrig_client *client);

/* block.c, block_alloc.c, block_realloc.c: what a client may do with blocks */
int mrig_block_alloc(struct mrig_client *client, u64 align, u64 bytes, struct mrig_grant *grant);
int mrig_block_alloc_begin(struct mrig_client *client, u64 align, u64 bytes, u64 *timeout_ns,
			   struct mrig_grant *grant);
int mrig_block_free(struct mrig_client *client, u64 offset);
int mrig_block_realloc(struct mrig_client *client, u64 offset, u64 align, u64 bytes,
		       bool in_place, struct mrig_grant *grant);
int mrig_block_realloc_begin(struct mrig_client *client, u64 offset, u64 align, u64 bytes,
			     bool in_place, struct mrig_grant *grant);
void mrig_block_realloc_end(struct mrig_client *client, u64 from, u64 to, bool keep);
int mrig_block_usable(struct mrig_client *client, u64 offset, u64 *usable);
int mrig_block_give(struct mrig_client *client, u64 offset, u32 to);
int mrig_block_keep(struct mrig_client *client, u64 offset, u32 *reason);

/* block_alloc.c: the end of an allocation, when its caller knows about it or cannot be told */
void mrig_block_commit(struct mrig_client *client, const u64 *offsets, u32 count);
void mrig_block_undo(struct mrig_client *client, const u64 *offsets, u32 count);

/* block_alloc.c: a block whose content moves to another heap is busy meanwhile */
int mrig_block_lend(struct mrig_client *client, u64 offset, u64 *usable);
void mrig_block_return(struct mrig_client *client, u64 offset);
void mrig_block_retire(struct mrig_client *client, u64 offset);

/* blocks.c: blocks by number */
int mrig_blocks_get_begin(struct mrig_client *client, u64 offset, u64 count, u32 *reason);
int mrig_blocks_give_back(struct mrig_client *client, u64 offset, u64 count);
int mrig_blocks_are_free(struct mrig_client *client, u64 offset, u64 count, u32 *free);

/* block_batch.c: many at once, in pieces that the caller copies from and to user space */
#define MRIG_BATCH_CHUNK	16
u32 mrig_block_alloc_chunk(struct mrig_client *client, struct memrig_alloc_req *reqs, u32 count);

/* heap_query.c: figures and checks */
int mrig_heap_obj_stat(struct mrig_heap_obj *heap, const struct mrig_client *client,
		       struct memrig_heap_stat *stat);
bool mrig_heap_obj_is_fenced(struct mrig_heap_obj *heap);
int mrig_heap_obj_reset_max(struct mrig_heap_obj *heap);
int mrig_heap_obj_walk(struct mrig_heap_obj *heap, const struct mrig_client *client, u64 *cursor,
		       struct memrig_block *out, u32 max, u32 *found);
int mrig_heap_obj_validate(struct mrig_heap_obj *heap, struct mrig_fault *fault);
int mrig_heap_obj_classes(struct mrig_heap_obj *heap,
			  struct mrig_block_size_class classes[MRIG_SIZE_CLASSES]);

#endif /* MRIG_ALLOC_HEAP_H */
