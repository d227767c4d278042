/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Fixed-size blocks: what those must know who have one inside. See mem_slab_core.h.
 */
#ifndef MRIG_MEM_SLAB_H
#define MRIG_MEM_SLAB_H

#include "mrig_port.h"

#define MRIG_SLAB_MAX		0x7fffffffU	/* blocks */

/**
 * struct mrig_slab_level - one level of the stack, and what is kept for the block of that number
 * @live: 1 while the block is handed out, else 0
 * @free: stack: number of a free block
 */
struct mrig_slab_level {
	uint32_t live;
	uint32_t free;
};

/**
 * struct mrig_slab - a slab; the control block handed to mrig_slab_init()
 * @depth: free blocks
 * @marked: the level whose removal will be a new high-water mark, at most @depth
 * @level: @num + 1 of them
 * @bias: address of the block before the first
 * @inverse: of the odd part of the block size, modulo 2^64
 * @shift: log2 of the rest of the block size
 * @fresh: blocks handed out at least once; levels up to @num - @fresh were never written
 * @bytes: block size
 * @num: blocks
 *
 * All 0 is one that is always empty.
 */
struct mrig_slab {
	uint32_t depth;
	uint32_t marked;
	struct mrig_slab_level *level;
	uint64_t bias;
	uint64_t inverse;
	uint32_t shift;
	uint32_t fresh;
	uint64_t bytes;
	uint64_t num;
};

#endif /* MRIG_MEM_SLAB_H */
