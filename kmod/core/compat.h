/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the kernels this module builds for (6.1, 6.12, 7.2), and nothing else: the
 * only file that looks at LINUX_VERSION_CODE. Each entry says since when the newer form exists.
 * Names here are the newer form with a mrig_ prefix.
 */
#ifndef MRIG_COMPAT_H
#define MRIG_COMPAT_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/version.h>

#if !defined(CONFIG_64BIT) || !defined(CONFIG_MMU)
#error "memrig needs a 64-bit kernel with an MMU"
#endif

/* 6.3: vm_flags may only be changed through helpers that know about per-VMA locks. */
#if KERNEL_VERSION(6, 3, 0) <= LINUX_VERSION_CODE
#define mrig_vm_flags_set(vma, flags)	vm_flags_set(vma, flags)
#define mrig_vm_flags_clear(vma, flags)	vm_flags_clear(vma, flags)
#else
#define mrig_vm_flags_set(vma, flags)	((void)((vma)->vm_flags |= (flags)))
#define mrig_vm_flags_clear(vma, flags)	((void)((vma)->vm_flags &= ~(flags)))
#endif

/* 6.6: faults may come with the lock of their VMA instead of that of the address space. */
#if KERNEL_VERSION(6, 6, 0) <= LINUX_VERSION_CODE
#define mrig_fault_unlock(vmf)	release_fault_lock(vmf)
#else
#define mrig_fault_unlock(vmf)	mmap_read_unlock((vmf)->vma->vm_mm)
#endif

/*
 * Not between kernels but between machines: new entries of page tables are young, as the protection
 * of a VMA says. That of x86 keeps it when mprotect() changes it, so it may say otherwise.
 */
#ifdef CONFIG_X86
#define MRIG_ENTRIES_CAN_BE_OLD	true
#define mrig_pgprot_old(prot)	__pgprot(pgprot_val(prot) & ~_PAGE_ACCESSED)
#else
#define MRIG_ENTRIES_CAN_BE_OLD	false
#define mrig_pgprot_old(prot)	(prot)
#endif

/* 6.16: what alloc_contig_range() is told is a set of flags, no longer a migrate type. */
#if KERNEL_VERSION(6, 16, 0) <= LINUX_VERSION_CODE
#define MRIG_CONTIG_PLAIN	ACR_FLAGS_NONE
#else
#define MRIG_CONTIG_PLAIN	MIGRATE_MOVABLE
#endif

/* 6.4: MAX_ORDER became the last valid order; 6.8: it got the name it has now. */
#if KERNEL_VERSION(6, 8, 0) <= LINUX_VERSION_CODE
#define MRIG_BUDDY_ORDER_LAST	MAX_PAGE_ORDER
#elif KERNEL_VERSION(6, 4, 0) <= LINUX_VERSION_CODE
#define MRIG_BUDDY_ORDER_LAST	MAX_ORDER
#else
#define MRIG_BUDDY_ORDER_LAST	(MAX_ORDER - 1)
#endif

/* 6.16: rdmsrl() is called rdmsrq(). A macro: the header that declares them is x86's alone. */
#if KERNEL_VERSION(6, 16, 0) <= LINUX_VERSION_CODE
#define mrig_rdmsrq(msr, val)	rdmsrq(msr, val)
#else
#define mrig_rdmsrq(msr, val)	rdmsrl(msr, val)
#endif

/* 6.13: one call sets up a timer and its function; 6.15: only that one is left. */
#if KERNEL_VERSION(6, 13, 0) <= LINUX_VERSION_CODE
#define mrig_hrtimer_setup(timer, fn, clock, mode)	hrtimer_setup(timer, fn, clock, mode)
#else
#define mrig_hrtimer_setup(timer, fn, clock, mode)		\
	do {							\
		struct hrtimer *mrig_timer = (timer);		\
								\
		hrtimer_init(mrig_timer, clock, mode);		\
		mrig_timer->function = (fn);			\
	} while (0)
#endif

/* 6.13: the name of a namespace is a string. */
#if KERNEL_VERSION(6, 13, 0) <= LINUX_VERSION_CODE
#define MRIG_EXPORT(sym)	EXPORT_SYMBOL_NS_GPL(sym, "MEMRIG")
#else
#define MRIG_EXPORT(sym)	EXPORT_SYMBOL_NS_GPL(sym, MEMRIG)
#endif

#endif /* MRIG_COMPAT_H */
