// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Messages: blocks that one client sends and another receives.
 */
#include <errno.h>

#include "priv.h"

static int send_at(struct memrig_heap *heap, uint64_t offset, uint64_t bytes)
{
	struct memrig_send args = { .size = sizeof(args), .offset = offset, .bytes = bytes };

	return heap->ops->send(heap, &args);
}

int memrig_heap_send_at(memrig_heap_t *heap, uint64_t offset, uint64_t bytes)
{
	int ret = send_at(heap, offset, bytes);

	return ret ? FAIL(ret) : 0;
}

int memrig_heap_send(memrig_heap_t *heap, void *ptr, size_t bytes)
{
	uint64_t offset;
	int ret;

	ret = mrig_heap_ptr_to_offset(heap, ptr, &offset);
	if (!ret)
		ret = send_at(heap, offset, bytes);
	return ret ? FAIL(ret) : 0;
}

/* What was left of the time goes with an interruption. */
static int fail_receive(const char *call, int error, const struct memrig_receive *args)
{
	struct fail_info info = { .detail = error == -EINTR ? args->timeout_ns : 0 };

	return mrig_fail_with(call, error, &info);
}

static int receive(struct memrig_heap *heap, uint64_t timeout_ns, struct memrig_receive *args)
{
	*args = (struct memrig_receive){
		.size = sizeof(*args),
		.flags = timeout_ns ? MEMRIG_RECEIVE_WAIT : 0,
		.timeout_ns = timeout_ns,
	};
	return heap->ops->receive(heap, args);
}

int memrig_heap_receive_at(memrig_heap_t *heap, uint64_t timeout_ns, struct memrig_receive *message)
{
	int ret = receive(heap, timeout_ns, message);

	return ret ? fail_receive(__func__, ret, message) : 0;
}

int memrig_heap_receive(memrig_heap_t *heap, uint64_t timeout_ns, void **ptr, size_t *bytes)
{
	struct memrig_receive args = { .timeout_ns = timeout_ns };
	char *base;
	int ret;

	ret = mrig_heap_base(heap, &base);
	if (!ret)
		ret = receive(heap, timeout_ns, &args);
	if (ret)
		return fail_receive(__func__, ret, &args);
	*ptr = base + args.offset;
	if (bytes)
		*bytes = args.bytes;
	return 0;
}

int memrig_heap_watch_messages(memrig_heap_t *heap)
{
	struct memrig_watch args = { .size = sizeof(args), .flags = MEMRIG_WATCH_MESSAGES };
	int ret = heap->ops->watch ? heap->ops->watch(heap, &args) : -EOPNOTSUPP;

	return ret ? FAIL(ret) : 0;
}
