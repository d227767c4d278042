/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Heaps over memory of the caller's, as members of sets that threads share: what the objects over
 * several pieces of memory (shared_multi_heap, mem_attr_heap, priority heap, smart_alloc) have in
 * common.
 *
 * Where the headers of blocks are is the choice of who adds the memory. *In-band*, between the
 * blocks, is for cached memory that nobody else writes. *Out-of-band* the memory itself is never
 * touched; records are in memory of the world's, fetched while no lock is held: when they run out,
 * or, with a bound on blocks, all of them at the start.
 */
#ifndef MRIG_SPAN_H
#define MRIG_SPAN_H

#include "../engine/heap_set.h"
#include "mrig_sync_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* memrig_span_opts.flags. Neither: in-band for cached memory in a process, else out-of-band. */
#define MEMRIG_SPAN_INBAND	0x1
#define MEMRIG_SPAN_OOB		0x2

/**
 * struct memrig_span_opts - how a heap over a piece of memory is made
 * @flags: MEMRIG_SPAN_*
 * @max_blocks: out-of-band: bound on blocks, live and free together, whose records are then there
 *	from the start, for callers that must not fail for want of one; 0: no bound, and fetched as
 *	needed
 * @search_limit: list entries an allocation looks at; 0 means 3
 * @hardening: MRIG_HARDEN_*; BASIC where no options are given
 */
struct memrig_span_opts {
	uint32_t flags;
	uint32_t max_blocks;
	uint32_t search_limit;
	uint8_t hardening;
};

/**
 * struct memrig_span_stats - figures of one piece of memory
 * @mem: where it starts
 * @bytes: its length
 * @free_bytes: usable bytes of free blocks
 * @largest_free: largest request without alignment that would succeed now
 * @out_of_band: whether the headers are outside
 * @use: blocks
 */
struct memrig_span_stats {
	void *mem;
	size_t bytes;
	size_t free_bytes;
	size_t largest_free;
	bool out_of_band;
	struct mrig_member_stats use;
};

int mrig_span_open(struct mrig_heap *heap, void *mem, size_t bytes, bool cached,
		   const struct memrig_span_opts *opts);
void mrig_span_close(struct mrig_heap *heap);
void mrig_span_stats_of(const struct mrig_member *m, struct memrig_span_stats *stats);
int mrig_span_feed(struct mrig_lock *l, unsigned long *key, struct mrig_set *set);
int mrig_span_room(struct mrig_lock *l, unsigned long *key, struct mrig_set *set);

#ifdef __cplusplus
}
#endif

#endif /* MRIG_SPAN_H */
