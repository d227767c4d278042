// SPDX-License-Identifier: GPL-2.0-only
/*
 * User mappings of regions.
 *
 * A VMA holds its file and the file a reference on the region, so the memory cannot go while
 * anything here runs, and nothing takes single pages out of a mapping: two faults on one page can
 * only agree. Suspending takes all of them; a fault on a POWERED region passes its gate.
 */
#include <linux/err.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include "core/compat.h"
#include "core/fault.h"
#include "core/trace.h"
#include "region/region_priv.h"

static void mrig_vma_open(struct vm_area_struct *vma)
{
	struct mrig_region *region = vma->vm_private_data;

	atomic_inc(&region->nmaps);
}

static void mrig_vma_close(struct vm_area_struct *vma)
{
	struct mrig_region *region = vma->vm_private_data;

	atomic_dec(&region->nmaps);
}

/* SIGBUS for what mmap() would have refused, and for what is off; GUP and ptrace see -EFAULT. */
static vm_fault_t mrig_vma_fault(struct vm_fault *vmf)
{
	struct mrig_region *region = vmf->vma->vm_private_data;
	vm_fault_t ret;

	if (!region->ops->fault || vmf->pgoff >= region->npages)
		return VM_FAULT_SIGBUS;
	if (mrig_should_fail())
		return VM_FAULT_OOM;
	if (!mrig_power_enter(region))
		return VM_FAULT_SIGBUS;
	ret = region->ops->fault(region, vmf, vmf->pgoff);
	mrig_power_leave(region);
	return ret;
}

/* Also how ATTR_QUERY knows a mapping of ours. */
const struct vm_operations_struct mrig_region_vm_ops = {
	.open = mrig_vma_open,
	.close = mrig_vma_close,
	.fault = mrig_vma_fault,
};

/* A region that lends pages is not mapped, and the other way round: see region_lend.c. */
static int mrig_map_count(struct mrig_region *region)
{
	int ret = 0;

	mutex_lock(&region->lock);
	if (region->nlent)
		ret = -EBUSY;
	else
		atomic_inc(&region->nmaps);
	mutex_unlock(&region->lock);
	return ret;
}

static int mrig_map(struct mrig_region *region, struct vm_area_struct *vma, bool writable)
{
	unsigned long last;
	int ret;

	if (region->spec.flags & MEMRIG_REGION_KERNEL_ONLY)
		return -EPERM;
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (check_add_overflow(vma->vm_pgoff, vma_pages(vma), &last) || last > region->npages)
		return -EINVAL;
	if (!writable && vma->vm_flags & VM_WRITE)
		return -EACCES;
	if (!region->ops->mappable(region))
		return -ENODEV;
	if (mrig_should_fail())
		return -ENOMEM;
	ret = mrig_map_count(region);
	if (ret)
		return ret;

	mrig_vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	if (!writable)
		mrig_vm_flags_clear(vma, VM_MAYWRITE);
	ret = region->ops->mmap(region, vma);
	if (ret) {
		atomic_dec(&region->nmaps);
		return ret;
	}
	vma->vm_private_data = region;
	vma->vm_ops = &mrig_region_vm_ops;
	return 0;
}

/**
 * mrig_region_mmap() - map part of a region into the calling process
 * @region: region, which the file of @vma holds a reference on
 * @vma: new mapping; @vma->vm_pgoff counts pages from the start of the region
 * @writable: may it be written, now or after mprotect()?
 *
 * Context: Process context, with the mmap_lock held for writing.
 * Return: 0; -EPERM for KERNEL_ONLY; -EINVAL for a private mapping or one beyond the end; -EACCES
 *	for a writable one when @writable is false; -ENODEV when the memory cannot be mapped here;
 *	-EBUSY while it lends pages.
 */
int mrig_region_mmap(struct mrig_region *region, struct vm_area_struct *vma, bool writable)
{
	int ret = mrig_map(region, vma, writable);

	trace_memrig_mmap(region->id, vma->vm_pgoff, vma_pages(vma), vma->vm_flags & VM_WRITE, ret);
	return ret;
}

/**
 * mrig_region_kmap() - kernel address of the region, through a mapping of its own attribute
 * @region: region
 *
 * Made when it is first asked for, if need be. It stays until the region goes.
 *
 * Context: Process context. May sleep.
 * Return: the address of its first byte, or ERR_PTR(-ENOMEM).
 */
void *mrig_region_kmap(struct mrig_region *region)
{
	void *kaddr;

	mutex_lock(&region->lock);
	kaddr = region->kaddr;
	if (!kaddr) {
		kaddr = region->ops->map_kernel(region);
		WRITE_ONCE(region->kaddr, kaddr);
		if (kaddr)
			mrig_region_span_mapped(region);
	}
	mutex_unlock(&region->lock);
	return kaddr ?: ERR_PTR(-ENOMEM);
}
