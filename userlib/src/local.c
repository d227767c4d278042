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

	drain(local);
	free(local->engine.control);
	if (local->own)
		munmap(local->own, local->cfg.bytes);
	pthread_mutex_destroy(&local->lock);
	free(local);
	errno = saved;
}

static const struct heap_ops local_ops = {
	.close = local_close,
	.alloc = mrig_local_alloc,
	.free = mrig_local_free,
	.realloc = mrig_local_realloc,
	.usable = mrig_local_usable,
	.alloc_batch = mrig_local_alloc_batch,
	.free_batch = mrig_local_free_batch,
	.stat = mrig_local_stat,
	.reset_max = mrig_local_reset_max,
	.walk = mrig_local_walk,
	.validate = mrig_local_validate,
};

static const struct mrig_heap_ops *placement_engine(uint32_t placement)
{
	switch (placement) {
	case MEMRIG_PLACEMENT_INBAND:
		return &mrig_heap_inband;
	case MEMRIG_PLACEMENT_OOB:
		return &mrig_heap_oob;
	default:
		return NULL;
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
	if (!placement_engine(args->placement) || args->hardening > MRIG_HARDEN_EXTREME)
		return -EOPNOTSUPP;
	return 0;
}

/* Formats a heap over @bytes at @mem, the offset of which is @span. */
static int local_format(char *mem, uint64_t bytes, uint64_t span,
			const struct memrig_heap_create *args, struct local_heap **out)
{
	const struct mrig_heap_ops *ops = placement_engine(args->placement);
	struct local_heap *local = calloc(1, sizeof(*local));
	size_t control;
	int ret;

	if (!local)
		return -ENOMEM;
	local->heap.ops = &local_ops;
	local->span = span;
	local->placement = args->placement;
	local->cfg = (struct mrig_heap_cfg){
		.base = (uintptr_t)mem,
		.bytes = bytes,
		.search_limit = args->search_limit ? args->search_limit : MRIG_DEFAULT_SEARCH,
		.max_blocks = args->max_blocks,
		.hardening = args->hardening,
		.stats = args->flags & MEMRIG_HEAP_STATS,
	};
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
	ret = -pthread_mutex_init(&local->lock, NULL);
	if (ret)
		goto err_engine;
	*out = local;
	return 0;

err_engine:
	drain(local);
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
