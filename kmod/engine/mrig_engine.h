/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The one interface through which the rest of memrig uses a heap engine.
 *
 * An engine manages a *span*: [base, base + bytes). It hands out *blocks*, named by their byte
 * offset from base. It never locks, allocates, sleeps, prints, or touches payload. The caller
 * serialises all calls on one heap.
 *
 * Two placements of one algorithm:
 *   in-band      headers and control data live inside the span itself (Zephyr's way). Only for
 *                spans that nobody but the engine's own side can write.
 *   out-of-band  the span is all payload and is never accessed; headers live in side memory that
 *                the caller feeds to the heap.
 *
 * Feeding: an operation that lacks side memory changes nothing and returns -EAGAIN. The caller
 * then asks mrig_heap_ops.want() what is missing, obtains that many zeroed bytes outside the
 * engine, hands them over with feed(), frees what feed() returns (a table that was replaced),
 * and repeats the operation. One operation wants at most MRIG_WANT_MAX times. free() never
 * wants anything.
 *
 * Engines of equal blocks, rings and the plain heaps that sys_heap is compared with are
 * out-of-band, too. A request of a kind that an engine never serves - more bytes than a block has,
 * an alignment that no block can have - is refused as one that finds no memory.
 *
 * Offsets, sizes: bytes. Errors: negative errno.
 */
#ifndef MRIG_ENGINE_H
#define MRIG_ENGINE_H

#include "mrig_port.h"

#define MRIG_WANT_MAX		4
#define MRIG_DEFAULT_SEARCH	3	/* CONFIG_SYS_HEAP_ALLOC_LOOPS */
#define MRIG_DEFAULT_BLOCK	64	/* block size of slabs and blocks */

/* Hardening levels, Zephyr's SYS_HEAP_HARDENING_LEVEL (none, basic, moderate, full, extreme). */
#define MRIG_HARDEN_NONE	0
#define MRIG_HARDEN_BASIC	1
#define MRIG_HARDEN_MODERATE	2
#define MRIG_HARDEN_FULL	3
#define MRIG_HARDEN_EXTREME	4

/**
 * struct mrig_heap_cfg - what a heap is made of; fixed for its life
 * @base: address the span is known by. Alignment of blocks is that of base + offset. Dereferenced
 *	by in-band heaps only.
 * @bytes: length of the span
 * @block_size: slab: a multiple of 8, blocks: a power of two from 8 on; 0 means MRIG_DEFAULT_BLOCK.
 *	Others: ignored, like @num_blocks
 * @num_blocks: slab and blocks: how many; 0 means as many as fit, within @max_blocks
 * @search_limit: list entries one allocation looks at; 0 means the default
 *	(CONFIG_SYS_HEAP_ALLOC_LOOPS)
 * @max_blocks: out-of-band: bound on block records, live and free; 0 means no bound but the span.
 *	The time that some calls of first_fit and best_fit take grows with the number of free ones
 * @hardening: MRIG_HARDEN_*
 * @stats: keep struct sys_memory_stats (CONFIG_SYS_HEAP_RUNTIME_STATS)
 * @tags: out-of-band: keep a 64-bit tag per live block (its owner)
 */
struct mrig_heap_cfg {
	uintptr_t base;
	uint64_t bytes;
	uint64_t block_size;
	uint32_t num_blocks;
	uint32_t search_limit;
	uint32_t max_blocks;
	uint8_t hardening;
	bool stats;
	bool tags;
};

/**
 * struct mrig_want - side memory an out-of-band heap lacks
 * @bytes: zeroed bytes to feed; 0 when nothing is wanted
 * @kind: which table, opaque to the caller
 * @index: which part of it, opaque to the caller
 */
struct mrig_want {
	size_t bytes;
	uint32_t kind;
	uint32_t index;
};

/**
 * struct mrig_block - one block as a walk reports it
 * @offset: of its first payload byte
 * @bytes: usable bytes
 * @tag: as set by set_tag(); 0 for free blocks
 * @used: live (true) or free
 */
struct mrig_block {
	uint64_t offset;
	uint64_t bytes;
	uint64_t tag;
	bool used;
};

/**
 * struct mrig_heap_info - figures of a heap
 * @free_bytes: usable bytes of free blocks (as struct sys_memory_stats); 0 without stats
 * @allocated_bytes: usable bytes of live blocks; 0 without stats
 * @max_allocated_bytes: high-water mark of @allocated_bytes; 0 without stats
 * @largest_free: bytes of the largest request without alignment that would succeed now
 * @live_blocks: number of live blocks
 * @free_blocks: number of free blocks
 * @side_bytes: bytes of side memory in use (out-of-band) or of the span spent on control data
 * @frag_permille: 1000 * (1 - largest_free / free bytes); 0 when nothing is free
 */
struct mrig_heap_info {
	uint64_t free_bytes;
	uint64_t allocated_bytes;
	uint64_t max_allocated_bytes;
	uint64_t largest_free;
	uint64_t live_blocks;
	uint64_t free_blocks;
	uint64_t side_bytes;
	uint32_t frag_permille;
};

/**
 * struct mrig_fault - where validate() found a broken invariant
 * @invariant: its number in Documentation/invariants.rst; 0 when the heap is sound
 * @offset: of the block concerned
 */
struct mrig_fault {
	uint32_t invariant;
	uint64_t offset;
};

struct mrig_heap;

/**
 * struct mrig_heap_ops - an engine with one placement
 * @name: as users write it ("inband", "oob", "slab"...)
 * @control_bytes: size of the control block to hand to @init, for this configuration; the part that
 *	lives outside the span (a small handle for in-band heaps). 0: configuration is refused
 * @init: format. @control is zeroed, @control_bytes(cfg) long. -EINVAL: span too small, too large,
 *	bad configuration. May leave wants for the first operation.
 * @alloc: find a block of @bytes with alignment @align (0: any; Zephyr's align|rewind encoding of
 *	ZEPHYR sys_heap_aligned_alloc is understood). Returns its offset; -EINVAL: zero bytes, bad
 *	align; -ENOMEM: no fitting block; -ENOSPC: max_blocks reached; -EAGAIN: see feeding; -EIO:
 *	heap is fenced off.
 * @fits: whether @alloc would find a block, or could after feeding, with no other effect; @bytes
 *	and @align are such as @alloc takes. NULL where @alloc and @free of the same block leave
 *	everything as it was, but for the high-water mark
 * @free: give a block back. -ENOENT: no live block of this heap starts there; -EIO: corruption
 *	found, the heap is fenced off from now on.
 * @resize: grow or shrink in place, never moves. -ENOMEM: cannot be done in place. A shrink always
 *	succeeds, if need be by keeping the larger block. Zero @bytes: -EINVAL.
 * @usable: usable bytes of the live block at @off, or -ENOENT / -EIO
 * @want: describe missing side memory after -EAGAIN
 * @feed: take it; returns the table it replaces (to be freed by the caller) or NULL. @mem must be
 *	want->bytes long and zeroed.
 * @drain: hand every piece of side memory back, one per call, until NULL; the heap is dead
 * @set_tag: -ENOENT unless a live block starts at @off
 * @get_tag: same; tag through @tag
 * @walk: report up to @max blocks from @cursor on into @out; returns their number, advances
 *	@cursor; returns 0 at the end. Out-of-band cursors survive changes between calls: every
 *	block that lives from the first call to the last is reported exactly once. In-band cursors
 *	do not.
 *	Order: in-band, slab and blocks by address; others by record.
 * @info: figures
 * @held: usable bytes of live blocks, with or without stats, in constant time; @free, unless
 *	NULL, is set to those of free blocks
 * @validate: check up to @max blocks from @cursor on against the invariants, read-only; @cursor 0
 *	starts, and is 0 again after the last batch. Returns 0, or -EIO with @fault filled. Between
 *	batches the heap may change.
 * @reset_max: max_allocated_bytes := allocated_bytes; -EINVAL without stats
 */
struct mrig_heap_ops {
	const char *name;
	size_t (*control_bytes)(const struct mrig_heap_cfg *cfg);
	int (*init)(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg);
	int64_t (*alloc)(struct mrig_heap *heap, size_t align, size_t bytes);
	bool (*fits)(struct mrig_heap *heap, size_t align, size_t bytes);
	int (*free)(struct mrig_heap *heap, uint64_t off);
	int (*resize)(struct mrig_heap *heap, uint64_t off, size_t bytes);
	int64_t (*usable)(struct mrig_heap *heap, uint64_t off);
	void (*want)(struct mrig_heap *heap, struct mrig_want *want);
	void *(*feed)(struct mrig_heap *heap, const struct mrig_want *want, void *mem);
	void *(*drain)(struct mrig_heap *heap);
	int (*set_tag)(struct mrig_heap *heap, uint64_t off, uint64_t tag);
	int (*get_tag)(struct mrig_heap *heap, uint64_t off, uint64_t *tag);
	uint32_t (*walk)(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			 uint32_t max);
	void (*info)(struct mrig_heap *heap, struct mrig_heap_info *info);
	uint64_t (*held)(const struct mrig_heap *heap, uint64_t *free);
	int (*validate)(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
			struct mrig_fault *fault);
	int (*reset_max)(struct mrig_heap *heap);
};

/**
 * struct mrig_heap - a heap behind the uniform interface
 * @ops: its engine
 * @control: engine-private
 */
struct mrig_heap {
	const struct mrig_heap_ops *ops;
	void *control;
};

/* sys_heap in both placements, the other engines, and a NULL-terminated table of all to iterate. */
extern const struct mrig_heap_ops mrig_heap_inband;
extern const struct mrig_heap_ops mrig_heap_oob;
extern const struct mrig_heap_ops mrig_heap_slab;
extern const struct mrig_heap_ops mrig_heap_blocks;
extern const struct mrig_heap_ops mrig_heap_ring;
extern const struct mrig_heap_ops mrig_heap_first_fit;
extern const struct mrig_heap_ops mrig_heap_best_fit;
extern const struct mrig_heap_ops *const mrig_heap_engines[];

/*
 * What heaps of blocks can do besides; -EOPNOTSUPP for heaps of other engines. A run of blocks that
 * was allocated together is one block of the heap.
 */
int mrig_heap_blocks_split(struct mrig_heap *heap, uint64_t off);
int64_t mrig_heap_blocks_start(struct mrig_heap *heap, uint64_t off);
int mrig_heap_blocks_get(struct mrig_heap *heap, uint64_t off, uint64_t count);
int mrig_heap_blocks_is_free(struct mrig_heap *heap, uint64_t off, uint64_t count);

#endif /* MRIG_ENGINE_H */
