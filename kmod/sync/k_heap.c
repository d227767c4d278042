// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * k_heap: sys_heap, a lock, and a queue of requests that could not be served.
 *
 * On the way of a call that need not wait stand two atomic instructions; all else is out of line.
 * The thread that frees also retries the requests of those who wait, in their order: that is what
 * happens in Zephyr when it wakes them all and the scheduler runs them by priority, without their
 * running in vain. The lock is never held for long: see mrig_waitq_retry(); and bytes are copied by
 * whoever asked for it, with no lock held.
 */
#include "k_heap.h"
#include "mrig_inband.h"

/**
 * struct request - what a caller wants of the heap
 * @waiter: its place in the queue; first
 * @ptr: block to resize, NULL to allocate
 * @align: of an allocation
 * @bytes: size
 * @keep: bytes to copy if @result is not @ptr
 * @result: once it was served
 */
struct request {
	struct mrig_waiter waiter;
	void *ptr;
	size_t align;
	size_t bytes;
	size_t keep;
	void *result;
};

/* In place, or another block for finish_move() to fill. */
static void *attempt_resize(struct k_heap *heap, struct request *req)
{
	int64_t usable;
	int err;

	if (!req->bytes) {
		sys_heap_free(&heap->heap, req->ptr);
		return NULL;
	}
	usable = mrig_inband_usable(&heap->heap, req->ptr);
	if (usable < 0)
		return NULL;
	err = mrig_inband_resize(&heap->heap, req->ptr, req->bytes);
	if (!err)
		return req->ptr;
	req->keep = (size_t)usable < req->bytes ? (size_t)usable : req->bytes;
	return err == -ENOMEM ? sys_heap_alloc(&heap->heap, req->bytes) : NULL;
}

static bool attempt(struct k_heap *heap, struct request *req)
{
	if (req->ptr)
		req->result = attempt_resize(heap, req);
	else
		req->result = sys_heap_aligned_alloc(&heap->heap, req->align, req->bytes);
	return req->result;
}

/* Both blocks are the caller's: nobody else may touch either. */
static void finish_move(struct k_heap *heap, const struct request *req)
{
	unsigned long key;

	memcpy(req->result, req->ptr, req->keep);
	key = mrig_lock_enter(&heap->lock.lock);
	sys_heap_free(&heap->heap, req->ptr);
	mrig_lock_leave(&heap->lock.lock, key);
}

/* A heap that a macro made and nobody has used: was it initialised now? */
static bool first_use(struct k_heap *heap)
{
	struct sys_heap *h = &heap->heap;

	if (!MRIG_PORT_LATE || h->heap || h->core.flags || !h->init_mem)
		return false;
	return !sys_heap_init_opts(h, h->init_mem, h->init_bytes, &heap->late);
}

/* May a request that failed succeed when others have freed? False only where it never can. */
static bool hopeful(struct k_heap *heap, const struct request *req)
{
	struct sys_heap *h = &heap->heap;
	uint64_t align = 0, rewind, at;

	if (!h->heap || h->core.flags & MRIG_HEAP_FENCED || !req->bytes)
		return false;
	if (req->ptr ? mrig_inband_usable(h, req->ptr) < 0 :
		       !mrig_align_decode(req->align, &align, &rewind))
		return false;
	/* The first block of an empty heap, or all that is there but its header. */
	at = (uintptr_t)h->heap + MRIG_UNIT;
	if (align > MRIG_UNIT)
		at = ((h->payload + rewind + align - 1) & ~(align - 1)) - rewind;
	return at <= h->end && req->bytes <= h->end - at - (h->core.over - sizeof(uint32_t));
}

/* Try again, asleep in between, until @when. The lock is held on entry and on return. */
static void wait_for(struct k_heap *heap, struct request *req, unsigned long *key, int64_t when)
{
	struct mrig_lock *l = &heap->lock.lock;

	if (!hopeful(heap, req))
		return;
	if (mrig_waitq_sleep(&heap->wait_q, l, key, &req->waiter, when))
		attempt(heap, req);
}

static mrig_noinline void *request_slow(struct k_heap *heap, void *ptr, size_t align, size_t bytes,
					k_timeout_t timeout)
{
	struct request req = { .ptr = ptr, .align = align, .bytes = bytes };
	bool wait = timeout.ticks && mrig_may_sleep();
	int64_t when = wait ? mrig_deadline(timeout) : 0;
	unsigned long key = mrig_lock_enter(&heap->lock.lock);

	if (!attempt(heap, &req) && first_use(heap))
		attempt(heap, &req);
	if (!req.result && wait)
		wait_for(heap, &req, &key, when);
	mrig_lock_leave(&heap->lock.lock, key);
	if (ptr && req.result && req.result != ptr)
		finish_move(heap, &req);
	return req.result;
}

/* Who is served, or can no longer hope, is woken. */
static bool retry(struct mrig_waitq *q, struct mrig_waiter *w)
{
	struct k_heap *heap = (struct k_heap *)((char *)q - offsetof(struct k_heap, wait_q));
	struct request *req = (struct request *)w;

	return attempt(heap, req) || !hopeful(heap, req);
}

static mrig_noinline void serve(struct k_heap *heap)
{
	mrig_waitq_retry(&heap->lock.lock, &heap->wait_q, retry);
}

/**
 * k_heap_init_opts() - make a heap of a buffer, with settings
 * @heap: heap that nobody uses or waits for
 * @mem: buffer
 * @bytes: its size
 * @opts: settings; NULL means those of k_heap_init()
 *
 * Return: as sys_heap_init_opts(); after a failure every call on the heap fails cleanly.
 */
int k_heap_init_opts(struct k_heap *heap, void *mem, size_t bytes, const struct sys_heap_opts *opts)
{
	if (!heap)
		return -EINVAL;
	memset(heap, 0, sizeof(*heap));
	mrig_lock_init(&heap->lock.lock);
	return sys_heap_init_opts(&heap->heap, mem, bytes, opts);
}

#undef k_heap_init
/**
 * k_heap_init() - make a heap of a buffer
 * @heap: heap that nobody uses or waits for
 * @mem: buffer
 * @bytes: its size
 *
 * Return: as sys_heap_init(). Zephyr's returns nothing and leaves errors undefined.
 */
int k_heap_init(struct k_heap *heap, void *mem, size_t bytes)
{
	return k_heap_init_opts(heap, mem, bytes, NULL);
}

static mrig_noinline void *alloc_contended(struct k_heap *heap, size_t bytes)
{
	return request_slow(heap, NULL, 0, bytes, K_NO_WAIT);
}

/* A block, and a lock that others want. */
static mrig_noinline void *alloc_dropped(struct mrig_lock *l, void *mem)
{
	mrig_lock_dropped(l);
	return mem;
}

static mrig_inline void *alloc_now(struct k_heap *heap, size_t bytes)
{
	struct mrig_lock *l = &heap->lock.lock;
	unsigned long key;
	void *mem;

	if (mrig_unlikely(!mrig_lock_try(l, &key)))
		return alloc_contended(heap, bytes);
	mem = sys_heap_alloc(&heap->heap, bytes);
	if (mrig_unlikely(!mrig_lock_drop(l, key)))
		return alloc_dropped(l, mem);
	if (MRIG_PORT_LATE && mrig_unlikely(!mem && !mrig_load_relaxed(&heap->heap.heap)))
		return alloc_contended(heap, bytes);
	return mem;
}

static mrig_noinline void *alloc_or_wait(struct k_heap *heap, size_t bytes, k_timeout_t timeout)
{
	void *mem = alloc_now(heap, bytes);

	return mrig_likely(mem) ? mem : request_slow(heap, NULL, 0, bytes, timeout);
}

/**
 * k_heap_alloc() - allocate a block
 * @heap: heap
 * @bytes: size; 0 fails
 * @timeout: how long to wait for memory
 *
 * A request that an empty heap could not serve fails at once.
 *
 * Context: any with K_NO_WAIT, else may sleep.
 * Return: 8-aligned memory that is not cleared, or NULL.
 */
void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout)
{
	if (timeout.ticks)
		return alloc_or_wait(heap, bytes, timeout);
	return alloc_now(heap, bytes);
}

/**
 * k_heap_aligned_alloc() - allocate a block at an aligned address
 * @heap: heap
 * @align: as sys_heap_aligned_alloc(); any other fails at once
 * @bytes: size; 0 fails
 * @timeout: how long to wait for memory
 *
 * Return: as k_heap_alloc().
 */
void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout)
{
	struct mrig_lock *l = &heap->lock.lock;
	unsigned long key;
	void *mem;

	if (timeout.ticks)
		return request_slow(heap, NULL, align, bytes, timeout);
	if (mrig_unlikely(!mrig_lock_try(l, &key)))
		return request_slow(heap, NULL, align, bytes, K_NO_WAIT);
	mem = sys_heap_aligned_alloc(&heap->heap, align, bytes);
	if (mrig_unlikely(!mrig_lock_drop(l, key)))
		return alloc_dropped(l, mem);
	if (MRIG_PORT_LATE && mrig_unlikely(!mem && !mrig_load_relaxed(&heap->heap.heap)))
		return request_slow(heap, NULL, align, bytes, K_NO_WAIT);
	return mem;
}

/**
 * k_heap_calloc() - allocate cleared memory for an array
 * @heap: heap
 * @num: elements
 * @size: bytes of each
 * @timeout: how long to wait for memory
 *
 * Clearing happens outside the lock.
 *
 * Return: as k_heap_alloc(); NULL at once if there is no such size.
 */
void *k_heap_calloc(struct k_heap *heap, size_t num, size_t size, k_timeout_t timeout)
{
	size_t bytes;
	void *mem;

	if (__builtin_mul_overflow(num, size, &bytes))
		return NULL;
	mem = k_heap_alloc(heap, bytes, timeout);
	if (mem)
		memset(mem, 0, bytes);
	return mem;
}

/**
 * k_heap_realloc() - change the size of a block
 * @heap: heap
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives the block back, at once
 * @timeout: how long to wait for memory
 *
 * Nobody who waits is served, even if memory becomes free: as in Zephyr.
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched) or @bytes is 0.
 */
void *k_heap_realloc(struct k_heap *heap, void *ptr, size_t bytes, k_timeout_t timeout)
{
	return request_slow(heap, ptr, 0, bytes, bytes ? timeout : K_NO_WAIT);
}

/* Named by its lock, so that the way here keeps one pointer only. */
static mrig_noinline void free_dropped(struct mrig_lock *l)
{
	if (mrig_lock_dropped(l))
		serve((struct k_heap *)((char *)l - offsetof(struct k_heap, lock)));
}

static mrig_noinline void free_contended(struct k_heap *heap, void *mem)
{
	unsigned long key = mrig_lock_enter(&heap->lock.lock);

	sys_heap_free(&heap->heap, mem);
	if (mrig_lock_leave(&heap->lock.lock, key))
		serve(heap);
}

/**
 * k_heap_free() - give a block back, and serve those who wait for memory
 * @heap: heap
 * @mem: block, or NULL; anything else is treated as sys_heap_free() does
 *
 * Context: any.
 */
void k_heap_free(struct k_heap *heap, void *mem)
{
	struct mrig_lock *l = &heap->lock.lock;
	unsigned long key;

	if (mrig_unlikely(!mrig_lock_try(l, &key))) {
		free_contended(heap, mem);
		return;
	}
	sys_heap_free(&heap->heap, mem);
	if (mrig_unlikely(!mrig_lock_drop(l, key)))
		free_dropped(l);
}

/**
 * k_heap_runtime_stats_get() - usable bytes in live and in free blocks, and the peak
 * @heap: heap
 * @stats: filled in, under the lock: the figures belong together
 *
 * Return: 0, or -EINVAL if either is NULL.
 */
int k_heap_runtime_stats_get(struct k_heap *heap, struct sys_memory_stats *stats)
{
	unsigned long key;
	int err;

	if (!heap)
		return -EINVAL;
	key = mrig_lock_enter(&heap->lock.lock);
	first_use(heap);
	err = sys_heap_runtime_stats_get(&heap->heap, stats);
	mrig_lock_leave(&heap->lock.lock, key);
	return err;
}

/**
 * k_heap_runtime_stats_reset_max() - forget the peak
 * @heap: heap
 *
 * Return: 0, or -EINVAL if @heap is NULL.
 */
int k_heap_runtime_stats_reset_max(struct k_heap *heap)
{
	unsigned long key;
	int err;

	if (!heap)
		return -EINVAL;
	key = mrig_lock_enter(&heap->lock.lock);
	first_use(heap);
	err = sys_heap_runtime_stats_reset_max(&heap->heap);
	mrig_lock_leave(&heap->lock.lock, key);
	return err;
}
