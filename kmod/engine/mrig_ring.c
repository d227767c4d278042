// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ring heap; see mrig_ring.h.
 *
 * The ring is *wrapped* while its newest block lies before its oldest one. Free is then what is
 * between the two, else what is behind the newest and before the oldest. Full and empty differ in
 * the number of live blocks, so that a ring may be filled to the last byte.
 */
#include "mrig_ring.h"

static const struct mrig_ring_block *oldest(const struct mrig_ring *ring)
{
	return &ring->block[ring->first];
}

static struct mrig_ring_block *newest(struct mrig_ring *ring)
{
	return &ring->block[mrig_ring_record(ring, ring->live - 1)];
}

static uint64_t rounded(const struct mrig_ring *ring, uint64_t bytes)
{
	return (bytes + ring->mask) & ~ring->mask;
}

static bool wrapped(const struct mrig_ring *ring)
{
	return ring->block[mrig_ring_record(ring, ring->live - 1)].off < oldest(ring)->off;
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

/* Bytes from @off to the next offset that, with @phase added, is a multiple of @align. */
static uint64_t gap(uint64_t off, uint64_t align, uint64_t phase)
{
	return -(off + phase) & (align - 1);
}

/**
 * mrig_ring_alloc_aligned() - hand out the next block that has an alignment
 * @ring: ring
 * @bytes: size
 * @align: a power of two
 * @phase: the block's offset plus this will be a multiple of @align, and of the ring's alignment
 *	if @phase is
 *
 * What is skipped for the alignment comes back together with what is before it.
 *
 * Return: as mrig_ring_alloc(); -ENOMEM even for an empty ring if the alignment leaves too little.
 */
int64_t mrig_ring_alloc_aligned(struct mrig_ring *ring, uint64_t bytes, uint64_t align,
				uint64_t phase)
{
	struct mrig_ring_block *block;
	uint64_t size, limit, at;

	if (!bytes || bytes > ring->bytes)
		return -EINVAL;
	if (ring->live == ring->room)
		return -ENOSPC;
	size = rounded(ring, bytes);
	at = ring->live ? ring->head : 0;
	limit = ring->live && wrapped(ring) ? oldest(ring)->off : ring->bytes;
	at += gap(at, align, phase);
	if (at > limit || size > limit - at) {
		if (!ring->live || wrapped(ring))
			return -ENOMEM;
		at = gap(0, align, phase);
		if (at > oldest(ring)->off || size > oldest(ring)->off - at)
			return -ENOMEM;
		ring->skipped = ring->bytes - ring->head;
	}
	block = &ring->block[mrig_ring_record(ring, ring->live++)];
	block->off = at;
	block->bytes = bytes;
	ring->head = at + size;
	use(ring, 0, size);
	return (int64_t)at;
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
	return mrig_ring_alloc_aligned(ring, bytes, 1, 0);
}

/**
 * mrig_ring_find() - the live block at an offset
 * @ring: ring
 * @off: any
 *
 * By age, distances from the oldest block ascend. The oldest is what most calls are about: it is
 * looked at first.
 *
 * Return: its age, 0 for the oldest; -ENOENT if no live block starts there.
 */
int64_t mrig_ring_find(const struct mrig_ring *ring, uint64_t off)
{
	uint32_t lo = 0, hi = ring->live;
	uint64_t start, key;

	if (!ring->live || off >= ring->bytes)
		return -ENOENT;
	start = oldest(ring)->off;
	if (off == start)
		return oldest(ring)->bytes ? 0 : -ENOENT;
	key = off < start ? off + ring->bytes : off;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct mrig_ring_block *block = &ring->block[mrig_ring_record(ring, mid)];
		uint64_t at = block->off;

		if (at < start)
			at += ring->bytes;
		if (at == key)
			return block->bytes ? (int64_t)mid : -ENOENT;
		if (at < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -ENOENT;
}

/* The oldest block is gone, and with it those behind it that were dropped. */
static void retire(struct mrig_ring *ring)
{
	uint64_t off = oldest(ring)->off;

	for (;;) {
		ring->gone++;
		ring->live--;
		ring->first = mrig_ring_record(ring, 1);
		/* past the end of the span: what was left there is free again */
		if (!ring->live || oldest(ring)->off < off)
			ring->skipped = 0;
		if (!ring->live || oldest(ring)->bytes)
			break;
		off = oldest(ring)->off;
		ring->dropped--;
	}
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
		return mrig_ring_find(ring, off) < 0 ? -ENOENT : -EBUSY;
	use(ring, rounded(ring, oldest(ring)->bytes), 0);
	retire(ring);
	return 0;
}

/**
 * mrig_ring_drop() - give any block back
 * @ring: ring
 * @off: its offset
 *
 * Its space can be had again when all older blocks have been given back as well.
 *
 * Return: 0; -ENOENT if no live block starts there.
 */
int mrig_ring_drop(struct mrig_ring *ring, uint64_t off)
{
	struct mrig_ring_block *block;
	int64_t age;

	if (ring->live && oldest(ring)->off == off)
		return mrig_ring_free(ring, off);
	age = mrig_ring_find(ring, off);
	if (age < 0)
		return -ENOENT;
	block = &ring->block[mrig_ring_record(ring, (uint32_t)age)];
	use(ring, rounded(ring, block->bytes), 0);
	block->bytes = 0;
	ring->dropped++;
	return 0;
}

/* The newest record is gone; what is skipped in front of it counts with the one before. */
static void unmake(struct mrig_ring *ring)
{
	uint64_t off = newest(ring)->off;

	ring->live--;
	if (newest(ring)->off > off) {
		ring->head = ring->bytes - ring->skipped;
		ring->skipped = 0;
	} else {
		ring->head = off;
	}
}

/**
 * mrig_ring_pop() - give the newest block back, as if it had never been
 * @ring: ring
 * @off: its offset
 *
 * Its space can be had again at once, and that of dropped ones right before it. For those who read
 * no stream: what is made next has the place of what is gone.
 *
 * Return: 0; -EBUSY for a live block that is not the newest; -ENOENT if no live block starts there.
 */
int mrig_ring_pop(struct mrig_ring *ring, uint64_t off)
{
	const struct mrig_ring_block *block;

	if (!ring->live)
		return -ENOENT;
	block = newest(ring);
	if (block->off != off || !block->bytes)
		return mrig_ring_find(ring, off) < 0 ? -ENOENT : -EBUSY;
	if (ring->live == 1)
		return mrig_ring_free(ring, off);
	use(ring, rounded(ring, block->bytes), 0);
	unmake(ring);
	while (!newest(ring)->bytes) {
		unmake(ring);
		ring->dropped--;
	}
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
	if (block->off != off || !block->bytes)
		return mrig_ring_find(ring, off) < 0 ? -ENOENT : -EBUSY;
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
	int64_t age = mrig_ring_find(ring, off);

	if (age < 0)
		return -ENOENT;
	return (int64_t)rounded(ring, ring->block[mrig_ring_record(ring, (uint32_t)age)].bytes);
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
 * mrig_ring_gaps() - where blocks can be made now
 * @ring: ring
 * @gap: filled in: behind the newest block, and before the oldest
 *
 * Return: how many there are; both only while the ring is not wrapped.
 */
uint32_t mrig_ring_gaps(const struct mrig_ring *ring, struct mrig_ring_gap gap[2])
{
	uint32_t n = 0;

	gap[0].off = ring->live ? ring->head : 0;
	gap[0].bytes = ring->live ? behind(ring) : ring->bytes;
	if (gap[0].bytes)
		n++;
	if (ring->live && !wrapped(ring) && oldest(ring)->off) {
		gap[n].off = 0;
		gap[n++].bytes = oldest(ring)->off;
	}
	return n;
}

/**
 * mrig_ring_info() - figures of a ring
 * @ring: ring
 * @info: filled in
 */
void mrig_ring_info(const struct mrig_ring *ring, struct mrig_ring_info *info)
{
	struct mrig_ring_gap gap[2];
	uint32_t n = mrig_ring_gaps(ring, gap);

	memset(info, 0, sizeof(*info));
	info->live = ring->live - ring->dropped;
	info->room = ring->room;
	info->bytes = ring->bytes;
	info->used = ring->used;
	info->max_used = ring->max_used;
	info->skipped = ring->skipped;
	if (ring->live == ring->room)
		return;
	while (n--) {
		if (info->largest < gap[n].bytes)
			info->largest = gap[n].bytes;
	}
}

/**
 * mrig_ring_reset_max() - begin the peak anew
 * @ring: ring
 */
void mrig_ring_reset_max(struct mrig_ring *ring)
{
	ring->max_used = ring->used;
}

/**
 * mrig_ring_copy() - move to a control block with more records
 * @to: result of mrig_ring_init() for the same span with at least as many records
 * @from: ring; not used any more
 */
void mrig_ring_copy(struct mrig_ring *to, const struct mrig_ring *from)
{
	uint32_t room = to->room, i;

	*to = *from;
	to->room = room;
	to->first = 0;
	for (i = 0; i < from->live; i++)
		to->block[i] = from->block[mrig_ring_record(from, i)];
}
