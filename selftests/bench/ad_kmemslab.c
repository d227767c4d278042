// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Under test: the slab that threads share, uncontended, by the calls Zephyr programs use. */
#include <stdlib.h>

#include "adapter.h"
#include "k_mem_slab.h"
#include "mem_slab_core.h"

#define BLOCK 64

static struct k_mem_slab slab;
static struct k_mem_slab_opts opts;

static void *slab_init(void *mem, size_t size, const struct bench_level *level)
{
	uint32_t num = (uint32_t)(size / BLOCK);

	free(opts.side);
	opts.side_bytes = MRIG_MEM_SLAB_SIDE_BYTES(num);
	opts.side = malloc(opts.side_bytes);
	return k_mem_slab_init_opts(&slab, mem, BLOCK, num, &opts) ? NULL : &slab;
}

static intptr_t slab_alloc(void *heap, size_t bytes)
{
	/* next to the slab: their addresses have a bit in common, see k_mem_slab_alloc() */
	static void *block;

	k_mem_slab_alloc(heap, &block, K_NO_WAIT);
	return (intptr_t)block;
}

static void slab_free(void *heap, intptr_t handle, size_t bytes)
{
	k_mem_slab_free(heap, (void *)handle);
}

static bool slab_validate(void *heap)
{
	return mrig_slab_validate(&slab.core);
}

static size_t slab_live(void *heap)
{
	return k_mem_slab_num_used_get(heap);
}

static size_t slab_side(void *heap)
{
	return opts.side_bytes;
}

const struct bench_adapter bench_adapter = {
	.name = "kmemslab",
	.flags = BENCH_FIXED | BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH,
	.min_align = 16,
	.init = slab_init,
	.alloc = slab_alloc,
	.free = slab_free,
	.validate = slab_validate,
	.live = slab_live,
	.side_bytes = slab_side,
};
