// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Priority heap with a lock; see memrig_prio.h. Work under the lock is in proportion to the number
 * of levels. Payload is copied without it.
 */
#include "memrig_prio.h"
#include "mrig_handle.h"
#include "mrig_memory.h"
#include "mrig_prio.h"

/**
 * struct memrig_prio - a priority heap
 * @handle: first
 * @lock: of @prio
 * @prio: levels
 */
struct memrig_prio {
	struct mrig_handle handle;
	struct mrig_lock lock;
	struct mrig_prio prio;
};

static_assert(sizeof(struct memrig_prio) <= MRIG_HANDLE_BYTES, "fits where it is made");

/**
 * struct part - a level
 * @level: as the engine knows it; first
 * @heap: in it
 */
struct part {
	struct mrig_prio_level level;
	struct mrig_heap heap;
};

static bool is_prio(const struct memrig_prio *prio)
{
	return mrig_handle_is((const struct mrig_handle *)prio, MRIG_HANDLE_PRIO);
}

/**
 * memrig_prio_create() - make a priority heap without levels
 * @prio: set to it
 *
 * Context: may sleep.
 * Return: 0, -EINVAL if @prio is NULL, or -ENOMEM.
 */
int memrig_prio_create(struct memrig_prio **prio)
{
	struct memrig_prio *p;

	if (!prio)
		return -EINVAL;
	p = mrig_handle_create();
	if (!p)
		return -ENOMEM;
	mrig_lock_init(&p->lock);
	mrig_prio_init(&p->prio, NULL, 0);
	mrig_handle_begin(&p->handle, MRIG_HANDLE_PRIO);
	*prio = p;
	return 0;
}

/**
 * memrig_prio_destroy() - end a priority heap that nobody uses any more
 * @prio: it, or NULL
 *
 * Context: may sleep.
 * Return: 0; -EBUSY while blocks live: nothing has changed; -EINVAL if it has ended already.
 */
int memrig_prio_destroy(struct memrig_prio *prio)
{
	struct mrig_member *m, *next;

	if (!prio)
		return 0;
	if (!is_prio(prio))
		return -EINVAL;
	for (m = prio->prio.set.first; m; m = m->next) {
		if (m->stats.live)
			return -EBUSY;
	}
	for (m = prio->prio.set.first; m; m = next) {
		next = m->next;
		mrig_span_close(m->heap);
		mrig_mem_free(m);
	}
	mrig_mem_free(prio->prio.set.by_addr);
	mrig_handle_end(&prio->handle);
	return 0;
}

static int enter_part(struct memrig_prio *prio, struct part *part)
{
	unsigned long key = mrig_lock_enter(&prio->lock);
	int err;

	do
		err = mrig_prio_add(&prio->prio, &part->level);
	while (err == -ENOMEM && !mrig_span_room(&prio->lock, &key, &prio->prio.set));
	mrig_lock_leave(&prio->lock, key);
	return err;
}

/**
 * memrig_prio_add() - add a level
 * @prio: priority heap
 * @floor: number a request must have to be served here; levels of equal floor are asked in the
 *	order they were added
 * @mem: its memory
 * @bytes: length
 * @opts: where headers are, and bounds, or NULL
 *
 * Memory counts as cached; where it is not, @opts say MEMRIG_SPAN_OOB.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for NULL, memory that is too small, too large or overlaps that of another
 * level, or options that are none; -ENOMEM.
 */
int memrig_prio_add(struct memrig_prio *prio, int32_t floor, void *mem, size_t bytes,
		    const struct memrig_span_opts *opts)
{
	struct part *part;
	int err;

	if (!is_prio(prio))
		return -EINVAL;
	part = mrig_mem_create(sizeof(*part));
	if (!part)
		return -ENOMEM;
	part->level.member.heap = &part->heap;
	part->level.member.addr = (uintptr_t)mem;
	part->level.member.bytes = bytes;
	part->level.floor = floor;
	err = mrig_span_open(&part->heap, mem, bytes, true, opts);
	if (!err) {
		err = enter_part(prio, part);
		if (err)
			mrig_span_close(&part->heap);
	}
	if (err)
		mrig_mem_free(part);
	return err;
}

/**
 * memrig_prio_remove() - take a level away
 * @prio: priority heap
 * @mem: where it starts
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if @prio is NULL; -ENOENT if no level starts there; -EBUSY while blocks live
 * in it.
 */
int memrig_prio_remove(struct memrig_prio *prio, const void *mem)
{
	struct mrig_prio_level *level;
	unsigned long key;
	int err = -ENOENT;

	if (!is_prio(prio))
		return -EINVAL;
	key = mrig_lock_enter(&prio->lock);
	level = mrig_prio_find(&prio->prio, (uintptr_t)mem);
	if (level && level->member.addr == (uintptr_t)mem)
		err = mrig_prio_remove(&prio->prio, level);
	mrig_lock_leave(&prio->lock, key);
	if (!err) {
		mrig_span_close(level->member.heap);
		mrig_mem_free(level);
	}
	return err;
}

/**
 * memrig_prio_aligned_alloc() - allocate from the highest level that is open to a number
 * @prio: priority heap
 * @number: of the request, higher is more urgent
 * @align: 0, a power of two, or as sys_heap_aligned_alloc()
 * @bytes: size
 *
 * Context: any; as memrig_smh_alloc().
 * Return: memory that is not cleared; NULL for a shortage in all levels open to @number, 0 bytes,
 * or what is no alignment.
 */
void *memrig_prio_aligned_alloc(struct memrig_prio *prio, int32_t number, size_t align,
				size_t bytes)
{
	unsigned long key;
	uint64_t addr = 0;
	int err;

	if (!is_prio(prio))
		return NULL;
	key = mrig_lock_enter(&prio->lock);
	do
		err = mrig_prio_alloc(&prio->prio, number, align, bytes, &addr);
	while (err == -EAGAIN && !mrig_span_feed(&prio->lock, &key, &prio->prio.set));
	mrig_lock_leave(&prio->lock, key);
	return err ? NULL : (void *)(uintptr_t)addr;
}

/**
 * memrig_prio_alloc() - allocate from the highest level that is open to a number
 * @prio: priority heap
 * @number: of the request, higher is more urgent
 * @bytes: size
 *
 * Return: as memrig_prio_aligned_alloc().
 */
void *memrig_prio_alloc(struct memrig_prio *prio, int32_t number, size_t bytes)
{
	return memrig_prio_aligned_alloc(prio, number, 0, bytes);
}

/**
 * memrig_prio_free() - give a block back
 * @prio: priority heap
 * @ptr: block
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if no live block starts there; -EIO if its level is, or has
 * just been found, corrupted.
 */
int memrig_prio_free(struct memrig_prio *prio, void *ptr)
{
	unsigned long key;
	int err;

	if (!is_prio(prio) || !ptr)
		return -EINVAL;
	key = mrig_lock_enter(&prio->lock);
	err = mrig_prio_free(&prio->prio, (uintptr_t)ptr);
	mrig_lock_leave(&prio->lock, key);
	return err;
}

/**
 * memrig_prio_realloc() - change the size of a block, which may move to another level
 * @prio: priority heap
 * @number: of the request, if its own level has no room
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives it back
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched), @ptr is no live
 * block, or @bytes is 0.
 */
void *memrig_prio_realloc(struct memrig_prio *prio, int32_t number, void *ptr, size_t bytes)
{
	struct mrig_move move;
	unsigned long key;
	int err;

	if (!is_prio(prio) || !ptr)
		return memrig_prio_alloc(prio, number, bytes);
	if (!bytes) {
		memrig_prio_free(prio, ptr);
		return NULL;
	}
	key = mrig_lock_enter(&prio->lock);
	do
		err = mrig_prio_realloc(&prio->prio, number, (uintptr_t)ptr, 0, bytes, &move);
	while (err == -EAGAIN && !mrig_span_feed(&prio->lock, &key, &prio->prio.set));
	mrig_lock_leave(&prio->lock, key);
	if (err)
		return NULL;
	if (move.to != move.from) {
		memcpy((void *)(uintptr_t)move.to, ptr, (size_t)move.bytes);
		memrig_prio_free(prio, ptr);
	}
	return (void *)(uintptr_t)move.to;
}

/**
 * memrig_prio_level() - one level after the other, the highest floor first
 * @prio: priority heap
 * @index: how many levels are above it
 * @stats: filled in
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if there are not so many.
 */
int memrig_prio_level(struct memrig_prio *prio, uint32_t index, struct memrig_prio_stats *stats)
{
	const struct mrig_member *m;
	unsigned long key;

	if (!is_prio(prio) || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&prio->lock);
	for (m = prio->prio.set.first; m && index; m = m->next)
		index--;
	if (m) {
		mrig_span_stats_of(m, &stats->span);
		stats->floor = ((const struct mrig_prio_level *)m)->floor;
		stats->fallen = ((const struct mrig_prio_level *)m)->fallen;
	}
	mrig_lock_leave(&prio->lock, key);
	return m ? 0 : -ENOENT;
}
