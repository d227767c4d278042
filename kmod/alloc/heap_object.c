// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heap objects: how they come and go.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "alloc/heap_private.h"
#include "core/fault.h"
#include "core/trace.h"
#include "region/region.h"

/* All heaps, by ascending id. */
static DEFINE_MUTEX(mrig_heaps_lock);
static LIST_HEAD(mrig_heaps);
static u64 mrig_heap_last_id;

/* The kernel's mapping, for heaps that are sure to need it. A move looks for its own. */
static int span_map(struct mrig_heap_obj *heap)
{
	void *kaddr;

	heap->base = heap->spec.offset;
	if (heap->spec.placement != MEMRIG_PLACEMENT_INBAND &&
	    !(heap->spec.flags & MEMRIG_HEAP_SCRUB))
		return 0;
	kaddr = mrig_region_kmap(heap->region);
	if (IS_ERR(kaddr))
		return PTR_ERR(kaddr);
	heap->kaddr = kaddr + heap->spec.offset;
	if (heap->spec.placement == MEMRIG_PLACEMENT_INBAND)
		heap->base = (uintptr_t)heap->kaddr;
	return 0;
}

/*
 * Find the first side memory now, so that figures are true from the start and a lack of it is the
 * creator's error: take a block and give it back. The span may be too small for any. What the heap
 * can give while it is empty is the most it can ever give.
 */
static int engine_prime(struct mrig_heap_obj *heap)
{
	const struct mrig_heap_ops *ops = heap->engine.ops;
	struct mrig_heap_info info = { };
	s64 off;

	mutex_lock(&heap->lock);
	off = mrig_engine_alloc_locked(heap, 0, 1);
	if (off >= 0) {
		ops->free(&heap->engine, off);
		if (heap->spec.flags & MEMRIG_HEAP_STATS)
			ops->reset_max(&heap->engine);
	}
	ops->info(&heap->engine, &info);
	heap->most = info.largest_free;
	mutex_unlock(&heap->lock);
	return off == MRIG_NO_SIDE_MEMORY ? -ENOMEM : 0;
}

static void engine_stop(struct mrig_heap_obj *heap)
{
	void *control = heap->engine.control;
	void *mem;

	while ((mem = heap->engine.ops->drain(&heap->engine)))
		kvfree(mem);
	kvfree(control);
}

static int engine_start(struct mrig_heap_obj *heap, u32 *reason)
{
	bool inband = heap->spec.placement == MEMRIG_PLACEMENT_INBAND;
	struct mrig_heap_cfg cfg = {
		.base = heap->base,
		.bytes = heap->spec.length,
		.search_limit = heap->spec.search_limit,
		.max_blocks = heap->spec.max_blocks,
		.block_size = heap->spec.block_size,
		.num_blocks = heap->spec.num_blocks,
		.hardening = heap->spec.hardening,
		.stats = heap->spec.flags & MEMRIG_HEAP_STATS,
		.tags = !inband,
	};
	void *control;
	int err;

	heap->table = inband ? &mrig_block_table_inband : &mrig_block_table_oob;
	heap->engine.ops = mrig_heap_spec_ops(&heap->spec);
	heap->control_bytes = heap->engine.ops->control_bytes(&cfg);
	if (!heap->control_bytes)
		return -EINVAL;
	control = mrig_side_alloc(heap, heap->control_bytes);
	if (!control) {
		*reason = MEMRIG_REASON_SIDE;
		return -ENOMEM;
	}
	err = heap->engine.ops->init(&heap->engine, control, &cfg);
	if (err) {
		kvfree(control);
		return err;
	}
	err = engine_prime(heap);
	if (err) {
		*reason = MEMRIG_REASON_SIDE;
		engine_stop(heap);
	}
	return err;
}

static void heap_publish(struct mrig_heap_obj *heap)
{
	mutex_lock(&mrig_heaps_lock);
	heap->id = ++mrig_heap_last_id;
	list_add_tail(&heap->entry, &mrig_heaps);
	mutex_unlock(&mrig_heaps_lock);
	trace_memrig_heap_create(heap->id, heap->region->id, heap->spec.offset,
				 heap->spec.length, heap->spec.placement, heap->spec.hardening,
				 heap->spec.flags, heap->spec.engine);
}

static struct mrig_heap_obj *heap_new(struct mrig_region *region,
				      const struct mrig_heap_spec *spec)
{
	struct mrig_heap_obj *heap;

	if (mrig_should_fail())
		return NULL;
	heap = kzalloc(sizeof(*heap), MRIG_GFP_SIDE);
	if (!heap)
		return NULL;
	kref_init(&heap->ref);
	mutex_init(&heap->lock);
	init_waitqueue_head(&heap->pollers);
	INIT_LIST_HEAD(&heap->waiters);
	mrig_queue_init(&heap->queue);
	mrig_track_init(&heap->tracks);
	xa_init_flags(&heap->owners, XA_FLAGS_ACCOUNT);
	xa_init_flags(&heap->kept, XA_FLAGS_ACCOUNT);
	xa_init_flags(&heap->clients, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	heap->spec = *spec;
	heap->creator = current_fsuid();
	heap->memcg = get_mem_cgroup_from_mm(current->mm);
	mrig_region_get(region);
	heap->region = region;
	return heap;
}

static void heap_delete(struct mrig_heap_obj *heap)
{
	mrig_region_put(heap->region);
	mem_cgroup_put(heap->memcg);
	xa_destroy(&heap->owners);
	xa_destroy(&heap->clients);
	mutex_destroy(&heap->lock);
	kfree(heap);
}

/**
 * mrig_heap_obj_create() - make a heap over a span of a region
 * @region: referenced by the heap
 * @spec: what to create, unchecked
 * @reason: out: set on -ENOMEM
 *
 * A heap that scrubs zeroes its span first: whatever used these bytes before is a former owner
 * too.
 *
 * Context: may sleep.
 * Return: the heap with one reference, or ERR_PTR: -EINVAL; -EOPNOTSUPP: in-band over memory that
 * is not cached or may be suspended, too, and scrubbing over the latter; -EOVERFLOW; -EPERM:
 * in-band over memory that others can write; -EBUSY: overlaps another heap; -ENOMEM; -EINTR: killed
 * while scrubbing.
 */
struct mrig_heap_obj *mrig_heap_obj_create(struct mrig_region *region,
					   const struct mrig_heap_spec *spec, u32 *reason)
{
	struct mrig_heap_spec checked = *spec;
	struct mrig_heap_obj *heap;
	int err;

	*reason = MEMRIG_REASON_NONE;
	err = mrig_heap_spec_check(region, &checked);
	if (err)
		return ERR_PTR(err);
	heap = heap_new(region, &checked);
	if (!heap) {
		*reason = MEMRIG_REASON_SIDE;
		return ERR_PTR(-ENOMEM);
	}
	heap->claim.user = true;
	err = mrig_region_claim(region, &heap->claim, checked.offset, checked.length);
	if (err)
		goto err_delete;
	err = span_map(heap);
	if (err == -ENOMEM)
		*reason = MEMRIG_REASON_SIDE;
	if (err)
		goto err_unclaim;
	if (heap->spec.flags & MEMRIG_HEAP_SCRUB)
		err = mrig_payload_zero_killable(heap, 0, heap->spec.length);
	if (err)
		goto err_unclaim;
	err = engine_start(heap, reason);
	if (err)
		goto err_unclaim;
	heap_publish(heap);
	return heap;

err_unclaim:
	mrig_region_unclaim(region, &heap->claim);
err_delete:
	heap_delete(heap);
	return ERR_PTR(err);
}

static void heap_destroy(struct kref *ref)
{
	struct mrig_heap_obj *heap = container_of(ref, struct mrig_heap_obj, ref);

	trace_memrig_heap_destroy(heap->id, heap->live_blocks);
	mutex_lock(&mrig_heaps_lock);
	list_del(&heap->entry);
	mutex_unlock(&mrig_heaps_lock);
	engine_stop(heap);
	mrig_queue_clear(&heap->queue);
	mrig_track_clear(&heap->tracks);
	mrig_keep_forget(heap);
	mrig_region_unclaim(heap->region, &heap->claim);
	heap_delete(heap);
}

/**
 * mrig_heap_obj_put() - drop a reference
 * @heap: gone if it was the last
 *
 * Context: may sleep.
 */
void mrig_heap_obj_put(struct mrig_heap_obj *heap)
{
	kref_put(&heap->ref, heap_destroy);
}

/**
 * mrig_heap_obj_next() - iterate over all heaps
 * @cursor: id of the last one seen, 0 to begin; advanced
 *
 * Context: may sleep.
 * Return: the next heap with a reference, or NULL.
 */
struct mrig_heap_obj *mrig_heap_obj_next(u64 *cursor)
{
	struct mrig_heap_obj *heap, *found = NULL;

	mutex_lock(&mrig_heaps_lock);
	list_for_each_entry(heap, &mrig_heaps, entry) {
		if (heap->id > *cursor && kref_get_unless_zero(&heap->ref)) {
			*cursor = heap->id;
			found = heap;
			break;
		}
	}
	mutex_unlock(&mrig_heaps_lock);
	return found;
}
