// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks of multi objects that the library runs.
 */
#include <errno.h>
#include <string.h>

#include "multi.h"

/* One bit, two bits (align|rewind), or none. */
static bool valid_align(uint64_t align)
{
	return __builtin_popcountll(align) <= 2;
}

int mrig_multi_local_alloc(struct memrig_multi *multi, struct memrig_multi_alloc *args)
{
	struct local_multi *local = to_local_multi(multi);
	int ret;

	if (args->size < sizeof(*args))
		return -EINVAL;
	if (args->flags & ~MEMRIG_ALLOC_WAIT || args->reserved)
		return -EOPNOTSUPP;
	if (!args->bytes || !valid_align(args->align) ||
	    (!(args->flags & MEMRIG_ALLOC_WAIT) && args->timeout_ns))
		return -EINVAL;
	ret = mrig_multi_check_match(args->match, args->dma_bits, args->node);
	if (ret)
		return ret;
	pthread_rwlock_rdlock(&local->lock);
	ret = mrig_multi_choose_alloc(local, args);
	pthread_rwlock_unlock(&local->lock);
	return ret;
}

static int give_back(struct local_multi *local, struct multi_member *member, uint64_t offset)
{
	int ret = member->span.heap->ops->free(member->span.heap, offset);

	if (!ret) {
		atomic_fetch_add(&member->frees, 1);
		atomic_fetch_sub(&member->live, 1);
		atomic_fetch_add(&local->frees, 1);
	}
	return ret;
}

int mrig_multi_local_free(struct memrig_multi *multi, uint32_t number, uint64_t offset)
{
	struct local_multi *local = to_local_multi(multi);
	struct multi_member *member;
	int ret = -ENOENT;

	pthread_rwlock_rdlock(&local->lock);
	member = mrig_multi_member(local, number);
	if (member)
		ret = give_back(local, member, offset);
	pthread_rwlock_unlock(&local->lock);
	return ret;
}

static int resize(struct multi_member *member, struct memrig_multi_realloc *args)
{
	struct memrig_realloc in = {
		.size = sizeof(in),
		.flags = MEMRIG_REALLOC_IN_PLACE,
		.offset = args->offset,
		.bytes = args->bytes,
		.align = args->align,
	};
	int ret = member->span.heap->ops->realloc(member->span.heap, &in);

	args->usable = in.usable;
	args->reason = in.reason;
	args->largest_free = in.largest_free;
	return ret;
}

static int copy(struct multi_member *from, struct memrig_multi_realloc *args,
		struct multi_member *to, uint64_t offset)
{
	struct memrig_usable old = { .size = sizeof(old), .offset = args->offset };
	char *source, *target;
	int ret;

	ret = from->span.heap->ops->usable(from->span.heap, &old);
	if (!ret)
		ret = mrig_heap_base(from->span.heap, &source);
	if (!ret)
		ret = mrig_heap_base(to->span.heap, &target);
	if (!ret)
		memcpy(target + offset, source + args->offset,
		       old.usable < args->bytes ? old.usable : args->bytes);
	return ret;
}

/* Both blocks live while the content is copied. */
static int move(struct local_multi *local, struct multi_member *from,
		struct memrig_multi_realloc *args)
{
	struct memrig_multi_alloc want = {
		.bytes = args->bytes,
		.align = args->align,
		.with = args->with,
		.without = args->without,
		.priority = args->priority,
		.match = args->match,
		.dma_bits = args->dma_bits,
		.node = args->node,
	};
	struct multi_member *to;
	int ret;

	ret = mrig_multi_choose_alloc(local, &want);
	args->reason = want.reason;
	args->largest_free = want.largest_free;
	if (ret)
		return ret;
	to = mrig_multi_member(local, want.member);
	ret = copy(from, args, to, want.offset);
	if (!ret)
		ret = give_back(local, from, args->offset);
	if (ret) {
		give_back(local, to, want.offset);
		return ret;
	}
	if (to != from)
		atomic_fetch_add(&local->moves, 1);
	args->member = want.member;
	args->offset = want.offset;
	args->usable = want.usable;
	args->moved = 1;
	return 0;
}

/* Whether the block is there at all comes before everything else. */
static int resize_or_move(struct local_multi *local, struct multi_member *member,
			  struct memrig_multi_realloc *args)
{
	struct memrig_usable old = { .size = sizeof(old), .offset = args->offset };
	const struct multi_wish wish = {
		.with = args->with,
		.without = args->without,
		.match = args->match,
		.dma_bits = args->dma_bits,
		.node = args->node,
	};
	int ret = member->span.heap->ops->usable(member->span.heap, &old);

	if (ret)
		return ret;
	ret = -ENOMEM;
	if (mrig_multi_matches(member, &wish))
		ret = resize(member, args);
	if (ret == -ENOMEM && !(args->flags & MEMRIG_REALLOC_IN_PLACE))
		ret = move(local, member, args);
	return ret;
}

int mrig_multi_local_realloc(struct memrig_multi *multi, struct memrig_multi_realloc *args)
{
	struct local_multi *local = to_local_multi(multi);
	struct multi_member *member;
	int ret;

	if (args->size < sizeof(*args))
		return -EINVAL;
	if (args->flags & ~MEMRIG_REALLOC_IN_PLACE || args->reserved)
		return -EOPNOTSUPP;
	if (!args->bytes || !valid_align(args->align))
		return -EINVAL;
	ret = mrig_multi_check_match(args->match, args->dma_bits, args->node);
	if (ret)
		return ret;
	ret = -ENOENT;
	args->moved = 0;
	pthread_rwlock_rdlock(&local->lock);
	member = mrig_multi_member(local, args->member);
	if (member)
		ret = resize_or_move(local, member, args);
	pthread_rwlock_unlock(&local->lock);
	return ret;
}
