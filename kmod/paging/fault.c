// SPDX-License-Identifier: GPL-2.0-only
/*
 * Touches: user mappings of windows and their fault handler.
 *
 * Who finds a page on its way waits. The first time he lets go of everything he holds, the lock of
 * his address space included, and then starts afresh; the second time, or where he may not let go,
 * he waits with what he holds, but only for so long. So a program that is made to wait for itself,
 * by the file that is the store of its window, say, gets an error in the end.
 *
 * There is no page_mkwrite: with it, long-term pins of the pages would be refused (io_uring, RDMA).
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/userfaultfd_k.h>

#include "core/compat.h"
#include "core/fault.h"
#include "core/trace_paging.h"
#include "paging/window_priv.h"

static void window_vma_open(struct vm_area_struct *vma)
{
	struct mrig_window *window = vma->vm_private_data;

	atomic_inc(&window->nmaps);
}

static void window_vma_close(struct vm_area_struct *vma)
{
	struct mrig_window *window = vma->vm_private_data;

	atomic_dec(&window->nmaps);
}

static vm_fault_t fault_sigbus(struct mrig_window *window, unsigned long index, u32 reason)
{
	trace_memrig_window_sigbus(window->id, index, reason);
	spin_lock(&window->lock);
	window->stats.sigbus++;
	window->stats.last_reason = reason;
	spin_unlock(&window->lock);
	return VM_FAULT_SIGBUS;
}

/* The page had a frame: it is touched again, perhaps by somebody else. */
static void fault_soft(struct mrig_window *window, struct mrig_page *page)
{
	bool looked, ahead;

	spin_lock(&window->lock);
	window->stats.soft_faults++;
	page->accessed = true;
	page->used = true;
	looked = page->looked;
	page->looked = false;
	ahead = mrig_ahead_used_locked(page);
	spin_unlock(&window->lock);
	if (looked)
		mrig_choice_touched(page);
	if (ahead)
		mrig_ahead_touched(window, page->index);
}

static vm_fault_t fault_insert(struct vm_fault *vmf, struct mrig_page *page, bool soft)
{
	struct mrig_window *window = page->window;
	int err = mrig_should_fail() ? -ENOMEM :
		  vm_insert_page(vmf->vma, vmf->address & PAGE_MASK,
				 mrig_frame_page(window, page->frame));

	/* Another thread may have been faster; as the page is held, with the same frame. */
	if (err == -EBUSY)
		err = 0;
	if (soft)
		fault_soft(window, page);
	mrig_page_unhold(page, !err);
	if (!err) {
		if (window->spec.fault_around > 1)
			mrig_fault_around(vmf);
		return VM_FAULT_NOPAGE;
	}
	return err == -ENOMEM ? VM_FAULT_OOM : fault_sigbus(window, vmf->pgoff, MEMRIG_REASON_NONE);
}

static void fault_count_wait(struct mrig_window *window)
{
	spin_lock(&window->lock);
	window->stats.waits++;
	spin_unlock(&window->lock);
}

/* Lets go of the address space. @page is used, and not afterwards. */
static vm_fault_t fault_retry(struct vm_fault *vmf, struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	unsigned long left = window->patience;
	struct file *file;
	u32 reason;

	trace_memrig_window_fault(window->id, vmf->pgoff, vmf->flags & FAULT_FLAG_WRITE,
				  vmf->flags & FAULT_FLAG_USER, false, true);
	if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT) {
		mrig_page_unuse(page);
		return VM_FAULT_RETRY;
	}
	file = get_file(vmf->vma->vm_file);
	mrig_fault_unlock(vmf);
	fault_count_wait(window);
	mrig_page_wait(page, false, &left, &reason);
	mrig_page_unuse(page);
	fput(file);
	/* MAJOR, or the core that had the lock of the VMA alone begins twice more, not once. */
	return VM_FAULT_RETRY | VM_FAULT_MAJOR;
}

static vm_fault_t window_touch(struct mrig_window *window, struct vm_fault *vmf)
{
	bool retry = vmf->flags & FAULT_FLAG_ALLOW_RETRY && !(vmf->flags & FAULT_FLAG_TRIED);
	struct mrig_window_client *client = vmf->vma->vm_file->private_data;
	unsigned long left = window->patience;
	bool user = vmf->flags & FAULT_FLAG_USER;
	u32 reason = MEMRIG_REASON_NONE;
	struct mrig_page *page;
	int err;

	for (;;) {
		err = mrig_page_enter(client, vmf->pgoff, user, &page, &reason);
		if (err == 1 || err == -EINPROGRESS)
			mrig_ahead_touched(window, vmf->pgoff);
		if (err >= 0) {
			trace_memrig_window_fault(window->id, vmf->pgoff,
						  vmf->flags & FAULT_FLAG_WRITE, user, !err, false);
			return fault_insert(vmf, page, !err);
		}
		if (err != -EINPROGRESS)
			break;
		if (retry || vmf->flags & FAULT_FLAG_RETRY_NOWAIT)
			return fault_retry(vmf, page);
		fault_count_wait(window);
		err = mrig_page_wait(page, false, &left, &reason);
		mrig_page_unuse(page);
		if (err)
			break;
	}
	/* Short of memory for a record: the core knows how to deal with that. */
	if (err == -ENOMEM && reason == MEMRIG_REASON_SIDE)
		return VM_FAULT_OOM;
	/* Being killed is no failure of ours. */
	if (err == -EINTR)
		return VM_FAULT_SIGBUS;
	return fault_sigbus(window, vmf->pgoff, reason);
}

static vm_fault_t window_vma_fault(struct vm_fault *vmf)
{
	struct mrig_window *window = vmf->vma->vm_private_data;

	/* What userfaultfd leaves in the place of an entry could never be replaced. */
	if (vmf->pgoff >= window->spec.pages || userfaultfd_wp(vmf->vma))
		return fault_sigbus(window, vmf->pgoff, MEMRIG_REASON_NONE);
	return mrig_should_fail() ? VM_FAULT_OOM : window_touch(window, vmf);
}

/*
 * Enters nothing. That there is such an operation tells the core that faults need no more than the
 * lock of their VMA: without it each is begun twice, the second time with the mmap_lock.
 */
static vm_fault_t window_vma_map_pages(struct vm_fault *vmf, pgoff_t start, pgoff_t end)
{
	return 0;
}

const struct vm_operations_struct mrig_window_vm_ops = {
	.open = window_vma_open,
	.close = window_vma_close,
	.fault = window_vma_fault,
	.map_pages = window_vma_map_pages,
};

/* Only a window over an image has a node that can be mapped so: see object.c. */
static int map_code(struct mrig_window *window, struct vm_area_struct *vma)
{
	struct mrig_store *base = window->store.base;

	if (!base->ops->may_exec || base->ops->may_exec(base))
		return 0;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	mrig_vm_flags_clear(vma, VM_MAYEXEC);
	return 0;
}

static int window_map(struct mrig_window *window, struct vm_area_struct *vma)
{
	bool writable = !(window->spec.flags & MEMRIG_WINDOW_READ_ONLY);
	unsigned long last;
	int err;

	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (check_add_overflow(vma->vm_pgoff, vma_pages(vma), &last) || last > window->spec.pages)
		return -EINVAL;
	if (!writable && vma->vm_flags & VM_WRITE)
		return -EACCES;
	err = map_code(window, vma);
	if (err)
		return err;
	if (mrig_should_fail())
		return -ENOMEM;
	mrig_vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
	if (!writable)
		mrig_vm_flags_clear(vma, VM_MAYWRITE);
	vma->vm_page_prot = mrig_region_pgprot(window->region, vma->vm_page_prot);
	if (window->spec.fault_around > 1)
		vma->vm_page_prot = mrig_pgprot_old(vma->vm_page_prot);
	vma->vm_private_data = window;
	vma->vm_ops = &mrig_window_vm_ops;
	atomic_inc(&window->nmaps);
	return 0;
}

/**
 * mrig_window_mmap() - map part of a window into the calling process
 * @client: on whose file
 * @vma: new mapping; @vma->vm_pgoff counts pages of the window
 *
 * Context: Process context, with the mmap_lock held for writing.
 * Return: 0; -EINVAL for a private mapping or one beyond the end; -EACCES for a writable one of a
 *	window that is READ_ONLY, and for any by an observer; -EPERM for an executable one of an
 *	image that must not be run.
 */
int mrig_window_mmap(struct mrig_window_client *client, struct vm_area_struct *vma)
{
	struct mrig_window *window = client->window;
	int ret = client->observer ? -EACCES : window_map(window, vma);

	trace_memrig_window_mmap(window->id, vma->vm_pgoff, vma_pages(vma),
				 vma->vm_flags & VM_WRITE, ret);
	return ret;
}
