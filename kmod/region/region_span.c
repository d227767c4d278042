// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spans of regions: which heap has which, and which may hold headers of heaps that kernel code
 * makes over bare addresses: cached ones that nobody but the kernel can write, so none that a
 * device has the address of. The addresses of all others are made known to the port.
 */
#include <linux/errno.h>
#include <linux/mm.h>

#include "region/region_priv.h"

static int mrig_region_header_error(const struct mrig_region *region)
{
	if (!(region->spec.flags & MEMRIG_REGION_KERNEL_ONLY) ||
	    region->spec.kind == MEMRIG_KIND_COHERENT)
		return -EPERM;
	if (region->spec.attr != MEMRIG_ATTR_CACHED || region->spec.attrs & MEMRIG_ATTRS_POWERED)
		return -EOPNOTSUPP;
	return 0;
}

/**
 * mrig_region_span_init() - a region has its memory: refuse headers there, if need be
 * @region: region; its pages and, perhaps, its kernel address are known
 *
 * Pages are refused at their place in the kernel's map of all memory, too.
 *
 * Context: may sleep.
 */
void mrig_region_span_init(struct mrig_region *region)
{
	int err = mrig_region_header_error(region);

	if (!err)
		return;
	if (region->pages)
		mrig_bare_forbid(&region->linear, page_address(region->pages[0]),
				 region->spec.length, err);
	if (region->kaddr)
		mrig_region_span_mapped(region);
}

/**
 * mrig_region_span_mapped() - a region has got its kernel address
 * @region: region
 *
 * Context: may sleep.
 */
void mrig_region_span_mapped(struct mrig_region *region)
{
	int err = mrig_region_header_error(region);

	if (err)
		mrig_bare_forbid(&region->mapped, region->kaddr, region->spec.length, err);
}

/**
 * mrig_region_span_fini() - the memory of a region goes
 * @region: region; freed after a grace period of RCU only
 *
 * Context: may sleep.
 */
void mrig_region_span_fini(struct mrig_region *region)
{
	mrig_bare_permit(&region->linear);
	mrig_bare_permit(&region->mapped);
}

/**
 * mrig_region_claim() - take a span of a region: heaps of one region never overlap
 * @region: referenced by the caller
 * @claim: filled in, but for @claim->user
 * @offset: first byte
 * @length: bytes; the span has been checked to lie in the region
 *
 * Context: Process context. May sleep.
 * Return: 0, or -EBUSY if any of it is taken, or all of it by kernel code.
 */
int mrig_region_claim(struct mrig_region *region, struct mrig_claim *claim, u64 offset, u64 length)
{
	struct mrig_claim *other;
	int err = 0;

	claim->offset = offset;
	claim->length = length;
	mutex_lock(&region->lock);
	if (claim->user && region->kernels)
		err = -EBUSY;
	list_for_each_entry(other, &region->heaps, entry) {
		if (offset < other->offset + other->length && other->offset < offset + length) {
			err = -EBUSY;
			break;
		}
	}
	if (!err) {
		list_add_tail(&claim->entry, &region->heaps);
		region->nheaps++;
	}
	mutex_unlock(&region->lock);
	return err;
}

/**
 * mrig_region_unclaim() - give a span back
 * @region: region
 * @claim: as mrig_region_claim() filled it in
 *
 * Context: Process context. May sleep.
 */
void mrig_region_unclaim(struct mrig_region *region, struct mrig_claim *claim)
{
	mutex_lock(&region->lock);
	list_del(&claim->entry);
	region->nheaps--;
	mutex_unlock(&region->lock);
}

/**
 * mrig_region_take() - kernel code is about to use the bytes of a region by their address
 * @region: region
 *
 * In a KERNEL_ONLY region there may be heaps of its own from now on, with headers that nobody has
 * heard of and nobody will say farewell to. So user space makes no heap there any more, whose first
 * deed could be to zero its span. Regions that user space can map are its to spoil anyway.
 *
 * Context: Process context. May sleep.
 * Return: 0, or -EBUSY: user space has a heap there.
 */
int mrig_region_take(struct mrig_region *region)
{
	struct mrig_claim *claim;
	int err = 0;

	if (!(region->spec.flags & MEMRIG_REGION_KERNEL_ONLY))
		return 0;
	mutex_lock(&region->lock);
	list_for_each_entry(claim, &region->heaps, entry)
		if (claim->user)
			err = -EBUSY;
	if (!err)
		region->kernels = true;
	mutex_unlock(&region->lock);
	return err;
}
