// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mem_attr: questions to a table of regions.
 */
#include "mem_attr.h"

static bool overlap(const struct mem_attr_region_t *a, const struct mem_attr_region_t *b)
{
	return a->dt_addr < b->dt_addr ? b->dt_addr - a->dt_addr < a->dt_size :
					 a->dt_addr - b->dt_addr < b->dt_size;
}

/**
 * mrig_mem_attr_init() - take a table into use
 * @table: to fill in
 * @region: regions, in use from now on
 * @nr: how many; 0 is fine
 *
 * Compares each region with each.
 *
 * Return: 0; -EINVAL for NULL, or a region that is empty, ends beyond the last address or overlaps
 * another one.
 */
int mrig_mem_attr_init(struct mrig_mem_attr *table, const struct mem_attr_region_t *region,
		       size_t nr)
{
	size_t i, k;

	if (!table || (!region && nr))
		return -EINVAL;
	table->region = NULL;
	table->nr = 0;
	for (i = 0; i < nr; i++) {
		if (!region[i].dt_size || region[i].dt_addr + region[i].dt_size < region[i].dt_addr)
			return -EINVAL;
		for (k = 0; k < i; k++) {
			if (overlap(&region[i], &region[k]))
				return -EINVAL;
		}
	}
	table->region = region;
	table->nr = nr;
	return 0;
}

/**
 * mrig_mem_attr_get_regions() - the table itself
 * @table: table
 * @region: set to its regions; may be NULL
 *
 * Return: how many there are.
 */
size_t mrig_mem_attr_get_regions(const struct mrig_mem_attr *table,
				 const struct mem_attr_region_t **region)
{
	if (region)
		*region = table ? table->region : NULL;
	return table ? table->nr : 0;
}

/**
 * mrig_mem_attr_find() - the region an address lies in
 * @table: table
 * @addr: any address
 *
 * Return: the region, or NULL.
 */
const struct mem_attr_region_t *mrig_mem_attr_find(const struct mrig_mem_attr *table,
						   uintptr_t addr)
{
	size_t i;

	for (i = 0; table && i < table->nr; i++) {
		if (addr - table->region[i].dt_addr < table->region[i].dt_size)
			return &table->region[i];
	}
	return NULL;
}

/**
 * mrig_mem_attr_check_buf() - does a buffer lie in a region with exactly these attributes?
 * @table: table
 * @addr: first byte of the buffer
 * @size: its length
 * @attr: attributes
 *
 * Return: 0; -EOPNOTSUPP (ENOTSUP) for a buffer at NULL or without length; -ENOBUFS if it begins in
 * no region; -ENOSPC if it ends beyond the region it begins in; -EINVAL if that one has other
 * attributes. In this order.
 */
int mrig_mem_attr_check_buf(const struct mrig_mem_attr *table, uintptr_t addr, size_t size,
			    uint32_t attr)
{
	const struct mem_attr_region_t *region;

	if (!addr || !size)
		return -EOPNOTSUPP;
	region = mrig_mem_attr_find(table, addr);
	if (!region)
		return -ENOBUFS;
	if (size > region->dt_size - (addr - region->dt_addr))
		return -ENOSPC;
	return region->dt_attr == attr ? 0 : -EINVAL;
}
