// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of multi objects, and the clients that files are of them.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "alloc/heap_private.h"
#include "alloc/multi.h"
#include "core/fault.h"
#include "core/trace.h"
#include "region/region.h"

static atomic64_t mrig_member_last_serial;

/* ---- clients --------------------------------------------------------------------------- */

/**
 * mrig_multi_join_locked() - the client that a file is of a member, made if this is its first use
 * @file: the file
 * @member: the member
 * @client: out; lives as long as the file and the member
 *
 * Context: multi->lock held, for reading suffices; may sleep. Whoever calls pays for it.
 * Return: 0; -ENOMEM; -ENOSPC: the heap has no number left; -EIO: it is fenced off.
 */
int mrig_multi_join_locked(struct mrig_multi_file *file, struct mrig_member *member,
			   struct mrig_client **client)
{
	struct mrig_client *mine, *old;

	lockdep_assert_held(&file->multi->lock);
	*client = xa_load(&file->clients, member->id);
	if (*client)
		return 0;
	mine = mrig_client_create(member->heap);
	if (IS_ERR(mine))
		return PTR_ERR(mine);
	old = mrig_should_fail() ? (void *)XA_ERROR(-ENOMEM) :
	      xa_cmpxchg(&file->clients, member->id, NULL, mine, MRIG_GFP_SIDE);
	*client = old ?: mine;
	if (old)
		mrig_client_release(mine);
	return xa_err(old);
}

static void leave_locked(struct mrig_multi_file *file, struct mrig_member *member)
{
	struct mrig_client *client = xa_erase(&file->clients, member->id);

	lockdep_assert_held_write(&file->multi->lock);
	if (client)
		mrig_client_release(client);
}

/**
 * mrig_multi_find_locked() - a member and the client that a file is of it
 * @file: the file
 * @number: of the member
 * @member: out
 * @client: out
 *
 * Context: multi->lock held; may sleep.
 * Return: 0; -ENOENT: no such member; else as mrig_multi_join_locked().
 */
int mrig_multi_find_locked(struct mrig_multi_file *file, u32 number, struct mrig_member **member,
			   struct mrig_client **client)
{
	lockdep_assert_held(&file->multi->lock);
	*member = xa_load(&file->multi->ids, number);
	if (!*member)
		return -ENOENT;
	return mrig_multi_join_locked(file, *member, client);
}

/**
 * mrig_multi_client() - the client that a file is of a member
 * @file: the file
 * @number: of the member
 *
 * Context: may sleep.
 * Return: a reference to the client; ERR_PTR as mrig_multi_find_locked().
 */
struct mrig_client *mrig_multi_client(struct mrig_multi_file *file, u32 number)
{
	struct mrig_member *member;
	struct mrig_client *client;
	int err;

	down_read(&file->multi->lock);
	err = mrig_multi_find_locked(file, number, &member, &client);
	if (!err)
		mrig_client_get(client);
	up_read(&file->multi->lock);
	return err ? ERR_PTR(err) : client;
}

/* ---- coming and going ------------------------------------------------------------------ */

static bool is_member_locked(struct mrig_multi *multi, const struct mrig_heap_obj *heap)
{
	struct mrig_member *member;

	lockdep_assert_held(&multi->lock);
	list_for_each_entry(member, &multi->members, entry)
		if (member->heap == heap)
			return true;
	return false;
}

static int add_locked(struct mrig_multi *multi, struct mrig_member *member)
{
	int err;

	lockdep_assert_held_write(&multi->lock);
	if (is_member_locked(multi, member->heap))
		return -EEXIST;
	if (mrig_heap_obj_is_fenced(member->heap))
		return -EIO;
	err = mrig_should_fail() ? -ENOMEM :
	      xa_alloc(&multi->ids, &member->id, member,
		       XA_LIMIT(0, MEMRIG_MULTI_MAX - 1), MRIG_GFP_SIDE);
	if (err)
		return err == -EBUSY ? -ENOSPC : err;
	list_add_tail(&member->entry, &multi->members);
	multi->nmembers++;
	return 0;
}

/**
 * mrig_member_free() - the end of a member
 * @member: off all lists
 *
 * Context: may sleep.
 */
void mrig_member_free(struct mrig_member *member)
{
	remove_wait_queue(&member->heap->pollers, &member->poke);
	mrig_heap_obj_put(member->heap);
	kfree(member);
}

/* With a reference to the heap. */
static struct mrig_member *member_new(struct mrig_multi *multi, struct mrig_heap_obj *heap)
{
	struct mrig_member *member;

	member = mrig_should_fail() ? NULL : kzalloc(sizeof(*member), MRIG_GFP_SIDE);
	if (!member)
		return NULL;
	kref_get(&heap->ref);
	member->multi = multi;
	member->heap = heap;
	member->serial = atomic64_inc_return(&mrig_member_last_serial);
	member->attrs = heap->region->spec.attrs;
	member->dma_bits = mrig_region_dma_bits(heap->region);
	member->node = mrig_region_node(heap->region);
	init_waitqueue_func_entry(&member->poke, mrig_member_poke);
	add_wait_queue(&heap->pollers, &member->poke);
	return member;
}

/**
 * mrig_multi_add() - make a heap a member
 * @file: whose object
 * @heap: referenced by the member
 * @attrs: custom attributes that it has here besides those of its region; out: all
 * @number: out: of the member
 * @serial: out: likewise, for mrig_multi_undo_add()
 *
 * Context: may sleep.
 * Return: 0; -EPERM; -EINVAL: attributes that are not custom; -EEXIST: it is one already; -ENOSPC:
 * there are too many; -EIO: it is fenced off; -ENOMEM.
 */
int mrig_multi_add(struct mrig_multi_file *file, struct mrig_heap_obj *heap, u64 *attrs,
		   u32 *number, u64 *serial)
{
	struct mrig_multi *multi = file->multi;
	struct mrig_member *member;
	int err;

	if (!mrig_multi_may_change(multi))
		return -EPERM;
	if (*attrs & ~MEMRIG_ATTRS_CUSTOM_ALL)
		return -EINVAL;
	member = member_new(multi, heap);
	if (!member)
		return -ENOMEM;
	member->attrs |= *attrs;
	down_write(&multi->lock);
	err = add_locked(multi, member);
	if (!err) {
		*attrs = member->attrs;
		*number = member->id;
		*serial = member->serial;
	}
	up_write(&multi->lock);
	trace_memrig_multi_member(multi->id, heap->id, err ? 0 : *number, *attrs, true, err);
	if (err)
		mrig_member_free(member);
	else
		mrig_multi_poke(multi);
	return err;
}

static bool has_blocks_locked(struct mrig_multi *multi, u32 number)
{
	struct mrig_multi_file *file;
	struct mrig_client *client;

	lockdep_assert_held_write(&multi->lock);
	list_for_each_entry(file, &multi->files, entry) {
		client = xa_load(&file->clients, number);
		if (client && mrig_client_blocks(client))
			return true;
		cond_resched();
	}
	return false;
}

/* -EBUSY: somebody uses it. */
static int remove_locked(struct mrig_multi *multi, struct mrig_member *member)
{
	struct mrig_multi_file *file;

	lockdep_assert_held_write(&multi->lock);
	/* Pairs with mrig_multi_unpin(): what its callers did to the member is done. */
	if (atomic_read_acquire(&member->busy))
		return -EBUSY;
	/* Blocks of a heap that is fenced off can be neither used nor freed. */
	if (!mrig_heap_obj_is_fenced(member->heap) && has_blocks_locked(multi, member->id))
		return -EBUSY;
	list_for_each_entry(file, &multi->files, entry) {
		leave_locked(file, member);
		cond_resched();
	}
	xa_erase(&multi->ids, member->id);
	list_del(&member->entry);
	multi->nmembers--;
	return 0;
}

/* 0 for @serial: whoever has the number. */
static int member_remove(struct mrig_multi *multi, u32 number, u64 serial)
{
	struct mrig_member *member;
	int err;

	down_write(&multi->lock);
	member = xa_load(&multi->ids, number);
	if (!member || (serial && member->serial != serial))
		err = -ENOENT;
	else
		err = remove_locked(multi, member);
	up_write(&multi->lock);
	if (err)
		return err;
	trace_memrig_multi_member(multi->id, member->heap->id, number, member->attrs, false, 0);
	mrig_member_free(member);
	mrig_multi_poke(multi);
	return 0;
}

/**
 * mrig_multi_remove() - a heap is no member any more
 * @file: whose object
 * @number: of the member
 *
 * Context: may sleep.
 * Return: 0; -EPERM; -ENOENT: no such member; -EBUSY: it is in use.
 */
int mrig_multi_remove(struct mrig_multi_file *file, u32 number)
{
	return mrig_multi_may_change(file->multi) ? member_remove(file->multi, number, 0) : -EPERM;
}

/**
 * mrig_multi_undo_add() - a member has been added, and nobody can be told
 * @file: whose object
 * @number: of the member
 * @serial: of the member; it may have gone since, and its number be another's
 *
 * If others use it already it stays: they know its number, whoever has told them.
 *
 * Context: may sleep.
 */
void mrig_multi_undo_add(struct mrig_multi_file *file, u32 number, u64 serial)
{
	member_remove(file->multi, number, serial);
}
