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
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "core/compat.h"
#include "core/fault.h"
#include "paging/window_priv.h"

static unsigned long around_address(const struct vm_fault *vmf, unsigned long index)
{
	return (vmf->address & PAGE_MASK) + ((index - vmf->pgoff) << PAGE_SHIFT);
}

/*
 * Is it there already? What this says may change at any time, and is only a hint. The page of the
 * page table can go meanwhile (MADV_DONTNEED, where a kernel has PT_RECLAIM): it is read as it was,
 * which RCU allows, or it is not there.
 */
static bool around_entered(const struct vm_fault *vmf, unsigned long index)
{
	pmd_t pmd = READ_ONCE(*vmf->pmd);

	lockdep_assert(rcu_read_lock_held());
	if (pmd_none(pmd))
		return false;
	return !pte_none(READ_ONCE(*pte_offset_kernel(&pmd, around_address(vmf, index))));
}

/* The neighbours that can be entered, held. */
static unsigned int around_find(struct vm_fault *vmf, u64 first, u64 last, struct mrig_page **found)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mrig_window *window = vma->vm_private_data;
	bool idle_too = MRIG_ENTRIES_CAN_BE_OLD && !READ_ONCE(window->chosen.traps) &&
			!(vma->vm_flags & (VM_RAND_READ | VM_SEQ_READ));
	XA_STATE(xas, &window->pages, first);
	struct mrig_page *page;
	unsigned int n = 0;
	void *entry;

	spin_lock(&window->lock);
	rcu_read_lock();
	xas_for_each(&xas, entry, last) {
		if (xas_retry(&xas, entry) || xa_is_value(entry) ||
		    around_entered(vmf, xas.xa_index))
			continue;
		page = entry;
		if (page->state != MRIG_PAGE_RESIDENT || page->mark || (page->looked && !idle_too))
			continue;
		page->holds++;
		if (page->ahead == MRIG_AHEAD_NEW)
			mrig_ahead_settle_locked(page, MRIG_AHEAD_ENTERED);
		found[n++] = page;
	}
	rcu_read_unlock();
	spin_unlock(&window->lock);
	return n;
}

/* Enter pages side by side, as far as that goes. Return: as vm_insert_pages(). */
static int around_enter(struct vm_fault *vmf, struct mrig_page **found, unsigned int many,
			unsigned int *entered)
{
	struct page *pages[MEMRIG_FAULT_AROUND_MAX];
	unsigned long left = many;
	unsigned int i;
	int err;

	*entered = 0;
	if (mrig_should_fail())
		return -ENOMEM;
	for (i = 0; i < many; i++)
		pages[i] = mrig_frame_page(found[i]->window, found[i]->frame);
	err = vm_insert_pages(vmf->vma, around_address(vmf, found[0]->index), pages, &left);
	*entered = many - left;
	return err;
}

/* Return: how many there are side by side. */
static unsigned int around_run(struct mrig_page **found, unsigned int n)
{
	unsigned int i = 1;

	while (i < n && found[i]->index == found[0]->index + i)
		i++;
	return i;
}

static void around_let_go(struct mrig_window *window, struct mrig_page **found, unsigned int n,
			  u64 mapped, unsigned int entered)
{
	unsigned int i;

	spin_lock(&window->lock);
	for (i = 0; i < n; i++)
		mrig_page_unhold_locked(found[i], mapped & BIT_ULL(i));
	window->stats.fault_arounds += entered;
	if (n)
		mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
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
	unsigned int i = 0, n, many, entered = 0;
	u64 mapped = 0;
	int err = 0;

	slot = (vmf->address >> PAGE_SHIFT) % PTRS_PER_PTE;
	first = max3((u64)round_down(vmf->pgoff, run), (u64)vma->vm_pgoff,
		     vmf->pgoff > slot ? vmf->pgoff - slot : 0);
	last = min3((u64)round_down(vmf->pgoff, run) + run, (u64)vma->vm_pgoff + vma_pages(vma),
		    vmf->pgoff - slot + PTRS_PER_PTE) - 1;
	BUILD_BUG_ON(MEMRIG_FAULT_AROUND_MAX > 64);
	n = around_find(vmf, first, last, found);
	while (i < n && (!err || err == -EBUSY)) {
		err = around_enter(vmf, found + i, around_run(found + i, n - i), &many);
		entered += many;
		/* One that is there already is not in the way of the others. */
		for (many += err == -EBUSY; many; many--)
			mapped |= BIT_ULL(i++);
	}
	around_let_go(window, found, n, mapped, entered);
}
