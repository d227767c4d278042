// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory type of a mapping on x86: the cache bits of its page table entry select a field of the
 * PAT register, and both are read as they are in the hardware's tables, not as they were meant.
 * For system memory, which the MTRRs leave write-back, that field is the effective type.
 */
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/msr.h>
#include <asm/pgtable_types.h>

#include "core/compat.h"
#include "region/region_priv.h"

#define MRIG_CACHE_BITS	(_PAGE_PWT | _PAGE_PCD | _PAGE_PAT)

static u32 mrig_pat_type(u64 pte_bits)
{
	unsigned int field = 0;
	u64 pat;

	if (pte_bits & _PAGE_PWT)
		field |= 1;
	if (pte_bits & _PAGE_PCD)
		field |= 2;
	if (pte_bits & _PAGE_PAT)
		field |= 4;
	mrig_rdmsrq(MSR_IA32_CR_PAT, pat);
	switch (pat >> (field * 8) & 0xff) {
	case 0:
		return MEMRIG_MEMTYPE_UC;
	case 1:
		return MEMRIG_MEMTYPE_WC;
	case 4:
		return MEMRIG_MEMTYPE_WT;
	case 5:
		return MEMRIG_MEMTYPE_WP;
	case 6:
		return MEMRIG_MEMTYPE_WB;
	case 7:
		return MEMRIG_MEMTYPE_UC_MINUS;
	default:
		return MEMRIG_MEMTYPE_OTHER;
	}
}

static struct mrig_memtype mrig_pte_decode(u64 pte)
{
	struct mrig_memtype mt = { .type = MEMRIG_MEMTYPE_NONE };

	if (pte & _PAGE_PRESENT) {
		mt.type = mrig_pat_type(pte);
		mt.raw = pte & MRIG_CACHE_BITS;
	}
	return mt;
}

/**
 * mrig_arch_kernel_type() - memory type of a kernel address
 * @addr: address in a live kernel mapping
 *
 * Context: Process context.
 * Return: type and PTE bits; the PAT bit of a large page is reported where small ones have it.
 */
struct mrig_memtype mrig_arch_kernel_type(const void *addr)
{
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)addr, &level);
	u64 pte;

	if (!entry)
		return mrig_pte_decode(0);
	pte = pte_val(READ_ONCE(*entry));
	if (level != PG_LEVEL_4K) {
		bool pat = pte & _PAGE_PAT_LARGE;

		pte &= ~(u64)_PAGE_PAT;
		pte |= pat ? _PAGE_PAT : 0;
	}
	return mrig_pte_decode(pte);
}

static int mrig_read_pte(pte_t *pte, unsigned long addr, void *data)
{
	*(u64 *)data = pte_val(ptep_get(pte));
	return 0;
}

/**
 * mrig_arch_user_type() - memory type of a user address
 * @vma: VMA it lies in, one of ours, of base pages only
 * @addr: the address
 *
 * The walk that modules may use makes missing tables; at most one page, which goes with the VMA.
 *
 * Context: Process context with the mmap_lock of @vma's mm held.
 * Return: type and PTE bits; NONE when the page is not mapped.
 */
struct mrig_memtype mrig_arch_user_type(struct vm_area_struct *vma, unsigned long addr)
{
	u64 pte = 0;

	mmap_assert_locked(vma->vm_mm);
	if (apply_to_page_range(vma->vm_mm, addr & PAGE_MASK, PAGE_SIZE, mrig_read_pte, &pte))
		return mrig_pte_decode(0);
	return mrig_pte_decode(pte);
}
