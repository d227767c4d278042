// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Arrays of bits that are shared: counting, and one against another. See sys_bitarray.h.
 */
#include "bitarray_part.h"

#define PIECE	16	/* words of another array that are read at a time */

/* The @n-th set bit of a region, from 1 on, in @at; or how many there are in @n, and false. */
static bool nth_locked(const sys_bitarray_t *b, size_t *n, size_t num, size_t from, size_t *at)
{
	size_t i, seen = 0;
	uint32_t word;

	for (i = from / WORD; i <= last_word(num, from); i++) {
		for (word = b->bundles[i] & mask_of(i, num, from); word; word &= word - 1) {
			if (++seen != *n)
				continue;
			*at = i * WORD + mrig_ctz64(word);
			return true;
		}
	}
	*n = seen;
	return false;
}

/**
 * sys_bitarray_popcount_region() - count the bits of a region that are set
 * @bitarray: array
 * @num_bits: how many to look at
 * @offset: first of them
 * @count: set to how many are set
 *
 * Return: 0, or -EINVAL if there is no such region or @count is NULL.
 */
int sys_bitarray_popcount_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset,
				 size_t *count)
{
	size_t n = SIZE_MAX, at;
	unsigned long key;

	if (!count || !is_region(bitarray, num_bits, offset))
		return -EINVAL;
	key = mrig_lock_enter(&bitarray->lock.lock);
	nth_locked(bitarray, &n, num_bits, offset, &at);
	mrig_lock_leave(&bitarray->lock.lock, key);
	*count = n;
	return 0;
}

/**
 * sys_bitarray_find_nth_set() - find a set bit by its number among those of a region
 * @bitarray: array
 * @n: its number, from 1 on
 * @num_bits: how many to look at
 * @offset: first of them
 * @found_at: set to where it is in the array, if there is one
 *
 * Return: 0; 1 if fewer are set; -EINVAL if @n is 0 or more than @num_bits, there is no such region
 * or @found_at is NULL.
 */
int sys_bitarray_find_nth_set(sys_bitarray_t *bitarray, size_t n, size_t num_bits, size_t offset,
			      size_t *found_at)
{
	unsigned long key;
	bool found;

	if (!found_at || !n || n > num_bits || !is_region(bitarray, num_bits, offset))
		return -EINVAL;
	key = mrig_lock_enter(&bitarray->lock.lock);
	found = nth_locked(bitarray, &n, num_bits, offset, found_at);
	mrig_lock_leave(&bitarray->lock.lock, key);
	return found ? 0 : 1;
}

static size_t read_piece(sys_bitarray_t *b, size_t first, size_t last, uint32_t *words)
{
	unsigned long key = mrig_lock_enter(&b->lock.lock);
	size_t n = 0;

	while (n < PIECE && first + n <= last) {
		words[n] = b->bundles[first + n];
		n++;
	}
	mrig_lock_leave(&b->lock.lock, key);
	return n;
}

/**
 * sys_bitarray_xor() - invert the bits of a region that are set in another array
 * @dst: array
 * @other: the other one, as long as @dst; may be @dst
 * @num_bits: how many
 * @offset: first of them, in both
 *
 * Never has both locks: bits that change meanwhile may be seen before or after, 512 at a time.
 *
 * Return: 0, or -EINVAL if there is no such region, or the arrays differ in length.
 */
int sys_bitarray_xor(sys_bitarray_t *dst, sys_bitarray_t *other, size_t num_bits, size_t offset)
{
	uint32_t words[PIECE];
	size_t at, last, n, i;
	unsigned long key;

	if (!is_region(dst, num_bits, offset) || !is_array(other) ||
	    dst->num_bits != other->num_bits)
		return -EINVAL;
	last = last_word(num_bits, offset);
	for (at = offset / WORD; at <= last; at += n) {
		n = read_piece(other, at, last, words);
		key = mrig_lock_enter(&dst->lock.lock);
		for (i = 0; i < n; i++)
			dst->bundles[at + i] ^= words[i] & mask_of(at + i, num_bits, offset);
		mrig_lock_leave(&dst->lock.lock, key);
	}
	return 0;
}
