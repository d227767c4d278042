/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * k_heap: Zephyr's heap that threads share and may wait for.
 *
 * A call that cannot be served waits up to its timeout. k_heap_free() serves those who wait: each
 * waiter's request is tried again, the most urgent thread first, those of one priority in the order
 * of their coming. Nothing is reserved: whoever calls while others wait may be served before them.
 *
 * The CONFIG_SYS_HEAP_* names of sys_heap.h count for k_heap_init() and K_HEAP_DEFINE() as well.
 */
#ifndef K_HEAP_H
#define K_HEAP_H

#include "../engine/sys_heap.h"
#include "k_timeout.h"
#include "mrig_wait.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct k_spinlock - a lock for short sections
 * @lock: see mrig_sync_port.h
 */
struct k_spinlock {
	struct mrig_lock lock;
};

/**
 * struct k_heap - a heap with a lock
 * @heap: the heap; those who use it directly serialise themselves
 * @wait_q: who waits for memory
 * @lock: of @heap and @wait_q
 * @late: settings, if it is initialised by its first use
 */
struct k_heap {
	struct sys_heap heap;
	_wait_q_t wait_q;
	struct k_spinlock lock;
	struct sys_heap_opts late;
};

int k_heap_init_opts(struct k_heap *heap, void *mem, size_t bytes,
		     const struct sys_heap_opts *opts);
int k_heap_init(struct k_heap *heap, void *mem, size_t bytes);
void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout);
void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout);
void *k_heap_calloc(struct k_heap *heap, size_t num, size_t size, k_timeout_t timeout);
void *k_heap_realloc(struct k_heap *heap, void *ptr, size_t bytes, k_timeout_t timeout);
void k_heap_free(struct k_heap *heap, void *mem);
int k_heap_runtime_stats_get(struct k_heap *heap, struct sys_memory_stats *stats);
int k_heap_runtime_stats_reset_max(struct k_heap *heap);

#ifdef sys_heap_init
static inline int k_heap_init_config(struct k_heap *heap, void *mem, size_t bytes)
{
	int err = k_heap_init(heap, mem, bytes);

	return err ? err : sys_heap_init_config(&heap->heap, mem, bytes);
}

#define k_heap_init k_heap_init_config
#endif

#ifdef __cplusplus
}
#endif

#endif /* K_HEAP_H */
