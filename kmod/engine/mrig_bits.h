/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A bitmap that finds its next set bit in a few steps however many bits there are.
 *
 * Level 0 has a bit per number; a bit of each level above tells whether a word of the one below is
 * not 0, up to a level of a single word, which is never level 0. They follow each other in memory.
 * The caller provides the words, zeroed, and sees to it that numbers are in range.
 *
 * The word after the last level is never 0, so that who climbs stops there at the latest. Most
 * calls end at level 0 or 1, which is in line.
 */
#ifndef MRIG_BITS_H
#define MRIG_BITS_H

#include "mrig_port.h"

#define MRIG_BITS_LEVELS	6	/* 64 to the power of this is more than 2^32 */
#define MRIG_BITS_NONE		(~0U)	/* no number */

/**
 * struct mrig_bits - a bitmap
 * @level: its levels, then the word after the last one
 * @num: numbers are below this; at least 1
 * @levels: how many there are
 */
struct mrig_bits {
	uint64_t *level[MRIG_BITS_LEVELS + 1];
	uint32_t num;
	uint32_t levels;
};

size_t mrig_bits_words(uint32_t num);
void mrig_bits_init(struct mrig_bits *b, uint64_t *words, uint32_t num);
void mrig_bits_raise(const struct mrig_bits *b, uint32_t i);
void mrig_bits_lower(const struct mrig_bits *b, uint32_t i);
uint32_t mrig_bits_beyond(const struct mrig_bits *b, uint32_t i);
uint32_t mrig_bits_prev(const struct mrig_bits *b, uint64_t i);
bool mrig_bits_sound(const struct mrig_bits *b);

/* Words that @n bits take up. */
static mrig_inline uint32_t mrig_bits_over(uint32_t n)
{
	return ((n - 1) >> 6) + 1;
}

static mrig_inline bool mrig_bits_test(const struct mrig_bits *b, uint32_t i)
{
	return b->level[0][i >> 6] >> (i & 63) & 1;
}

/* Set a bit of one level; whether its word was 0. */
static mrig_inline bool mrig_bits_on(uint64_t *level, uint32_t i)
{
	uint64_t old = level[i >> 6];

	level[i >> 6] = old | 1ULL << (i & 63);
	return !old;
}

/* Clear a bit of one level; whether its word is 0 now. */
static mrig_inline bool mrig_bits_off(uint64_t *level, uint32_t i)
{
	uint64_t new = level[i >> 6] & ~(1ULL << (i & 63));

	level[i >> 6] = new;
	return !new;
}

static mrig_inline void mrig_bits_set(const struct mrig_bits *b, uint32_t i)
{
	if (mrig_bits_on(b->level[0], i) && mrig_bits_on(b->level[1], i >> 6) &&
	    mrig_bits_on(b->level[2], i >> 12))
		mrig_bits_raise(b, i);
}

static mrig_inline void mrig_bits_clear(const struct mrig_bits *b, uint32_t i)
{
	if (mrig_bits_off(b->level[0], i) && mrig_bits_off(b->level[1], i >> 6) &&
	    mrig_bits_off(b->level[2], i >> 12))
		mrig_bits_lower(b, i);
}

/* The lowest number not below @i, any number, that is set, or MRIG_BITS_NONE. */
static mrig_inline uint32_t mrig_bits_next(const struct mrig_bits *b, uint64_t i)
{
	uint32_t at = (uint32_t)i >> 6;
	uint64_t word;

	if (mrig_unlikely(i >= b->num))
		return MRIG_BITS_NONE;
	word = b->level[0][at] >> (i & 63);
	if (word)
		return (uint32_t)i + mrig_ctz64(word);
	/* shifted twice: it may be the last bit */
	word = b->level[1][at >> 6] >> (at & 63) >> 1;
	if (mrig_unlikely(!word))
		return mrig_bits_beyond(b, at);
	at += mrig_ctz64(word) + 1;
	return at << 6 | mrig_ctz64(b->level[0][at]);
}

#endif /* MRIG_BITS_H */
