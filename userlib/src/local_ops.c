// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Requests to heaps of this process: an engine, a mutex, and side memory from malloc(). The
 * reasons and counters are those of the kernel, so that both worlds can be compared.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"

/* Gives the engine one piece of side memory that it lacks. */
static int feed_locked(struct local_heap *local)
{
	const struct mrig_heap_ops *ops = local->engine.ops;
	struct mrig_want want = { 0 };
	void *mem;

	ops->want(&local->engine, &want);
	if (!want.bytes)
		return -EIO;
	mem = calloc(1, want.bytes);
	if (!mem)
		return -ENOMEM;
	free(ops->feed(&local->engine, &want, mem));
	return 0;
}

/* The engine's errors as the uapi states them; notes what goes with them. */
static int note_error_locked(struct local_heap *local, int error)
{
	if (error == -EIO)
		local->fenced = true;
	else if (error == -ENOENT)
		local->rejects++;
	return error;
}

static uint32_t shortage_reason(const struct local_heap *local, const struct mrig_heap_info *info,
				uint64_t bytes)
{
	uint64_t free_bytes = info->free_bytes;

	if (bytes > local->cfg.bytes)
		return MEMRIG_REASON_TOO_LARGE;
	/* Without statistics the sum follows from the largest block and the fragmentation. */
	if (!local->cfg.stats && info->frag_permille < 1000)
		free_bytes = info->largest_free * 1000 / (1000 - info->frag_permille);
	return free_bytes >= bytes ? MEMRIG_REASON_FRAGMENTED : MEMRIG_REASON_EMPTY;
}

/* Counts a refusal and says why; *reason is kept if it is known already. Returns the error. */
static int refuse_locked(struct local_heap *local, int error, uint64_t bytes, __u32 *reason,
			 __u64 *largest)
{
	struct mrig_heap_info info = { 0 };

	local->failures++;
	if (error != -ENOMEM && error != -ENOSPC)
		return note_error_locked(local, error);
	local->engine.ops->info(&local->engine, &info);
	if (error == -ENOSPC)
		*reason = MEMRIG_REASON_MAX_BLOCKS;
	else if (!*reason)
		*reason = shortage_reason(local, &info, bytes);
	*largest = info.largest_free;
	return -ENOMEM;
}

/* Offset from the start of the span, or -errno with *reason and *largest. */
static int64_t alloc_locked(struct local_heap *local, size_t align, uint64_t bytes, __u32 *reason,
			    __u64 *largest)
{
	int64_t ret = bytes > SIZE_MAX ? -ENOMEM : -EAGAIN;
	int i;

	if (local->fenced)
		return -EIO;
	for (i = 0; i <= MRIG_WANT_MAX && ret == -EAGAIN; i++) {
		ret = local->engine.ops->alloc(&local->engine, align, bytes);
		if (ret == -EAGAIN && feed_locked(local)) {
			ret = -ENOMEM;
			*reason = MEMRIG_REASON_SIDE;
		}
	}
	if (ret < 0)
		return refuse_locked(local, ret, bytes, reason, largest);
	local->allocs++;
	return ret;
}

static int free_locked(struct local_heap *local, uint64_t off)
{
	int ret = local->fenced ? -EIO : local->engine.ops->free(&local->engine, off);

	if (!ret)
		local->frees++;
	return note_error_locked(local, ret);
}

static int64_t usable_locked(struct local_heap *local, uint64_t off)
{
	if (local->fenced)
		return -EIO;
	return local->engine.ops->usable(&local->engine, off);
}

/* -EAGAIN never leaves here: a shrink without a record for its tail keeps the larger block. */
static int resize_locked(struct local_heap *local, uint64_t off, size_t bytes, uint64_t usable)
{
	int ret = -EAGAIN;
	int i;

	for (i = 0; i <= MRIG_WANT_MAX && ret == -EAGAIN; i++) {
		ret = local->engine.ops->resize(&local->engine, off, bytes);
		if (ret == -EAGAIN && feed_locked(local))
			return bytes <= usable ? 0 : -ENOMEM;
	}
	return ret;
}

/* ---- operations ---------------------------------------------------------------------- */

int mrig_local_alloc(struct memrig_heap *heap, struct memrig_alloc *args)
{
	struct local_heap *local = lock_heap(heap);
	int64_t off;

	if (args->align > SIZE_MAX)
		off = -EINVAL;
	else
		off = alloc_locked(local, args->align, args->bytes, &args->reason,
				   &args->largest_free);
	if (off >= 0) {
		args->offset = local->span + off;
		args->usable = usable_locked(local, off);
	}
	unlock_heap(local);
	return off < 0 ? off : 0;
}

/* Offsets before the span name no block either. */
static bool in_span(const struct local_heap *local, uint64_t offset)
{
	return offset >= local->span && offset - local->span < local->cfg.bytes;
}

int mrig_local_free(struct memrig_heap *heap, uint64_t offset)
{
	struct local_heap *local = lock_heap(heap);
	int ret;

	if (in_span(local, offset))
		ret = free_locked(local, offset - local->span);
	else
		ret = note_error_locked(local, -ENOENT);
	unlock_heap(local);
	return ret;
}

int mrig_local_usable(struct memrig_heap *heap, struct memrig_usable *args)
{
	struct local_heap *local = lock_heap(heap);
	int64_t ret = -ENOENT;

	if (in_span(local, args->offset))
		ret = usable_locked(local, args->offset - local->span);
	if (ret >= 0)
		args->usable = ret;
	unlock_heap(local);
	return ret < 0 ? ret : 0;
}

/* Does a block there meet align|rewind: is the address @rewind further on a multiple of @align? */
static bool aligned(uintptr_t addr, size_t align)
{
	size_t rewind = align & -align;

	if (!align)
		return true;
	if (align == rewind)
		return !(addr & (align - 1));
	align -= rewind;
	return !((addr + rewind) & (align - 1));
}

/* Both blocks live, and the lock is free, while the content is copied. */
static int move_locked(struct local_heap *local, struct memrig_realloc *args, uint64_t off,
		       uint64_t usable)
{
	char *span = (char *)local->cfg.base;
	int64_t to;
	int ret;

	to = alloc_locked(local, args->align, args->bytes, &args->reason, &args->largest_free);
	if (to < 0)
		return to;
	unlock_heap(local);
	memcpy(span + to, span + off, usable < args->bytes ? usable : args->bytes);
	pthread_mutex_lock(&local->lock);
	ret = free_locked(local, off);
	if (ret) {
		free_locked(local, to);
		return ret;
	}
	args->offset = local->span + to;
	args->moved = 1;
	return 0;
}

/* One bit, two bits (align|rewind), or none. */
static bool valid_align(uint64_t align)
{
	return align <= SIZE_MAX && __builtin_popcountll(align) <= 2;
}

static int realloc_locked(struct local_heap *local, struct memrig_realloc *args)
{
	uint64_t off = args->offset - local->span;
	int64_t usable;
	int ret = -ENOMEM;

	if (args->flags & ~MEMRIG_REALLOC_IN_PLACE)
		return -EOPNOTSUPP;
	if (!args->bytes || !valid_align(args->align))
		return -EINVAL;
	usable = in_span(local, args->offset) ? usable_locked(local, off) : -ENOENT;
	if (usable < 0)
		return note_error_locked(local, usable);
	if (args->bytes <= SIZE_MAX && aligned(local->cfg.base + off, args->align))
		ret = resize_locked(local, off, args->bytes, usable);
	if (ret == -ENOMEM && !(args->flags & MEMRIG_REALLOC_IN_PLACE))
		ret = move_locked(local, args, off, usable);
	else if (ret)
		ret = refuse_locked(local, ret, args->bytes, &args->reason, &args->largest_free);
	if (!ret)
		args->usable = usable_locked(local, args->offset - local->span);
	return ret;
}

int mrig_local_realloc(struct memrig_heap *heap, struct memrig_realloc *args)
{
	struct local_heap *local = lock_heap(heap);
	int ret = realloc_locked(local, args);

	unlock_heap(local);
	return ret;
}

int mrig_local_alloc_batch(struct memrig_heap *heap, struct memrig_alloc_batch *args)
{
	struct memrig_alloc_req *reqs = (struct memrig_alloc_req *)(uintptr_t)args->reqs;
	int ret = 0;

	args->done = 0;
	if (args->flags & ~MEMRIG_BATCH_ALL_OR_NONE)
		return -EOPNOTSUPP;
	if (!args->count || args->count > MEMRIG_BATCH_MAX)
		return -EINVAL;
	for (; args->done < args->count; args->done++) {
		struct memrig_alloc_req *req = &reqs[args->done];
		struct memrig_alloc one = { .bytes = req->bytes, .align = req->align };

		ret = mrig_local_alloc(heap, &one);
		req->offset = one.offset;
		req->usable = one.usable;
		req->error = -ret;
		req->reason = one.reason;
		if (ret)
			break;
	}
	if (ret && (args->flags & MEMRIG_BATCH_ALL_OR_NONE)) {
		while (args->done > 0)
			mrig_local_free(heap, reqs[--args->done].offset);
	}
	return args->done ? 0 : ret;
}

int mrig_local_free_batch(struct memrig_heap *heap, struct memrig_free_batch *args)
{
	const uint64_t *offsets = (const uint64_t *)(uintptr_t)args->offsets;
	int ret = 0;

	args->done = 0;
	if (!args->count || args->count > MEMRIG_BATCH_MAX)
		return -EINVAL;
	while (args->done < args->count) {
		ret = mrig_local_free(heap, offsets[args->done]);
		if (ret)
			break;
		args->done++;
	}
	return ret;
}
