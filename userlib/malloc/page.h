/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What libmemrig-malloc.so and "memrig run" say to each other.
 *
 * To the library: a line of text, MALLOC_ENV in the environment (see conf.h). From the library: a
 * page of shared memory. The command makes it and reads it when the program has ended, however it
 * ended. The first process that maps it owns the region or window; so does whatever it executes
 * later.
 */
#ifndef MEMRIG_MALLOC_PAGE_H
#define MEMRIG_MALLOC_PAGE_H

#include <stdint.h>

#define MALLOC_ENV	   "MEMRIG_MALLOC"
#define RUN_DEFAULT_REGION (64ULL << 20)
#define RUN_DEFAULT_MEMORY (1ULL << 30) /* pages that are not touched cost nothing */

#define MALLOC_PAGE_MAGIC  0x316c6c616d67726dULL

/**
 * struct malloc_counts - figures of one program
 * @heap_bytes: of the memory the heap is on; 0: no heap was made
 * @allocs: requests that were served, blocks that moved included
 * @frees: blocks given back
 * @failures: requests for which there was no room
 * @largest_failure: bytes of the largest of them
 * @refused: pointers to free and realloc that named no block of the heap
 * @foreign: the same with pointers that were not even into the heap
 * @nested: requests of signal handlers that had interrupted the allocator
 * @boot_bytes: served before there was a heap, or nested
 * @side_bytes: bookkeeping outside of the heap
 * @live_bytes: usable bytes of live blocks; this and what follows need "stats"
 * @peak_bytes: most of them at any time
 * @live_blocks: number of live blocks
 * @peak_blocks: most of them at any time
 */
struct malloc_counts {
	uint64_t heap_bytes;
	uint64_t allocs;
	uint64_t frees;
	uint64_t failures;
	uint64_t largest_failure;
	uint64_t refused;
	uint64_t foreign;
	uint64_t nested;
	uint64_t boot_bytes;
	uint64_t side_bytes;
	uint64_t live_bytes;
	uint64_t peak_bytes;
	uint64_t live_blocks;
	uint64_t peak_blocks;
};

/**
 * struct malloc_page - the shared page
 * @magic: MALLOC_PAGE_MAGIC
 * @owner: process the region or window belongs to; 0: none yet
 * @programs: how many programs this process has been, one after the other
 * @counts: of the last of them
 */
struct malloc_page {
	uint64_t magic;
	uint32_t owner;
	uint32_t programs;
	struct malloc_counts counts;
};

#endif /* MEMRIG_MALLOC_PAGE_H */
