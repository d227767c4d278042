/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Fixed-size blocks with all bookkeeping in side memory: the engine behind k_mem_slab.
 *
 * A block has a *number*, counted from 1. The free ones lie on a stack whose top is level @depth:
 * they come out ascending at first and last-in-first-out later, as Zephyr's do. Blocks that were
 * never handed out are in the lowest levels without being written there, so that making a slab
 * costs the same for any number of blocks.
 *
 * Who takes the level @marked or one below has to look closer: all are handed out, or the block was
 * never handed out before, or it makes a new high-water mark, which therefore costs nothing in
 * between.
 *
 * The calls themselves are inline: those who lock around them want no second call.
 *
 * Nothing here touches the blocks. The caller serialises all calls on one slab.
 */
#ifndef MRIG_MEM_SLAB_CORE_H
#define MRIG_MEM_SLAB_CORE_H

#include "mem_slab.h"

/**
 * struct mrig_slab_info - figures of a slab
 * @num: blocks
 * @used: blocks handed out
 * @max_used: the most there were at a time, since the start or mrig_slab_reset_max()
 * @bytes: size of a block
 */
struct mrig_slab_info {
	uint32_t num;
	uint32_t used;
	uint32_t max_used;
	uint64_t bytes;
};

size_t mrig_slab_control_bytes(uint32_t num);
int mrig_slab_init(struct mrig_slab *s, uintptr_t base, uint64_t bytes, uint32_t num);
int mrig_slab_init_apart(struct mrig_slab *s, struct mrig_slab_level *level, uintptr_t base,
			 uint64_t bytes, uint32_t num);

int64_t mrig_slab_take_marked(struct mrig_slab *s);
void *mrig_slab_alloc_marked(struct mrig_slab *s);
void *mrig_slab_alloc_apart(struct mrig_slab *s);
int64_t mrig_slab_refused(const struct mrig_slab *s, uint64_t number);
int64_t mrig_slab_stray(const struct mrig_slab *s, const void *block);
int64_t mrig_slab_free_apart(struct mrig_slab *s, const void *block);
void *mrig_slab_named(const struct mrig_slab *s, uint64_t number);

int64_t mrig_slab_number(const struct mrig_slab *s, const void *block);
bool mrig_slab_is_live(const struct mrig_slab *s, uint64_t number);
void mrig_slab_get_info(const struct mrig_slab *s, struct mrig_slab_info *info);
void mrig_slab_reset_max(struct mrig_slab *s);
bool mrig_slab_check(const struct mrig_slab *s, uint32_t number);
bool mrig_slab_validate(const struct mrig_slab *s);

/**
 * struct mrig_slab_whole - a slab as mrig_slab_init() makes it
 * @slab: itself
 * @level: its levels
 */
struct mrig_slab_whole {
	struct mrig_slab slab;
	struct mrig_slab_level level[];
};

/* A level, which follows the slab or lies @apart. */
static mrig_inline struct mrig_slab_level *mrig_slab_level(struct mrig_slab *s, uint64_t i,
							   bool apart)
{
	return apart ? &s->level[i] : &((struct mrig_slab_whole *)s)->level[i];
}

/*
 * Take the top of the stack; false if that needs a closer look, and nothing has changed. The depth
 * is read, then changed where it lies: two instructions.
 */
static mrig_inline bool mrig_slab_pop(struct mrig_slab *s, bool apart, uint64_t *number)
{
	uint32_t depth = mrig_read_once(s->depth);

	if (mrig_unlikely(depth <= s->marked))
		return false;
	*number = mrig_slab_level(s, depth, apart)->free;
	s->depth--;
	mrig_slab_level(s, *number, apart)->live = 1;
	return true;
}

/*
 * Put a block back on the stack, whose number is no larger than the last one's; false if it is not
 * live, and nothing has changed. @was: how many were free.
 */
static mrig_inline bool mrig_slab_push(struct mrig_slab *s, bool apart, uint64_t number,
				       uint32_t *was)
{
	if (mrig_unlikely(mrig_slab_level(s, number, apart)->live != 1))
		return false;
	/* once more from the start, and not by an address to be computed first */
	mrig_hide(number);
	mrig_slab_level(s, number, apart)->live = 0;
	*was = mrig_read_once(s->depth);
	s->depth++;
	mrig_slab_level(s, (uint64_t)*was + 1, apart)->free = (uint32_t)number;
	return true;
}

/*
 * An address leads to its block without a division: multiplying its distance with the inverse of
 * the odd part of the block size and rotating the rest out maps the 64-bit numbers one to one onto
 * themselves, and takes number * size to number. So whatever else is named, misaligned or outside,
 * lands on 0 or beyond the last number, and one comparison tells.
 */
static mrig_inline uint64_t mrig_slab_number_of(const struct mrig_slab *s, const void *block)
{
	uint64_t off = ((uintptr_t)block - s->bias) * s->inverse;

	return off >> s->shift | off << (-s->shift & 63);
}

static mrig_inline void *mrig_slab_address_of(const struct mrig_slab *s, uint64_t number)
{
	return (void *)(uintptr_t)(number * s->bytes + s->bias);
}

/**
 * mrig_slab_take() - hand out a block, by number
 * @s: slab
 *
 * Return: its number, or -ENOMEM if all are handed out.
 */
static mrig_inline int64_t mrig_slab_take(struct mrig_slab *s)
{
	uint64_t number;

	if (!mrig_slab_pop(s, false, &number))
		return mrig_slab_take_marked(s);
	return (int64_t)number;
}

/**
 * mrig_slab_put() - give a block back, by number
 * @s: slab
 * @number: as mrig_slab_take() returned it
 *
 * Return: how many blocks were free before: 0 tells that somebody may be waiting. -ENOENT: there is
 * no such block; -EALREADY: it is free.
 */
static mrig_inline int64_t mrig_slab_put(struct mrig_slab *s, uint64_t number)
{
	uint32_t was;

	if (mrig_unlikely(number > s->num))
		return -ENOENT;
	if (!mrig_slab_push(s, false, number, &was))
		return mrig_slab_refused(s, number);
	return was;
}

/**
 * mrig_slab_alloc() - hand out a block
 * @s: slab
 *
 * Return: its address, or NULL if all are handed out.
 */
static mrig_inline void *mrig_slab_alloc(struct mrig_slab *s)
{
	uint64_t number;

	if (!mrig_slab_pop(s, false, &number))
		return mrig_slab_alloc_marked(s);
	return mrig_slab_address_of(s, number);
}

/**
 * mrig_slab_free() - give a block back
 * @s: slab
 * @block: as mrig_slab_alloc() returned it
 *
 * Return: how many blocks were free before. -EINVAL: @block points inside a block; -ENOENT: outside
 * of all; -EALREADY: the block is free.
 */
static mrig_inline int64_t mrig_slab_free(struct mrig_slab *s, const void *block)
{
	uint64_t number = mrig_slab_number_of(s, block);
	uint32_t was;

	if (mrig_unlikely(number > s->num) || !mrig_slab_push(s, false, number, &was))
		return mrig_slab_refused(s, number);
	return was;
}

#endif /* MRIG_MEM_SLAB_CORE_H */
