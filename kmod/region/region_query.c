// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is true about a region: the memory types in the live page tables, and, for those who may
 * know, addresses. See region_query_ARCH.c for how a type is found out.
 */
#include <linux/capability.h>
#include <linux/io.h>
#include <linux/memrig.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched.h>

#include "region/region_priv.h"

/* @offset has been checked; this is for CPUs that do not wait for the outcome. */
static unsigned long mrig_page_index(const struct mrig_region *region, u64 offset)
{
	return array_index_nospec(offset >> PAGE_SHIFT, region->npages);
}

static int mrig_query_user(struct mrig_region *region, unsigned long addr, struct mrig_memtype *mt)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int ret = 0;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	vma = vma_lookup(mm, addr);
	if (vma && vma->vm_ops == &mrig_region_vm_ops && vma->vm_private_data == region)
		*mt = mrig_arch_user_type(vma, addr);
	else
		ret = -EINVAL;
	mmap_read_unlock(mm);
	return ret;
}

/**
 * mrig_region_attr_query() - read the effective memory types from the page tables
 * @region: region
 * @query: in: @query->offset, @query->user_addr; out: the rest
 *
 * Context: Process context of the process whose mapping is asked about. May sleep.
 * Return: 0; -EINVAL for an offset beyond the end or an address that is no mapping of @region.
 */
int mrig_region_attr_query(struct mrig_region *region, struct memrig_attr_query *query)
{
	struct mrig_memtype none = { .type = MEMRIG_MEMTYPE_NONE };
	struct mrig_memtype kernel = none, user = none, alias;
	void *kaddr = READ_ONCE(region->kaddr);
	struct page *page;
	int ret;

	if (query->offset >= region->spec.length)
		return -EINVAL;
	if (query->user_addr) {
		ret = mrig_query_user(region, query->user_addr, &user);
		if (ret)
			return ret;
	}
	if (kaddr)
		kernel = mrig_arch_kernel_type(kaddr + query->offset);
	page = region->ops->page(region, mrig_page_index(region, query->offset));
	alias = mrig_arch_kernel_type(page_address(page) + offset_in_page(query->offset));

	query->asked = region->spec.attr;
	query->kernel_type = kernel.type;
	query->kernel_raw = kernel.raw;
	query->user_type = user.type;
	query->user_raw = user.raw;
	query->alias_type = alias.type;
	query->alias_raw = alias.raw;
	return 0;
}

/* Bytes from page @index on whose page frames follow each other. */
static u64 mrig_contiguous_from(const struct mrig_region *region, unsigned long index)
{
	unsigned long first = page_to_pfn(region->ops->page(region, index));
	unsigned long i;

	for (i = 1; index + i < region->npages; i++) {
		if (page_to_pfn(region->ops->page(region, index + i)) != first + i)
			break;
		if (!(i % 1024))
			cond_resched();
	}
	return (u64)i << PAGE_SHIFT;
}

/**
 * mrig_region_addr() - physical and DMA address, for callers with CAP_SYS_RAWIO
 * @region: region
 * @offset: byte of it
 * @addr: out: @addr->phys, @addr->dma, @addr->contiguous
 *
 * Context: Process context. May sleep.
 * Return: 0, -EPERM, -ENOMEM, or -EINVAL for an offset beyond the end.
 */
int mrig_region_addr(struct mrig_region *region, u64 offset, struct memrig_region_addr *addr)
{
	unsigned long index;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (offset >= region->spec.length)
		return -EINVAL;
	index = mrig_page_index(region, offset);
	addr->phys = page_to_phys(region->ops->page(region, index)) + offset_in_page(offset);
	addr->contiguous = mrig_contiguous_from(region, index) - offset_in_page(offset);
	return mrig_region_dma(region, offset, &addr->dma);
}
