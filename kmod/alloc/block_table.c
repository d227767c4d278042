// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns which block, in kernel memory.
 *
 * Out-of-band engines keep a tag per live block themselves. In-band engines keep everything in the
 * span, where a wild write may have changed it, so beside them stands an xarray of the blocks that
 * were handed out: it alone proves that a block starts where a caller says. One entry per 8 bytes
 * of span suffices, because no two blocks start within 8 bytes; which of the 8 it is (aligned
 * blocks with a rewind may start at any) is part of the entry.
 */
#include <linux/bitfield.h>
#include <linux/gfp.h>
#include <linux/sched/mm.h>
#include <linux/xarray.h>

#include "alloc/heap_private.h"
#include "core/fault.h"

#define UNIT_SHIFT	3
#define ENTRY_TAG	GENMASK_ULL(MRIG_TAG_BITS - 1, 0)
#define ENTRY_LOW	GENMASK_ULL(MRIG_TAG_BITS + UNIT_SHIFT - 1, MRIG_TAG_BITS)

/* An entry is an xarray value: one bit less than a long. */
static_assert(MRIG_TAG_BITS + UNIT_SHIFT < BITS_PER_LONG);

/* ---- out-of-band: the engine's tags ---------------------------------------------------- */

static int oob_insert(struct mrig_heap_obj *heap, u64 off, u64 tag)
{
	return heap->engine.ops->set_tag(&heap->engine, off, tag);
}

static int oob_lookup(struct mrig_heap_obj *heap, u64 off, u64 *tag)
{
	return heap->engine.ops->get_tag(&heap->engine, off, tag);
}

static void oob_retag(struct mrig_heap_obj *heap, u64 off, u64 tag)
{
	heap->engine.ops->set_tag(&heap->engine, off, tag);
}

/* The tag goes with the block. */
static void oob_remove(struct mrig_heap_obj *heap, u64 off)
{
}

static u32 oob_walk(struct mrig_heap_obj *heap, u64 *cursor, struct mrig_block *out, u32 max)
{
	return heap->engine.ops->walk(&heap->engine, cursor, out, max);
}

const struct mrig_block_table mrig_block_table_oob = {
	.insert = oob_insert,
	.lookup = oob_lookup,
	.retag = oob_retag,
	.remove = oob_remove,
	.walk = oob_walk,
};

/* ---- in-band: an xarray ---------------------------------------------------------------- */

static void *entry_make(u64 off, u64 tag)
{
	return xa_mk_value(FIELD_PREP(ENTRY_TAG, tag) |
			   FIELD_PREP(ENTRY_LOW, off & GENMASK_ULL(UNIT_SHIFT - 1, 0)));
}

static u64 entry_off(unsigned long index, void *entry)
{
	return ((u64)index << UNIT_SHIFT) | FIELD_GET(ENTRY_LOW, xa_to_value(entry));
}

static int inband_insert(struct mrig_heap_obj *heap, u64 off, u64 tag)
{
	struct mem_cgroup *old;
	int err;

	if (mrig_should_fail())
		return -ENOMEM;
	old = set_active_memcg(heap->memcg);
	err = xa_insert(&heap->owners, off >> UNIT_SHIFT, entry_make(off, tag),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	set_active_memcg(old);
	/* The engine handed out what it had handed out before: its control data is broken. */
	return err == -EBUSY ? -EIO : err;
}

static int inband_lookup(struct mrig_heap_obj *heap, u64 off, u64 *tag)
{
	void *entry = xa_load(&heap->owners, off >> UNIT_SHIFT);

	if (!entry || entry_off(off >> UNIT_SHIFT, entry) != off)
		return -ENOENT;
	*tag = FIELD_GET(ENTRY_TAG, xa_to_value(entry));
	return 0;
}

/* Replaces an entry, which allocates nothing. */
static void inband_retag(struct mrig_heap_obj *heap, u64 off, u64 tag)
{
	xa_store(&heap->owners, off >> UNIT_SHIFT, entry_make(off, tag), GFP_KERNEL);
}

static void inband_remove(struct mrig_heap_obj *heap, u64 off)
{
	xa_erase(&heap->owners, off >> UNIT_SHIFT);
}

/* The cursor is one above the index of the last entry reported. */
static u32 inband_walk(struct mrig_heap_obj *heap, u64 *cursor, struct mrig_block *out, u32 max)
{
	unsigned long index = *cursor;
	s64 usable;
	void *entry;
	u32 n = 0;

	for (entry = xa_find(&heap->owners, &index, ULONG_MAX, XA_PRESENT); entry && n < max;
	     entry = xa_find_after(&heap->owners, &index, ULONG_MAX, XA_PRESENT)) {
		out[n].offset = entry_off(index, entry);
		out[n].tag = FIELD_GET(ENTRY_TAG, xa_to_value(entry));
		out[n].used = true;
		usable = heap->engine.ops->usable(&heap->engine, out[n].offset);
		out[n].bytes = usable > 0 ? usable : 0;
		n++;
		*cursor = (u64)index + 1;
	}
	return n;
}

const struct mrig_block_table mrig_block_table_inband = {
	.insert = inband_insert,
	.lookup = inband_lookup,
	.retag = inband_retag,
	.remove = inband_remove,
	.walk = inband_walk,
};
