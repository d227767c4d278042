// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quota on kept blocks. A block that outlives its client is memory that nobody's exit gives back,
 * so each user may keep only so many bytes, over all heaps together.
 *
 * Two books hold the same figures: one per heap, so that a heap that goes (even one fenced off,
 * whose blocks can no longer be listed) can give back exactly what it was charged, and one for
 * all heaps, against which the quota is checked. Both map a uid to a number of bytes.
 */
#include <linux/gfp.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/xarray.h>

#include "alloc/heap_private.h"
#include "core/fault.h"

/* Figures live in the entries themselves; they hold any number of bytes that exists. */
static_assert(BITS_PER_LONG == 64);

static unsigned long long keep_quota = SZ_64M;
module_param(keep_quota, ullong, 0644);
MODULE_PARM_DESC(keep_quota, "bytes of blocks that one user may keep beyond the life of a client");

static DEFINE_MUTEX(mrig_keep_lock);
static DEFINE_XARRAY(mrig_keep_users);

static u64 book_read(struct xarray *book, u32 uid)
{
	void *entry = xa_load(book, uid);

	return entry ? xa_to_value(entry) : 0;
}

/* Opens an account with nothing in it, so that no later step can fail. */
static int book_open(struct xarray *book, u32 uid)
{
	int err;

	if (mrig_should_fail())
		return -ENOMEM;
	err = xa_insert(book, uid, xa_mk_value(0), MRIG_GFP_SIDE);
	return err == -EBUSY ? 0 : err;
}

/* Of an open account; replacing an entry allocates nothing. */
static void book_write(struct xarray *book, u32 uid, u64 bytes)
{
	if (bytes)
		xa_store(book, uid, xa_mk_value(bytes), GFP_KERNEL);
	else
		xa_erase(book, uid);
}

static bool quota_allows_locked(u32 uid, u64 more)
{
	u64 sum;

	lockdep_assert_held(&mrig_keep_lock);
	return !check_add_overflow(book_read(&mrig_keep_users, uid), more, &sum) &&
	       sum <= READ_ONCE(keep_quota);
}

/**
 * mrig_keep_charge_locked() - charge a user for a block that is to be kept
 * @heap: whose block it is
 * @uid: who pays
 * @bytes: of the block
 * @reason: set on -ENOMEM: QUOTA, or SIDE when the books could not be opened
 *
 * Context: heap->lock held; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mrig_keep_charge_locked(struct mrig_heap_obj *heap, kuid_t uid, u64 bytes, u32 *reason)
{
	u32 id = __kuid_val(uid);
	struct mem_cgroup *old;
	int err = 0;

	lockdep_assert_held(&heap->lock);
	mutex_lock(&mrig_keep_lock);
	if (!quota_allows_locked(id, bytes)) {
		*reason = MEMRIG_REASON_QUOTA;
		err = -ENOMEM;
		goto out_unlock;
	}
	old = set_active_memcg(heap->memcg);
	err = book_open(&heap->kept, id);
	if (!err) {
		err = book_open(&mrig_keep_users, id);
		if (err)
			book_write(&heap->kept, id, book_read(&heap->kept, id));
	}
	set_active_memcg(old);
	if (err) {
		*reason = MEMRIG_REASON_SIDE;
		goto out_unlock;
	}
	book_write(&heap->kept, id, book_read(&heap->kept, id) + bytes);
	book_write(&mrig_keep_users, id, book_read(&mrig_keep_users, id) + bytes);
out_unlock:
	mutex_unlock(&mrig_keep_lock);
	return err;
}

/**
 * mrig_keep_would_fit() - ask before a kept block grows
 * @uid: who pays for it
 * @more: bytes
 *
 * Context: may sleep.
 * Return: whether the quota has room for them now.
 */
bool mrig_keep_would_fit(u32 uid, u64 more)
{
	bool fits;

	mutex_lock(&mrig_keep_lock);
	fits = quota_allows_locked(uid, more);
	mutex_unlock(&mrig_keep_lock);
	return fits;
}

/**
 * mrig_keep_adjust_locked() - a kept block changed its size, moved or went
 * @heap: whose block it is
 * @uid: who pays for it
 * @old_bytes: charged for it so far, part of what mrig_keep_charge_locked() took
 * @new_bytes: to be charged from now on; 0 when it is gone
 *
 * Does not look at the quota, so that a size the engine rounded up cannot fail late.
 * Context: heap->lock held; may sleep.
 */
void mrig_keep_adjust_locked(struct mrig_heap_obj *heap, u32 uid, u64 old_bytes, u64 new_bytes)
{
	lockdep_assert_held(&heap->lock);
	mutex_lock(&mrig_keep_lock);
	book_write(&heap->kept, uid, book_read(&heap->kept, uid) - old_bytes + new_bytes);
	book_write(&mrig_keep_users, uid,
		   book_read(&mrig_keep_users, uid) - old_bytes + new_bytes);
	mutex_unlock(&mrig_keep_lock);
}

/**
 * mrig_keep_forget() - give back everything a heap was charged with
 * @heap: that is going; nobody else can reach it
 *
 * Context: may sleep.
 */
void mrig_keep_forget(struct mrig_heap_obj *heap)
{
	unsigned long uid;
	void *entry;

	mutex_lock(&mrig_keep_lock);
	xa_for_each(&heap->kept, uid, entry)
		book_write(&mrig_keep_users, uid,
			   book_read(&mrig_keep_users, uid) - xa_to_value(entry));
	mutex_unlock(&mrig_keep_lock);
	xa_destroy(&heap->kept);
}
