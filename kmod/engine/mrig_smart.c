// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * smart_alloc: requests and blocks; see mrig_smart.h. Making and changing one is in
 * mrig_smart_tier.c.
 */
#include "mrig_smart.h"
#include "heap_core.h"

/* Number of the first tier whose blocks have @bytes. */
static uint32_t first_fit(const struct mrig_smart *smart, size_t bytes)
{
	uint32_t lo = 0, hi = smart->nr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (smart->by_size[mid]->slab->bytes < bytes)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Are all blocks of a tier multiples of @a? Nothing is promised @rewind bytes before them. */
static bool aligned(const struct mrig_smart_tier *tier, uint64_t a, uint64_t rewind)
{
	return !rewind && !((tier->addr | tier->slab->bytes) & (a - 1));
}

/*
 * A block from the first tier that fits, or, up to smart->reach sizes above it, from a larger one.
 * @want is set to the first that would do, or NULL.
 */
static bool take_tier(struct mrig_smart *smart, uint64_t a, uint64_t rewind, size_t bytes,
		      struct mrig_smart_tier **want, uint64_t *addr)
{
	uint32_t i, reach = smart->reach;
	uint64_t size = 0;

	*want = NULL;
	for (i = first_fit(smart, bytes); i < smart->nr; i++) {
		struct mrig_smart_tier *tier = smart->by_size[i];
		void *block;

		if (!aligned(tier, a, rewind))
			continue;
		if (*want && tier->slab->bytes != size && !reach--)
			break;
		size = tier->slab->bytes;
		if (!*want)
			*want = tier;
		block = mrig_slab_alloc(tier->slab);
		if (!block)
			continue;
		if (tier == *want)
			tier->hits++;
		else
			tier->lent++;
		*addr = (uintptr_t)block;
		return true;
	}
	return false;
}

/**
 * mrig_smart_alloc() - allocate from the tier that fits, or what is behind it
 * @smart: allocator
 * @align: as &mrig_heap_ops.alloc
 * @bytes: size
 * @addr: set to the block's address on success
 *
 * Return: 0; -EINVAL for NULL, zero bytes or a bad alignment; -ENOMEM if there is no room; -ENOSPC,
 * -EIO, -EAGAIN as mrig_set_alloc(), of the heaps.
 */
int mrig_smart_alloc(struct mrig_smart *smart, size_t align, size_t bytes, uint64_t *addr)
{
	struct mrig_smart_tier *want;
	uint64_t a, rewind;
	bool taken;
	int err = 0;

	if (!smart || !addr || !bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	taken = take_tier(smart, a, rewind, bytes, &want, addr);
	if (!taken)
		err = mrig_set_alloc(&smart->heaps, NULL, NULL, align, bytes, addr);
	/* a request that is going to be repeated counts when it is */
	if (want && err != -EAGAIN && (!taken || mrig_smart_tier_of(smart, *addr) != want))
		want->full++;
	return err == -ENOENT ? -ENOMEM : err;
}

/**
 * mrig_smart_free() - give a block back to where it is from
 * @smart: allocator
 * @addr: its address
 *
 * Return: 0; -EINVAL for NULL or an address inside a block of a tier; -EALREADY for a block of a
 * tier that is free; -ENOENT if no block can start there; -EIO as mrig_set_free().
 */
int mrig_smart_free(struct mrig_smart *smart, uint64_t addr)
{
	struct mrig_smart_tier *tier;
	int64_t err;

	if (!smart)
		return -EINVAL;
	tier = mrig_smart_tier_of(smart, addr);
	if (!tier)
		return mrig_set_free(&smart->heaps, addr);
	err = mrig_slab_free(tier->slab, (void *)(uintptr_t)addr);
	return err < 0 ? (int)err : 0;
}

static int64_t usable_in(const struct mrig_smart_tier *tier, uint64_t addr)
{
	int64_t number = mrig_slab_number(tier->slab, (void *)(uintptr_t)addr);

	if (number < 0)
		return number;
	return mrig_slab_is_live(tier->slab, (uint64_t)number) ? (int64_t)tier->slab->bytes :
								  -EALREADY;
}

/**
 * mrig_smart_usable() - usable bytes of a block
 * @smart: allocator
 * @addr: its address
 *
 * Return: bytes; or as mrig_smart_free().
 */
int64_t mrig_smart_usable(struct mrig_smart *smart, uint64_t addr)
{
	struct mrig_smart_tier *tier;

	if (!smart)
		return -EINVAL;
	tier = mrig_smart_tier_of(smart, addr);
	return tier ? usable_in(tier, addr) : mrig_set_usable(&smart->heaps, addr);
}

/* From a heap that has no room for @bytes to a tier that has. */
static int leave_heap(struct mrig_smart *smart, uint64_t a, uint64_t rewind, size_t bytes,
		      struct mrig_move *move)
{
	int64_t usable = mrig_set_usable(&smart->heaps, move->from);
	struct mrig_smart_tier *want;
	bool taken;

	if (usable < 0)
		return (int)usable;
	taken = take_tier(smart, a, rewind, bytes, &want, &move->to);
	if (want && (!taken || mrig_smart_tier_of(smart, move->to) != want))
		want->full++;
	if (!taken)
		return -ENOMEM;
	move->bytes = (uint64_t)usable < bytes ? (uint64_t)usable : bytes;
	return 0;
}

/**
 * mrig_smart_realloc() - change the size of a block, which may move between tiers and heaps
 * @smart: allocator
 * @addr: its address
 * @align: as &mrig_heap_ops.alloc; a block that does not meet it moves
 * @bytes: new size
 * @move: as mrig_set_realloc(): the caller copies and frees the old place
 *
 * A block of a tier stays as long as it is large enough. One of a heap stays in a heap if it can.
 *
 * Return: 0; as mrig_smart_free() for what is no live block; as mrig_smart_alloc() if the size
 * cannot be had, and then the block is as it was.
 */
int mrig_smart_realloc(struct mrig_smart *smart, uint64_t addr, size_t align, size_t bytes,
		       struct mrig_move *move)
{
	struct mrig_smart_tier *tier;
	uint64_t a, rewind;
	int64_t usable;
	int err;

	if (!smart || !move || !bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	tier = mrig_smart_tier_of(smart, addr);
	move->from = addr;
	move->to = addr;
	move->bytes = 0;
	if (!tier) {
		err = mrig_set_realloc(&smart->heaps, NULL, NULL, addr, align, bytes, move);
		if (err == -ENOMEM || err == -ENOSPC)
			err = leave_heap(smart, a, rewind, bytes, move);
		return err;
	}
	usable = usable_in(tier, addr);
	if (usable < 0)
		return (int)usable;
	if (bytes <= (uint64_t)usable && !((addr + rewind) & (a - 1)))
		return 0;
	err = mrig_smart_alloc(smart, align, bytes, &move->to);
	if (!err)
		move->bytes = (uint64_t)usable < bytes ? (uint64_t)usable : bytes;
	return err;
}
