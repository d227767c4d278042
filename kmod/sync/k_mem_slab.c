// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * k_mem_slab: the engine's stack of free blocks, a lock, and a queue of threads.
 *
 * As in k_heap.c all that is not on the way of a call that need not wait is out of line, and such a
 * call is counted in instructions (Documentation/bench.rst): it looks at nothing twice. While
 * anybody waits, no number of a block is low enough to be given back in line, see gate(): so that
 * way is not open, and a free never has to look at the queue.
 *
 * A static slab is nothing but a description until its first call finds no block in it.
 */
#include "k_mem_slab.h"
#include "mem_slab_core.h"
#include "mrig_side.h"

static_assert(MRIG_MEM_SLAB_SIDE_BYTES(0) == sizeof(struct mrig_slab_level), "side memory");
static_assert(MRIG_MEM_SLAB_SIDE_BYTES(1) == 2 * sizeof(struct mrig_slab_level), "side memory");

/**
 * struct slab_waiter - a thread that waits for a block
 * @waiter: its place in the queue; first
 * @block: what it was handed, or NULL
 */
struct slab_waiter {
	struct mrig_waiter waiter;
	void *block;
};

/* May blocks be given back in line? The lock is held, or nobody else knows the slab. */
static void gate(struct k_mem_slab *slab)
{
	slab->below = slab->core.num && !slab->wait_q.first ? slab->core.num + 1 : 0;
}

/* Make it one that is always empty, which tells addresses apart all the same: free_slow(). */
static void none(struct mrig_slab *core)
{
	*core = (struct mrig_slab){ .inverse = 1, .bytes = 1 };
}

/* Start the slab that a macro has described. Whether it had not been. The lock is held. */
static bool start(struct k_mem_slab *slab)
{
	struct mrig_slab *core = &slab->core;

	if (!core->level || core->num || !slab->info.num_blocks)
		return false;
	if (mrig_slab_init_apart(core, core->level, (uintptr_t)slab->buffer, slab->info.block_size,
				 slab->info.num_blocks))
		return false;
	gate(slab);
	return true;
}

/**
 * k_mem_slab_init_opts() - make a slab of a buffer, with settings
 * @slab: slab that nobody uses or waits for
 * @buffer: the blocks; never touched
 * @block_size: bytes of each, a multiple of the size of a pointer
 * @num_blocks: how many; 0 makes a slab that is always empty
 * @opts: settings; NULL means those of k_mem_slab_init()
 *
 * Context: any; where the caller cannot sleep @opts should bring the side memory.
 * Return: 0; -EINVAL: no @slab, no @buffer, a size of 0, a size or buffer that is no multiple of
 * the size of a pointer, more than 2147483647 blocks or more than there are addresses, side memory
 * too small or not aligned; -ENOMEM: no side memory. After a failure the slab is always empty.
 */
int k_mem_slab_init_opts(struct k_mem_slab *slab, void *buffer, size_t block_size,
			 uint32_t num_blocks, const struct k_mem_slab_opts *opts)
{
	size_t bytes = MRIG_MEM_SLAB_SIDE_BYTES(num_blocks);
	struct mrig_slab_level *level;
	int err;

	if (!slab)
		return -EINVAL;
	memset(slab, 0, sizeof(*slab));
	none(&slab->core);
	mrig_lock_init(&slab->lock.lock);
	if (num_blocks > MRIG_SLAB_MAX || (!buffer && num_blocks))
		return -EINVAL;
	if (opts && opts->side) {
		if ((uintptr_t)opts->side & 7 || opts->side_bytes < bytes)
			return -EINVAL;
		mrig_side_drop(slab);
		level = memset(opts->side, 0, bytes);
	} else {
		level = mrig_side_renew(slab, bytes);
		if (!level)
			return -ENOMEM;
	}
	err = mrig_slab_init_apart(&slab->core, level, (uintptr_t)buffer, block_size, num_blocks);
	if (err) {
		none(&slab->core);
		mrig_side_drop(slab);
		return err;
	}
	gate(slab);
	slab->untraced = opts && opts->untraced;
	slab->buffer = buffer;
	slab->info.num_blocks = num_blocks;
	slab->info.block_size = block_size;
	return 0;
}

#undef k_mem_slab_init
/**
 * k_mem_slab_init() - make a slab of a buffer
 * @slab: slab that nobody uses or waits for
 * @buffer: the blocks; never touched
 * @block_size: bytes of each, a multiple of the size of a pointer
 * @num_blocks: how many; 0 makes a slab that is always empty
 *
 * The bookkeeping is allocated; mrig_mem_slab_fini() or another init of the same slab frees it.
 *
 * Context: any; where the caller cannot sleep there may be no memory.
 * Return: as k_mem_slab_init_opts().
 */
int k_mem_slab_init(struct k_mem_slab *slab, void *buffer, size_t block_size, uint32_t num_blocks)
{
	return k_mem_slab_init_opts(slab, buffer, block_size, num_blocks, NULL);
}

/**
 * mrig_mem_slab_fini() - end a slab
 * @slab: slab; not one that a macro defined
 *
 * Afterwards it is one that is always empty. To call it is necessary only where the memory of the
 * bookkeeping matters.
 *
 * Context: any.
 * Return: 0; -EINVAL: no @slab; -EBUSY: blocks are handed out, or somebody waits for one.
 */
int mrig_mem_slab_fini(struct k_mem_slab *slab)
{
	unsigned long key;
	bool busy;

	if (!slab)
		return -EINVAL;
	key = mrig_lock_enter(&slab->lock.lock);
	busy = slab->core.depth != slab->core.num || slab->wait_q.first;
	if (!busy) {
		none(&slab->core);
		memset(&slab->info, 0, sizeof(slab->info));
		gate(slab);
	}
	mrig_lock_leave(&slab->lock.lock, key);
	if (busy)
		return -EBUSY;
	mrig_side_drop(slab);
	return 0;
}

/* A block, whatever it takes to have one but waiting, or NULL. The lock is held. */
static void *take(struct k_mem_slab *slab)
{
	void *block = mrig_slab_alloc_apart(&slab->core);

	return block || !start(slab) ? block : mrig_slab_alloc_apart(&slab->core);
}

/* All calls that may have to wait. */
static mrig_noinline int alloc_slow(struct k_mem_slab *slab, void **mem, k_timeout_t timeout)
{
	struct slab_waiter w = { .block = NULL };
	unsigned long key;
	int err = 0;

	if (!slab || !mem)
		return -EINVAL;
	if (timeout.ticks && !mrig_may_sleep())
		timeout = K_NO_WAIT;
	key = mrig_lock_enter(&slab->lock.lock);
	w.block = take(slab);
	if (!w.block && (!timeout.ticks || !slab->core.num)) {
		err = -ENOMEM;
	} else if (!w.block) {
		slab->below = 0;
		mrig_waitq_sleep(&slab->wait_q, &slab->lock.lock, &key, &w.waiter,
				 mrig_deadline(timeout));
		gate(slab);
		err = w.block ? 0 : -EAGAIN;
	}
	mrig_lock_leave(&slab->lock.lock, key);
	if (err != -EAGAIN)
		*mem = w.block;
	return err;
}

/* The engine has to look closer: for a new peak, or because nothing is free. */
static mrig_noinline int alloc_marked(struct k_mem_slab *slab, void **mem, k_timeout_t timeout,
				      unsigned long key)
	mrig_releases(&slab->lock.lock)
{
	void *block = take(slab);

	mrig_lock_leave(&slab->lock.lock, key);
	if (!block && timeout.ticks)
		return alloc_slow(slab, mem, timeout);
	*mem = block;
	return block ? 0 : -ENOMEM;
}

static mrig_noinline int dropped(struct k_mem_slab *slab)
{
	mrig_lock_dropped(&slab->lock.lock);
	return 0;
}

/**
 * k_mem_slab_alloc() - take a block
 * @slab: slab
 * @mem: set to the block; to NULL if the result is -ENOMEM, else left alone
 * @timeout: how long to wait for one
 *
 * Context: any with K_NO_WAIT, else may sleep; where that is not possible it does not wait.
 * Return: 0; -ENOMEM: none is free, and @timeout is K_NO_WAIT, or there never will be one; -EAGAIN:
 * none became free in time; -EINVAL: no @slab, or no @mem.
 */
int k_mem_slab_alloc(struct k_mem_slab *slab, void **mem, k_timeout_t timeout)
{
	unsigned long key;
	uint64_t number;

	/* NULL has no bit in common with anything; with each other two addresses nearly always. */
	if (mrig_unlikely(!((uintptr_t)slab & (uintptr_t)mem)))
		return alloc_slow(slab, mem, timeout);
	if (mrig_unlikely(!mrig_lock_try(&slab->lock.lock, &key)))
		return alloc_slow(slab, mem, timeout);
	if (!mrig_slab_pop(&slab->core, true, &number))
		return alloc_marked(slab, mem, timeout, key);
	*mem = mrig_slab_address_of(&slab->core, number);
	return mrig_likely(mrig_lock_drop(&slab->lock.lock, key)) ? 0 : dropped(slab);
}

/* Give a block back, to who waits for it if anybody does. The lock is held on entry only. */
static mrig_noinline int free_locked(struct k_mem_slab *slab, const void *mem, bool report,
				     unsigned long key)
	mrig_releases(&slab->lock.lock)
{
	struct slab_waiter *w = (struct slab_waiter *)slab->wait_q.first;
	int64_t was_free;

	start(slab);
	was_free = mrig_slab_free_apart(&slab->core, mem);
	/* If somebody waits, the only free block is the one that has just come back. */
	if (was_free >= 0 && w) {
		w->block = mrig_slab_alloc_apart(&slab->core);
		mrig_waitq_wake(&slab->lock.lock, &slab->wait_q, &w->waiter);
		gate(slab);
	}
	mrig_lock_leave(&slab->lock.lock, key);
	if (was_free >= 0)
		return 0;
	if (report)
		mrig_port_misuse(slab, mem, (int)was_free);
	return (int)was_free;
}

static mrig_noinline int free_contended(struct k_mem_slab *slab, const void *mem, bool report)
{
	if (slab)
		return free_locked(slab, mem, report, mrig_lock_enter(&slab->lock.lock));
	if (report)
		mrig_port_misuse(slab, mem, -EINVAL);
	return -EINVAL;
}

/* What stands for no block, or cannot be given back in line. The lock is held on entry only. */
static mrig_noinline int free_slow(struct k_mem_slab *slab, uint64_t number, bool report,
				   unsigned long key)
	mrig_releases(&slab->lock.lock)
{
	return free_locked(slab, mrig_slab_named(&slab->core, number), report, key);
}

/*
 * Give a block back, all in line, if nothing stands against it: the lock is free, nobody waits, and
 * it is a block that is handed out. Who has its number can do without its address.
 */
static mrig_inline int free_block(struct k_mem_slab *slab, const void *mem, bool report)
{
	unsigned long key;
	uint64_t number;
	uint32_t was;

	if (mrig_unlikely(!slab))
		return free_contended(slab, mem, report);
	if (mrig_unlikely(!mrig_lock_try(&slab->lock.lock, &key)))
		return free_contended(slab, mem, report);
	number = mrig_slab_number_of(&slab->core, mem);
	if (mrig_unlikely(number >= slab->below) ||
	    !mrig_slab_push(&slab->core, true, number, &was))
		return free_slow(slab, number, report, key);
	return mrig_likely(mrig_lock_drop(&slab->lock.lock, key)) ? 0 : dropped(slab);
}

/**
 * mrig_mem_slab_free() - give a block back, and be told if it is none
 * @slab: slab
 * @mem: block
 *
 * Context: any.
 * Return: 0; -EALREADY: the block is free; -EINVAL: no @slab, or @mem is inside a block; -ENOENT:
 * it is outside of the slab, or NULL. After an error nothing has changed.
 */
int mrig_mem_slab_free(struct k_mem_slab *slab, void *mem)
{
	return free_block(slab, mem, false);
}

/**
 * k_mem_slab_free() - give a block back
 * @slab: slab
 * @mem: block; what is none is reported (mrig_port_misuse()) and changes nothing
 *
 * If somebody waits for a block, the first in the queue has it.
 *
 * Context: any.
 */
void k_mem_slab_free(struct k_mem_slab *slab, void *mem)
{
	free_block(slab, mem, true);
}
