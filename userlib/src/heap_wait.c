// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for memory of a heap: by sleeping, and by poll().
 */
#include <errno.h>

#include "priv.h"

/* What was left of the time goes with an interruption, the largest free block with a shortage. */
static int fail_wait(const char *call, int error, const struct memrig_alloc *args)
{
	struct fail_info info = {
		.reason = args->reason,
		.detail = error == -EINTR ? args->timeout_ns : args->largest_free,
		.wanted = args->bytes,
	};

	return mrig_fail_with(call, error, &info);
}

static struct memrig_alloc request(uint64_t align, uint64_t bytes, uint64_t timeout_ns)
{
	return (struct memrig_alloc){
		.size = sizeof(struct memrig_alloc),
		.flags = MEMRIG_ALLOC_WAIT,
		.bytes = bytes,
		.align = align,
		.timeout_ns = timeout_ns,
	};
}

int memrig_heap_alloc_wait_at(memrig_heap_t *heap, uint64_t align, uint64_t bytes,
			      uint64_t timeout_ns, uint64_t *offset, uint64_t *usable)
{
	struct memrig_alloc args = request(align, bytes, timeout_ns);
	int ret;

	ret = heap->ops->alloc(heap, &args);
	if (ret)
		return fail_wait(__func__, ret, &args);
	*offset = args.offset;
	if (usable)
		*usable = args.usable;
	return 0;
}

int memrig_heap_alloc_wait(memrig_heap_t *heap, size_t align, size_t bytes, uint64_t timeout_ns,
			   void **ptr)
{
	struct memrig_alloc args = request(align, bytes, timeout_ns);
	char *base;
	int ret;

	ret = mrig_heap_base(heap, &base);
	if (!ret)
		ret = heap->ops->alloc(heap, &args);
	if (ret)
		return fail_wait(__func__, ret, &args);
	*ptr = base + args.offset;
	return 0;
}

int memrig_heap_watch(memrig_heap_t *heap, uint64_t align, uint64_t bytes)
{
	struct memrig_watch args = { .size = sizeof(args), .bytes = bytes, .align = align };
	int ret = heap->ops->watch ? heap->ops->watch(heap, &args) : -EOPNOTSUPP;

	return ret ? FAIL(ret) : 0;
}
