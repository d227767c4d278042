// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A bitmap with summaries; see mrig_bits.h.
 */
#include "mrig_bits.h"

#define END	(1ULL << 63)	/* of the word after the last level, which has a bit of use: 0 */

/**
 * mrig_bits_words() - memory a bitmap needs
 * @num: numbers, at least 1
 *
 * Return: in words of 64 bits.
 */
size_t mrig_bits_words(uint32_t num)
{
	size_t sum = num = mrig_bits_over(num);

	do {
		num = mrig_bits_over(num);
		sum += num;
	} while (num > 1);
	return sum + 1;
}

/**
 * mrig_bits_init() - make a bitmap
 * @b: bitmap
 * @words: zeroed, mrig_bits_words(@num) of them
 * @num: numbers, at least 1
 */
void mrig_bits_init(struct mrig_bits *b, uint64_t *words, uint32_t num)
{
	uint32_t n = num;

	b->num = num;
	b->levels = 0;
	do {
		b->level[b->levels++] = words;
		n = mrig_bits_over(n);
		words += n;
	} while (n > 1 || b->levels == 1);
	b->level[b->levels] = words;
	*words = END;
}

/**
 * mrig_bits_raise() - the rest of mrig_bits_set(): the levels above 2
 * @b: bitmap
 * @i: the number; the word of level 2 was 0
 */
void mrig_bits_raise(const struct mrig_bits *b, uint32_t i)
{
	uint64_t *const *level = &b->level[3];

	for (i >>= 18; mrig_bits_on(*level, i); level++)
		i >>= 6;
}

/**
 * mrig_bits_lower() - the rest of mrig_bits_clear(): the levels above 2
 * @b: bitmap
 * @i: the number; the word of level 2 is 0 now
 */
void mrig_bits_lower(const struct mrig_bits *b, uint32_t i)
{
	uint64_t *const *level = &b->level[3];

	for (i >>= 18; mrig_bits_off(*level, i); level++)
		i >>= 6;
}

/**
 * mrig_bits_beyond() - the rest of mrig_bits_next()
 * @b: bitmap
 * @i: a word of level 0; those after it that share a word of level 1 with it are all 0
 *
 * Return: the lowest set number in a word after @i, or MRIG_BITS_NONE.
 */
uint32_t mrig_bits_beyond(const struct mrig_bits *b, uint32_t i)
{
	uint64_t *const *level;
	uint64_t word;

	i >>= 6;
	word = b->level[2][i >> 6] >> (i & 63) >> 1;
	if (mrig_likely(word && b->levels > 2)) {
		i += mrig_ctz64(word) + 1;
		i = i << 6 | mrig_ctz64(b->level[1][i]);
		return i << 6 | mrig_ctz64(b->level[0][i]);
	}
	/* the word after the last level ends this */
	for (level = &b->level[2]; !word; word = (*level)[i >> 6] >> (i & 63) >> 1) {
		level++;
		i >>= 6;
	}
	if (level == &b->level[b->levels])
		return MRIG_BITS_NONE;
	i += mrig_ctz64(word) + 1;
	while (level-- > b->level)
		i = i << 6 | mrig_ctz64((*level)[i]);
	return i;
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
	uint32_t n = b->num, level, i;

	for (level = 0; level + 1 < b->levels; level++) {
		n = mrig_bits_over(n);
		for (i = 0; i < n; i++) {
			if ((b->level[level + 1][i >> 6] >> (i & 63) & 1) != !!b->level[level][i])
				return false;
		}
	}
	return *b->level[level + 1] == (*b->level[level] ? END | 1 : END);
}
