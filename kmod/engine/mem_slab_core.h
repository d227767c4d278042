/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Fixed-size blocks with all bookkeeping in side memory: the engine behind k_mem_slab.
 *
 * A block has a *number*, counted from 1. The free ones lie on a stack whose top is level @depth:
 * they come out ascending at first and last-in-first-out later, as Zephyr's do. Blocks that were
 * never handed out are in the lowest levels without being written there, so that making a slab
 * costs the same for any number of blocks.
 *
 * A level that reads 0 makes who takes from it look closer: it is the one below all, or one never
 * written, or the one whose removal will be a new high-water mark, which therefore costs nothing
 * in between. The number that belongs into the last is in @hidden.
 *
 * The calls themselves are inline: those who lock around them want no second call.
 *
 * Nothing here touches the blocks. The caller serialises all calls on one slab.
 */
#ifndef MRIG_MEM_SLAB_CORE_H
#define MRIG_MEM_SLAB_CORE_H

#include "mrig_port.h"

#define MRIG_SLAB_MAX		0x7fffffffU	/* blocks */

/**
 * struct mrig_slab_level - one level of the stack, and what is kept for the block of that number
 * @live: 1 while the block is handed out, else 0
 * @free: stack: number of a free block, or 0
 */
struct mrig_slab_level {
	uint32_t live;
	uint32_t free;
};

/**
 * struct mrig_slab - a slab; the control block handed to mrig_slab_init()
 * @depth: free blocks
 * @fresh: blocks handed out at least once; levels up to @num - @fresh were never written
 * @num: blocks
 * @bias: address of the block before the first
 * @inverse: of the odd part of the block size, modulo 2^64
 * @shift: log2 of the rest of the block size
 * @marked: level whose removal is a new high-water mark, at most @depth
 * @bytes: block size
 * @hidden: what belongs into that level
 * @level: @num + 1 of them
 */
struct mrig_slab {
	uint32_t depth;
	uint32_t fresh;
	uint64_t num;
	uint64_t bias;
	uint64_t inverse;
	uint32_t shift;
	uint32_t marked;
	uint64_t bytes;
	uint32_t hidden;
	struct mrig_slab_level level[];
};

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

int64_t mrig_slab_take_marked(struct mrig_slab *s);
void *mrig_slab_alloc_marked(struct mrig_slab *s);
int64_t mrig_slab_not_live(struct mrig_slab *s, uint64_t number);
int64_t mrig_slab_stray(const struct mrig_slab *s, const void *block);

int64_t mrig_slab_number(const struct mrig_slab *s, const void *block);
bool mrig_slab_is_live(const struct mrig_slab *s, uint64_t number);
void mrig_slab_get_info(const struct mrig_slab *s, struct mrig_slab_info *info);
void mrig_slab_reset_max(struct mrig_slab *s);
bool mrig_slab_check(const struct mrig_slab *s, uint32_t number);
bool mrig_slab_validate(const struct mrig_slab *s);

/*
 * Take the top of the stack; 0 if the slow path has to. The depth is read, then changed where it
 * lies: the slab is hidden from the compiler so that it leaves it at these two instructions.
 */
static mrig_inline uint64_t mrig_slab_pop(struct mrig_slab **s)
{
	uint32_t depth = (*s)->depth;
	uint64_t number;

	mrig_hide(*s);
	(*s)->depth--;
	number = (*s)->level[depth].free;
	if (mrig_likely(number))
		(*s)->level[number].live = 1;
	return number;
}

static mrig_inline int64_t mrig_slab_push(struct mrig_slab **s, uint64_t number)
{
	uint32_t depth;

	if (mrig_unlikely(--(*s)->level[number].live))
		return mrig_slab_not_live(*s, number);
	depth = (*s)->depth;
	mrig_hide(*s);
	(*s)->depth++;
	(*s)->level[(size_t)depth + 1].free = (uint32_t)number;
	return depth;
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
	uint64_t number = mrig_slab_pop(&s);

	return mrig_likely(number) ? (int64_t)number : mrig_slab_take_marked(s);
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
	if (mrig_unlikely(number > s->num))
		return -ENOENT;
	return mrig_slab_push(&s, number);
}

/**
 * mrig_slab_alloc() - hand out a block
 * @s: slab
 *
 * Return: its address, or NULL if all are handed out.
 */
static mrig_inline void *mrig_slab_alloc(struct mrig_slab *s)
{
	uint64_t number = mrig_slab_pop(&s);

	return mrig_likely(number) ? mrig_slab_address_of(s, number) : mrig_slab_alloc_marked(s);
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

	if (mrig_unlikely(number > s->num))
		return mrig_slab_stray(s, block);
	return mrig_slab_push(&s, number);
}

#endif /* MRIG_MEM_SLAB_CORE_H */
