// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Flows of the failure sweep: messages, and tracked blocks.
 */
#include "fail_flows.h"

/* A message that could not be delivered is still there. */
int flow_message(struct stage *s)
{
	int64_t got;
	int ret = heap_send(s->heap, s->block, 0);

	if (ret)
		return ret;
	got = heap_receive(s->heap);
	if (got < 0 && heap_receive(s->heap) != s->block)
		return -EUCLEAN;
	return got < 0 ? got : 0;
}

static int tracked_blocks(int heap)
{
	struct memrig_alloc arg = ARG(memrig_alloc, .bytes = 100, .site = (uintptr_t) "sweep:1");
	struct memrig_track_entry entry;
	int ret = heap_alloc_full(heap, &arg);
	int64_t moved, found;

	if (ret)
		return ret;
	moved = heap_realloc(heap, arg.offset, 100, 4096, 0);
	if (moved < 0)
		return moved;
	found = heap_tracked(heap, &entry, 1, 4);
	if (found < 0)
		return found;
	if (found != 1 || entry.offset != (uint64_t)moved || strcmp((char *)entry.site, "sweep:1"))
		return -EUCLEAN;
	return 0;
}

int flow_tracked(struct stage *s)
{
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .flags = MEMRIG_HEAP_TRACK,
		    .placement = MEMRIG_PLACEMENT_OOB, .offset = FAIL_LENGTH);
	int ret = call(s->region, MEMRIG_IOC_HEAP_CREATE, &arg);

	if (ret)
		return ret;
	ret = tracked_blocks(arg.fd);
	close(arg.fd);
	return ret;
}
