// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ring heap; see mrig_ring.h.
 *
 * The ring is *wrapped* while its newest block lies before its oldest one. Free is then what is
 * between the two, else what is behind the newest and before the oldest. Full and empty differ in
 * the number of live blocks, so that a ring may be filled to the last byte.
 */
#include "mrig_ring.h"

static uint32_t record(const struct mrig_ring *ring, uint32_t age)
{
	uint32_t i = ring->first + age;

	return i < ring->room ? i : i - ring->room;
}

static const struct mrig_ring_block *oldest(const struct mrig_ring *ring)
{
	return &ring->block[ring->first];
}

static struct mrig_ring_block *newest(struct mrig_ring *ring)
{
	return &ring->block[record(ring, ring->live - 1)];
}

static uint64_t rounded(const struct mrig_ring *ring, uint64_t bytes)
{
	return (bytes + ring->mask) & ~ring->mask;
}

static bool wrapped(const struct mrig_ring *ring)
{
	return ring->block[record(ring, ring->live - 1)].off < oldest(ring)->off;
}

/* Bytes behind the newest block; with @live not 0. */
static uint64_t behind(const struct mrig_ring *ring)
{
	return (wrapped(ring) ? oldest(ring)->off : ring->bytes) - ring->head;
}

/**
 * mrig_ring_control_bytes() - size of the control block
 * @blocks: blocks there can be at a time
 *
 * Return: bytes; 0 for no blocks or too many.
 */
size_t mrig_ring_control_bytes(uint32_t blocks)
{
	if (!blocks || blocks > MRIG_RING_MAX)
		return 0;
	return sizeof(struct mrig_ring) + (size_t)blocks * sizeof(struct mrig_ring_block);
}

/**
 * mrig_ring_init() - make an empty ring
 * @ring: control block of mrig_ring_control_bytes(@blocks) bytes
 * @bytes: length of the span; what is beyond a multiple of @align is not used
 * @align: a power of two; offsets are multiples of it
 * @blocks: as given to mrig_ring_control_bytes()
 *
 * Return: 0; -EINVAL for NULL, an alignment that is none, a span shorter than it or of 2^62 bytes
 * and more, or a number of blocks out of range.
 */
int mrig_ring_init(struct mrig_ring *ring, uint64_t bytes, uint64_t align, uint32_t blocks)
{
	if (!ring || !align || align & (align - 1) || bytes < align || bytes >> 62 ||
	    !mrig_ring_control_bytes(blocks))
		return -EINVAL;
	memset(ring, 0, sizeof(*ring));
	ring->mask = align - 1;
	ring->bytes = bytes & ~ring->mask;
	ring->room = blocks;
	return 0;
}

static void use(struct mrig_ring *ring, uint64_t before, uint64_t now)
{
	ring->used += now - before;
	if (ring->used > ring->max_used)
		ring->max_used = ring->used;
}

/**
 * mrig_ring_alloc() - hand out the next block
 * @ring: ring
 * @bytes: size
 *
 * Return: its offset; -EINVAL for zero bytes or more than the ring has, which can never be served;
 * -ENOMEM if older blocks are in the way; -ENOSPC if there are as many blocks as there can be.
 */
int64_t mrig_ring_alloc(struct mrig_ring *ring, uint64_t bytes)
{
	struct mrig_ring_block *block;
	uint64_t size;

	if (!bytes || bytes > ring->bytes)
		return -EINVAL;
	if (ring->live == ring->room)
		return -ENOSPC;
	size = rounded(ring, bytes);
	if (!ring->live) {
		ring->head = 0;
	} else if (size > behind(ring)) {
		if (wrapped(ring) || size > oldest(ring)->off)
			return -ENOMEM;
		ring->skipped = ring->bytes - ring->head;
		ring->head = 0;
	}
	block = &ring->block[record(ring, ring->live++)];
	block->off = ring->head;
	block->bytes = bytes;
	ring->head += size;
	use(ring, 0, size);
	return (int64_t)block->off;
}

/* Age of the live block at @off, or -1. By age, distances from the oldest block ascend. */
static int64_t find(const struct mrig_ring *ring, uint64_t off)
{
	uint32_t lo = 0, hi = ring->live;
	uint64_t start = oldest(ring)->off;
	uint64_t key = off < start ? off + ring->bytes : off;

	if (off >= ring->bytes)
		return -1;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		uint64_t at = ring->block[record(ring, mid)].off;

		if (at < start)
			at += ring->bytes;
		if (at == key)
			return mid;
		if (at < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

/**
 * mrig_ring_free() - give the oldest block back
 * @ring: ring
 * @off: its offset
 *
 * Return: 0; -EBUSY for a live block that is not the oldest; -ENOENT if no live block starts there.
 */
int mrig_ring_free(struct mrig_ring *ring, uint64_t off)
{
	if (!ring->live)
		return -ENOENT;
	if (oldest(ring)->off != off)
		return find(ring, off) < 0 ? -ENOENT : -EBUSY;
	use(ring, rounded(ring, oldest(ring)->bytes), 0);
	ring->live--;
	ring->first = record(ring, 1);
	/* past the end of the span: what was left there is free again */
	if (!ring->live || oldest(ring)->off < off)
		ring->skipped = 0;
	return 0;
}

/**
 * mrig_ring_resize() - change the size of the newest block where it is
 * @ring: ring
 * @off: its offset
 * @bytes: new size
 *
 * A producer asks for the most it may need and gives back what it did not.
 *
 * Return: 0; -EINVAL for zero bytes; -ENOENT if no live block starts there; -EBUSY for one that is
 * not the newest; -ENOMEM if there is not as much behind it.
 */
int mrig_ring_resize(struct mrig_ring *ring, uint64_t off, uint64_t bytes)
{
	struct mrig_ring_block *block;
	uint64_t size, was;

	if (!bytes)
		return -EINVAL;
	if (!ring->live)
		return -ENOENT;
	block = newest(ring);
	if (block->off != off)
		return find(ring, off) < 0 ? -ENOENT : -EBUSY;
	if (bytes > ring->bytes)
		return -ENOMEM;
	size = rounded(ring, bytes);
	was = rounded(ring, block->bytes);
	if (size > was && size - was > behind(ring))
		return -ENOMEM;
	block->bytes = bytes;
	ring->head = off + size;
	use(ring, was, size);
	return 0;
}

/**
 * mrig_ring_usable() - bytes of a live block, rounded to the alignment
 * @ring: ring
 * @off: its offset
 *
 * Return: bytes, or -ENOENT. By binary search.
 */
int64_t mrig_ring_usable(const struct mrig_ring *ring, uint64_t off)
{
	int64_t age = ring->live ? find(ring, off) : -1;

	if (age < 0)
		return -ENOENT;
	return (int64_t)rounded(ring, ring->block[record(ring, (uint32_t)age)].bytes);
}

/**
 * mrig_ring_oldest() - the block whose turn it is
 * @ring: ring
 * @block: set to it, with the size that was asked for
 *
 * Return: 0, or -ENOENT if the ring is empty.
 */
int mrig_ring_oldest(const struct mrig_ring *ring, struct mrig_ring_block *block)
{
	if (!ring->live)
		return -ENOENT;
	*block = *oldest(ring);
	return 0;
}

/**
 * mrig_ring_info() - figures of a ring
 * @ring: ring
 * @info: filled in
 */
void mrig_ring_info(const struct mrig_ring *ring, struct mrig_ring_info *info)
{
	memset(info, 0, sizeof(*info));
	info->live = ring->live;
	info->room = ring->room;
	info->bytes = ring->bytes;
	info->used = ring->used;
	info->max_used = ring->max_used;
	info->skipped = ring->skipped;
	if (!ring->live)
		info->largest = ring->bytes;
	else if (ring->live < ring->room)
		info->largest = behind(ring);
	if (ring->live && ring->live < ring->room && !wrapped(ring) &&
	    oldest(ring)->off > info->largest)
		info->largest = oldest(ring)->off;
}

/**
 * mrig_ring_reset_max() - begin the peak anew
 * @ring: ring
 */
void mrig_ring_reset_max(struct mrig_ring *ring)
{
	ring->max_used = ring->used;
}
