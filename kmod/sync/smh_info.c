// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * shared_multi_heap under Zephyr's names: what the pool can tell about itself, names of attributes,
 * and where the caller is.
 */
#include "mrig_memory.h"
#include "smh_part.h"

static void describe(struct mrig_smh_region *region, struct memrig_smh_region_info *info)
{
	mrig_span_stats_of(&region->member, &info->span);
	info->attrs = region->attrs;
	info->dma_bits = region->dma_bits;
	info->node = region->node;
	info->user_data = mrig_smh_part_of(region)->user_data;
}

/**
 * memrig_smh_region() - one region after the other
 * @index: how many were added before it and are still there
 * @info: filled in
 *
 * Return: 0; -EINVAL if @info is NULL; -ENOENT if there are not so many.
 */
int memrig_smh_region(uint32_t index, struct memrig_smh_region_info *info)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	const struct mrig_member *m;
	unsigned long key;
	int err = -ENOENT;

	if (!info)
		return -EINVAL;
	key = mrig_lock_enter(&p->lock);
	for (m = p->smh.set.first; m && index; m = m->next)
		index--;
	if (m) {
		describe(mrig_smh_find(&p->smh, m->addr), info);
		err = 0;
	}
	mrig_lock_leave(&p->lock, key);
	return err;
}

/**
 * memrig_smh_region_of() - the region an address lies in
 * @addr: any address
 * @info: filled in
 *
 * Return: 0; -EINVAL if @info is NULL; -ENOENT if there is none.
 */
int memrig_smh_region_of(const void *addr, struct memrig_smh_region_info *info)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	struct mrig_smh_region *region;
	unsigned long key;

	if (!info)
		return -EINVAL;
	key = mrig_lock_enter(&p->lock);
	region = mrig_smh_find(&p->smh, (uintptr_t)addr);
	if (region)
		describe(region, info);
	mrig_lock_leave(&p->lock, key);
	return region ? 0 : -ENOENT;
}

/**
 * memrig_smh_stats() - figures of all regions with an attribute
 * @attr: attribute
 * @stats: filled in
 *
 * Return: 0, or -EINVAL if @stats is NULL or there is no such attribute.
 */
int memrig_smh_stats(unsigned int attr, struct mrig_smh_stats *stats)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	int err = mrig_smh_attr_stats(&p->smh, attr, stats);

	mrig_lock_leave(&p->lock, key);
	return err;
}

/**
 * memrig_smh_reset_max() - begin all peaks, of regions and of attributes, anew
 *
 * Return: 0.
 */
int memrig_smh_reset_max(void)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	int err = mrig_smh_reset_max(&p->smh);

	mrig_lock_leave(&p->lock, key);
	return err;
}

/**
 * memrig_smh_set_name() - name an attribute of the user's
 * @attr: its number, from MRIG_SMH_CUSTOM to MRIG_SMH_BITS - 1
 * @name: up to 31 characters [a-z0-9_.-], the first one of [a-z0-9]; NULL takes the name away
 *
 * Return: 0; -EINVAL for another attribute, what is no name, or without a pool; -EEXIST if another
 * attribute has that name.
 */
int memrig_smh_set_name(unsigned int attr, const char *name)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	int err = p->ready ? mrig_smh_set_name(&p->smh, attr, name) : -EINVAL;

	mrig_lock_leave(&p->lock, key);
	return err;
}

/**
 * memrig_smh_get_name() - copy the name of an attribute
 * @attr: its number
 * @buf: where to
 * @size: of @buf
 *
 * Return: 0; -EINVAL if @buf is NULL; -ENOENT if it has no name or there is no such attribute;
 * -ENOSPC if @buf is too small, which leaves it as it was.
 */
int memrig_smh_get_name(unsigned int attr, char *buf, size_t size)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	const char *name;
	unsigned long key;
	int err = -ENOENT;
	size_t bytes;

	if (!buf)
		return -EINVAL;
	key = mrig_lock_enter(&p->lock);
	name = mrig_smh_name(&p->smh, attr);
	if (name) {
		bytes = strlen(name) + 1;
		err = bytes > size ? -ENOSPC : 0;
		if (!err)
			memcpy(buf, name, bytes);
	}
	mrig_lock_leave(&p->lock, key);
	return err;
}

/**
 * memrig_smh_find_name() - the attribute that has a name
 * @name: name
 *
 * Return: its number; -EINVAL for NULL; -ENOENT if none is called so.
 */
int memrig_smh_find_name(const char *name)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	int attr = mrig_smh_named(&p->smh, name);

	mrig_lock_leave(&p->lock, key);
	return attr;
}

/**
 * memrig_smh_here() - ask for memory near the caller
 * @req: its @cpu or @node, or both, is where the caller runs now, and counts
 * @match: MRIG_SMH_MATCH_CPU, MRIG_SMH_MATCH_NODE or both
 *
 * Return: 0, or -EINVAL if @req is NULL or @match none of these.
 */
int memrig_smh_here(struct mrig_smh_req *req, uint32_t match)
{
	if (!req || !match || match & ~(uint32_t)(MRIG_SMH_MATCH_CPU | MRIG_SMH_MATCH_NODE))
		return -EINVAL;
	if (match & MRIG_SMH_MATCH_CPU)
		req->cpu = mrig_cpu();
	if (match & MRIG_SMH_MATCH_NODE)
		req->node = mrig_node();
	req->match |= match;
	return 0;
}
