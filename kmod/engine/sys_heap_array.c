// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_heap: a global array of heaps, for tools that want to visit them all.
 *
 * Heaps are never removed: save only those that live as long as the program. Not locked.
 */
#include "sys_heap.h"

#define SYS_HEAP_ARRAY_ROOM	64

static struct sys_heap *saved[SYS_HEAP_ARRAY_ROOM];
static int nr_saved;

/**
 * sys_heap_array_save() - enter a heap into the array
 * @heap: heap; entering it again changes nothing
 *
 * Return: 0, or -EINVAL for NULL or when the array is full.
 */
int sys_heap_array_save(struct sys_heap *heap)
{
	int i;

	if (!heap)
		return -EINVAL;
	for (i = 0; i < nr_saved; i++) {
		if (saved[i] == heap)
			return 0;
	}
	if (nr_saved == SYS_HEAP_ARRAY_ROOM)
		return -EINVAL;
	saved[nr_saved++] = heap;
	return 0;
}

/**
 * sys_heap_array_get() - the array of heaps
 * @heap: set to the array
 *
 * Return: number of heaps in it, or -EINVAL for NULL.
 */
int sys_heap_array_get(struct sys_heap ***heap)
{
	if (!heap)
		return -EINVAL;
	*heap = saved;
	return nr_saved;
}
