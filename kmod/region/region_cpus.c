// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a region is: its node, which devices reach it, and which CPUs it is near to: those that its
 * creator named, or those of the node. The former is for machines whose firmware says nothing, and
 * for trying out what it would be like.
 */
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/io.h>
#include <linux/memrig.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "region/region_priv.h"

#define MRIG_MASK_CPUS	64u	/* as many as fit a mask */

/**
 * mrig_region_node() - the NUMA node of a region's memory
 * @region: region
 *
 * Context: Any.
 * Return: its number.
 */
int mrig_region_node(const struct mrig_region *region)
{
	return page_to_nid(region->ops->page(region, 0));
}

/**
 * mrig_region_dma_bits() - which devices reach a region
 * @region: region
 *
 * Context: Any.
 * Return: bits of the physical address of its highest byte, at least 1.
 */
u32 mrig_region_dma_bits(const struct mrig_region *region)
{
	return region->dma_bits;
}

/**
 * mrig_region_reach_init() - a region has its memory: find out which devices reach it
 * @region: region
 *
 * Context: may sleep.
 */
void mrig_region_reach_init(struct mrig_region *region)
{
	unsigned long i;
	u64 last = 0;

	for (i = 0; i < region->npages; i++) {
		last = max(last, page_to_phys(region->ops->page(region, i)) + PAGE_SIZE - 1);
		if (i % 1024 == 1023)
			cond_resched();
	}
	region->dma_bits = fls64(last);
}

/**
 * mrig_cpus_check() - can a creator name these CPUs?
 * @cpus: bit n for CPU n
 *
 * Return: 0, or -EINVAL when one of them cannot exist.
 */
int mrig_cpus_check(u64 cpus)
{
	u32 cpu;

	for (cpu = 0; cpu < MRIG_MASK_CPUS; cpu++)
		if (cpus & BIT_ULL(cpu) && (cpu >= nr_cpu_ids || !cpu_possible(cpu)))
			return -EINVAL;
	return 0;
}

/**
 * mrig_region_near() - is a CPU near to a region?
 * @region: region
 * @cpu: one that can exist
 *
 * Context: Any.
 * Return: whether it is.
 */
bool mrig_region_near(const struct mrig_region *region, unsigned int cpu)
{
	if (region->spec.cpus)
		return cpu < MRIG_MASK_CPUS && region->spec.cpus & BIT_ULL(cpu);
	return cpu_to_node(cpu) == mrig_region_node(region);
}

/**
 * mrig_region_cpus() - the CPUs that are near to a region, of the first 64
 * @region: region
 *
 * Return: bit n for CPU n.
 */
u64 mrig_region_cpus(const struct mrig_region *region)
{
	u64 mask = 0;
	u32 cpu;

	for_each_possible_cpu(cpu)
		if (cpu < MRIG_MASK_CPUS && mrig_region_near(region, cpu))
			mask |= BIT_ULL(cpu);
	return mask;
}

/**
 * mrig_region_near_query() - answer MEMRIG_IOC_REGION_NEAR
 * @region: region
 * @query: in: @query->cpu; out: the rest
 *
 * Context: Process context of the caller.
 * Return: 0, or -EINVAL for a CPU that cannot exist.
 */
int mrig_region_near_query(const struct mrig_region *region, struct memrig_region_near *query)
{
	u32 cpu = query->cpu == MEMRIG_CPU_SELF ? raw_smp_processor_id() : query->cpu;

	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	cpu = array_index_nospec(cpu, nr_cpu_ids);
	if (!cpu_possible(cpu))
		return -EINVAL;
	query->cpu = cpu;
	query->near = mrig_region_near(region, cpu);
	query->node = cpu_to_node(cpu);
	query->distance = query->node == NUMA_NO_NODE ? 0 :
			  node_distance(query->node, mrig_region_node(region));
	return 0;
}
