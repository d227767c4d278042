// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Under test: the heap that threads share, uncontended, by the calls Zephyr programs use. */
#include "adapter.h"
#include "mrig_inband.h"
#include "k_heap.h"

static struct k_heap k_heap;

static void *kheap_init(void *mem, size_t size, const struct bench_level *level)
{
	const struct sys_heap_opts opts = {
		.hardening = (uint8_t)level->hardening,
		.stats = level->stats,
	};

	return k_heap_init_opts(&k_heap, mem, size, &opts) ? NULL : &k_heap;
}

static intptr_t kheap_alloc(void *heap, size_t bytes)
{
	return (intptr_t)k_heap_alloc(heap, bytes, K_NO_WAIT);
}

static intptr_t kheap_aligned(void *heap, size_t align, size_t bytes)
{
	return (intptr_t)k_heap_aligned_alloc(heap, align, bytes, K_NO_WAIT);
}

static void kheap_free(void *heap, intptr_t handle, size_t bytes)
{
	k_heap_free(heap, (void *)handle);
}

static intptr_t kheap_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes)
{
	return (intptr_t)k_heap_realloc(heap, (void *)handle, bytes, K_NO_WAIT);
}

static bool kheap_validate(void *heap)
{
	return sys_heap_validate(&((struct k_heap *)heap)->heap);
}

static size_t kheap_live(void *heap)
{
	struct mrig_heap_info info;

	mrig_inband_info(&((struct k_heap *)heap)->heap, &info);
	return info.live_blocks;
}

const struct bench_adapter bench_adapter = {
	.name = "kheap",
	.min_align = sizeof(void *),
	.init = kheap_init,
	.alloc = kheap_alloc,
	.aligned = kheap_aligned,
	.free = kheap_free,
	.realloc = kheap_realloc,
	.validate = kheap_validate,
	.live = kheap_live,
};
