// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The heap with its headers inside the span: calls that look at everything and say why they failed.
 */
#include "heap_inband.h"
#include "heap_careful.h"
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
	mrig_id end = inband_end(h), units = end - h->first;

	memset(h->heap, 0, mrig_core_head_bytes(core) + mrig_core_bm_bytes(core));
	core->sum = 0;
	core->live = 0;
	core->blocks = 1;
	core->total = (uint32_t)units;
	core->scale = HEAP_SCALE;
	core->free = (uint32_t)units << HEAP_SCALE;
	core->flags &= (uint8_t)~MRIG_HEAP_WHOLE;
	*inband_at(h, end, 0) = INBAND_END | INBAND_LEFT_FREE;
	inband_set_free(h, h->first, units);
	algo_push(h, h->first, units);
	if (!MRIG_PORT_DISTRUST)
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
	if ((off & (MRIG_UNIT - 1)) || off >> MRIG_UNIT_LOG >= inband_end(h) - h->first)
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
mrig_opaque int mrig_inband_alloc(HEAP *h, size_t align, size_t bytes, void **mem)
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
mrig_opaque int mrig_inband_free(HEAP *h, void *mem)
{
	mrig_id b;
	int err;

	if (inband_whole(h)) {
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
mrig_opaque int mrig_inband_resize(HEAP *h, void *mem, size_t bytes)
{
	size_t old;
	mrig_id b;
	int err;

	if (inband_whole(h))
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

	if (inband_whole(h))
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
	if (inband_whole(h))
		info->side_bytes = 2 * MRIG_UNIT + h->core.over;
}
