// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Memory from a heap of this process: side memory from malloc() for the engine, and reasons when
 * there is none. Reasons and counters are those of the kernel, so that both worlds can be compared.
 */
#include <errno.h>
#include <stdlib.h>

#include "local.h"

/* Gives the engine one piece of side memory that it lacks. */
int mrig_local_feed_locked(struct local_heap *local)
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
int mrig_local_note_locked(struct local_heap *local, int error)
{
	if (error == -EIO) {
		local->fenced = true;
		local->given = true; /* those who wait are told */
		mrig_local_queue_fail_locked(local);
	} else if (error == -ENOENT || error == -EBUSY) {
		local->rejects++;
	}
	return error;
}

/* ---- why not ------------------------------------------------------------------------- */

/* Would it not fit even if all were free? Of alignment only what is certain counts. */
static bool too_large(const struct local_heap *local, const struct memrig_alloc *args,
		      const struct mrig_heap_info *info)
{
	uint64_t rewind = args->align & -args->align, align = args->align & (args->align - 1);
	uint64_t first;

	if (args->bytes > local->largest || !info->live_blocks)
		return true;
	if (!align) {
		align = rewind;
		rewind = 0;
	}
	if (align <= 1)
		return false;
	first = -(local->cfg.base + rewind) & (align - 1);
	return first >= local->cfg.bytes || args->bytes > local->cfg.bytes - first;
}

static uint32_t shortage_reason(const struct local_heap *local, const struct memrig_alloc *args,
				const struct mrig_heap_info *info)
{
	uint64_t free_bytes = info->free_bytes;

	if (too_large(local, args, info))
		return MEMRIG_REASON_TOO_LARGE;
	/* Without statistics the sum follows from the largest block and the fragmentation. */
	if (!local->cfg.stats && info->frag_permille < 1000)
		free_bytes = info->largest_free * 1000 / (1000 - info->frag_permille);
	return free_bytes >= args->bytes ? MEMRIG_REASON_FRAGMENTED : MEMRIG_REASON_EMPTY;
}

/* Says why; a reason that is known already is kept. Returns the error. */
int mrig_local_explain_locked(struct local_heap *local, int error, struct memrig_alloc *args)
{
	struct mrig_heap_info info = { 0 };

	if (error != -ENOMEM && error != -ENOSPC)
		return mrig_local_note_locked(local, error);
	local->engine.ops->info(&local->engine, &info);
	if (error == -ENOSPC)
		args->reason = MEMRIG_REASON_MAX_BLOCKS;
	else if (!args->reason)
		args->reason = shortage_reason(local, args, &info);
	args->largest_free = info.largest_free;
	return -ENOMEM;
}

/* The same for a request that is not tried again: it is counted. */
int mrig_local_refuse_locked(struct local_heap *local, int error, struct memrig_alloc *args)
{
	local->failures++;
	return mrig_local_explain_locked(local, error, args);
}

/* ---- getting it ---------------------------------------------------------------------- */

/* One more block. */
void mrig_local_count_locked(struct local_heap *local)
{
	local->allocs++;
	if (++local->live > local->max_live)
		local->max_live = local->live;
}

/* Offset from the start of the span, or -errno as the engine has it. */
int64_t mrig_local_try_locked(struct local_heap *local, struct memrig_alloc *args)
{
	int64_t ret = args->bytes > SIZE_MAX ? -ENOMEM : -EAGAIN;
	int i;

	if (local->fenced)
		return -EIO;
	if (args->align > SIZE_MAX)
		return -EINVAL;
	args->reason = MEMRIG_REASON_NONE;
	for (i = 0; i <= MRIG_WANT_MAX && ret == -EAGAIN; i++) {
		ret = local->engine.ops->alloc(&local->engine, args->align, args->bytes);
		if (ret == -EAGAIN && mrig_local_feed_locked(local)) {
			ret = -ENOMEM;
			args->reason = MEMRIG_REASON_SIDE;
		}
	}
	if (ret >= 0)
		mrig_local_count_locked(local);
	return ret;
}

/**
 * mrig_local_get_locked() - allocate, and wait if that is wanted
 * @local: heap
 * @args: request; its reason and largest_free are filled in
 *
 * Return: offset from the start of the span, or -errno as the uapi has it.
 */
int64_t mrig_local_get_locked(struct local_heap *local, struct memrig_alloc *args)
{
	int64_t ret = mrig_local_try_locked(local, args);
	int error;

	if (ret >= 0)
		return ret;
	ret = mrig_local_explain_locked(local, (int)ret, args);
	if (args->flags & MEMRIG_ALLOC_WAIT) {
		error = mrig_local_hopeless((int)ret, args);
		ret = error ? error : mrig_local_wait_locked(local, args);
	}
	if (ret < 0)
		local->failures++;
	return ret;
}
