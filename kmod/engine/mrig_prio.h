/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Priority heap: levels of memory, each with a floor. A request has a number, higher is more
 * urgent; it is served by the highest level whose floor is not above its number, and when that one
 * is full it falls to the next lower one. Urgent requests have the furthest to fall, the least
 * urgent ones have nothing but the lowest level.
 *
 * A level is a heap of either placement; addresses, feeding and locking (none) as in heap_set.h.
 */
#ifndef MRIG_PRIO_H
#define MRIG_PRIO_H

#include "heap_set.h"

/* Floors of the usual three levels. Any numbers will do. */
#define MRIG_PRIO_LOW		0
#define MRIG_PRIO_NORMAL	1
#define MRIG_PRIO_HIGH		2

/**
 * struct mrig_prio_level - a level; the caller's
 * @member: heap, address and length; the caller sets these three
 * @floor: number a request must have to be served here; levels of equal floor are asked in the
 *	order they were added
 * @fallen: blocks handed out here because the levels above it, open to the request, could not;
 *	cleared by mrig_prio_add()
 */
struct mrig_prio_level {
	struct mrig_member member;
	int32_t floor;
	uint64_t fallen;
};

/**
 * struct mrig_prio - the heap; private but for @set.hungry
 * @set: levels, highest floor first
 */
struct mrig_prio {
	struct mrig_set set;
};

int mrig_prio_init(struct mrig_prio *prio, struct mrig_member **slots, uint32_t room);
int mrig_prio_add(struct mrig_prio *prio, struct mrig_prio_level *level);
int mrig_prio_remove(struct mrig_prio *prio, struct mrig_prio_level *level);
struct mrig_prio_level *mrig_prio_find(const struct mrig_prio *prio, uint64_t addr);
int mrig_prio_alloc(struct mrig_prio *prio, int32_t number, size_t align, size_t bytes,
		    uint64_t *addr);
int mrig_prio_realloc(struct mrig_prio *prio, int32_t number, uint64_t addr, size_t align,
		      size_t bytes, struct mrig_move *move);
int mrig_prio_free(struct mrig_prio *prio, uint64_t addr);

#endif /* MRIG_PRIO_H */
