// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Under test: the heap with its headers inside the region, by the calls Zephyr programs use. */
#include "adapter.h"
#include "mrig_inband.h"

static struct sys_heap sys_heap;

static void *inband_init(void *mem, size_t size, const struct bench_level *level)
{
	const struct sys_heap_opts opts = {
		.hardening = (uint8_t)level->hardening,
		.stats = level->stats,
	};

	sys_heap = (struct sys_heap){ 0 };
	return sys_heap_init_opts(&sys_heap, mem, size, &opts) ? NULL : &sys_heap;
}

static intptr_t inband_alloc(void *heap, size_t bytes)
{
	return (intptr_t)sys_heap_alloc(heap, bytes);
}

static intptr_t inband_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)sys_heap_aligned_alloc(heap, align, bytes);
}

static void inband_free(void *heap, intptr_t handle, size_t bytes)
{
	sys_heap_free(heap, (void *)handle);
}

static intptr_t inband_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes)
{
	return (intptr_t)sys_heap_realloc(heap, (void *)handle, bytes);
}

static bool inband_validate(void *heap)
{
	return sys_heap_validate(heap);
}

static size_t inband_live(void *heap)
{
	struct mrig_heap_info info;

	mrig_inband_info(heap, &info);
	return info.live_blocks;
}

const struct bench_adapter bench_adapter = {
	.name = "inband",
	.min_align = sizeof(void *),
	.init = inband_init,
	.alloc = inband_alloc,
	.aligned = inband_aligned,
	.free = inband_free,
	.realloc = inband_realloc,
	.validate = inband_validate,
	.live = inband_live,
};
