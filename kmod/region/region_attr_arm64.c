// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes on arm64. The linear map of system memory is cacheable and stays so; the kernel itself
 * lives with that alias under all its coherent DMA memory. A region that is not cached is zeroed
 * through the alias, cleaned and invalidated to the point of coherency once, and from then on used
 * through Normal non-cacheable mappings only, kernel and user alike.
 *
 * UNCACHED is Normal non-cacheable too: Device memory would fault on unaligned access and on the
 * cache-line zeroing that memset() uses. There is no write-through type in the kernel's MAIR.
 */
#include <linux/dma-mapping.h>
#include <linux/libnvdimm.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "region/region_priv.h"

#define MRIG_NOT_CACHED	(BIT(MEMRIG_ATTR_WRITE_COMBINE) | BIT(MEMRIG_ATTR_UNCACHED))

/**
 * mrig_arch_pages_attrs() - attributes PAGES regions can have
 *
 * Return: bit n for enum memrig_attr n. Without cache maintenance by address for modules
 * (ARCH_HAS_PMEM_API, which Debian has) only cached ones.
 */
u32 mrig_arch_pages_attrs(void)
{
	u32 mask = BIT(MEMRIG_ATTR_CACHED);

	if (IS_ENABLED(CONFIG_ARCH_HAS_PMEM_API))
		mask |= MRIG_NOT_CACHED;
	return mask;
}

/**
 * mrig_arch_coherent_attrs() - attributes COHERENT regions can have
 *
 * Their devices have no firmware node and so count as not coherent.
 *
 * Return: bit n for enum memrig_attr n.
 */
u32 mrig_arch_coherent_attrs(void)
{
	return MRIG_NOT_CACHED;
}

/**
 * mrig_arch_gup_attrs() - attributes with which the kernel may use pages of user mappings
 *
 * Return: bit n for enum memrig_attr n: the kernel would use the cacheable alias.
 */
u32 mrig_arch_gup_attrs(void)
{
	return BIT(MEMRIG_ATTR_CACHED);
}

/**
 * mrig_arch_features() - what to tell about this architecture
 *
 * Return: MEMRIG_FEATURE_*.
 */
u64 mrig_arch_features(void)
{
	return MEMRIG_FEATURE_ARM64 | MEMRIG_FEATURE_ALIAS_WB;
}

/**
 * mrig_arch_dma_attrs() - how to ask the DMA API for an attribute
 * @attr: one of mrig_arch_coherent_attrs()
 *
 * Return: DMA_ATTR_*.
 */
unsigned long mrig_arch_dma_attrs(u32 attr)
{
	return attr == MEMRIG_ATTR_WRITE_COMBINE ? DMA_ATTR_WRITE_COMBINE : 0;
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
	return attr == MEMRIG_ATTR_CACHED ? prot : pgprot_writecombine(prot);
}

/**
 * mrig_arch_linear_has() - does the kernel's linear mapping of a region have its attribute?
 * @attr: of the region
 *
 * Return: true for cached ones.
 */
bool mrig_arch_linear_has(u32 attr)
{
	return attr == MEMRIG_ATTR_CACHED;
}

/**
 * mrig_arch_attr_set() - get the caches out of the way
 * @pages: zeroed through the linear map, not to be touched there again
 * @npages: their number
 * @attr: one of mrig_arch_pages_attrs()
 *
 * Context: Process context. May sleep.
 * Return: 0.
 */
int mrig_arch_attr_set(struct page **pages, unsigned long npages, u32 attr)
{
	unsigned long i;

	if (attr == MEMRIG_ATTR_CACHED)
		return 0;
	for (i = 0; i < npages; i++) {
		void *addr = page_address(pages[i]);

		arch_wb_cache_pmem(addr, PAGE_SIZE);
		arch_invalidate_pmem(addr, PAGE_SIZE);
		if (!(i % 1024))
			cond_resched();
	}
	return 0;
}

/**
 * mrig_arch_attr_restore() - give the linear mapping back to the kernel
 * @pages: without any other mapping
 * @npages: their number
 * @attr: of the region
 *
 * What the caches may have picked up through the alias is clean and older than what the next user
 * writes: drop it, so that nobody reads it by a partial write.
 *
 * Context: Process context. May sleep.
 * Return: 0.
 */
int mrig_arch_attr_restore(struct page **pages, unsigned long npages, u32 attr)
{
	unsigned long i;

	if (attr == MEMRIG_ATTR_CACHED)
		return 0;
	for (i = 0; i < npages; i++) {
		arch_invalidate_pmem(page_address(pages[i]), PAGE_SIZE);
		if (!(i % 1024))
			cond_resched();
	}
	return 0;
}
