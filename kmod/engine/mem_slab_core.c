// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fixed-size blocks: what is not on the way of every call. See mem_slab_core.h.
 */
#include "mem_slab_core.h"

/**
 * mrig_slab_control_bytes() - size of a slab's bookkeeping
 * @num: blocks
 *
 * Return: bytes of the control block, 0 if there can be no such slab.
 */
size_t mrig_slab_control_bytes(uint32_t num)
{
	if (num > MRIG_SLAB_MAX)
		return 0;
	return sizeof(struct mrig_slab) + ((size_t)num + 1) * sizeof(struct mrig_slab_level);
}

/* Newton's iteration: an odd number is its own inverse in 3 bits, and each round doubles that. */
static uint64_t inverse_of(uint64_t odd)
{
	uint64_t x = odd;
	int i;

	for (i = 0; i < 5; i++)
		x *= 2 - odd * x;
	return x;
}

/**
 * mrig_slab_init_apart() - make a slab whose levels do not follow it
 * @s: slab
 * @level: @num + 1 of them, zeroed, as long as the slab is in use
 * @base: address the blocks are known by; not dereferenced. With 0, the first block's is NULL: use
 *	numbers then.
 * @bytes: block size
 * @num: blocks; 0 makes a slab that is always empty
 *
 * After a failure the slab is one that is always empty. The calls that hand out blocks and take
 * them back in line are for slabs of mrig_slab_init(); there are others for this one.
 *
 * Return: 0, or -EINVAL if @bytes is 0, if @bytes or @base is not a multiple of the size of a
 * pointer, if there are too many blocks, or if they would wrap around the address space.
 */
int mrig_slab_init_apart(struct mrig_slab *s, struct mrig_slab_level *level, uintptr_t base,
			 uint64_t bytes, uint32_t num)
{
	memset(s, 0, sizeof(*s));
	s->level = level;
	s->inverse = 1;
	s->bytes = bytes;
	if (!bytes || ((bytes | base) & (sizeof(void *) - 1)) || num > MRIG_SLAB_MAX)
		return -EINVAL;
	if (num && bytes > (UINTPTR_MAX - base) / num)
		return -EINVAL;
	s->shift = mrig_ctz64(bytes);
	s->inverse = inverse_of(bytes >> s->shift);
	s->bias = base - bytes;
	s->num = num;
	s->depth = num;
	s->marked = num;
	return 0;
}

/**
 * mrig_slab_init() - make a slab
 * @s: control block: zeroed, mrig_slab_control_bytes(@num) long
 * @base: as for mrig_slab_init_apart()
 * @bytes: block size
 * @num: blocks; 0 makes a slab that is always empty
 *
 * Return: as mrig_slab_init_apart().
 */
int mrig_slab_init(struct mrig_slab *s, uintptr_t base, uint64_t bytes, uint32_t num)
{
	struct mrig_slab_level *level = mrig_slab_level(s, 0, false);

	memset(level, 0, sizeof(*level));
	return mrig_slab_init_apart(s, level, base, bytes, num);
}

/* Was this level of the stack ever written? */
static bool written(const struct mrig_slab *s, uint32_t level)
{
	return level > s->num - s->fresh;
}

/**
 * mrig_slab_take_marked() - the rest of mrig_slab_take()
 * @s: slab
 *
 * The top of the stack is the level that is marked: see why.
 *
 * Return: a number, or -ENOMEM.
 */
int64_t mrig_slab_take_marked(struct mrig_slab *s)
{
	uint32_t depth = s->depth;
	uint64_t number;

	if (!depth)
		return -ENOMEM;
	number = written(s, depth) ? s->level[depth].free : ++s->fresh;
	s->depth = depth - 1;
	s->marked = depth - 1;
	s->level[number].live = 1;
	return number;
}

/**
 * mrig_slab_stray() - what is wrong with an address at which no block starts
 * @s: slab
 * @block: address
 *
 * Return: -EINVAL: it lies inside a block; -ENOENT: outside of all.
 */
int64_t mrig_slab_stray(const struct mrig_slab *s, const void *block)
{
	return (uintptr_t)block - s->bias - s->bytes < s->num * s->bytes ? -EINVAL : -ENOENT;
}

/**
 * mrig_slab_refused() - why a number or an address cannot be given back
 * @s: slab
 * @number: of a block that is not live, or what mrig_slab_number_of() has made of an address
 *
 * Return: as mrig_slab_free().
 */
int64_t mrig_slab_refused(const struct mrig_slab *s, uint64_t number)
{
	if (number - 1 < s->num)
		return -EALREADY;
	return mrig_slab_stray(s, mrig_slab_named(s, number));
}

/**
 * mrig_slab_alloc_marked() - the rest of mrig_slab_alloc()
 * @s: slab
 *
 * Return: an address, or NULL.
 */
void *mrig_slab_alloc_marked(struct mrig_slab *s)
{
	int64_t number = mrig_slab_take_marked(s);

	return number < 0 ? NULL : mrig_slab_address_of(s, (uint64_t)number);
}

/**
 * mrig_slab_alloc_apart() - mrig_slab_alloc(), wherever the levels are
 * @s: slab, or zeroed
 *
 * Return: as mrig_slab_alloc().
 */
void *mrig_slab_alloc_apart(struct mrig_slab *s)
{
	uint64_t number;

	if (!mrig_slab_pop(s, true, &number))
		return mrig_slab_alloc_marked(s);
	return mrig_slab_address_of(s, number);
}

/**
 * mrig_slab_free_apart() - mrig_slab_free(), wherever the levels are
 * @s: slab, or zeroed
 * @block: any address
 *
 * Return: as mrig_slab_free().
 */
int64_t mrig_slab_free_apart(struct mrig_slab *s, const void *block)
{
	int64_t number = mrig_slab_number(s, block);
	uint32_t was;

	if (number < 0)
		return number;
	if (!mrig_slab_push(s, true, (uint64_t)number, &was))
		return -EALREADY;
	return was;
}

/**
 * mrig_slab_named() - the address that has been made a number
 * @s: slab
 * @number: what mrig_slab_number_of() has made of it, block or none
 *
 * Return: the address.
 */
void *mrig_slab_named(const struct mrig_slab *s, uint64_t number)
{
	uint64_t off = number << s->shift | number >> (-s->shift & 63);

	return (void *)(uintptr_t)(off * (s->bytes >> s->shift) + s->bias);
}

/**
 * mrig_slab_number() - which block starts at an address
 * @s: slab
 * @block: address
 *
 * Return: its number, live or not; -EINVAL: @block points inside a block; -ENOENT: outside of all.
 */
int64_t mrig_slab_number(const struct mrig_slab *s, const void *block)
{
	uint64_t number = mrig_slab_number_of(s, block);

	return number - 1 < s->num ? (int64_t)number : mrig_slab_stray(s, block);
}

/**
 * mrig_slab_is_live() - is a block handed out?
 * @s: slab
 * @number: any
 */
bool mrig_slab_is_live(const struct mrig_slab *s, uint64_t number)
{
	return number <= s->num && s->level[number].live;
}

/**
 * mrig_slab_get_info() - figures
 * @s: slab
 * @info: filled in
 */
void mrig_slab_get_info(const struct mrig_slab *s, struct mrig_slab_info *info)
{
	info->num = (uint32_t)s->num;
	info->used = (uint32_t)s->num - s->depth;
	info->max_used = (uint32_t)s->num - s->marked;
	info->bytes = s->bytes;
}

/**
 * mrig_slab_reset_max() - what is used now is the most there was
 * @s: slab
 */
void mrig_slab_reset_max(struct mrig_slab *s)
{
	s->marked = s->depth;
}

/**
 * mrig_slab_check() - is the bookkeeping of one block, and the stack level of its number, in order?
 * @s: slab
 * @number: of a block
 *
 * Between two of these the slab may change, which it may not during mrig_slab_validate().
 *
 * Return: whether the block is live or free, free if it was never handed out, and whether the level
 * holds the number of a free block if it has one.
 */
bool mrig_slab_check(const struct mrig_slab *s, uint32_t number)
{
	uint32_t free;

	if (s->level[number].live > 1 || (s->level[number].live && number > s->fresh))
		return false;
	if (!written(s, number) || number > s->depth)
		return true;
	free = s->level[number].free;
	return free && free <= s->fresh && !s->level[free].live;
}

/* Sums of this tell sets of numbers apart, but for odds of 1 in 2^64. */
static uint64_t mix(uint64_t number)
{
	number *= 0x9e3779b97f4a7c15ULL;
	number ^= number >> 29;
	return number * 0xbf58476d1ce4e5b9ULL;
}

/**
 * mrig_slab_validate() - is the bookkeeping in order?
 * @s: slab
 *
 * Linear in the number of blocks ever handed out.
 *
 * Return: whether as many of them are live as should be, and each of the others once on the stack.
 */
bool mrig_slab_validate(const struct mrig_slab *s)
{
	uint32_t live = 0, number, i;
	uint64_t sum = 0;

	if (s->fresh > s->num || s->depth > s->num || s->marked > s->depth ||
	    s->marked < s->num - s->fresh || s->level[0].free || s->level[0].live)
		return false;
	for (i = 1; i <= s->fresh; i++) {
		if (s->level[i].live > 1)
			return false;
		live += s->level[i].live;
		if (!s->level[i].live)
			sum += mix(i);
	}
	for (i = (uint32_t)s->num - s->fresh + 1; i <= s->depth; i++) {
		number = s->level[i].free;
		if (!number || number > s->fresh)
			return false;
		sum -= mix(number);
	}
	return live == s->num - s->depth && !sum;
}
