// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes on x86: the page attribute table. A page has exactly one type at any time, in every
 * mapping: the linear map is changed first, user mappings follow with the same type, and before
 * the page goes back the linear map is write-back again.
 *
 * Asking for UNCACHED gives UC-, as everywhere in the kernel; with no MTRR in play it behaves as
 * UC. DMA is cache-coherent, so memory for it is write-back whatever is asked for.
 */
#include <linux/memrig.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <asm/memtype.h>
#include <asm/set_memory.h>

#include "region/region_priv.h"

/* Pages per call: one call does not reschedule, and flushes every CPU's TLB once. */
#define MRIG_ATTR_CHUNK	32768UL

/**
 * mrig_arch_pages_attrs() - attributes PAGES regions can have
 *
 * Return: bit n for enum memrig_attr n.
 */
u32 mrig_arch_pages_attrs(void)
{
	u32 mask = BIT(MEMRIG_ATTR_CACHED) | BIT(MEMRIG_ATTR_UNCACHED);

	if (pat_enabled())
		mask |= BIT(MEMRIG_ATTR_WRITE_COMBINE);
	return mask;
}

/**
 * mrig_arch_coherent_attrs() - attributes COHERENT regions can have
 *
 * Return: bit n for enum memrig_attr n.
 */
u32 mrig_arch_coherent_attrs(void)
{
	return BIT(MEMRIG_ATTR_CACHED);
}

/**
 * mrig_arch_gup_attrs() - attributes with which the kernel may use pages of user mappings
 *
 * Return: bit n for enum memrig_attr n: all, since the linear map has the type too.
 */
u32 mrig_arch_gup_attrs(void)
{
	return mrig_arch_pages_attrs();
}

/**
 * mrig_arch_features() - what to tell about this architecture
 *
 * Return: MEMRIG_FEATURE_*.
 */
u64 mrig_arch_features(void)
{
	return pat_enabled() ? MEMRIG_FEATURE_X86_PAT : 0;
}

/**
 * mrig_arch_dma_attrs() - how to ask the DMA API for an attribute
 * @attr: one of mrig_arch_coherent_attrs()
 *
 * Return: DMA_ATTR_*.
 */
unsigned long mrig_arch_dma_attrs(u32 attr)
{
	return 0;
}

/**
 * mrig_arch_pgprot() - page protection of a mapping with an attribute
 * @attr: one of mrig_arch_pages_attrs()
 * @prot: of a cached mapping
 *
 * Return: @prot with the attribute.
 */
pgprot_t mrig_arch_pgprot(u32 attr, pgprot_t prot)
{
	switch (attr) {
	case MEMRIG_ATTR_WRITE_COMBINE:
		return pgprot_writecombine(prot);
	case MEMRIG_ATTR_UNCACHED:
		return pgprot_noncached(prot);
	default:
		return prot;
	}
}

/**
 * mrig_arch_linear_has() - does the kernel's linear mapping of a region have its attribute?
 * @attr: of the region
 *
 * Return: true, always.
 */
bool mrig_arch_linear_has(u32 attr)
{
	return true;
}

/**
 * mrig_arch_attr_set() - put an attribute in force on the linear mapping
 * @pages: cached so far, zeroed
 * @npages: their number
 * @attr: one of mrig_arch_pages_attrs()
 *
 * Splits the large pages of the linear map; they stay split.
 *
 * Context: Process context. May sleep.
 * Return: 0; or -errno, some pages having changed and some not.
 */
int mrig_arch_attr_set(struct page **pages, unsigned long npages, u32 attr)
{
	unsigned long i;
	int ret = 0;

	if (attr == MEMRIG_ATTR_CACHED)
		return 0;
	for (i = 0; i < npages && !ret; i += MRIG_ATTR_CHUNK) {
		int n = min(npages - i, MRIG_ATTR_CHUNK);

		if (attr == MEMRIG_ATTR_WRITE_COMBINE)
			ret = set_pages_array_wc(pages + i, n);
		else
			ret = set_pages_array_uc(pages + i, n);
		cond_resched();
	}
	return ret;
}

/**
 * mrig_arch_attr_restore() - make the linear mapping write-back again
 * @pages: without any user mapping
 * @npages: their number
 * @attr: that mrig_arch_attr_set() was called with, successful or not
 *
 * Context: Process context. May sleep.
 * Return: 0; or -errno, and then the pages must never be used again.
 */
int mrig_arch_attr_restore(struct page **pages, unsigned long npages, u32 attr)
{
	unsigned long i;
	int ret, first_error = 0;

	if (attr == MEMRIG_ATTR_CACHED)
		return 0;
	for (i = 0; i < npages; i += MRIG_ATTR_CHUNK) {
		ret = set_pages_array_wb(pages + i, min(npages - i, MRIG_ATTR_CHUNK));
		if (!first_error)
			first_error = ret;
		cond_resched();
	}
	return first_error;
}
