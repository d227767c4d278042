// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks by number, in heaps of this process.
 */
#include <errno.h>

#include "local.h"

/* The checks of all three calls: *off is the offset in the span, *end behind the last block. */
static int check_range(const struct local_heap *local, uint64_t offset, uint64_t count,
		       uint64_t *off, uint64_t *end)
{
	uint64_t size = local->cfg.block_size, bytes;

	if (local->kind != MEMRIG_ENGINE_BLOCKS)
		return -EOPNOTSUPP;
	if (__builtin_mul_overflow(count, size, &bytes) ||
	    __builtin_add_overflow(offset, bytes, end))
		return -EOVERFLOW;
	if (!count || offset < local->span)
		return -EINVAL;
	*off = offset - local->span;
	*end -= local->span;
	if (*off % size || *end > size * local->cfg.num_blocks)
		return -EINVAL;
	return local->fenced ? -EIO : 0;
}

int mrig_local_blocks_is_free(struct memrig_heap *heap, struct memrig_blocks_is_free *args)
{
	struct local_heap *local = lock_heap(heap);
	uint64_t off, end;
	int ret;

	ret = check_range(local, args->offset, args->count, &off, &end);
	if (!ret)
		ret = mrig_heap_blocks_is_free(&local->engine, off, args->count);
	unlock_heap(local);
	if (ret < 0)
		return ret;
	args->free = ret;
	return 0;
}

int mrig_local_blocks_get(struct memrig_heap *heap, struct memrig_blocks_get *args)
{
	struct local_heap *local = lock_heap(heap);
	uint64_t off, end;
	int ret;

	ret = check_range(local, args->offset, args->count, &off, &end);
	if (!ret)
		ret = mrig_heap_blocks_get(&local->engine, off, args->count);
	if (!ret) {
		mrig_local_count_locked(local);
	} else if (ret == -ENOMEM) {
		local->failures++;
		args->reason = MEMRIG_REASON_FRAGMENTED;
	}
	unlock_heap(local);
	return ret;
}

/* Whether all of them are in use. */
static bool all_live(struct local_heap *local, uint64_t off, uint64_t end)
{
	for (; off < end; off += local->cfg.block_size)
		if (mrig_heap_blocks_is_free(&local->engine, off, 1))
			return false;
	return true;
}

/* Cuts what is allocated together at @off, so that an allocation begins there. */
static int cut(struct local_heap *local, uint64_t off)
{
	struct mrig_heap *heap = &local->engine;
	int ret;

	if (off >= local->cfg.block_size * local->cfg.num_blocks ||
	    mrig_heap_blocks_is_free(heap, off, 1) || heap->ops->usable(heap, off) > 0)
		return 0;
	ret = mrig_heap_blocks_split(heap, off);
	if (!ret)
		local->live++;
	return ret;
}

static int free_range_locked(struct local_heap *local, uint64_t off, uint64_t end)
{
	int64_t bytes;
	int ret;

	if (!all_live(local, off, end))
		return mrig_local_note_locked(local, -ENOENT);
	if (mrig_local_any_queued_locked(local, off, end))
		return mrig_local_note_locked(local, -EBUSY);
	ret = cut(local, off) ?: cut(local, end);
	while (!ret && off < end) {
		bytes = local->engine.ops->usable(&local->engine, off);
		ret = bytes < 0 ? (int)bytes : local->engine.ops->free(&local->engine, off);
		off += bytes;
		local->live -= !ret;
	}
	local->frees += !ret;
	local->given = true;
	return mrig_local_note_locked(local, ret);
}

int mrig_local_blocks_free(struct memrig_heap *heap, struct memrig_blocks_free *args)
{
	struct local_heap *local = lock_heap(heap);
	uint64_t off, end;
	int ret;

	ret = check_range(local, args->offset, args->count, &off, &end);
	if (!ret)
		ret = free_range_locked(local, off, end);
	unlock_heap(local);
	return ret;
}
