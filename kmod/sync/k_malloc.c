// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * k_malloc and its kin; see k_malloc.h.
 *
 * Zephyr follows the word below a block wherever it leads. Here an address counts only if it lies
 * in one of the heaps that have ever served these calls, and the word below it names that heap; the
 * heap then says whether a block starts there.
 */
#include "k_malloc.h"

struct k_heap _system_heap;

/* Heaps that are, or have been, resource pools; under the lock. */
static struct mrig_lock pools_lock;
static struct k_heap *pools[MRIG_MAX_POOLS];
static uint32_t nr_pools;

/* What lies below each block; 8 bytes, whatever the size of a pointer. */
union header {
	struct k_heap *heap;
	uint64_t room;
};

static void *dress(union header *h, struct k_heap *heap)
{
	if (!h)
		return NULL;
	h->heap = heap;
	return h + 1;
}

/* Of any address, NULL included. */
static union header *below(void *ptr)
{
	return (union header *)((uintptr_t)ptr - sizeof(union header));
}

/* @align is 0 or a power of two, or it fails. */
static void *alloc_from(struct k_heap *heap, size_t align, size_t size)
{
	size_t bytes;

	if (__builtin_add_overflow(size, sizeof(union header), &bytes))
		return NULL;
	if (align <= sizeof(union header) && !(align & (align - 1)))
		return dress(k_heap_alloc(heap, bytes, K_NO_WAIT), heap);
	if (align & (align - 1))
		return NULL;
	align |= sizeof(union header);
	return dress(k_heap_aligned_alloc(heap, align, bytes, K_NO_WAIT), heap);
}

static bool inside(const struct k_heap *heap, const union header *h)
{
	uintptr_t start = (uintptr_t)mrig_load_relaxed(&heap->heap.heap);
	uintptr_t end = mrig_load_relaxed(&heap->heap.end);

	return start && (uintptr_t)h - start < end - start;
}

static mrig_noinline struct k_heap *pool_of(const union header *h)
{
	unsigned long key = mrig_lock_enter(&pools_lock);
	struct k_heap *heap = NULL;

	for (uint32_t i = 0; !heap && i < nr_pools; i++) {
		if (inside(pools[i], h))
			heap = pools[i];
	}
	mrig_lock_leave(&pools_lock, key);
	return heap;
}

/* The heap a block came from; NULL for an address that is none of ours. */
static struct k_heap *home(const union header *h)
{
	struct k_heap *heap = &_system_heap;

	if ((uintptr_t)h & (sizeof(*h) - 1))
		return NULL;
	if (!inside(heap, h))
		heap = pool_of(h);
	return heap && h->heap == heap ? heap : NULL;
}

/**
 * k_malloc() - allocate from the system heap
 * @size: bytes; 0 gives a block of its own, too
 *
 * Return: 8-aligned memory that is not cleared, or NULL.
 */
void *k_malloc(size_t size)
{
	return alloc_from(&_system_heap, 0, size);
}

/**
 * k_aligned_alloc() - allocate from the system heap at an aligned address
 * @align: 0 or a power of two; below 8 counts as 8
 * @size: bytes; 0 gives a block of its own, too
 *
 * Return: memory that is not cleared, or NULL.
 */
void *k_aligned_alloc(size_t align, size_t size)
{
	return alloc_from(&_system_heap, align, size);
}

/**
 * k_calloc() - allocate cleared memory for an array
 * @nmemb: elements
 * @size: bytes of each
 *
 * Return: memory; NULL also if there is no such size.
 */
void *k_calloc(size_t nmemb, size_t size)
{
	size_t bytes;
	void *mem;

	if (__builtin_mul_overflow(nmemb, size, &bytes))
		return NULL;
	mem = k_malloc(bytes);
	if (mem)
		memset(mem, 0, bytes);
	return mem;
}

/**
 * k_realloc() - change the size of a block, in the heap it came from
 * @ptr: block, or NULL to allocate
 * @size: new size; 0 gives the block back
 *
 * An alignment above 8 is lost when the block moves.
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched) or @size is 0.
 */
void *k_realloc(void *ptr, size_t size)
{
	struct k_heap *heap;
	union header *h;
	size_t bytes;

	if (!size) {
		k_free(ptr);
		return NULL;
	}
	if (!ptr)
		return k_malloc(size);
	h = below(ptr);
	heap = home(h);
	if (!heap || __builtin_add_overflow(size, sizeof(*h), &bytes))
		return NULL;
	h = k_heap_realloc(heap, h, bytes, K_NO_WAIT);
	return h ? h + 1 : NULL;
}

/**
 * k_free() - give a block back to the heap it came from
 * @ptr: block of any of these calls, or NULL; anything else, a block that was given back before
 *	included, is ignored
 *
 * Does not serve those who wait in k_heap_alloc() for memory of that heap: as in Zephyr.
 */
void k_free(void *ptr)
{
	union header *h = below(ptr);
	struct k_heap *heap;
	unsigned long key;

	heap = home(h);
	if (!heap)
		return;
	h->heap = NULL;
	key = mrig_lock_enter(&heap->lock.lock);
	sys_heap_free(&heap->heap, h);
	mrig_lock_leave(&heap->lock.lock, key);
}

static int enlist(struct k_heap *heap)
{
	unsigned long key = mrig_lock_enter(&pools_lock);
	uint32_t i = 0;
	int err = 0;

	while (i < nr_pools && pools[i] != heap)
		i++;
	if (i == MRIG_MAX_POOLS)
		err = -ENOSPC;
	else if (i == nr_pools)
		pools[nr_pools++] = heap;
	mrig_lock_leave(&pools_lock, key);
	return err;
}

/**
 * mrig_pool_forget() - a heap goes away, and with it all blocks that came from it
 * @heap: heap that is no thread's resource pool any more
 *
 * Context: any.
 */
void mrig_pool_forget(struct k_heap *heap)
{
	unsigned long key = mrig_lock_enter(&pools_lock);

	for (uint32_t i = 0; i < nr_pools; i++) {
		if (pools[i] == heap) {
			pools[i] = pools[--nr_pools];
			break;
		}
	}
	mrig_lock_leave(&pools_lock, key);
}

/**
 * k_thread_heap_assign() - choose the heap of a thread's z_thread_malloc()
 * @thread: a thread that lives
 * @heap: heap that lives as long as the program, or NULL for none
 *
 * Return: 0; -EINVAL if @thread is NULL; -EPERM if it is no thread of its own; -ENOSPC if
 * MRIG_MAX_POOLS other heaps are resource pools: the thread keeps what it had. Zephyr's returns
 * nothing.
 */
int k_thread_heap_assign(struct k_thread *thread, struct k_heap *heap)
{
	int err;

	if (!thread)
		return -EINVAL;
	if (mrig_thread_shared(thread))
		return -EPERM;
	if (heap && heap != &_system_heap) {
		err = enlist(heap);
		if (err)
			return err;
	}
	mrig_store_release(&thread->resource_pool, heap);
	return 0;
}

/**
 * k_thread_system_pool_assign() - let a thread's z_thread_malloc() use the system heap
 * @thread: a thread that lives
 *
 * Return: 0, or -EINVAL if @thread is NULL.
 */
int k_thread_system_pool_assign(struct k_thread *thread)
{
	return k_thread_heap_assign(thread, &_system_heap);
}

/**
 * z_thread_aligned_alloc() - allocate from the calling thread's resource pool
 * @align: as k_aligned_alloc()
 * @size: as k_aligned_alloc()
 *
 * Where no thread can sleep the system heap serves.
 *
 * Return: memory for k_free(), or NULL; NULL for a thread without a pool.
 */
void *z_thread_aligned_alloc(size_t align, size_t size)
{
	struct k_heap *heap = &_system_heap;

	if (mrig_may_sleep())
		heap = mrig_load_acquire(&mrig_self()->resource_pool);
	return heap ? alloc_from(heap, align, size) : NULL;
}

/**
 * z_thread_malloc() - allocate from the calling thread's resource pool
 * @size: as k_malloc()
 *
 * Return: as z_thread_aligned_alloc().
 */
void *z_thread_malloc(size_t size)
{
	return z_thread_aligned_alloc(0, size);
}

/* Another heap for those who call k_malloc(), if no block of the present one lives. */
static int exchange(const struct sys_heap *fresh, void **old)
{
	unsigned long key = mrig_lock_enter(&_system_heap.lock.lock);
	int err = -EBUSY;

	if (!_system_heap.heap.core.live) {
		*old = _system_heap.heap.init_mem;
		_system_heap.heap = *fresh;
		err = 0;
	}
	mrig_lock_leave(&_system_heap.lock.lock, key);
	return err;
}

/**
 * mrig_system_heap_give() - the memory of the system heap
 * @mem: new memory
 * @bytes: its size
 * @opts: settings, or NULL
 * @old: set to the memory it had before, or NULL
 *
 * Return: 0; -EBUSY while a block of it lives; -EINVAL as sys_heap_init_opts(), it then keeps what
 * it had.
 */
int mrig_system_heap_give(void *mem, size_t bytes, const struct sys_heap_opts *opts, void **old)
{
	struct sys_heap fresh;
	int err;

	err = sys_heap_init_opts(&fresh, mem, bytes, opts);
	if (err)
		return err;
	err = exchange(&fresh, old);
	if (!err)
		k_heap_free(&_system_heap, NULL);
	return err;
}

/**
 * mrig_system_heap_take() - leave the system heap without memory, as it was at first
 * @old: set to the memory it had, or NULL
 *
 * Return: 0, or -EBUSY while a block of it lives.
 */
int mrig_system_heap_take(void **old)
{
	struct sys_heap none;
	int err;

	memset(&none, 0, sizeof(none));
	err = exchange(&none, old);
	/* Those who wait for memory of it can no longer hope. */
	if (!err)
		k_heap_free(&_system_heap, NULL);
	return err;
}
