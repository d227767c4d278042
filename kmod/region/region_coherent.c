// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind COHERENT: memory from dma_alloc_attrs() for a device with a chosen DMA mask.
 *
 * Each region owns that device. Its mask is set once, before anything is allocated.
 *
 * Which attribute such memory has is the architecture's choice; asking for another is refused. All
 * user PTEs are made by dma_mmap_attrs() at once, as bare page frames: this memory may come from
 * CMA, and long-term pins of that never end.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/page_ref.h>
#include <linux/platform_device.h>
#include <linux/vmalloc.h>

#include "core/fault.h"
#include "region/region_priv.h"

#define MRIG_DMA_BITS_DEFAULT	32
#define MRIG_DMA_BITS_MIN	24
#define MRIG_DMA_GFP		(GFP_KERNEL | __GFP_NOWARN)

static int mrig_coherent_check(const struct mrig_region_spec *spec)
{
	if (spec->node != NUMA_NO_NODE)
		return -EINVAL;
	if (spec->dma_mask_bits &&
	    (spec->dma_mask_bits < MRIG_DMA_BITS_MIN || spec->dma_mask_bits > 64))
		return -EINVAL;
	return 0;
}

/*
 * An experiment tells which limit it was: a device without one is asked for as much, and what it
 * gets goes straight back.
 */
static u32 mrig_dma_failure(const struct mrig_region *region)
{
	struct platform_device *dev;
	dma_addr_t dma;
	void *addr;

	if (region->spec.dma_mask_bits == 64)
		return MEMRIG_REASON_CMA;
	dev = mrig_dma_device(64);
	if (IS_ERR(dev))
		return MEMRIG_REASON_CMA;
	addr = dma_alloc_attrs(&dev->dev, region->spec.length, &dma, MRIG_DMA_GFP,
			       region->dma_attrs);
	if (addr)
		dma_free_attrs(&dev->dev, region->spec.length, addr, dma, region->dma_attrs);
	platform_device_unregister(dev);
	return addr ? MEMRIG_REASON_DMA_MASK : MEMRIG_REASON_CMA;
}

static struct page *mrig_coherent_page(const struct mrig_region *region, unsigned long index)
{
	void *addr = region->kaddr + (index << PAGE_SHIFT);

	return is_vmalloc_addr(addr) ? vmalloc_to_page(addr) : virt_to_page(addr);
}

/*
 * The DMA layer does not say where it took the memory. But what comes from CMA is counted page by
 * page, while of a buddy block only the first page has a reference; single pages never come from
 * CMA. An IOMMU driver splits what it gets, so there it cannot be told.
 */
static bool mrig_coherent_from_cma(const struct mrig_region *region)
{
	return IS_ENABLED(CONFIG_DMA_CMA) && region->npages > 1 &&
	       !device_iommu_mapped(&region->dev->dev) &&
	       page_ref_count(mrig_coherent_page(region, 1)) == 1;
}

/* Does the device's memory have the attribute that mrig_arch_coherent_attrs() promised? */
static bool mrig_coherent_as_promised(struct device *dev, u32 attr)
{
	return dev_is_dma_coherent(dev) == (attr == MEMRIG_ATTR_CACHED);
}

static int mrig_coherent_acquire(struct mrig_region *region, u32 *reason, u64 *detail)
{
	struct mrig_region_spec *spec = &region->spec;
	struct platform_device *dev;
	int ret;

	if (!spec->dma_mask_bits)
		spec->dma_mask_bits = MRIG_DMA_BITS_DEFAULT;
	region->dma_attrs = mrig_arch_dma_attrs(spec->attr) | DMA_ATTR_NO_WARN;

	dev = mrig_dma_device(spec->dma_mask_bits);
	if (IS_ERR(dev)) {
		if (PTR_ERR(dev) == -ENOMEM)
			*reason = MEMRIG_REASON_SIDE;
		return PTR_ERR(dev);
	}
	ret = -EOPNOTSUPP;
	if (!mrig_coherent_as_promised(&dev->dev, spec->attr))
		goto err_device;

	if (!mrig_should_fail())
		region->kaddr = dma_alloc_attrs(&dev->dev, spec->length, &region->dma,
						MRIG_DMA_GFP, region->dma_attrs);
	if (!region->kaddr) {
		*reason = mrig_dma_failure(region);
		ret = -ENOMEM;
		goto err_device;
	}
	region->dev = dev;
	region->from_cma = mrig_coherent_from_cma(region);
	return 0;

err_device:
	platform_device_unregister(dev);
	return ret;
}

/*
 * Pages that are part of a larger block have no count of their own and cannot be held one by one;
 * all others have exactly one reference, the allocator's.
 */
static bool mrig_coherent_busy(struct mrig_region *region)
{
	unsigned long i;

	for (i = 0; i < region->npages; i++) {
		if (page_ref_count(mrig_coherent_page(region, i)) > 1)
			return true;
		if (!(i % 1024))
			cond_resched();
	}
	return false;
}

static void mrig_coherent_release(struct mrig_region *region)
{
	dma_free_attrs(&region->dev->dev, region->spec.length, region->kaddr, region->dma,
		       region->dma_attrs);
	platform_device_unregister(region->dev);
}

static bool mrig_coherent_mappable(const struct mrig_region *region)
{
	return dma_can_mmap(&region->dev->dev);
}

static int mrig_coherent_mmap(struct mrig_region *region, struct vm_area_struct *vma)
{
	return dma_mmap_attrs(&region->dev->dev, vma, region->kaddr, region->dma,
			      region->spec.length, region->dma_attrs);
}

const struct mrig_region_ops mrig_region_coherent_ops = {
	.name = "coherent",
	.check = mrig_coherent_check,
	.acquire = mrig_coherent_acquire,
	.busy = mrig_coherent_busy,
	.release = mrig_coherent_release,
	.page = mrig_coherent_page,
	.mappable = mrig_coherent_mappable,
	.mmap = mrig_coherent_mmap,
};
