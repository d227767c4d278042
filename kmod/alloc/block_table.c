// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns which block, in kernel memory.
 *
 * Out-of-band engines keep a tag per live block themselves. In-band engines keep everything in the
 * span, where a wild write may have changed it, so beside them stands an xarray of the blocks that
 * were handed out: it alone proves that a block starts where a caller says.
 */
#include <linux/bits.h>
#include <linux/math.h>
#include <linux/sched/mm.h>
#include <linux/xarray.h>

#include "alloc/heap_private.h"
#include "core/fault.h"

/* An entry is an xarray value: one bit less than a long. One bit is the table's own. */
static_assert(MRIG_TAG_BITS + 1 < BITS_PER_LONG);

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

static u64 oob_bytes(const struct mrig_heap_obj *heap)
{
	return 0;
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
	.bytes = oob_bytes,
	.walk = oob_walk,
};

/* ---- in-band: an xarray ---------------------------------------------------------------- */

/*
 * Blocks start at multiples of MRIG_BLOCK_ALIGN, but two of them are never closer than twice that:
 * the array has one slot for both places, and its entry tells which of them it is.
 */
#define SLOT_BYTES	(2 * MRIG_BLOCK_ALIGN)
#define SECOND_PLACE	BIT_ULL(MRIG_TAG_BITS)

static unsigned long index_of(u64 off)
{
	return off / SLOT_BYTES;
}

static void *entry_of(u64 off, u64 tag)
{
	return xa_mk_value(off % SLOT_BYTES ? tag | SECOND_PLACE : tag);
}

static u64 off_of(unsigned long index, void *entry)
{
	return (u64)index * SLOT_BYTES +
	       (xa_to_value(entry) & SECOND_PLACE ? MRIG_BLOCK_ALIGN : 0);
}

/* The array has a node of its lowest level exactly where there is an entry. */
static bool leaf_is_empty(struct mrig_heap_obj *heap, u64 off)
{
	unsigned long first = round_down(index_of(off), XA_CHUNK_SIZE);
	unsigned long last = first + XA_CHUNK_SIZE - 1;

	return !xa_find(&heap->owners, &first, last, XA_PRESENT);
}

static int inband_insert(struct mrig_heap_obj *heap, u64 off, u64 tag)
{
	struct mem_cgroup *old;
	bool new_leaf;
	int err;

	if (off % MRIG_BLOCK_ALIGN)
		return -EIO;
	new_leaf = leaf_is_empty(heap, off);
	if (mrig_should_fail())
		return -ENOMEM;
	old = set_active_memcg(heap->memcg);
	err = xa_insert(&heap->owners, index_of(off), entry_of(off, tag), MRIG_GFP_SIDE);
	set_active_memcg(old);
	if (!err)
		heap->owner_leaves += new_leaf;
	/* The engine handed out what it had handed out before: its control data is broken. */
	return err == -EBUSY ? -EIO : err;
}

static int inband_lookup(struct mrig_heap_obj *heap, u64 off, u64 *tag)
{
	void *entry = xa_load(&heap->owners, index_of(off));

	if (!entry || off_of(index_of(off), entry) != off)
		return -ENOENT;
	*tag = xa_to_value(entry) & ~SECOND_PLACE;
	return 0;
}

/* Replaces an entry, which allocates nothing. */
static void inband_retag(struct mrig_heap_obj *heap, u64 off, u64 tag)
{
	xa_store(&heap->owners, index_of(off), entry_of(off, tag), GFP_KERNEL);
}

static void inband_remove(struct mrig_heap_obj *heap, u64 off)
{
	xa_erase(&heap->owners, index_of(off));
	heap->owner_leaves -= leaf_is_empty(heap, off);
}

/* Above the lowest level there is a node for up to XA_CHUNK_SIZE of those below, and so on. */
static u64 inband_bytes(const struct mrig_heap_obj *heap)
{
	u64 nodes = heap->owner_leaves;

	return (nodes + nodes / (XA_CHUNK_SIZE - 1)) * sizeof(struct xa_node);
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
		out[n].offset = off_of(index, entry);
		out[n].tag = xa_to_value(entry) & ~SECOND_PLACE;
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
	.bytes = inband_bytes,
	.walk = inband_walk,
};
