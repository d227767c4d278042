// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Looking at heaps of this process: figures, block walk, validation.
 */
#include <errno.h>
#include <string.h>

#include "local.h"

#define WALK_CHUNK     64   /* blocks converted at a time, on the stack */
#define VALIDATE_CHUNK 4096 /* blocks checked per call of the engine */

/* Fills in a structure but for its size member; one the caller knows more of keeps the rest. */
static int answer(void *args, const void *mine, size_t size)
{
	uint32_t theirs = *(uint32_t *)args;

	if (theirs < size)
		return -EINVAL;
	memcpy((char *)args + sizeof(theirs), (const char *)mine + sizeof(theirs),
	       size - sizeof(theirs));
	return 0;
}

int mrig_local_stat(struct memrig_heap *heap, struct memrig_heap_stat *args)
{
	struct local_heap *local = lock_heap(heap);
	struct mrig_heap_info info = { 0 };
	struct memrig_heap_stat stat;

	local->engine.ops->info(&local->engine, &info);
	stat = (struct memrig_heap_stat){
		.flags = (local->cfg.stats ? MEMRIG_HEAP_STATS : 0) |
			 (local->fenced ? MEMRIG_HEAP_STATE_FENCED : 0),
		.offset = local->span,
		.length = local->cfg.bytes,
		.placement = local->placement,
		.hardening = local->cfg.hardening,
		.search_limit = local->cfg.search_limit,
		.max_blocks = local->cfg.max_blocks,
		.free_bytes = info.free_bytes,
		.allocated_bytes = info.allocated_bytes,
		.max_allocated_bytes = info.max_allocated_bytes,
		.largest_free = info.largest_free,
		.live_blocks = info.live_blocks,
		.free_blocks = info.free_blocks,
		.side_bytes = info.side_bytes,
		.frag_permille = info.frag_permille,
		.clients = 1,
		.client = LOCAL_CLIENT,
		.client_blocks = info.live_blocks - local->queue.length,
		.allocs = local->allocs,
		.frees = local->frees,
		.failures = local->failures,
		.rejects = local->rejects,
		.engine = local->kind,
		.num_blocks = local->cfg.num_blocks,
		.block_size = local->cfg.block_size,
		.max_live_blocks = local->max_live,
		.waits = local->waits,
		.timeouts = local->timeouts,
		.waiters = local->waiters,
		.receivers = local->queue.nreceivers,
		.queued = local->queue.length,
		.max_queued = local->queue.max_length,
		.sent = local->queue.sent,
		.received = local->queue.received,
	};
	unlock_heap(local);
	return answer(args, &stat, sizeof(stat));
}

int mrig_local_reset_max(struct memrig_heap *heap)
{
	struct local_heap *local = lock_heap(heap);
	int ret = local->engine.ops->reset_max(&local->engine);

	if (!ret) {
		local->max_live = local->live;
		local->queue.max_length = local->queue.length;
	}
	unlock_heap(local);
	return ret;
}

static uint32_t flags_locked(const struct local_heap *local, const struct mrig_block *block)
{
	if (!block->used)
		return 0;
	return MEMRIG_BLOCK_USED |
	       (mrig_local_queued_locked(local, block->offset) ? MEMRIG_BLOCK_QUEUED
							       : MEMRIG_BLOCK_MINE);
}

static uint32_t walk_some_locked(struct local_heap *local, uint64_t *cursor,
				 struct memrig_block *out, uint32_t max)
{
	struct mrig_block part[WALK_CHUNK];
	uint32_t n, i;

	n = local->engine.ops->walk(&local->engine, cursor, part,
				    max < WALK_CHUNK ? max : WALK_CHUNK);
	for (i = 0; i < n; i++) {
		out[i] = (struct memrig_block){
			.offset = local->span + part[i].offset,
			.bytes = part[i].bytes,
			.flags = flags_locked(local, &part[i]),
			.client = part[i].used ? LOCAL_CLIENT : 0,
		};
	}
	return n;
}

int mrig_local_walk(struct memrig_heap *heap, struct memrig_heap_walk *args)
{
	struct memrig_block *out = (struct memrig_block *)(uintptr_t)args->blocks;
	struct local_heap *local;
	uint64_t cursor = args->cursor;
	uint32_t done = 0, n;

	if (!args->count || args->count > MEMRIG_BATCH_MAX)
		return -EINVAL;
	local = lock_heap(heap);
	do {
		n = walk_some_locked(local, &cursor, out + done, args->count - done);
		done += n;
	} while (n && done < args->count);
	unlock_heap(local);
	args->cursor = cursor;
	args->count = done;
	return 0;
}

int mrig_local_validate(struct memrig_heap *heap, struct memrig_heap_validate *args)
{
	struct local_heap *local = lock_heap(heap);
	struct mrig_fault fault = { 0 };
	uint64_t cursor = 0;
	int ret;

	do {
		ret = local->engine.ops->validate(&local->engine, &cursor, VALIDATE_CHUNK, &fault);
	} while (!ret && cursor);
	if (ret == -EIO) {
		mrig_local_note_locked(local, ret);
		args->invariant = fault.invariant;
		args->offset = local->span + fault.offset;
		ret = fault.invariant ? 0 : -EIO;
	}
	unlock_heap(local);
	return ret;
}
