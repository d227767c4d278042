// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Requests to heaps of this process: an engine and a lock.
 */
#include <errno.h>
#include <string.h>

#include "local.h"

static int free_locked(struct local_heap *local, uint64_t off)
{
	int ret;

	if (local->fenced)
		ret = -EIO;
	else if (mrig_local_queued_locked(local, off))
		ret = -EBUSY;
	else
		ret = local->engine.ops->free(&local->engine, off);
	if (!ret) {
		local->frees++;
		local->live--;
		local->given = true;
	}
	return mrig_local_note_locked(local, ret);
}

static int64_t usable_locked(struct local_heap *local, uint64_t off)
{
	if (local->fenced)
		return -EIO;
	if (mrig_local_queued_locked(local, off))
		return -EBUSY;
	return local->engine.ops->usable(&local->engine, off);
}

/* -EAGAIN never leaves here: a shrink without a record for its tail keeps the larger block. */
static int resize_locked(struct local_heap *local, uint64_t off, size_t bytes, uint64_t usable)
{
	int ret = -EAGAIN;
	int i;

	for (i = 0; i <= MRIG_WANT_MAX && ret == -EAGAIN; i++) {
		ret = local->engine.ops->resize(&local->engine, off, bytes);
		if (ret == -EAGAIN && mrig_local_feed_locked(local))
			return bytes <= usable ? 0 : -ENOMEM;
	}
	if (!ret && bytes < usable)
		local->given = true;
	return ret;
}

/* ---- operations ---------------------------------------------------------------------- */

int mrig_local_alloc(struct memrig_heap *heap, struct memrig_alloc *args)
{
	struct local_heap *local;
	int64_t off;

	if (args->flags & ~MEMRIG_ALLOC_WAIT)
		return -EOPNOTSUPP;
	if (!(args->flags & MEMRIG_ALLOC_WAIT) && args->timeout_ns)
		return -EINVAL;
	local = lock_heap(heap);
	off = mrig_local_get_locked(local, args);
	if (off >= 0) {
		args->offset = local->span + off;
		args->usable = usable_locked(local, off);
	}
	unlock_heap(local);
	return off < 0 ? off : 0;
}

int mrig_local_free(struct memrig_heap *heap, uint64_t offset)
{
	struct local_heap *local = lock_heap(heap);
	int ret;

	if (in_span(local, offset))
		ret = free_locked(local, offset - local->span);
	else
		ret = mrig_local_note_locked(local, -ENOENT);
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
static int move_locked(struct local_heap *local, struct memrig_realloc *args,
		       struct memrig_alloc *want, uint64_t off, uint64_t usable)
{
	char *span = (char *)local->cfg.base;
	int64_t to;
	int ret;

	to = mrig_local_get_locked(local, want);
	if (to < 0)
		return to;
	unlock_heap(local);
	memcpy(span + to, span + off, usable < args->bytes ? usable : args->bytes);
	lock_heap(&local->heap);
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
	struct memrig_alloc want = { .bytes = args->bytes, .align = args->align };
	uint64_t off = args->offset - local->span;
	int64_t usable;
	int ret = -ENOMEM;

	if (args->flags & ~MEMRIG_REALLOC_IN_PLACE)
		return -EOPNOTSUPP;
	if (!args->bytes || !valid_align(args->align))
		return -EINVAL;
	usable = in_span(local, args->offset) ? usable_locked(local, off) : -ENOENT;
	if (usable < 0)
		return mrig_local_note_locked(local, usable);
	if (args->bytes <= SIZE_MAX && aligned(local->cfg.base + off, args->align))
		ret = resize_locked(local, off, args->bytes, usable);
	if (ret == -ENOMEM && !(args->flags & MEMRIG_REALLOC_IN_PLACE))
		ret = move_locked(local, args, &want, off, usable);
	else if (ret)
		ret = mrig_local_refuse_locked(local, ret, &want);
	args->reason = want.reason;
	args->largest_free = want.largest_free;
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
