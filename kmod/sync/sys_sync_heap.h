/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * sys_sync_heap: a sys_heap that threads share. It waits for its turn, never for memory: who wants
 * that takes a k_heap.
 */
#ifndef SYS_SYNC_HEAP_H
#define SYS_SYNC_HEAP_H

#include "../engine/sys_heap.h"
#include "mrig_sync_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct sys_sync_heap - a heap with a lock
 * @heap: the heap; those who use it directly serialise themselves
 * @lock: of @heap
 */
struct sys_sync_heap {
	struct sys_heap heap;
	struct mrig_lock lock;
};

int sys_sync_heap_init(struct sys_sync_heap *heap, void *mem, size_t bytes);
void *sys_sync_heap_alloc(struct sys_sync_heap *heap, size_t bytes);
void *sys_sync_heap_aligned_alloc(struct sys_sync_heap *heap, size_t align, size_t bytes);
void *sys_sync_heap_noalign_alloc(struct sys_sync_heap *heap, size_t align, size_t bytes);
void *sys_sync_heap_realloc(struct sys_sync_heap *heap, void *ptr, size_t bytes);
void *sys_sync_heap_aligned_realloc(struct sys_sync_heap *heap, void *ptr, size_t align,
				    size_t bytes);
void sys_sync_heap_free(struct sys_sync_heap *heap, void *mem);
int sys_sync_heap_runtime_stats_get(struct sys_sync_heap *heap, struct sys_memory_stats *stats);
int sys_sync_heap_runtime_stats_reset_max(struct sys_sync_heap *heap);

#ifdef sys_heap_init
static inline int sys_sync_heap_init_config(struct sys_sync_heap *heap, void *mem, size_t bytes)
{
	int err = sys_sync_heap_init(heap, mem, bytes);

	return err ? err : sys_heap_init_config(&heap->heap, mem, bytes);
}

#define sys_sync_heap_init sys_sync_heap_init_config
#endif

#ifdef __cplusplus
}
#endif

#endif /* SYS_SYNC_HEAP_H */
