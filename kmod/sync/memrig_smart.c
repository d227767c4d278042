// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Buffer manager with a lock: requests and blocks; see memrig_smart.h. Its tiers and heaps are in
 * smart_parts.c.
 *
 * Work under the lock is in proportion to the number of heaps. Payload is copied without it.
 */
#include "smart_part.h"

/**
 * memrig_smart_aligned_alloc() - allocate from the tier that fits, or what is behind it
 * @smart: buffer manager
 * @align: 0, a power of two, or as sys_heap_aligned_alloc(); tiers whose blocks do not have it are
 *	passed over
 * @bytes: size
 *
 * Context: any; as memrig_smh_alloc().
 * Return: memory that is not cleared; NULL for a shortage, 0 bytes, or what is no alignment.
 */
void *memrig_smart_aligned_alloc(struct memrig_smart *smart, size_t align, size_t bytes)
{
	unsigned long key;
	uint64_t addr = 0;
	int err;

	if (!mrig_is_smart(smart))
		return NULL;
	key = mrig_lock_enter(&smart->lock);
	do
		err = mrig_smart_alloc(&smart->smart, align, bytes, &addr);
	while (err == -EAGAIN && !mrig_span_feed(&smart->lock, &key, &smart->smart.heaps));
	mrig_lock_leave(&smart->lock, key);
	return err ? NULL : (void *)(uintptr_t)addr;
}

/**
 * memrig_smart_alloc() - allocate from the tier that fits, or what is behind it
 * @smart: buffer manager
 * @bytes: size
 *
 * Return: as memrig_smart_aligned_alloc().
 */
void *memrig_smart_alloc(struct memrig_smart *smart, size_t bytes)
{
	return memrig_smart_aligned_alloc(smart, 0, bytes);
}

/**
 * memrig_smart_calloc() - allocate cleared memory for an array
 * @smart: buffer manager
 * @num: elements
 * @size: bytes of each
 *
 * Return: as memrig_smart_alloc(); NULL also if there is no such size.
 */
void *memrig_smart_calloc(struct memrig_smart *smart, size_t num, size_t size)
{
	size_t bytes;
	void *mem;

	if (__builtin_mul_overflow(num, size, &bytes))
		return NULL;
	mem = memrig_smart_alloc(smart, bytes);
	if (mem)
		memset(mem, 0, bytes);
	return mem;
}

/**
 * memrig_smart_free() - give a block back to where it is from
 * @smart: buffer manager
 * @ptr: block
 *
 * Return: 0; -EINVAL for NULL or an address inside a block of a tier; -EALREADY for a block of a
 * tier that is free; -ENOENT if no block can start there; -EIO if its heap is, or has just been
 * found, corrupted.
 */
int memrig_smart_free(struct memrig_smart *smart, void *ptr)
{
	unsigned long key;
	int err;

	if (!mrig_is_smart(smart) || !ptr)
		return -EINVAL;
	key = mrig_lock_enter(&smart->lock);
	err = mrig_smart_free(&smart->smart, (uintptr_t)ptr);
	mrig_lock_leave(&smart->lock, key);
	return err;
}

/**
 * memrig_smart_realloc() - change the size of a block, which may move between tiers and heaps
 * @smart: buffer manager
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives it back
 *
 * A block of a tier stays as long as it is large enough.
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched), @ptr is no live
 * block, or @bytes is 0.
 */
void *memrig_smart_realloc(struct memrig_smart *smart, void *ptr, size_t bytes)
{
	struct mrig_move move;
	unsigned long key;
	int err;

	if (!mrig_is_smart(smart) || !ptr)
		return memrig_smart_alloc(smart, bytes);
	if (!bytes) {
		memrig_smart_free(smart, ptr);
		return NULL;
	}
	key = mrig_lock_enter(&smart->lock);
	do
		err = mrig_smart_realloc(&smart->smart, (uintptr_t)ptr, 0, bytes, &move);
	while (err == -EAGAIN && !mrig_span_feed(&smart->lock, &key, &smart->smart.heaps));
	mrig_lock_leave(&smart->lock, key);
	if (err)
		return NULL;
	if (move.to != move.from) {
		memcpy((void *)(uintptr_t)move.to, ptr, (size_t)move.bytes);
		memrig_smart_free(smart, ptr);
	}
	return (void *)(uintptr_t)move.to;
}

/**
 * memrig_smart_usable_size() - bytes a block's user may write
 * @smart: buffer manager
 * @ptr: block
 *
 * Return: bytes, at least what was asked for; 0 if @ptr is no live block.
 */
size_t memrig_smart_usable_size(struct memrig_smart *smart, void *ptr)
{
	unsigned long key;
	int64_t usable;

	if (!mrig_is_smart(smart) || !ptr)
		return 0;
	key = mrig_lock_enter(&smart->lock);
	usable = mrig_smart_usable(&smart->smart, (uintptr_t)ptr);
	mrig_lock_leave(&smart->lock, key);
	return usable < 0 ? 0 : (size_t)usable;
}
