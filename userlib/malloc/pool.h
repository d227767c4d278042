/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The heap of the process: an engine, its lock, its bookkeeping. Made at the first request.
 *
 * Nothing here calls malloc. A signal handler that interrupts one of these functions and allocates
 * is served from the boot arena, and what it frees is lost: it never waits for itself.
 */
#ifndef MEMRIG_MALLOC_POOL_H
#define MEMRIG_MALLOC_POOL_H

#include <stdbool.h>
#include <stddef.h>

#define POOL_ALIGN 16 /* of every block: max_align_t */

/* All leave errno alone. */

/* @align: a power of two. NULL: no room. */
void *malloc_pool_alloc(size_t align, size_t bytes);
/* Pointers that name no block are counted and otherwise ignored. */
void malloc_pool_free(void *p);
/*
 * Without moving it. -ENOMEM: cannot be done; its content may be moved if *@usable is not 0.
 * -EINVAL: @p names no block.
 */
int malloc_pool_resize(void *p, size_t bytes, size_t *usable);
/* 0: no block. */
size_t malloc_pool_usable(const void *p);

#endif /* MEMRIG_MALLOC_POOL_H */
