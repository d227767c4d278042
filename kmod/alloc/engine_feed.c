// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engines never allocate: they say what they lack, and here it is found. Side memory belongs to
 * whoever made the heap: it is charged to that control group whoever happens to be calling, so
 * that nobody can make another group pay for blocks in a heap he shares.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "alloc/heap_private.h"
#include "core/fault.h"
#include "core/trace.h"
#include "region/region.h"

/* Blocks that are looked at, at most, to learn why a heap is broken. */
#define FENCE_BATCH	256

/**
 * mrig_side_alloc() - zeroed memory for the bookkeeping of a heap
 * @heap: who pays
 * @bytes: wanted
 *
 * Context: may sleep.
 * Return: memory for kvfree(), or NULL.
 */
void *mrig_side_alloc(const struct mrig_heap_obj *heap, size_t bytes)
{
	struct mem_cgroup *old;
	void *mem;

	if (bytes > INT_MAX || mrig_should_fail())
		return NULL;
	old = set_active_memcg(heap->memcg);
	mem = kvzalloc(bytes, MRIG_GFP_SIDE);
	set_active_memcg(old);
	return mem;
}

/**
 * mrig_heap_fence_locked() - corruption was found: never enter this engine again
 * @heap: the heap
 * @fault: where, as far as is known. If that does not say what is broken, the engine is asked: it
 *	remembers, or has not noticed yet and looks
 *
 * Says so in the log and in the trace; never a WARN, as whoever uses the heap may be the cause.
 *
 * Context: heap->lock held.
 */
void mrig_heap_fence_locked(struct mrig_heap_obj *heap, const struct mrig_fault *fault)
{
	struct mrig_fault found = { };
	u64 cursor = 0;

	lockdep_assert_held(&heap->lock);
	if (heap->fenced)
		return;
	heap->fenced = true;
	heap->fault = *fault;
	if (!fault->invariant &&
	    heap->engine.ops->validate(&heap->engine, &cursor, FENCE_BATCH, &found) &&
	    found.invariant)
		heap->fault = found;
	pr_err_ratelimited("heap %llu of region %llu: invariant %u broken at offset %llu, heap fenced off\n",
			   heap->id, heap->region->id, heap->fault.invariant,
			   heap->spec.offset + heap->fault.offset);
	mrig_wait_fail_all_locked(heap);
	mrig_queue_fail_all_locked(heap);
	trace_memrig_fence(heap->id, heap->fault.invariant, heap->fault.offset);
}

static int feed_locked(struct mrig_heap_obj *heap)
{
	const struct mrig_heap_ops *ops = heap->engine.ops;
	struct mrig_want want = { };
	void *mem;

	lockdep_assert_held(&heap->lock);
	ops->want(&heap->engine, &want);
	if (!want.bytes)
		return -EIO;
	mem = mrig_side_alloc(heap, want.bytes);
	if (!mem)
		return MRIG_NO_SIDE_MEMORY;
	kvfree(ops->feed(&heap->engine, &want, mem));
	return 0;
}

/*
 * What an operation returned, after feeding: -EAGAIN means repeat it. An engine that wants more
 * than it may, or wants nothing and still cannot go on, is broken, and its heap is fenced off.
 */
static s64 settle_locked(struct mrig_heap_obj *heap, s64 ret, u64 off, int *rounds)
{
	struct mrig_fault fault = { .offset = off };

	lockdep_assert_held(&heap->lock);
	if (ret == -EAGAIN) {
		ret = (*rounds)++ < MRIG_WANT_MAX ? feed_locked(heap) : -EIO;
		if (!ret)
			return -EAGAIN;
	}
	if (ret == -EIO)
		mrig_heap_fence_locked(heap, &fault);
	return ret;
}

/**
 * mrig_engine_alloc_locked() - the engine's alloc, fed
 * @heap: not fenced
 * @align: 0, a power of two, or align | rewind
 * @bytes: wanted
 *
 * Context: heap->lock held; may sleep.
 * Return: offset in the span, MRIG_NO_SIDE_MEMORY, or an error
 * of struct mrig_heap_ops.alloc other than -EAGAIN.
 */
s64 mrig_engine_alloc_locked(struct mrig_heap_obj *heap, size_t align, size_t bytes)
{
	int rounds = 0;
	s64 ret;

	lockdep_assert_held(&heap->lock);
	do {
		ret = heap->engine.ops->alloc(&heap->engine, align, bytes);
		ret = settle_locked(heap, ret, 0, &rounds);
	} while (ret == -EAGAIN);
	return ret;
}

/**
 * mrig_engine_resize_locked() - the engine's resize, fed
 * @heap: not fenced
 * @off: of a live block
 * @bytes: wanted, not 0
 *
 * Context: heap->lock held; may sleep.
 * Return: 0, -ENOMEM when it cannot be done in place,
 * MRIG_NO_SIDE_MEMORY, or another error of struct mrig_heap_ops.resize.
 */
int mrig_engine_resize_locked(struct mrig_heap_obj *heap, u64 off, size_t bytes)
{
	int rounds = 0;
	s64 ret;

	lockdep_assert_held(&heap->lock);
	do {
		ret = heap->engine.ops->resize(&heap->engine, off, bytes);
		ret = settle_locked(heap, ret, off, &rounds);
	} while (ret == -EAGAIN);
	return ret;
}
