// SPDX-License-Identifier: GPL-2.0-only
/*
 * A touch that enters a page in a page table enters its neighbours, too, if they have frames.
 *
 * That they were entered does not mean that they were used. On x86 their entries are not young, so
 * the hardware tells; where entries cannot be made so, those that the policy has looked at and that
 * nobody has touched since are left out. They are also left out when the policy wants to hear of
 * the next touch, and where the core does not pass on what the hardware tells (MADV_RANDOM,
 * MADV_SEQUENTIAL).
 */
#include <linux/minmax.h>
#include <linux/mm.h>

#include "core/compat.h"
#include "core/fault.h"
#include "paging/window_priv.h"

/* The neighbours that can be entered, held. */
static unsigned int around_find(struct vm_area_struct *vma, u64 touched, u64 first, u64 last,
				struct mrig_page **found)
{
	struct mrig_window *window = vma->vm_private_data;
	bool idle_too = MRIG_ENTRIES_CAN_BE_OLD && !READ_ONCE(window->chosen.traps) &&
			!(vma->vm_flags & (VM_RAND_READ | VM_SEQ_READ));
	struct mrig_page *page;
	unsigned int n = 0;
	unsigned long index;
	void *entry;

	spin_lock(&window->lock);
	xa_for_each_range(&window->pages, index, entry, first, last) {
		if (index == touched || xa_is_value(entry))
			continue;
		page = entry;
		if (page->state != MRIG_PAGE_RESIDENT || page->mark || (page->looked && !idle_too))
			continue;
		page->holds++;
		if (page->ahead == MRIG_AHEAD_NEW)
			mrig_ahead_settle_locked(page, MRIG_AHEAD_ENTERED);
		found[n++] = page;
	}
	spin_unlock(&window->lock);
	return n;
}

static int around_enter(struct vm_fault *vmf, struct mrig_page *page)
{
	unsigned long address = (vmf->address & PAGE_MASK) +
				((page->index - vmf->pgoff) << PAGE_SHIFT);

	if (mrig_should_fail())
		return -ENOMEM;
	return vm_insert_page(vmf->vma, address, mrig_frame_page(page->window, page->frame));
}

/**
 * mrig_fault_around() - enter the neighbours of a page
 * @vmf: fault that has entered the page; its VMA is still there. The window wants it
 *
 * Only those of the same page of the page table, of which there is one therefore.
 *
 * Context: may sleep.
 */
void mrig_fault_around(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mrig_window *window = vma->vm_private_data;
	u64 run = window->spec.fault_around, slot, first, last;
	struct mrig_page *found[MEMRIG_FAULT_AROUND_MAX];
	unsigned int i, n, entered = 0;
	int err;

	slot = (vmf->address >> PAGE_SHIFT) % PTRS_PER_PTE;
	first = max3((u64)round_down(vmf->pgoff, run), (u64)vma->vm_pgoff,
		     vmf->pgoff > slot ? vmf->pgoff - slot : 0);
	last = min3((u64)round_down(vmf->pgoff, run) + run, (u64)vma->vm_pgoff + vma_pages(vma),
		    vmf->pgoff - slot + PTRS_PER_PTE) - 1;
	n = around_find(vma, vmf->pgoff, first, last, found);
	for (i = 0; i < n; i++) {
		err = around_enter(vmf, found[i]);
		entered += !err;
		/* -EBUSY: it is there already. */
		mrig_page_unhold(found[i], !err || err == -EBUSY);
	}
	if (!entered)
		return;
	spin_lock(&window->lock);
	window->stats.fault_arounds += entered;
	spin_unlock(&window->lock);
}
