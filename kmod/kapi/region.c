// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions for other modules: the region layer's calls, behind a structure that leaves out what only
 * files need.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/numa.h>
#include <linux/string.h>

#include "memrig/region.h"
#include "mrig_sync_port.h"
#include "region/region.h"

/**
 * memrig_region_create() - make a region
 * @config: what to make
 *
 * Pinned memory is charged to the user of the calling process, as it is for user space. A region
 * with a name also stays until memrig_region_remove().
 *
 * Context: may sleep; takes time in proportion to the length.
 * Return: the region with one reference, or ERR_PTR: -EINVAL, -EOPNOTSUPP, -EOVERFLOW, -ENOMEM,
 * -EEXIST, -ENAMETOOLONG for a name that is too long, as MEMRIG_IOC_REGION_CREATE; -EWOULDBLOCK
 * where nobody can sleep.
 */
struct mrig_region *memrig_region_create(const struct memrig_region_config *config)
{
	struct mrig_region_spec spec = {
		.kind = config->kind,
		.attr = config->attr,
		.flags = config->flags,
		.length = config->length,
		.attrs = config->attrs,
		.dma_mask_bits = config->dma_mask_bits,
		.node = config->on_node ? config->node : NUMA_NO_NODE,
		.uid = current_fsuid(),
		.gid = current_fsgid(),
		.mode = 0600,
	};
	u64 detail;
	u32 reason;

	if (!mrig_may_sleep())
		return ERR_PTR(-EWOULDBLOCK);
	if (config->on_node && (config->node < 0 || config->node >= MAX_NUMNODES ||
				!node_online(config->node)))
		return ERR_PTR(-EINVAL);
	if (config->name && strscpy(spec.name, config->name, sizeof(spec.name)) < 0)
		return ERR_PTR(-ENAMETOOLONG);
	return mrig_region_create(&spec, &reason, &detail);
}

/**
 * memrig_region_open() - find a region by its name
 * @name: its name
 *
 * Context: may sleep; the permissions of the calling process count.
 * Return: the region with a reference, or ERR_PTR: -ENOENT, -EACCES, -EWOULDBLOCK where nobody can
 * sleep.
 */
struct mrig_region *memrig_region_open(const char *name)
{
	return mrig_may_sleep() ? mrig_region_open(name, true) : ERR_PTR(-EWOULDBLOCK);
}

/**
 * memrig_region_remove() - take the name of a region away, and the reference that goes with it
 * @name: its name
 *
 * Context: may sleep; the permissions of the calling process count.
 * Return: 0, or -errno as MEMRIG_IOC_REGION_REMOVE; -EWOULDBLOCK where nobody can sleep.
 */
int memrig_region_remove(const char *name)
{
	return mrig_may_sleep() ? mrig_region_remove(name) : -EWOULDBLOCK;
}

/**
 * memrig_region_get() - take a reference
 * @region: region the caller has a reference on
 *
 * Context: any.
 * Return: @region.
 */
struct mrig_region *memrig_region_get(struct mrig_region *region)
{
	mrig_region_get(region);
	return region;
}

/**
 * memrig_region_put() - drop a reference
 * @region: gone if it was the last; NULL and ERR_PTR are ignored
 *
 * Context: may sleep.
 */
void memrig_region_put(struct mrig_region *region)
{
	if (!IS_ERR_OR_NULL(region))
		mrig_region_put(region);
}

/**
 * memrig_region_kaddr() - where the kernel has a region, with its attribute
 * @region: region; the address is good as long as it lives. While a POWERED one is suspended its
 *	bytes must not be touched
 *
 * A KERNEL_ONLY region is the kernel's from then on, as long as it lives: user space that opens it
 * by its name can make no heap in it (EBUSY).
 *
 * Context: may sleep.
 * Return: the address of its first byte, or ERR_PTR: -ENOMEM; -EBUSY: it is KERNEL_ONLY, and user
 * space has a heap in it; -EWOULDBLOCK: the caller cannot sleep.
 */
void *memrig_region_kaddr(struct mrig_region *region)
{
	void *addr;
	int err;

	if (!mrig_may_sleep())
		return ERR_PTR(-EWOULDBLOCK);
	addr = mrig_region_kmap(region);
	if (IS_ERR(addr))
		return addr;
	err = mrig_region_take(region);
	return err ? ERR_PTR(err) : addr;
}

/**
 * memrig_region_dma_addr() - where the device of a COHERENT region sees it
 * @region: region
 * @offset: byte of it
 * @addr: filled in
 *
 * Context: any.
 * Return: 0; -EINVAL for an offset beyond the end; -EOPNOTSUPP: not COHERENT. Map PAGES for
 *	your own device.
 */
int memrig_region_dma_addr(struct mrig_region *region, u64 offset, dma_addr_t *addr)
{
	if (offset >= region->spec.length)
		return -EINVAL;
	if (!region->dev)
		return -EOPNOTSUPP;
	*addr = region->dma + offset;
	return 0;
}

/**
 * memrig_region_info() - what there is to know of a region
 * @region: region
 * @info: filled in
 *
 * Context: may sleep.
 */
void memrig_region_info(struct mrig_region *region, struct memrig_region_info *info)
{
	memset(info, 0, sizeof(*info));
	mrig_region_fill_info(region, info);
}
