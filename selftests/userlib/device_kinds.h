/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Allocators of every engine on the real device.
 */
#ifndef MEMRIG_USERLIB_DEVICE_KINDS_H
#define MEMRIG_USERLIB_DEVICE_KINDS_H

#include "device.h"

/* A heap of @engine over a region of its own. */
static inline memrig_heap_t *make_kind(memrig_t *rig, uint32_t engine, uint64_t block_size,
				       uint32_t blocks)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = engine,
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
		.flags = MEMRIG_HEAP_STATS,
		.block_size = block_size,
		.num_blocks = blocks,
	};
	memrig_region_t *region = make_region(rig, MEMRIG_ATTR_CACHED, 0);
	memrig_heap_t *heap = NULL;

	if (!region)
		return NULL;
	memrig_heap_create(region, &args, &heap);
	memrig_region_close(region);
	return heap;
}

#endif /* MEMRIG_USERLIB_DEVICE_KINDS_H */
