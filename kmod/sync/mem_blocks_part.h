/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What groups of allocators use of sys_mem_blocks.c: calls that tell no listener, for those who
 * hold a lock of their own, and the telling.
 */
#ifndef MEM_BLOCKS_PART_H
#define MEM_BLOCKS_PART_H

#include "sys_mem_blocks.h"

/**
 * struct mrig_blocks_news - what there is to tell, without the allocator
 * @id: of the heap; 0: nobody listens
 * @bytes: size of a block
 */
struct mrig_blocks_news {
	uintptr_t id;
	size_t bytes;
};

struct mrig_blocks_news mrig_mem_blocks_news(const sys_mem_blocks_t *mb);
void mrig_mem_blocks_tell_alloc(struct mrig_blocks_news news, size_t count, void *const *blocks);
void mrig_mem_blocks_tell_free(struct mrig_blocks_news news, size_t count, void *const *blocks);
int mrig_mem_blocks_take(sys_mem_blocks_t *mb, size_t count, void **out);
int mrig_mem_blocks_give(sys_mem_blocks_t *mb, size_t count, void *const *blocks);

#endif /* MEM_BLOCKS_PART_H */
