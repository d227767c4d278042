// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps that operations on blocks are made of: take one from the engine, find one for a
 * caller, give it back. Every step leaves engine, block table and all figures in agreement.
 */
#include <linux/bitops.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/minmax.h>
#include <linux/nospec.h>

#include "alloc/heap_private.h"

/**
 * mrig_align_check() - whether an alignment can be asked for
 * @align: 0, a power of two, or Zephyr's align | rewind
 *
 * A rewind below the alignment that every block has cannot be met. An alignment beyond a page would
 * be one of the offset only, as mappings start at any page; and the offset of such a block would
 * tell where the kernel has an in-band span mapped.
 *
 * Return: 0, -EINVAL, or -EOPNOTSUPP.
 */
int mrig_align_check(u64 align)
{
	if (hweight64(align) > 2 || align > SIZE_MAX)
		return -EINVAL;
	if (hweight64(align) == 2 && align % MRIG_BLOCK_ALIGN)
		return -EINVAL;
	if (align >= 2 * PAGE_SIZE)
		return -EOPNOTSUPP;
	return 0;
}

/**
 * mrig_align_met() - whether a block already has an alignment
 * @heap: its heap
 * @off: of the block in the span
 * @align: passed mrig_align_check()
 *
 * Return: true if it has.
 */
bool mrig_align_met(const struct mrig_heap_obj *heap, u64 off, u64 align)
{
	u64 rewind;

	if (!align)
		return true;
	rewind = align & -align;
	if (rewind == align)
		rewind = 0;
	return !((heap->base + off + rewind) & (align - rewind - 1));
}

static u32 why_refused_locked(struct mrig_heap_obj *heap, u64 bytes, u64 *largest)
{
	struct mrig_heap_info info = { };
	u64 taken = heap->live_bytes;

	lockdep_assert_held(&heap->lock);
	heap->engine.ops->info(&heap->engine, &info);
	*largest = info.largest_free;
	if (bytes > heap->most || !heap->live_blocks)
		return MEMRIG_REASON_TOO_LARGE;
	if (heap->spec.placement == MEMRIG_PLACEMENT_INBAND)
		taken += info.side_bytes;
	/* Equal blocks need not fill the span. */
	if (!info.largest_free || taken > heap->spec.length ||
	    bytes > heap->spec.length - taken)
		return MEMRIG_REASON_EMPTY;
	return MEMRIG_REASON_FRAGMENTED;
}

/**
 * mrig_grant_refuse_locked() - explain a refusal
 * @heap: who refuses
 * @err: what the engine or the feeding of it returned
 * @bytes: that were wanted
 * @grant: reason and largest_free are filled in when memory was short
 *
 * Context: heap->lock held.
 * Return: the error for the caller.
 */
int mrig_grant_refuse_locked(struct mrig_heap_obj *heap, int err, u64 bytes,
			     struct mrig_grant *grant)
{
	u32 why;

	lockdep_assert_held(&heap->lock);
	if (err != -ENOMEM && err != -ENOSPC && err != MRIG_NO_SIDE_MEMORY)
		return err;
	why = why_refused_locked(heap, bytes, &grant->largest_free);
	if (err == -ENOSPC)
		why = MEMRIG_REASON_MAX_BLOCKS;
	else if (err == MRIG_NO_SIDE_MEMORY)
		why = MEMRIG_REASON_SIDE;
	grant->reason = why;
	return -ENOMEM;
}

/**
 * mrig_block_owner_locked() - the client a tag stands for
 * @heap: its heap
 * @tag: of a live block
 *
 * Context: heap->lock held.
 * Return: the client, NULL if it is gone or the block is the heap's.
 */
struct mrig_client *mrig_block_owner_locked(struct mrig_heap_obj *heap, u64 tag)
{
	lockdep_assert_held(&heap->lock);
	if (tag & (MRIG_TAG_KEPT | MRIG_TAG_ORPHAN | MRIG_TAG_QUEUED))
		return NULL;
	return xa_load(&heap->clients, tag & MRIG_TAG_ID);
}

/* All figures that change when a block of @tag goes from one size to another; 0: no block. */
static void account_locked(struct mrig_heap_obj *heap, u64 tag, u64 old_bytes, u64 new_bytes)
{
	struct mrig_client *owner = mrig_block_owner_locked(heap, tag);

	lockdep_assert_held(&heap->lock);
	heap->live_bytes += new_bytes - old_bytes;
	heap->max_live_bytes = max(heap->max_live_bytes, heap->live_bytes);
	heap->live_blocks += !!new_bytes - !!old_bytes;
	heap->max_live_blocks = max(heap->max_live_blocks, heap->live_blocks);
	if (owner) {
		owner->bytes += new_bytes - old_bytes;
		owner->blocks += !!new_bytes - !!old_bytes;
	}
	if (tag & MRIG_TAG_KEPT)
		mrig_keep_adjust_locked(heap, tag & MRIG_TAG_ID, old_bytes, new_bytes);
}

/* Usable bytes of a block that the table knows. An engine that does not know it is broken. */
static int usable_locked(struct mrig_heap_obj *heap, u64 off, u64 *usable)
{
	struct mrig_fault fault = { .offset = off };
	s64 ret;

	lockdep_assert_held(&heap->lock);
	ret = heap->engine.ops->usable(&heap->engine, off);
	if (ret <= 0 || ret > heap->spec.length - off) {
		mrig_heap_fence_locked(heap, &fault);
		return -EIO;
	}
	*usable = ret;
	return 0;
}

/**
 * mrig_block_enter_locked() - take note of a block that the engine has just handed out
 * @heap: its heap
 * @off: from the start of the span
 * @tag: its owner
 * @bytes: that were asked for
 * @held: out: the block
 *
 * Context: heap->lock held; may sleep.
 * Return: 0; -EIO; MRIG_NO_SIDE_MEMORY, and the engine has it back.
 */
int mrig_block_enter_locked(struct mrig_heap_obj *heap, u64 off, u64 tag, u64 bytes,
			    struct mrig_held *held)
{
	struct mrig_fault fault = { };
	int err;

	lockdep_assert_held(&heap->lock);
	held->off = off;
	held->tag = tag;
	if (off >= heap->spec.length) {
		mrig_heap_fence_locked(heap, &fault);
		return -EIO;
	}
	err = usable_locked(heap, off, &held->usable);
	if (err)
		return err;
	err = heap->table->insert(heap, off, tag);
	if (err == -ENOMEM) {
		heap->engine.ops->free(&heap->engine, off);
		return MRIG_NO_SIDE_MEMORY;
	}
	if (err) {
		fault.offset = off;
		mrig_heap_fence_locked(heap, &fault);
		return -EIO;
	}
	err = mrig_track_add_locked(heap, off, bytes);
	if (err) {
		heap->table->remove(heap, off);
		heap->engine.ops->free(&heap->engine, off);
		return err;
	}
	account_locked(heap, tag, 0, held->usable);
	return 0;
}

/**
 * mrig_block_split_locked() - make the rest of a run of equal blocks an allocation of its own
 * @heap: of such blocks
 * @held: the run; shortened
 * @at: where the rest begins, from the start of the span
 * @rest: out: the rest, with the same owner
 *
 * Context: heap->lock held.
 * Return: 0 or -EIO.
 */
int mrig_block_split_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 at,
			    struct mrig_held *rest)
{
	struct mrig_fault fault = { .offset = held->off };
	struct mrig_client *owner = mrig_block_owner_locked(heap, held->tag);

	lockdep_assert_held(&heap->lock);
	if (mrig_heap_blocks_split(&heap->engine, at) ||
	    mrig_block_look_locked(heap, at, rest) ||
	    usable_locked(heap, held->off, &held->usable)) {
		mrig_heap_fence_locked(heap, &fault);
		return -EIO;
	}
	heap->live_blocks++;
	heap->max_live_blocks = max(heap->max_live_blocks, heap->live_blocks);
	if (owner)
		owner->blocks++;
	mrig_track_split_locked(heap, held, at);
	return 0;
}

static int take_locked(struct mrig_heap_obj *heap, u64 tag, u64 align, u64 bytes,
		       struct mrig_held *held)
{
	s64 off;

	lockdep_assert_held(&heap->lock);
	if (heap->fenced)
		return -EIO;
	if (bytes > heap->spec.length)
		return -ENOMEM;
	/* In-band engines know no bound on records; there it is the table that grows. */
	if (heap->live_blocks >= heap->spec.max_blocks)
		return -ENOSPC;
	off = mrig_engine_alloc_locked(heap, align, bytes);
	if (off < 0)
		return off;
	return mrig_block_enter_locked(heap, off, tag, bytes, held);
}

/**
 * mrig_block_take_locked() - get a block from the engine
 * @heap: from whom
 * @tag: its owner from the start
 * @align: passed mrig_align_check()
 * @bytes: wanted, not 0
 * @held: out: the block
 * @grant: out: on failure why
 *
 * Context: heap->lock held; may sleep.
 * Return: 0, -ENOMEM (see @grant), or -EIO.
 */
int mrig_block_take_locked(struct mrig_heap_obj *heap, u64 tag, u64 align, u64 bytes,
			   struct mrig_held *held, struct mrig_grant *grant)
{
	int err;

	lockdep_assert_held(&heap->lock);
	err = take_locked(heap, tag, align, bytes, held);
	return err ? mrig_grant_refuse_locked(heap, err, bytes, grant) : 0;
}

/**
 * mrig_block_look_locked() - what is known about a block
 * @heap: its heap
 * @off: from the start of the span
 * @held: out: the block
 *
 * Context: heap->lock held.
 * Return: 0; -ENOENT: no live block starts there; -EIO: the heap is fenced off.
 */
int mrig_block_look_locked(struct mrig_heap_obj *heap, u64 off, struct mrig_held *held)
{
	int err;

	lockdep_assert_held(&heap->lock);
	if (heap->fenced)
		return -EIO;
	held->off = off;
	err = heap->table->lookup(heap, off, &held->tag);
	return err ?: usable_locked(heap, off, &held->usable);
}

static bool may_manage(const struct mrig_heap_obj *heap)
{
	return uid_eq(current_fsuid(), heap->creator) || capable(CAP_SYS_ADMIN);
}

/* Behind the last byte that can be a block's: equal blocks have a number each. */
static u64 blocks_end(const struct mrig_heap_obj *heap)
{
	const struct mrig_heap_spec *spec = &heap->spec;

	return spec->num_blocks ? spec->num_blocks * spec->block_size : spec->length;
}

static int find_locked(struct mrig_client *client, u64 offset, enum mrig_right right,
		       struct mrig_held *held)
{
	struct mrig_heap_obj *heap = client->heap;
	u64 off = offset - heap->spec.offset, end = blocks_end(heap);
	int err;

	lockdep_assert_held(&heap->lock);
	if (heap->fenced)
		return -EIO;
	if (offset < heap->spec.offset || off >= end)
		return -ENOENT;
	err = mrig_block_look_locked(heap, array_index_nospec(off, end), held);
	if (err)
		return err;
	if (held->tag & MRIG_TAG_QUEUED)
		return -EBUSY;
	if (mrig_block_owner_locked(heap, held->tag) != client &&
	    (right == MRIG_RIGHT_OWNER || !may_manage(heap)))
		return -EPERM;
	return held->tag & MRIG_TAG_BUSY ? -EBUSY : 0;
}

/**
 * mrig_block_find_locked() - the block a caller names, if he may touch it
 * @client: through whom he asks
 * @offset: from the start of the region, as he gave it
 * @right: who may
 * @held: out: the block
 *
 * Counts what is refused.
 *
 * Context: heap->lock held.
 * Return: 0; -ENOENT: no live block starts there; -EPERM: it is somebody
 * else's; -EBUSY: somebody is copying, zeroing or just getting it, or it is a message that nobody
 * has received yet; -EIO: the heap is fenced off.
 */
int mrig_block_find_locked(struct mrig_client *client, u64 offset, enum mrig_right right,
			   struct mrig_held *held)
{
	struct mrig_heap_obj *heap = client->heap;
	int err;

	lockdep_assert_held(&heap->lock);
	err = find_locked(client, offset, right, held);
	if (err && err != -EIO)
		heap->counts.rejects++;
	return err;
}

/**
 * mrig_block_retag_locked() - a block changes hands
 * @heap: its heap
 * @held: the block
 * @tag: its new owner; a quota that pays for it is charged or uncharged by the caller
 *
 * Context: heap->lock held.
 */
void mrig_block_retag_locked(struct mrig_heap_obj *heap, struct mrig_held *held, u64 tag)
{
	struct mrig_client *from = mrig_block_owner_locked(heap, held->tag);
	struct mrig_client *to = mrig_block_owner_locked(heap, tag);

	lockdep_assert_held(&heap->lock);
	if (from) {
		from->blocks--;
		from->bytes -= held->usable;
	}
	if (to) {
		to->blocks++;
		to->bytes += held->usable;
	}
	held->tag = tag;
	heap->table->retag(heap, held->off, tag);
}

/**
 * mrig_block_resized_locked() - take note of the size the engine gave a block in place
 * @heap: its heap
 * @held: the block; its new size is filled in
 *
 * Context: heap->lock held.
 */
void mrig_block_resized_locked(struct mrig_heap_obj *heap, struct mrig_held *held)
{
	u64 old = held->usable;

	lockdep_assert_held(&heap->lock);
	heap->returned = true;
	if (!usable_locked(heap, held->off, &held->usable))
		account_locked(heap, held->tag, old, held->usable);
}

/**
 * mrig_block_drop_locked() - give a block back to the engine
 * @heap: its heap
 * @held: the block
 *
 * Context: heap->lock held.
 * Return: 0 or -EIO.
 */
int mrig_block_drop_locked(struct mrig_heap_obj *heap, struct mrig_held *held)
{
	struct mrig_fault fault = { .offset = held->off };
	int err;

	lockdep_assert_held(&heap->lock);
	if (heap->fenced)
		return -EIO;
	err = heap->engine.ops->free(&heap->engine, held->off);
	if (err) {
		mrig_heap_fence_locked(heap, &fault);
		return -EIO;
	}
	heap->returned = true;
	heap->table->remove(heap, held->off);
	mrig_track_drop_locked(heap, held->off);
	account_locked(heap, held->tag, held->usable, 0);
	return 0;
}
