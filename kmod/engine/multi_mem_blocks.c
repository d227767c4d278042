// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Groups of block allocators: see multi_mem_blocks.h.
 */
#include "multi_mem_blocks.h"

/* Last byte of an allocator. */
static uintptr_t end_of(const struct mrig_blocks *h)
{
	return h->base + ((uintptr_t)h->num << h->shift) - 1;
}

/* How many members start at or below an address. */
static uint32_t rank_of(const struct mrig_multi_blocks *g, uintptr_t at)
{
	uint32_t low = 0, high = g->num, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (g->member[mid]->base <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/**
 * mrig_multi_blocks_init() - make an empty group
 * @g: group
 * @member: table of @room pointers
 * @room: most members there can be
 * @choose: names the member to serve a request
 *
 * Return: 0; -EINVAL: no table, no room or no function.
 */
int mrig_multi_blocks_init(struct mrig_multi_blocks *g, struct mrig_blocks **member, uint32_t room,
			   struct mrig_blocks *(*choose)(struct mrig_multi_blocks *g, void *cfg))
{
	if (!member || !room || !choose)
		return -EINVAL;
	g->choose = choose;
	g->member = member;
	g->num = 0;
	g->room = room;
	return 0;
}

/**
 * mrig_multi_blocks_add() - put an allocator into a group
 * @g: group
 * @h: allocator; may be in use
 *
 * Return: 0; -EINVAL: no allocator; -EEXIST: it is a member already, or overlaps one; -ENOSPC: the
 * group is full.
 */
int mrig_multi_blocks_add(struct mrig_multi_blocks *g, struct mrig_blocks *h)
{
	uint32_t rank, i;

	if (!h)
		return -EINVAL;
	rank = rank_of(g, end_of(h));
	if (rank && end_of(g->member[rank - 1]) >= h->base)
		return -EEXIST;
	if (g->num == g->room)
		return -ENOSPC;
	for (i = g->num++; i > rank; i--)
		g->member[i] = g->member[i - 1];
	g->member[rank] = h;
	return 0;
}

/**
 * mrig_multi_blocks_remove() - take an allocator out of a group
 * @g: group
 * @h: allocator
 *
 * Return: 0; -EINVAL: no allocator; -ENOENT: it is no member; -EBUSY: some of its blocks are handed
 * out.
 */
int mrig_multi_blocks_remove(struct mrig_multi_blocks *g, struct mrig_blocks *h)
{
	uint32_t rank;

	if (!h)
		return -EINVAL;
	rank = rank_of(g, h->base);
	if (!rank || g->member[rank - 1] != h)
		return -ENOENT;
	if (h->used)
		return -EBUSY;
	for (g->num--; rank <= g->num; rank++)
		g->member[rank - 1] = g->member[rank];
	return 0;
}

/**
 * mrig_multi_blocks_find() - the member an address belongs to
 * @g: group
 * @block: any address
 *
 * Return: the member, or NULL.
 */
struct mrig_blocks *mrig_multi_blocks_find(const struct mrig_multi_blocks *g, const void *block)
{
	uint32_t rank = rank_of(g, (uintptr_t)block);

	if (!rank || end_of(g->member[rank - 1]) < (uintptr_t)block)
		return NULL;
	return g->member[rank - 1];
}

/**
 * mrig_multi_blocks_alloc() - hand out single blocks of the member that is chosen
 * @g: group
 * @cfg: for the function that chooses
 * @count: how many; 0 does nothing
 * @out: their addresses; untouched after a failure
 * @bytes: size of each, 0 if @count is; untouched after a failure. May be NULL.
 *
 * There is no second choice.
 *
 * Return: 0; -EINVAL: no @out, or what was chosen is no member; -ENOMEM: it has fewer free blocks.
 */
int mrig_multi_blocks_alloc(struct mrig_multi_blocks *g, void *cfg, size_t count, void **out,
			    size_t *bytes)
{
	struct mrig_blocks *h;
	uint32_t rank;
	int err;

	if (!count) {
		if (bytes)
			*bytes = 0;
		return 0;
	}
	h = g->choose(g, cfg);
	if (!h)
		return -EINVAL;
	rank = rank_of(g, h->base);
	if (!rank || g->member[rank - 1] != h)
		return -EINVAL;
	err = mrig_blocks_alloc(h, count, out);
	if (!err && bytes)
		*bytes = (size_t)1 << h->shift;
	return err;
}

/**
 * mrig_multi_blocks_free() - give single blocks back to the member they are of
 * @g: group
 * @count: how many; 0 does nothing
 * @blocks: their addresses, all of one member
 *
 * Return: 0; -EINVAL: no @blocks, or the first is of no member; else as mrig_blocks_free(): -EFAULT
 * also for a block of another member. After an error all are as they were.
 */
int mrig_multi_blocks_free(struct mrig_multi_blocks *g, size_t count, void *const *blocks)
{
	struct mrig_blocks *h;

	if (!count)
		return 0;
	h = blocks ? mrig_multi_blocks_find(g, blocks[0]) : NULL;
	return h ? mrig_blocks_free(h, count, blocks) : -EINVAL;
}
