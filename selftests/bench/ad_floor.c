// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Anchor: one last-in-first-out list per size, over a bump region; sized free, no header, no
 * coalescing. Not a general heap, memory never changes its size: the floor of instructions for
 * mixed sizes.
 */
#include <string.h>

#include "adapter.h"

#define SIZES (65536 / 16 + 2)

static struct lists {
	char *at;
	char *end;
	void *head[SIZES];
} lists;

static void *floor_init(void *mem, size_t size, const struct bench_level *level)
{
	memset(&lists, 0, sizeof(lists));
	lists.at = mem;
	lists.end = (char *)mem + size;
	return &lists;
}

static intptr_t floor_alloc(void *heap, size_t bytes)
{
	struct lists *l = heap;
	size_t c = (bytes + 15) >> 4;
	void *p = l->head[c];

	if (__builtin_expect(!!p, 1)) {
		l->head[c] = *(void **)p;
		return (intptr_t)p;
	}
	if ((size_t)(l->end - l->at) < c << 4)
		return 0;
	p = l->at;
	l->at += c << 4;
	return (intptr_t)p;
}

static void floor_free(void *heap, intptr_t handle, size_t bytes)
{
	struct lists *l = heap;
	size_t c = (bytes + 15) >> 4;

	*(void **)handle = l->head[c];
	l->head[c] = (void *)handle;
}

const struct bench_adapter bench_adapter = {
	.name = "floor",
	.flags = BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_SMALLMAX,
	.min_align = 16,
	.init = floor_init,
	.alloc = floor_alloc,
	.free = floor_free,
};
