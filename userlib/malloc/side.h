/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Memory for the bookkeeping of the heap, straight from the kernel. The caller serialises.
 */
#ifndef MEMRIG_MALLOC_SIDE_H
#define MEMRIG_MALLOC_SIDE_H

#include <stdbool.h>
#include <stddef.h>

struct mrig_heap;

/* Zeroed; stays for the life of the process. NULL: none to be had. errno is left alone. */
void *malloc_side_map(size_t bytes);
/* Gives the engine one piece that it lacks. */
bool malloc_side_feed(struct mrig_heap *heap);
/* In use now. */
size_t malloc_side_bytes(void);

#endif /* MEMRIG_MALLOC_SIDE_H */
