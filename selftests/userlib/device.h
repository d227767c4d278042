/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of libmemrig on the real device start from: a session, a region of cached pages,
 * and a heap of the kernel over it.
 */
#ifndef MEMRIG_USERLIB_DEVICE_H
#define MEMRIG_USERLIB_DEVICE_H

#include <errno.h>
#include <string.h>

#include <memrig/memrig.h>

#include "harness.h"

#define LENGTH (256u << 10)

static inline memrig_region_t *make_region(memrig_t *rig, uint32_t attr, uint32_t flags)
{
	struct memrig_region_create args = {
		.size = sizeof(args),
		.kind = MEMRIG_KIND_PAGES,
		.attr = attr,
		.flags = flags,
		.length = LENGTH,
		.node = MEMRIG_NODE_ANY,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
	};
	memrig_region_t *region;

	return memrig_region_create(rig, &args, &region) ? NULL : region;
}

static inline memrig_heap_t *make_heap(memrig_region_t *region, uint32_t placement)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = placement,
		.hardening = 1,
		.flags = MEMRIG_HEAP_STATS,
	};
	memrig_heap_t *heap;

	return memrig_heap_create(region, &args, &heap) ? NULL : heap;
}

FIXTURE(device)
{
	memrig_t *rig;
	memrig_region_t *region;
	memrig_heap_t *heap;
};

FIXTURE_SETUP(device)
{
	ASSERT_EQ(0, memrig_open(&self->rig));
	self->region = make_region(self->rig, MEMRIG_ATTR_CACHED, 0);
	ASSERT_NE(NULL, self->region);
	self->heap = make_heap(self->region, MEMRIG_PLACEMENT_OOB);
	ASSERT_NE(NULL, self->heap);
}

FIXTURE_TEARDOWN(device)
{
	memrig_heap_close(self->heap);
	memrig_region_close(self->region);
	memrig_close(self->rig);
}

#endif /* MEMRIG_USERLIB_DEVICE_H */
