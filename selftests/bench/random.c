// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Deterministic random numbers (splitmix64) and the request sizes drawn from them. Integer
 * arithmetic only: the sequences are the same on every machine.
 */
#include "bench.h"

#define OCTAVES 12 /* of the power law: 16 bytes .. 64 KiB */

static uint64_t state;

/**
 * bench_seed() - start a sequence
 * @seed: any number
 */
void bench_seed(uint64_t seed)
{
	state = seed;
}

static uint64_t next(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15UL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
	return z ^ (z >> 31);
}

/**
 * bench_below() - a number in [0, n)
 * @n: bound, not zero
 *
 * Return: the high word of the product with a 64-bit random number, which needs no division.
 */
uint64_t bench_below(uint64_t n)
{
	return (uint64_t)(((__uint128_t)next() * n) >> 64);
}

/* Octaves lo .. hi - 1 equally likely, sizes within an octave as well. */
static size_t octave_uniform(uint32_t lo, uint32_t hi)
{
	uint32_t e = lo + (uint32_t)bench_below(hi - lo);

	return (1UL << e) + bench_below(1UL << e);
}

/* Octave e from 16 bytes on has the weight 0.66^e. */
static size_t power_law(void)
{
	static uint32_t cumulated[OCTAVES];
	uint32_t pick;
	int e;

	if (!cumulated[0]) {
		uint32_t weight = 1000000, sum = 0;

		for (e = 0; e < OCTAVES; e++) {
			sum += weight;
			cumulated[e] = sum;
			weight = weight * 66 / 100;
		}
	}
	pick = (uint32_t)bench_below(cumulated[OCTAVES - 1]);
	for (e = 0; pick >= cumulated[e]; e++)
		;
	return (16UL << e) + bench_below(16UL << e);
}

/**
 * bench_draw() - a request size
 * @dist: how it is distributed
 */
size_t bench_draw(enum bench_dist dist)
{
	switch (dist) {
	case BENCH_MIX:
		return octave_uniform(4, 10);
	case BENCH_LARGE:
		return power_law();
	case BENCH_SMALL:
		return octave_uniform(4, 8);
	default:
		return 64;
	}
}
