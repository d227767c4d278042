// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * shared_multi_heap: names of attributes, and figures per region and per attribute.
 */
#include "shared_multi_heap.h"

static const char *const fixed[MRIG_SMH_FIXED] = {
	[SMH_REG_ATTR_CACHEABLE] = "cacheable",
	[SMH_REG_ATTR_NON_CACHEABLE] = "non-cacheable",
	[SMH_REG_ATTR_EXTERNAL] = "external",
	[MRIG_SMH_WRITE_COMBINE] = "write-combine",
	[MRIG_SMH_WRITE_THROUGH] = "write-through",
	[MRIG_SMH_DEVICE] = "device",
	[MRIG_SMH_POWERED] = "powered",
};

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* Length of a name, 0 if it is none. */
static size_t name_length(const char *name)
{
	size_t n;

	for (n = 0; name[n]; n++) {
		char c = name[n];
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (n == MRIG_SMH_NAME_LEN || !(word || (n && (c == '_' || c == '.' || c == '-'))))
			return 0;
	}
	return n;
}

/**
 * mrig_smh_set_name() - name an attribute of the user's
 * @smh: pool
 * @bit: its number, from MRIG_SMH_CUSTOM on
 * @name: up to 31 characters [a-z0-9_.-], the first one of [a-z0-9]; NULL takes the name away
 *
 * Return: 0; -EINVAL for a NULL pool, a bit that is not the user's, or what is no name; -EEXIST if
 * another attribute has that name.
 */
int mrig_smh_set_name(struct mrig_smh *smh, unsigned int bit, const char *name)
{
	char *to;
	size_t n;
	int has;

	if (!smh || bit < MRIG_SMH_CUSTOM || bit >= MRIG_SMH_BITS)
		return -EINVAL;
	to = smh->name[bit - MRIG_SMH_CUSTOM];
	if (!name) {
		*to = '\0';
		return 0;
	}
	n = name_length(name);
	if (!n)
		return -EINVAL;
	has = mrig_smh_named(smh, name);
	if (has >= 0)
		return has == (int)bit ? 0 : -EEXIST;
	memcpy(to, name, n + 1);
	return 0;
}

/**
 * mrig_smh_name() - name of an attribute
 * @smh: pool
 * @bit: its number
 *
 * Return: the name, until it is set again; NULL if it has none or @bit is out of range.
 */
const char *mrig_smh_name(const struct mrig_smh *smh, unsigned int bit)
{
	const char *name = NULL;

	if (bit < MRIG_SMH_FIXED)
		return fixed[bit];
	if (smh && bit >= MRIG_SMH_CUSTOM && bit < MRIG_SMH_BITS)
		name = smh->name[bit - MRIG_SMH_CUSTOM];
	return name && *name ? name : NULL;
}

/**
 * mrig_smh_named() - the attribute that has a name
 * @smh: pool
 * @name: name
 *
 * Return: number of its bit; -EINVAL if something is NULL; -ENOENT if none is called so.
 */
int mrig_smh_named(const struct mrig_smh *smh, const char *name)
{
	unsigned int bit;

	if (!smh || !name)
		return -EINVAL;
	for (bit = 0; bit < MRIG_SMH_BITS; bit++) {
		const char *has = mrig_smh_name(smh, bit);

		if (has && same(has, name))
			return (int)bit;
	}
	return -ENOENT;
}

static void add_region(const struct mrig_smh_region *region, struct mrig_smh_stats *stats)
{
	const struct mrig_member *m = &region->member;
	struct mrig_heap_info info;
	uint64_t free;

	m->heap->ops->held(m->heap, &free);
	m->heap->ops->info(m->heap, &info);
	stats->regions++;
	stats->bytes += m->bytes;
	stats->free_bytes += free;
	if (info.largest_free > stats->largest_free)
		stats->largest_free = info.largest_free;
}

/**
 * mrig_smh_region_stats() - figures of a region
 * @region: region of a pool
 * @stats: filled in
 *
 * Return: 0, or -EINVAL if something is NULL.
 */
int mrig_smh_region_stats(const struct mrig_smh_region *region, struct mrig_smh_stats *stats)
{
	if (!region || !stats || !region->member.heap)
		return -EINVAL;
	memset(stats, 0, sizeof(*stats));
	add_region(region, stats);
	stats->use = region->member.stats;
	return 0;
}

/**
 * mrig_smh_attr_stats() - figures of all regions with an attribute
 * @smh: pool
 * @bit: number of the attribute
 * @stats: filled in
 *
 * The peak is that of all its regions together. Time is in proportion to the number of regions.
 *
 * Return: 0, or -EINVAL if something is NULL or there is no such attribute.
 */
int mrig_smh_attr_stats(const struct mrig_smh *smh, unsigned int bit, struct mrig_smh_stats *stats)
{
	const struct mrig_member *m;

	if (!smh || !stats || bit >= MRIG_SMH_BITS || !(MRIG_SMH_VALID & MRIG_SMH_BIT(bit)))
		return -EINVAL;
	memset(stats, 0, sizeof(*stats));
	for (m = smh->set.first; m; m = m->next) {
		const struct mrig_smh_region *r = (const struct mrig_smh_region *)
			((const char *)m - offsetof(struct mrig_smh_region, member));

		if (r->attrs & MRIG_SMH_BIT(bit))
			add_region(r, stats);
	}
	stats->use = smh->attr[bit];
	return 0;
}

/**
 * mrig_smh_reset_max() - begin all peaks, of regions and of attributes, anew
 * @smh: pool
 *
 * Return: 0, or -EINVAL for NULL.
 */
int mrig_smh_reset_max(struct mrig_smh *smh)
{
	struct mrig_member *m;
	unsigned int bit;

	if (!smh)
		return -EINVAL;
	for (m = smh->set.first; m; m = m->next)
		m->stats.max_allocated = m->stats.allocated;
	for (bit = 0; bit < MRIG_SMH_BITS; bit++)
		smh->attr[bit].max_allocated = smh->attr[bit].allocated;
	return 0;
}
