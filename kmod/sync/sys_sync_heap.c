// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_sync_heap; see sys_sync_heap.h.
 *
 * Zephyr's has a mutex, which an interrupt cannot take. Here that is a rule, not a necessity: where
 * nobody can sleep all calls are refused but free(), for what it gives back would be lost.
 */
#include "sys_sync_heap.h"
#include "mrig_inband.h"

#undef sys_sync_heap_init
/**
 * sys_sync_heap_init() - make a heap of a buffer
 * @heap: heap that nobody uses
 * @mem: buffer
 * @bytes: its size
 *
 * Return: as sys_heap_init(); after a failure every call on the heap fails cleanly.
 */
int sys_sync_heap_init(struct sys_sync_heap *heap, void *mem, size_t bytes)
{
	if (!heap)
		return -EINVAL;
	memset(heap, 0, sizeof(*heap));
	mrig_lock_init(&heap->lock);
	return sys_heap_init_opts(&heap->heap, mem, bytes, NULL);
}

static bool may_call(const struct sys_sync_heap *heap)
{
	return heap && mrig_may_sleep();
}

/**
 * sys_sync_heap_aligned_alloc() - allocate a block at an aligned address
 * @heap: heap
 * @align: as sys_heap_aligned_alloc()
 * @bytes: size; 0 fails
 *
 * Context: threads.
 * Return: memory that is not cleared, or NULL.
 */
void *sys_sync_heap_aligned_alloc(struct sys_sync_heap *heap, size_t align, size_t bytes)
{
	unsigned long key;
	void *mem;

	if (!may_call(heap))
		return NULL;
	key = mrig_lock_enter(&heap->lock);
	mem = sys_heap_aligned_alloc(&heap->heap, align, bytes);
	mrig_lock_leave(&heap->lock, key);
	return mem;
}

/**
 * sys_sync_heap_alloc() - allocate a block
 * @heap: heap
 * @bytes: size; 0 fails
 *
 * Context: threads.
 * Return: memory that is not cleared, or NULL.
 */
void *sys_sync_heap_alloc(struct sys_sync_heap *heap, size_t bytes)
{
	return sys_sync_heap_aligned_alloc(heap, 0, bytes);
}

/**
 * sys_sync_heap_noalign_alloc() - allocate a block wherever it fits
 * @heap: heap
 * @align: not looked at
 * @bytes: size; 0 fails
 *
 * Context: threads.
 * Return: as sys_sync_heap_alloc().
 */
void *sys_sync_heap_noalign_alloc(struct sys_sync_heap *heap, size_t align, size_t bytes)
{
	unsigned long key;
	void *mem;

	if (!may_call(heap))
		return NULL;
	key = mrig_lock_enter(&heap->lock);
	mem = sys_heap_noalign_alloc(&heap->heap, align, bytes);
	mrig_lock_leave(&heap->lock, key);
	return mem;
}

/* The block where it is, or a new one: then *@copy bytes belong into it. */
static void *resize(struct sys_heap *h, void *ptr, size_t align, size_t bytes, size_t *copy)
{
	uint64_t a, rewind;
	int64_t usable;
	int err = -ENOMEM;

	*copy = 0;
	if (!mrig_align_decode(align, &a, &rewind))
		return NULL;
	usable = mrig_inband_usable(h, ptr);
	if (usable < 0)
		return NULL;
	if (!(((uintptr_t)ptr + rewind) & (a - 1)))
		err = mrig_inband_resize(h, ptr, bytes);
	if (err != -ENOMEM)
		return err ? NULL : ptr;
	*copy = (size_t)usable < bytes ? (size_t)usable : bytes;
	return sys_heap_aligned_alloc(h, align, bytes);
}

/**
 * sys_sync_heap_aligned_realloc() - change size and alignment of a block
 * @heap: heap
 * @ptr: block, or NULL to allocate
 * @align: as sys_heap_aligned_realloc()
 * @bytes: new size; 0 gives the block back
 *
 * A block that has to move is copied without the lock.
 *
 * Context: threads.
 * Return: as sys_heap_aligned_realloc().
 */
void *sys_sync_heap_aligned_realloc(struct sys_sync_heap *heap, void *ptr, size_t align,
				    size_t bytes)
{
	unsigned long key;
	size_t copy;
	void *to;

	if (!ptr)
		return sys_sync_heap_aligned_alloc(heap, align, bytes);
	if (!bytes) {
		sys_sync_heap_free(heap, ptr);
		return NULL;
	}
	if (!may_call(heap))
		return NULL;
	key = mrig_lock_enter(&heap->lock);
	to = resize(&heap->heap, ptr, align, bytes, &copy);
	mrig_lock_leave(&heap->lock, key);
	if (to && copy) {
		memcpy(to, ptr, copy);
		sys_sync_heap_free(heap, ptr);
	}
	return to;
}

/**
 * sys_sync_heap_realloc() - change the size of a block
 * @heap: heap
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives the block back
 *
 * Context: threads.
 * Return: as sys_sync_heap_aligned_realloc().
 */
void *sys_sync_heap_realloc(struct sys_sync_heap *heap, void *ptr, size_t bytes)
{
	return sys_sync_heap_aligned_realloc(heap, ptr, 0, bytes);
}

/**
 * sys_sync_heap_free() - give a block back
 * @heap: heap
 * @mem: block, or NULL; anything else is treated as sys_heap_free() does
 *
 * Context: any.
 */
void sys_sync_heap_free(struct sys_sync_heap *heap, void *mem)
{
	unsigned long key;

	if (!heap)
		return;
	key = mrig_lock_enter(&heap->lock);
	sys_heap_free(&heap->heap, mem);
	mrig_lock_leave(&heap->lock, key);
}

/**
 * sys_sync_heap_runtime_stats_get() - usable bytes in live and in free blocks, and the peak
 * @heap: heap
 * @stats: filled in, under the lock
 *
 * Context: threads.
 * Return: 0, or -EINVAL if either is NULL.
 */
int sys_sync_heap_runtime_stats_get(struct sys_sync_heap *heap, struct sys_memory_stats *stats)
{
	unsigned long key;
	int err;

	if (!may_call(heap))
		return -EINVAL;
	key = mrig_lock_enter(&heap->lock);
	err = sys_heap_runtime_stats_get(&heap->heap, stats);
	mrig_lock_leave(&heap->lock, key);
	return err;
}

/**
 * sys_sync_heap_runtime_stats_reset_max() - forget the peak
 * @heap: heap
 *
 * Context: threads.
 * Return: 0, or -EINVAL if @heap is NULL.
 */
int sys_sync_heap_runtime_stats_reset_max(struct sys_sync_heap *heap)
{
	unsigned long key;
	int err;

	if (!may_call(heap))
		return -EINVAL;
	key = mrig_lock_enter(&heap->lock);
	err = sys_heap_runtime_stats_reset_max(&heap->heap);
	mrig_lock_leave(&heap->lock, key);
	return err;
}
