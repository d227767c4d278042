// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Under test: an engine other than sys_heap through the interface by which the device and a replay
 * use it, in a control block and with side memory from the C library. The region is mapped without
 * access rights. ENGINE says which; blocks have 64 bytes.
 */
#include <stdlib.h>

#include "adapter.h"
#include "mrig_engine.h"

#define BLOCK	       64
#define VALIDATE_BATCH 4096
#define JOIN(a, b)     a##b
#define OPS_OF(name)   JOIN(mrig_heap_, name)
#define OPS	       OPS_OF(ENGINE)
#define STRING(x)      #x
#define NAME_OF(name)  STRING(name)

static struct engine {
	struct mrig_heap heap;
	uintptr_t base;
} engine;

static void engine_fini(void)
{
	void *mem;

	if (!engine.heap.control)
		return;
	while ((mem = OPS.drain(&engine.heap)))
		free(mem);
	free(engine.heap.control);
	engine.heap.control = NULL;
}

static void *engine_init(void *mem, size_t size, const struct bench_level *level)
{
	const struct mrig_heap_cfg cfg = {
		.base = (uintptr_t)mem,
		.bytes = size,
		.block_size = BLOCK,
		.hardening = (uint8_t)level->hardening,
		.stats = level->stats,
		.tags = level->tags,
	};
	size_t bytes = OPS.control_bytes(&cfg);
	void *control;

	engine_fini();
	engine.base = cfg.base;
	control = bytes ? calloc(1, bytes) : NULL;
	if (!control || OPS.init(&engine.heap, control, &cfg)) {
		free(control);
		engine.heap.control = NULL;
		return NULL;
	}
	return &engine.heap;
}

static intptr_t engine_alloc(void *heap, size_t bytes)
{
	return OPS.alloc(heap, 0, bytes);
}

static intptr_t engine_aligned(void *heap, size_t align, size_t bytes)
{
	return OPS.alloc(heap, align, bytes);
}

static void engine_free(void *heap, intptr_t handle, size_t bytes)
{
	OPS.free(heap, (uint64_t)handle);
}

static void *payload(intptr_t handle)
{
	return bench_view((void *)(engine.base + (uintptr_t)handle));
}

static intptr_t engine_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes)
{
	int err = OPS.resize(heap, (uint64_t)handle, bytes);
	int64_t moved;

	if (!err)
		return handle;
	if (err != -ENOMEM)
		return err;
	moved = OPS.alloc(heap, 0, bytes);
	if (moved < 0)
		return moved;
	memcpy(payload(moved), payload(handle), old_bytes < bytes ? old_bytes : bytes);
	OPS.free(heap, (uint64_t)handle);
	return moved;
}

static bool engine_refill(void *heap, intptr_t handle)
{
	struct mrig_want want = { 0 };
	void *mem;

	if (handle != -EAGAIN)
		return false;
	OPS.want(heap, &want);
	mem = want.bytes ? calloc(1, want.bytes) : NULL;
	if (!mem)
		return false;
	free(OPS.feed(heap, &want, mem));
	return true;
}

static bool engine_validate(void *heap)
{
	struct mrig_fault fault;
	uint64_t cursor = 0;

	do {
		if (OPS.validate(heap, &cursor, VALIDATE_BATCH, &fault))
			return false;
	} while (cursor);
	return true;
}

static struct mrig_heap_info figures(void)
{
	struct mrig_heap_info info;

	OPS.info(&engine.heap, &info);
	return info;
}

static size_t engine_live(void *heap)
{
	return figures().live_blocks;
}

static size_t engine_records(void *heap)
{
	struct mrig_heap_info info = figures();

	return info.live_blocks + info.free_blocks;
}

static size_t engine_side(void *heap)
{
	return figures().side_bytes;
}

const struct bench_adapter bench_adapter = {
	.name = "heap_" NAME_OF(ENGINE),
	.flags = BENCH_OFFSET | BENCH_NOTOUCH | ENGINE_FLAGS,
	.min_align = sizeof(void *),
	.init = engine_init,
	.alloc = engine_alloc,
	.aligned = engine_aligned,
	.free = engine_free,
	.realloc = engine_realloc,
	.refill = engine_refill,
	.validate = engine_validate,
	.live = engine_live,
	.records = engine_records,
	.side_bytes = engine_side,
	.claimed_bytes = engine_side,
};
