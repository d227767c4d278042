// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An allocator with one seeded fault, named by $BENCH_FAULT, to prove that the driver's checks can
 * fail: a bump allocator whose region is large enough never to wrap, so that without a fault every
 * check passes.
 *
 *   none      no fault
 *   overlap   some blocks begin inside their left neighbour
 *   align     some blocks are not aligned
 *   outside   some blocks end beyond the region
 *   scribble  free writes into the right neighbour
 *   leak      free is forgotten by the books
 *   touch     the region is accessed although it must not be
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"

#define SOMETIMES 1024 /* every so many allocations */

static struct faulty {
	const char *fault;
	size_t at;
	size_t end;
	size_t live;
	size_t count;
	char *base;
} faulty;

static bool has(const char *fault)
{
	return !strcmp(faulty.fault, fault);
}

static void *faulty_init(void *mem, size_t size, const struct bench_level *level)
{
	const char *fault = getenv("BENCH_FAULT");

	faulty = (struct faulty){ .fault = fault ? fault : "none", .end = size, .base = mem };
	return &faulty;
}

static intptr_t faulty_alloc(void *heap, size_t bytes)
{
	struct faulty *f = heap;
	bool now = ++f->count % SOMETIMES == 0;
	size_t off;

	bytes = (bytes + 15) & ~15UL;
	if (f->end - f->at < bytes)
		return -1;
	off = f->at;
	f->at += bytes;
	f->live++;
	if (now && has("overlap"))
		off -= 16;
	if (now && has("align"))
		off += 4;
	if (now && has("outside"))
		off = (f->end - 16) & ~15UL;
	if (now && has("touch"))
		f->base[off] = 1;
	return (intptr_t)off;
}

static void faulty_free(void *heap, intptr_t handle, size_t bytes)
{
	struct faulty *f = heap;
	char *beyond = (char *)bench_view(f->base + handle) + ((bytes + 15) & ~15UL);

	if (has("scribble"))
		*beyond ^= 1;
	if (!has("leak"))
		f->live--;
}

static size_t faulty_live(void *heap)
{
	return ((struct faulty *)heap)->live;
}

const struct bench_adapter bench_adapter = {
	.name = "faulty",
	.flags = BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_OFFSET | BENCH_NOTOUCH,
	.min_align = 16,
	.init = faulty_init,
	.alloc = faulty_alloc,
	.free = faulty_free,
	.live = faulty_live,
};
