// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the rows of uapi_table.c on multi objects need. The heap is a member from the start; that of
 * blocks comes and goes.
 */
#include "uapi_table.h"

void fill_multi_create(struct world *world, void *arg)
{
	struct memrig_multi_create *c = arg;

	(void)world;
	c->reserved = 0;
}

void fill_multi_add(struct world *world, void *arg)
{
	struct memrig_multi_add *c = arg;

	c->heap_fd = world->fd[FACE_BLOCKS];
	c->attrs = 0;
}

void undo_multi_add(struct world *world, void *arg)
{
	struct memrig_multi_add *c = arg;

	multi_remove(world->fd[FACE_MULTI], c->member);
}

void fill_multi_remove(struct world *world, void *arg)
{
	struct memrig_multi_remove *c = arg;

	c->member = multi_add(world->fd[FACE_MULTI], world->fd[FACE_BLOCKS], 0);
	c->reserved = 0;
}

void fill_multi_rules(struct world *world, void *arg)
{
	struct memrig_multi_rules *c = arg;
	struct memrig_rule *rules = world->page;

	memset(rules, 0, sizeof(*rules));
	rules->uid = MEMRIG_UID_ANY;
	rules->member = MEMRIG_MEMBER_ANY;
	c->rules = (uintptr_t)rules;
	c->count = 1;
	c->rule_size = sizeof(*rules);
}

void fill_multi_alloc(struct world *world, void *arg)
{
	struct memrig_multi_alloc *c = arg;

	(void)world;
	c->bytes = 100;
	c->align = 0;
	c->with = 0;
	c->without = 0;
	c->priority = 0;
	c->timeout_ns = 0;
	c->site = 0;
	c->match = 0;
	c->dma_bits = 0;
	c->node = 0;
	c->reserved = 0;
}

void undo_multi_alloc(struct world *world, void *arg)
{
	struct memrig_multi_alloc *c = arg;

	multi_free(world->fd[FACE_MULTI], c->member, c->offset);
}

void fill_multi_free(struct world *world, void *arg)
{
	struct memrig_multi_free *c = arg;
	uint32_t member = 0;
	uint64_t offset = 0;

	multi_alloc(world->fd[FACE_MULTI], 100, &member, &offset);
	c->member = member;
	c->offset = offset;
	c->reserved = 0;
}

void undo_multi_free(struct world *world, void *arg)
{
	struct memrig_multi_free *c = arg;

	multi_free(world->fd[FACE_MULTI], c->member, c->offset);
}

void fill_multi_realloc(struct world *world, void *arg)
{
	struct memrig_multi_realloc *c = arg;
	uint32_t member = 0;
	uint64_t offset = 0;

	multi_alloc(world->fd[FACE_MULTI], 100, &member, &offset);
	c->member = member;
	c->offset = offset;
	c->bytes = 300;
	c->align = 0;
	c->with = 0;
	c->without = 0;
	c->priority = 0;
	c->match = 0;
	c->dma_bits = 0;
	c->node = 0;
	c->reserved = 0;
}

void undo_multi_realloc(struct world *world, void *arg)
{
	struct memrig_multi_realloc *c = arg;

	multi_free(world->fd[FACE_MULTI], c->member, c->offset);
}

void fill_multi_member(struct world *world, void *arg)
{
	struct memrig_multi_member *c = arg;

	(void)world;
	c->member = 0;
}

void fill_multi_attach(struct world *world, void *arg)
{
	struct memrig_multi_attach *c = arg;

	(void)world;
	c->reserved = 0;
}

void fill_multi_stat(struct world *world, void *arg)
{
	struct memrig_multi_stat *c = arg;

	c->reserved = 0;
	c->members = (uintptr_t)world->page;
	c->member_count = 1;
	c->rules = 0;
	c->rule_count = 0;
}

void fill_multi_watch(struct world *world, void *arg)
{
	struct memrig_multi_watch *c = arg;

	(void)world;
	c->bytes = 100;
	c->align = 0;
	c->with = 0;
	c->without = 0;
	c->priority = 0;
	c->match = 0;
	c->dma_bits = 0;
	c->node = 0;
}
