// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory type of a mapping on arm64: the CPU is asked to translate the address (AT) and tells
 * the attributes it found in PAR_EL1. Nothing else sees more of the truth than that.
 */
#include <linux/irqflags.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <asm/uaccess.h>

#include "region/region_priv.h"

#define MRIG_PAR_FAULT	BIT_ULL(0)
#define MRIG_PAR_ATTR	56

static struct mrig_memtype mrig_par_decode(u64 par)
{
	struct mrig_memtype mt = { .type = MEMRIG_MEMTYPE_NONE };

	if (par & MRIG_PAR_FAULT)
		return mt;
	mt.raw = par >> MRIG_PAR_ATTR;
	switch (mt.raw) {
	case 0x00:
		mt.type = MEMRIG_MEMTYPE_DEVICE_NGNRNE;
		break;
	case 0x04:
		mt.type = MEMRIG_MEMTYPE_DEVICE_NGNRE;
		break;
	case 0x44:
		mt.type = MEMRIG_MEMTYPE_NORMAL_NC;
		break;
	case 0xff:
		mt.type = MEMRIG_MEMTYPE_WB;
		break;
	default:
		mt.type = MEMRIG_MEMTYPE_OTHER;
	}
	return mt;
}

/**
 * mrig_arch_kernel_type() - memory type of a kernel address
 * @addr: address in a live kernel mapping
 *
 * Context: Any.
 * Return: type and attribute byte.
 */
struct mrig_memtype mrig_arch_kernel_type(const void *addr)
{
	unsigned long flags;
	u64 par;

	/* An interrupt could translate something else before the result is read. */
	local_irq_save(flags);
	asm volatile("at s1e1r, %0" : : "r" (addr));
	isb();
	par = read_sysreg_par();
	local_irq_restore(flags);
	return mrig_par_decode(par);
}

/**
 * mrig_arch_user_type() - memory type of a user address
 * @vma: VMA of the current process it lies in
 * @addr: the address
 *
 * Context: Process context with the mmap_lock of @vma's mm, the current one, held.
 * Return: type and attribute byte; NONE when the page is not mapped.
 */
struct mrig_memtype mrig_arch_user_type(struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long flags;
	u64 par;

	mmap_assert_locked(vma->vm_mm);
	/* Kernels that emulate PAN keep the user's tables out of the way while in the kernel. */
	local_irq_save(flags);
	uaccess_ttbr0_enable();
	asm volatile("at s1e0r, %0" : : "r" (addr));
	isb();
	par = read_sysreg_par();
	uaccess_ttbr0_disable();
	local_irq_restore(flags);
	return mrig_par_decode(par);
}
