/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Ring heap: blocks of any size for a stream. They are handed out one behind the other, wrap to the
 * start of the span as a whole, never torn in two, and are given back in the order they came. Who
 * cannot keep to that order drops blocks: their space comes back when all older ones are gone.
 *
 * A call takes the same time for any number of blocks, unless it names one that is at neither end:
 * that is a binary search. Giving the oldest or newest back takes dropped ones next to it along.
 * All bookkeeping is in the control block: the span is never accessed, blocks are offsets in it. No
 * function locks; the caller serialises all calls on one ring.
 */
#ifndef MRIG_RING_H
#define MRIG_RING_H

#include "mrig_port.h"

#define MRIG_RING_MAX	0x3ffffffU	/* blocks */

/**
 * struct mrig_ring_block - a block
 * @off: its offset
 * @bytes: what was asked for; 0: it was dropped
 */
struct mrig_ring_block {
	uint64_t off;
	uint64_t bytes;
};

/**
 * struct mrig_ring - a ring; the control block handed to mrig_ring_init(); private
 * @bytes: length of the span, a multiple of the alignment
 * @mask: alignment - 1
 * @head: end of the newest block
 * @used: bytes in live blocks, rounded to the alignment
 * @gone: blocks ever whose space came back, hence the number of the oldest there is
 * @max_used: largest @used
 * @skipped: bytes at the end of the span that were too few for the block that wrapped
 * @first: record of the oldest block
 * @live: blocks there are; the oldest is never one that was dropped
 * @dropped: those of them that were
 * @room: records
 * @block: records; those in use are @live ones from @first on, around the end
 */
struct mrig_ring {
	uint64_t bytes;
	uint64_t mask;
	uint64_t head;
	uint64_t used;
	uint64_t max_used;
	uint64_t skipped;
	uint64_t gone;
	uint32_t first;
	uint32_t live;
	uint32_t dropped;
	uint32_t room;
	struct mrig_ring_block block[];
};

/**
 * struct mrig_ring_info - figures of a ring
 * @live: live blocks; 0: the ring is empty
 * @room: blocks there can be
 * @bytes: length of the span in use
 * @used: bytes in live blocks
 * @max_used: the most there were
 * @skipped: bytes nobody can have until the blocks before them are gone
 * @largest: largest request that would succeed now; 0: the ring is full
 */
struct mrig_ring_info {
	uint32_t live;
	uint32_t room;
	uint64_t bytes;
	uint64_t used;
	uint64_t max_used;
	uint64_t skipped;
	uint64_t largest;
};

/**
 * struct mrig_ring_gap - free space that a block may be made in
 * @off: offset
 * @bytes: length, not 0
 */
struct mrig_ring_gap {
	uint64_t off;
	uint64_t bytes;
};

size_t mrig_ring_control_bytes(uint32_t blocks);
int mrig_ring_init(struct mrig_ring *ring, uint64_t bytes, uint64_t align, uint32_t blocks);
int64_t mrig_ring_alloc(struct mrig_ring *ring, uint64_t bytes);
int64_t mrig_ring_alloc_aligned(struct mrig_ring *ring, uint64_t bytes, uint64_t align,
				uint64_t phase);
int mrig_ring_free(struct mrig_ring *ring, uint64_t off);
int mrig_ring_drop(struct mrig_ring *ring, uint64_t off);
int mrig_ring_pop(struct mrig_ring *ring, uint64_t off);
int mrig_ring_resize(struct mrig_ring *ring, uint64_t off, uint64_t bytes);
int64_t mrig_ring_usable(const struct mrig_ring *ring, uint64_t off);
int64_t mrig_ring_find(const struct mrig_ring *ring, uint64_t off);
int mrig_ring_oldest(const struct mrig_ring *ring, struct mrig_ring_block *block);
uint32_t mrig_ring_gaps(const struct mrig_ring *ring, struct mrig_ring_gap gap[2]);
void mrig_ring_info(const struct mrig_ring *ring, struct mrig_ring_info *info);
void mrig_ring_reset_max(struct mrig_ring *ring);
void mrig_ring_copy(struct mrig_ring *to, const struct mrig_ring *from);

/* Index of the record of a block, by age: the oldest has 0. */
static mrig_inline uint32_t mrig_ring_record(const struct mrig_ring *ring, uint32_t age)
{
	uint32_t i = ring->first + age;

	return i < ring->room ? i : i - ring->room;
}

#endif /* MRIG_RING_H */
