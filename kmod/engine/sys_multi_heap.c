// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_multi_heap: several heaps, found again by binary search over their addresses.
 */
#include "mrig_inband.h"
#include "sys_multi_heap.h"

static uintptr_t start_of(const struct sys_heap *heap)
{
	return (uintptr_t)heap->heap;
}

/* Number of heaps that start at or below @addr. */
static unsigned int rank(const struct sys_multi_heap *mheap, uintptr_t addr)
{
	unsigned int lo = 0, hi = mheap->nheaps;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (start_of(mheap->heaps[mid].heap) <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * sys_multi_heap_init() - make an empty multi-heap
 * @heap: to fill in; NULL is ignored
 * @choice_fn: chooses a heap for each request and allocates from it; with NULL each request fails
 */
void sys_multi_heap_init(struct sys_multi_heap *heap, sys_multi_heap_fn_t choice_fn)
{
	if (!heap)
		return;
	memset(heap, 0, sizeof(*heap));
	heap->choice = choice_fn;
	heap->heaps = heap->own;
	heap->room = MAX_MULTI_HEAPS;
}

/**
 * sys_multi_heap_set_room() - give a multi-heap an array of another length
 * @mheap: multi-heap
 * @recs: the array, in use until the next such call; NULL goes back to the one inside @mheap
 * @room: its length; not looked at if @recs is NULL
 *
 * The array that was in use before is the caller's again.
 *
 * Return: 0; -EINVAL if @mheap is NULL, or the new array too short for the heaps already there.
 */
int sys_multi_heap_set_room(struct sys_multi_heap *mheap, struct sys_multi_heap_rec *recs,
			    unsigned int room)
{
	unsigned int i;

	if (!mheap)
		return -EINVAL;
	if (!recs) {
		recs = mheap->own;
		room = MAX_MULTI_HEAPS;
	}
	if (room < mheap->nheaps)
		return -EINVAL;
	for (i = 0; i < mheap->nheaps; i++)
		recs[i] = mheap->heaps[i];
	mheap->heaps = recs;
	mheap->room = room;
	return 0;
}

/**
 * sys_multi_heap_add_heap() - add a heap
 * @mheap: multi-heap
 * @heap: an initialised heap
 * @user_data: for the choice function, in &struct sys_multi_heap_rec
 *
 * Return: 0; -EINVAL if a heap is NULL or refused its memory, or its memory overlaps that of
 * another one; -EEXIST if it is there already; -ENOMEM if there is no room, see
 * sys_multi_heap_set_room().
 * Zephyr's returns nothing and checks nothing.
 */
int sys_multi_heap_add_heap(struct sys_multi_heap *mheap, struct sys_heap *heap, void *user_data)
{
	unsigned int at, i;

	if (!mheap || !heap || !heap->heap)
		return -EINVAL;
	at = rank(mheap, start_of(heap));
	if (at && mheap->heaps[at - 1].heap == heap)
		return -EEXIST;
	if (at && mheap->heaps[at - 1].heap->end >= start_of(heap))
		return -EINVAL;
	if (at < mheap->nheaps && heap->end >= start_of(mheap->heaps[at].heap))
		return -EINVAL;
	if (mheap->nheaps >= mheap->room)
		return -ENOMEM;
	for (i = mheap->nheaps++; i > at; i--)
		mheap->heaps[i] = mheap->heaps[i - 1];
	mheap->heaps[at].heap = heap;
	mheap->heaps[at].user_data = user_data;
	return 0;
}

/**
 * sys_multi_heap_remove_heap() - take a heap out again
 * @mheap: multi-heap
 * @heap: heap
 *
 * Not one of Zephyr's calls.
 *
 * Return: 0; -EINVAL if either is NULL; -ENOENT if it is not there; -EBUSY while blocks live in it.
 */
int sys_multi_heap_remove_heap(struct sys_multi_heap *mheap, struct sys_heap *heap)
{
	unsigned int at;

	if (!mheap || !heap)
		return -EINVAL;
	at = rank(mheap, start_of(heap));
	if (!at || mheap->heaps[at - 1].heap != heap)
		return -ENOENT;
	if (heap->core.live)
		return -EBUSY;
	for (mheap->nheaps--; at <= mheap->nheaps; at++)
		mheap->heaps[at - 1] = mheap->heaps[at];
	return 0;
}

/**
 * sys_multi_heap_aligned_alloc() - allocate a block with an alignment
 * @mheap: multi-heap
 * @cfg: for the choice function
 * @align: for the choice function, as sys_heap_aligned_alloc()
 * @bytes: size
 *
 * Return: what the choice function returns.
 */
void *sys_multi_heap_aligned_alloc(struct sys_multi_heap *mheap, void *cfg, size_t align,
				   size_t bytes)
{
	return mheap && mheap->choice ? mheap->choice(mheap, cfg, align, bytes) : NULL;
}

/**
 * sys_multi_heap_alloc() - allocate a block
 * @mheap: multi-heap
 * @cfg: for the choice function
 * @bytes: size
 *
 * Return: what the choice function returns.
 */
void *sys_multi_heap_alloc(struct sys_multi_heap *mheap, void *cfg, size_t bytes)
{
	return sys_multi_heap_aligned_alloc(mheap, cfg, 0, bytes);
}

/**
 * sys_multi_heap_get_heap() - the heap an address belongs to
 * @mheap: multi-heap
 * @addr: any address
 *
 * Return: the record of the heap whose memory @addr lies in, until a heap is added or removed; NULL
 * if there is none.
 */
const struct sys_multi_heap_rec *sys_multi_heap_get_heap(const struct sys_multi_heap *mheap,
							 void *addr)
{
	unsigned int at;

	if (!mheap || !addr)
		return NULL;
	at = rank(mheap, (uintptr_t)addr);
	if (!at || (uintptr_t)addr >= mheap->heaps[at - 1].heap->end)
		return NULL;
	return &mheap->heaps[at - 1];
}

/**
 * sys_multi_heap_free() - give a block back to the heap it is from
 * @mheap: multi-heap
 * @block: block; NULL, and what lies in no heap, is ignored
 */
void sys_multi_heap_free(struct sys_multi_heap *mheap, void *block)
{
	const struct sys_multi_heap_rec *rec = sys_multi_heap_get_heap(mheap, block);

	if (rec)
		sys_heap_free(rec->heap, block);
}

/**
 * sys_multi_heap_aligned_realloc() - change size and alignment of a block
 * @mheap: multi-heap
 * @cfg: for the choice function, if the block has to go to another heap
 * @ptr: block, or NULL to allocate
 * @align: as sys_heap_aligned_realloc()
 * @bytes: new size; 0 gives the block back
 *
 * The heap the block is in is asked first, the choice function if that one cannot.
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched), @ptr is no live
 * block, or @bytes is 0.
 */
void *sys_multi_heap_aligned_realloc(struct sys_multi_heap *mheap, void *cfg, void *ptr,
				     size_t align, size_t bytes)
{
	const struct sys_multi_heap_rec *rec;
	struct sys_heap *from;
	int64_t usable;
	void *to;

	if (!ptr)
		return sys_multi_heap_aligned_alloc(mheap, cfg, align, bytes);
	rec = sys_multi_heap_get_heap(mheap, ptr);
	if (!rec)
		return NULL;
	/* the choice function may add heaps, and then records move */
	from = rec->heap;
	if (!bytes) {
		sys_heap_free(from, ptr);
		return NULL;
	}
	usable = mrig_inband_usable(from, ptr);
	if (usable < 0)
		return NULL;
	to = sys_heap_aligned_realloc(from, ptr, align, bytes);
	if (to)
		return to;
	to = sys_multi_heap_aligned_alloc(mheap, cfg, align, bytes);
	if (to) {
		memcpy(to, ptr, (size_t)usable < bytes ? (size_t)usable : bytes);
		sys_heap_free(from, ptr);
	}
	return to;
}

/**
 * sys_multi_heap_realloc() - change the size of a block
 * @mheap: multi-heap
 * @cfg: as sys_multi_heap_aligned_realloc()
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives the block back
 *
 * Return: as sys_multi_heap_aligned_realloc().
 */
void *sys_multi_heap_realloc(struct sys_multi_heap *mheap, void *cfg, void *ptr, size_t bytes)
{
	return sys_multi_heap_aligned_realloc(mheap, cfg, ptr, 0, bytes);
}
