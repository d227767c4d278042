// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/memrig: what can be had, and regions by creating, opening, listing and removing them. A
 * session holds nothing: it may be closed as soon as it has been used.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/string.h>

#include "alloc/heap.h"
#include "chardev/dispatch.h"
#include "chardev/files.h"
#include "chardev/listing.h"
#include "core/account.h"
#include "mrig_engine.h"
#include "paging/kind.h"
#include "region/region.h"

#define FIRST	0x10

#define ATTR_NAME_FLAGS	(MEMRIG_ATTR_NAME_SET | MEMRIG_ATTR_NAME_CLEAR | MEMRIG_ATTR_NAME_FIND)

static int caps_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_caps *caps = ucmd->arg;
	u64 limit = mrig_charge_limit(), used = mrig_charge_used();

	if (caps->flags)
		return -EOPNOTSUPP;
	*caps = (struct memrig_caps){
		.size = caps->size,
		.version = MEMRIG_UAPI_VERSION,
		.page_size = PAGE_SIZE,
		.features = mrig_region_features(),
		.kinds = mrig_region_kinds(),
		.attrs_pages = mrig_region_attrs(MEMRIG_KIND_PAGES),
		.attrs_coherent = mrig_region_attrs(MEMRIG_KIND_COHERENT),
		.placements = BIT(MEMRIG_PLACEMENT_OOB) | BIT(MEMRIG_PLACEMENT_INBAND),
		.gup_attrs = mrig_region_gup_attrs(),
		.hardening_max = MRIG_HARDEN_EXTREME,
		.limit_bytes = limit,
		.used_bytes = used,
		.max_region_bytes = limit > used ? limit - used : 0,
		.max_align = PAGE_SIZE,
		.engines = mrig_heap_engines_mask(),
		.policies = mrig_kind_mask(MEMRIG_KIND_OF_POLICY) | BIT(MEMRIG_POLICY_DEFAULT),
		.stores = mrig_kind_mask(MEMRIG_KIND_OF_STORE),
	};
	return 0;
}

/* A name as it travels: NUL-terminated within its room. */
static int name_copy(char to[MEMRIG_NAME_MAX], const __u8 from[MEMRIG_NAME_MAX])
{
	if (strnlen((const char *)from, MEMRIG_NAME_MAX) == MEMRIG_NAME_MAX)
		return -EINVAL;
	strscpy(to, (const char *)from, MEMRIG_NAME_MAX);
	return 0;
}

/* Who is to own it. Only named regions can be somebody else's. */
static int spec_owner(const struct memrig_region_create *arg, struct mrig_region_spec *spec)
{
	struct user_namespace *ns = current_user_ns();

	spec->uid = current_fsuid();
	spec->gid = current_fsgid();
	if (!spec->name[0])
		return 0;
	spec->mode = arg->mode;
	if (spec->mode != arg->mode)
		return -EINVAL;
	if (arg->uid != MEMRIG_ID_SELF)
		spec->uid = make_kuid(ns, arg->uid);
	if (arg->gid != MEMRIG_ID_SELF)
		spec->gid = make_kgid(ns, arg->gid);
	return uid_valid(spec->uid) && gid_valid(spec->gid) ? 0 : -EINVAL;
}

/* The name is public before its creator knows: whoever cannot be told must not leave one behind. */
static void region_create_settle(struct mrig_ucmd *ucmd, bool delivered)
{
	if (!delivered)
		mrig_region_unname(ucmd->new_file->private_data);
}

static int region_create_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_create *arg = ucmd->arg;
	struct mrig_region_spec spec = {
		.kind = arg->kind,
		.attr = arg->attr,
		.flags = arg->flags,
		.length = arg->length,
		.dma_mask_bits = arg->dma_mask_bits,
		.node = arg->node,
		.attrs = arg->attrs,
		.cpus = arg->cpus,
	};
	struct mrig_region *region;
	int err;

	arg->fd = -1;
	arg->reason = MEMRIG_REASON_NONE;
	arg->actual_length = 0;
	arg->detail = 0;
	if (arg->reserved)
		return -EOPNOTSUPP;
	err = name_copy(spec.name, arg->name);
	if (!err)
		err = spec_owner(arg, &spec);
	if (err)
		return err;
	region = mrig_region_create(&spec, &arg->reason, &arg->detail);
	if (IS_ERR(region))
		return PTR_ERR(region);
	arg->actual_length = region->spec.length;
	/* Undoing needs the region, even when it got no file. */
	mrig_region_get(region);
	err = mrig_region_publish(ucmd, region, true, &arg->fd);
	if (err)
		mrig_region_unname(region);
	else
		ucmd->settle = region_create_settle;
	mrig_region_put(region);
	return err;
}

static int region_open_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_open *arg = ucmd->arg;
	bool writable = !(arg->flags & MEMRIG_OPEN_READ_ONLY);
	struct mrig_region *region;
	char name[MEMRIG_NAME_MAX];
	int err;

	arg->fd = -1;
	if (arg->flags & ~MEMRIG_OPEN_READ_ONLY || arg->reserved)
		return -EOPNOTSUPP;
	err = name_copy(name, arg->name);
	if (err)
		return err;
	region = mrig_region_open(name, writable);
	if (IS_ERR(region))
		return PTR_ERR(region);
	return mrig_region_publish(ucmd, region, writable, &arg->fd);
}

static int region_remove_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_remove *arg = ucmd->arg;
	char name[MEMRIG_NAME_MAX];
	int err;

	if (arg->flags)
		return -EOPNOTSUPP;
	err = name_copy(name, arg->name);
	return err ?: mrig_region_remove(name);
}

static bool region_list_next(u64 *cursor, void *entry)
{
	struct mrig_region *region = mrig_region_next(cursor);

	if (!region)
		return false;
	mrig_region_fill_info(region, entry);
	mrig_region_put(region);
	return true;
}

static int region_list_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_region_list *arg = ucmd->arg;
	struct memrig_region_info info = { };
	struct mrig_listing list = {
		.cursor = &arg->cursor,
		.count = &arg->count,
		.entries = arg->entries,
		.entry_size = arg->entry_size,
		.least = offsetofend(struct memrig_region_info, suspends),
		.most = sizeof(info),
		.entry = &info,
		.next = region_list_next,
	};

	if (arg->flags) {
		arg->count = 0;
		return -EOPNOTSUPP;
	}
	return mrig_listing_ioctl(&list);
}

static int attr_name_set(const struct memrig_attr_name *arg)
{
	char name[MEMRIG_NAME_MAX];

	return name_copy(name, arg->name) ?: mrig_attr_name_set(arg->bit, name);
}

static int attr_name_find(struct memrig_attr_name *arg)
{
	char name[MEMRIG_NAME_MAX];
	int ret = name_copy(name, arg->name) ?: mrig_attr_name_find(name);

	if (ret < 0)
		return ret;
	arg->bit = ret;
	return 0;
}

static int attr_name_ioctl(struct mrig_ucmd *ucmd)
{
	struct memrig_attr_name *arg = ucmd->arg;

	if (arg->reserved)
		return -EOPNOTSUPP;
	switch (arg->flags) {
	case 0:
		memset(arg->name, 0, sizeof(arg->name));
		return mrig_attr_name_get(arg->bit, arg->name);
	case MEMRIG_ATTR_NAME_SET:
		ucmd->mute = true;
		return attr_name_set(arg);
	case MEMRIG_ATTR_NAME_CLEAR:
		ucmd->mute = true;
		return mrig_attr_name_clear(arg->bit);
	case MEMRIG_ATTR_NAME_FIND:
		return attr_name_find(arg);
	default:
		return arg->flags & ~ATTR_NAME_FLAGS ? -EOPNOTSUPP : -EINVAL;
	}
}

static const struct mrig_ioctl_op session_ops[] = {
	MRIG_IOCTL_OP(FIRST, CAPS, struct memrig_caps, reserved, caps_ioctl),
	MRIG_IOCTL_OP(FIRST, REGION_CREATE, struct memrig_region_create, cpus,
		      region_create_ioctl),
	MRIG_IOCTL_OP(FIRST, REGION_OPEN, struct memrig_region_open, reserved, region_open_ioctl),
	MRIG_IOCTL_MUTE(FIRST, REGION_REMOVE, struct memrig_region_remove, name,
			region_remove_ioctl),
	MRIG_IOCTL_OP(FIRST, REGION_LIST, struct memrig_region_list, entry_size, region_list_ioctl),
	MRIG_IOCTL_OP(FIRST, ATTR_NAME, struct memrig_attr_name, name, attr_name_ioctl),
	MRIG_IOCTL_OP(FIRST, MULTI_CREATE, struct memrig_multi_create, reserved,
		      mrig_multi_create_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_CREATE, struct memrig_window_create, clean_pages,
		      mrig_window_create_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_LIST, struct memrig_window_list, entry_size,
		      mrig_window_list_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_OPEN, struct memrig_window_open, reserved,
		      mrig_window_open_ioctl),
	MRIG_IOCTL_OP(FIRST, PAGING_STAT, struct memrig_paging_stat, evict_dirty,
		      mrig_paging_stat_ioctl),
	MRIG_IOCTL_OP(FIRST, WINDOW_KIND, struct memrig_window_kind, reserved,
		      mrig_window_kind_ioctl),
};

static const struct mrig_ioctl_table session_table = {
	.object = "session",
	.first = FIRST,
	.count = ARRAY_SIZE(session_ops),
	.ops = session_ops,
};

static long session_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return mrig_ioctl_dispatch(&session_table, file, cmd, arg);
}

static const struct file_operations session_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = session_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice session_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "memrig",
	.fops = &session_fops,
	.mode = 0660,
};

/**
 * mrig_session_init() - make /dev/memrig appear
 *
 * Context: module init, when everything behind it works.
 * Return: 0 or a negative errno.
 */
int mrig_session_init(void)
{
	return misc_register(&session_device);
}

/**
 * mrig_session_fini() - make it go away
 *
 * Context: module exit; no session is open.
 */
void mrig_session_fini(void)
{
	misc_deregister(&session_device);
}
