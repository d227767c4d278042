/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A group of block allocators: a function chooses who serves a request, and the address of a block
 * tells who gets it back. The engine behind sys_multi_mem_blocks.
 *
 * The caller serialises all calls on a group and its members.
 */
#ifndef MRIG_MULTI_MEM_BLOCKS_H
#define MRIG_MULTI_MEM_BLOCKS_H

#include "mem_blocks_core.h"

/**
 * struct mrig_multi_blocks - a group
 * @choose: names the member to serve a request, or NULL for none; @cfg is the caller's
 * @member: allocators by ascending address, none overlapping another
 * @num: members
 * @room: most there can be
 */
struct mrig_multi_blocks {
	struct mrig_blocks *(*choose)(struct mrig_multi_blocks *group, void *cfg);
	struct mrig_blocks **member;
	uint32_t num;
	uint32_t room;
};

int mrig_multi_blocks_init(struct mrig_multi_blocks *g, struct mrig_blocks **member, uint32_t room,
			   struct mrig_blocks *(*choose)(struct mrig_multi_blocks *g, void *cfg));
int mrig_multi_blocks_add(struct mrig_multi_blocks *g, struct mrig_blocks *h);
int mrig_multi_blocks_remove(struct mrig_multi_blocks *g, struct mrig_blocks *h);
struct mrig_blocks *mrig_multi_blocks_find(const struct mrig_multi_blocks *g, const void *block);
int mrig_multi_blocks_alloc(struct mrig_multi_blocks *g, void *cfg, size_t count, void **out,
			    size_t *bytes);
int mrig_multi_blocks_free(struct mrig_multi_blocks *g, size_t count, void *const *blocks);

#endif /* MRIG_MULTI_MEM_BLOCKS_H */
