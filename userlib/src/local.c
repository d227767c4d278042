// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Life of heaps that run in this process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "heap_core.h"
#include "local.h"
#include "mrig_port_user.h"

static void drain(struct local_heap *local)
{
	void *side;

	while ((side = local->engine.ops->drain(&local->engine)))
		free(side);
}

static void local_close(struct memrig_heap *heap)
{
	struct local_heap *local = to_local(heap);
	int saved = errno;

	mrig_local_queue_clear(local);
	drain(local);
	free(local->engine.control);
	if (local->own)
		munmap(local->own, local->cfg.bytes);
	free(local);
	errno = saved;
}

static const struct heap_ops local_ops = {
	.close = local_close,
	.alloc = mrig_local_alloc,
	.free = mrig_local_free,
	.realloc = mrig_local_realloc,
	.usable = mrig_local_usable,
	.blocks_get = mrig_local_blocks_get,
	.blocks_free = mrig_local_blocks_free,
	.blocks_is_free = mrig_local_blocks_is_free,
	.send = mrig_local_send,
	.receive = mrig_local_receive,
	.alloc_batch = mrig_local_alloc_batch,
	.free_batch = mrig_local_free_batch,
	.stat = mrig_local_stat,
	.reset_max = mrig_local_reset_max,
	.walk = mrig_local_walk,
	.validate = mrig_local_validate,
};

/* The engine of that name; sys_heap has one for each placement. */
static const struct mrig_heap_ops *find_engine(uint32_t engine, uint32_t placement)
{
	const char *name = engine == MEMRIG_ENGINE_SYS_HEAP ? memrig_placement_name(placement)
							    : memrig_engine_name(engine);
	size_t i;

	for (i = 0; mrig_heap_engines[i]; i++)
		if (!strcmp(mrig_heap_engines[i]->name, name))
			return mrig_heap_engines[i];
	return NULL;
}

static uint32_t engine_of(const struct memrig_heap_create *args)
{
	return args->engine ? args->engine : MEMRIG_ENGINE_SYS_HEAP;
}

/* Only heaps of equal blocks have a size of these, and a number. */
static int check_blocks(const struct memrig_heap_create *args)
{
	uint64_t size = args->block_size;

	switch (engine_of(args)) {
	case MEMRIG_ENGINE_SLAB:
		return size && size % 8 == 0 ? 0 : -EINVAL;
	case MEMRIG_ENGINE_BLOCKS:
		return size >= 8 && !(size & (size - 1)) ? 0 : -EINVAL;
	default:
		return size || args->num_blocks ? -EINVAL : 0;
	}
}

/* The same rules as in the kernel: what is not known must be zero. */
static int check_args(const struct memrig_heap_create *args)
{
	const char *bytes = (const char *)args;
	uint32_t i;

	if (args->size < sizeof(*args))
		return -EINVAL;
	for (i = sizeof(*args); i < args->size; i++)
		if (bytes[i])
			return -E2BIG;
	if (args->flags & ~MEMRIG_HEAP_STATS)
		return -EOPNOTSUPP;
	if (!args->placement)
		return -EINVAL;
	if (!find_engine(engine_of(args), args->placement) || args->hardening > MRIG_HARDEN_EXTREME)
		return -EOPNOTSUPP;
	if (engine_of(args) != MEMRIG_ENGINE_SYS_HEAP && args->placement != MEMRIG_PLACEMENT_OOB)
		return -EOPNOTSUPP;
	return check_blocks(args);
}

static uint32_t as_many_as_fit(const struct mrig_heap_cfg *cfg)
{
	uint64_t most = cfg->max_blocks ? cfg->max_blocks : UINT32_MAX;
	uint64_t fit = cfg->bytes / cfg->block_size;

	return fit < most ? fit : most;
}

static void set_config(struct local_heap *local, const struct memrig_heap_create *args)
{
	struct mrig_heap_cfg *cfg = &local->cfg;

	cfg->search_limit = args->search_limit ? args->search_limit : MRIG_DEFAULT_SEARCH;
	cfg->max_blocks = args->max_blocks;
	cfg->hardening = args->hardening;
	cfg->stats = args->flags & MEMRIG_HEAP_STATS;
	cfg->block_size = args->block_size;
	cfg->num_blocks = args->num_blocks;
	if (cfg->block_size && !cfg->num_blocks)
		cfg->num_blocks = as_many_as_fit(cfg);
	local->placement = args->placement;
	local->kind = engine_of(args);
}

/* Formats a heap over @bytes at @mem, the offset of which is @span. */
static int local_format(char *mem, uint64_t bytes, uint64_t span,
			const struct memrig_heap_create *args, struct local_heap **out)
{
	const struct mrig_heap_ops *ops = find_engine(engine_of(args), args->placement);
	struct local_heap *local = calloc(1, sizeof(*local));
	struct mrig_heap_info info = { 0 };
	size_t control;
	int ret;

	if (!local)
		return -ENOMEM;
	mrig_heap_handle_init(&local->heap, &local_ops, NULL);
	local->span = span;
	local->cfg.base = (uintptr_t)mem;
	local->cfg.bytes = bytes;
	set_config(local, args);
	local->engine.ops = ops;
	ret = -EINVAL;
	control = ops->control_bytes(&local->cfg);
	if (!control)
		goto err_local;
	ret = -ENOMEM;
	local->engine.control = calloc(1, control);
	if (!local->engine.control)
		goto err_local;
	ret = ops->init(&local->engine, local->engine.control, &local->cfg);
	if (ret)
		goto err_control;
	ops->info(&local->engine, &info);
	local->largest = info.largest_free;
	*out = local;
	return 0;

err_control:
	free(local->engine.control);
err_local:
	free(local);
	return ret;
}

int memrig_local_create(void *mem, size_t bytes, struct memrig_heap_create *args,
			memrig_heap_t **heap)
{
	struct local_heap *local;
	int saved = errno;
	void *own = NULL;
	int ret;

	ret = check_args(args);
	if (!ret && (args->offset || args->length || !bytes))
		ret = -EINVAL;
	if (!ret && !mem) {
		own = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ret = own == MAP_FAILED ? -errno : 0;
		errno = saved;
		mem = own;
	}
	if (ret)
		return FAIL(ret);
	ret = local_format(mem, bytes, 0, args, &local);
	if (ret) {
		if (own)
			munmap(own, bytes);
		return FAIL(ret);
	}
	local->own = own;
	atomic_init(&local->heap.base, (uintptr_t)mem);
	*heap = &local->heap;
	return 0;
}

int memrig_local_create_over(memrig_region_t *region, struct memrig_heap_create *args,
			     memrig_heap_t **heap)
{
	struct local_heap *local;
	uint64_t length;
	void *map;
	int ret;

	ret = check_args(args);
	if (!ret && (args->offset >= region->length || args->offset % 8 ||
		     args->length > region->length - args->offset))
		ret = -EINVAL;
	if (!ret && region->read_only)
		ret = -EACCES;
	if (!ret)
		ret = mrig_region_map(region, &map);
	if (ret)
		return FAIL(ret);
	length = args->length ? args->length : region->length - args->offset;
	ret = local_format((char *)map + args->offset, length, args->offset, args, &local);
	if (ret) {
		mrig_region_unmap(region);
		return FAIL(ret);
	}
	mrig_region_get(region);
	local->heap.region = region;
	atomic_init(&local->heap.base, (uintptr_t)map);
	*heap = &local->heap;
	return 0;
}

void memrig_on_corruption(memrig_corruption_fn fn)
{
	mrig_port_on_heap_fault(fn);
}

void memrig_on_misuse(memrig_misuse_fn fn)
{
	mrig_port_on_misuse(fn);
}
