// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Under test: the heap with its headers in a side table. The region is mapped without access
 * rights: an engine that reads or writes one byte of it ends the program.
 *
 * Side memory comes from the C library, between two attempts of a call and not counted, as the
 * kernel tops a heap up before it takes the lock. Every byte of it is accounted for here.
 */
#include <stdlib.h>

#include "adapter.h"
#include "mrig_oob.h"

#define VALIDATE_BATCH 4096

/* In front of every piece of side memory. */
struct piece {
	size_t bytes;
	size_t reserved; /* keeps what follows aligned as malloc() aligns */
};

static struct oob {
	struct mrig_heap heap;
	size_t side;
	uintptr_t base;
} oob;

static void *piece_new(size_t bytes)
{
	struct piece *p = calloc(1, sizeof(*p) + bytes);

	if (!p)
		return NULL;
	p->bytes = bytes;
	oob.side += bytes;
	return p + 1;
}

static void piece_free(void *mem)
{
	struct piece *p = mem;

	if (!p)
		return;
	p--;
	oob.side -= p->bytes;
	free(p);
}

static void oob_fini(void)
{
	void *mem;

	if (!oob.heap.control)
		return;
	while ((mem = mrig_heap_oob.drain(&oob.heap)))
		piece_free(mem);
	piece_free(oob.heap.control);
	oob.heap.control = NULL;
}

static void *oob_init(void *mem, size_t size, const struct bench_level *level)
{
	const struct mrig_heap_cfg cfg = {
		.base = (uintptr_t)mem,
		.bytes = size,
		.hardening = (uint8_t)level->hardening,
		.stats = level->stats,
		.tags = level->tags,
	};
	size_t bytes = mrig_heap_oob.control_bytes(&cfg);
	void *control;

	oob_fini();
	oob.base = cfg.base;
	control = bytes ? piece_new(bytes) : NULL;
	if (!control)
		return NULL;
	oob.heap.ops = &mrig_heap_oob;
	if (mrig_heap_oob.init(&oob.heap, control, &cfg)) {
		piece_free(control);
		return NULL;
	}
	return control;
}

static intptr_t oob_alloc(void *heap, size_t bytes)
{
	return mrig_oob_alloc(heap, bytes);
}

static intptr_t oob_aligned(void *heap, size_t align, size_t bytes)
{
	return mrig_oob_aligned_alloc(heap, align, bytes);
}

static void oob_free(void *heap, intptr_t handle, size_t bytes)
{
	mrig_oob_free(heap, (uint64_t)handle);
}

static void *payload(intptr_t handle)
{
	return bench_view((void *)(oob.base + (uintptr_t)handle));
}

/* The engine resizes in place; moving is its caller's business, here as in the kernel. */
static intptr_t oob_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes)
{
	int err = mrig_heap_oob.resize(&oob.heap, (uint64_t)handle, bytes);
	int64_t moved;

	if (!err)
		return handle;
	if (err != -ENOMEM)
		return err;
	moved = mrig_oob_alloc(heap, bytes);
	if (moved < 0)
		return moved;
	memcpy(payload(moved), payload(handle), old_bytes < bytes ? old_bytes : bytes);
	mrig_oob_free(heap, (uint64_t)handle);
	return moved;
}

static bool oob_refill(void *heap, intptr_t handle)
{
	struct mrig_want want = { 0 };
	void *mem;

	if (handle != -EAGAIN)
		return false;
	mrig_heap_oob.want(&oob.heap, &want);
	mem = want.bytes ? piece_new(want.bytes) : NULL;
	if (!mem)
		return false;
	piece_free(mrig_heap_oob.feed(&oob.heap, &want, mem));
	return true;
}

static bool oob_validate(void *heap)
{
	struct mrig_fault fault;
	uint64_t cursor = 0;

	do {
		if (mrig_heap_oob.validate(&oob.heap, &cursor, VALIDATE_BATCH, &fault))
			return false;
	} while (cursor);
	return true;
}

static struct mrig_heap_info figures(void)
{
	struct mrig_heap_info info;

	mrig_heap_oob.info(&oob.heap, &info);
	return info;
}

static size_t oob_live(void *heap)
{
	return figures().live_blocks;
}

static size_t oob_records(void *heap)
{
	struct mrig_heap_info info = figures();

	return info.live_blocks + info.free_blocks;
}

static size_t oob_side(void *heap)
{
	return oob.side;
}

static size_t oob_claimed(void *heap)
{
	return figures().side_bytes;
}

const struct bench_adapter bench_adapter = {
	.name = "oob",
	.flags = BENCH_OFFSET | BENCH_NOTOUCH,
	.min_align = sizeof(void *),
	.init = oob_init,
	.alloc = oob_alloc,
	.aligned = oob_aligned,
	.free = oob_free,
	.realloc = oob_realloc,
	.refill = oob_refill,
	.validate = oob_validate,
	.live = oob_live,
	.records = oob_records,
	.side_bytes = oob_side,
	.claimed_bytes = oob_claimed,
};
