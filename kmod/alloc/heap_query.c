// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking at a heap: figures, the list of its blocks, its soundness. Whatever grows with the
 * number of blocks runs in batches, the lock dropped between them.
 */
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "alloc/heap_private.h"
#include "region/region.h"

#define VALIDATE_BATCH	256
#define WALK_BATCH	16

/* Kernel memory for bookkeeping. What an in-band engine reports is part of the span. */
static u64 side_bytes_locked(struct mrig_heap_obj *heap, const struct mrig_heap_info *info)
{
	bool oob = heap->spec.placement == MEMRIG_PLACEMENT_OOB;

	lockdep_assert_held(&heap->lock);
	return (oob && info ? info->side_bytes : heap->control_bytes) + heap->table->bytes(heap) +
	       mrig_queue_bytes(&heap->queue) + mrig_track_bytes(&heap->tracks);
}

static void stat_engine_locked(struct mrig_heap_obj *heap, struct memrig_heap_stat *stat)
{
	struct mrig_heap_info info = { };

	lockdep_assert_held(&heap->lock);
	heap->engine.ops->info(&heap->engine, &info);
	stat->free_bytes = info.free_bytes;
	stat->allocated_bytes = info.allocated_bytes;
	/* The engine's own counts what was only tried, too. */
	if (heap->spec.flags & MEMRIG_HEAP_STATS)
		stat->max_allocated_bytes = heap->max_live_bytes;
	stat->largest_free = info.largest_free;
	stat->free_blocks = info.free_blocks;
	stat->frag_permille = info.frag_permille;
	stat->side_bytes = side_bytes_locked(heap, &info);
}

static void stat_queue_locked(const struct mrig_heap_obj *heap, struct memrig_heap_stat *stat)
{
	const struct mrig_queue *queue = &heap->queue;

	lockdep_assert_held(&heap->lock);
	stat->receivers = queue->nreceivers;
	stat->queued = queue->length;
	stat->max_queued = queue->max_length;
	stat->sent = queue->sent;
	stat->received = queue->received;
}

/**
 * mrig_heap_obj_stat() - figures of a heap
 * @heap: the heap
 * @client: who asks, or NULL
 * @stat: out: everything but @stat->size
 *
 * Context: may sleep.
 * Return: 0, or -EIO when the heap is fenced off; what is known without the
 * engine is filled in even then.
 */
int mrig_heap_obj_stat(struct mrig_heap_obj *heap, const struct mrig_client *client,
		       struct memrig_heap_stat *stat)
{
	u32 size = stat->size;
	int err = 0;

	*stat = (struct memrig_heap_stat){
		.size = size,
		.flags = heap->spec.flags,
		.id = heap->id,
		.region_id = heap->region->id,
		.offset = heap->spec.offset,
		.length = heap->spec.length,
		.placement = heap->spec.placement,
		.hardening = heap->spec.hardening,
		.search_limit = heap->spec.search_limit,
		.max_blocks = heap->spec.max_blocks,
		.engine = heap->spec.engine,
		.num_blocks = heap->spec.num_blocks,
		.block_size = heap->spec.block_size,
		.client = client ? client->id : 0,
	};
	mutex_lock(&heap->lock);
	stat->live_blocks = heap->live_blocks;
	stat->max_live_blocks = heap->max_live_blocks;
	stat->side_bytes = side_bytes_locked(heap, NULL);
	stat->clients = heap->nclients;
	stat->client_blocks = client ? client->blocks : 0;
	stat->allocs = heap->counts.allocs;
	stat->frees = heap->counts.frees;
	stat->failures = heap->counts.failures;
	stat->rejects = heap->counts.rejects;
	stat->reclaimed = heap->counts.reclaimed;
	stat->waits = heap->counts.waits;
	stat->timeouts = heap->counts.timeouts;
	stat->waiters = heap->nwaiters;
	stat_queue_locked(heap, stat);
	if (heap->fenced) {
		stat->flags |= MEMRIG_HEAP_STATE_FENCED;
		err = -EIO;
	} else {
		stat_engine_locked(heap, stat);
	}
	mutex_unlock(&heap->lock);
	return err;
}

/**
 * mrig_heap_obj_is_fenced() - whether corruption was found
 * @heap: the heap
 *
 * Context: may sleep.
 * Return: true if so; it stays so.
 */
bool mrig_heap_obj_is_fenced(struct mrig_heap_obj *heap)
{
	bool fenced;

	mutex_lock(&heap->lock);
	fenced = heap->fenced;
	mutex_unlock(&heap->lock);
	return fenced;
}

/**
 * mrig_heap_obj_reset_max() - begin a new high-water mark
 * @heap: the heap
 *
 * Context: may sleep.
 * Return: 0, -EINVAL without MEMRIG_HEAP_STATS, -EIO.
 */
int mrig_heap_obj_reset_max(struct mrig_heap_obj *heap)
{
	int err = -EIO;

	mutex_lock(&heap->lock);
	if (!heap->fenced)
		err = heap->engine.ops->reset_max(&heap->engine);
	if (!err) {
		heap->max_live_blocks = heap->live_blocks;
		heap->queue.max_length = heap->queue.length;
		heap->max_live_bytes = heap->live_bytes;
	}
	mutex_unlock(&heap->lock);
	return err;
}

/**
 * mrig_block_report_locked() - a block as listings tell of it
 * @heap: its heap
 * @client: who asks, or NULL
 * @block: as the table has it
 * @out: out
 *
 * Context: heap->lock held.
 */
void mrig_block_report_locked(struct mrig_heap_obj *heap, const struct mrig_client *client,
			      const struct mrig_block *block, struct memrig_block *out)
{
	struct mrig_client *owner;

	lockdep_assert_held(&heap->lock);
	*out = (struct memrig_block){
		.offset = heap->spec.offset + block->offset,
		.bytes = block->bytes,
	};
	if (!block->used)
		return;
	out->flags = MEMRIG_BLOCK_USED;
	if (block->tag & MRIG_TAG_KEPT)
		out->flags |= MEMRIG_BLOCK_KEPT;
	if (block->tag & MRIG_TAG_QUEUED) {
		out->flags |= MEMRIG_BLOCK_QUEUED;
		owner = xa_load(&heap->clients, block->tag & MRIG_TAG_ID);
		out->client = owner ? owner->id : 0;
		return;
	}
	owner = mrig_block_owner_locked(heap, block->tag);
	if (owner) {
		out->client = owner->id;
		if (owner == client)
			out->flags |= MEMRIG_BLOCK_MINE;
	}
}

/**
 * mrig_heap_obj_walk() - list some blocks
 * @heap: the heap
 * @client: who asks
 * @cursor: 0 to begin; advanced. Any value is safe
 * @out: room for @max
 * @max: how many at most
 * @found: out: how many there were, 0 at the end
 *
 * Context: may sleep.
 * Return: 0 or -EIO.
 */
int mrig_heap_obj_walk(struct mrig_heap_obj *heap, const struct mrig_client *client, u64 *cursor,
		       struct memrig_block *out, u32 max, u32 *found)
{
	struct mrig_block batch[WALK_BATCH];
	u32 i, n;

	*found = 0;
	mutex_lock(&heap->lock);
	if (heap->fenced) {
		mutex_unlock(&heap->lock);
		return -EIO;
	}
	n = heap->table->walk(heap, cursor, batch, min_t(u32, max, WALK_BATCH));
	for (i = 0; i < n; i++)
		mrig_block_report_locked(heap, client, &batch[i], &out[i]);
	mutex_unlock(&heap->lock);
	*found = n;
	return 0;
}

/* One batch. The engine's cursor is 0 again after the last. */
static int validate_some(struct mrig_heap_obj *heap, u64 *cursor, struct mrig_fault *fault)
{
	int err;

	mutex_lock(&heap->lock);
	if (heap->fenced) {
		*fault = heap->fault;
		err = -EIO;
	} else {
		err = heap->engine.ops->validate(&heap->engine, cursor, VALIDATE_BATCH, fault);
		if (err)
			mrig_heap_fence_locked(heap, fault);
	}
	mutex_unlock(&heap->lock);
	return err;
}

/**
 * mrig_heap_obj_validate() - check every block against the invariants
 * @heap: fenced off if one is broken
 * @fault: out: which one and where
 *
 * The heap stays in use meanwhile; each batch is checked as it is when its turn comes.
 *
 * Context: may sleep.
 * Return: 0; -EIO: corrupted, now or before; -EINTR: the caller is being killed.
 */
int mrig_heap_obj_validate(struct mrig_heap_obj *heap, struct mrig_fault *fault)
{
	u64 cursor = 0;
	int err;

	*fault = (struct mrig_fault){ };
	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = validate_some(heap, &cursor, fault);
		cond_resched();
	} while (!err && cursor);
	if (err && fault->offset < heap->spec.length)
		fault->offset += heap->spec.offset;
	return err;
}

/**
 * mrig_heap_obj_classes() - how many blocks of which size
 * @heap: the heap
 * @classes: out, by ilog2 of the usable bytes. In-band heaps count live blocks only
 *
 * Context: may sleep.
 * Return: 0, -EIO, or -EINTR when the caller is being killed.
 */
int mrig_heap_obj_classes(struct mrig_heap_obj *heap,
			  struct mrig_block_size_class classes[MRIG_SIZE_CLASSES])
{
	struct memrig_block batch[WALK_BATCH];
	struct mrig_block_size_class *class;
	u64 cursor = 0;
	u32 i, n;
	int err;

	memset(classes, 0, MRIG_SIZE_CLASSES * sizeof(*classes));
	for (;;) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = mrig_heap_obj_walk(heap, NULL, &cursor, batch, WALK_BATCH, &n);
		if (err || !n)
			return err;
		for (i = 0; i < n; i++) {
			class = &classes[batch[i].bytes ? ilog2(batch[i].bytes) : 0];
			if (batch[i].flags & MEMRIG_BLOCK_USED) {
				class->used_blocks++;
				class->used_bytes += batch[i].bytes;
			} else {
				class->free_blocks++;
				class->free_bytes += batch[i].bytes;
			}
		}
		cond_resched();
	}
}
