// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What must hold for every block: where it may lie, that its bytes stay what was written, and that
 * the allocator's own books agree. Any violation ends the program.
 */
#include <error.h>
#include <stdlib.h>

#include "bench.h"

static uint8_t pattern(uint32_t key, size_t i)
{
	return (uint8_t)((key * 131u) ^ (i * 7 + (i >> 8)));
}

/**
 * bench_fill() - write a block's payload
 * @key: what tells this block from others
 * @handle: the block
 * @from: first byte
 * @to: byte after the last
 */
void bench_fill(uint32_t key, intptr_t handle, size_t from, size_t to)
{
	uint8_t *p = bench_view(bench_ptr(handle));
	size_t i;

	for (i = from; i < to; i++)
		p[i] = pattern(key, i);
}

/**
 * bench_verify() - payload must be what bench_fill() wrote
 * @key: as given then
 * @handle: the block
 * @bytes: so many from its start on
 */
void bench_verify(uint32_t key, intptr_t handle, size_t bytes)
{
	const uint8_t *p = bench_view(bench_ptr(handle));
	size_t i;

	for (i = 0; i < bytes; i++) {
		if (p[i] != pattern(key, i))
			error(EXIT_FAILURE, 0, "%s: block %u: byte %zu of %zu was overwritten",
			      bench_adapter.name, key, i, bytes);
	}
}

/**
 * bench_place() - a block must lie inside the region and be aligned
 * @handle: the block
 * @bytes: its size
 * @align: what was asked for, 1 for nothing
 */
void bench_place(intptr_t handle, size_t bytes, size_t align)
{
	size_t least = bytes < bench_adapter.min_align ? 8 : bench_adapter.min_align;
	uintptr_t at = (uintptr_t)bench_ptr(handle), start = (uintptr_t)run.region;

	if ((at & (align - 1)) || (at & (least - 1)))
		error(EXIT_FAILURE, 0, "%s: block at %#lx is not aligned to %zu",
		      bench_adapter.name, at, align > least ? align : least);
	if (bench_adapter.flags & BENCH_EXTERNAL)
		return;
	if (at < start || bytes > run.heap || at - start > run.heap - bytes)
		error(EXIT_FAILURE, 0, "%s: block of %zu bytes at %#lx is outside the region",
		      bench_adapter.name, bytes, at);
}

/**
 * bench_sound() - the allocator's own books must be in order
 * @heap: heap
 * @live: blocks that are live in the model
 * @when: for the message
 */
void bench_sound(void *heap, size_t live, const char *when)
{
	if (bench_adapter.validate && !bench_adapter.validate(heap))
		error(EXIT_FAILURE, 0, "%s: not valid %s", bench_adapter.name, when);
	if (bench_adapter.live && bench_adapter.live(heap) != live)
		error(EXIT_FAILURE, 0, "%s: %zu live blocks instead of %zu %s", bench_adapter.name,
		      bench_adapter.live(heap), live, when);
	if (bench_adapter.claimed_bytes && bench_adapter.side_bytes &&
	    bench_adapter.claimed_bytes(heap) > bench_adapter.side_bytes(heap))
		error(EXIT_FAILURE, 0, "%s: claims %zu bytes of bookkeeping, has %zu",
		      bench_adapter.name, bench_adapter.claimed_bytes(heap),
		      bench_adapter.side_bytes(heap));
}
