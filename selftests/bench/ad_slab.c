// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Anchor: a last-in-first-out list of blocks of 64 bytes, the floor of pools. */
#include "adapter.h"

#define BLOCK 64

static struct slab {
	void *head;
} slab;

static void *slab_init(void *mem, size_t size, const struct bench_level *level)
{
	char *start = mem;
	size_t i;

	slab.head = NULL;
	for (i = size / BLOCK; i-- > 0;) {
		*(void **)(start + i * BLOCK) = slab.head;
		slab.head = start + i * BLOCK;
	}
	return &slab;
}

static intptr_t slab_alloc(void *heap, size_t bytes)
{
	struct slab *s = heap;
	void *p = s->head;

	if (p)
		s->head = *(void **)p;
	return (intptr_t)p;
}

static void slab_free(void *heap, intptr_t handle, size_t bytes)
{
	struct slab *s = heap;

	*(void **)handle = s->head;
	s->head = (void *)handle;
}

const struct bench_adapter bench_adapter = {
	.name = "slab64",
	.flags = BENCH_FIXED | BENCH_NOALIGN | BENCH_NOREALLOC,
	.min_align = 16,
	.init = slab_init,
	.alloc = slab_alloc,
	.free = slab_free,
};
