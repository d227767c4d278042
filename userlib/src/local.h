/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Heaps that run in this process, shared by local.c (life), local_ops.c (requests) and
 * local_query.c (looking at it). Functions whose name ends in _locked are called with the lock of
 * the heap held.
 */
#ifndef MEMRIG_LOCAL_H
#define MEMRIG_LOCAL_H

#include "mrig_engine.h"
#include "priv.h"

#define LOCAL_CLIENT 1 /* the only client there is */

/**
 * struct local_heap - a heap of this process
 * @heap: handle; its base is the address of the region, or of the memory when there is no region
 * @lock: held around every call of the engine, protects all that follows
 * @engine: the heap proper
 * @span: offset of the managed span from base
 * @cfg: as created; cfg.base is the address of the span
 * @placement: enum memrig_placement
 * @own: memory that goes with the heap, or NULL
 * @fenced: corruption was found
 * @allocs: successful allocations so far
 * @frees: successful frees so far
 * @failures: refused allocations so far
 * @rejects: frees and reallocs that named no block
 */
struct local_heap {
	struct memrig_heap heap;
	pthread_mutex_t lock;
	struct mrig_heap engine;
	uint64_t span;
	struct mrig_heap_cfg cfg;
	uint32_t placement;
	void *own;
	bool fenced;
	uint64_t allocs;
	uint64_t frees;
	uint64_t failures;
	uint64_t rejects;
};

static inline struct local_heap *to_local(struct memrig_heap *heap)
{
	return (struct local_heap *)heap;
}

static inline struct local_heap *lock_heap(struct memrig_heap *heap)
{
	struct local_heap *local = to_local(heap);

	pthread_mutex_lock(&local->lock);
	return local;
}

static inline void unlock_heap(struct local_heap *local)
{
	pthread_mutex_unlock(&local->lock);
}

int mrig_local_alloc(struct memrig_heap *heap, struct memrig_alloc *args);
int mrig_local_free(struct memrig_heap *heap, uint64_t offset);
int mrig_local_realloc(struct memrig_heap *heap, struct memrig_realloc *args);
int mrig_local_usable(struct memrig_heap *heap, struct memrig_usable *args);
int mrig_local_alloc_batch(struct memrig_heap *heap, struct memrig_alloc_batch *args);
int mrig_local_free_batch(struct memrig_heap *heap, struct memrig_free_batch *args);

int mrig_local_stat(struct memrig_heap *heap, struct memrig_heap_stat *args);
int mrig_local_reset_max(struct memrig_heap *heap);
int mrig_local_walk(struct memrig_heap *heap, struct memrig_heap_walk *args);
int mrig_local_validate(struct memrig_heap *heap, struct memrig_heap_validate *args);

#endif /* MEMRIG_LOCAL_H */
