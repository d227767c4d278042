/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * k_malloc: Zephyr's system heap, and heaps of threads.
 *
 * Blocks of these calls carry the address of their heap in the 8 bytes below them; k_free() and
 * k_realloc() find it there, after they have made sure that there is a heap at that place.
 * Never waits. Every block is 8-aligned at least.
 */
#ifndef K_MALLOC_H
#define K_MALLOC_H

#include "k_heap.h"
#include "k_thread.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Heaps, besides the system heap, that may be threads' resource pools. */
#define MRIG_MAX_POOLS	256

/* The system heap. Without a size (CONFIG_HEAP_MEM_POOL_SIZE) it refuses everything. */
extern struct k_heap _system_heap;

void *k_malloc(size_t size);
void *k_aligned_alloc(size_t align, size_t size);
void *k_calloc(size_t nmemb, size_t size);
void *k_realloc(void *ptr, size_t size);
void k_free(void *ptr);

int k_thread_heap_assign(struct k_thread *thread, struct k_heap *heap);
int k_thread_system_pool_assign(struct k_thread *thread);
void *z_thread_aligned_alloc(size_t align, size_t size);
void *z_thread_malloc(size_t size);

/* Its older name. */
static inline int k_thread_resource_pool_assign(struct k_thread *thread, struct k_heap *heap)
{
	return k_thread_heap_assign(thread, heap);
}

void mrig_pool_forget(struct k_heap *heap);
int mrig_system_heap_give(void *mem, size_t bytes, const struct sys_heap_opts *opts, void **old);
int mrig_system_heap_take(void **old);

#ifdef __cplusplus
}
#endif

#endif /* K_MALLOC_H */
