// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps over memory of the caller's; see mrig_span.h.
 */
#include "mrig_memory.h"
#include "mrig_oob.h"
#include "mrig_span.h"

#define FIRST_ROOM	8U
#define MOST_ROOM	0x7fffffffU

/* In-band, out-of-band, or NULL for a choice that is none. */
static const struct mrig_heap_ops *placement(bool cached, uint32_t flags)
{
	if (flags & ~(uint32_t)(MEMRIG_SPAN_INBAND | MEMRIG_SPAN_OOB) ||
	    flags == (MEMRIG_SPAN_INBAND | MEMRIG_SPAN_OOB))
		return NULL;
	if (flags & MEMRIG_SPAN_INBAND)
		return MRIG_PORT_DISTRUST && !cached ? NULL : &mrig_heap_inband;
	if (flags & MEMRIG_SPAN_OOB || MRIG_PORT_DISTRUST || !cached)
		return &mrig_heap_oob;
	return &mrig_heap_inband;
}

/* Fetch the records of @blocks blocks. Nobody else knows the heap yet. */
static int prepare(struct mrig_heap *heap, uint32_t blocks)
{
	struct mrig_want want;
	void *mem;

	for (;;) {
		mrig_oob_want_blocks(heap->control, blocks, &want);
		if (!want.bytes)
			return 0;
		mem = mrig_mem_alloc(want.bytes);
		if (!mem)
			return -ENOMEM;
		mrig_mem_free(heap->ops->feed(heap, &want, mem));
	}
}

/**
 * mrig_span_open() - make a heap over a piece of memory
 * @heap: to fill in
 * @mem: the memory
 * @bytes: its length
 * @cached: whether it is ordinary cached memory
 * @opts: options, or NULL
 *
 * Context: no lock held.
 * Return: 0; -EINVAL for memory that is NULL, too small or too large, or options that are none,
 * which in the kernel in-band headers in memory that is not cached are; -ENOMEM.
 */
int mrig_span_open(struct mrig_heap *heap, void *mem, size_t bytes, bool cached,
		   const struct memrig_span_opts *opts)
{
	struct mrig_heap_cfg cfg = {
		.base = (uintptr_t)mem,
		.bytes = bytes,
		.search_limit = opts ? opts->search_limit : 0,
		.max_blocks = opts ? opts->max_blocks : 0,
		.hardening = opts ? opts->hardening : MRIG_HARDEN_BASIC,
	};
	const struct mrig_heap_ops *ops = placement(cached, opts ? opts->flags : 0);
	size_t control = ops && mem ? ops->control_bytes(&cfg) : 0;
	int err;

	if (!control)
		return -EINVAL;
	heap->ops = ops;
	heap->control = mrig_mem_create(control);
	if (!heap->control)
		return -ENOMEM;
	err = ops->init(heap, heap->control, &cfg);
	if (!err && ops == &mrig_heap_oob && cfg.max_blocks)
		err = prepare(heap, cfg.max_blocks);
	if (err)
		mrig_span_close(heap);
	return err;
}

/**
 * mrig_span_close() - end a heap that is in no set
 * @heap: heap
 *
 * Context: no lock held.
 */
void mrig_span_close(struct mrig_heap *heap)
{
	void *side;

	while ((side = heap->ops->drain(heap)))
		mrig_mem_free(side);
	mrig_mem_free(heap->control);
	heap->control = NULL;
}

/**
 * mrig_span_stats_of() - figures of a member
 * @m: member of a set whose lock is held
 * @stats: filled in
 */
void mrig_span_stats_of(const struct mrig_member *m, struct memrig_span_stats *stats)
{
	struct mrig_heap_info info;
	uint64_t free;

	m->heap->ops->held(m->heap, &free);
	m->heap->ops->info(m->heap, &info);
	stats->mem = (void *)(uintptr_t)m->addr;
	stats->bytes = (size_t)m->bytes;
	stats->free_bytes = (size_t)free;
	stats->largest_free = (size_t)info.largest_free;
	stats->out_of_band = m->heap->ops == &mrig_heap_oob;
	stats->use = m->stats;
}

static bool is_member(const struct mrig_set *set, const struct mrig_member *wanted)
{
	const struct mrig_member *m;

	for (m = set->first; m; m = m->next) {
		if (m == wanted)
			return true;
	}
	return false;
}

/* Meanwhile others may have fed the member, or it may have left, and another come to its place. */
static bool still_wants(struct mrig_set *set, struct mrig_member *m, const struct mrig_want *want)
{
	struct mrig_want now;

	if (!is_member(set, m))
		return false;
	m->heap->ops->want(m->heap, &now);
	return now.bytes == want->bytes && now.kind == want->kind && now.index == want->index;
}

/**
 * mrig_span_feed() - fetch what an operation on a set lacked when it returned -EAGAIN
 * @l: lock of the set, held; released in between
 * @key: of the lock
 * @set: set
 *
 * Context: no other lock held.
 * Return: 0: repeat the operation; -ENOMEM: there is no memory.
 */
int mrig_span_feed(struct mrig_lock *l, unsigned long *key, struct mrig_set *set)
	mrig_must_hold(l)
{
	struct mrig_member *m = set->hungry;
	struct mrig_want want;
	void *mem;

	m->heap->ops->want(m->heap, &want);
	if (!want.bytes)
		return -ENOMEM;
	mrig_lock_leave(l, *key);
	mem = mrig_mem_alloc(want.bytes);
	*key = mrig_lock_enter(l);
	if (!mem)
		return -ENOMEM;
	if (still_wants(set, m, &want))
		mem = m->heap->ops->feed(m->heap, &want, mem);
	if (!mem)
		return 0;
	mrig_lock_leave(l, *key);
	mrig_mem_free(mem);
	*key = mrig_lock_enter(l);
	return 0;
}

/**
 * mrig_span_room() - make room for more members
 * @l: lock of the set, held; released in between
 * @key: of the lock
 * @set: set whose array is from here, or empty
 *
 * Context: no other lock held.
 * Return: 0: try again to add; -ENOMEM: there is no memory.
 */
int mrig_span_room(struct mrig_lock *l, unsigned long *key, struct mrig_set *set)
	mrig_must_hold(l)
{
	uint32_t room = set->room ? set->room : FIRST_ROOM / 2;
	struct mrig_member **slots, **old;

	if (room > MOST_ROOM / sizeof(*slots) / 2)
		return -ENOMEM;
	room *= 2;
	mrig_lock_leave(l, *key);
	slots = mrig_mem_create(room * sizeof(*slots));
	*key = mrig_lock_enter(l);
	if (!slots)
		return -ENOMEM;
	old = slots;
	if (room > set->room) {
		old = set->by_addr;
		mrig_set_room(set, slots, room);
	}
	mrig_lock_leave(l, *key);
	mrig_mem_free(old);
	*key = mrig_lock_enter(l);
	return 0;
}
