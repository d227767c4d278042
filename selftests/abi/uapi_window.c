// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Valid calls of the ioctls of windows, for uapi_table.c.
 */
#include "uapi_table.h"
#include "window.h"

/* The window of the world has the first of the frames, others may have the last one. */
#define FRAMES 4
#define PAGES  8

int world_window(struct world *world)
{
	struct memrig_window_create arg = window_arg(world->fd[FACE_SESSION], FRAMES, PAGES);

	if (arg.region_fd < 0)
		return arg.region_fd;
	arg.frames = FRAMES - 1;
	arg.flags = MEMRIG_WINDOW_INJECT;
	world->frames = arg.region_fd;
	return window_create(world->fd[FACE_SESSION], &arg);
}

void fill_window_create(struct world *world, void *arg)
{
	struct memrig_window_create *c = arg;

	c->region_fd = world->frames;
	c->offset = (FRAMES - 1) * page_size();
	c->frames = 1;
	c->pages = 2;
	c->policy = MEMRIG_POLICY_LRU;
	c->store = MEMRIG_STORE_RAM;
	c->store_fd = -1;
	c->compressor = 0;
	c->store_offset = 0;
	c->store_pages = 0;
	c->store_timeout_ns = 0;
	c->frame_timeout_ns = 0;
	c->tick_ms = 0;
	c->fault_around = 0;
	c->read_ahead = 0;
	c->clean_ms = 0;
	c->clean_pages = 0;
}

void fill_window_list(struct world *world, void *arg)
{
	struct memrig_window_list *c = arg;

	c->cursor = 0;
	c->entries = (uintptr_t)world->page;
	c->count = 2;
	c->entry_size = sizeof(struct memrig_window_stat);
}

void fill_window_open(struct world *world, void *arg)
{
	struct memrig_window_open *c = arg;

	c->id = window_stat(world->fd[FACE_WINDOW]).id;
	c->reserved = 0;
}

void fill_paging_stat(struct world *world, void *arg)
{
	struct memrig_paging_stat *c = arg;

	(void)world;
	c->scope = 0;
	c->tid = 0;
}

void fill_window_kind(struct world *world, void *arg)
{
	struct memrig_window_kind *c = arg;

	(void)world;
	c->what = MEMRIG_KIND_OF_STORE;
	c->number = MEMRIG_STORE_RAM;
	c->reserved = 0;
}

void fill_page_range(struct world *world, void *arg)
{
	struct memrig_page_range *c = arg;

	(void)world;
	c->offset = page_size();
	c->length = page_size();
	c->reserved = 0;
}

void undo_page_pin(struct world *world, void *arg)
{
	(void)arg;
	page_unpin(world->fd[FACE_WINDOW], 1, 1);
}

void fill_page_unpin(struct world *world, void *arg)
{
	fill_page_range(world, arg);
	page_pin(world->fd[FACE_WINDOW], 1, 1);
}

void fill_page_map(struct world *world, void *arg)
{
	struct memrig_page_map *c = arg;

	c->offset = 0;
	c->length = PAGES * page_size();
	c->states = (uintptr_t)world->page;
}

void fill_window_attach(struct world *world, void *arg)
{
	struct memrig_window_attach *c = arg;

	(void)world;
	c->reserved = 0;
}

void fill_window_policy(struct world *world, void *arg)
{
	struct memrig_window_policy *c = arg;

	(void)world;
	c->policy = MEMRIG_POLICY_FIFO;
	c->reserved = 0;
}

void fill_window_hist(struct world *world, void *arg)
{
	struct memrig_window_hist *c = arg;

	(void)world;
	c->which = MEMRIG_HIST_PAGE_IN;
}

void fill_window_inject(struct world *world, void *arg)
{
	struct memrig_window_inject *c = arg;

	(void)world;
	memset((char *)c + sizeof(c->size) + sizeof(c->flags), 0,
	       sizeof(*c) - sizeof(c->size) - sizeof(c->flags));
}

void fill_page_addr(struct world *world, void *arg)
{
	struct memrig_page_addr *c = arg;

	c->offset = 2 * page_size();
	page_pin(world->fd[FACE_WINDOW], 2, 1);
}

void undo_page_addr(struct world *world, void *arg)
{
	(void)arg;
	page_unpin(world->fd[FACE_WINDOW], 2, 1);
}
