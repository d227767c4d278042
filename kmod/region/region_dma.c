// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices that regions have: platform devices without driver and firmware node, children of one
 * parent of the module's.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "core/fault.h"
#include "region/region_priv.h"

static struct device *mrig_dma_parent;

/**
 * mrig_dma_init() - make the parent of the devices
 *
 * Context: Process context, at module load.
 * Return: 0 or -errno.
 */
int mrig_dma_init(void)
{
	struct device *parent = root_device_register("memrig");

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	mrig_dma_parent = parent;
	return 0;
}

/**
 * mrig_dma_fini() - remove it
 *
 * Context: Process context, at module unload, when no region is left.
 */
void mrig_dma_fini(void)
{
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
