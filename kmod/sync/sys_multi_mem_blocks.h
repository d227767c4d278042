/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * sys_multi_mem_blocks: Zephyr's groups of block allocators. A function of the program's chooses
 * who serves a request; the address of a block tells who gets it back.
 *
 * Lock order: a group, then its members.
 */
#ifndef SYS_MULTI_MEM_BLOCKS_H
#define SYS_MULTI_MEM_BLOCKS_H

#include "sys_mem_blocks.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MAX_MULTI_ALLOCATORS 8 /* for which there is room without asking for memory */

struct sys_multi_mem_blocks;

/*
 * Names the member to serve a request, or NULL for none; @cfg is the caller's. Called without a
 * lock. It may look at the members of @group if none is added or removed meanwhile.
 */
typedef sys_mem_blocks_t *(*sys_multi_mem_blocks_choice_fn_t)(struct sys_multi_mem_blocks *group,
							      void *cfg);

/**
 * struct sys_multi_mem_blocks - a group
 * @lock: of all but @choice_fn
 * @num_allocators: members
 * @allocators: members in the order in which they were added
 * @choice_fn: chooses
 * @room: members there is room for
 * @sorted: members by address
 * @own: room for the first members, twice
 */
struct sys_multi_mem_blocks {
	struct k_spinlock lock;
	uint32_t num_allocators;
	sys_mem_blocks_t **allocators;
	sys_multi_mem_blocks_choice_fn_t choice_fn;
	uint32_t room;
	sys_mem_blocks_t **sorted;
	sys_mem_blocks_t *own[2 * MAX_MULTI_ALLOCATORS];
};

typedef struct sys_multi_mem_blocks sys_multi_mem_blocks_t;

int sys_multi_mem_blocks_init(sys_multi_mem_blocks_t *group,
			      sys_multi_mem_blocks_choice_fn_t choice_fn);
int sys_multi_mem_blocks_add_allocator(sys_multi_mem_blocks_t *group, sys_mem_blocks_t *alloc);
int sys_multi_mem_blocks_remove_allocator(sys_multi_mem_blocks_t *group, sys_mem_blocks_t *alloc);
int mrig_multi_mem_blocks_fini(sys_multi_mem_blocks_t *group);
int sys_multi_mem_blocks_alloc(sys_multi_mem_blocks_t *group, void *cfg, size_t count,
			       void **out_blocks, size_t *blk_size);
int sys_multi_mem_blocks_free(sys_multi_mem_blocks_t *group, size_t count, void **in_blocks);

#ifdef __cplusplus
}
#endif

#endif /* SYS_MULTI_MEM_BLOCKS_H */
