// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A bitmap with summaries; see mrig_bits.h.
 */
#include "mrig_bits.h"

static uint32_t words_of(uint32_t n)
{
	return (n >> 6) + !!(n & 63);
}

/**
 * mrig_bits_words() - memory a bitmap needs
 * @num: numbers, at least 1
 *
 * Return: in words of 64 bits.
 */
size_t mrig_bits_words(uint32_t num)
{
	size_t sum = 0;

	do {
		num = words_of(num);
		sum += num;
	} while (num > 1);
	return sum;
}

/**
 * mrig_bits_init() - make a bitmap
 * @b: bitmap
 * @num: numbers, at least 1
 * @words: mrig_bits_words(@num) of them, zeroed
 *
 * Return: the word behind them.
 */
uint64_t *mrig_bits_init(struct mrig_bits *b, uint32_t num, uint64_t *words)
{
	b->num = num;
	b->levels = 0;
	do {
		num = words_of(num);
		b->level[b->levels++] = words;
		words += num;
	} while (num > 1);
	return words;
}

/**
 * mrig_bits_next() - the next number that is set
 * @b: bitmap
 * @i: where to begin, any number
 *
 * Return: the lowest that is not below @i, or MRIG_BITS_NONE.
 */
uint32_t mrig_bits_next(const struct mrig_bits *b, uint64_t i)
{
	uint32_t level = 0;
	uint64_t word;

	if (i >= b->num)
		return MRIG_BITS_NONE;
	word = b->level[0][i >> 6] & ~0ULL << (i & 63);
	while (!word) {
		if (++level == b->levels)
			return MRIG_BITS_NONE;
		i >>= 6;
		word = b->level[level][i >> 6] & ~1ULL << (i & 63);
	}
	i = (i & ~63ULL) | mrig_ctz64(word);
	while (level--)
		i = i << 6 | mrig_ctz64(b->level[level][i]);
	return (uint32_t)i;
}

/**
 * mrig_bits_prev() - the last number that is set
 * @b: bitmap
 * @i: where to begin, any number
 *
 * Return: the highest that is not above @i, or MRIG_BITS_NONE.
 */
uint32_t mrig_bits_prev(const struct mrig_bits *b, uint64_t i)
{
	uint32_t level = 0;
	uint64_t word;

	if (i >= b->num)
		i = b->num - 1;
	word = b->level[0][i >> 6] & ~0ULL >> (~i & 63);
	while (!word) {
		if (++level == b->levels)
			return MRIG_BITS_NONE;
		i >>= 6;
		word = b->level[level][i >> 6] & ((1ULL << (i & 63)) - 1);
	}
	i = (i & ~63ULL) | mrig_top64(word);
	while (level--)
		i = i << 6 | mrig_top64(b->level[level][i]);
	return (uint32_t)i;
}

/**
 * mrig_bits_sound() - do the summaries say what is so?
 * @b: bitmap
 *
 * Linear in the numbers there are, 64 at a time.
 *
 * Return: whether each summary bit is set exactly if the word it stands for is not 0.
 */
bool mrig_bits_sound(const struct mrig_bits *b)
{
	uint32_t level, n = b->num, i;

	for (level = 0; level + 1 < b->levels; level++) {
		n = words_of(n);
		for (i = 0; i < n; i++) {
			if ((b->level[level + 1][i >> 6] >> (i & 63) & 1) != !!b->level[level][i])
				return false;
		}
	}
	return true;
}
