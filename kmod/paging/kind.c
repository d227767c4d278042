// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kinds of stores and policies: see kind.h.
 *
 * Whoever has a kind has a reference on its module, so a module that goes finds none of its kinds
 * in use. Unregistering waits nevertheless: a module whose init fails after it has registered
 * something goes whatever its references are.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "core/fault.h"
#include "paging/kind.h"
#include "paging/store.h"

#define KINDS	(MEMRIG_KIND_OF_STORE + 1)

static DEFINE_MUTEX(mrig_kinds_lock);
static LIST_HEAD(mrig_kinds);
static DECLARE_WAIT_QUEUE_HEAD(mrig_kinds_wait);
static u32 mrig_kind_last[KINDS] = { MEMRIG_KIND_FIRST - 1, MEMRIG_KIND_FIRST - 1 };

#define POLICY(_number, _ops) \
	{ .what = MEMRIG_KIND_OF_POLICY, .number = MEMRIG_POLICY_##_number, .policy = (_ops) }
#define STORE(_number, _ops) \
	{ .what = MEMRIG_KIND_OF_STORE, .number = MEMRIG_STORE_##_number, .store = (_ops) }

static struct mrig_kind kinds_here[] = {
	POLICY(NRU, &mrig_evict_nru),
	POLICY(LRU, &mrig_evict_lru),
	POLICY(FIFO, &mrig_evict_fifo),
	POLICY(RANDOM, &mrig_evict_random),
	POLICY(CLOCK, &mrig_evict_clock),
	POLICY(SIEVE, &mrig_evict_sieve),
	POLICY(S3FIFO, &mrig_evict_s3fifo),
	POLICY(ADAPTIVE, &mrig_evict_adaptive),
	STORE(RAM, &mrig_store_ram_ops),
	STORE(COMPRESSED, &mrig_store_compressed_ops),
	STORE(FILE, &mrig_store_file_ops),
	STORE(NULL, &mrig_store_null_ops),
	STORE(IMAGE, &mrig_store_image_ops),
};

static const char *kind_name(const struct mrig_kind *kind)
{
	return kind->store ? kind->store->name : kind->policy->name;
}

/* The first one of this sort from @number on, or NULL. */
static struct mrig_kind *kind_from_locked(u32 what, u32 number)
{
	struct mrig_kind *kind;

	lockdep_assert_held(&mrig_kinds_lock);
	list_for_each_entry(kind, &mrig_kinds, entry)
		if (kind->what == what && kind->number >= number)
			return kind;
	return NULL;
}

static bool kind_named_locked(u32 what, const char *name)
{
	struct mrig_kind *kind;

	lockdep_assert_held(&mrig_kinds_lock);
	list_for_each_entry(kind, &mrig_kinds, entry)
		if (kind->what == what && !strcmp(kind_name(kind), name))
			return true;
	return false;
}

/**
 * mrig_kind_get() - have a kind
 * @what: enum memrig_kind_of
 * @number: its number
 *
 * Context: may sleep.
 * Return: the kind, which stays until mrig_kind_put(), or NULL: there is none such, or its module
 *	is on its way out.
 */
struct mrig_kind *mrig_kind_get(u32 what, u32 number)
{
	struct mrig_kind *kind;

	mutex_lock(&mrig_kinds_lock);
	kind = kind_from_locked(what, number);
	if (kind && (kind->number != number || !try_module_get(kind->owner)))
		kind = NULL;
	if (kind)
		WRITE_ONCE(kind->users, kind->users + 1);
	mutex_unlock(&mrig_kinds_lock);
	return kind;
}

/**
 * mrig_kind_put() - have it no more
 * @kind: from mrig_kind_get(), or NULL
 *
 * Nothing of its code runs on behalf of the caller any more.
 *
 * Context: may sleep.
 */
void mrig_kind_put(struct mrig_kind *kind)
{
	struct module *owner;

	if (!kind)
		return;
	mutex_lock(&mrig_kinds_lock);
	owner = kind->owner;
	WRITE_ONCE(kind->users, kind->users - 1);
	wake_up_all(&mrig_kinds_wait);
	module_put(owner);
	mutex_unlock(&mrig_kinds_lock);
}

/**
 * mrig_kind_next() - look through what there is
 * @what: enum memrig_kind_of
 * @number: from where on; out: of the one that was found
 * @name: out
 * @flags: out: of a store, MRIG_STORE_*; otherwise 0
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: there is no such sort; -ENOENT: no more.
 */
int mrig_kind_next(u32 what, u32 *number, char name[MEMRIG_NAME_MAX], u32 *flags)
{
	struct mrig_kind *kind;

	if (what >= KINDS)
		return -EINVAL;
	mutex_lock(&mrig_kinds_lock);
	kind = kind_from_locked(what, *number);
	if (kind) {
		*number = kind->number;
		strscpy(name, kind_name(kind), MEMRIG_NAME_MAX);
		*flags = kind->store ? kind->store->flags : 0;
	}
	mutex_unlock(&mrig_kinds_lock);
	return kind ? 0 : -ENOENT;
}

/**
 * mrig_kind_mask() - what memrig itself has, for CAPS
 * @what: enum memrig_kind_of
 *
 * Return: bit n for number n.
 */
u32 mrig_kind_mask(u32 what)
{
	unsigned int i;
	u32 mask = 0;

	for (i = 0; i < ARRAY_SIZE(kinds_here); i++)
		if (kinds_here[i].what == what)
			mask |= BIT(kinds_here[i].number);
	return mask;
}

/**
 * mrig_kinds_init() - get ready
 *
 * Context: module init.
 */
void mrig_kinds_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds_here); i++)
		list_add_tail(&kinds_here[i].entry, &mrig_kinds);
}

static int kind_add(u32 what, struct mrig_kind *kind, const char *name)
{
	int err = 0;

	mutex_lock(&mrig_kinds_lock);
	if (kind_named_locked(what, name)) {
		err = -EEXIST;
	} else if (mrig_kind_last[what] == S32_MAX) {
		err = -ENOSPC;
	} else {
		/* Numbers of one sort come in ascending order. */
		kind->number = ++mrig_kind_last[what];
		list_add_tail(&kind->entry, &mrig_kinds);
	}
	mutex_unlock(&mrig_kinds_lock);
	return err;
}

static int kind_register(const struct mrig_kind *given, const char *name)
{
	struct mrig_kind *kind;
	int err;

	if (!name || !name[0] || strnlen(name, MEMRIG_NAME_MAX) == MEMRIG_NAME_MAX)
		return -EINVAL;
	if (mrig_should_fail())
		return -ENOMEM;
	kind = kmemdup(given, sizeof(*given), GFP_KERNEL);
	if (!kind)
		return -ENOMEM;
	err = kind_add(given->what, kind, name);
	if (!err)
		return kind->number;
	kfree(kind);
	return err;
}

static void kind_unregister(u32 what, int number)
{
	struct mrig_kind *kind;

	if (number < MEMRIG_KIND_FIRST)
		return;
	mutex_lock(&mrig_kinds_lock);
	kind = kind_from_locked(what, number);
	if (kind && kind->number == number)
		list_del(&kind->entry);
	else
		kind = NULL;
	mutex_unlock(&mrig_kinds_lock);
	if (!kind)
		return;
	wait_event(mrig_kinds_wait, !READ_ONCE(kind->users));
	/* Who was the last one is in mrig_kind_put() no more. */
	mutex_lock(&mrig_kinds_lock);
	mutex_unlock(&mrig_kinds_lock);
	kfree(kind);
}

static bool store_complete(const struct mrig_store_ops *ops)
{
	bool permanent = ops->flags & MRIG_STORE_PERMANENT;

	if (ops->flags & ~MRIG_STORE_FLAGS || !ops->init || !ops->fini || !ops->page_in)
		return false;
	if (!permanent && (!ops->location_get || !ops->location_free))
		return false;
	/* What is never written has to be there from the start. */
	if (ops->flags & MRIG_STORE_READ_ONLY)
		return permanent;
	return ops->page_out && !(ops->flags & MRIG_STORE_CODE);
}

/**
 * memrig_store_register() - let windows be made over a new kind of store
 * @ops: what it does; stays as it is until the store is unregistered
 * @owner: THIS_MODULE of the caller, which cannot be unloaded while a window has such a store
 *
 * There can be windows from now on, so this is the last thing that the init of a module does.
 *
 * Context: may sleep.
 * Return: its number; -EINVAL: something is missing in @ops, or contradicts the rest (CODE needs
 *	READ_ONLY, and that PERMANENT); -EEXIST: there is a store of that name; -ENOSPC: no
 *	number is left; -ENOMEM.
 */
int memrig_store_register(const struct mrig_store_ops *ops, struct module *owner)
{
	struct mrig_kind kind = {
		.what = MEMRIG_KIND_OF_STORE,
		.owner = owner,
		.store = ops,
	};

	return ops && owner && store_complete(ops) ? kind_register(&kind, ops->name) : -EINVAL;
}

/**
 * memrig_store_unregister() - the end of a kind of store
 * @number: from memrig_store_register(); an error it gave is ignored
 *
 * No window can be made over it any more. Waits for those that there are; in the exit of a module
 * there are none.
 *
 * Context: may sleep.
 */
void memrig_store_unregister(int number)
{
	kind_unregister(MEMRIG_KIND_OF_STORE, number);
}

/**
 * memrig_policy_register() - let windows use a new eviction policy
 * @ops: what it does; stays as it is until the policy is unregistered
 * @owner: THIS_MODULE of the caller, which cannot be unloaded while a window uses the policy
 *
 * As memrig_store_register().
 *
 * Context: may sleep.
 * Return: its number; -EINVAL: something is missing in @ops; -EEXIST: there is a policy of that
 *	name; -ENOSPC: no number is left; -ENOMEM.
 */
int memrig_policy_register(const struct mrig_evict_ops *ops, struct module *owner)
{
	struct mrig_kind kind = {
		.what = MEMRIG_KIND_OF_POLICY,
		.owner = owner,
		.policy = ops,
	};

	if (!ops || !owner || !ops->add || !ops->remove || !ops->select)
		return -EINVAL;
	return kind_register(&kind, ops->name);
}

/**
 * memrig_policy_unregister() - the end of a policy
 * @number: from memrig_policy_register(); an error it gave is ignored
 *
 * As memrig_store_unregister().
 *
 * Context: may sleep.
 */
void memrig_policy_unregister(int number)
{
	kind_unregister(MEMRIG_KIND_OF_POLICY, number);
}
