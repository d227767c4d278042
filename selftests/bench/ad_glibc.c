// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Anchor: the malloc of the process, which is the C library's or that of a library that is linked
 * before it. Not confined to the region, so it never runs out.
 */
#include <malloc.h>
#include <stdlib.h>

#include "adapter.h"

#ifndef BENCH_PROCESS
#define BENCH_PROCESS "glibc"
#endif

static int heap_of_the_process;

static void *glibc_init(void *mem, size_t size, const struct bench_level *level)
{
	return &heap_of_the_process;
}

static intptr_t glibc_alloc(void *heap, size_t bytes)
{
	return (intptr_t)malloc(bytes);
}

static intptr_t glibc_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)memalign(align, bytes);
}

static void glibc_free(void *heap, intptr_t handle, size_t bytes)
{
	free((void *)handle);
}

static intptr_t glibc_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes)
{
	return (intptr_t)realloc((void *)handle, bytes);
}

const struct bench_adapter bench_adapter = {
	.name = BENCH_PROCESS,
	.flags = BENCH_EXTERNAL,
	.min_align = 16,
	.init = glibc_init,
	.alloc = glibc_alloc,
	.aligned = glibc_aligned,
	.free = glibc_free,
	.realloc = glibc_realloc,
};
