// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multi objects and their files.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "alloc/heap_private.h"
#include "alloc/multi.h"
#include "core/fault.h"

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
	file->watch.bytes = 1;
	down_write(&multi->lock);
	list_add_tail(&file->entry, &multi->files);
	multi->nfiles++;
	up_write(&multi->lock);
	return file;
}

static void multi_destroy(struct kref *ref)
{
	struct mrig_multi *multi = container_of(ref, struct mrig_multi, ref);
	struct mrig_member *member, *next;

	list_for_each_entry_safe(member, next, &multi->members, entry)
		mrig_member_free(member);
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
	init_waitqueue_head(&multi->pollers);
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
 * Return: the file, or ERR_PTR(-ENOMEM).
 */
struct mrig_multi_file *mrig_multi_attach(struct mrig_multi *multi)
{
	struct mrig_multi_file *file;

	kref_get(&multi->ref);
	file = file_new(multi);
	if (!file) {
		kref_put(&multi->ref, multi_destroy);
		return ERR_PTR(-ENOMEM);
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
