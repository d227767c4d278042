// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physically contiguous pages of system memory, far beyond what the buddy allocator hands out.
 *
 * Short runs come from the buddy allocator as they are. For the rest, and when that fails, the
 * zones are searched for a window whose pages could all be moved away, and the kernel is asked to
 * do that (alloc_contig_range). What moves and what does not cannot be told from here for certain,
 * so windows are judged twice: strictly at first, which skips everything that does not look free
 * or movable and finds a place at the first or second try on most machines; then leniently, for
 * pages that only look stuck because they sit in some per-CPU list. Both passes are bounded by a
 * number of tries, since each may move gigabytes.
 *
 * Movable zones are never used: memory that a region holds for hours would break their promise
 * (hot removal). Neither is CMA, whose owner is some device: the kernel refuses those blocks for
 * requests that are not CMA's own.
 */
#include <linux/gfp.h>
#include <linux/memrig.h>
#include <linux/memory_hotplug.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/nospec.h>
#include <linux/page-flags.h>
#include <linux/pageblock-flags.h>
#include <linux/page_ref.h>
#include <linux/sched/signal.h>
#include <linux/vmstat.h>

#include "core/compat.h"
#include "core/fault.h"
#include "region/region_priv.h"

#define MRIG_SCAN_TRIES		32	/* per zone and pass */
#define MRIG_SCAN_STRIDE	16	/* a failed try moves on by this part of the window */
#define MRIG_SCAN_GFP		(GFP_KERNEL | __GFP_NOWARN)

/**
 * struct mrig_scan - one search
 * @npages: length of the window
 * @step: windows start at multiples of this; a power of two
 * @strict: demand that every page looks free or movable
 */
struct mrig_scan {
	unsigned long npages;
	unsigned long step;
	bool strict;
};

/*
 * Racy by nature: pages come and go while we look. A wrong answer costs a try or a place, the
 * kernel checks everything again with the blocks isolated. Tails of compound pages and slab pages
 * of newer kernels have no reference of their own and pass.
 */
static bool mrig_scan_page_ok(const struct mrig_scan *scan, struct zone *zone, struct page *page)
{
	if (page_zone(page) != zone || PageReserved(page) || PageHuge(page))
		return false;
	return !scan->strict || !page_ref_count(page) || PageLRU(page);
}

/*
 * The last unusable pfn of the window, or @start - 1 (as an unsigned long) if there is none. Pages
 * below @seen have been looked at already and were usable: a window that moves on by a block must
 * not cost as much as a new one, or the search would take hours for regions of hundreds of GiB.
 */
static unsigned long mrig_scan_last_bad(const struct mrig_scan *scan, struct zone *zone,
					unsigned long start, unsigned long seen)
{
	unsigned long pfn = start + scan->npages;

	while (pfn-- > max(start, seen)) {
		/* Memory is online or not by whole sections, and those are of whole blocks. */
		if (pfn == start + scan->npages - 1 || !((pfn + 1) % pageblock_nr_pages)) {
			cond_resched();
			if (!pfn_to_online_page(pfn))
				return pfn;
		}
		if (!mrig_scan_page_ok(scan, zone, pfn_to_page(pfn)))
			return pfn;
	}
	return start - 1;
}

static int mrig_contig_try(unsigned long start, unsigned long npages)
{
	if (mrig_should_fail())
		return -ENOMEM;
	return alloc_contig_range(start, start + npages, MRIG_CONTIG_PLAIN, MRIG_SCAN_GFP);
}

static struct page *mrig_scan_zone(const struct mrig_scan *scan, struct zone *zone)
{
	unsigned long stride = ALIGN(scan->npages / MRIG_SCAN_STRIDE + 1, scan->step);
	unsigned long start = ALIGN(zone->zone_start_pfn, scan->step);
	unsigned long end = zone_end_pfn(zone);
	unsigned long seen = start;
	unsigned int tries = 0;

	while (start < end && end - start >= scan->npages && tries < MRIG_SCAN_TRIES) {
		unsigned long bad = mrig_scan_last_bad(scan, zone, start, seen);

		if (fatal_signal_pending(current))
			return NULL;
		if (bad != start - 1) {
			seen = start + scan->npages;
			start = ALIGN(bad + 1, scan->step);
			continue;
		}
		if (!mrig_contig_try(start, scan->npages))
			return pfn_to_page(start);
		/* Trying has moved pages about: look at all of them again. */
		tries++;
		start += stride;
		seen = start;
	}
	return NULL;
}

/* From the highest zone down: the lower ones are scarce and wanted by devices with short masks. */
static struct page *mrig_scan_node(const struct mrig_scan *scan, int node)
{
	struct zone *zones = NODE_DATA(node)->node_zones;
	struct page *page;
	int i;

	for (i = ZONE_NORMAL; i >= 0; i--) {
		if (!populated_zone(&zones[i]) || zone_managed_pages(&zones[i]) < scan->npages)
			continue;
		page = mrig_scan_zone(scan, &zones[i]);
		if (page)
			return page;
	}
	return NULL;
}

static struct page *mrig_scan_nodes(const struct mrig_scan *scan, int node)
{
	struct page *page = NULL;
	int n;

	if (node != NUMA_NO_NODE)
		return mrig_scan_node(scan, node);

	page = mrig_scan_node(scan, numa_mem_id());
	if (page)
		return page;
	for_each_online_node(n) {
		if (n == numa_mem_id())
			continue;
		page = mrig_scan_node(scan, n);
		if (page)
			break;
	}
	return page;
}

/* A run out of one buddy block, whose rest is given back at once. */
static struct page *mrig_buddy_alloc(unsigned long npages, int node)
{
	gfp_t gfp = MRIG_SCAN_GFP | __GFP_NORETRY;
	unsigned int order = get_order(npages << PAGE_SHIFT);
	struct page *page;
	unsigned long i;

	if (order > MRIG_BUDDY_ORDER_LAST || mrig_should_fail())
		return NULL;
	if (node != NUMA_NO_NODE)
		gfp |= __GFP_THISNODE;
	page = alloc_pages_node(node, gfp, order);
	if (!page)
		return NULL;
	split_page(page, order);
	for (i = npages; i < 1UL << order; i++)
		__free_page(page + i);
	return page;
}

static unsigned long mrig_node_free_pages(int node)
{
	struct zone *zones = NODE_DATA(node)->node_zones;
	unsigned long sum = 0;
	int i;

	for (i = 0; i <= ZONE_NORMAL; i++)
		if (populated_zone(&zones[i]))
			sum += zone_page_state(&zones[i], NR_FREE_PAGES);
	return sum;
}

/**
 * mrig_contig_alloc() - get physically contiguous pages
 * @npages: how many, at least 1
 * @node: an online NUMA node, or NUMA_NO_NODE: the nearest first, then the others
 * @reason: out: why, on -ENOMEM
 *
 * Context: Process context. May sleep and moves other users' pages around.
 * Return: the first page. Each page has one reference and is put by itself; none is zeroed. Or
 *	ERR_PTR of -ENOMEM, or of -EINTR when a fatal signal came in.
 */
struct page *mrig_contig_alloc(unsigned long npages, int node, u32 *reason)
{
	struct mrig_scan scan = {
		.npages = npages,
		.step = min_t(unsigned long, roundup_pow_of_two(npages), pageblock_nr_pages),
		.strict = true,
	};
	struct page *page;

	if (node != NUMA_NO_NODE)
		node = array_index_nospec(node, MAX_NUMNODES);
	page = mrig_buddy_alloc(npages, node);
	if (page)
		return page;
	page = mrig_scan_nodes(&scan, node);
	if (page)
		return page;
	scan.strict = false;
	page = mrig_scan_nodes(&scan, node);
	if (page)
		return page;
	if (fatal_signal_pending(current))
		return ERR_PTR(-EINTR);
	*reason = MEMRIG_REASON_CONTIG;
	if (node != NUMA_NO_NODE && mrig_node_free_pages(node) < npages)
		*reason = MEMRIG_REASON_NODE;
	return ERR_PTR(-ENOMEM);
}
