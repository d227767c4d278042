// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind PAGES: contiguous pages of system memory with the attribute that was asked for.
 *
 * The pages are ordinary, separately counted pages. At the end each is put once, whatever others
 * still hold: a page in a pipe or in a registered buffer lives on, cached again, until they let go.
 *
 * User mappings are page-backed, so that GUP works, wherever the kernel itself reaches the pages
 * with the region's own type; elsewhere (arm64, not cached) they are bare page frames, since GUP
 * would make the kernel use them through a cacheable alias.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "core/compat.h"
#include "core/fault.h"
#include "region/region_priv.h"

/* Neighbours that a fault maps along with the page asked for; a power of two. */
#define MRIG_FAULT_AROUND	16

#define MRIG_RESCHED_PAGES	1024

static int mrig_pages_check(const struct mrig_region_spec *spec)
{
	if (spec->dma_mask_bits)
		return -EINVAL;
	if (spec->node == NUMA_NO_NODE)
		return 0;
	if (spec->node < 0 || spec->node >= MAX_NUMNODES || !node_online(spec->node))
		return -EINVAL;
	return 0;
}

static void mrig_pages_put(struct mrig_region *region)
{
	unsigned long i;

	for (i = 0; i < region->npages; i++) {
		put_page(region->pages[i]);
		if (!(i % MRIG_RESCHED_PAGES))
			cond_resched();
	}
}

static int mrig_pages_fill(struct mrig_region *region, struct page *first)
{
	unsigned long pfn = page_to_pfn(first);
	unsigned long i;

	for (i = 0; i < region->npages; i++) {
		region->pages[i] = pfn_to_page(pfn + i);
		if (!fatal_signal_pending(current))
			clear_highpage(region->pages[i]);
		if (!(i % MRIG_RESCHED_PAGES))
			cond_resched();
	}
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/*
 * Back to cached, so that the kernel can have the pages again. Should that fail, nobody may ever
 * use them with a type that is not theirs: they are lost.
 */
static bool mrig_pages_restore(struct mrig_region *region)
{
	if (!mrig_arch_attr_restore(region->pages, region->npages, region->spec.attr))
		return true;
	pr_err_once("%llu bytes could not be made cached again and are lost\n",
		    region->spec.length);
	return false;
}

static int mrig_pages_acquire(struct mrig_region *region, u32 *reason, u64 *detail)
{
	struct page *first;
	int ret;

	*reason = MEMRIG_REASON_SIDE;
	if (mrig_should_fail())
		return -ENOMEM;
	region->pages = kvmalloc_array(region->npages, sizeof(*region->pages), MRIG_GFP_SIDE);
	if (!region->pages)
		return -ENOMEM;

	first = mrig_contig_alloc(region->npages, region->spec.node, reason);
	if (IS_ERR(first)) {
		ret = PTR_ERR(first);
		goto err_array;
	}
	ret = mrig_pages_fill(region, first);
	if (ret)
		goto err_pages;

	*reason = MEMRIG_REASON_ATTRIBUTE;
	ret = mrig_should_fail() ? -ENOMEM :
	      mrig_arch_attr_set(region->pages, region->npages, region->spec.attr);
	if (ret) {
		ret = -ENOMEM;
		if (mrig_pages_restore(region))
			goto err_pages;
		goto err_array;
	}
	if (mrig_arch_linear_has(region->spec.attr))
		region->kaddr = page_address(first);
	*reason = MEMRIG_REASON_NONE;
	return 0;

err_pages:
	mrig_pages_put(region);
err_array:
	if (ret != -ENOMEM)
		*reason = MEMRIG_REASON_NONE;
	kvfree(region->pages);
	return ret;
}

static void mrig_pages_release(struct mrig_region *region)
{
	mrig_dma_unmap(region);
	if (is_vmalloc_addr(region->kaddr))
		vunmap(region->kaddr);
	if (mrig_pages_restore(region))
		mrig_pages_put(region);
	kvfree(region->pages);
}

static struct page *mrig_pages_page(const struct mrig_region *region, unsigned long index)
{
	return region->pages[index];
}

static bool mrig_pages_mappable(const struct mrig_region *region)
{
	return true;
}

static bool mrig_pages_backed(const struct mrig_region *region)
{
	return mrig_arch_gup_attrs() & BIT(region->spec.attr);
}

static int mrig_pages_mmap(struct mrig_region *region, struct vm_area_struct *vma)
{
	mrig_vm_flags_set(vma, mrig_pages_backed(region) ? VM_MIXEDMAP : VM_PFNMAP | VM_IO);
	vma->vm_page_prot = mrig_arch_pgprot(region->spec.attr, vma->vm_page_prot);
	return 0;
}

/* Another thread may have been faster: fine, it can only have mapped the same page. */
static vm_fault_t mrig_pages_insert(struct mrig_region *region, struct vm_area_struct *vma,
				    unsigned long addr, unsigned long index)
{
	int ret;

	if (!mrig_pages_backed(region))
		return vmf_insert_pfn(vma, addr, page_to_pfn(region->pages[index]));
	ret = vm_insert_page(vma, addr, region->pages[index]);
	if (ret == -ENOMEM)
		return VM_FAULT_OOM;
	return ret && ret != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

/*
 * Maps the page asked for first, on which alone success depends, then its neighbours within an
 * aligned group, as far as mapping and region go.
 */
static vm_fault_t mrig_pages_fault(struct mrig_region *region, struct vm_fault *vmf,
				   unsigned long index)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long addr = vmf->address & PAGE_MASK;
	unsigned long group = addr & ~(MRIG_FAULT_AROUND * PAGE_SIZE - 1);
	unsigned long start = max(group, vma->vm_start);
	unsigned long end = min(group + MRIG_FAULT_AROUND * PAGE_SIZE, vma->vm_end);
	unsigned long first = vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT);
	vm_fault_t ret = mrig_pages_insert(region, vma, addr, index);

	if (ret != VM_FAULT_NOPAGE || vma->vm_flags & VM_RAND_READ)
		return ret;
	for (; start < end && first < region->npages; start += PAGE_SIZE, first++)
		if (start != addr)
			mrig_pages_insert(region, vma, start, first);
	return VM_FAULT_NOPAGE;
}

static void *mrig_pages_map_kernel(struct mrig_region *region)
{
	if (mrig_should_fail())
		return NULL;
	return vmap(region->pages, region->npages, VM_MAP,
		    mrig_arch_pgprot(region->spec.attr, PAGE_KERNEL));
}

const struct mrig_region_ops mrig_region_pages_ops = {
	.name = "pages",
	.check = mrig_pages_check,
	.acquire = mrig_pages_acquire,
	.release = mrig_pages_release,
	.page = mrig_pages_page,
	.mappable = mrig_pages_mappable,
	.mmap = mrig_pages_mmap,
	.fault = mrig_pages_fault,
	.map_kernel = mrig_pages_map_kernel,
};
