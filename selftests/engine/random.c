// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* See random.h. */
#include "random.h"

static uint64_t state = 1;
static const uint8_t *at, *end;

void random_from_seed(uint64_t seed)
{
	state = seed;
	at = NULL;
}

void random_from_bytes(const uint8_t *data, size_t size)
{
	static const uint8_t nothing;

	at = size ? data : &nothing;
	end = at + size;
}

/* As few bytes as the number needs, so that the fuzzer finds out what they do. */
static uint32_t from_bytes(uint32_t below)
{
	uint32_t n = 0, top = below - 1;

	do {
		n = n << 8 | (at < end ? *at++ : 0);
		top >>= 8;
	} while (top);
	return n % below;
}

uint32_t rnd(uint32_t below)
{
	if (at)
		return from_bytes(below);
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(state >> 33) % below;
}

bool random_goes_on(uint32_t done, uint32_t most)
{
	return done < most && (!at || at < end);
}
