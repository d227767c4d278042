/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the workload driver asks of an allocator. One adapter per program.
 *
 * A block is named by a *handle*: whatever the allocator returns, widened to intptr_t. Adapters of
 * pointer allocators return pointers (0: refused), adapters with BENCH_OFFSET return byte offsets
 * (negative: refused), those with BENCH_NUMBER numbers of blocks (likewise). The driver converts
 * outside the counted part, so that an adapter costs the allocator at most a jump and two moves per
 * call.
 */
#ifndef BENCH_ADAPTER_H
#define BENCH_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_FIXED	0x01u  /* one block size only, 64 bytes */
#define BENCH_NOALIGN	0x02u  /* no aligned allocation */
#define BENCH_NOREALLOC 0x04u  /* no realloc */
#define BENCH_EXTERNAL	0x08u  /* does not live inside the region handed to init() */
#define BENCH_NOFREE	0x10u  /* free() does nothing, blocks overlap: payload is not checked */
#define BENCH_SMALLMAX	0x20u  /* sizes above 64 KiB unsupported */
#define BENCH_OFFSET	0x40u  /* handles are offsets */
#define BENCH_NOTOUCH	0x80u  /* must not access the region: it is mapped PROT_NONE */
#define BENCH_NUMBER	0x100u /* handles are numbers of 64-byte blocks, from 1 */

/**
 * struct bench_level - what a run asks of an allocator besides speed
 * @hardening: MRIG_HARDEN_*; anchors have none
 * @stats: keep statistics
 * @tags: keep an owner word per block
 */
struct bench_level {
	unsigned int hardening;
	bool stats;
	bool tags;
};

/**
 * struct bench_adapter - an allocator under test
 * @name: as printed
 * @flags: BENCH_*
 * @min_align: every block is at least this aligned
 * @init: format @size bytes at @mem; NULL: refused
 * @alloc: counted
 * @aligned: counted
 * @free: counted; @bytes is the requested size, for allocators that want it back
 * @realloc: counted; may copy, through bench_view()
 * @refill: after a refusal that returned @handle: supply what the allocator lacks and say whether
 *	to try again. Not counted; means count the refused call and the next one as one request,
 *	the worst call is the worse of the two. May be NULL.
 * @validate: the allocator's own opinion. May be NULL.
 * @live: number of live blocks by the allocator's own books. May be NULL.
 * @records: number of live and free blocks by the allocator's own books. May be NULL.
 * @side_bytes: bytes held outside the region, counted by the adapter. May be NULL.
 * @claimed_bytes: the same by the allocator's own books. May be NULL.
 */
struct bench_adapter {
	const char *name;
	unsigned int flags;
	size_t min_align;
	void *(*init)(void *mem, size_t size, const struct bench_level *level);
	intptr_t (*alloc)(void *heap, size_t bytes);
	intptr_t (*aligned)(void *heap, size_t align, size_t bytes);
	void (*free)(void *heap, intptr_t handle, size_t bytes);
	intptr_t (*realloc)(void *heap, intptr_t handle, size_t old_bytes, size_t bytes);
	bool (*refill)(void *heap, intptr_t handle);
	bool (*validate)(void *heap);
	size_t (*live)(void *heap);
	size_t (*records)(void *heap);
	size_t (*side_bytes)(void *heap);
	size_t (*claimed_bytes)(void *heap);
};

/* The allocator this program is linked with. */
extern const struct bench_adapter bench_adapter;

/* Where the bytes of the region at @ptr can be read and written: at @ptr itself, unless NOTOUCH. */
void *bench_view(const void *ptr);

#endif /* BENCH_ADAPTER_H */
