// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The rows of uapi_table.h, and the objects their calls need.
 */
#include "uapi_table.h"

#define OPEN_NAME    "uapi-open"
#define REMOVE_NAME  "uapi-remove"
#define HEAP_BYTES   (512 * KIB)
#define REGION_BYTES MIB
#define BLOCK_BYTES  4096

static void fill_nothing(struct world *world, void *arg)
{
	(void)world;
	(void)arg;
}

static void fill_region_create(struct world *world, void *arg)
{
	struct memrig_region_create *c = arg;

	(void)world;
	c->kind = MEMRIG_KIND_PAGES;
	c->attr = MEMRIG_ATTR_CACHED;
	c->length = page_size();
	c->dma_mask_bits = 0;
	c->node = MEMRIG_NODE_ANY;
	name_set(c->name, "");
	c->uid = 0;
	c->gid = 0;
	c->mode = 0;
	c->reserved = 0;
	c->attrs = 0;
	c->cpus = 0;
}

static void fill_region_open(struct world *world, void *arg)
{
	struct memrig_region_open *c = arg;

	(void)world;
	name_set(c->name, OPEN_NAME);
	c->reserved = 0;
}

static void fill_region_remove(struct world *world, void *arg)
{
	struct memrig_region_remove *c = arg;
	int fd = region_named(world->fd[FACE_SESSION], REMOVE_NAME, page_size(), 0600);

	if (fd >= 0)
		close(fd);
	name_set(c->name, REMOVE_NAME);
}

static void fill_region_list(struct world *world, void *arg)
{
	struct memrig_region_list *c = arg;

	c->cursor = 0;
	c->entries = (uintptr_t)world->page;
	c->count = 2;
	c->entry_size = sizeof(struct memrig_region_info);
}

static void fill_attr_query(struct world *world, void *arg)
{
	struct memrig_attr_query *c = arg;

	(void)world;
	c->offset = 0;
	c->user_addr = 0;
	c->reserved = 0;
}

static void fill_region_addr(struct world *world, void *arg)
{
	struct memrig_region_addr *c = arg;

	(void)world;
	c->offset = 0;
}

static void fill_attr_name(struct world *world, void *arg)
{
	struct memrig_attr_name *c = arg;

	(void)world;
	c->bit = 2; /* "external": asking needs no name of our own */
	c->reserved = 0;
	name_set(c->name, "");
}

static void undo_suspend(struct world *world, void *arg)
{
	(void)arg;
	region_resume(world->fd[FACE_REGION]);
}

static void fill_region_resume(struct world *world, void *arg)
{
	(void)arg;
	region_suspend(world->fd[FACE_REGION], 0);
}

static void fill_region_near(struct world *world, void *arg)
{
	struct memrig_region_near *c = arg;

	(void)world;
	c->cpu = MEMRIG_CPU_SELF;
}

static void fill_heap_create(struct world *world, void *arg)
{
	struct memrig_heap_create *c = arg;

	(void)world;
	c->placement = MEMRIG_PLACEMENT_OOB;
	c->hardening = 1;
	c->offset = HEAP_BYTES;
	c->length = 0;
	c->search_limit = 0;
	c->max_blocks = 0;
	c->engine = MEMRIG_ENGINE_SYS_HEAP;
	c->num_blocks = 0;
	c->block_size = 0;
}

static void fill_alloc(struct world *world, void *arg)
{
	struct memrig_alloc *c = arg;

	(void)world;
	c->bytes = 100;
	c->align = 64;
	c->timeout_ns = 0;
	c->site = 0;
}

static void undo_alloc(struct world *world, void *arg)
{
	struct memrig_alloc *c = arg;

	heap_free(world->fd[FACE_HEAP], c->offset);
}

static void fill_free(struct world *world, void *arg)
{
	struct memrig_free *c = arg;

	c->offset = heap_alloc(world->fd[FACE_HEAP], 64, 0);
}

static void fill_realloc(struct world *world, void *arg)
{
	struct memrig_realloc *c = arg;

	c->offset = heap_alloc(world->fd[FACE_HEAP], 64, 0);
	c->bytes = 256;
	c->align = 0;
}

static void undo_realloc(struct world *world, void *arg)
{
	struct memrig_realloc *c = arg;

	heap_free(world->fd[FACE_HEAP], c->offset);
}

static void fill_alloc_batch(struct world *world, void *arg)
{
	struct memrig_alloc_batch *c = arg;
	struct memrig_alloc_req *reqs = world->page;

	memset(reqs, 0x5a, 3 * sizeof(*reqs));
	for (int i = 0; i < 3; i++) {
		reqs[i].bytes = 32;
		reqs[i].align = 0;
	}
	c->reqs = (uintptr_t)reqs;
	c->count = 3;
}

static void undo_alloc_batch(struct world *world, void *arg)
{
	struct memrig_alloc_batch *c = arg;
	struct memrig_alloc_req *reqs = world->page;

	for (uint32_t i = 0; i < c->done && i < 3; i++)
		heap_free(world->fd[FACE_HEAP], reqs[i].offset);
}

static void fill_free_batch(struct world *world, void *arg)
{
	struct memrig_free_batch *c = arg;
	__u64 *offsets = world->page;

	offsets[0] = heap_alloc(world->fd[FACE_HEAP], 64, 0);
	offsets[1] = heap_alloc(world->fd[FACE_HEAP], 64, 0);
	c->offsets = (uintptr_t)offsets;
	c->count = 2;
}

static void fill_walk(struct world *world, void *arg)
{
	struct memrig_heap_walk *c = arg;

	c->cursor = 0;
	c->blocks = (uintptr_t)world->page;
	c->count = 4;
	c->reserved = 0;
}

static void fill_validate(struct world *world, void *arg)
{
	struct memrig_heap_validate *c = arg;

	(void)world;
	c->reserved = 0;
}

static void fill_give(struct world *world, void *arg)
{
	struct memrig_give *c = arg;

	c->offset = heap_alloc(world->fd[FACE_HEAP], 64, 0);
	c->client = world->client;
	c->reserved = 0;
}

static void fill_keep(struct world *world, void *arg)
{
	struct memrig_keep *c = arg;

	c->offset = heap_alloc(world->fd[FACE_HEAP], 64, 0);
	c->reserved = 0;
}

static void fill_usable(struct world *world, void *arg)
{
	struct memrig_usable *c = arg;

	c->offset = heap_alloc(world->fd[FACE_HEAP], 64, 0);
}

static void undo_offset(struct world *world, void *arg)
{
	struct memrig_free *c = arg; /* GIVE, KEEP and USABLE have their offset at the same place */

	heap_free(world->fd[FACE_HEAP], c->offset);
}

static void fill_heap_region(struct world *world, void *arg)
{
	struct memrig_heap_region *c = arg;

	(void)world;
	c->index = 0;
}

static void fill_watch(struct world *world, void *arg)
{
	struct memrig_watch *c = arg;

	(void)world;
	c->bytes = 1;
	c->align = 0;
}

static void fill_blocks_get(struct world *world, void *arg)
{
	struct memrig_blocks_get *c = arg;

	(void)world;
	c->offset = BLOCK_BYTES;
	c->count = 2;
	c->reserved = 0;
}

static void fill_blocks_free(struct world *world, void *arg)
{
	struct memrig_blocks_free *c = arg;

	blocks_get(world->fd[FACE_BLOCKS], 0, 4);
	c->offset = 0;
	c->count = 4;
}

static void undo_blocks_get(struct world *world, void *arg)
{
	struct memrig_blocks_get *c = arg;

	blocks_free(world->fd[FACE_BLOCKS], c->offset, c->count);
}

static void fill_blocks_is_free(struct world *world, void *arg)
{
	struct memrig_blocks_is_free *c = arg;

	(void)world;
	c->offset = 0;
	c->count = 1;
	c->reserved = 0;
}

static void fill_receive(struct world *world, void *arg)
{
	struct memrig_receive *c = arg;
	int heap = world->fd[FACE_HEAP];

	heap_send(heap, heap_alloc(heap, 64, 0), 0);
	c->timeout_ns = 0;
	c->reserved = 0;
}

static void undo_receive(struct world *world, void *arg)
{
	struct memrig_receive *c = arg;

	heap_free(world->fd[FACE_HEAP], c->offset);
}

static void fill_send(struct world *world, void *arg)
{
	struct memrig_send *c = arg;

	c->offset = heap_alloc(world->fd[FACE_HEAP], 64, 0);
	c->bytes = 0;
}

static void undo_send(struct world *world, void *arg)
{
	int heap = world->fd[FACE_HEAP];

	(void)arg;
	heap_free(heap, heap_receive(heap));
}

static void fill_track_list(struct world *world, void *arg)
{
	struct memrig_track_list *c = arg;

	c->cursor = 0;
	c->entries = (uintptr_t)world->page;
	c->count = 4;
	c->entry_size = sizeof(struct memrig_track_entry);
}

#define ROW(NAME, type, on, ...)                                                               \
	{                                                                                      \
		.name = #NAME, .cmd = MEMRIG_IOC_##NAME, .size = sizeof(struct memrig_##type), \
		.face = on, __VA_ARGS__                                                        \
	}
#define AT(type, member) offsetof(struct memrig_##type, member)

const struct row rows[] = {
	ROW(CAPS, caps, FACE_SESSION, .fill = fill_nothing),
	ROW(REGION_CREATE, region_create, FACE_SESSION, .fd_at = AT(region_create, fd),
	    .reserved_at = AT(region_create, reserved), .fill = fill_region_create),
	ROW(REGION_OPEN, region_open, FACE_SESSION, .fd_at = AT(region_open, fd),
	    .reserved_at = AT(region_open, reserved), .fill = fill_region_open),
	ROW(REGION_REMOVE, region_remove, FACE_SESSION, .fill = fill_region_remove),
	ROW(REGION_LIST, region_list, FACE_SESSION, .array_at = AT(region_list, entries),
	    .fill = fill_region_list),
	ROW(REGION_INFO, region_info, FACE_REGION, .fill = fill_nothing),
	ROW(ATTR_QUERY, attr_query, FACE_REGION, .reserved_at = AT(attr_query, reserved),
	    .fill = fill_attr_query),
	ROW(REGION_ADDR, region_addr, FACE_REGION, .fill = fill_region_addr),
	ROW(ATTR_NAME, attr_name, FACE_SESSION, .reserved_at = AT(attr_name, reserved),
	    .fill = fill_attr_name),
	ROW(REGION_SUSPEND, region_suspend, FACE_REGION, .fill = fill_nothing,
	    .undo = undo_suspend),
	ROW(REGION_RESUME, region_resume, FACE_REGION, .fill = fill_region_resume),
	ROW(REGION_NEAR, region_near, FACE_REGION, .fill = fill_region_near),
	ROW(HEAP_CREATE, heap_create, FACE_REGION, .fd_at = AT(heap_create, fd),
	    .fill = fill_heap_create),
	ROW(HEAP_ATTACH, heap_attach, FACE_HEAP, .fd_at = AT(heap_attach, fd),
	    .fill = fill_nothing),
	ROW(ALLOC, alloc, FACE_HEAP, .fill = fill_alloc, .undo = undo_alloc),
	ROW(FREE, free, FACE_HEAP, .fill = fill_free),
	ROW(REALLOC, realloc, FACE_HEAP, .fill = fill_realloc, .undo = undo_realloc),
	ROW(ALLOC_BATCH, alloc_batch, FACE_HEAP, .array_at = AT(alloc_batch, reqs),
	    .fill = fill_alloc_batch, .undo = undo_alloc_batch),
	ROW(FREE_BATCH, free_batch, FACE_HEAP, .array_at = AT(free_batch, offsets),
	    .fill = fill_free_batch),
	ROW(HEAP_STAT, heap_stat, FACE_HEAP, .fill = fill_nothing),
	ROW(HEAP_RESET_MAX, heap_reset_max, FACE_HEAP, .fill = fill_nothing),
	ROW(HEAP_WALK, heap_walk, FACE_HEAP, .reserved_at = AT(heap_walk, reserved),
	    .array_at = AT(heap_walk, blocks), .fill = fill_walk),
	ROW(HEAP_VALIDATE, heap_validate, FACE_HEAP, .reserved_at = AT(heap_validate, reserved),
	    .fill = fill_validate),
	ROW(GIVE, give, FACE_HEAP, .reserved_at = AT(give, reserved), .fill = fill_give,
	    .undo = undo_offset),
	ROW(KEEP, keep, FACE_HEAP, .reserved_at = AT(keep, reserved), .fill = fill_keep,
	    .undo = undo_offset),
	ROW(USABLE, usable, FACE_HEAP, .fill = fill_usable, .undo = undo_offset),
	ROW(HEAP_REGION, heap_region, FACE_HEAP, .fd_at = AT(heap_region, fd),
	    .fill = fill_heap_region),
	ROW(WATCH, watch, FACE_HEAP, .fill = fill_watch),
	ROW(BLOCKS_GET, blocks_get, FACE_BLOCKS, .reserved_at = AT(blocks_get, reserved),
	    .fill = fill_blocks_get, .undo = undo_blocks_get),
	ROW(BLOCKS_FREE, blocks_free, FACE_BLOCKS, .fill = fill_blocks_free),
	ROW(BLOCKS_IS_FREE, blocks_is_free, FACE_BLOCKS,
	    .reserved_at = AT(blocks_is_free, reserved), .fill = fill_blocks_is_free),
	ROW(SEND, send, FACE_HEAP, .fill = fill_send, .undo = undo_send),
	ROW(RECEIVE, receive, FACE_HEAP, .reserved_at = AT(receive, reserved), .fill = fill_receive,
	    .undo = undo_receive),
	ROW(TRACK_LIST, track_list, FACE_HEAP, .array_at = AT(track_list, entries),
	    .fill = fill_track_list),
	ROW(MULTI_CREATE, multi_create, FACE_SESSION, .fd_at = AT(multi_create, fd),
	    .reserved_at = AT(multi_create, reserved), .fill = fill_multi_create),
	ROW(MULTI_ADD, multi_add, FACE_MULTI, .fill = fill_multi_add, .undo = undo_multi_add),
	ROW(MULTI_REMOVE, multi_remove, FACE_MULTI, .reserved_at = AT(multi_remove, reserved),
	    .fill = fill_multi_remove),
	ROW(MULTI_RULES, multi_rules, FACE_MULTI, .array_at = AT(multi_rules, rules),
	    .fill = fill_multi_rules),
	ROW(MULTI_ALLOC, multi_alloc, FACE_MULTI, .reserved_at = AT(multi_alloc, reserved),
	    .fill = fill_multi_alloc, .undo = undo_multi_alloc),
	ROW(MULTI_FREE, multi_free, FACE_MULTI, .reserved_at = AT(multi_free, reserved),
	    .fill = fill_multi_free),
	ROW(MULTI_REALLOC, multi_realloc, FACE_MULTI, .reserved_at = AT(multi_realloc, reserved),
	    .fill = fill_multi_realloc, .undo = undo_multi_realloc),
	ROW(MULTI_MEMBER, multi_member, FACE_MULTI, .fd_at = AT(multi_member, fd),
	    .fill = fill_multi_member),
	ROW(MULTI_ATTACH, multi_attach, FACE_MULTI, .fd_at = AT(multi_attach, fd),
	    .reserved_at = AT(multi_attach, reserved), .fill = fill_multi_attach),
	ROW(MULTI_STAT, multi_stat, FACE_MULTI, .reserved_at = AT(multi_stat, reserved),
	    .array_at = AT(multi_stat, members), .fill = fill_multi_stat),
	ROW(MULTI_WATCH, multi_watch, FACE_MULTI, .fill = fill_multi_watch),
	ROW(WINDOW_CREATE, window_create, FACE_SESSION, .fd_at = AT(window_create, fd),
	    .fill = fill_window_create),
	ROW(WINDOW_LIST, window_list, FACE_SESSION, .array_at = AT(window_list, entries),
	    .fill = fill_window_list),
	ROW(WINDOW_OPEN, window_open, FACE_SESSION, .fd_at = AT(window_open, fd),
	    .reserved_at = AT(window_open, reserved), .fill = fill_window_open),
	ROW(PAGING_STAT, paging_stat, FACE_SESSION, .fill = fill_paging_stat),
	ROW(WINDOW_KIND, window_kind, FACE_SESSION, .reserved_at = AT(window_kind, reserved),
	    .fill = fill_window_kind),
	ROW(WINDOW_STAT, window_stat, FACE_WINDOW, .fill = fill_nothing),
	ROW(PAGE_IN, page_range, FACE_WINDOW, .reserved_at = AT(page_range, reserved),
	    .fill = fill_page_range),
	ROW(PAGE_OUT, page_range, FACE_WINDOW, .reserved_at = AT(page_range, reserved),
	    .fill = fill_page_range),
	ROW(PAGE_PIN, page_range, FACE_WINDOW, .reserved_at = AT(page_range, reserved),
	    .fill = fill_page_range, .undo = undo_page_pin),
	ROW(PAGE_UNPIN, page_range, FACE_WINDOW, .reserved_at = AT(page_range, reserved),
	    .fill = fill_page_unpin),
	ROW(PAGE_FLUSH, page_range, FACE_WINDOW, .reserved_at = AT(page_range, reserved),
	    .fill = fill_page_range),
	ROW(PAGE_MAP, page_map, FACE_WINDOW, .array_at = AT(page_map, states),
	    .fill = fill_page_map),
	ROW(WINDOW_ATTACH, window_attach, FACE_WINDOW, .fd_at = AT(window_attach, fd),
	    .reserved_at = AT(window_attach, reserved), .fill = fill_window_attach),
	ROW(WINDOW_POLICY, window_policy, FACE_WINDOW, .reserved_at = AT(window_policy, reserved),
	    .fill = fill_window_policy),
	ROW(WINDOW_HIST, window_hist, FACE_WINDOW, .fill = fill_window_hist),
	ROW(WINDOW_INJECT, window_inject, FACE_WINDOW, .fill = fill_window_inject),
	ROW(WINDOW_PAGING_STAT, paging_stat, FACE_WINDOW, .fill = fill_paging_stat),
	ROW(PAGE_ADDR, page_addr, FACE_WINDOW, .fill = fill_page_addr, .undo = undo_page_addr),
};

const unsigned int row_count = sizeof(rows) / sizeof(rows[0]);

int world_setup(struct world *world)
{
	struct memrig_heap_create heap =
		ARG(memrig_heap_create, .flags = MEMRIG_HEAP_STATS | MEMRIG_HEAP_TRACK,
		    .placement = MEMRIG_PLACEMENT_OOB, .length = HEAP_BYTES);
	int fd, region;

	world->page =
		mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (world->page == MAP_FAILED)
		return -errno;
	world->fd[FACE_SESSION] = session_open();
	if (world->fd[FACE_SESSION] < 0)
		return world->fd[FACE_SESSION];
	world->fd[FACE_REGION] =
		region_with(world->fd[FACE_SESSION], MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
			    REGION_BYTES, MEMRIG_ATTRS_POWERED);
	if (world->fd[FACE_REGION] < 0)
		return world->fd[FACE_REGION];
	fd = call(world->fd[FACE_REGION], MEMRIG_IOC_HEAP_CREATE, &heap);
	if (fd)
		return fd;
	world->fd[FACE_HEAP] = heap.fd;
	/* Listings have something to tell. */
	if (heap_alloc(heap.fd, 8, 0) < 0)
		return -EUCLEAN;
	region = region_new(world->fd[FACE_SESSION], MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
			    REGION_BYTES);
	world->fd[FACE_BLOCKS] = heap_engine(region, MEMRIG_ENGINE_BLOCKS, BLOCK_BYTES);
	close(region);
	if (world->fd[FACE_BLOCKS] < 0)
		return world->fd[FACE_BLOCKS];
	world->fd[FACE_MULTI] = multi_new(world->fd[FACE_SESSION]);
	fd = multi_add(world->fd[FACE_MULTI], heap.fd, 0);
	if (fd)
		return fd;
	world->fd[FACE_WINDOW] = world_window(world);
	if (world->fd[FACE_WINDOW] < 0)
		return world->fd[FACE_WINDOW];
	world->second = heap_attach(heap.fd, &world->client);
	if (world->second < 0)
		return world->second;
	fd = region_named(world->fd[FACE_SESSION], OPEN_NAME, page_size(), 0600);
	if (fd < 0 && fd != -EEXIST)
		return fd;
	if (fd >= 0)
		close(fd);
	return 0;
}

void world_teardown(struct world *world)
{
	region_remove(world->fd[FACE_SESSION], OPEN_NAME);
	region_remove(world->fd[FACE_SESSION], REMOVE_NAME);
	close(world->second);
	close(world->frames);
	for (int i = FACE_COUNT - 1; i >= 0; i--)
		close(world->fd[i]);
	munmap(world->page, page_size());
}
