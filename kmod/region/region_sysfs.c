// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/memrig/NAME/: what a named region is, one value per file, for root alone. No file
 * holds an address.
 *
 * A directory is removed before the reference of the name is put, and removal waits for readers:
 * the region is there as long as anybody can be in here.
 */
#include <linux/cred.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kdev_t.h>
#include <linux/stat.h>
#include <linux/sysfs.h>

#include "region/region_priv.h"

#define MRIG_REGION_ATTR(_name, _format, ...)						\
	static ssize_t _name##_show(struct device *dev, struct device_attribute *da,	\
				    char *buf)						\
	{										\
		const struct mrig_region *region = dev_get_drvdata(dev);		\
											\
		return sysfs_emit(buf, _format "\n", __VA_ARGS__);			\
	}										\
	static DEVICE_ATTR(_name, 0440, _name##_show, NULL)

MRIG_REGION_ATTR(id, "%llu", region->id);
MRIG_REGION_ATTR(kind, "%s", mrig_region_kind_name(region->spec.kind));
MRIG_REGION_ATTR(attr, "%s", mrig_region_attr_name(region->spec.attr));
MRIG_REGION_ATTR(size, "%llu", region->spec.length);
MRIG_REGION_ATTR(dma_mask_bits, "%u", region->spec.dma_mask_bits);
MRIG_REGION_ATTR(uid, "%u", from_kuid_munged(current_user_ns(), region->spec.uid));
MRIG_REGION_ATTR(gid, "%u", from_kgid_munged(current_user_ns(), region->spec.gid));
MRIG_REGION_ATTR(mode, "%#o", region->spec.mode);
MRIG_REGION_ATTR(kernel_only, "%d", !!(region->spec.flags & MEMRIG_REGION_KERNEL_ONLY));
MRIG_REGION_ATTR(heaps, "%u", READ_ONCE(region->nheaps));
MRIG_REGION_ATTR(mappings, "%u", atomic_read(&region->nmaps));
MRIG_REGION_ATTR(cpus, "%#llx", mrig_region_cpus(region));
MRIG_REGION_ATTR(suspended, "%d", mrig_region_suspended(region));
MRIG_REGION_ATTR(suspends, "%llu", READ_ONCE(region->power.count));

/* A set: its words, with blanks between them. */
static ssize_t attrs_show(struct device *dev, struct device_attribute *da, char *buf)
{
	const struct mrig_region *region = dev_get_drvdata(dev);
	u64 attrs = region->spec.attrs;
	char word[MEMRIG_NAME_MAX];
	int len = 0;

	while (mrig_attrs_word(&attrs, word))
		len += sysfs_emit_at(buf, len, "%s%s", len ? " " : "", word);
	return len + sysfs_emit_at(buf, len, "\n");
}

static struct device_attribute dev_attr_attrs = __ATTR(attrs, 0440, attrs_show, NULL);

static struct attribute *mrig_sysfs_attrs[] = {
	&dev_attr_id.attr,
	&dev_attr_kind.attr,
	&dev_attr_attr.attr,
	&dev_attr_size.attr,
	&dev_attr_dma_mask_bits.attr,
	&dev_attr_uid.attr,
	&dev_attr_gid.attr,
	&dev_attr_mode.attr,
	&dev_attr_kernel_only.attr,
	&dev_attr_heaps.attr,
	&dev_attr_mappings.attr,
	&dev_attr_cpus.attr,
	&dev_attr_suspended.attr,
	&dev_attr_suspends.attr,
	&dev_attr_attrs.attr,
	NULL
};
ATTRIBUTE_GROUPS(mrig_sysfs);

static struct class mrig_class = {
	.name = "memrig",
	.dev_groups = mrig_sysfs_groups,
};

/**
 * mrig_sysfs_init() - register the class
 *
 * Context: Process context, at module load.
 * Return: 0 or -errno.
 */
int mrig_sysfs_init(void)
{
	return class_register(&mrig_class);
}

/**
 * mrig_sysfs_fini() - unregister the class
 *
 * Context: Process context, at module unload, when no name is left.
 */
void mrig_sysfs_fini(void)
{
	class_unregister(&mrig_class);
}

/**
 * mrig_sysfs_add() - make the directory of a named region
 * @region: region with a name nobody else has registered
 *
 * Context: Process context, under the lock of the names. May sleep.
 * Return: the device to remove later, or ERR_PTR.
 */
struct device *mrig_sysfs_add(struct mrig_region *region)
{
	return device_create(&mrig_class, NULL, MKDEV(0, 0), region, "%s", region->spec.name);
}

/**
 * mrig_sysfs_remove() - remove it; returns when no reader is left
 * @dev: from mrig_sysfs_add()
 *
 * Context: Process context, under the lock of the names. May sleep.
 */
void mrig_sysfs_remove(struct device *dev)
{
	device_unregister(dev);
}
