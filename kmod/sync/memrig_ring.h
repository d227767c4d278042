/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Ring heap for streams, shared by threads: blocks of any size, one behind the other, that wrap as
 * a whole and whose space comes back in the order they were handed out.
 *
 *	producer	alloc, fill, commit; or put, which copies
 *	consumer	get the oldest that is committed, use it, free; or read, which copies
 *
 * Who has no use for commit and get allocates and frees only. Producers wait for space, consumers
 * for blocks: the most urgent thread first, those of one priority in the order of their coming, and
 * nobody overtakes. All bookkeeping is outside the memory of the ring.
 */
#ifndef MEMRIG_RING_H
#define MEMRIG_RING_H

#include "k_timeout.h"

#ifdef __cplusplus
extern "C" {
#endif

struct memrig_ring;

/**
 * struct memrig_ring_stats - figures of a ring
 * @live: blocks that are not given back; 0: the ring is empty
 * @blocks: blocks there can be
 * @ready: blocks that are committed and wait for a consumer
 * @bytes: length of the memory in use
 * @used: bytes in blocks whose space has not come back
 * @max_used: the most there were
 * @skipped: bytes at the end of the memory that were too few for the block that wrapped
 * @largest: largest request that would succeed now; 0: the ring is full
 */
struct memrig_ring_stats {
	uint32_t live;
	uint32_t blocks;
	uint32_t ready;
	size_t bytes;
	size_t used;
	size_t max_used;
	size_t skipped;
	size_t largest;
};

int memrig_ring_create(struct memrig_ring **ring, void *mem, size_t bytes, size_t align,
		       uint32_t blocks);
int memrig_ring_destroy(struct memrig_ring *ring);
void *memrig_ring_alloc(struct memrig_ring *ring, size_t bytes, k_timeout_t timeout);
int memrig_ring_resize(struct memrig_ring *ring, void *ptr, size_t bytes);
int memrig_ring_commit(struct memrig_ring *ring, void *ptr);
void *memrig_ring_get(struct memrig_ring *ring, size_t *bytes, k_timeout_t timeout);
int memrig_ring_free(struct memrig_ring *ring, void *ptr);
int memrig_ring_done(struct memrig_ring *ring, void *ptr);
int memrig_ring_stats(struct memrig_ring *ring, struct memrig_ring_stats *stats);

/* memrig_ring_copy.c */
int memrig_ring_put(struct memrig_ring *ring, const void *data, size_t bytes, k_timeout_t timeout);
int64_t memrig_ring_read(struct memrig_ring *ring, void *buf, size_t size, k_timeout_t timeout);

int mrig_ring_take(struct memrig_ring *ring, size_t bytes, k_timeout_t timeout, void **ptr);
int mrig_ring_claim(struct memrig_ring *ring, size_t most, k_timeout_t timeout, void **ptr,
		    size_t *bytes);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_RING_H */
