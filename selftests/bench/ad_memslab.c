// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Under test: fixed-size blocks, by address as k_mem_slab needs them, and by number, the core of
 * pools. The region is not touched. One program per adapter: the linker makes one of those below
 * bench_adapter.
 */
#include <stdlib.h>

#include "adapter.h"
#include "mem_slab_core.h"

#define BLOCK 64

static struct mrig_slab *slab;
static size_t side;

static void *slab_init(void *mem, size_t size, const struct bench_level *level)
{
	uint32_t num = (uint32_t)(size / BLOCK);

	free(slab);
	side = mrig_slab_control_bytes(num);
	slab = calloc(1, side);
	if (!slab || mrig_slab_init(slab, (uintptr_t)mem, BLOCK, num))
		return NULL;
	return slab;
}

static intptr_t slab_alloc(void *heap, size_t bytes)
{
	return (intptr_t)mrig_slab_alloc(heap);
}

static void slab_free(void *heap, intptr_t handle, size_t bytes)
{
	mrig_slab_free(heap, (void *)handle);
}

static intptr_t pool_alloc(void *heap, size_t bytes)
{
	return mrig_slab_take(heap);
}

static void pool_free(void *heap, intptr_t handle, size_t bytes)
{
	mrig_slab_put(heap, (uint64_t)handle);
}

static bool slab_validate(void *heap)
{
	return mrig_slab_validate(heap);
}

static size_t slab_live(void *heap)
{
	struct mrig_slab_info info;

	mrig_slab_get_info(heap, &info);
	return info.used;
}

static size_t slab_side(void *heap)
{
	return side;
}

const struct bench_adapter adapter_memslab = {
	.name = "memslab",
	.flags = BENCH_FIXED | BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH,
	.min_align = 16,
	.init = slab_init,
	.alloc = slab_alloc,
	.free = slab_free,
	.validate = slab_validate,
	.live = slab_live,
	.side_bytes = slab_side,
};

const struct bench_adapter adapter_pool = {
	.name = "pool",
	.flags = BENCH_FIXED | BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH | BENCH_NUMBER,
	.min_align = 16,
	.init = slab_init,
	.alloc = pool_alloc,
	.free = pool_free,
	.validate = slab_validate,
	.live = slab_live,
	.side_bytes = slab_side,
};
