/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A bitmap that finds its next set bit in a few steps however many bits there are.
 *
 * Level 0 has a bit per number; a bit of each level above tells whether a word of the one below is
 * not 0, up to a level of a single word. They follow each other in memory. The caller provides the
 * words, zeroed, and sees to it that numbers are in range.
 */
#ifndef MRIG_BITS_H
#define MRIG_BITS_H

#include "mrig_port.h"

#define MRIG_BITS_LEVELS	6	/* 64 to the power of this is more than 2^32 */
#define MRIG_BITS_NONE		(~0U)	/* no number */

/**
 * struct mrig_bits - a bitmap
 * @word: mrig_bits_words(@num) of them
 * @num: numbers are below this; at least 1
 */
struct mrig_bits {
	uint64_t *word;
	uint32_t num;
};

size_t mrig_bits_words(uint32_t num);
uint32_t mrig_bits_beyond(const struct mrig_bits *b, uint64_t i);
uint32_t mrig_bits_prev(const struct mrig_bits *b, uint64_t i);
bool mrig_bits_sound(const struct mrig_bits *b);

/* Words that @n bits take up. */
static mrig_inline uint32_t mrig_bits_over(uint32_t n)
{
	return ((n - 1) >> 6) + 1;
}

static mrig_inline bool mrig_bits_test(const struct mrig_bits *b, uint32_t i)
{
	return b->word[i >> 6] >> (i & 63) & 1;
}

static mrig_inline void mrig_bits_set(const struct mrig_bits *b, uint32_t i)
{
	uint64_t *level = b->word, old;
	uint32_t n = b->num;

	for (;;) {
		old = level[i >> 6];
		level[i >> 6] = old | 1ULL << (i & 63);
		if (old || n <= 64)
			break;
		n = mrig_bits_over(n);
		level += n;
		i >>= 6;
	}
}

static mrig_inline void mrig_bits_clear(const struct mrig_bits *b, uint32_t i)
{
	uint64_t *level = b->word;
	uint32_t n = b->num;

	for (;;) {
		level[i >> 6] &= ~(1ULL << (i & 63));
		if (level[i >> 6] || n <= 64)
			break;
		n = mrig_bits_over(n);
		level += n;
		i >>= 6;
	}
}

/* The lowest number not below @i, any number, that is set, or MRIG_BITS_NONE. */
static mrig_inline uint32_t mrig_bits_next(const struct mrig_bits *b, uint64_t i)
{
	uint64_t word;

	if (mrig_unlikely(i >= b->num))
		return MRIG_BITS_NONE;
	word = b->word[i >> 6] & ~0ULL << (i & 63);
	if (mrig_likely(word))
		return ((uint32_t)i & ~63U) | mrig_ctz64(word);
	return mrig_bits_beyond(b, i);
}

#endif /* MRIG_BITS_H */
