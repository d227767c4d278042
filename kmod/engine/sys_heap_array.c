// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_heap: a global array of heaps, for tools that want to visit them all.
 *
 * A heap that does not live as long as the program is to be removed before its end. Not locked.
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
 * sys_heap_array_remove() - take a heap out of the array
 * @heap: heap
 *
 * Return: 0, -EINVAL for NULL, or -ENOENT if it is not there.
 */
int sys_heap_array_remove(struct sys_heap *heap)
{
	int i = 0;

	if (!heap)
		return -EINVAL;
	while (i < nr_saved && saved[i] != heap)
		i++;
	if (i == nr_saved)
		return -ENOENT;
	saved[i] = saved[--nr_saved];
	saved[nr_saved] = NULL;
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
