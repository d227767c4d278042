// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The content of blocks. Neighbouring keys differ in about half of their bits and the step from
 * word to word is odd, so no two places of a replay hold the same word by design.
 */
#include "replay_pattern.h"

#define WORD 8
#define STEP 0x9e3779b97f4a7c15ULL

uint64_t replay_pattern_key(uint64_t n)
{
	n += STEP;
	n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ULL;
	n = (n ^ (n >> 27)) * 0x94d049bb133111ebULL;
	return n ^ (n >> 31);
}

static uint64_t word_at(uint64_t index, uint64_t key)
{
	return key + index * STEP;
}

uint8_t replay_pattern_byte(uint64_t at, uint64_t key)
{
	return (uint8_t)(word_at(at / WORD, key) >> (at % WORD * 8));
}

void replay_pattern_fill(uint8_t *block, uint64_t from, uint64_t to, uint64_t key)
{
	uint64_t *words = (uint64_t *)block;
	uint64_t at = from, i;

	for (; at < to && at % WORD; at++)
		block[at] = replay_pattern_byte(at, key);
	for (i = at / WORD; at < to && i < to / WORD; i++)
		words[i] = word_at(i, key);
	for (at = i * WORD > at ? i * WORD : at; at < to; at++)
		block[at] = replay_pattern_byte(at, key);
}

uint64_t replay_pattern_check(const uint8_t *block, uint64_t bytes, uint64_t key)
{
	const uint64_t *words = (const uint64_t *)block;
	uint64_t at, i;

	for (i = 0; i < bytes / WORD; i++) {
		if (words[i] != word_at(i, key))
			break;
	}
	for (at = i * WORD; at < bytes; at++) {
		if (block[at] != replay_pattern_byte(at, key))
			break;
	}
	return at;
}
