/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Ghosts: pages that were evicted not long ago, of two kinds, each with its age in evictions of its
 * kind. A table of small buckets instead of a queue and an index: every call takes a handful of
 * steps, and nothing has to be taken out when it grows old. A full bucket loses its oldest ghost.
 *
 * Ages are counted modulo 2^31. A ghost that stays forgotten in its bucket for that many evictions
 * passes for a young one; that costs one wrong guess.
 */
#ifndef MRIG_EVICT_GHOST_H
#define MRIG_EVICT_GHOST_H

#include "mrig_port.h"

#define MRIG_GHOST_BUCKET	8U
#define MRIG_GHOST_KINDS	2U

/**
 * struct mrig_ghost - a place in a bucket
 * @page: page, all ones: empty
 * @born: clock of its kind when it was evicted; the top bit is the kind
 */
struct mrig_ghost {
	uint32_t page;
	uint32_t born;
};

/**
 * struct mrig_ghosts - the table
 * @clock: evictions of each kind
 * @life: age of each kind at which ghosts are worth nothing; the owner's to set
 * @buckets: of them
 * @at: all places, bucket by bucket
 */
struct mrig_ghosts {
	uint32_t clock[MRIG_GHOST_KINDS];
	uint32_t life[MRIG_GHOST_KINDS];
	uint32_t buckets;
	struct mrig_ghost at[];
};

uint64_t mrig_ghosts_bytes(uint32_t places);
void mrig_ghosts_init(struct mrig_ghosts *g, uint32_t places);
void mrig_ghosts_put(struct mrig_ghosts *g, uint32_t page, unsigned int kind);
bool mrig_ghosts_take(struct mrig_ghosts *g, uint32_t page, unsigned int *kind, uint32_t *age);

#endif /* MRIG_EVICT_GHOST_H */
