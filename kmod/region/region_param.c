// SPDX-License-Identifier: GPL-2.0-only
/*
 * regions=: named regions made at load, when memory is least fragmented.
 *
 *   regions=NAME:KIND:ATTR:SIZE[:OPTION...][,...]
 *
 * KIND is pages or coherent, ATTR cached, wc or uncached, SIZE bytes with K, M or G. Options are
 * mask=BITS, node=NODE, uid=UID, gid=GID, mode=OCTAL, kernel-only, cpus=MASK and attrs=WORD[+...]
 * (external, powered, a number from 32 to 63, a name from attr_names=); without them the region is
 * root's, of group named_gid= if that is set, and of mode 0660.
 *
 * All or nothing: who names regions at load relies on them. When one is wrong or cannot be had, the
 * log says which and why, those before it are undone, and the load fails.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/memrig.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "region/region_priv.h"

static char *mrig_regions;
module_param_named(regions, mrig_regions, charp, 0444);
MODULE_PARM_DESC(regions, "Regions to make at load: NAME:KIND:ATTR:SIZE[:OPTION...][,...]");

static const char *const mrig_reason_words[] = {
	[MEMRIG_REASON_NONE] = "refused",
	[MEMRIG_REASON_TOO_LARGE] = "larger than this machine's memory",
	[MEMRIG_REASON_CONTIG] = "no contiguous run of pages could be freed",
	[MEMRIG_REASON_CMA] = "the DMA allocator has no room (see cma=)",
	[MEMRIG_REASON_DMA_MASK] = "nothing within reach of the DMA mask",
	[MEMRIG_REASON_NODE] = "the NUMA node has not enough memory",
	[MEMRIG_REASON_MEMLOCK] = "beyond RLIMIT_MEMLOCK",
	[MEMRIG_REASON_LIMIT] = "beyond limit=",
	[MEMRIG_REASON_SIDE] = "no memory for bookkeeping",
	[MEMRIG_REASON_ATTRIBUTE] = "the attribute could not be set",
};

static const char *mrig_reason_word(u32 reason)
{
	if (reason >= ARRAY_SIZE(mrig_reason_words) || !mrig_reason_words[reason])
		return mrig_reason_words[MEMRIG_REASON_NONE];
	return mrig_reason_words[reason];
}

static int mrig_parse_uid(const char *text, kuid_t *uid)
{
	u32 id;

	if (kstrtou32(text, 10, &id))
		return -EINVAL;
	*uid = make_kuid(&init_user_ns, id);
	return uid_valid(*uid) ? 0 : -EINVAL;
}

static int mrig_parse_gid(const char *text, kgid_t *gid)
{
	u32 id;

	if (kstrtou32(text, 10, &id))
		return -EINVAL;
	*gid = make_kgid(&init_user_ns, id);
	return gid_valid(*gid) ? 0 : -EINVAL;
}

static int mrig_parse_option(struct mrig_region_spec *spec, char *option)
{
	char *value = option;
	const char *key = strsep(&value, "=");

	if (!value) {
		if (strcmp(key, "kernel-only"))
			return -EINVAL;
		spec->flags |= MEMRIG_REGION_KERNEL_ONLY;
		return 0;
	}
	if (!strcmp(key, "mask"))
		return kstrtou32(value, 10, &spec->dma_mask_bits);
	if (!strcmp(key, "node"))
		return kstrtoint(value, 10, &spec->node);
	if (!strcmp(key, "mode"))
		return kstrtou16(value, 8, &spec->mode);
	if (!strcmp(key, "cpus"))
		return kstrtou64(value, 16, &spec->cpus);
	if (!strcmp(key, "attrs"))
		return mrig_attrs_parse(value, &spec->attrs);
	if (!strcmp(key, "uid"))
		return mrig_parse_uid(value, &spec->uid);
	if (!strcmp(key, "gid"))
		return mrig_parse_gid(value, &spec->gid);
	return -EINVAL;
}

/* @text is taken apart. */
static int mrig_parse_region(struct mrig_region_spec *spec, char *text)
{
	const char *name = strsep(&text, ":");
	const char *kind = strsep(&text, ":");
	const char *attr = strsep(&text, ":");
	const char *size = strsep(&text, ":");
	char *end;
	int ret;

	if (!size || strscpy(spec->name, name, sizeof(spec->name)) <= 0)
		return -EINVAL;
	spec->kind = mrig_kind_by_name(kind);
	spec->attr = mrig_attr_by_name(attr);
	spec->length = memparse(size, &end);
	if (end == size || *end)
		return -EINVAL;
	while (text) {
		ret = mrig_parse_option(spec, strsep(&text, ":"));
		if (ret)
			return ret;
	}
	return 0;
}

static int mrig_param_create(char *text)
{
	struct mrig_region_spec spec = {
		.node = NUMA_NO_NODE,
		.uid = GLOBAL_ROOT_UID,
		.gid = mrig_named_group(),
		.mode = 0660,
	};
	struct mrig_region *region;
	u32 reason;
	u64 detail;
	int ret;

	ret = mrig_parse_region(&spec, text);
	if (ret) {
		pr_err("regions=: \"%s\": not NAME:KIND:ATTR:SIZE[:OPTION...]\n", text);
		return ret;
	}
	region = mrig_region_create(&spec, &reason, &detail);
	if (IS_ERR(region)) {
		pr_err("regions=: \"%s\": %s (error %ld)\n", spec.name, mrig_reason_word(reason),
		       PTR_ERR(region));
		return PTR_ERR(region);
	}
	mrig_region_put(region);	/* the name has a reference of its own */
	return 0;
}

/**
 * mrig_param_create_regions() - make what regions= asks for
 *
 * Context: Process context, at module load.
 * Return: 0; or -errno, and then the regions made so far are still there, by name.
 */
int mrig_param_create_regions(void)
{
	char *copy, *rest, *text;
	int ret = 0;

	if (!mrig_regions || !*mrig_regions)
		return 0;
	copy = kstrdup(mrig_regions, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!ret && (text = strsep(&rest, ",\n")))
		if (*text)
			ret = mrig_param_create(text);
	kfree(copy);
	return ret;
}
