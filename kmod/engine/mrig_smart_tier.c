// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * smart_alloc: its tiers and heaps, and which of them an address is in.
 */
#include "mrig_smart.h"

/* Number of tiers that start at or below @addr. */
static uint32_t position(const struct mrig_smart *smart, uint64_t addr)
{
	uint32_t lo = 0, hi = smart->nr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (smart->by_addr[mid]->addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * mrig_smart_init() - make an allocator without tiers and heaps
 * @smart: to fill in
 * @tiers: array of 2 * @tier_room pointers, in use from now on; NULL with a room of 0
 * @tier_room: tiers there can be
 * @heaps: array for the heaps, as mrig_set_init()
 * @heap_room: its length
 * @reach: how many larger block sizes a request may use when its own tier is full
 *
 * Return: 0, or -EINVAL if something is NULL.
 */
int mrig_smart_init(struct mrig_smart *smart, struct mrig_smart_tier **tiers, uint32_t tier_room,
		    struct mrig_member **heaps, uint32_t heap_room, uint32_t reach)
{
	if (!smart || (!tiers && tier_room))
		return -EINVAL;
	memset(smart, 0, sizeof(*smart));
	smart->by_size = tiers;
	smart->by_addr = tiers ? tiers + tier_room : NULL;
	smart->room = tier_room;
	smart->reach = reach;
	return mrig_set_init(&smart->heaps, heaps, heap_room);
}

/**
 * mrig_smart_room() - make room for another number of tiers
 * @smart: allocator
 * @tiers: array of 2 * @room pointers, in use from now on
 * @room: tiers there can be
 *
 * The array that was in use before is the caller's again.
 *
 * Return: 0, or -EINVAL if something is NULL or the array too short for the tiers there are.
 */
int mrig_smart_room(struct mrig_smart *smart, struct mrig_smart_tier **tiers, uint32_t room)
{
	uint32_t i;

	if (!smart || !tiers || room < smart->nr)
		return -EINVAL;
	for (i = 0; i < smart->nr; i++) {
		tiers[i] = smart->by_size[i];
		tiers[room + i] = smart->by_addr[i];
	}
	smart->by_size = tiers;
	smart->by_addr = tiers + room;
	smart->room = room;
	return 0;
}

/* Does a tier or a heap have addresses of this range? */
static bool taken(const struct mrig_smart *smart, uint64_t addr, uint64_t bytes)
{
	uint32_t at = position(smart, addr);
	const struct mrig_member *m;

	if (at && addr - smart->by_addr[at - 1]->addr < smart->by_addr[at - 1]->length)
		return true;
	if (at < smart->nr && smart->by_addr[at]->addr - addr < bytes)
		return true;
	for (m = smart->heaps.first; m; m = m->next) {
		if (addr < m->addr ? m->addr - addr < bytes : addr - m->addr < m->bytes)
			return true;
	}
	return false;
}

static void insert(struct mrig_smart_tier **list, uint32_t nr, uint32_t at,
		   struct mrig_smart_tier *tier)
{
	for (; nr > at; nr--)
		list[nr] = list[nr - 1];
	list[at] = tier;
}

static void delete(struct mrig_smart_tier **list, uint32_t nr, const struct mrig_smart_tier *tier)
{
	uint32_t i = 0;

	while (list[i] != tier)
		i++;
	for (; i + 1 < nr; i++)
		list[i] = list[i + 1];
}

/**
 * mrig_smart_add_tier() - add a tier
 * @smart: allocator
 * @tier: &mrig_smart_tier.slab is set, to a slab at an address other than 0 that has blocks
 *
 * Return: 0; -EINVAL for NULL, a slab without blocks or without an address, or addresses that a
 * tier or a heap has; -EEXIST if it is there already; -EBUSY if blocks of the slab live; -ENOMEM if
 * there are as many tiers as there can be.
 */
int mrig_smart_add_tier(struct mrig_smart *smart, struct mrig_smart_tier *tier)
{
	const struct mrig_slab *slab;
	struct mrig_slab_info info;
	uint64_t addr;
	uint32_t i;

	if (!smart || !tier || !tier->slab)
		return -EINVAL;
	for (i = 0; i < smart->nr; i++) {
		if (smart->by_addr[i] == tier)
			return -EEXIST;
	}
	slab = tier->slab;
	addr = slab->bias + slab->bytes;
	mrig_slab_get_info(slab, &info);
	if (!info.num || !addr || taken(smart, addr, slab->num * slab->bytes))
		return -EINVAL;
	if (info.used)
		return -EBUSY;
	if (smart->nr == smart->room)
		return -ENOMEM;
	tier->addr = addr;
	tier->length = slab->num * slab->bytes;
	tier->hits = 0;
	tier->lent = 0;
	tier->full = 0;
	insert(smart->by_addr, smart->nr, position(smart, addr), tier);
	for (i = smart->nr; i && smart->by_size[i - 1]->slab->bytes > slab->bytes; )
		i--;
	insert(smart->by_size, smart->nr++, i, tier);
	return 0;
}

/**
 * mrig_smart_remove_tier() - take a tier away
 * @smart: allocator
 * @tier: tier
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if it is not there; -EBUSY while blocks of it live.
 */
int mrig_smart_remove_tier(struct mrig_smart *smart, struct mrig_smart_tier *tier)
{
	struct mrig_slab_info info;
	uint32_t at;

	if (!smart || !tier)
		return -EINVAL;
	at = position(smart, tier->addr);
	if (!at || smart->by_addr[at - 1] != tier)
		return -ENOENT;
	mrig_slab_get_info(tier->slab, &info);
	if (info.used)
		return -EBUSY;
	delete(smart->by_addr, smart->nr, tier);
	delete(smart->by_size, smart->nr--, tier);
	return 0;
}

/**
 * mrig_smart_add_heap() - add a heap behind the tiers
 * @smart: allocator
 * @heap: as mrig_set_add()
 *
 * Return: as mrig_set_add(), and -EINVAL if a tier has some of its addresses.
 */
int mrig_smart_add_heap(struct mrig_smart *smart, struct mrig_member *heap)
{
	uint32_t i;

	if (!smart || !heap)
		return -EINVAL;
	for (i = 0; i < smart->nr; i++) {
		const struct mrig_smart_tier *tier = smart->by_addr[i];

		if (tier->addr < heap->addr ? heap->addr - tier->addr < tier->length :
					      tier->addr - heap->addr < heap->bytes)
			return -EINVAL;
	}
	return mrig_set_add(&smart->heaps, heap);
}

/**
 * mrig_smart_remove_heap() - take a heap away
 * @smart: allocator
 * @heap: as added
 *
 * Return: as mrig_set_del().
 */
int mrig_smart_remove_heap(struct mrig_smart *smart, struct mrig_member *heap)
{
	return smart ? mrig_set_del(&smart->heaps, heap) : -EINVAL;
}

/**
 * mrig_smart_tier_of() - the tier an address is in
 * @smart: allocator
 * @addr: any address
 *
 * Return: the tier, or NULL.
 */
struct mrig_smart_tier *mrig_smart_tier_of(const struct mrig_smart *smart, uint64_t addr)
{
	uint32_t at = smart ? position(smart, addr) : 0;
	struct mrig_smart_tier *tier = at ? smart->by_addr[at - 1] : NULL;

	return tier && addr - tier->addr < tier->length ? tier : NULL;
}
