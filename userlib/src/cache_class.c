// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Size classes of caches: every 16 bytes up to 128, then four to a doubling, so that no block is
 * more than a quarter larger than what it is wanted for, but for 16 bytes.
 */
#include "cache.h"

#define STEP	   16
#define EVEN	   8 /* classes one step apart */
#define EVEN_SHIFT 5 /* log2 of the step after them */
#define PARTS	   4 /* classes to a doubling */

unsigned int mrig_cache_class(uint64_t bytes)
{
	uint64_t last = bytes - 1;
	unsigned int shift;

	if (bytes <= STEP * EVEN)
		return last / STEP;
	shift = 61 - __builtin_clzll(last);
	return EVEN + (shift - EVEN_SHIFT) * PARTS + ((last >> shift) & (PARTS - 1));
}

uint32_t mrig_cache_class_bytes(unsigned int class)
{
	unsigned int above = class - EVEN;

	if (class < EVEN)
		return (class + 1) * STEP;
	return (PARTS + above % PARTS + 1) << (EVEN_SHIFT + above / PARTS);
}
