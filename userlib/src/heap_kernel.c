// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps that run in the kernel: every operation is an ioctl on the heap's descriptor.
 */
#include <errno.h>
#include <stdlib.h>

#include "priv.h"

/**
 * struct kernel_heap - a heap behind a descriptor
 * @heap: handle
 * @fd: of the heap
 */
struct kernel_heap {
	struct memrig_heap heap;
	int fd;
};

static int heap_fd(const struct memrig_heap *heap)
{
	return ((const struct kernel_heap *)heap)->fd;
}

static void kernel_close(struct memrig_heap *heap)
{
	mrig_close_fd(heap_fd(heap));
	free(heap);
}

static int kernel_alloc(struct memrig_heap *heap, struct memrig_alloc *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_ALLOC, args);
}

static int kernel_free(struct memrig_heap *heap, uint64_t offset)
{
	struct memrig_free args = { .size = sizeof(args), .offset = offset };

	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_FREE, &args);
}

static int kernel_realloc(struct memrig_heap *heap, struct memrig_realloc *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_REALLOC, args);
}

static int kernel_usable(struct memrig_heap *heap, struct memrig_usable *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_USABLE, args);
}

static int kernel_watch(struct memrig_heap *heap, struct memrig_watch *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_WATCH, args);
}

static int kernel_blocks_get(struct memrig_heap *heap, struct memrig_blocks_get *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_BLOCKS_GET, args);
}

static int kernel_blocks_free(struct memrig_heap *heap, struct memrig_blocks_free *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_BLOCKS_FREE, args);
}

static int kernel_blocks_is_free(struct memrig_heap *heap, struct memrig_blocks_is_free *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_BLOCKS_IS_FREE, args);
}

static int kernel_send(struct memrig_heap *heap, struct memrig_send *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_SEND, args);
}

static int kernel_receive(struct memrig_heap *heap, struct memrig_receive *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_RECEIVE, args);
}

static int kernel_track_list(struct memrig_heap *heap, struct memrig_track_list *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_TRACK_LIST, args);
}

static int kernel_alloc_batch(struct memrig_heap *heap, struct memrig_alloc_batch *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_ALLOC_BATCH, args);
}

static int kernel_free_batch(struct memrig_heap *heap, struct memrig_free_batch *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_FREE_BATCH, args);
}

static int kernel_stat(struct memrig_heap *heap, struct memrig_heap_stat *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_HEAP_STAT, args);
}

static int kernel_reset_max(struct memrig_heap *heap)
{
	struct memrig_heap_reset_max args = { .size = sizeof(args) };

	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_HEAP_RESET_MAX, &args);
}

static int kernel_walk(struct memrig_heap *heap, struct memrig_heap_walk *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_HEAP_WALK, args);
}

static int kernel_validate(struct memrig_heap *heap, struct memrig_heap_validate *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_HEAP_VALIDATE, args);
}

static int kernel_give(struct memrig_heap *heap, struct memrig_give *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_GIVE, args);
}

static int kernel_keep(struct memrig_heap *heap, struct memrig_keep *args)
{
	return mrig_ioctl(heap_fd(heap), MEMRIG_IOC_KEEP, args);
}

static int kernel_attach(struct memrig_heap *heap, struct memrig_heap **other);

static const struct heap_ops kernel_ops = {
	.fd = heap_fd,
	.attach = kernel_attach,
	.close = kernel_close,
	.alloc = kernel_alloc,
	.free = kernel_free,
	.realloc = kernel_realloc,
	.usable = kernel_usable,
	.watch = kernel_watch,
	.blocks_get = kernel_blocks_get,
	.blocks_free = kernel_blocks_free,
	.blocks_is_free = kernel_blocks_is_free,
	.send = kernel_send,
	.receive = kernel_receive,
	.track_list = kernel_track_list,
	.alloc_batch = kernel_alloc_batch,
	.free_batch = kernel_free_batch,
	.stat = kernel_stat,
	.reset_max = kernel_reset_max,
	.walk = kernel_walk,
	.validate = kernel_validate,
	.give = kernel_give,
	.keep = kernel_keep,
};

/* Takes over the caller's reference to @region, and @fd, if it succeeds. */
static int kernel_wrap(int fd, struct memrig_region *region, struct memrig_heap **out)
{
	struct kernel_heap *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	mrig_heap_handle_init(&new->heap, &kernel_ops, region);
	new->fd = fd;
	*out = &new->heap;
	return 0;
}

static int kernel_attach(struct memrig_heap *heap, struct memrig_heap **other)
{
	struct memrig_heap_attach args = { .size = sizeof(args) };
	int ret;

	ret = mrig_ioctl(heap_fd(heap), MEMRIG_IOC_HEAP_ATTACH, &args);
	if (ret)
		return ret;
	ret = kernel_wrap(args.fd, heap->region, other);
	if (ret)
		mrig_close_fd(args.fd);
	else
		mrig_region_get(heap->region);
	return ret;
}

int memrig_heap_create(memrig_region_t *region, struct memrig_heap_create *args,
		       memrig_heap_t **heap)
{
	int ret;

	ret = mrig_ioctl(region->fd, MEMRIG_IOC_HEAP_CREATE, args);
	if (!ret) {
		ret = kernel_wrap(args->fd, region, heap);
		if (ret)
			mrig_close_fd(args->fd);
	}
	if (ret) {
		struct fail_info info = { .reason = args->reason, .wanted = args->length };

		return mrig_fail_with(__func__, ret, &info);
	}
	mrig_region_get(region);
	return 0;
}

int mrig_heap_wrap(int fd, struct memrig_heap **heap)
{
	struct memrig_heap_region args = { .size = sizeof(args) };
	struct memrig_region_info info = { .size = sizeof(info) };
	struct memrig_region *region;
	int ret;

	ret = mrig_ioctl(fd, MEMRIG_IOC_HEAP_REGION, &args);
	if (ret)
		return ret;
	ret = mrig_ioctl(args.fd, MEMRIG_IOC_REGION_INFO, &info);
	if (!ret)
		ret = mrig_region_wrap(args.fd, info.length,
				       info.flags & MEMRIG_REGION_STATE_READ_ONLY, &region);
	if (ret) {
		mrig_close_fd(args.fd);
		return ret;
	}
	ret = kernel_wrap(fd, region, heap);
	if (ret)
		mrig_region_put(region);
	return ret;
}

int memrig_heap_from_fd(int fd, memrig_heap_t **heap)
{
	int ret = mrig_heap_wrap(fd, heap);

	return ret ? FAIL(ret) : 0;
}
