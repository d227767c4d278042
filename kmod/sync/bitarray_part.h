/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the parts of sys_bitarray share: which bits of which words a region has.
 */
#ifndef BITARRAY_PART_H
#define BITARRAY_PART_H

#include "sys_bitarray.h"

#define WORD	32	/* bits of a bundle */

/* Bits of word @i that are in the region of @num bits, not 0, from @from. */
static inline uint32_t mask_of(size_t i, size_t num, size_t from)
{
	size_t last = from + num - 1;
	uint32_t mask = ~0U;

	if (i == from / WORD)
		mask &= ~0U << from % WORD;
	if (i == last / WORD)
		mask &= ~0U >> (WORD - 1 - last % WORD);
	return mask;
}

static inline bool is_array(const sys_bitarray_t *b)
{
	return b && b->bundles && b->num_bits && b->num_bundles > (b->num_bits - 1) / WORD;
}

static inline bool is_region(const sys_bitarray_t *b, size_t num, size_t from)
{
	return is_array(b) && num && num <= b->num_bits && from <= b->num_bits - num;
}

static inline size_t last_word(size_t num, size_t from)
{
	return (from + num - 1) / WORD;
}

#endif /* BITARRAY_PART_H */
