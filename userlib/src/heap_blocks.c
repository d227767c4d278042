// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks by number: what heaps of the engine "blocks" can do besides.
 */
#include "priv.h"

int memrig_heap_blocks_get(memrig_heap_t *heap, uint64_t offset, uint64_t count)
{
	struct memrig_blocks_get args = { .size = sizeof(args), .offset = offset, .count = count };
	int ret = heap->ops->blocks_get(heap, &args);

	if (ret)
		return mrig_fail_with(__func__, ret, &(struct fail_info){ .reason = args.reason });
	return 0;
}

int memrig_heap_blocks_free(memrig_heap_t *heap, uint64_t offset, uint64_t count)
{
	struct memrig_blocks_free args = { .size = sizeof(args), .offset = offset, .count = count };
	int ret = heap->ops->blocks_free(heap, &args);

	return ret ? FAIL(ret) : 0;
}

int memrig_heap_blocks_is_free(memrig_heap_t *heap, uint64_t offset, uint64_t count)
{
	struct memrig_blocks_is_free args = {
		.size = sizeof(args),
		.offset = offset,
		.count = count,
	};
	int ret = heap->ops->blocks_is_free(heap, &args);

	return ret ? FAIL(ret) : args.free != 0;
}
