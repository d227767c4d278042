/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A heap of either placement with everything it needs around it, for host tests.
 *
 * The span of an in-band heap is heap memory of exactly the right size, so that the address
 * sanitizer sees the first byte the engine touches outside. That of an out-of-band heap is mapped
 * without any access: touching it at all ends the test.
 */
#ifndef WORLD_H
#define WORLD_H

#include "mrig_engine.h"

/**
 * struct world - heap, span and side memory
 * @heap: the heap
 * @ops: its engine
 * @base: start of the span
 * @bytes: its length
 * @touchable: the span may be read and written
 * @starve: refuse to feed: operations that lack side memory fail with -EAGAIN
 * @fed: bytes of side memory the heap holds, control block included
 */
struct world {
	struct mrig_heap heap;
	const struct mrig_heap_ops *ops;
	char *base;
	size_t bytes;
	bool touchable;
	bool starve;
	size_t fed;
};

int world_open(struct world *w, const struct mrig_heap_ops *ops, const struct mrig_heap_cfg *cfg);
void world_close(struct world *w);
int64_t world_alloc(struct world *w, size_t align, size_t bytes);
int world_resize(struct world *w, uint64_t off, size_t bytes);
bool world_sound(struct world *w);
bool world_feed(struct world *w);

/* Faults that heaps reported since the last call; while tests run nothing is printed. */
unsigned int world_faults(void);

#endif /* WORLD_H */
