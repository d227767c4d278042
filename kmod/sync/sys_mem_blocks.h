/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * sys_mem_blocks: Zephyr's equal blocks that are handed out singly, by the list or by the run.
 *
 * Nothing waits, and every call does all of it or nothing. All bookkeeping is outside of the
 * blocks, so that they may lie in memory that must not be touched.
 *
 * A program that was written for Zephyr's build-time options may define, before it includes this:
 *
 *	CONFIG_SYS_MEM_BLOCKS_LISTENER	static allocators call heap listeners
 */
#ifndef SYS_MEM_BLOCKS_H
#define SYS_MEM_BLOCKS_H

#include "../engine/heap_listener.h"
#include "k_heap.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mrig_blocks;

/**
 * struct sys_mem_blocks_info - what an allocator consists of
 * @num_blocks: blocks
 * @blk_sz_shift: log2 of the size of each
 */
struct sys_mem_blocks_info {
	uint32_t num_blocks;
	uint8_t blk_sz_shift;
};

/**
 * struct sys_mem_blocks - an allocator
 * @lock: of @core
 * @listen: calls heap listeners
 * @info: blocks
 * @core: its bookkeeping, in side memory; NULL: an allocator without blocks
 * @buffer: the blocks
 */
struct sys_mem_blocks {
	struct k_spinlock lock;
	bool listen;
	struct sys_mem_blocks_info info;
	struct mrig_blocks *core;
	uint8_t *buffer;
};

typedef struct sys_mem_blocks sys_mem_blocks_t;

/**
 * struct mrig_mem_blocks_opts - what mrig_mem_blocks_init() decides itself
 * @side: memory for the bookkeeping, aligned to 8, in use until the next init or
 *	mrig_mem_blocks_fini(); NULL: it is allocated
 * @side_bytes: its size, at least MRIG_MEM_BLOCKS_SIDE_BYTES(number of blocks)
 * @listen: call heap listeners
 */
struct mrig_mem_blocks_opts {
	void *side;
	size_t side_bytes;
	bool listen;
};

int mrig_mem_blocks_init_opts(sys_mem_blocks_t *mb, void *buffer, size_t blk_sz,
			      uint32_t num_blocks, const struct mrig_mem_blocks_opts *opts);
int mrig_mem_blocks_init(sys_mem_blocks_t *mb, void *buffer, size_t blk_sz, uint32_t num_blocks);
int mrig_mem_blocks_fini(sys_mem_blocks_t *mb);
uint32_t mrig_mem_blocks_largest(sys_mem_blocks_t *mb);

int sys_mem_blocks_alloc(sys_mem_blocks_t *mb, size_t count, void **out_blocks);
int sys_mem_blocks_alloc_contiguous(sys_mem_blocks_t *mb, size_t count, void **out_block);
int sys_mem_blocks_get(sys_mem_blocks_t *mb, void *in_block, size_t count);
int sys_mem_blocks_is_region_free(sys_mem_blocks_t *mb, void *in_block, size_t count);
int sys_mem_blocks_free(sys_mem_blocks_t *mb, size_t count, void **in_blocks);
int sys_mem_blocks_free_contiguous(sys_mem_blocks_t *mb, void *block, size_t count);
int sys_mem_blocks_runtime_stats_get(sys_mem_blocks_t *mb, struct sys_memory_stats *stats);
int sys_mem_blocks_runtime_stats_reset_max(sys_mem_blocks_t *mb);

/*
 * Bytes of bookkeeping that are enough for so many blocks, a constant if @num is one: the head, a
 * bitmap with summaries, an entry for every other block, and lists of runs by length and region,
 * of which large allocators have up to 16.
 */
#define MRIG_MEM_BLOCKS_LOG(num)	(31U ^ (unsigned int)__builtin_clz((num) | 1U))
#define MRIG_MEM_BLOCKS_REGIONS_LOG(num)						\
	((num) <= 64 ? 0 : (num) <= 128 ? 1 : (num) <= 256 ? 2 : (num) <= 512 ? 3 : 4)
#define MRIG_MEM_BLOCKS_LENGTHS(num)							\
	((num) < 16 ? (size_t)(num) + 1 : (size_t)8 * MRIG_MEM_BLOCKS_LOG(num) - 8)
#define MRIG_MEM_BLOCKS_SIDE_BYTES(num)							\
	(168 + 8 * ((size_t)(num) / 64 + (size_t)(num) / 4032 + 7) +			\
	 ((size_t)32 << MRIG_MEM_BLOCKS_REGIONS_LOG(num)) + ((size_t)(num) + 1) / 2 * 12 +	\
	 (MRIG_MEM_BLOCKS_LENGTHS(num) * 4 << MRIG_MEM_BLOCKS_REGIONS_LOG(num)) +	\
	 (MRIG_MEM_BLOCKS_LENGTHS(num) + 20) * 2)

#if defined(CONFIG_SYS_MEM_BLOCKS_LISTENER) && CONFIG_SYS_MEM_BLOCKS_LISTENER
#define MRIG_MEM_BLOCKS_LISTEN true
#else
#define MRIG_MEM_BLOCKS_LISTEN false
#endif

/*
 * A static allocator is its buffer, its side memory and itself; it starts with the first call.
 */
#define MRIG_MEM_BLOCKS_CHECK(blk_sz, num)						\
	static_assert((blk_sz) > 0 && !((blk_sz) & ((blk_sz) - 1)), "no power of two");	\
	static_assert((num) > 0 && (num) < 0x40000000, "no such number of blocks")
#define MRIG_MEM_BLOCKS_BUF(name, blk_sz, num, align)					\
	uint8_t _sys_mem_blocks_buf_##name[(size_t)(num) * (blk_sz)]			\
		__attribute__((__aligned__(align)))
#define MRIG_MEM_BLOCKS_SIDE(name, num)							\
	static char mrig_mem_blocks_side_##name[MRIG_MEM_BLOCKS_SIDE_BYTES(num)]	\
		__attribute__((__aligned__(8)))
#define MRIG_MEM_BLOCKS_ITSELF(name, blk_sz, num, buf)					\
	sys_mem_blocks_t name = {							\
		.listen = MRIG_MEM_BLOCKS_LISTEN,					\
		.info = { .num_blocks = (num),						\
			  .blk_sz_shift = (uint8_t)MRIG_MEM_BLOCKS_LOG(blk_sz) },	\
		.core = (struct mrig_blocks *)mrig_mem_blocks_side_##name,		\
		.buffer = (uint8_t *)(buf),						\
	}

#define SYS_MEM_BLOCKS_DEFINE_WITH_EXT_BUF(name, blk_sz, num_blks, buf)			\
	MRIG_MEM_BLOCKS_CHECK(blk_sz, num_blks);					\
	MRIG_MEM_BLOCKS_SIDE(name, num_blks);						\
	MRIG_MEM_BLOCKS_ITSELF(name, blk_sz, num_blks, buf)
#define SYS_MEM_BLOCKS_DEFINE_STATIC_WITH_EXT_BUF(name, blk_sz, num_blks, buf)		\
	MRIG_MEM_BLOCKS_CHECK(blk_sz, num_blks);					\
	MRIG_MEM_BLOCKS_SIDE(name, num_blks);						\
	static MRIG_MEM_BLOCKS_ITSELF(name, blk_sz, num_blks, buf)
#define SYS_MEM_BLOCKS_DEFINE(name, blk_sz, num_blks, buf_align)			\
	MRIG_MEM_BLOCKS_BUF(name, blk_sz, num_blks, buf_align);				\
	SYS_MEM_BLOCKS_DEFINE_WITH_EXT_BUF(name, blk_sz, num_blks, _sys_mem_blocks_buf_##name)
#define SYS_MEM_BLOCKS_DEFINE_STATIC(name, blk_sz, num_blks, buf_align)			\
	static MRIG_MEM_BLOCKS_BUF(name, blk_sz, num_blks, buf_align);			\
	SYS_MEM_BLOCKS_DEFINE_STATIC_WITH_EXT_BUF(name, blk_sz, num_blks,		\
						  _sys_mem_blocks_buf_##name)

#ifdef __cplusplus
}
#endif

#endif /* SYS_MEM_BLOCKS_H */
