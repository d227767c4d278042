// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Under test: contiguous runs of blocks of 64 bytes, as sys_mem_blocks needs them. */
#include <stdlib.h>

#include "adapter.h"
#include "mem_blocks_core.h"

#define BLOCK 64

static struct mrig_blocks *blocks;
static size_t side, live;

static void *blocks_init(void *mem, size_t size, const struct bench_level *level)
{
	uint32_t num = (uint32_t)(size / BLOCK);

	free(blocks);
	side = mrig_blocks_control_bytes(num);
	live = 0;
	blocks = calloc(1, side);
	if (!blocks || mrig_blocks_init(blocks, (uintptr_t)mem, BLOCK, num))
		return NULL;
	return blocks;
}

static intptr_t blocks_alloc(void *heap, size_t bytes)
{
	void *block = NULL;

	mrig_blocks_alloc_contiguous(heap, (bytes + BLOCK - 1) / BLOCK, &block);
	live += !!block;
	return (intptr_t)block;
}

static void blocks_free(void *heap, intptr_t handle, size_t bytes)
{
	live -= !mrig_blocks_free_contiguous(heap, (void *)handle, (bytes + BLOCK - 1) / BLOCK);
}

static bool blocks_validate(void *heap)
{
	return mrig_blocks_validate(heap);
}

static size_t blocks_live(void *heap)
{
	return live;
}

static size_t blocks_side(void *heap)
{
	return side;
}

const struct bench_adapter bench_adapter = {
	.name = "blocks",
	.flags = BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH,
	.min_align = BLOCK,
	.init = blocks_init,
	.alloc = blocks_alloc,
	.free = blocks_free,
	.validate = blocks_validate,
	.live = blocks_live,
	.side_bytes = blocks_side,
};
