// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A bitmap with summaries; see mrig_bits.h.
 */
#include "mrig_bits.h"

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
		num = mrig_bits_over(num);
		sum += num;
	} while (num > 1);
	return sum;
}

/**
 * mrig_bits_beyond() - the rest of mrig_bits_next()
 * @b: bitmap
 * @i: a number of it; none of those in its word that are not below it is set
 *
 * Return: the lowest set number above @i, or MRIG_BITS_NONE.
 */
uint32_t mrig_bits_beyond(const struct mrig_bits *b, uint64_t i)
{
	const uint64_t *at[MRIG_BITS_LEVELS];
	uint32_t n = b->num, level = 0;
	uint64_t word;

	at[0] = b->word;
	do {
		if (n <= 64)
			return MRIG_BITS_NONE;
		n = mrig_bits_over(n);
		at[level + 1] = at[level] + n;
		level++;
		i >>= 6;
		word = at[level][i >> 6] & ~1ULL << (i & 63);
	} while (!word);
	i = (i & ~63ULL) | mrig_ctz64(word);
	while (level--)
		i = i << 6 | mrig_ctz64(at[level][i]);
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
	const uint64_t *at[MRIG_BITS_LEVELS];
	uint32_t n = b->num, level = 0;
	uint64_t word;

	if (i >= n)
		i = n - 1;
	at[0] = b->word;
	word = at[0][i >> 6] & ~0ULL >> (~i & 63);
	while (!word) {
		if (n <= 64)
			return MRIG_BITS_NONE;
		n = mrig_bits_over(n);
		at[level + 1] = at[level] + n;
		level++;
		i >>= 6;
		word = at[level][i >> 6] & ((1ULL << (i & 63)) - 1);
	}
	i = (i & ~63ULL) | mrig_top64(word);
	while (level--)
		i = i << 6 | mrig_top64(at[level][i]);
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
	const uint64_t *level = b->word, *above;
	uint32_t n, i;

	for (n = b->num; n > 64; level = above) {
		n = mrig_bits_over(n);
		above = level + n;
		for (i = 0; i < n; i++) {
			if ((above[i >> 6] >> (i & 63) & 1) != !!level[i])
				return false;
		}
	}
	return true;
}
