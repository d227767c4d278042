// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Under test: contiguous runs of blocks of 64 bytes, and as many single ones as a request needs by
 * one call; of the engine, and of sys_mem_blocks, which threads share, uncontended. One program per
 * adapter: the linker makes one of those below bench_adapter.
 *
 * The handle of single blocks is the list of them; since they need not be neighbours, payload and
 * placement are not checked.
 */
#include <stdlib.h>

#include "adapter.h"
#include "mem_blocks_core.h"
#include "sys_mem_blocks.h"

#define BLOCK 64
#define MOST  16 /* blocks of a list */

struct list {
	struct list *next;
	void *block[MOST];
};

static struct mrig_blocks *blocks;
static sys_mem_blocks_t shared;
static struct list *lists, *idle;
static size_t side, live;

static size_t blocks_for(size_t bytes)
{
	return (bytes + BLOCK - 1) / BLOCK;
}

static void *engine_init(void *mem, size_t size, const struct bench_level *level)
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

static void *shared_init(void *mem, size_t size, const struct bench_level *level)
{
	uint32_t num = (uint32_t)(size / BLOCK);

	live = 0;
	side = MRIG_MEM_BLOCKS_SIDE_BYTES((size_t)num);
	if (mrig_mem_blocks_init(&shared, mem, BLOCK, num))
		return NULL;
	blocks = shared.core;
	return &shared;
}

static bool lists_init(size_t size)
{
	size_t i, num = size / BLOCK;

	free(lists);
	lists = calloc(num, sizeof(*lists));
	for (i = 0, idle = NULL; lists && i < num; i++) {
		lists[i].next = idle;
		idle = &lists[i];
	}
	return lists;
}

static void *engine_lists_init(void *mem, size_t size, const struct bench_level *level)
{
	return lists_init(size) ? engine_init(mem, size, level) : NULL;
}

static void *shared_lists_init(void *mem, size_t size, const struct bench_level *level)
{
	return lists_init(size) ? shared_init(mem, size, level) : NULL;
}

static intptr_t engine_alloc(void *heap, size_t bytes)
{
	void *block = NULL;

	mrig_blocks_alloc_contiguous(heap, blocks_for(bytes), &block);
	live += !!block;
	return (intptr_t)block;
}

static void engine_free(void *heap, intptr_t handle, size_t bytes)
{
	live -= !mrig_blocks_free_contiguous(heap, (void *)handle, blocks_for(bytes));
}

static intptr_t shared_alloc(void *heap, size_t bytes)
{
	void *block = NULL;

	sys_mem_blocks_alloc_contiguous(heap, blocks_for(bytes), &block);
	live += !!block;
	return (intptr_t)block;
}

static void shared_free(void *heap, intptr_t handle, size_t bytes)
{
	live -= !sys_mem_blocks_free_contiguous(heap, (void *)handle, blocks_for(bytes));
}

static intptr_t engine_list_alloc(void *heap, size_t bytes)
{
	struct list *list = idle;

	if (mrig_blocks_alloc(heap, blocks_for(bytes), list->block))
		return 0;
	idle = list->next;
	return (intptr_t)list;
}

static void engine_list_free(void *heap, intptr_t handle, size_t bytes)
{
	struct list *list = (struct list *)handle;

	/* a verified run has nothing else to go by */
	if (mrig_blocks_free(heap, blocks_for(bytes), list->block))
		abort();
	list->next = idle;
	idle = list;
}

static intptr_t shared_list_alloc(void *heap, size_t bytes)
{
	struct list *list = idle;

	if (sys_mem_blocks_alloc(heap, blocks_for(bytes), list->block))
		return 0;
	idle = list->next;
	return (intptr_t)list;
}

static void shared_list_free(void *heap, intptr_t handle, size_t bytes)
{
	struct list *list = (struct list *)handle;

	if (sys_mem_blocks_free(heap, blocks_for(bytes), list->block))
		abort();
	list->next = idle;
	idle = list;
}

static bool blocks_validate(void *heap)
{
	return mrig_blocks_validate(blocks);
}

static size_t blocks_live(void *heap)
{
	return live;
}

static size_t blocks_side(void *heap)
{
	return side;
}

#define RUN_FLAGS  (BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH)
#define LIST_FLAGS (RUN_FLAGS | BENCH_NOFREE | BENCH_EXTERNAL)

const struct bench_adapter adapter_blocks = {
	.name = "blocks",
	.flags = RUN_FLAGS,
	.min_align = BLOCK,
	.init = engine_init,
	.alloc = engine_alloc,
	.free = engine_free,
	.validate = blocks_validate,
	.live = blocks_live,
	.side_bytes = blocks_side,
};

const struct bench_adapter adapter_mem_blocks = {
	.name = "mem_blocks",
	.flags = RUN_FLAGS,
	.min_align = BLOCK,
	.init = shared_init,
	.alloc = shared_alloc,
	.free = shared_free,
	.validate = blocks_validate,
	.live = blocks_live,
	.side_bytes = blocks_side,
};

const struct bench_adapter adapter_blocklist = {
	.name = "blocklist",
	.flags = LIST_FLAGS,
	.min_align = sizeof(void *),
	.init = engine_lists_init,
	.alloc = engine_list_alloc,
	.free = engine_list_free,
	.validate = blocks_validate,
};

const struct bench_adapter adapter_mem_blocklist = {
	.name = "mem_blocklist",
	.flags = LIST_FLAGS,
	.min_align = sizeof(void *),
	.init = shared_lists_init,
	.alloc = shared_list_alloc,
	.free = shared_list_free,
	.validate = blocks_validate,
};
