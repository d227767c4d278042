// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of the system heap: module parameters, and what other modules add. Plain memory of the
 * kernel, which nobody else can write, so that its headers stand in it.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>

#include "core/account.h"
#include "core/fault.h"
#include "k_malloc.h"
#include "kapi/kapi.h"
#include "mem_attr_pool.h"
#include "memrig/system_heap.h"
#include "smh_pool.h"

/* What the kernel hands out in one piece. */
#define MRIG_SYSTEM_HEAP_MAX	INT_MAX

static unsigned long heap_mem_pool_size;
module_param(heap_mem_pool_size, ulong, 0444);
MODULE_PARM_DESC(heap_mem_pool_size,
		 "bytes behind k_malloc() for other modules, less than 2 GiB (default 0: none)");

static bool heap_mem_pool_ignore_min;
module_param(heap_mem_pool_ignore_min, bool, 0444);
MODULE_PARM_DESC(heap_mem_pool_ignore_min,
		 "heap_mem_pool_size= counts even if modules ask for more (default N)");

static const struct sys_heap_opts mrig_system_opts = {
	.hardening = MRIG_HARDEN_MODERATE,
	.stats = true,
};

static DEFINE_MUTEX(mrig_pool_lock);	/* protects all below */
static size_t mrig_pool_added;
static size_t mrig_pool_bytes;		/* of the memory it has, 0 for none */

static size_t mrig_pool_wanted(size_t added)
{
	if (heap_mem_pool_ignore_min || heap_mem_pool_size > added)
		return heap_mem_pool_size;
	return added;
}

/* Make its size what @added asks for. */
static int mrig_pool_resize_locked(size_t added)
{
	size_t wanted = mrig_pool_wanted(added), bytes;
	void *mem, *old = NULL;
	int err;

	lockdep_assert_held(&mrig_pool_lock);
	if (wanted > MRIG_SYSTEM_HEAP_MAX)
		return -EINVAL;
	bytes = wanted ? Z_HEAP_MIN_SIZE_FOR(wanted) : 0;
	if (bytes > MRIG_SYSTEM_HEAP_MAX)
		return -EINVAL;
	if (bytes == mrig_pool_bytes)
		return 0;
	if (!bytes) {
		err = mrig_system_heap_take(&old);
		goto out;
	}
	if (mrig_should_fail())
		return -ENOMEM;
	mem = kvzalloc(bytes, MRIG_GFP_SIDE);
	if (!mem)
		return -ENOMEM;
	err = mrig_system_heap_give(mem, bytes, &mrig_system_opts, &old);
	if (err)
		kvfree(mem);
out:
	if (err)
		return err;
	kvfree(old);
	mrig_pool_bytes = bytes;
	return 0;
}

/**
 * memrig_system_heap_add() - what one module needs of the system heap
 * @bytes: added to what others need (CONFIG_HEAP_MEM_POOL_ADD_SIZE_*)
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: nothing, or a sum that is not less than 2 GiB with all headers; -EBUSY: the
 * heap would have to grow while a block of it lives; -ENOMEM; -EWOULDBLOCK where nobody can sleep.
 * After a failure all is as it was.
 */
int memrig_system_heap_add(size_t bytes)
{
	size_t sum;
	int err;

	if (!mrig_may_sleep())
		return -EWOULDBLOCK;
	mutex_lock(&mrig_pool_lock);
	if (!bytes || check_add_overflow(mrig_pool_added, bytes, &sum))
		err = -EINVAL;
	else
		err = mrig_pool_resize_locked(sum);
	if (!err)
		mrig_pool_added = sum;
	mutex_unlock(&mrig_pool_lock);
	return err;
}

/**
 * memrig_system_heap_sub() - undo memrig_system_heap_add()
 * @bytes: as they were added
 *
 * The heap shrinks if no block of it lives, and otherwise stays as large as it is.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if less than that was added; -EWOULDBLOCK where nobody can sleep.
 */
int memrig_system_heap_sub(size_t bytes)
{
	int err = -EINVAL;

	if (!mrig_may_sleep())
		return -EWOULDBLOCK;
	mutex_lock(&mrig_pool_lock);
	if (bytes && bytes <= mrig_pool_added) {
		mrig_pool_added -= bytes;
		mrig_pool_resize_locked(mrig_pool_added);
		err = 0;
	}
	mutex_unlock(&mrig_pool_lock);
	return err;
}

/**
 * memrig_thread_heap_forget() - a heap that has been a resource pool goes away
 * @heap: heap that is given to no thread any more; no block of it lives
 *
 * Context: any.
 */
void memrig_thread_heap_forget(struct k_heap *heap)
{
	mrig_threads_drop_pool(heap);
	mrig_pool_forget(heap);
}

/**
 * mrig_kapi_init() - bring the face up: give the system heap its memory
 *
 * Context: Process context, at module load.
 * Return: 0, or -errno as memrig_system_heap_add().
 */
int mrig_kapi_init(void)
{
	int err;

	mutex_lock(&mrig_pool_lock);
	err = mrig_pool_resize_locked(0);
	mutex_unlock(&mrig_pool_lock);
	return err;
}

/**
 * mrig_kapi_fini() - take the face down
 *
 * What modules that are gone have left behind, in the system heap or in the shared ones, goes with
 * it.
 *
 * Context: Process context, at module unload: no module uses this one.
 */
void mrig_kapi_fini(void)
{
	kvfree(_system_heap.heap.init_mem);
	mrig_smh_pool_exit();
	mrig_mem_attr_pool_exit();
}
