/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Priority heap: levels of memory, each with a floor, with a lock. A request has a number, higher
 * is more urgent; the highest level whose floor is not above it serves, and when that one is full
 * the next lower one. So urgent requests have the furthest to fall, and the memory above the floors
 * of the others is kept for them.
 */
#ifndef MEMRIG_PRIO_H
#define MEMRIG_PRIO_H

#include "mrig_span.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Floors, and numbers, of the usual three levels. Any will do. */
#define MEMRIG_PRIO_LOW		0
#define MEMRIG_PRIO_NORMAL	1
#define MEMRIG_PRIO_HIGH	2

struct memrig_prio;

/**
 * struct memrig_prio_stats - figures of a level
 * @span: its memory
 * @floor: number a request must have to be served here
 * @fallen: blocks handed out here because the levels above, open to the request, had no room
 */
struct memrig_prio_stats {
	struct memrig_span_stats span;
	int32_t floor;
	uint64_t fallen;
};

int memrig_prio_create(struct memrig_prio **prio);
int memrig_prio_destroy(struct memrig_prio *prio);
int memrig_prio_add(struct memrig_prio *prio, int32_t floor, void *mem, size_t bytes,
		    const struct memrig_span_opts *opts);
int memrig_prio_remove(struct memrig_prio *prio, const void *mem);
void *memrig_prio_alloc(struct memrig_prio *prio, int32_t number, size_t bytes);
void *memrig_prio_aligned_alloc(struct memrig_prio *prio, int32_t number, size_t align,
				size_t bytes);
void *memrig_prio_realloc(struct memrig_prio *prio, int32_t number, void *ptr, size_t bytes);
int memrig_prio_free(struct memrig_prio *prio, void *ptr);
int memrig_prio_level(struct memrig_prio *prio, uint32_t index, struct memrig_prio_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_PRIO_H */
