// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multi objects: their files and their members.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "alloc/heap_private.h"
#include "alloc/multi.h"
#include "core/fault.h"
#include "core/trace.h"
#include "region/region.h"

static atomic64_t mrig_multi_last_id;

/**
 * mrig_multi_may_change() - whether the caller may change members and rules
 * @multi: the object
 *
 * Return: true for the user who made it and CAP_SYS_ADMIN.
 */
bool mrig_multi_may_change(const struct mrig_multi *multi)
{
	return uid_eq(current_fsuid(), multi->creator) || capable(CAP_SYS_ADMIN);
}

/* ---- files ----------------------------------------------------------------------------- */

/* A file becomes a client of a member. One that is fenced off gives nothing and gets no client. */
static int join_locked(struct mrig_multi_file *file, struct mrig_member *member)
{
	struct mrig_client *client;
	int err;

	lockdep_assert_held_write(&file->multi->lock);
	client = mrig_client_create(member->heap);
	if (IS_ERR(client))
		return PTR_ERR(client) == -EIO ? 0 : PTR_ERR(client);
	err = mrig_should_fail() ? -ENOMEM :
	      xa_err(xa_store(&file->clients, member->id, client, MRIG_GFP_SIDE));
	if (err)
		mrig_client_release(client);
	return err;
}

static void leave_locked(struct mrig_multi_file *file, struct mrig_member *member)
{
	struct mrig_client *client = xa_erase(&file->clients, member->id);

	lockdep_assert_held_write(&file->multi->lock);
	if (client)
		mrig_client_release(client);
}

/* With the reference to @multi that the caller had. */
static struct mrig_multi_file *file_new(struct mrig_multi *multi)
{
	struct mrig_multi_file *file;

	if (mrig_should_fail())
		return NULL;
	file = kzalloc(sizeof(*file), MRIG_GFP_SIDE);
	if (!file)
		return NULL;
	xa_init_flags(&file->clients, XA_FLAGS_ACCOUNT);
	file->multi = multi;
	down_write(&multi->lock);
	list_add_tail(&file->entry, &multi->files);
	multi->nfiles++;
	up_write(&multi->lock);
	return file;
}

static void member_free(struct mrig_member *member)
{
	mrig_heap_obj_put(member->heap);
	kfree(member);
}

static void multi_destroy(struct kref *ref)
{
	struct mrig_multi *multi = container_of(ref, struct mrig_multi, ref);
	struct mrig_member *member, *next;

	list_for_each_entry_safe(member, next, &multi->members, entry)
		member_free(member);
	xa_destroy(&multi->ids);
	kvfree(multi->rules);
	kfree(multi);
}

/**
 * mrig_multi_create() - a new object
 *
 * Context: may sleep.
 * Return: its first file, or ERR_PTR(-ENOMEM).
 */
struct mrig_multi_file *mrig_multi_create(void)
{
	struct mrig_multi_file *file;
	struct mrig_multi *multi = NULL;

	if (!mrig_should_fail())
		multi = kzalloc(sizeof(*multi), MRIG_GFP_SIDE);
	if (!multi)
		return ERR_PTR(-ENOMEM);
	kref_init(&multi->ref);
	init_rwsem(&multi->lock);
	xa_init_flags(&multi->ids, XA_FLAGS_ALLOC | XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&multi->members);
	INIT_LIST_HEAD(&multi->files);
	multi->creator = current_fsuid();
	multi->id = atomic64_inc_return(&mrig_multi_last_id);
	multi->rules = mrig_rules_new(0);
	file = multi->rules ? file_new(multi) : NULL;
	if (!file) {
		kref_put(&multi->ref, multi_destroy);
		return ERR_PTR(-ENOMEM);
	}
	return file;
}

/**
 * mrig_multi_attach() - another file of an object
 * @multi: the object
 *
 * Context: may sleep.
 * Return: the file, a client of its own of every member; ERR_PTR(-ENOMEM).
 */
struct mrig_multi_file *mrig_multi_attach(struct mrig_multi *multi)
{
	struct mrig_multi_file *file;
	struct mrig_member *member;
	int err = 0;

	kref_get(&multi->ref);
	file = file_new(multi);
	if (!file) {
		kref_put(&multi->ref, multi_destroy);
		return ERR_PTR(-ENOMEM);
	}
	down_write(&multi->lock);
	list_for_each_entry(member, &multi->members, entry) {
		/* Who has added one since has seen this file already. */
		if (!xa_load(&file->clients, member->id))
			err = join_locked(file, member);
		if (err)
			break;
	}
	up_write(&multi->lock);
	if (err) {
		mrig_multi_release(file);
		return ERR_PTR(err);
	}
	return file;
}

/**
 * mrig_multi_release() - a file is gone
 * @file: freed; so is what it owns, but for what files of its clients own with it
 *
 * Context: may sleep, as mrig_client_release().
 */
void mrig_multi_release(struct mrig_multi_file *file)
{
	struct mrig_multi *multi = file->multi;
	struct mrig_client *client;
	unsigned long number;

	down_write(&multi->lock);
	list_del(&file->entry);
	multi->nfiles--;
	up_write(&multi->lock);
	xa_for_each(&file->clients, number, client)
		mrig_client_release(client);
	xa_destroy(&file->clients);
	kfree(file);
	kref_put(&multi->ref, multi_destroy);
}

/* ---- members --------------------------------------------------------------------------- */

static bool is_member_locked(struct mrig_multi *multi, const struct mrig_heap_obj *heap)
{
	struct mrig_member *member;

	lockdep_assert_held(&multi->lock);
	list_for_each_entry(member, &multi->members, entry)
		if (member->heap == heap)
			return true;
	return false;
}

/* Every file becomes a client of it, or none. */
static int join_all_locked(struct mrig_multi *multi, struct mrig_member *member)
{
	struct mrig_multi_file *file;
	int err = 0;

	lockdep_assert_held_write(&multi->lock);
	list_for_each_entry(file, &multi->files, entry) {
		err = join_locked(file, member);
		if (err)
			break;
	}
	if (err)
		list_for_each_entry(file, &multi->files, entry)
			leave_locked(file, member);
	return err;
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
	err = join_all_locked(multi, member);
	if (err) {
		xa_erase(&multi->ids, member->id);
		return err;
	}
	list_add_tail(&member->entry, &multi->members);
	multi->nmembers++;
	return 0;
}

/**
 * mrig_multi_add() - make a heap a member
 * @file: whose object
 * @heap: referenced by the member
 * @attrs: custom attributes that it has here besides those of its region; out: all
 * @number: out: of the member
 *
 * Context: may sleep.
 * Return: 0; -EPERM; -EINVAL: attributes that are not custom; -EEXIST: it is one already; -ENOSPC:
 * there are too many; -EIO: it is fenced off; -ENOMEM.
 */
int mrig_multi_add(struct mrig_multi_file *file, struct mrig_heap_obj *heap, u64 *attrs,
		   u32 *number)
{
	struct mrig_multi *multi = file->multi;
	struct mrig_member *member;
	int err;

	if (!mrig_multi_may_change(multi))
		return -EPERM;
	if (*attrs & ~MEMRIG_ATTRS_CUSTOM_ALL)
		return -EINVAL;
	member = mrig_should_fail() ? NULL : kzalloc(sizeof(*member), MRIG_GFP_SIDE);
	if (!member)
		return -ENOMEM;
	kref_get(&heap->ref);
	member->heap = heap;
	member->attrs = heap->region->spec.attrs | *attrs;
	down_write(&multi->lock);
	err = add_locked(multi, member);
	if (!err) {
		*attrs = member->attrs;
		*number = member->id;
	}
	up_write(&multi->lock);
	trace_memrig_multi_member(multi->id, heap->id, member->id, member->attrs, true, err);
	if (err)
		member_free(member);
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
	}
	return false;
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
	struct mrig_multi *multi = file->multi;
	struct mrig_member *member;
	int err = 0;

	if (!mrig_multi_may_change(multi))
		return -EPERM;
	down_write(&multi->lock);
	member = xa_load(&multi->ids, number);
	if (!member)
		err = -ENOENT;
	else if (atomic_read(&member->busy) || has_blocks_locked(multi, number))
		err = -EBUSY;
	if (!err) {
		list_for_each_entry(file, &multi->files, entry)
			leave_locked(file, member);
		xa_erase(&multi->ids, number);
		list_del(&member->entry);
		multi->nmembers--;
	}
	up_write(&multi->lock);
	if (!err) {
		trace_memrig_multi_member(multi->id, member->heap->id, number, member->attrs,
					  false, 0);
		member_free(member);
	}
	return err;
}

/**
 * mrig_multi_find_locked() - a member and the client that a file is of it
 * @file: the file
 * @number: of the member
 * @member: out
 * @client: out
 *
 * Context: multi->lock held.
 * Return: 0; -ENOENT: no such member; -EIO: it was fenced off when the file was made.
 */
int mrig_multi_find_locked(struct mrig_multi_file *file, u32 number, struct mrig_member **member,
			   struct mrig_client **client)
{
	lockdep_assert_held(&file->multi->lock);
	*member = xa_load(&file->multi->ids, number);
	if (!*member)
		return -ENOENT;
	*client = xa_load(&file->clients, number);
	return *client ? 0 : -EIO;
}

/**
 * mrig_multi_client() - the client that a file is of a member
 * @file: the file
 * @number: of the member
 *
 * Context: may sleep.
 * Return: a reference to the client, ERR_PTR(-ENOENT), ERR_PTR(-EIO).
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
