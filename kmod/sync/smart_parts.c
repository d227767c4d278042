// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Buffer manager with a lock: making one, its tiers and its heaps; see memrig_smart.h.
 */
#include "mrig_memory.h"
#include "smart_part.h"

#define FIRST_TIERS	8U
#define MOST_TIERS	0xffffffU

/**
 * struct tier_part - a tier
 * @tier: as the engine knows it; first
 * @slab: its blocks
 */
struct tier_part {
	struct mrig_smart_tier tier;
	struct mrig_slab slab;
};

/**
 * struct heap_part - a heap behind the tiers
 * @member: as the engine knows it; first
 * @heap: it
 */
struct heap_part {
	struct mrig_member member;
	struct mrig_heap heap;
};

/**
 * memrig_smart_create() - make a buffer manager without tiers and heaps
 * @smart: set to it
 * @reach: how many larger block sizes a request may use when its own tier is full
 *
 * Context: may sleep.
 * Return: 0, -EINVAL if @smart is NULL, or -ENOMEM.
 */
int memrig_smart_create(struct memrig_smart **smart, uint32_t reach)
{
	struct memrig_smart *s;

	if (!smart)
		return -EINVAL;
	s = mrig_handle_create();
	if (!s)
		return -ENOMEM;
	mrig_lock_init(&s->lock);
	mrig_smart_init(&s->smart, NULL, 0, NULL, 0, reach);
	mrig_handle_begin(&s->handle, MRIG_HANDLE_SMART);
	*smart = s;
	return 0;
}

static bool anything_lives(const struct mrig_smart *s)
{
	const struct mrig_member *m;
	struct mrig_slab_info info;
	uint32_t i;

	for (i = 0; i < s->nr; i++) {
		mrig_slab_get_info(s->by_addr[i]->slab, &info);
		if (info.used)
			return true;
	}
	for (m = s->heaps.first; m; m = m->next) {
		if (m->stats.live)
			return true;
	}
	return false;
}

/**
 * memrig_smart_destroy() - end a buffer manager that nobody uses any more
 * @smart: it, or NULL
 *
 * Context: may sleep.
 * Return: 0; -EBUSY while blocks live: nothing has changed; -EINVAL if it has ended already.
 */
int memrig_smart_destroy(struct memrig_smart *smart)
{
	struct mrig_member *m, *next;
	uint32_t i;

	if (!smart)
		return 0;
	if (!mrig_is_smart(smart))
		return -EINVAL;
	if (anything_lives(&smart->smart))
		return -EBUSY;
	for (i = 0; i < smart->smart.nr; i++)
		mrig_mem_free(smart->smart.by_addr[i]);
	for (m = smart->smart.heaps.first; m; m = next) {
		next = m->next;
		mrig_span_close(m->heap);
		mrig_mem_free(m);
	}
	mrig_mem_free(smart->smart.by_size);
	mrig_mem_free(smart->smart.heaps.by_addr);
	mrig_handle_end(&smart->handle);
	return 0;
}

/* Make room for more tiers; as mrig_span_room(). */
static int tier_room(struct memrig_smart *smart, unsigned long *key)
	mrig_must_hold(&smart->lock)
{
	struct mrig_smart *s = &smart->smart;
	uint32_t room = s->room ? s->room * 2 : FIRST_TIERS;
	struct mrig_smart_tier **tiers, **old;

	if (room > MOST_TIERS)
		return -ENOMEM;
	mrig_lock_leave(&smart->lock, *key);
	tiers = mrig_mem_create((size_t)room * 2 * sizeof(*tiers));
	*key = mrig_lock_enter(&smart->lock);
	if (!tiers)
		return -ENOMEM;
	old = tiers;
	if (room > s->room) {
		old = s->by_size;
		mrig_smart_room(s, tiers, room);
	}
	mrig_lock_leave(&smart->lock, *key);
	mrig_mem_free(old);
	*key = mrig_lock_enter(&smart->lock);
	return 0;
}

/**
 * memrig_smart_add_tier() - add a tier
 * @smart: buffer manager
 * @mem: its memory, @block_size * @blocks bytes; never touched
 * @block_size: bytes of a block, a multiple of the size of a pointer
 * @blocks: how many
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for NULL, sizes that are none, too many blocks, memory that is not aligned
 * like a pointer or overlaps that of another tier or heap; -ENOMEM.
 */
int memrig_smart_add_tier(struct memrig_smart *smart, void *mem, size_t block_size,
			  uint32_t blocks)
{
	size_t control = mrig_slab_control_bytes(blocks);
	struct tier_part *part;
	unsigned long key;
	int err;

	if (!mrig_is_smart(smart) || !mem || !control || !blocks)
		return -EINVAL;
	part = mrig_mem_create(offsetof(struct tier_part, slab) + control);
	if (!part)
		return -ENOMEM;
	part->tier.slab = &part->slab;
	err = mrig_slab_init(&part->slab, (uintptr_t)mem, block_size, blocks);
	if (!err) {
		key = mrig_lock_enter(&smart->lock);
		do
			err = mrig_smart_add_tier(&smart->smart, &part->tier);
		while (err == -ENOMEM && !tier_room(smart, &key));
		mrig_lock_leave(&smart->lock, key);
	}
	if (err)
		mrig_mem_free(part);
	return err;
}

/**
 * memrig_smart_add_heap() - add a heap behind the tiers
 * @smart: buffer manager
 * @mem: its memory
 * @bytes: length
 * @opts: where headers are, and bounds, or NULL
 *
 * Memory counts as cached; where it is not, @opts say MEMRIG_SPAN_OOB.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for NULL, memory that is too small, too large or overlaps that of a tier or
 * another heap, or options that are none; -ENOMEM.
 */
int memrig_smart_add_heap(struct memrig_smart *smart, void *mem, size_t bytes,
			  const struct memrig_span_opts *opts)
{
	struct heap_part *part;
	unsigned long key;
	int err;

	if (!mrig_is_smart(smart))
		return -EINVAL;
	part = mrig_mem_create(sizeof(*part));
	if (!part)
		return -ENOMEM;
	part->member.heap = &part->heap;
	part->member.addr = (uintptr_t)mem;
	part->member.bytes = bytes;
	err = mrig_span_open(&part->heap, mem, bytes, true, opts);
	if (!err) {
		key = mrig_lock_enter(&smart->lock);
		do
			err = mrig_smart_add_heap(&smart->smart, &part->member);
		while (err == -ENOMEM && !mrig_span_room(&smart->lock, &key, &smart->smart.heaps));
		mrig_lock_leave(&smart->lock, key);
		if (err)
			mrig_span_close(&part->heap);
	}
	if (err)
		mrig_mem_free(part);
	return err;
}

/**
 * memrig_smart_remove() - take a tier or a heap away
 * @smart: buffer manager
 * @mem: where it starts
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if @smart is NULL; -ENOENT if nothing starts there; -EBUSY while blocks live
 * in it.
 */
int memrig_smart_remove(struct memrig_smart *smart, const void *mem)
{
	struct mrig_smart_tier *tier;
	struct mrig_member *m = NULL;
	int err = -ENOENT;
	unsigned long key;

	if (!mrig_is_smart(smart))
		return -EINVAL;
	key = mrig_lock_enter(&smart->lock);
	tier = mrig_smart_tier_of(&smart->smart, (uintptr_t)mem);
	if (tier && tier->addr == (uintptr_t)mem)
		err = mrig_smart_remove_tier(&smart->smart, tier);
	if (!tier)
		m = mrig_set_find(&smart->smart.heaps, (uintptr_t)mem);
	if (m && m->addr == (uintptr_t)mem)
		err = mrig_smart_remove_heap(&smart->smart, m);
	mrig_lock_leave(&smart->lock, key);
	if (err)
		return err;
	if (m)
		mrig_span_close(m->heap);
	mrig_mem_free(m ? (void *)m : tier);
	return 0;
}

/**
 * memrig_smart_tier() - one tier after the other, the smallest blocks first
 * @smart: buffer manager
 * @index: how many tiers are before it
 * @stats: filled in
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if there are not so many.
 */
int memrig_smart_tier(struct memrig_smart *smart, uint32_t index,
		      struct memrig_smart_stats *stats)
{
	const struct mrig_smart_tier *tier;
	struct mrig_slab_info info;
	int err = -ENOENT;
	unsigned long key;

	if (!mrig_is_smart(smart) || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&smart->lock);
	if (index < smart->smart.nr) {
		tier = smart->smart.by_size[index];
		mrig_slab_get_info(tier->slab, &info);
		stats->mem = (void *)(uintptr_t)tier->addr;
		stats->block_size = (size_t)info.bytes;
		stats->blocks = info.num;
		stats->used = info.used;
		stats->max_used = info.max_used;
		stats->hits = tier->hits;
		stats->lent = tier->lent;
		stats->full = tier->full;
		err = 0;
	}
	mrig_lock_leave(&smart->lock, key);
	return err;
}

/**
 * memrig_smart_heap() - one heap after the other, in the order they are asked
 * @smart: buffer manager
 * @index: how many heaps are before it
 * @stats: filled in
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if there are not so many.
 */
int memrig_smart_heap(struct memrig_smart *smart, uint32_t index, struct memrig_span_stats *stats)
{
	const struct mrig_member *m;
	unsigned long key;

	if (!mrig_is_smart(smart) || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&smart->lock);
	for (m = smart->smart.heaps.first; m && index; m = m->next)
		index--;
	if (m)
		mrig_span_stats_of(m, stats);
	mrig_lock_leave(&smart->lock, key);
	return m ? 0 : -ENOENT;
}
