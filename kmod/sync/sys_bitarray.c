// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Arrays of bits that are shared; see sys_bitarray.h. All is done word by word: a mask says which
 * bits of a word belong to the region.
 */
#include "bitarray_part.h"

/* Word @i; a 1 is a bit that is set, or one that is clear if that was asked for. */
static uint32_t word_as(const sys_bitarray_t *b, size_t i, bool set)
{
	return set ? b->bundles[i] : ~b->bundles[i];
}

static bool all_locked(const sys_bitarray_t *b, size_t num, size_t from, bool set)
{
	size_t i;

	for (i = from / WORD; i <= last_word(num, from); i++) {
		if (~word_as(b, i, set) & mask_of(i, num, from))
			return false;
	}
	return true;
}

static void fill_locked(sys_bitarray_t *b, size_t num, size_t from, bool set)
{
	size_t i;

	for (i = from / WORD; i <= last_word(num, from); i++) {
		if (set)
			b->bundles[i] |= mask_of(i, num, from);
		else
			b->bundles[i] &= ~mask_of(i, num, from);
	}
}

/* The first bit from @from on that is so, or @end. */
static size_t next_locked(const sys_bitarray_t *b, size_t from, size_t end, bool set)
{
	uint32_t word;
	size_t i;

	if (from >= end)
		return end;
	for (i = from / WORD; i <= (end - 1) / WORD; i++) {
		word = word_as(b, i, set) & mask_of(i, end - from, from);
		if (word)
			return i * WORD + mrig_ctz64(word);
	}
	return end;
}

/* One bit: becomes @to, and what it was; or -EINVAL. */
static int change(sys_bitarray_t *b, size_t bit, bool to)
{
	unsigned long key;
	bool was;

	if (!is_region(b, 1, bit))
		return -EINVAL;
	key = mrig_lock_enter(&b->lock.lock);
	was = all_locked(b, 1, bit, true);
	fill_locked(b, 1, bit, to);
	mrig_lock_leave(&b->lock.lock, key);
	return was;
}

static int change_and_tell(sys_bitarray_t *b, size_t bit, bool to, int *was)
{
	int ret = was ? change(b, bit, to) : -EINVAL;

	if (ret < 0)
		return ret;
	*was = ret;
	return 0;
}

/**
 * sys_bitarray_set_bit() - set one bit
 * @bitarray: array
 * @bit: which
 *
 * Return: 0, or -EINVAL if there is no such bit.
 */
int sys_bitarray_set_bit(sys_bitarray_t *bitarray, size_t bit)
{
	return change(bitarray, bit, true) < 0 ? -EINVAL : 0;
}

/**
 * sys_bitarray_clear_bit() - clear one bit
 * @bitarray: array
 * @bit: which
 *
 * Return: 0, or -EINVAL if there is no such bit.
 */
int sys_bitarray_clear_bit(sys_bitarray_t *bitarray, size_t bit)
{
	return change(bitarray, bit, false) < 0 ? -EINVAL : 0;
}

/**
 * sys_bitarray_test_bit() - look at one bit
 * @bitarray: array
 * @bit: which
 * @val: set to 0 or 1
 *
 * Return: 0, or -EINVAL if there is no such bit or @val is NULL.
 */
int sys_bitarray_test_bit(sys_bitarray_t *bitarray, size_t bit, int *val)
{
	if (!val || !is_region(bitarray, 1, bit))
		return -EINVAL;
	*val = sys_bitarray_is_region_set(bitarray, 1, bit);
	return 0;
}

/**
 * sys_bitarray_test_and_set_bit() - set one bit, and tell what it was
 * @bitarray: array
 * @bit: which
 * @prev_val: set to 0 or 1
 *
 * Return: 0, or -EINVAL if there is no such bit or @prev_val is NULL.
 */
int sys_bitarray_test_and_set_bit(sys_bitarray_t *bitarray, size_t bit, int *prev_val)
{
	return change_and_tell(bitarray, bit, true, prev_val);
}

/**
 * sys_bitarray_test_and_clear_bit() - clear one bit, and tell what it was
 * @bitarray: array
 * @bit: which
 * @prev_val: set to 0 or 1
 *
 * Return: 0, or -EINVAL if there is no such bit or @prev_val is NULL.
 */
int sys_bitarray_test_and_clear_bit(sys_bitarray_t *bitarray, size_t bit, int *prev_val)
{
	return change_and_tell(bitarray, bit, false, prev_val);
}

/**
 * sys_bitarray_alloc() - find the first run of clear bits that is long enough, and set it
 * @bitarray: array
 * @num_bits: how many
 * @offset: set to the first of them
 *
 * Return: 0; -ENOSPC if there is no such run; -EINVAL for NULL, no bits, or more than there are.
 */
int sys_bitarray_alloc(sys_bitarray_t *bitarray, size_t num_bits, size_t *offset)
{
	size_t at = 0, end;
	unsigned long key;
	int err = -ENOSPC;

	if (!offset || !is_region(bitarray, num_bits, 0))
		return -EINVAL;
	key = mrig_lock_enter(&bitarray->lock.lock);
	while (err && num_bits <= bitarray->num_bits - at) {
		end = next_locked(bitarray, at, at + num_bits, true);
		if (end == at + num_bits) {
			fill_locked(bitarray, num_bits, at, true);
			*offset = at;
			err = 0;
		} else {
			at = next_locked(bitarray, end, bitarray->num_bits, false);
		}
	}
	mrig_lock_leave(&bitarray->lock.lock, key);
	return err;
}

/* All of a region becomes @to, if all of it is the opposite; -EEXIST otherwise. */
static int claim(sys_bitarray_t *b, size_t num, size_t from, bool to)
{
	unsigned long key;
	bool can;

	if (!is_region(b, num, from))
		return -EINVAL;
	key = mrig_lock_enter(&b->lock.lock);
	can = all_locked(b, num, from, !to);
	if (can)
		fill_locked(b, num, from, to);
	mrig_lock_leave(&b->lock.lock, key);
	return can ? 0 : -EEXIST;
}

/**
 * sys_bitarray_free() - clear a run that sys_bitarray_alloc() set, or any part of it
 * @bitarray: array
 * @num_bits: how many
 * @offset: first of them
 *
 * Return: 0; -EFAULT if one of them is clear, nothing is changed then; -EINVAL if there is no such
 * region.
 */
int sys_bitarray_free(sys_bitarray_t *bitarray, size_t num_bits, size_t offset)
{
	int err = claim(bitarray, num_bits, offset, false);

	return err == -EEXIST ? -EFAULT : err;
}

/**
 * sys_bitarray_test_and_set_region() - set or clear a region, if none of it is so already
 * @bitarray: array
 * @num_bits: how many
 * @offset: first of them
 * @to_set: set; else clear
 *
 * Return: 0; -EEXIST if one of them is so already, nothing is changed then; -EINVAL if there is no
 * such region.
 */
int sys_bitarray_test_and_set_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset,
				     bool to_set)
{
	return claim(bitarray, num_bits, offset, to_set);
}

static bool all(sys_bitarray_t *b, size_t num, size_t from, bool set)
{
	unsigned long key;
	bool is;

	if (!is_region(b, num, from))
		return false;
	key = mrig_lock_enter(&b->lock.lock);
	is = all_locked(b, num, from, set);
	mrig_lock_leave(&b->lock.lock, key);
	return is;
}

/**
 * sys_bitarray_is_region_set() - are all bits of a region set?
 * @bitarray: array
 * @num_bits: how many
 * @offset: first of them
 *
 * Return: whether; false if there is no such region.
 */
bool sys_bitarray_is_region_set(sys_bitarray_t *bitarray, size_t num_bits, size_t offset)
{
	return all(bitarray, num_bits, offset, true);
}

/**
 * sys_bitarray_is_region_cleared() - are all bits of a region clear?
 * @bitarray: array
 * @num_bits: how many
 * @offset: first of them
 *
 * Return: whether; false if there is no such region.
 */
bool sys_bitarray_is_region_cleared(sys_bitarray_t *bitarray, size_t num_bits, size_t offset)
{
	return all(bitarray, num_bits, offset, false);
}

static int fill(sys_bitarray_t *b, size_t num, size_t from, bool set)
{
	unsigned long key;

	if (!is_region(b, num, from))
		return -EINVAL;
	key = mrig_lock_enter(&b->lock.lock);
	fill_locked(b, num, from, set);
	mrig_lock_leave(&b->lock.lock, key);
	return 0;
}

/**
 * sys_bitarray_set_region() - set all bits of a region
 * @bitarray: array
 * @num_bits: how many
 * @offset: first of them
 *
 * Return: 0, or -EINVAL if there is no such region.
 */
int sys_bitarray_set_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset)
{
	return fill(bitarray, num_bits, offset, true);
}

/**
 * sys_bitarray_clear_region() - clear all bits of a region
 * @bitarray: array
 * @num_bits: how many
 * @offset: first of them
 *
 * Return: 0, or -EINVAL if there is no such region.
 */
int sys_bitarray_clear_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset)
{
	return fill(bitarray, num_bits, offset, false);
}
