// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A deterministic load on a heap. The rig knows addresses, heaps of KERNEL_ONLY regions know
 * offsets only: the rig is given offsets + 1, which it never looks behind.
 */
#include <stdlib.h>

#include <memrig/sys_heap.h>

#include "fill.h"

#define OPS_MIN		2000
#define OPS_MAX		100000
#define BYTES_PER_OP	64	/* operations grow with the heap, between the bounds */

static void *fill_alloc(void *arg, size_t bytes)
{
	uint64_t offset;

	if (memrig_heap_alloc_at(arg, 0, bytes, &offset, NULL))
		return NULL;
	return (void *)(uintptr_t)(offset + 1);
}

static void fill_free(void *arg, void *ptr)
{
	memrig_heap_free_at(arg, (uintptr_t)ptr - 1);
}

int fill_heap(memrig_heap_t *heap, unsigned int percent)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct z_heap_stress_result result;
	uint64_t ops, total;
	size_t scratch_bytes;
	void *scratch;

	if (memrig_heap_stat(heap, &stat))
		return report();
	total = stat.length;
	if (total >= UINT32_MAX / 100)
		total = UINT32_MAX / 100 - 1;	/* what the rig can count to */
	ops = total / BYTES_PER_OP;
	ops = ops < OPS_MIN ? OPS_MIN : ops > OPS_MAX ? OPS_MAX : ops;
	scratch_bytes = ops * 2 * sizeof(void *);
	scratch = malloc(scratch_bytes);
	if (!scratch)
		return fail("out of memory");
	sys_heap_stress(fill_alloc, fill_free, heap, total, ops, scratch, scratch_bytes, percent,
			&result);
	free(scratch);
	return 0;
}
