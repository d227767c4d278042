// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heaps for other modules over memory of any kind: no byte of it is bookkeeping, all of which is
 * set aside when the heap is made. So every call but the first and the last works in any context,
 * under a spinlock, without allocating.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/fault.h"
#include "heap_core.h"
#include "k_heap.h"
#include "memrig/region.h"
#include "mrig_oob.h"
#include "region/region.h"

#define MRIG_KHEAP_BLOCKS	1024
/* Pieces of side memory that one heap can lack at its start. */
#define MRIG_KHEAP_FEEDS	BIT(20)

/**
 * struct memrig_kheap - a heap
 * @region: referenced
 * @claim: its span of @region
 * @base: address of the span
 * @lock: protects all that follows
 * @engine: the engine
 * @wait_q: who waits for memory
 */
struct memrig_kheap {
	struct mrig_region *region;
	struct mrig_claim claim;
	u8 *base;
	struct mrig_lock lock;	/* see above */
	struct mrig_heap engine;
	struct mrig_waitq wait_q;
};

/**
 * struct mrig_kheap_request - what somebody waits for
 * @waiter: his place in the queue; first
 * @align: wanted
 * @bytes: wanted
 * @off: offset of the block, or -errno
 */
struct mrig_kheap_request {
	struct mrig_waiter waiter;
	size_t align;
	size_t bytes;
	s64 off;
};

static bool kheap_attempt(struct memrig_kheap *heap, struct mrig_kheap_request *req)
{
	req->off = heap->engine.ops->alloc(&heap->engine, req->align, req->bytes);
	return req->off >= 0;
}

/* Can it succeed when others have freed? */
static bool kheap_hopeful(const struct memrig_kheap *heap, const struct mrig_kheap_request *req)
{
	u64 align = 0, rewind = 0, first = 0;

	if (req->off != -ENOMEM && req->off != -ENOSPC)
		return false;
	if (req->align && !mrig_align_decode(req->align, &align, &rewind))
		return false;
	if (align)
		first = ALIGN((uintptr_t)heap->base + rewind, align) - rewind -
			(uintptr_t)heap->base;
	return first <= heap->claim.length && req->bytes <= heap->claim.length - first;
}

static bool kheap_retry(struct mrig_waitq *q, struct mrig_waiter *w)
{
	struct memrig_kheap *heap = container_of(q, struct memrig_kheap, wait_q);
	struct mrig_kheap_request *req = container_of(w, struct mrig_kheap_request, waiter);

	return kheap_attempt(heap, req) || !kheap_hopeful(heap, req);
}

/* All the side memory that @blocks can need, wherever they start. */
static int kheap_populate(struct mrig_heap *engine, u32 blocks)
{
	struct mrig_want want;
	u32 feeds;
	void *mem;

	for (feeds = 0; feeds < MRIG_KHEAP_FEEDS; feeds++) {
		mrig_oob_want_blocks(engine->control, blocks, &want);
		if (!want.bytes)
			return 0;
		if (want.bytes > INT_MAX || mrig_should_fail())
			return -ENOMEM;
		mem = kvzalloc(want.bytes, MRIG_GFP_SIDE);
		if (!mem)
			return -ENOMEM;
		kvfree(engine->ops->feed(engine, &want, mem));
		cond_resched();
	}
	return -ENOMEM;
}

static void kheap_drain(struct mrig_heap *engine)
{
	void *mem;

	while ((mem = engine->ops->drain(engine)))
		kvfree(mem);
	kvfree(engine->control);
}

static int kheap_start(struct memrig_kheap *heap, const struct memrig_kheap_config *config)
{
	u32 blocks = config->max_blocks ?: MRIG_KHEAP_BLOCKS;
	struct mrig_heap_cfg cfg = {
		.base = (uintptr_t)heap->base,
		.bytes = heap->claim.length,
		.search_limit = config->search_limit,
		.max_blocks = blocks,
		.hardening = config->hardening,
		.stats = config->stats,
	};
	struct mrig_heap *engine = &heap->engine;
	size_t bytes = mrig_heap_oob.control_bytes(&cfg);
	int err;

	if (!bytes || bytes > INT_MAX)
		return -EINVAL;
	if (mrig_should_fail())
		return -ENOMEM;
	engine->control = kvzalloc(bytes, MRIG_GFP_SIDE);
	if (!engine->control)
		return -ENOMEM;
	engine->ops = &mrig_heap_oob;
	err = engine->ops->init(engine, engine->control, &cfg);
	if (err) {
		kvfree(engine->control);
		return err;
	}
	err = kheap_populate(engine, blocks);
	if (err)
		kheap_drain(engine);
	return err;
}

/* The span that @config means, or -EINVAL. */
static int kheap_span(const struct mrig_region *region, const struct memrig_kheap_config *config,
		      u64 *length)
{
	if (!PAGE_ALIGNED(config->offset) || config->offset >= region->spec.length)
		return -EINVAL;
	*length = config->length ?: region->spec.length - config->offset;
	return *length <= region->spec.length - config->offset ? 0 : -EINVAL;
}

/**
 * memrig_kheap_create() - make a heap over a span of a region, of any kind and attribute
 * @region: referenced by the heap
 * @config: what it is made of
 *
 * Context: may sleep.
 * Return: the heap, or ERR_PTR: -EINVAL: a span or settings out of range; -EBUSY: another heap has
 * some of the span; -ENOMEM; -EWOULDBLOCK where nobody can sleep.
 */
struct memrig_kheap *memrig_kheap_create(struct mrig_region *region,
					 const struct memrig_kheap_config *config)
{
	struct memrig_kheap *heap;
	void *kaddr;
	u64 length;
	int err;

	if (!mrig_may_sleep())
		return ERR_PTR(-EWOULDBLOCK);
	err = kheap_span(region, config, &length);
	if (err)
		return ERR_PTR(err);
	kaddr = mrig_region_kmap(region);
	if (IS_ERR(kaddr))
		return ERR_CAST(kaddr);
	if (mrig_should_fail())
		return ERR_PTR(-ENOMEM);
	heap = kzalloc(sizeof(*heap), MRIG_GFP_SIDE);
	if (!heap)
		return ERR_PTR(-ENOMEM);
	mrig_lock_init(&heap->lock);
	heap->region = region;
	heap->base = kaddr + config->offset;
	err = mrig_region_claim(region, &heap->claim, config->offset, length);
	if (err)
		goto err_free;
	err = kheap_start(heap, config);
	if (err)
		goto err_unclaim;
	mrig_region_get(region);
	return heap;

err_unclaim:
	mrig_region_unclaim(region, &heap->claim);
err_free:
	kfree(heap);
	return ERR_PTR(err);
}

/**
 * memrig_kheap_destroy() - the end of a heap
 * @heap: heap that nobody else uses any more; NULL is ignored
 *
 * Blocks that live go with it: their bytes are the region's again.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY while somebody waits for its memory, -EWOULDBLOCK where nobody can sleep:
 * nothing has changed then.
 */
int memrig_kheap_destroy(struct memrig_kheap *heap)
{
	unsigned long key;
	bool busy;

	if (!heap)
		return 0;
	if (!mrig_may_sleep())
		return -EWOULDBLOCK;
	key = mrig_lock_enter(&heap->lock);
	busy = heap->wait_q.first;
	mrig_lock_leave(&heap->lock, key);
	if (busy)
		return -EBUSY;
	kheap_drain(&heap->engine);
	mrig_region_unclaim(heap->region, &heap->claim);
	mrig_region_put(heap->region);
	kfree(heap);
	return 0;
}

/**
 * memrig_kheap_aligned_alloc() - allocate a block at an aligned address
 * @heap: heap
 * @align: 0, or as sys_heap_aligned_alloc()
 * @bytes: size; 0 fails
 * @timeout: how long to wait for memory; where nobody can sleep, there is no waiting
 *
 * A request that an empty heap could not serve fails at once.
 *
 * Context: any.
 * Return: 8-aligned memory that is not cleared, or NULL.
 */
void *memrig_kheap_aligned_alloc(struct memrig_kheap *heap, size_t align, size_t bytes,
				 k_timeout_t timeout)
{
	struct mrig_kheap_request req = { .align = align, .bytes = bytes };
	bool wait = timeout.ticks && mrig_may_sleep();
	s64 when = wait ? mrig_deadline(timeout) : 0;
	unsigned long key = mrig_lock_enter(&heap->lock);

	if (!kheap_attempt(heap, &req) && wait && kheap_hopeful(heap, &req) &&
	    mrig_waitq_sleep(&heap->wait_q, &heap->lock, &key, &req.waiter, when))
		kheap_attempt(heap, &req);
	mrig_lock_leave(&heap->lock, key);
	return req.off < 0 ? NULL : heap->base + req.off;
}

/**
 * memrig_kheap_alloc() - allocate a block
 * @heap: heap
 * @bytes: size; 0 fails
 * @timeout: as memrig_kheap_aligned_alloc()
 *
 * Context: any.
 * Return: as memrig_kheap_aligned_alloc().
 */
void *memrig_kheap_alloc(struct memrig_kheap *heap, size_t bytes, k_timeout_t timeout)
{
	return memrig_kheap_aligned_alloc(heap, 0, bytes, timeout);
}

/**
 * memrig_kheap_free() - give a block back, and serve those who wait for memory
 * @heap: heap
 * @mem: block, or NULL
 *
 * Context: any.
 * Return: 0; -ENOENT if no live block of this heap starts there, and nothing has changed; -EIO for
 * a heap that found itself corrupted.
 */
int memrig_kheap_free(struct memrig_kheap *heap, void *mem)
{
	unsigned long key;
	bool waits;
	int err = 0;

	key = mrig_lock_enter(&heap->lock);
	if (mem)
		err = heap->engine.ops->free(&heap->engine, (u8 *)mem - heap->base);
	waits = mrig_lock_leave(&heap->lock, key);
	if (waits)
		mrig_waitq_retry(&heap->lock, &heap->wait_q, kheap_retry);
	return err;
}

/**
 * memrig_kheap_resize() - change the size of a block where it is
 * @heap: heap
 * @mem: block
 * @bytes: new size
 *
 * Context: any.
 * Return: 0; -EINVAL for no bytes; -ENOMEM if it cannot grow there; -ENOENT and -EIO as
 * memrig_kheap_free().
 */
int memrig_kheap_resize(struct memrig_kheap *heap, void *mem, size_t bytes)
{
	unsigned long key = mrig_lock_enter(&heap->lock);
	int err = heap->engine.ops->resize(&heap->engine, (u8 *)mem - heap->base, bytes);

	if (mrig_lock_leave(&heap->lock, key))
		mrig_waitq_retry(&heap->lock, &heap->wait_q, kheap_retry);
	/* The records are there; what is short is room for one more. */
	return err == -EAGAIN || err == -ENOSPC ? -ENOMEM : err;
}

/**
 * memrig_kheap_usable_size() - bytes a block's user may write
 * @heap: heap
 * @mem: block
 *
 * Context: any.
 * Return: bytes, at least what was asked for; 0 if @mem is no live block.
 */
size_t memrig_kheap_usable_size(struct memrig_kheap *heap, void *mem)
{
	unsigned long key = mrig_lock_enter(&heap->lock);
	s64 usable = heap->engine.ops->usable(&heap->engine, (u8 *)mem - heap->base);

	mrig_lock_leave(&heap->lock, key);
	return usable < 0 ? 0 : usable;
}

/**
 * memrig_kheap_stats_get() - usable bytes in live and in free blocks, and the peak
 * @heap: heap
 * @stats: filled in
 *
 * Context: any.
 * Return: 0, or -EINVAL if @stats is NULL.
 */
int memrig_kheap_stats_get(struct memrig_kheap *heap, struct sys_memory_stats *stats)
{
	struct mrig_heap_info info;
	unsigned long key;

	if (!stats)
		return -EINVAL;
	key = mrig_lock_enter(&heap->lock);
	heap->engine.ops->info(&heap->engine, &info);
	mrig_lock_leave(&heap->lock, key);
	stats->free_bytes = info.free_bytes;
	stats->allocated_bytes = info.allocated_bytes;
	stats->max_allocated_bytes = info.max_allocated_bytes;
	return 0;
}
