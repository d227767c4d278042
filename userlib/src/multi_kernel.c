// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Multi objects in the kernel: every operation is an ioctl on the object's descriptor. Members are
 * asked for when pointers need them, and kept.
 */
#include <errno.h>
#include <stdlib.h>

#include "multi.h"

/**
 * struct kernel_multi - a multi object behind a descriptor
 * @multi: handle
 * @fd: of the object
 * @lock: protects what follows
 * @spans: by number of the member; without a heap: not asked for yet
 * @room: their number
 */
struct kernel_multi {
	struct memrig_multi multi;
	int fd;
	pthread_mutex_t lock;
	struct multi_span *spans;
	uint32_t room;
};

static struct kernel_multi *to_kernel(struct memrig_multi *multi)
{
	return (struct kernel_multi *)multi;
}

static int multi_fd(const struct memrig_multi *multi)
{
	return ((const struct kernel_multi *)multi)->fd;
}

/* ---- members ------------------------------------------------------------------------- */

static void forget(struct kernel_multi *kernel, uint32_t member)
{
	if (member >= kernel->room || !kernel->spans[member].heap)
		return;
	memrig_heap_close(kernel->spans[member].heap);
	kernel->spans[member].heap = NULL;
}

static int make_room(struct kernel_multi *kernel, uint32_t member)
{
	struct multi_span *more;
	uint32_t i;

	if (member < kernel->room)
		return 0;
	more = reallocarray(kernel->spans, member + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	for (i = kernel->room; i <= member; i++)
		more[i] = (struct multi_span){ 0 };
	kernel->spans = more;
	kernel->room = member + 1;
	return 0;
}

/* Asks for a member; the lock is held. */
static int fetch(struct kernel_multi *kernel, uint32_t member)
{
	struct memrig_multi_member args = { .size = sizeof(args), .member = member };
	struct memrig_heap *heap;
	int ret;

	ret = mrig_ioctl(kernel->fd, MEMRIG_IOC_MULTI_MEMBER, &args);
	if (ret)
		return ret;
	ret = make_room(kernel, member);
	if (!ret)
		ret = mrig_heap_wrap(args.fd, &heap);
	if (ret) {
		mrig_close_fd(args.fd);
		return ret;
	}
	ret = mrig_multi_span_init(&kernel->spans[member], heap);
	if (ret)
		memrig_heap_close(heap);
	return ret;
}

/*
 * Others may have given the number of a member to another heap, which the block then is in. What
 * was removed has no blocks of this object.
 */
static bool is_stale(struct kernel_multi *kernel, uint32_t member, const uint64_t *block)
{
	struct memrig_usable args = { .size = sizeof(args) };
	struct memrig_heap *heap;

	if (!block || member >= kernel->room || !kernel->spans[member].heap)
		return false;
	args.offset = *block;
	heap = kernel->spans[member].heap;
	return heap->ops->usable(heap, &args) != 0;
}

static int kernel_heap(struct memrig_multi *multi, uint32_t member, const uint64_t *block,
		       struct memrig_heap **heap)
{
	struct kernel_multi *kernel = to_kernel(multi);
	int ret = 0;

	pthread_mutex_lock(&kernel->lock);
	if (is_stale(kernel, member, block))
		forget(kernel, member);
	if (member >= kernel->room || !kernel->spans[member].heap)
		ret = fetch(kernel, member);
	if (!ret) {
		*heap = kernel->spans[member].heap;
		mrig_heap_get(*heap);
	}
	pthread_mutex_unlock(&kernel->lock);
	return ret;
}

static int kernel_find(struct memrig_multi *multi, const void *ptr, uint32_t *member,
		       uint64_t *offset)
{
	struct kernel_multi *kernel = to_kernel(multi);
	int ret = -ENOENT;
	uint32_t i;

	pthread_mutex_lock(&kernel->lock);
	for (i = 0; i < kernel->room && ret; i++) {
		if (kernel->spans[i].heap && mrig_multi_span_has(&kernel->spans[i], ptr, offset)) {
			*member = i;
			ret = 0;
		}
	}
	pthread_mutex_unlock(&kernel->lock);
	return ret;
}

static int kernel_add(struct memrig_multi *multi, struct memrig_heap *heap, uint64_t attrs,
		      uint32_t *member)
{
	struct kernel_multi *kernel = to_kernel(multi);
	struct memrig_multi_add args = { .size = sizeof(args), .attrs = attrs };
	int ret;

	if (!heap->ops->fd)
		return -EOPNOTSUPP;
	args.heap_fd = heap->ops->fd(heap);
	pthread_mutex_lock(&kernel->lock);
	ret = mrig_ioctl(kernel->fd, MEMRIG_IOC_MULTI_ADD, &args);
	if (!ret) {
		forget(kernel, args.member); /* somebody else may have removed another of it */
		*member = args.member;
	}
	pthread_mutex_unlock(&kernel->lock);
	return ret;
}

static int kernel_remove(struct memrig_multi *multi, uint32_t member)
{
	struct kernel_multi *kernel = to_kernel(multi);
	struct memrig_multi_remove args = { .size = sizeof(args), .member = member };
	int ret;

	pthread_mutex_lock(&kernel->lock);
	ret = mrig_ioctl(kernel->fd, MEMRIG_IOC_MULTI_REMOVE, &args);
	if (!ret)
		forget(kernel, member);
	pthread_mutex_unlock(&kernel->lock);
	return ret;
}

/* ---- the rest is the kernel's -------------------------------------------------------- */

static int kernel_rules(struct memrig_multi *multi, const struct memrig_rule *rules, uint32_t count)
{
	struct memrig_multi_rules args = {
		.size = sizeof(args),
		.rules = (uintptr_t)rules,
		.count = count,
		.rule_size = sizeof(*rules),
	};

	return mrig_ioctl(multi_fd(multi), MEMRIG_IOC_MULTI_RULES, &args);
}

static int kernel_alloc(struct memrig_multi *multi, struct memrig_multi_alloc *args)
{
	return mrig_ioctl(multi_fd(multi), MEMRIG_IOC_MULTI_ALLOC, args);
}

static int kernel_free(struct memrig_multi *multi, uint32_t member, uint64_t offset)
{
	struct memrig_multi_free args = {
		.size = sizeof(args),
		.member = member,
		.offset = offset,
	};

	return mrig_ioctl(multi_fd(multi), MEMRIG_IOC_MULTI_FREE, &args);
}

static int kernel_realloc(struct memrig_multi *multi, struct memrig_multi_realloc *args)
{
	return mrig_ioctl(multi_fd(multi), MEMRIG_IOC_MULTI_REALLOC, args);
}

static int kernel_stat(struct memrig_multi *multi, struct memrig_multi_stat *args)
{
	return mrig_ioctl(multi_fd(multi), MEMRIG_IOC_MULTI_STAT, args);
}

static int kernel_watch(struct memrig_multi *multi, struct memrig_multi_watch *args)
{
	return mrig_ioctl(multi_fd(multi), MEMRIG_IOC_MULTI_WATCH, args);
}

static void kernel_close(struct memrig_multi *multi)
{
	struct kernel_multi *kernel = to_kernel(multi);
	uint32_t i;

	for (i = 0; i < kernel->room; i++)
		forget(kernel, i);
	free(kernel->spans);
	mrig_close_fd(kernel->fd);
	pthread_mutex_destroy(&kernel->lock);
	free(kernel);
}

static int kernel_attach(struct memrig_multi *multi, struct memrig_multi **other);

static const struct multi_ops kernel_ops = {
	.fd = multi_fd,
	.attach = kernel_attach,
	.close = kernel_close,
	.add = kernel_add,
	.remove = kernel_remove,
	.rules = kernel_rules,
	.alloc = kernel_alloc,
	.free = kernel_free,
	.realloc = kernel_realloc,
	.stat = kernel_stat,
	.watch = kernel_watch,
	.heap = kernel_heap,
	.find = kernel_find,
};

/* Takes over @fd, if it succeeds. */
static int kernel_wrap(int fd, struct memrig_multi **out)
{
	struct kernel_multi *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return -ENOMEM;
	ret = -pthread_mutex_init(&new->lock, NULL);
	if (ret) {
		free(new);
		return ret;
	}
	new->multi.ops = &kernel_ops;
	new->fd = fd;
	*out = &new->multi;
	return 0;
}

/* The same for a descriptor that was made just now. */
static int kernel_take(int fd, struct memrig_multi **out)
{
	int ret = kernel_wrap(fd, out);

	if (ret)
		mrig_close_fd(fd);
	return ret;
}

static int kernel_attach(struct memrig_multi *multi, struct memrig_multi **other)
{
	struct memrig_multi_attach args = { .size = sizeof(args) };
	int ret;

	ret = mrig_ioctl(multi_fd(multi), MEMRIG_IOC_MULTI_ATTACH, &args);
	return ret ? ret : kernel_take(args.fd, other);
}

int memrig_multi_create(memrig_t *rig, memrig_multi_t **multi)
{
	struct memrig_multi_create args = { .size = sizeof(args) };
	int ret;

	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_MULTI_CREATE, &args);
	if (!ret)
		ret = kernel_take(args.fd, multi);
	return ret ? FAIL(ret) : 0;
}

int memrig_multi_from_fd(int fd, memrig_multi_t **multi)
{
	struct memrig_multi_stat args = { .size = sizeof(args) };
	int ret;

	ret = mrig_ioctl(fd, MEMRIG_IOC_MULTI_STAT, &args); /* is it one? */
	if (!ret)
		ret = kernel_wrap(fd, multi);
	return ret ? FAIL(ret) : 0;
}
