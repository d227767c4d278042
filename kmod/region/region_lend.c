// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lending pages of a region to somebody who maps them on his own account, one by one.
 *
 * He must be able to tell from the reference count of a page whether anybody else holds it. So a
 * region that lends is mapped by nobody, and a region that is mapped lends nothing.
 *
 * KERNEL_ONLY regions lend nothing at all: others may keep a borrowed page longer than the borrower
 * has it (a pipe, a registered buffer), and then see and change what stands there next.
 */
#include <linux/err.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/page_ref.h>
#include <linux/sched.h>

#include "core/fault.h"
#include "region/region_priv.h"

static int lend_check(const struct mrig_region *region, u64 offset, u64 length)
{
	u64 last;

	if (region->spec.kind != MEMRIG_KIND_PAGES ||
	    !(mrig_region_gup_attrs() & BIT(region->spec.attr)))
		return -EOPNOTSUPP;
	if (region->spec.flags & MEMRIG_REGION_KERNEL_ONLY)
		return -EPERM;
	if (!length || !PAGE_ALIGNED(offset | length))
		return -EINVAL;
	if (check_add_overflow(offset, length, &last))
		return -EOVERFLOW;
	return last > region->spec.length ? -EINVAL : 0;
}

/* From now on, if it succeeds, nobody can map the region. */
static int lend_begin(struct mrig_region *region)
{
	int err = 0;

	mutex_lock(&region->lock);
	if (atomic_read(&region->nmaps))
		err = -EBUSY;
	else
		region->nlent++;
	mutex_unlock(&region->lock);
	return err;
}

static void lend_end(struct mrig_region *region)
{
	mutex_lock(&region->lock);
	region->nlent--;
	mutex_unlock(&region->lock);
}

static bool span_held(const struct mrig_region *region, u64 offset, u64 length)
{
	unsigned long i;

	for (i = offset >> PAGE_SHIFT; i < (offset + length) >> PAGE_SHIFT; i++) {
		if (page_ref_count(region->pages[i]) != 1)
			return true;
		if (!(i % 1024))
			cond_resched();
	}
	return false;
}

/**
 * mrig_region_lend() - borrow pages of a region
 * @region: referenced by the caller
 * @claim: filled in
 * @offset: of the first page
 * @length: bytes
 *
 * The region stays on, and cannot be mapped, until mrig_region_lent().
 *
 * Context: Process context. May sleep.
 * Return: the kernel address of the first page, in the attribute of the region, or ERR_PTR:
 *	-EOPNOTSUPP, -EPERM: this region does not lend; -EINVAL, -EOVERFLOW: no such pages; -EBUSY:
 *	it is mapped, the span is taken, or somebody holds a page; -EHOSTDOWN; -ENOMEM.
 */
void *mrig_region_lend(struct mrig_region *region, struct mrig_claim *claim, u64 offset, u64 length)
{
	void *kaddr;
	int err = lend_check(region, offset, length);

	if (err)
		return ERR_PTR(err);
	if (mrig_should_fail())
		return ERR_PTR(-ENOMEM);
	kaddr = mrig_region_touch(region);
	if (IS_ERR(kaddr))
		return kaddr;
	err = lend_begin(region);
	if (err)
		goto err_touch;
	err = mrig_region_claim(region, claim, offset, length);
	if (err)
		goto err_lend;
	err = span_held(region, offset, length) ? -EBUSY : 0;
	if (err)
		goto err_claim;
	return kaddr + offset;

err_claim:
	mrig_region_unclaim(region, claim);
err_lend:
	lend_end(region);
err_touch:
	mrig_region_touched(region);
	return ERR_PTR(err);
}

/**
 * mrig_region_lent() - give borrowed pages back
 * @region: of which they are
 * @claim: as mrig_region_lend() filled it in
 *
 * Nobody has them mapped any more; somebody may still hold one.
 *
 * Context: Process context. May sleep.
 */
void mrig_region_lent(struct mrig_region *region, struct mrig_claim *claim)
{
	mrig_region_unclaim(region, claim);
	lend_end(region);
	mrig_region_touched(region);
}

/**
 * mrig_region_lent_page() - a borrowed page
 * @region: of which it is
 * @claim: as mrig_region_lend() filled it in
 * @index: within the claim
 *
 * Return: the page, which has a reference of its region's.
 */
struct page *mrig_region_lent_page(const struct mrig_region *region, const struct mrig_claim *claim,
				   unsigned long index)
{
	return region->pages[(claim->offset >> PAGE_SHIFT) + index];
}

/**
 * mrig_region_lent_dma() - where the device of its region sees a borrowed page
 * @region: of which it is
 * @claim: as mrig_region_lend() filled it in
 * @index: within the claim
 * @dma: out: as mrig_region_dma()
 *
 * Context: Process context. May sleep.
 * Return: as mrig_region_dma().
 */
int mrig_region_lent_dma(struct mrig_region *region, const struct mrig_claim *claim,
			 unsigned long index, u64 *dma)
{
	return mrig_region_dma(region, claim->offset + ((u64)index << PAGE_SHIFT), dma);
}

/**
 * mrig_region_pgprot() - page protection of a mapping of a region's pages
 * @region: region
 * @prot: of a cached mapping
 *
 * Return: @prot with the attribute of the region.
 */
pgprot_t mrig_region_pgprot(const struct mrig_region *region, pgprot_t prot)
{
	return mrig_arch_pgprot(region->spec.attr, prot);
}
