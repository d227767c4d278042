/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Per-thread caches, shared by cache.c (life), cache_thread.c (threads), cache_block.c (requests)
 * and cache_class.c (size classes).
 *
 * Every block that was taken from the heap in a batch has its state in a table, one byte for each 8
 * bytes of the heap: which class it is of, and whether it lies idle. That is how free() knows the
 * class, and how a second free is found. The table is the process's own, so nobody else can write
 * it, and exists only where the heap has blocks. 0: no block of the cache starts there.
 *
 * Locks: registry, then memrig_cache.lock, then cache_thread.lock. Own blocks need the last alone,
 * which nobody else wants but for flush_all, stat and a request that would fail.
 */
#ifndef MEMRIG_CACHE_PRIV_H
#define MEMRIG_CACHE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

#include <memrig/cache.h>

#include "priv.h"

#define CACHE_UNIT    8	   /* bytes of the heap to a byte of the table */
#define CACHE_CLASSES 44   /* up to MEMRIG_CACHE_LARGEST_MAX */
#define CACHE_IDLE    0x80 /* in a state: besides the class plus 1 */

/**
 * struct cache_counters - what struct memrig_cache_stat is made of
 * @allocs: as there
 * @hits: as there
 * @frees: as there
 * @direct: as there
 * @fills: as there
 * @drains: as there
 * @reclaims: as there
 * @rejects: as there
 */
struct cache_counters {
	uint64_t allocs;
	uint64_t hits;
	uint64_t frees;
	uint64_t direct;
	uint64_t fills;
	uint64_t drains;
	uint64_t reclaims;
	uint64_t rejects;
};

/**
 * struct cache_class - idle blocks of one size in one thread
 * @idle: offsets; room for two batches
 * @count: of them
 * @next: blocks to take when there are none: doubles up to a batch, so that a thread that wants few
 *	holds few
 */
struct cache_class {
	uint64_t *idle;
	uint32_t count;
	uint32_t next;
};

struct cache_owner;

/**
 * struct cache_thread - what one thread has of one cache
 * @lock: protects what follows, but for the links
 * @classes: idle blocks
 * @idle_bytes: of all of them
 * @counters: of this thread
 * @cache: it belongs to
 * @owner: the thread
 * @of_cache: link of memrig_cache.threads; registry lock and memrig_cache.lock to change
 * @of_thread: link of cache_owner.caches; registry lock
 */
struct cache_thread {
	pthread_mutex_t lock;
	struct cache_class classes[CACHE_CLASSES];
	uint64_t idle_bytes;
	struct cache_counters counters;
	struct memrig_cache *cache;
	struct cache_owner *owner;
	LIST_ENTRY(cache_thread) of_cache;
	LIST_ENTRY(cache_thread) of_thread;
};

LIST_HEAD(cache_threads, cache_thread);

/**
 * struct memrig_cache - a cache
 * @heap: under it
 * @key: of each thread's struct cache_thread
 * @classes: number of classes in use
 * @batch: blocks to a call, by class
 * @thread_bytes: as configured
 * @span: offset of the heap in its region
 * @length: of the heap
 * @states: the table
 * @base: address of offset 0 of the region, 0: not known yet
 * @lock: protects what follows
 * @threads: all of them
 * @past: counters of threads that have ended
 * @link: of all caches; registry lock
 */
struct memrig_cache {
	struct memrig_heap *heap;
	pthread_key_t key;
	unsigned int classes;
	uint32_t batch[CACHE_CLASSES];
	uint64_t thread_bytes;
	uint64_t span;
	uint64_t length;
	_Atomic uint8_t *states;
	atomic_uintptr_t base;
	pthread_mutex_t lock;
	struct cache_threads threads;
	struct cache_counters past;
	LIST_ENTRY(memrig_cache) link;
};

/* Smallest class that holds @bytes, which are at least 1 and at most MEMRIG_CACHE_LARGEST_MAX. */
unsigned int mrig_cache_class(uint64_t bytes);
/* Bytes of its blocks. */
uint32_t mrig_cache_class_bytes(unsigned int class);

/* This thread's part; -ENOMEM. */
int mrig_cache_thread(struct memrig_cache *cache, struct cache_thread **thread);
/* Makes the cache known to fork() and to the end of threads, and gives it its key. -errno. */
int mrig_cache_publish(struct memrig_cache *cache);
/* The end of all its parts. */
void mrig_cache_unpublish(struct memrig_cache *cache);
/* Adds @from to @to. */
void mrig_cache_count(struct cache_counters *to, const struct cache_counters *from);
/* Gives back up to @count idle blocks of a class, the oldest first. */
void mrig_cache_drain_locked(struct cache_thread *thread, unsigned int class, uint32_t count);
/* Gives back all of them. */
void mrig_cache_drain_all_locked(struct cache_thread *thread);
/* The same for every thread; no lock is held. */
void mrig_cache_reclaim(struct memrig_cache *cache);

#endif /* MEMRIG_CACHE_PRIV_H */
