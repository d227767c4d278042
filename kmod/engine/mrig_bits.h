/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A bitmap that finds its next set bit in a few steps however many bits there are.
 *
 * Level 0 has a bit per number; a bit of each level above tells whether a word of the one below is
 * not 0. The caller provides the words, zeroed, and sees to it that numbers are in range.
 */
#ifndef MRIG_BITS_H
#define MRIG_BITS_H

#include "mrig_port.h"

#define MRIG_BITS_LEVELS	6	/* 64 to the power of this is more than 2^32 */
#define MRIG_BITS_NONE		(~0U)	/* no number */

/**
 * struct mrig_bits - a bitmap
 * @num: numbers are below this
 * @levels: there are; the last one has a single word
 * @level: words of each
 */
struct mrig_bits {
	uint32_t num;
	uint32_t levels;
	uint64_t *level[MRIG_BITS_LEVELS];
};

size_t mrig_bits_words(uint32_t num);
uint64_t *mrig_bits_init(struct mrig_bits *b, uint32_t num, uint64_t *words);
uint32_t mrig_bits_next(const struct mrig_bits *b, uint64_t i);
uint32_t mrig_bits_prev(const struct mrig_bits *b, uint64_t i);
bool mrig_bits_sound(const struct mrig_bits *b);

static mrig_inline bool mrig_bits_test(const struct mrig_bits *b, uint32_t i)
{
	return b->level[0][i >> 6] >> (i & 63) & 1;
}

static mrig_inline void mrig_bits_set(struct mrig_bits *b, uint32_t i)
{
	uint64_t *word, old;
	uint32_t level;

	for (level = 0; level < b->levels; level++, i >>= 6) {
		word = &b->level[level][i >> 6];
		old = *word;
		*word = old | 1ULL << (i & 63);
		if (old)
			break;
	}
}

static mrig_inline void mrig_bits_clear(struct mrig_bits *b, uint32_t i)
{
	uint32_t level;
	uint64_t *word;

	for (level = 0; level < b->levels; level++, i >>= 6) {
		word = &b->level[level][i >> 6];
		*word &= ~(1ULL << (i & 63));
		if (*word)
			break;
	}
}

/* The lowest number that is set; there must be one. */
static mrig_inline uint32_t mrig_bits_first(const struct mrig_bits *b)
{
	uint32_t level = b->levels, i = 0;

	while (level--)
		i = i << 6 | mrig_ctz64(b->level[level][i]);
	return i;
}

#endif /* MRIG_BITS_H */
