// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_heap: a description of a heap in words, through the port's sink for text.
 */
#include "heap_inband.h"

/* Free blocks of one class. */
static void print_class(HEAP *h, mrig_id c)
{
	mrig_id b, least = 0, most = 0;
	uint32_t n = 0;

	for (b = words(h)[c]; b; b = *blk_next(h, b)) {
		mrig_id u = blk_units(h, b);

		if (!n++ || u < least)
			least = u;
		if (u > most)
			most = u;
		if (n >= h->core.blocks)
			break;
	}
	mrig_port_print("%8u %8u %12zu %12zu\n", (unsigned int)c, n,
			(size_t)least * MRIG_UNIT, (size_t)most * MRIG_UNIT);
}

static void print_blocks(HEAP *h)
{
	struct mrig_block blk;
	uint64_t cursor = 0;

	mrig_port_print("blocks:      offset       usable\n");
	while (mrig_inband_walk(h, &cursor, &blk, 1)) {
		mrig_port_print("%s %12llu %12llu\n", blk.used ? "used " : "free ",
				(unsigned long long)blk.offset, (unsigned long long)blk.bytes);
	}
}

/**
 * sys_heap_print_info() - describe a heap
 * @heap: heap
 * @dump_chunks: list all blocks as well
 *
 * Offsets, never addresses. Read-only.
 */
void sys_heap_print_info(struct sys_heap *heap, bool dump_chunks)
{
	struct mrig_heap_info info;
	uint64_t used, free;
	mrig_id c;

	if (heap->core.flags & MRIG_HEAP_FENCED) {
		mrig_port_print("heap is fenced off\n");
		return;
	}
	mrig_inband_info(heap, &info);
	mrig_port_print("   class   blocks        least         most (bytes of free blocks)\n");
	for (c = CLASS_BASE; !inband_whole(heap) && mrig_class_next(&heap->core, &c); c++)
		print_class(heap, c);
	if (dump_chunks)
		print_blocks(heap);
	used = mrig_core_allocated(&heap->core);
	free = mrig_core_free(&heap->core);
	mrig_port_print("%llu usable bytes in %llu live blocks, %llu in %llu free blocks\n",
			(unsigned long long)used, (unsigned long long)info.live_blocks,
			(unsigned long long)free, (unsigned long long)info.free_blocks);
	mrig_port_print("overhead %llu bytes (%u permille), ", (unsigned long long)info.side_bytes,
			mrig_permille(info.side_bytes, used + free + info.side_bytes));
	mrig_port_print("largest free %llu, fragmentation %u permille\n",
			(unsigned long long)info.largest_free, info.frag_permille);
}
