// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Requests to caches.
 */
#include <errno.h>
#include <string.h>

#include "cache.h"

/**
 * struct request - one allocation on its way
 * @bytes: wanted
 * @align: wanted
 * @offset: of the block
 * @usable: bytes of it
 * @reason: of a failure
 * @largest: free block, on failure
 */
struct request {
	uint64_t bytes;
	uint64_t align;
	uint64_t offset;
	uint64_t usable;
	uint32_t reason;
	uint64_t largest;
};

/* State of the block that starts there; NULL: no block of the cache can. */
static _Atomic uint8_t *state_at(struct memrig_cache *cache, uint64_t offset)
{
	uint64_t at = offset - cache->span;

	if (offset < cache->span || at >= cache->length || at % CACHE_UNIT)
		return NULL;
	return &cache->states[at / CACHE_UNIT];
}

static void set_state(_Atomic uint8_t *state, uint8_t value)
{
	atomic_store_explicit(state, value, memory_order_relaxed);
}

/* Address of offset 0 of the region. */
static int find_base(struct memrig_cache *cache, char **base)
{
	uintptr_t have = atomic_load_explicit(&cache->base, memory_order_relaxed);
	void *start;
	int ret;

	if (!have) {
		ret = memrig_heap_ptr(cache->heap, 0, &start);
		if (ret)
			return ret;
		have = (uintptr_t)start;
		atomic_store_explicit(&cache->base, have, memory_order_relaxed);
	}
	*base = (char *)have;
	return 0;
}

/* ---- giving back --------------------------------------------------------------------- */

/* The heap stops at a block it will not take: that one is gone from here, the rest is tried. */
static void give_back(struct cache_thread *thread, const uint64_t *offsets, uint32_t count)
{
	struct memrig_heap *heap = thread->cache->heap;

	while (count) {
		struct memrig_free_batch args = {
			.size = sizeof(args),
			.offsets = (uintptr_t)offsets,
			.count = count,
		};
		uint32_t done;
		int ret;

		ret = heap->ops->free_batch(heap, &args);
		thread->counters.drains++;
		done = args.done;
		if (ret && done < count) {
			thread->counters.rejects++;
			done++;
		}
		if (!done)
			return;
		offsets += done;
		count -= done;
	}
}

void mrig_cache_drain_locked(struct cache_thread *thread, unsigned int class, uint32_t count)
{
	struct cache_class *c = &thread->classes[class];
	uint32_t i;

	if (count > c->count)
		count = c->count;
	if (!count)
		return;
	for (i = 0; i < count; i++)
		set_state(state_at(thread->cache, c->idle[i]), 0);
	give_back(thread, c->idle, count);
	c->count -= count;
	memmove(c->idle, c->idle + count, c->count * sizeof(*c->idle));
	thread->idle_bytes -= (uint64_t)count * mrig_cache_class_bytes(class);
}

void mrig_cache_drain_all_locked(struct cache_thread *thread)
{
	unsigned int class;

	for (class = 0; class < thread->cache->classes; class ++) {
		mrig_cache_drain_locked(thread, class, UINT32_MAX);
		thread->classes[class].next = 1;
	}
}

/* ---- allocating ---------------------------------------------------------------------- */

/* Straight from the heap: a block the cache knows nothing of. */
static int alloc_direct(struct memrig_cache *cache, struct request *req)
{
	struct memrig_alloc args = {
		.size = sizeof(args),
		.bytes = req->bytes,
		.align = req->align,
	};
	int ret = cache->heap->ops->alloc(cache->heap, &args);

	req->offset = args.offset;
	req->usable = args.usable;
	req->reason = args.reason;
	req->largest = args.largest_free;
	return ret;
}

/* How many blocks to take, so that what lies idle stays bounded when one of them is used. */
static uint32_t fill_count(const struct cache_thread *thread, unsigned int class)
{
	uint64_t room = thread->cache->thread_bytes - thread->idle_bytes;
	uint64_t most = room / mrig_cache_class_bytes(class) + 1;

	return most < thread->classes[class].next ? most : thread->classes[class].next;
}

/* Takes idle blocks of a class from the heap; false: it has none, or none that can be kept. */
static bool fill_locked(struct cache_thread *thread, unsigned int class)
{
	struct memrig_alloc_req reqs[MEMRIG_CACHE_BATCH_MAX];
	struct memrig_cache *cache = thread->cache;
	struct cache_class *c = &thread->classes[class];
	struct memrig_alloc_batch args = {
		.size = sizeof(args),
		.reqs = (uintptr_t)reqs,
		.count = fill_count(thread, class),
	};
	uint32_t bytes = mrig_cache_class_bytes(class), i;
	_Atomic uint8_t *state;

	memset(reqs, 0, args.count * sizeof(*reqs));
	for (i = 0; i < args.count; i++)
		reqs[i].bytes = bytes;
	thread->counters.fills++;
	if (cache->heap->ops->alloc_batch(cache->heap, &args))
		return false;
	for (i = 0; i < args.done; i++) {
		state = state_at(cache, reqs[i].offset);
		if (!state) { /* an engine that places blocks more closely than sys_heap */
			cache->heap->ops->free(cache->heap, reqs[i].offset);
			continue;
		}
		set_state(state, CACHE_IDLE | (class + 1));
		c->idle[c->count++] = reqs[i].offset;
	}
	thread->idle_bytes += (uint64_t)c->count * bytes;
	c->next = c->next * 2 < cache->batch[class] ? c->next * 2 : cache->batch[class];
	return c->count;
}

static bool take_locked(struct cache_thread *thread, unsigned int class, struct request *req)
{
	struct cache_class *c = &thread->classes[class];

	if (c->count)
		thread->counters.hits++;
	else if (!fill_locked(thread, class))
		return false;
	req->offset = c->idle[--c->count];
	req->usable = mrig_cache_class_bytes(class);
	thread->idle_bytes -= req->usable;
	thread->counters.allocs++;
	set_state(state_at(thread->cache, req->offset), class + 1);
	return true;
}

/* Without the cache; if memory is short, once more when nothing lies idle. */
static int alloc_hard(struct memrig_cache *cache, struct cache_thread *thread, struct request *req)
{
	int ret = alloc_direct(cache, req);
	bool reclaim = ret == -ENOMEM;

	if (reclaim) {
		mrig_cache_reclaim(cache);
		ret = alloc_direct(cache, req);
	}
	pthread_mutex_lock(&thread->lock);
	thread->counters.direct++;
	thread->counters.reclaims += reclaim;
	thread->counters.allocs += !ret;
	pthread_mutex_unlock(&thread->lock);
	return ret;
}

static int alloc(struct memrig_cache *cache, struct request *req)
{
	struct cache_thread *thread = NULL;
	unsigned int class = CACHE_CLASSES;
	bool done;
	int ret;

	ret = mrig_cache_thread(cache, &thread);
	if (ret) {
		req->reason = MEMRIG_REASON_SIDE;
		return ret;
	}
	/* Blocks of every heap are aligned to a word. */
	if (req->bytes && req->bytes <= MEMRIG_CACHE_LARGEST_MAX &&
	    (!req->align || req->align == sizeof(void *)))
		class = mrig_cache_class(req->bytes);
	if (class >= cache->classes)
		return alloc_hard(cache, thread, req);
	pthread_mutex_lock(&thread->lock);
	done = take_locked(thread, class, req);
	pthread_mutex_unlock(&thread->lock);
	return done ? 0 : alloc_hard(cache, thread, req);
}

static int fail(const char *call, int error, const struct request *req)
{
	struct fail_info info = {
		.reason = req->reason,
		.detail = req->largest,
		.wanted = req->bytes,
	};

	return mrig_fail_with(call, error, &info);
}

int memrig_cache_alloc_at(memrig_cache_t *cache, uint64_t align, uint64_t bytes, uint64_t *offset,
			  uint64_t *usable)
{
	struct request req = { .bytes = bytes, .align = align };
	int ret = alloc(cache, &req);

	if (ret)
		return fail(__func__, ret, &req);
	*offset = req.offset;
	if (usable)
		*usable = req.usable;
	return 0;
}

int memrig_cache_alloc(memrig_cache_t *cache, size_t align, size_t bytes, void **ptr)
{
	struct request req = { .bytes = bytes, .align = align };
	char *base;
	int ret;

	/* First: a block without an address would be lost. */
	ret = find_base(cache, &base);
	if (!ret)
		ret = alloc(cache, &req);
	if (ret)
		return fail(__func__, ret, &req);
	*ptr = base + req.offset;
	return 0;
}

/* ---- freeing ------------------------------------------------------------------------- */

/* Room for one more block: a batch goes when the class is full, all when the thread is. */
static void make_room_locked(struct cache_thread *thread, unsigned int class)
{
	struct memrig_cache *cache = thread->cache;
	uint32_t bytes = mrig_cache_class_bytes(class);

	if (thread->classes[class].count == 2 * cache->batch[class])
		mrig_cache_drain_locked(thread, class, cache->batch[class]);
	if (thread->idle_bytes + bytes > cache->thread_bytes)
		mrig_cache_drain_locked(thread, class, (thread->classes[class].count + 1) / 2);
	if (thread->idle_bytes + bytes > cache->thread_bytes)
		mrig_cache_drain_all_locked(thread);
}

static void keep_locked(struct cache_thread *thread, unsigned int class, uint64_t offset)
{
	struct cache_class *c = &thread->classes[class];
	uint32_t bytes = mrig_cache_class_bytes(class);

	thread->counters.frees++;
	make_room_locked(thread, class);
	if (thread->idle_bytes + bytes > thread->cache->thread_bytes) {
		set_state(state_at(thread->cache, offset), 0);
		give_back(thread, &offset, 1);
		return;
	}
	c->idle[c->count++] = offset;
	thread->idle_bytes += bytes;
}

static void count_direct(struct cache_thread *thread, bool freed)
{
	pthread_mutex_lock(&thread->lock);
	thread->counters.frees += freed;
	thread->counters.rejects += !freed;
	pthread_mutex_unlock(&thread->lock);
}

static int free_block(struct memrig_cache *cache, uint64_t offset)
{
	_Atomic uint8_t *state = state_at(cache, offset);
	struct cache_thread *thread = NULL;
	uint8_t was = 0;
	int ret;

	ret = mrig_cache_thread(cache, &thread);
	if (ret)
		return ret;
	if (state)
		was = atomic_load_explicit(state, memory_order_relaxed);
	if (!was) {
		ret = cache->heap->ops->free(cache->heap, offset);
		count_direct(thread, !ret);
		return ret;
	}
	/* Of two threads that free the same block one fails. */
	if ((was & CACHE_IDLE) ||
	    !atomic_compare_exchange_strong_explicit(state, &was, was | CACHE_IDLE,
						     memory_order_relaxed, memory_order_relaxed)) {
		count_direct(thread, false);
		return -ENOENT;
	}
	pthread_mutex_lock(&thread->lock);
	keep_locked(thread, was - 1, offset);
	pthread_mutex_unlock(&thread->lock);
	return 0;
}

int memrig_cache_free_at(memrig_cache_t *cache, uint64_t offset)
{
	int ret = free_block(cache, offset);

	return ret ? FAIL(ret) : 0;
}

int memrig_cache_free(memrig_cache_t *cache, void *ptr)
{
	char *base;
	int ret;

	if (!ptr)
		return 0;
	ret = find_base(cache, &base);
	if (!ret && (uintptr_t)ptr < (uintptr_t)base)
		ret = -ENOENT;
	if (!ret)
		ret = free_block(cache, (uintptr_t)ptr - (uintptr_t)base);
	return ret ? FAIL(ret) : 0;
}
