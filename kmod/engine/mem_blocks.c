// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs of equal blocks, by address: the calls of sys_mem_blocks with their results.
 *
 * Every call does all of it or nothing. Lists are worked off in runs of neighbours, since that is
 * what a list mostly is.
 */
#include "mem_blocks_core.h"

static void *address_of(const struct mrig_blocks *h, uint32_t number)
{
	return (void *)(h->base + ((uintptr_t)number << h->shift));
}

/**
 * mrig_blocks_number() - which block starts at an address
 * @h: allocator
 * @block: address
 *
 * Return: its number; -EFAULT: @block is outside of all blocks; -EINVAL: inside one.
 */
int64_t mrig_blocks_number(const struct mrig_blocks *h, const void *block)
{
	uint64_t off = (uintptr_t)block - h->base;

	if (off >> h->shift >= h->num)
		return -EFAULT;
	return off & ((1ULL << h->shift) - 1) ? -EINVAL : (int64_t)(off >> h->shift);
}

/**
 * mrig_blocks_alloc() - hand out single blocks, the lowest there are
 * @h: allocator
 * @count: how many; 0 does nothing
 * @out: their addresses, ascending; untouched after a failure
 *
 * Return: 0; -EINVAL: no @out; -ENOMEM: fewer are free.
 */
int mrig_blocks_alloc(struct mrig_blocks *h, size_t count, void **out)
{
	uint32_t left = (uint32_t)count, first, n;

	if (!count)
		return 0;
	if (!out)
		return -EINVAL;
	if (count > h->num - h->used)
		return -ENOMEM;
	while (left) {
		n = mrig_blocks_take(h, left, &first);
		for (left -= n; n; n--)
			*out++ = address_of(h, first++);
	}
	return 0;
}

/**
 * mrig_blocks_alloc_contiguous() - hand out neighbouring blocks
 * @h: allocator
 * @count: how many; 0 gives NULL
 * @out: address of the first; untouched after a failure
 *
 * Return: 0; -EINVAL: no @out; -ENOMEM: no run was found, see mrig_blocks_alloc_run().
 */
int mrig_blocks_alloc_contiguous(struct mrig_blocks *h, size_t count, void **out)
{
	int64_t first;

	if (!out)
		return -EINVAL;
	if (!count) {
		*out = NULL;
		return 0;
	}
	first = mrig_blocks_alloc_run(h, count);
	if (first < 0)
		return (int)first;
	*out = address_of(h, (uint32_t)first);
	return 0;
}

/**
 * mrig_blocks_get() - hand out the blocks that are named
 * @h: allocator
 * @block: address of the first
 * @count: how many; 0 does nothing
 *
 * Return: 0; -EFAULT: @block is outside; -EINVAL: it is inside a block; -ENOMEM: the run extends
 * past the end, or not all of it is free.
 */
int mrig_blocks_get(struct mrig_blocks *h, const void *block, size_t count)
{
	int64_t first;

	if (!count)
		return 0;
	first = mrig_blocks_number(h, block);
	return first < 0 ? (int)first : mrig_blocks_get_run(h, (uint64_t)first, count);
}

/**
 * mrig_blocks_is_region_free() - are all blocks of a run free?
 * @h: allocator
 * @block: address of the first
 * @count: how many
 *
 * Return: 1 if they are; else 0, as for no block, or for what is no run of blocks.
 */
int mrig_blocks_is_region_free(const struct mrig_blocks *h, const void *block, size_t count)
{
	int64_t first = mrig_blocks_number(h, block);

	return first >= 0 && mrig_blocks_run_is_free(h, (uint64_t)first, count);
}

/*
 * How many of the list's blocks from the one at @i on are neighbours, ascending, and which is the
 * first. What is no block ends a run; at its start it is an error.
 */
static int64_t run_of(const struct mrig_blocks *h, void *const *blocks, size_t i, size_t count,
		      uint64_t *first)
{
	int64_t number = mrig_blocks_number(h, blocks[i]);
	size_t n = 1;

	if (number < 0)
		return number;
	*first = (uint64_t)number;
	while (i + n < count && number + (int64_t)n < h->num &&
	       blocks[i + n] == address_of(h, (uint32_t)number + (uint32_t)n))
		n++;
	return (int64_t)n;
}

/**
 * mrig_blocks_free() - give single blocks back, however they were obtained
 * @h: allocator
 * @count: how many; 0 does nothing
 * @blocks: their addresses, in any order
 *
 * Return: 0; -EINVAL: no @blocks, more than there are, or an address inside a block; -EFAULT: one
 * is outside, free, or twice on the list. After an error all are as they were.
 */
int mrig_blocks_free(struct mrig_blocks *h, size_t count, void *const *blocks)
{
	uint64_t first;
	size_t done, i;
	int64_t n;

	if (!count)
		return 0;
	if (!blocks || count > h->num)
		return -EINVAL;
	for (done = 0; done < count; done += (size_t)n) {
		n = run_of(h, blocks, done, count, &first);
		if (n > 0) {
			int err = mrig_blocks_free_run(h, first, (size_t)n);

			n = err ? err : n;
		}
		if (n < 0)
			break;
	}
	if (done == count)
		return 0;
	/* Nobody else has had them since: this cannot fail. */
	for (i = 0; i < done; i += (size_t)run_of(h, blocks, i, done, &first))
		mrig_blocks_get(h, blocks[i], (size_t)run_of(h, blocks, i, done, &first));
	return (int)n;
}

/**
 * mrig_blocks_free_contiguous() - give neighbouring blocks back, however they were obtained
 * @h: allocator
 * @block: address of the first
 * @count: how many; 0 does nothing
 *
 * Return: 0; -EINVAL: more than there are, past the end, or an address inside a block; -EFAULT:
 * @block is outside, or one of them is free. After an error nothing has changed.
 */
int mrig_blocks_free_contiguous(struct mrig_blocks *h, const void *block, size_t count)
{
	int64_t first;

	if (!count)
		return 0;
	if (count > h->num)
		return -EINVAL;
	first = mrig_blocks_number(h, block);
	return first < 0 ? (int)first : mrig_blocks_free_run(h, (uint64_t)first, count);
}
