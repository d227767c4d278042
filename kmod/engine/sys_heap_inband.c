// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The heap with its headers inside the span: fast paths, and what they leave to the careful ones.
 *
 * The fast paths serve what almost every call is: a size that has a class of its own, a block whose
 * neighbours are live. They close (core.hot is 0) when the heap does more than that on each call:
 * statistics, listeners, hardening above BASIC, or because it has been fenced off.
 */
#include "heap_inband.h"
#include "heap_algo.h"
#include "heap_listener.h"

static void notify(HEAP *h, bool alloc, mrig_id b, size_t bytes)
{
	if (!(h->core.flags & MRIG_HEAP_LISTEN))
		return;
	if (alloc)
		heap_listener_notify_alloc(HEAP_ID_FROM_POINTER(h), inband_payload(h, b), bytes);
	else
		heap_listener_notify_free(HEAP_ID_FROM_POINTER(h), inband_payload(h, b), bytes);
}

static size_t usable_of(HEAP *h, mrig_id b)
{
	return (blk_units(h, b) << MRIG_UNIT_LOG) - h->core.over;
}

/**
 * mrig_inband_format() - make the blocks of a heap one free block
 * @h: geometry and core settings are valid
 */
void mrig_inband_format(HEAP *h)
{
	struct mrig_core *core = &h->core;
	mrig_id end = inband_end(h);

	memset(h->heap, 0, mrig_core_head_bytes(core) + mrig_core_bm_bytes(core));
	core->sum = 0;
	core->live = 0;
	core->blocks = 1;
	core->total = h->units;
	core->free_units = h->units;
	h->whole = false;
	*inband_at(h, end, 0) = INBAND_LIVE | INBAND_LEFT_FREE;
	inband_set_free(h, h->first, h->units);
	algo_push(h, h->first, h->units);
	mrig_core_arm(core);
}

/**
 * mrig_inband_locate() - the block a pointer names, if there can be one
 * @h: heap
 * @mem: claimed to come from this heap
 * @b: set to the block
 *
 * Proves that @mem lies where a payload can start, not that one starts there.
 *
 * Return: 0, -ENOENT, or -EIO if the heap has been fenced off.
 */
int mrig_inband_locate(HEAP *h, const void *mem, mrig_id *b)
{
	uintptr_t off = (uintptr_t)mem - h->payload;

	if (h->core.flags & MRIG_HEAP_FENCED)
		return -EIO;
	if ((off & (MRIG_UNIT - 1)) || off >> MRIG_UNIT_LOG >= h->units)
		return -ENOENT;
	*b = h->first + (off >> MRIG_UNIT_LOG);
	return 0;
}

/**
 * mrig_inband_alloc() - sys_heap_aligned_alloc() that says why it failed
 * @h: heap
 * @align: as sys_heap_aligned_alloc()
 * @bytes: size of the request
 * @mem: the block, on success. Not the result itself: kernel addresses are negative
 *
 * Return: 0, or -EINVAL, -ENOMEM, -EIO.
 */
int mrig_inband_alloc(HEAP *h, size_t align, size_t bytes, void **mem)
{
	int64_t b = algo_alloc(h, align, bytes);

	if (b == -ENOMEM && align <= MRIG_UNIT)
		b = mrig_whole_alloc(h, bytes);
	if (b < 0)
		return (int)b;
	notify(h, true, (mrig_id)b, usable_of(h, (mrig_id)b));
	*mem = inband_payload(h, (mrig_id)b);
	return 0;
}

/**
 * mrig_inband_free() - sys_heap_free() that says why it failed
 * @h: heap
 * @mem: block to give back
 *
 * Return: 0, -ENOENT if no block can start there, -EIO if the heap is, or has just been found,
 * corrupted.
 */
int mrig_inband_free(HEAP *h, void *mem)
{
	mrig_id b;
	int err;

	if (h->whole) {
		int64_t usable = mrig_whole_usable(h, mem);

		if (usable < 0)
			return (int)usable;
		notify(h, false, 0, (size_t)usable);
		return mrig_whole_free(h, mem);
	}
	err = mrig_inband_locate(h, mem, &b);
	if (err)
		return err;
	if (h->core.flags & MRIG_HEAP_LISTEN) {
		err = mrig_inband_inspect_live(h, b);
		if (err)
			return err;
		notify(h, false, b, usable_of(h, b));
	}
	return algo_free(h, b);
}

/**
 * mrig_inband_resize() - change the size of a block without moving it
 * @h: heap
 * @mem: block
 * @bytes: new size
 *
 * Return: 0, -ENOMEM if it cannot be done in place, or as mrig_inband_free().
 */
int mrig_inband_resize(HEAP *h, void *mem, size_t bytes)
{
	size_t old;
	mrig_id b;
	int err;

	if (h->whole)
		return mrig_whole_resize(h, mem, bytes);
	err = mrig_inband_locate(h, mem, &b);
	if (err)
		return err;
	old = usable_of(h, b);
	err = algo_resize(h, b, bytes);
	if (!err && usable_of(h, b) != old) {
		notify(h, true, b, usable_of(h, b));
		notify(h, false, b, old);
	}
	return err;
}

/**
 * mrig_inband_usable() - sys_heap_usable_size() that says why it failed
 * @h: heap
 * @mem: block
 *
 * Return: bytes, or as mrig_inband_free().
 */
int64_t mrig_inband_usable(HEAP *h, void *mem)
{
	mrig_id b;
	int err;

	if (h->whole)
		return mrig_whole_usable(h, mem);
	err = mrig_inband_locate(h, mem, &b);
	if (!err)
		err = mrig_inband_inspect_live(h, b);
	return err ? err : (int64_t)usable_of(h, b);
}

/**
 * mrig_inband_info() - figures of a heap
 * @h: heap
 * @info: filled in
 */
void mrig_inband_info(HEAP *h, struct mrig_heap_info *info)
{
	algo_info(h, info);
	if (h->core.flags & MRIG_HEAP_FENCED)
		return;
	if (!h->core.live) {
		info->largest_free = (inband_end(h) << MRIG_UNIT_LOG) - h->core.over;
		info->frag_permille = 0;
	}
	info->side_bytes = (((uint64_t)h->first + 1) << MRIG_UNIT_LOG) +
			   (uint64_t)h->core.blocks * h->core.over;
	if (h->whole)
		info->side_bytes = 2 * MRIG_UNIT + h->core.over;
}

static mrig_noinline void *alloc_careful(HEAP *h, size_t align, size_t bytes)
{
	void *mem;

	return mrig_inband_alloc(h, align, bytes, &mem) ? NULL : mem;
}

static mrig_noinline void *alloc_miss(HEAP *h, mrig_id v)
{
	int64_t b = algo_alloc_miss(h, v);

	if (mrig_unlikely(b < 0))
		return alloc_careful(h, 0, (v + MRIG_MIN_UNITS) * MRIG_UNIT - h->core.over);
	return inband_payload(h, (mrig_id)b);
}

/**
 * sys_heap_alloc() - allocate a block
 * @heap: heap
 * @bytes: size; 0 fails
 *
 * Context: any; the caller serialises.
 * Return: 8-aligned memory that is not cleared, or NULL.
 */
void *sys_heap_alloc(struct sys_heap *heap, size_t bytes)
{
	/* index of the request when over is 4; 0 to 4 bytes wrap to beyond hot */
	mrig_id v = (bytes - (MRIG_MIN_UNITS * MRIG_UNIT - MRIG_UNIT + 1 - INBAND_OVER)) >>
		    MRIG_UNIT_LOG;
	mrig_id b;
	uint32_t next;

	if (mrig_unlikely(v >= heap->core.hot))
		return alloc_careful(heap, 0, bytes);
	b = heads(heap)[v];
	if (mrig_unlikely(!b))
		return alloc_miss(heap, v);
	next = *blk_next(heap, b);
	heads(heap)[v] = next;
	if (!next)
		mrig_class_drain(&heap->core, v);
	heap->core.live++;
	heap->core.free_units -= (uint32_t)v + MRIG_MIN_UNITS;
	blk_take(heap, b, v + MRIG_MIN_UNITS);
	return inband_payload(heap, b);
}

/**
 * sys_heap_noalign_alloc() - sys_heap_alloc() with the parameters of sys_heap_aligned_alloc()
 * @heap: heap
 * @align: ignored
 * @bytes: size; 0 fails
 *
 * Return: as sys_heap_alloc().
 */
void *sys_heap_noalign_alloc(struct sys_heap *heap, size_t align, size_t bytes)
{
	(void)align;
	return sys_heap_alloc(heap, bytes);
}

/**
 * sys_heap_aligned_alloc() - allocate a block at an aligned address
 * @heap: heap
 * @align: 0, a power of two A, or A | R with a smaller power of two R, not below 8: the address plus
 *	R is then a multiple of A
 * @bytes: size; 0 fails
 *
 * Return: memory or NULL; NULL for any other alignment.
 */
void *sys_heap_aligned_alloc(struct sys_heap *heap, size_t align, size_t bytes)
{
	return alloc_careful(heap, align, bytes);
}

/* A block with a free neighbour, or a call that is wrong: find out which. */
static mrig_noinline void free_careful(HEAP *h, void *mem)
{
	if (mem)
		mrig_inband_free(h, mem);
}

/**
 * sys_heap_free() - give a block back
 * @heap: heap
 * @mem: block, or NULL
 *
 * A pointer that cannot be a block is ignored; a block that is not live, or headers that
 * contradict each other, fence the heap off (hardening BASIC and above).
 */
void sys_heap_free(struct sys_heap *heap, void *mem)
{
	uintptr_t off = (uintptr_t)mem - heap->payload;
	mrig_id t = off >> MRIG_UNIT_LOG | off << (sizeof(off) * 8 - MRIG_UNIT_LOG);
	inband_word *head, *right;
	mrig_id u, b;
	uint32_t n;

	/* NULL, foreign and misaligned pointers all rotate to something large */
	if (mrig_unlikely(t >= heap->units))
		goto careful;
	head = (inband_word *)mem - 1;
	u = *head >> 2;
	if (mrig_unlikely(u - MRIG_MIN_UNITS >= heap->core.hot || t + u > heap->units))
		goto careful;
	right = head + 2 * u;
	if ((*head & INBAND_FLAGS) != INBAND_LIVE || (*right & INBAND_FLAGS) != INBAND_LIVE ||
	    *right >> 2 > heap->units)
		goto careful;

	*right |= INBAND_LEFT_FREE;
	*head = (uint32_t)u << 2;
	right[-1] = (uint32_t)u;
	heap->core.live--;
	heap->core.free_units += (uint32_t)u;
	b = t + heap->first;
	n = heads(heap)[u - MRIG_MIN_UNITS];
	heads(heap)[u - MRIG_MIN_UNITS] = (uint32_t)b;
	head[1] = n;
	if (n)
		*blk_prev(heap, n) = (uint32_t)b;
	else
		mrig_class_fill(&heap->core, u - MRIG_MIN_UNITS);
	return;
careful:
	free_careful(heap, mem);
}
