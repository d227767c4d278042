// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may be told about regions: names of attributes, capabilities of the machine, the state of
 * one region. No addresses.
 */
#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/memrig.h>
#include <linux/numa.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "region/region_priv.h"

static const char *const mrig_attr_names[] = {
	[0] = "?",
	[MEMRIG_ATTR_CACHED] = "cached",
	[MEMRIG_ATTR_WRITE_COMBINE] = "wc",
	[MEMRIG_ATTR_UNCACHED] = "uncached",
	[MEMRIG_ATTR_WRITE_THROUGH] = "wt",
	[MEMRIG_ATTR_DEVICE] = "device",
};

/**
 * mrig_region_attr_name() - name of an attribute, as the command line and regions= use it
 * @attr: enum memrig_attr
 *
 * Return: the name, or "?" for none.
 */
const char *mrig_region_attr_name(u32 attr)
{
	if (attr >= ARRAY_SIZE(mrig_attr_names))
		return mrig_attr_names[0];
	return mrig_attr_names[array_index_nospec(attr, ARRAY_SIZE(mrig_attr_names))];
}

/**
 * mrig_attr_by_name() - the reverse of mrig_region_attr_name()
 * @name: to look for
 *
 * Return: enum memrig_attr, or 0 for none.
 */
u32 mrig_attr_by_name(const char *name)
{
	int attr = match_string(mrig_attr_names, ARRAY_SIZE(mrig_attr_names), name);

	return attr > 0 ? attr : 0;
}

/**
 * mrig_region_attrs() - attributes that regions of a kind can have on this machine
 * @kind: enum memrig_kind
 *
 * Return: bit n for enum memrig_attr n.
 */
u32 mrig_region_attrs(u32 kind)
{
	switch (kind) {
	case MEMRIG_KIND_PAGES:
		return mrig_arch_pages_attrs();
	case MEMRIG_KIND_COHERENT:
		return mrig_arch_coherent_attrs();
	default:
		return 0;
	}
}

/**
 * mrig_region_gup_attrs() - attributes with which mappings of PAGES regions can be pinned
 *
 * Return: bit n for enum memrig_attr n.
 */
u32 mrig_region_gup_attrs(void)
{
	return mrig_arch_gup_attrs();
}

/**
 * mrig_region_features() - what regions can do on this machine
 *
 * Return: MEMRIG_FEATURE_*.
 */
u64 mrig_region_features(void)
{
	u64 features = mrig_arch_features();

	if (IS_ENABLED(CONFIG_DMA_CMA))
		features |= MEMRIG_FEATURE_CMA;
	return features;
}

/* Flags that describe a region now, but for READ_ONLY, which is a file's. */
static u32 mrig_region_state(const struct mrig_region *region)
{
	u32 state = region->spec.flags;

	if (READ_ONCE(region->name_live))
		state |= MEMRIG_REGION_STATE_NAMED;
	if (!(state & MEMRIG_REGION_KERNEL_ONLY) && region->ops->mappable(region)) {
		state |= MEMRIG_REGION_STATE_MAPPABLE;
		if (region->spec.kind == MEMRIG_KIND_PAGES &&
		    mrig_arch_gup_attrs() & BIT(region->spec.attr))
			state |= MEMRIG_REGION_STATE_GUP;
	}
	if (region->from_cma)
		state |= MEMRIG_REGION_STATE_CMA;
	if (mrig_region_suspended(region))
		state |= MEMRIG_REGION_STATE_SUSPENDED;
	return state;
}

/**
 * mrig_region_fill_info() - describe a region to user space
 * @region: region
 * @info: out: all but @info->size
 *
 * Context: Process context of who is told: ids are those of its user namespace.
 */
void mrig_region_fill_info(struct mrig_region *region, struct memrig_region_info *info)
{
	const struct mrig_region_spec *spec = &region->spec;

	info->flags = mrig_region_state(region);
	info->id = region->id;
	info->kind = spec->kind;
	info->attr = spec->attr;
	info->length = spec->length;
	info->dma_mask_bits = spec->dma_mask_bits;
	info->node = mrig_region_node(region);
	memset(info->name, 0, sizeof(info->name));
	if (info->flags & MEMRIG_REGION_STATE_NAMED)
		strscpy(info->name, spec->name, sizeof(info->name));
	info->uid = from_kuid_munged(current_user_ns(), spec->uid);
	info->gid = from_kgid_munged(current_user_ns(), spec->gid);
	info->mode = spec->mode;
	info->heaps = READ_ONCE(region->nheaps);
	info->mappings = atomic_read(&region->nmaps);
	info->dma_bits = mrig_region_dma_bits(region);
	info->attrs = spec->attrs;
	info->cpus = mrig_region_cpus(region);
	info->suspends = READ_ONCE(region->power.count);
}

/**
 * mrig_region_show_fdinfo() - lines for /proc/PID/fdinfo of a region's file
 * @m: where to
 * @region: region
 */
void mrig_region_show_fdinfo(struct seq_file *m, struct mrig_region *region)
{
	u32 state = mrig_region_state(region);
	u64 attrs = region->spec.attrs;
	char word[MEMRIG_NAME_MAX];

	seq_puts(m, "memrig-object:\tregion\n");
	seq_printf(m, "memrig-region:\t%llu\n", region->id);
	seq_printf(m, "memrig-kind:\t%s\n", mrig_region_kind_name(region->spec.kind));
	seq_printf(m, "memrig-attr:\t%s\n", mrig_region_attr_name(region->spec.attr));
	seq_puts(m, "memrig-attrs:");
	while (mrig_attrs_word(&attrs, word))
		seq_printf(m, "\t%s", word);
	seq_puts(m, "\n");
	seq_printf(m, "memrig-length:\t%llu\n", region->spec.length);
	seq_printf(m, "memrig-state:\t%#x\n", state);
	if (state & MEMRIG_REGION_STATE_NAMED)
		seq_printf(m, "memrig-name:\t%s\n", region->spec.name);
	if (region->spec.dma_mask_bits)
		seq_printf(m, "memrig-dma-mask-bits:\t%u\n", region->spec.dma_mask_bits);
	seq_printf(m, "memrig-suspends:\t%llu\n", READ_ONCE(region->power.count));
	seq_printf(m, "memrig-heaps:\t%u\n", READ_ONCE(region->nheaps));
	seq_printf(m, "memrig-mappings:\t%u\n", atomic_read(&region->nmaps));
}
