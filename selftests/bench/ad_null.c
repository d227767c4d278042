// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Anchor: always the same block. What remains is the cost of the driver. */
#include "adapter.h"

static void *null_init(void *mem, size_t size, const struct bench_level *level)
{
	return mem;
}

static intptr_t null_alloc(void *heap, size_t bytes)
{
	return (intptr_t)heap;
}

static intptr_t null_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)heap;
}

static void null_free(void *heap, intptr_t handle, size_t bytes)
{
}

static intptr_t null_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes)
{
	return handle;
}

const struct bench_adapter bench_adapter = {
	.name = "null",
	.flags = BENCH_NOFREE,
	.min_align = 16,
	.init = null_init,
	.alloc = null_alloc,
	.aligned = null_aligned,
	.free = null_free,
	.realloc = null_realloc,
};
