// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The same engines without a device: a heap over an array, and Zephyr's own names.
 */
#include <stdio.h>
#include <stdlib.h>

#include <memrig/memrig.h>
#include <memrig/sys_heap.h>

static char array[4096] __attribute__((aligned(64)));

static int library_heap(void)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = MEMRIG_PLACEMENT_INBAND,
		.hardening = 1,
		.flags = MEMRIG_HEAP_STATS,
	};
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap;
	void *block;

	if (memrig_local_create(array, sizeof(array), &args, &heap))
		return EXIT_FAILURE;
	if (memrig_heap_alloc(heap, 0, 1000, &block) || memrig_heap_stat(heap, &stat)) {
		memrig_heap_close(heap);
		return EXIT_FAILURE;
	}
	printf("%llu bytes in use, the largest free block has %llu\n",
	       (unsigned long long)stat.allocated_bytes, (unsigned long long)stat.largest_free);
	memrig_heap_close(heap);
	return EXIT_SUCCESS;
}

static int zephyr_heap(void)
{
	struct sys_heap heap;
	void *block;

	sys_heap_init(&heap, array, sizeof(array));
	block = sys_heap_aligned_alloc(&heap, 64, 1000);
	if (!block)
		return EXIT_FAILURE;
	printf("%zu usable bytes\n", sys_heap_usable_size(&heap, block));
	sys_heap_free(&heap, block);
	return sys_heap_validate(&heap) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void)
{
	int ret = library_heap();

	return ret ? ret : zephyr_heap();
}
