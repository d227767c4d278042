// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Under test: as many single blocks of 64 bytes as a request needs, by one call. A handle is the
 * list of them; since they need not be neighbours, payload and placement are not checked here.
 */
#include <stdlib.h>

#include "adapter.h"
#include "mem_blocks_core.h"

#define BLOCK 64
#define MOST  16 /* blocks of a request */

struct list {
	struct list *next;
	void *block[MOST];
};

static struct mrig_blocks *blocks;
static struct list *lists, *idle;

static void *list_init(void *mem, size_t size, const struct bench_level *level)
{
	uint32_t num = (uint32_t)(size / BLOCK), i;

	free(blocks);
	free(lists);
	blocks = calloc(1, mrig_blocks_control_bytes(num));
	lists = calloc(num, sizeof(*lists));
	if (!blocks || !lists || mrig_blocks_init(blocks, (uintptr_t)mem, BLOCK, num))
		return NULL;
	for (i = 0, idle = NULL; i < num; i++) {
		lists[i].next = idle;
		idle = &lists[i];
	}
	return blocks;
}

static intptr_t list_alloc(void *heap, size_t bytes)
{
	struct list *list = idle;

	if (mrig_blocks_alloc(heap, (bytes + BLOCK - 1) / BLOCK, list->block))
		return 0;
	idle = list->next;
	return (intptr_t)list;
}

static void list_free(void *heap, intptr_t handle, size_t bytes)
{
	struct list *list = (struct list *)handle;

	if (mrig_blocks_free(heap, (bytes + BLOCK - 1) / BLOCK, list->block))
		abort();
	list->next = idle;
	idle = list;
}

static bool list_validate(void *heap)
{
	return mrig_blocks_validate(heap);
}

const struct bench_adapter bench_adapter = {
	.name = "blocklist",
	.flags = BENCH_NOALIGN | BENCH_NOREALLOC | BENCH_NOTOUCH | BENCH_NOFREE | BENCH_EXTERNAL,
	.min_align = 8,
	.init = list_init,
	.alloc = list_alloc,
	.free = list_free,
	.validate = list_validate,
};
