// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names: regions that outlive the files of their creator. A registered name holds one reference.
 *
 * Permissions are those of a file without a path: owner, group and mode, checked against the
 * fsuid, fsgid and groups of the caller; CAP_SYS_ADMIN may do everything.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "core/fault.h"
#include "region/region_priv.h"

static int mrig_named_gid = -1;
module_param_named(named_gid, mrig_named_gid, int, 0644);
MODULE_PARM_DESC(named_gid, "Group whose members may create named regions (-1: CAP_SYS_ADMIN only)");

/* Held while a name appears or goes, sysfs directory included: one name, one directory. */
static DEFINE_MUTEX(mrig_names_lock);

/* Not islower(): the kernel's knows Latin-1. */
static bool mrig_name_char(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || isdigit(c))
		return true;
	return !first && (c == '_' || c == '.' || c == '-');
}

/**
 * mrig_name_check() - is this a possible name?
 * @name: no longer than MEMRIG_NAME_MAX
 *
 * Return: 0 for [a-z0-9][a-z0-9_.-]{0,30}, else -EINVAL.
 */
int mrig_name_check(const char *name)
{
	size_t i, len = strnlen(name, MEMRIG_NAME_MAX);

	if (!len || len == MEMRIG_NAME_MAX)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!mrig_name_char(name[i], !i))
			return -EINVAL;
	return 0;
}

/**
 * mrig_named_group() - the group of named_gid=
 *
 * Return: that group, or root's when there is none.
 */
kgid_t mrig_named_group(void)
{
	int gid = READ_ONCE(mrig_named_gid);

	return gid < 0 ? GLOBAL_ROOT_GID : make_kgid(&init_user_ns, gid);
}

/**
 * mrig_caller_may_name() - may the caller give names that all can see?
 *
 * Context: Process context of the caller.
 * Return: true with CAP_SYS_ADMIN, and for members of named_gid=.
 */
bool mrig_caller_may_name(void)
{
	if (capable(CAP_SYS_ADMIN))
		return true;
	return READ_ONCE(mrig_named_gid) >= 0 && in_group_p(mrig_named_group());
}

/**
 * mrig_region_name_allowed() - may the caller create this named region?
 * @spec: of the region, with a name
 *
 * Context: Process context of the creator.
 * Return: 0; -EINVAL for an impossible name, mode, owner or group; -EPERM.
 */
int mrig_region_name_allowed(const struct mrig_region_spec *spec)
{
	int ret = mrig_name_check(spec->name);

	if (ret)
		return ret;
	if (spec->mode & ~0666 || !uid_valid(spec->uid) || !gid_valid(spec->gid))
		return -EINVAL;
	if (!mrig_caller_may_name())
		return -EPERM;
	if (uid_eq(spec->uid, current_fsuid()) && in_group_p(spec->gid))
		return 0;
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/* Not what the caller asked for, so no refusal that an audit should know of. */
static bool mrig_caller_sees_all(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/* Owner, group and mode alone. */
static bool mrig_mode_permits(const struct mrig_region *region, bool write)
{
	const struct mrig_region_spec *spec = &region->spec;
	umode_t want = write ? 06 : 04;
	umode_t mode = spec->mode;

	if (uid_eq(spec->uid, current_fsuid()))
		mode >>= 6;
	else if (in_group_p(spec->gid))
		mode >>= 3;
	return (mode & want) == want;
}

/**
 * mrig_caller_owns() - may the caller do what is its owner's to do?
 * @region: region
 *
 * Context: Process context of the caller.
 * Return: true for its owner, and with CAP_SYS_ADMIN.
 */
bool mrig_caller_owns(const struct mrig_region *region)
{
	return uid_eq(region->spec.uid, current_fsuid()) || capable(CAP_SYS_ADMIN);
}

/**
 * mrig_region_visible() - may the caller know of this region?
 * @region: region
 *
 * Context: Process context of the caller.
 * Return: true for its owner, for those who could open it, and for CAP_SYS_ADMIN.
 */
bool mrig_region_visible(const struct mrig_region *region)
{
	if (uid_eq(region->spec.uid, current_fsuid()))
		return true;
	if (READ_ONCE(region->name_live) && mrig_mode_permits(region, false))
		return true;
	return mrig_caller_sees_all();
}

/**
 * mrig_name_taken() - is a name registered right now?
 * @name: to look for
 *
 * A hint that spares hopeless work; mrig_name_publish() decides.
 *
 * Context: Process context. May sleep.
 * Return: true if it is.
 */
bool mrig_name_taken(const char *name)
{
	bool taken;

	mutex_lock(&mrig_names_lock);
	taken = mrig_region_find_name(name);
	mutex_unlock(&mrig_names_lock);
	return taken;
}

/**
 * mrig_name_publish() - register the name of a region; it takes a reference
 * @region: region on the list of all, with a name
 *
 * Context: Process context. May sleep.
 * Return: 0; -EEXIST; -errno of sysfs.
 */
int mrig_name_publish(struct mrig_region *region)
{
	struct device *dev;
	int ret = 0;

	mutex_lock(&mrig_names_lock);
	if (mrig_region_find_name(region->spec.name)) {
		ret = -EEXIST;
		goto unlock;
	}
	dev = mrig_should_fail() ? ERR_PTR(-ENOMEM) : mrig_sysfs_add(region);
	if (IS_ERR(dev)) {
		ret = PTR_ERR(dev);
		goto unlock;
	}
	mrig_region_get(region);
	region->class_dev = dev;
	WRITE_ONCE(region->name_live, true);
unlock:
	mutex_unlock(&mrig_names_lock);
	return ret;
}

/* The caller puts the reference of the name, after the lock. */
static void mrig_name_retract_locked(struct mrig_region *region)
{
	lockdep_assert_held(&mrig_names_lock);

	WRITE_ONCE(region->name_live, false);
	mrig_sysfs_remove(region->class_dev);
	region->class_dev = NULL;
}

/**
 * mrig_region_open() - find a named region
 * @name: its name
 * @write: for writing too
 *
 * Context: Process context of the caller. May sleep.
 * Return: the region with a reference; ERR_PTR of -EINVAL, -ENOENT or -EACCES.
 */
struct mrig_region *mrig_region_open(const char *name, bool write)
{
	struct mrig_region *region;
	int ret = mrig_name_check(name);

	if (ret)
		return ERR_PTR(ret);
	mutex_lock(&mrig_names_lock);
	region = mrig_region_find_name(name);
	if (!region)
		region = ERR_PTR(-ENOENT);
	else if (!mrig_mode_permits(region, write) && !capable(CAP_SYS_ADMIN))
		region = ERR_PTR(-EACCES);
	else
		mrig_region_get(region);
	mutex_unlock(&mrig_names_lock);
	return region;
}

/**
 * mrig_region_remove() - take a name away; the memory goes when nobody uses it any more
 * @name: its name
 *
 * Context: Process context of the caller. May sleep.
 * Return: 0, -EINVAL, -ENOENT, or -EPERM for others than its owner and CAP_SYS_ADMIN.
 */
int mrig_region_remove(const char *name)
{
	struct mrig_region *region;
	int ret = mrig_name_check(name);

	if (ret)
		return ret;
	mutex_lock(&mrig_names_lock);
	region = mrig_region_find_name(name);
	if (!region)
		ret = -ENOENT;
	else if (!mrig_caller_owns(region))
		ret = -EPERM;
	else
		mrig_name_retract_locked(region);
	mutex_unlock(&mrig_names_lock);
	if (!ret)
		mrig_region_put(region);
	return ret;
}

/**
 * mrig_region_unname() - its creator could not be told about the region: take the name back
 * @region: with a reference of the caller's; may have no name, or none any more
 *
 * Context: Process context. May sleep.
 */
void mrig_region_unname(struct mrig_region *region)
{
	bool live;

	mutex_lock(&mrig_names_lock);
	live = region->name_live;
	if (live)
		mrig_name_retract_locked(region);
	mutex_unlock(&mrig_names_lock);
	if (live)
		mrig_region_put(region);
}

/**
 * mrig_region_remove_all() - take every name away
 *
 * Context: Process context, at module unload. May sleep.
 */
void mrig_region_remove_all(void)
{
	struct mrig_region *region;

	do {
		mutex_lock(&mrig_names_lock);
		region = mrig_region_find_name(NULL);
		if (region)
			mrig_name_retract_locked(region);
		mutex_unlock(&mrig_names_lock);
		if (region)
			mrig_region_put(region);
	} while (region);
}
