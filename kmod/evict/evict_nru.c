// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Zephyr's NRU. Each page has a rank: 0 idle and clean, 1 idle and dirty, 2 used and clean, 3 used
 * and dirty. A choice goes through all frames, from the one behind the last victim, and takes the
 * first of the lowest rank; it stops at rank 0. A tick declares every page idle.
 *
 * Zephyr reads the accessed bit without clearing it. A look clears it, so the use is kept in the
 * mark until the next tick.
 */
#include "evict_part.h"

#define USED 8U /* in the mark: since the last tick */

#define RANKS 4U

/**
 * struct nru - the state
 * @start: frame at which the next choice begins
 */
struct nru {
	uint32_t start;
};

static uint64_t nru_bytes(uint32_t frames)
{
	return sizeof(struct nru);
}

static void nru_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
}

static void nru_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
}

static unsigned int rank(struct mrig_evict *e, uint32_t frame)
{
	unsigned int found = mrig_evict_look(e, frame);

	if (found & MRIG_EVICT_ACCESSED)
		e->mark[frame] |= USED;
	if (found & MRIG_EVICT_BUSY)
		return RANKS;
	return (e->mark[frame] & USED ? 2 : 0) + (found & MRIG_EVICT_DIRTY ? 1 : 0);
}

static uint32_t nru_select(struct mrig_evict *e)
{
	struct nru *s = e->state;
	uint32_t best = MRIG_EVICT_NONE, frame = s->start, left;
	unsigned int lowest = RANKS, r;

	for (left = e->p.frames; left && lowest && mrig_evict_may_look(e); left--) {
		if (e->page[frame] != MRIG_EVICT_NONE) {
			r = rank(e, frame);
			if (r < lowest) {
				lowest = r;
				best = frame;
			}
		}
		frame = frame + 1 < e->p.frames ? frame + 1 : 0;
	}
	if (best != MRIG_EVICT_NONE)
		frame = best + 1 < e->p.frames ? best + 1 : 0;
	s->start = frame;
	return best;
}

static void nru_clear(struct mrig_evict *e, uint32_t frame)
{
	mrig_evict_look(e, frame);
	e->mark[frame] &= (uint8_t)~USED;
}

const struct mrig_evict_ops mrig_evict_nru = {
	.name = "nru",
	.text = "Zephyr's NRU: idle before used, clean before dirty",
	.bytes = nru_bytes,
	.add = nru_add,
	.remove = nru_remove,
	.select = nru_select,
	.clear = nru_clear,
};
