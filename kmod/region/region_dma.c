// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices that regions have: platform devices without driver and firmware node, children of one
 * parent of the module's.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>

#include "core/fault.h"
#include "region/region_priv.h"

/*
 * Nobody reads or writes through the mapping: it is there for its address. Who hands over a buffer
 * flushes it himself, and a driver may map the same pages for its own device to write to, of which
 * DMA-API debugging complains where another mapping is not TO_DEVICE.
 */
#define MRIG_DMA_MAP_ATTRS	(DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_NO_WARN)
#define MRIG_DMA_MAP_TO		DMA_TO_DEVICE

static struct device *mrig_dma_parent;
/* For all regions of pages. */
static struct platform_device *mrig_dma_pages;

/**
 * mrig_dma_init() - make the parent of the devices, and the one of regions of pages
 *
 * Context: Process context, at module load.
 * Return: 0 or -errno.
 */
int mrig_dma_init(void)
{
	struct device *parent = root_device_register("memrig");
	struct platform_device *pages;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	mrig_dma_parent = parent;
	pages = mrig_dma_device(64);
	if (IS_ERR(pages)) {
		root_device_unregister(parent);
		mrig_dma_parent = NULL;
		return PTR_ERR(pages);
	}
	mrig_dma_pages = pages;
	return 0;
}

/**
 * mrig_dma_fini() - remove them
 *
 * Context: Process context, at module unload, when no region is left.
 */
void mrig_dma_fini(void)
{
	platform_device_unregister(mrig_dma_pages);
	mrig_dma_pages = NULL;
	root_device_unregister(mrig_dma_parent);
	mrig_dma_parent = NULL;
}

/**
 * mrig_dma_device() - a device whose mask the DMA layer has accepted
 * @bits: address bits that it drives
 *
 * Context: Process context. May sleep.
 * Return: the device, which the caller unregisters, or ERR_PTR: -ENOMEM; -EOPNOTSUPP: the DMA layer
 *	cannot serve such a mask.
 */
struct platform_device *mrig_dma_device(unsigned int bits)
{
	struct platform_device_info info = {
		.parent = mrig_dma_parent,
		.name = "memrig-region",
		.id = PLATFORM_DEVID_AUTO,
		.dma_mask = DMA_BIT_MASK(bits),
	};
	struct platform_device *dev;

	if (mrig_should_fail())
		return ERR_PTR(-ENOMEM);
	dev = platform_device_register_full(&info);
	/* There is nothing wrong with the request: -EINVAL is what a name without memory gives. */
	if (IS_ERR(dev))
		return ERR_PTR(-ENOMEM);
	if (dma_set_mask_and_coherent(&dev->dev, DMA_BIT_MASK(bits))) {
		platform_device_unregister(dev);
		return ERR_PTR(-EOPNOTSUPP);
	}
	dma_set_max_seg_size(&dev->dev, UINT_MAX);
	return dev;
}

/* The pages of a region are one run, so one mapping will do. */
static int dma_map_locked(struct mrig_region *region)
{
	struct device *dev = &mrig_dma_pages->dev;
	dma_addr_t dma;

	lockdep_assert_held(&region->lock);
	if (mrig_should_fail())
		return -ENOMEM;
	dma = dma_map_page_attrs(dev, region->pages[0], 0, region->spec.length, MRIG_DMA_MAP_TO,
				 MRIG_DMA_MAP_ATTRS);
	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	region->dma = dma;
	region->dma_mapped = true;
	return 0;
}

/**
 * mrig_region_dma() - where the device of a region sees it
 * @region: region
 * @offset: byte of it
 * @dma: out: the address; ~0: the machine would have the device use a copy of the pages
 *
 * That of a region of pages is one with 64 address bits, for which it is mapped when somebody asks
 * first, until it ends.
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int mrig_region_dma(struct mrig_region *region, u64 offset, u64 *dma)
{
	int err = 0;

	if (region->dev) {
		*dma = region->dma + offset;
		return 0;
	}
	*dma = ~0ULL;
	/* There is a limit where mappings are copies. */
	if (dma_max_mapping_size(&mrig_dma_pages->dev) != SIZE_MAX)
		return 0;
	mutex_lock(&region->lock);
	if (!region->dma_mapped)
		err = dma_map_locked(region);
	mutex_unlock(&region->lock);
	if (!err)
		*dma = region->dma + offset;
	return err;
}

/**
 * mrig_dma_unmap() - the pages of a region go
 * @region: of pages; nobody uses it any more
 *
 * Context: Process context. May sleep.
 */
void mrig_dma_unmap(struct mrig_region *region)
{
	if (region->dma_mapped)
		dma_unmap_page_attrs(&mrig_dma_pages->dev, region->dma, region->spec.length,
				     MRIG_DMA_MAP_TO, MRIG_DMA_MAP_ATTRS);
}
