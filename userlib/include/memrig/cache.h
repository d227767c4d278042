/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Per-thread caches: allocations on a heap that is shared, in the kernel above all, at about the
 * price of one on a heap of the process.
 *
 * Each thread that uses a cache keeps blocks of its own, by size class. It takes them from the heap
 * and gives them back many at a time, one call for a whole batch. What lies idle is bounded, goes
 * back when a thread ends, and is taken back from all threads before a request fails.
 *
 * The heap stays what it is: any engine, any placement, used by others at the same time, and every
 * block that a cache gives out is a block of the heap. The cache ends before the heap does.
 *
 * fork(): in the child a cache is empty. What lay idle in it stays the parent's, and so do the
 * blocks that were in use; the child may free those of a heap that it shares, as it may without a
 * cache, and they go straight to the heap.
 */
#ifndef MEMRIG_CACHE_H
#define MEMRIG_CACHE_H

#include <memrig/memrig.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct memrig_cache memrig_cache_t;

#define MEMRIG_CACHE_BATCH	  256
#define MEMRIG_CACHE_BATCH_MAX	  256
#define MEMRIG_CACHE_LARGEST	  4096
#define MEMRIG_CACHE_LARGEST_MAX  65536
#define MEMRIG_CACHE_THREAD_BYTES (256 * 1024)

/**
 * struct memrig_cache_config - how a cache is made; 0 means the default
 * @size: sizeof(struct memrig_cache_config)
 * @batch: blocks that are taken or given back by one call, at most MEMRIG_CACHE_BATCH_MAX;
 *	less for blocks of which so many would be more than a quarter of @thread_bytes
 * @largest: largest request that is cached, at most MEMRIG_CACHE_LARGEST_MAX
 * @reserved: 0
 * @thread_bytes: most that lies idle in one thread
 */
struct memrig_cache_config {
	uint32_t size;
	uint32_t batch;
	uint32_t largest;
	uint32_t reserved;
	uint64_t thread_bytes;
};

/**
 * struct memrig_cache_stat - what a cache did so far, all threads together
 * @size: sizeof(struct memrig_cache_stat)
 * @threads: that have blocks of their own now
 * @idle_blocks: that lie idle now
 * @idle_bytes: the same
 * @allocs: requests that succeeded
 * @hits: those of them that no call of the heap was needed for
 * @frees: blocks that were freed
 * @direct: requests too large, or aligned too far, for a cache: each was a call of the heap
 * @fills: calls that took blocks from the heap
 * @drains: calls that gave blocks back
 * @reclaims: times that all threads' idle blocks were given back to satisfy a request
 * @rejects: frees that named no block, and blocks that the heap would not take back
 */
struct memrig_cache_stat {
	uint32_t size;
	uint32_t threads;
	uint64_t idle_blocks;
	uint64_t idle_bytes;
	uint64_t allocs;
	uint64_t hits;
	uint64_t frees;
	uint64_t direct;
	uint64_t fills;
	uint64_t drains;
	uint64_t reclaims;
	uint64_t rejects;
};

/* @config: NULL: all defaults. */
int memrig_cache_create(memrig_heap_t *heap, const struct memrig_cache_config *config,
			memrig_cache_t **cache);
/* Gives back what lies idle. No other thread may be using the cache. Blocks in use stay so. */
void memrig_cache_close(memrig_cache_t *cache);

/* As memrig_heap_alloc() and memrig_heap_free(). A block may be freed by any thread. */
int memrig_cache_alloc(memrig_cache_t *cache, size_t align, size_t bytes, void **ptr);
int memrig_cache_free(memrig_cache_t *cache, void *ptr);
/* As memrig_heap_alloc_at() and memrig_heap_free_at(). @usable may be NULL. */
int memrig_cache_alloc_at(memrig_cache_t *cache, uint64_t align, uint64_t bytes, uint64_t *offset,
			  uint64_t *usable);
int memrig_cache_free_at(memrig_cache_t *cache, uint64_t offset);

/* Gives back what lies idle in this thread, or in all threads. */
int memrig_cache_flush(memrig_cache_t *cache);
int memrig_cache_flush_all(memrig_cache_t *cache);
int memrig_cache_stat(memrig_cache_t *cache, struct memrig_cache_stat *stat);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_CACHE_H */
