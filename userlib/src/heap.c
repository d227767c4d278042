// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps as the caller sees them: the same calls for both worlds, in offsets and in pointers.
 */
#include <errno.h>
#include <stdlib.h>

#include "priv.h"

/* Failures of requests for memory carry the reason, and the largest block that was free. */
static int fail_alloc(const char *call, int error, uint32_t reason, uint64_t largest,
		      uint64_t wanted)
{
	struct fail_info info = { .reason = reason, .detail = largest, .wanted = wanted };

	return mrig_fail_with(call, error, &info);
}

int mrig_heap_base(struct memrig_heap *heap, char **base)
{
	uintptr_t have = atomic_load_explicit(&heap->base, memory_order_acquire);
	void *map;
	int ret;

	if (!have) {
		ret = mrig_region_map(heap->region, &map);
		if (ret)
			return ret;
		/* Another thread may be first: the same address, but one mapping too many. */
		if (!atomic_compare_exchange_strong(&heap->base, &have, (uintptr_t)map))
			mrig_region_unmap(heap->region);
		have = (uintptr_t)map;
	}
	*base = (char *)have;
	return 0;
}

int mrig_heap_ptr_to_offset(struct memrig_heap *heap, const void *ptr, uint64_t *offset)
{
	uintptr_t addr = (uintptr_t)ptr;
	char *base;
	int ret;

	ret = mrig_heap_base(heap, &base);
	if (ret)
		return ret;
	if (addr < (uintptr_t)base ||
	    (heap->region && addr - (uintptr_t)base >= heap->region->length))
		return -ENOENT;
	*offset = addr - (uintptr_t)base;
	return 0;
}

/* ---- life ---------------------------------------------------------------------------- */

void mrig_heap_handle_init(struct memrig_heap *heap, const struct heap_ops *ops,
			   struct memrig_region *region)
{
	heap->ops = ops;
	atomic_init(&heap->refs, 1);
	heap->region = region;
	atomic_init(&heap->base, 0);
}

void mrig_heap_get(struct memrig_heap *heap)
{
	atomic_fetch_add_explicit(&heap->refs, 1, memory_order_relaxed);
}

void memrig_heap_close(memrig_heap_t *heap)
{
	struct memrig_region *region;
	bool mapped;

	if (!heap || atomic_fetch_sub_explicit(&heap->refs, 1, memory_order_acq_rel) != 1)
		return;
	region = heap->region;
	mapped = region && atomic_load(&heap->base);
	heap->ops->close(heap);
	if (mapped)
		mrig_region_unmap(region);
	if (region)
		mrig_region_put(region);
}

int memrig_heap_attach(memrig_heap_t *heap, memrig_heap_t **other)
{
	int ret = heap->ops->attach ? heap->ops->attach(heap, other) : -EOPNOTSUPP;

	return ret ? FAIL(ret) : 0;
}

int memrig_heap_fd(const memrig_heap_t *heap)
{
	int fd = heap->ops->fd ? heap->ops->fd(heap) : -EOPNOTSUPP;

	return fd < 0 ? FAIL(fd) : fd;
}

int memrig_heap_region(memrig_heap_t *heap, memrig_region_t **region)
{
	if (!heap->region)
		return FAIL(-EOPNOTSUPP);
	mrig_region_get(heap->region);
	*region = heap->region;
	return 0;
}

/* ---- offsets ------------------------------------------------------------------------- */

int memrig_heap_alloc_at(memrig_heap_t *heap, uint64_t align, uint64_t bytes, uint64_t *offset,
			 uint64_t *usable)
{
	struct memrig_alloc args = { .size = sizeof(args), .bytes = bytes, .align = align };
	int ret;

	ret = heap->ops->alloc(heap, &args);
	if (ret)
		return fail_alloc(__func__, ret, args.reason, args.largest_free, bytes);
	*offset = args.offset;
	if (usable)
		*usable = args.usable;
	return 0;
}

int memrig_heap_free_at(memrig_heap_t *heap, uint64_t offset)
{
	int ret = heap->ops->free(heap, offset);

	return ret ? FAIL(ret) : 0;
}

int memrig_heap_realloc_at(memrig_heap_t *heap, uint64_t *offset, uint64_t align, uint64_t bytes,
			   uint32_t flags, uint64_t *usable)
{
	struct memrig_realloc args = {
		.size = sizeof(args),
		.flags = flags,
		.offset = *offset,
		.bytes = bytes,
		.align = align,
	};
	int ret;

	ret = heap->ops->realloc(heap, &args);
	if (ret)
		return fail_alloc(__func__, ret, args.reason, args.largest_free, bytes);
	*offset = args.offset;
	if (usable)
		*usable = args.usable;
	return args.moved != 0;
}

int memrig_heap_usable_at(memrig_heap_t *heap, uint64_t offset, uint64_t *usable)
{
	struct memrig_usable args = { .size = sizeof(args), .offset = offset };
	int ret = heap->ops->usable(heap, &args);

	if (ret)
		return FAIL(ret);
	*usable = args.usable;
	return 0;
}

/* ---- pointers ------------------------------------------------------------------------ */

int memrig_heap_ptr(memrig_heap_t *heap, uint64_t offset, void **ptr)
{
	char *base;
	int ret;

	ret = mrig_heap_base(heap, &base);
	if (!ret && heap->region && offset >= heap->region->length)
		ret = -EINVAL;
	if (ret)
		return FAIL(ret);
	*ptr = base + offset;
	return 0;
}

int memrig_heap_offset(memrig_heap_t *heap, const void *ptr, uint64_t *offset)
{
	int ret = mrig_heap_ptr_to_offset(heap, ptr, offset);

	return ret ? FAIL(ret) : 0;
}

int memrig_heap_alloc(memrig_heap_t *heap, size_t align, size_t bytes, void **ptr)
{
	struct memrig_alloc args = { .size = sizeof(args), .bytes = bytes, .align = align };
	char *base;
	int ret;

	ret = mrig_heap_base(heap, &base);
	if (!ret)
		ret = heap->ops->alloc(heap, &args);
	if (ret)
		return fail_alloc(__func__, ret, args.reason, args.largest_free, bytes);
	*ptr = base + args.offset;
	return 0;
}

int memrig_heap_free(memrig_heap_t *heap, void *ptr)
{
	uint64_t offset;
	int ret;

	if (!ptr)
		return 0;
	ret = mrig_heap_ptr_to_offset(heap, ptr, &offset);
	if (!ret)
		ret = heap->ops->free(heap, offset);
	return ret ? FAIL(ret) : 0;
}

int memrig_heap_realloc(memrig_heap_t *heap, void **ptr, size_t align, size_t bytes)
{
	struct memrig_realloc args = { .size = sizeof(args), .bytes = bytes, .align = align };
	uint64_t offset;
	char *base;
	int ret;

	if (!*ptr)
		return memrig_heap_alloc(heap, align, bytes, ptr);
	if (!bytes) {
		ret = memrig_heap_free(heap, *ptr);
		if (!ret)
			*ptr = NULL;
		return ret;
	}
	ret = mrig_heap_ptr_to_offset(heap, *ptr, &offset);
	if (!ret) {
		args.offset = offset;
		ret = heap->ops->realloc(heap, &args);
	}
	if (!ret)
		ret = mrig_heap_base(heap, &base);
	if (ret)
		return fail_alloc(__func__, ret, args.reason, args.largest_free, bytes);
	*ptr = base + args.offset;
	return 0;
}

int memrig_heap_usable(memrig_heap_t *heap, const void *ptr, size_t *usable)
{
	struct memrig_usable args = { .size = sizeof(args) };
	uint64_t offset;
	int ret;

	ret = mrig_heap_ptr_to_offset(heap, ptr, &offset);
	if (!ret) {
		args.offset = offset;
		ret = heap->ops->usable(heap, &args);
	}
	if (ret)
		return FAIL(ret);
	*usable = args.usable;
	return 0;
}

/* ---- batches ------------------------------------------------------------------------- */

/* The reason is in the element that failed first; the largest free block is asked for. */
static int fail_batch(const char *call, int error, memrig_heap_t *heap,
		      const struct memrig_alloc_req *reqs, uint32_t count)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	uint32_t i = 0;

	while (i < count && !reqs[i].error)
		i++;
	if (i == count || !reqs[i].reason || heap->ops->stat(heap, &stat))
		return mrig_fail_with(call, error, NULL);
	return fail_alloc(call, error, reqs[i].reason, stat.largest_free, reqs[i].bytes);
}

int memrig_heap_alloc_batch(memrig_heap_t *heap, struct memrig_alloc_req *reqs, uint32_t count,
			    uint32_t flags, uint32_t *done)
{
	struct memrig_alloc_batch args = {
		.size = sizeof(args),
		.flags = flags,
		.reqs = (uintptr_t)reqs,
		.count = count,
	};
	uint32_t i;
	int ret;

	for (i = 0; reqs && i < count; i++)
		reqs[i].error = 0;
	ret = heap->ops->alloc_batch(heap, &args);
	*done = args.done;
	if (!ret)
		return 0;
	return ret == -ENOMEM ? fail_batch(__func__, ret, heap, reqs, count) : FAIL(ret);
}

int memrig_heap_free_batch(memrig_heap_t *heap, const uint64_t *offsets, uint32_t count,
			   uint32_t *done)
{
	struct memrig_free_batch args = {
		.size = sizeof(args),
		.offsets = (uintptr_t)offsets,
		.count = count,
	};
	int ret;

	ret = heap->ops->free_batch(heap, &args);
	*done = args.done;
	return ret ? FAIL(ret) : 0;
}

/* ---- looking at it ------------------------------------------------------------------- */

int memrig_heap_stat(memrig_heap_t *heap, struct memrig_heap_stat *stat)
{
	int ret;

	stat->flags = 0; /* an answer, so that a structure can be used again */
	ret = heap->ops->stat(heap, stat);
	return ret ? FAIL(ret) : 0;
}

int memrig_heap_reset_max(memrig_heap_t *heap)
{
	int ret = heap->ops->reset_max(heap);

	return ret ? FAIL(ret) : 0;
}

int memrig_heap_walk(memrig_heap_t *heap, uint64_t *cursor, struct memrig_block *blocks,
		     uint32_t count)
{
	struct memrig_heap_walk args = {
		.size = sizeof(args),
		.cursor = *cursor,
		.blocks = (uintptr_t)blocks,
		.count = count,
	};
	int ret;

	ret = heap->ops->walk(heap, &args);
	if (ret)
		return FAIL(ret);
	*cursor = args.cursor;
	return args.count;
}

int memrig_heap_validate(memrig_heap_t *heap, uint32_t *invariant, uint64_t *offset)
{
	struct memrig_heap_validate args = { .size = sizeof(args) };
	int ret;

	ret = heap->ops->validate(heap, &args);
	if (ret)
		return FAIL(ret);
	*invariant = args.invariant;
	if (offset)
		*offset = args.offset;
	return 0;
}

int memrig_heap_give(memrig_heap_t *heap, uint64_t offset, uint32_t client)
{
	struct memrig_give args = { .size = sizeof(args), .offset = offset, .client = client };
	int ret;

	ret = heap->ops->give ? heap->ops->give(heap, &args) : -EOPNOTSUPP;
	return ret ? FAIL(ret) : 0;
}

int memrig_heap_keep(memrig_heap_t *heap, uint64_t offset)
{
	struct memrig_keep args = { .size = sizeof(args), .offset = offset };
	int ret;

	ret = heap->ops->keep ? heap->ops->keep(heap, &args) : -EOPNOTSUPP;
	return ret ? fail_alloc(__func__, ret, args.reason, 0, 0) : 0;
}
