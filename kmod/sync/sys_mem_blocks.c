// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_mem_blocks: the engine's runs of blocks, a lock, and listeners, who are called without it.
 *
 * A static allocator is nothing but a description until its first call. What a call takes under the
 * lock is proportional to the blocks it names, and does not depend on how many there are.
 */
#include "sys_mem_blocks.h"
#include "mem_blocks_core.h"
#include "mem_blocks_part.h"
#include "mrig_side.h"

static_assert(sizeof(struct mrig_blocks) <= 168 && sizeof(struct mrig_extent) == 12,
	      "MRIG_MEM_BLOCKS_SIDE_BYTES() knows them");

/* Its bookkeeping, at work; NULL if it has none. The lock is held. */
static struct mrig_blocks *core_of(sys_mem_blocks_t *mb)
{
	struct mrig_blocks *core = mb->core;

	if (!core || core->num)
		return core;
	return mrig_blocks_init(core, (uintptr_t)mb->buffer, 1ULL << mb->info.blk_sz_shift,
				mb->info.num_blocks) ? NULL : core;
}

/**
 * mrig_mem_blocks_init_opts() - make an allocator of a buffer, with settings
 * @mb: allocator that nobody uses
 * @buffer: the blocks; never touched
 * @blk_sz: bytes of each, a power of two
 * @num_blocks: how many, at least 1
 * @opts: settings; NULL means those of mrig_mem_blocks_init()
 *
 * Context: any; where the caller cannot sleep @opts should bring the side memory.
 * Return: 0; -EINVAL: no @mb, no @buffer, a size that is no power of two, no blocks, more than
 * 1073741823 or more than there are addresses, side memory too small or not aligned; -ENOMEM: no
 * side memory. After a failure the allocator has no blocks.
 */
int mrig_mem_blocks_init_opts(sys_mem_blocks_t *mb, void *buffer, size_t blk_sz,
			      uint32_t num_blocks, const struct mrig_mem_blocks_opts *opts)
{
	size_t bytes = mrig_blocks_control_bytes(num_blocks);
	struct mrig_blocks *core;
	int err;

	if (!mb)
		return -EINVAL;
	memset(mb, 0, sizeof(*mb));
	mrig_lock_init(&mb->lock.lock);
	if (!bytes || !buffer)
		return -EINVAL;
	if (opts && opts->side) {
		if ((uintptr_t)opts->side & 7 || opts->side_bytes < bytes)
			return -EINVAL;
		mrig_side_drop(mb);
		core = memset(opts->side, 0, bytes);
	} else {
		core = mrig_side_renew(mb, bytes);
		if (!core)
			return -ENOMEM;
	}
	err = mrig_blocks_init(core, (uintptr_t)buffer, blk_sz, num_blocks);
	if (err) {
		mrig_side_drop(mb);
		return err;
	}
	mb->core = core;
	mb->listen = opts && opts->listen;
	mb->buffer = buffer;
	mb->info.num_blocks = num_blocks;
	mb->info.blk_sz_shift = (uint8_t)mrig_ctz64(blk_sz);
	return 0;
}

/**
 * mrig_mem_blocks_init() - make an allocator of a buffer
 * @mb: allocator that nobody uses
 * @buffer: the blocks; never touched
 * @blk_sz: bytes of each, a power of two
 * @num_blocks: how many, at least 1
 *
 * The bookkeeping is allocated; mrig_mem_blocks_fini() or another init of the same allocator frees
 * it.
 *
 * Context: any; where the caller cannot sleep there may be no memory.
 * Return: as mrig_mem_blocks_init_opts().
 */
int mrig_mem_blocks_init(sys_mem_blocks_t *mb, void *buffer, size_t blk_sz, uint32_t num_blocks)
{
	return mrig_mem_blocks_init_opts(mb, buffer, blk_sz, num_blocks, NULL);
}

/**
 * mrig_mem_blocks_fini() - end an allocator
 * @mb: allocator that is in no group; not one that a macro defined
 *
 * Afterwards it is one without blocks.
 *
 * Context: any.
 * Return: 0; -EINVAL: no @mb; -EBUSY: blocks are handed out.
 */
int mrig_mem_blocks_fini(sys_mem_blocks_t *mb)
{
	unsigned long key;
	bool busy;

	if (!mb)
		return -EINVAL;
	key = mrig_lock_enter(&mb->lock.lock);
	busy = mb->core && mb->core->used;
	if (!busy) {
		mb->core = NULL;
		memset(&mb->info, 0, sizeof(mb->info));
	}
	mrig_lock_leave(&mb->lock.lock, key);
	if (busy)
		return -EBUSY;
	mrig_side_drop(mb);
	return 0;
}

/**
 * mrig_mem_blocks_news() - what listeners have to know of an allocator
 * @mb: allocator
 *
 * Return: that, for when the allocator may no longer be there.
 */
struct mrig_blocks_news mrig_mem_blocks_news(const sys_mem_blocks_t *mb)
{
	struct mrig_blocks_news news = { 0 };

	if (mb->listen) {
		news.id = HEAP_ID_FROM_POINTER(mb);
		news.bytes = (size_t)1 << mb->info.blk_sz_shift;
	}
	return news;
}

/**
 * mrig_mem_blocks_tell_alloc() - tell listeners of blocks that were handed out
 * @news: of the allocator
 * @count: how many
 * @blocks: which
 *
 * Context: any, under no lock of ours.
 */
void mrig_mem_blocks_tell_alloc(struct mrig_blocks_news news, size_t count, void *const *blocks)
{
	for (size_t i = 0; news.id && i < count; i++)
		heap_listener_notify_alloc(news.id, blocks[i], news.bytes);
}

/**
 * mrig_mem_blocks_tell_free() - tell listeners of blocks that were given back
 * @news: of the allocator
 * @count: how many
 * @blocks: which
 *
 * Context: any, under no lock of ours.
 */
void mrig_mem_blocks_tell_free(struct mrig_blocks_news news, size_t count, void *const *blocks)
{
	for (size_t i = 0; news.id && i < count; i++)
		heap_listener_notify_free(news.id, blocks[i], news.bytes);
}

/* A run is one event. */
static void tell_alloc_run(struct mrig_blocks_news news, void *block, size_t count)
{
	if (news.id && count)
		heap_listener_notify_alloc(news.id, block, count * news.bytes);
}

/**
 * mrig_mem_blocks_take() - sys_mem_blocks_alloc() without telling anybody
 * @mb: allocator
 * @count: how many
 * @out: their addresses
 *
 * Return: as sys_mem_blocks_alloc().
 */
int mrig_mem_blocks_take(sys_mem_blocks_t *mb, size_t count, void **out)
{
	unsigned long key = mrig_lock_enter(&mb->lock.lock);
	struct mrig_blocks *core = core_of(mb);
	int err = -ENOMEM;

	if (core)
		err = mrig_blocks_alloc(core, count, out);
	mrig_lock_leave(&mb->lock.lock, key);
	return err;
}

/**
 * sys_mem_blocks_alloc() - hand out single blocks, the lowest there are
 * @mb: allocator
 * @count: how many; 0 does nothing
 * @out_blocks: their addresses, ascending; untouched after a failure
 *
 * Context: any.
 * Return: 0; -EINVAL: no @mb or no @out_blocks; -ENOMEM: fewer are free.
 */
int sys_mem_blocks_alloc(sys_mem_blocks_t *mb, size_t count, void **out_blocks)
{
	int err;

	if (!mb)
		return -EINVAL;
	if (!count)
		return 0;
	if (!out_blocks)
		return -EINVAL;
	err = mrig_mem_blocks_take(mb, count, out_blocks);
	if (!err)
		mrig_mem_blocks_tell_alloc(mrig_mem_blocks_news(mb), count, out_blocks);
	return err;
}

/**
 * sys_mem_blocks_alloc_contiguous() - hand out neighbouring blocks
 * @mb: allocator
 * @count: how many; 0 gives NULL
 * @out_block: address of the first; untouched after a failure
 *
 * Every free run that is long enough is found for 16 blocks or fewer. Larger requests may miss one
 * that is longer by less than an eighth, as one run of such a length is looked at, so that a call
 * costs the same in any pool. What mrig_mem_blocks_largest() tells would be found.
 *
 * Context: any.
 * Return: 0; -EINVAL: no @mb or no @out_block; -ENOMEM: no run was found that is long enough.
 */
int sys_mem_blocks_alloc_contiguous(sys_mem_blocks_t *mb, size_t count, void **out_block)
{
	struct mrig_blocks *core;
	unsigned long key;
	int err = -ENOMEM;

	if (!mb || !out_block)
		return -EINVAL;
	if (!count) {
		*out_block = NULL;
		return 0;
	}
	key = mrig_lock_enter(&mb->lock.lock);
	core = core_of(mb);
	if (core)
		err = mrig_blocks_alloc_contiguous(core, count, out_block);
	mrig_lock_leave(&mb->lock.lock, key);
	if (!err)
		tell_alloc_run(mrig_mem_blocks_news(mb), *out_block, count);
	return err;
}

/**
 * sys_mem_blocks_get() - hand out the blocks that are named
 * @mb: allocator
 * @in_block: address of the first
 * @count: how many; 0 does nothing
 *
 * Context: any.
 * Return: 0; -EINVAL: no @mb, or @in_block is inside a block; -EFAULT: it is outside of all;
 * -ENOMEM: the run extends past the end, or not all of it is free.
 */
int sys_mem_blocks_get(sys_mem_blocks_t *mb, void *in_block, size_t count)
{
	struct mrig_blocks *core;
	unsigned long key;
	int err = -EFAULT;

	if (!mb)
		return -EINVAL;
	if (!count)
		return 0;
	key = mrig_lock_enter(&mb->lock.lock);
	core = core_of(mb);
	if (core)
		err = mrig_blocks_get(core, in_block, count);
	mrig_lock_leave(&mb->lock.lock, key);
	if (!err)
		tell_alloc_run(mrig_mem_blocks_news(mb), in_block, count);
	return err;
}

/**
 * sys_mem_blocks_is_region_free() - are all blocks of a run free?
 * @mb: allocator
 * @in_block: address of the first
 * @count: how many
 *
 * Context: any.
 * Return: 1 if they are at this moment; else 0, as for no block, for what is no run of blocks, and
 * for no @mb.
 */
int sys_mem_blocks_is_region_free(sys_mem_blocks_t *mb, void *in_block, size_t count)
{
	struct mrig_blocks *core;
	unsigned long key;
	int yes = 0;

	if (!mb)
		return 0;
	key = mrig_lock_enter(&mb->lock.lock);
	core = core_of(mb);
	if (core)
		yes = mrig_blocks_is_region_free(core, in_block, count);
	mrig_lock_leave(&mb->lock.lock, key);
	return yes;
}

/**
 * mrig_mem_blocks_give() - sys_mem_blocks_free() without telling anybody
 * @mb: allocator
 * @count: how many
 * @blocks: their addresses
 *
 * Return: as sys_mem_blocks_free().
 */
int mrig_mem_blocks_give(sys_mem_blocks_t *mb, size_t count, void *const *blocks)
{
	unsigned long key = mrig_lock_enter(&mb->lock.lock);
	struct mrig_blocks *core = core_of(mb);
	int err = -EINVAL;

	if (core)
		err = mrig_blocks_free(core, count, blocks);
	mrig_lock_leave(&mb->lock.lock, key);
	return err;
}

/**
 * sys_mem_blocks_free() - give single blocks back, however they were obtained
 * @mb: allocator
 * @count: how many; 0 does nothing
 * @in_blocks: their addresses, in any order
 *
 * Context: any.
 * Return: 0; -EINVAL: no @mb, no @in_blocks, more than there are, or an address inside a block;
 * -EFAULT: one is outside, free, or twice on the list. After an error all are as they were.
 */
int sys_mem_blocks_free(sys_mem_blocks_t *mb, size_t count, void **in_blocks)
{
	struct mrig_blocks_news news;
	int err;

	if (!mb)
		return -EINVAL;
	if (!count)
		return 0;
	if (!in_blocks)
		return -EINVAL;
	/* Without blocks handed out somebody else may end it. */
	news = mrig_mem_blocks_news(mb);
	err = mrig_mem_blocks_give(mb, count, in_blocks);
	if (!err)
		mrig_mem_blocks_tell_free(news, count, in_blocks);
	return err;
}

/**
 * sys_mem_blocks_free_contiguous() - give neighbouring blocks back, however they were obtained
 * @mb: allocator
 * @block: address of the first
 * @count: how many; 0 does nothing
 *
 * Context: any.
 * Return: 0; -EINVAL: no @mb, more than there are, past the end, or an address inside a block;
 * -EFAULT: @block is outside, or one of them is free. After an error nothing has changed.
 */
int sys_mem_blocks_free_contiguous(sys_mem_blocks_t *mb, void *block, size_t count)
{
	struct mrig_blocks_news news;
	struct mrig_blocks *core;
	unsigned long key;
	int err = -EINVAL;

	if (!mb)
		return -EINVAL;
	if (!count)
		return 0;
	news = mrig_mem_blocks_news(mb);
	key = mrig_lock_enter(&mb->lock.lock);
	core = core_of(mb);
	if (core)
		err = mrig_blocks_free_contiguous(core, block, count);
	mrig_lock_leave(&mb->lock.lock, key);
	if (!err && news.id)
		heap_listener_notify_free(news.id, block, count * news.bytes);
	return err;
}
