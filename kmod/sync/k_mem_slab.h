/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * k_mem_slab: Zephyr's blocks of one size that threads share and may wait for.
 *
 * A block that is given back while threads wait is handed to the most urgent of them, among equals
 * to the one that came first: nobody who comes later can take it. All bookkeeping is outside of
 * the blocks, 8 bytes for each.
 *
 * A program that was written for Zephyr's build-time options may define, before it includes this:
 *
 *	CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION	0: the slabs it makes do not tell their peak
 */
#ifndef K_MEM_SLAB_H
#define K_MEM_SLAB_H

#include "../engine/mem_slab.h"
#include "k_heap.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct k_mem_slab_info - what a slab was made of
 * @num_blocks: blocks
 * @block_size: bytes of each
 */
struct k_mem_slab_info {
	uint32_t num_blocks;
	size_t block_size;
};

/**
 * struct k_mem_slab - a slab
 * @lock: of @below, @core and @wait_q
 * @untraced: does not tell its peak
 * @below: blocks with lower numbers may come back without a look at @wait_q: 0 while it has anybody
 * @core: its bookkeeping, whose levels are in side memory; zeroed: a slab that is always empty
 * @wait_q: who waits for a block
 * @buffer: the blocks
 * @info: what it was made of
 *
 * All that a call that need not wait looks at is in the first 64 bytes.
 */
struct k_mem_slab {
	struct k_spinlock lock;
	bool untraced;
	uint64_t below;
	struct mrig_slab core;
	_wait_q_t wait_q;
	char *buffer;
	struct k_mem_slab_info info;
};

/**
 * struct k_mem_slab_opts - what k_mem_slab_init() decides itself
 * @side: memory for the bookkeeping, aligned to 8, in use until k_mem_slab_init() or
 *	mrig_mem_slab_fini(); NULL: it is allocated, which may sleep
 * @side_bytes: its size, at least MRIG_MEM_SLAB_SIDE_BYTES(number of blocks)
 * @untraced: the peak reads 0, as in Zephyr without CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION
 */
struct k_mem_slab_opts {
	void *side;
	size_t side_bytes;
	bool untraced;
};

/* Bytes of bookkeeping of so many blocks; a constant if @num is one. */
#define MRIG_MEM_SLAB_SIDE_BYTES(num) (((size_t)(num) + 1) * 8)

int k_mem_slab_init_opts(struct k_mem_slab *slab, void *buffer, size_t block_size,
			 uint32_t num_blocks, const struct k_mem_slab_opts *opts);
int k_mem_slab_init(struct k_mem_slab *slab, void *buffer, size_t block_size, uint32_t num_blocks);
int mrig_mem_slab_fini(struct k_mem_slab *slab);
int k_mem_slab_alloc(struct k_mem_slab *slab, void **mem, k_timeout_t timeout);
void k_mem_slab_free(struct k_mem_slab *slab, void *mem);
int mrig_mem_slab_free(struct k_mem_slab *slab, void *mem);
uint32_t k_mem_slab_num_used_get(struct k_mem_slab *slab);
uint32_t k_mem_slab_num_free_get(struct k_mem_slab *slab);
uint32_t k_mem_slab_max_used_get(struct k_mem_slab *slab);
int k_mem_slab_runtime_stats_get(struct k_mem_slab *slab, struct sys_memory_stats *stats);
int k_mem_slab_runtime_stats_reset_max(struct k_mem_slab *slab);

#if defined(CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION) && !CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION
#define MRIG_MEM_SLAB_UNTRACED true

static inline int k_mem_slab_init_config(struct k_mem_slab *slab, void *buffer, size_t block_size,
					 uint32_t num_blocks)
{
	struct k_mem_slab_opts opts = { NULL, 0, true };

	return k_mem_slab_init_opts(slab, buffer, block_size, num_blocks, &opts);
}

#define k_mem_slab_init k_mem_slab_init_config
#else
#define MRIG_MEM_SLAB_UNTRACED false
#endif

/* A size or an alignment, rounded up to words. */
#define MRIG_MEM_SLAB_WORDS(x) (((x) + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *))

/* No attributes, where some may be. */
#define MRIG_NO_SECT

/*
 * A static slab is its buffer, its side memory and itself; it starts with the first call, until
 * when it has blocks of a byte from address 1 on, none of them. @sect: attributes of the buffer, or
 * nothing.
 */
#define MRIG_MEM_SLAB_CHECK(size, num, align)                                         \
	static_assert((align) > 0 && !((align) & ((align) - 1)), "no power of two");  \
	static_assert((size) > 0 && (size) % (align) == 0, "blocks lose alignment");  \
	static_assert((num) <= 0x7fffffff, "too many blocks")
#define MRIG_MEM_SLAB_BUF(name, sect, size, num, align)                               \
	char sect _k_mem_slab_buf_##name[(num) ? (num) * MRIG_MEM_SLAB_WORDS(size) : 1] \
		__attribute__((__aligned__(MRIG_MEM_SLAB_WORDS(align))))
#define MRIG_MEM_SLAB_SIDE(name, num)                                                 \
	static char mrig_mem_slab_side_##name[MRIG_MEM_SLAB_SIDE_BYTES(num)]          \
		__attribute__((__aligned__(8)))
#define MRIG_MEM_SLAB_ITSELF(name, size, num)                                         \
	struct k_mem_slab name = {                                                    \
		.untraced = MRIG_MEM_SLAB_UNTRACED,                                   \
		.core = { .level = (struct mrig_slab_level *)mrig_mem_slab_side_##name, \
			  .inverse = 1, .bytes = 1 },                                 \
		.buffer = _k_mem_slab_buf_##name,                                     \
		.info = { .num_blocks = (num), .block_size = MRIG_MEM_SLAB_WORDS(size) }, \
	}

#define K_MEM_SLAB_DEFINE_IN_SECT(name, sect, size, num, align)                       \
	MRIG_MEM_SLAB_CHECK(size, num, align);                                        \
	MRIG_MEM_SLAB_BUF(name, sect, size, num, align);                              \
	MRIG_MEM_SLAB_SIDE(name, num);                                                \
	MRIG_MEM_SLAB_ITSELF(name, size, num)
#define K_MEM_SLAB_DEFINE_IN_SECT_STATIC(name, sect, size, num, align)                \
	MRIG_MEM_SLAB_CHECK(size, num, align);                                        \
	static MRIG_MEM_SLAB_BUF(name, sect, size, num, align);                       \
	MRIG_MEM_SLAB_SIDE(name, num);                                                \
	static MRIG_MEM_SLAB_ITSELF(name, size, num)
#define K_MEM_SLAB_DEFINE(name, size, num, align)                                     \
	K_MEM_SLAB_DEFINE_IN_SECT(name, MRIG_NO_SECT, size, num, align)
#define K_MEM_SLAB_DEFINE_STATIC(name, size, num, align)                              \
	K_MEM_SLAB_DEFINE_IN_SECT_STATIC(name, MRIG_NO_SECT, size, num, align)

#ifdef __cplusplus
}
#endif

#endif /* K_MEM_SLAB_H */
