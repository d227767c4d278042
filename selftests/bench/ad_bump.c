// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Anchor: a pointer that moves up and starts over at the end of the region; free does nothing.
 * No allocator can be cheaper.
 */
#include "adapter.h"

#define ROUND(n) (((n) + 15) & ~15UL)

static struct bump {
	char *at;
	char *start;
	char *end;
} bump;

static void *bump_init(void *mem, size_t size, const struct bench_level *level)
{
	bump.at = mem;
	bump.start = mem;
	bump.end = (char *)mem + size;
	return &bump;
}

static intptr_t bump_alloc(void *heap, size_t bytes)
{
	struct bump *b = heap;
	char *p = b->at, *next = p + ROUND(bytes);

	if (__builtin_expect(next > b->end, 0)) {
		p = b->start;
		next = p + ROUND(bytes);
	}
	b->at = next;
	return (intptr_t)p;
}

static intptr_t bump_aligned(void *heap, size_t align, size_t bytes)
{
	struct bump *b = heap;

	b->at = (char *)(((uintptr_t)b->at + align - 1) & ~(align - 1));
	return bump_alloc(b, bytes);
}

static void bump_free(void *heap, intptr_t handle, size_t bytes)
{
}

const struct bench_adapter bench_adapter = {
	.name = "bump",
	.flags = BENCH_NOFREE | BENCH_NOREALLOC,
	.min_align = 16,
	.init = bump_init,
	.alloc = bump_alloc,
	.aligned = bump_aligned,
	.free = bump_free,
};
