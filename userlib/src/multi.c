// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Multi objects as the caller sees them: the same calls for both worlds, in members and offsets,
 * and in pointers.
 */
#include <errno.h>

#include "multi.h"

static int fail_multi(const char *call, int error, uint32_t reason, uint64_t detail,
		      uint64_t wanted)
{
	struct fail_info info = { .reason = reason, .detail = detail, .wanted = wanted };

	return mrig_fail_with(call, error, &info);
}

static int fail_alloc(const char *call, int error, const struct memrig_multi_alloc *args)
{
	return fail_multi(call, error, args->reason,
			  error == -EINTR ? args->timeout_ns : args->largest_free, args->bytes);
}

/* ---- where blocks are ---------------------------------------------------------------- */

int mrig_multi_span_init(struct multi_span *span, struct memrig_heap *heap)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	int ret;

	ret = heap->ops->stat(heap, &stat);
	if (ret)
		return ret;
	*span = (struct multi_span){
		.heap = heap,
		.id = stat.id,
		.region_id = stat.region_id,
		.start = stat.offset,
		.length = stat.length,
	};
	return 0;
}

bool mrig_multi_span_has(const struct multi_span *span, const void *ptr, uint64_t *offset)
{
	uintptr_t base = atomic_load(&span->heap->base), addr = (uintptr_t)ptr;

	if (!base || addr < base)
		return false;
	*offset = addr - base;
	return *offset >= span->start && *offset - span->start < span->length;
}

/* ---- life ---------------------------------------------------------------------------- */

void memrig_multi_close(memrig_multi_t *multi)
{
	if (multi)
		multi->ops->close(multi);
}

int memrig_multi_attach(memrig_multi_t *multi, memrig_multi_t **other)
{
	int ret = multi->ops->attach ? multi->ops->attach(multi, other) : -EOPNOTSUPP;

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_fd(const memrig_multi_t *multi)
{
	int fd = multi->ops->fd ? multi->ops->fd(multi) : -EOPNOTSUPP;

	return fd < 0 ? FAIL(fd) : fd;
}

/* ---- members and rules --------------------------------------------------------------- */

int memrig_multi_add(memrig_multi_t *multi, memrig_heap_t *heap, uint64_t attrs, uint32_t *member)
{
	uint32_t number;
	int ret;

	ret = multi->ops->add(multi, heap, attrs, &number);
	if (ret)
		return FAIL(ret);
	if (member)
		*member = number;
	return 0;
}

int memrig_multi_remove(memrig_multi_t *multi, uint32_t member)
{
	int ret = multi->ops->remove(multi, member);

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_rules(memrig_multi_t *multi, const struct memrig_rule *rules, uint32_t count)
{
	int ret = multi->ops->rules(multi, rules, count);

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_choose(memrig_multi_t *multi, memrig_choose_fn choose, void *arg)
{
	int ret = multi->ops->choose ? multi->ops->choose(multi, choose, arg) : -EOPNOTSUPP;

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_member(memrig_multi_t *multi, uint32_t member, memrig_heap_t **heap)
{
	int ret = multi->ops->heap(multi, member, NULL, heap);

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_stat(memrig_multi_t *multi, struct memrig_multi_stat *stat)
{
	int ret = multi->ops->stat(multi, stat);

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_watch(memrig_multi_t *multi, struct memrig_multi_watch *watch)
{
	int ret = multi->ops->watch ? multi->ops->watch(multi, watch) : -EOPNOTSUPP;

	return ret ? FAIL(ret) : 0;
}

/* ---- members and offsets ------------------------------------------------------------- */

int memrig_multi_alloc_at(memrig_multi_t *multi, struct memrig_multi_alloc *args)
{
	int ret = multi->ops->alloc(multi, args);

	return ret ? fail_alloc(__func__, ret, args) : 0;
}

int memrig_multi_free_at(memrig_multi_t *multi, uint32_t member, uint64_t offset)
{
	int ret = multi->ops->free(multi, member, offset);

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_realloc_at(memrig_multi_t *multi, struct memrig_multi_realloc *args)
{
	int ret = multi->ops->realloc(multi, args);

	if (ret)
		return fail_multi(__func__, ret, args->reason, args->largest_free, args->bytes);
	return args->moved != 0;
}

/* ---- pointers ------------------------------------------------------------------------ */

/* A block as a pointer, which maps its region at the first use. */
static int to_pointer(struct memrig_multi *multi, uint32_t member, uint64_t offset, void **ptr)
{
	struct memrig_heap *heap;
	char *base;
	int ret;

	ret = multi->ops->heap(multi, member, &offset, &heap);
	if (ret)
		return ret;
	ret = mrig_heap_base(heap, &base);
	if (!ret)
		*ptr = base + offset;
	memrig_heap_close(heap); /* the member keeps it */
	return ret;
}

int memrig_multi_alloc(memrig_multi_t *multi, struct memrig_multi_alloc *args, void **ptr)
{
	int ret;

	ret = multi->ops->alloc(multi, args);
	if (ret)
		return fail_alloc(__func__, ret, args);
	ret = to_pointer(multi, args->member, args->offset, ptr);
	if (ret) {
		multi->ops->free(multi, args->member, args->offset);
		return FAIL(ret);
	}
	return 0;
}

int memrig_multi_find(memrig_multi_t *multi, const void *ptr, uint32_t *member, uint64_t *offset)
{
	int ret = multi->ops->find(multi, ptr, member, offset);

	return ret ? FAIL(ret) : 0;
}

int memrig_multi_free(memrig_multi_t *multi, void *ptr)
{
	uint32_t member;
	uint64_t offset;
	int ret;

	if (!ptr)
		return 0;
	ret = multi->ops->find(multi, ptr, &member, &offset);
	if (!ret)
		ret = multi->ops->free(multi, member, offset);
	return ret ? FAIL(ret) : 0;
}

int memrig_multi_realloc(memrig_multi_t *multi, struct memrig_multi_realloc *args, void **ptr)
{
	uint32_t member;
	uint64_t offset;
	int ret;

	ret = multi->ops->find(multi, *ptr, &member, &offset);
	if (ret)
		return FAIL(ret);
	args->member = member;
	args->offset = offset;
	ret = multi->ops->realloc(multi, args);
	if (!ret)
		ret = to_pointer(multi, args->member, args->offset, ptr);
	if (ret)
		return fail_multi(__func__, ret, args->reason, args->largest_free, args->bytes);
	return args->moved != 0;
}
