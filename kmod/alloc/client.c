// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients come with a file and go with its last reference; what they owned is then freed. The end
 * may be that of a process with a million blocks, so it happens in batches, the lock dropped
 * between them, and needs no memory.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "alloc/heap_private.h"
#include "core/fault.h"
#include "core/trace.h"

#define RECLAIM_BATCH	16

/* What one client leaves behind may be a million blocks; so many are traced one by one. */
#define LEAKS_TRACED	1024

/**
 * mrig_client_create() - a new client of a heap
 * @heap: referenced by the client
 *
 * Context: may sleep.
 * Return: the client, ERR_PTR(-ENOMEM), ERR_PTR(-EIO).
 */
struct mrig_client *mrig_client_create(struct mrig_heap_obj *heap)
{
	struct mrig_client *client;
	struct mem_cgroup *old;
	int err = -ENOMEM;

	if (mrig_should_fail())
		return ERR_PTR(-ENOMEM);
	client = kzalloc(sizeof(*client), MRIG_GFP_SIDE);
	if (!client)
		return ERR_PTR(-ENOMEM);
	kref_init(&client->ref);
	client->heap = heap;
	client->watch_bytes = 1;

	mutex_lock(&heap->lock);
	if (heap->fenced) {
		err = -EIO;
	} else if (!mrig_should_fail()) {
		old = set_active_memcg(heap->memcg);
		err = xa_alloc_cyclic(&heap->clients, &client->id, client, xa_limit_32b,
				      &heap->next_client, MRIG_GFP_SIDE);
		set_active_memcg(old);
	}
	if (err >= 0)
		heap->nclients++;
	mutex_unlock(&heap->lock);
	if (err < 0) {
		kfree(client);
		return ERR_PTR(err == -EBUSY ? -ENOSPC : err);
	}
	kref_get(&heap->ref);
	return client;
}

/*
 * Free one block that a walk has reported as this client's. The lock may have been dropped since,
 * so look again. A busy block is left to whoever made it busy.
 */
static u64 reclaim_one_locked(struct mrig_client *client, const struct mrig_block *block,
			      bool trace)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_held held;

	lockdep_assert_held(&heap->lock);
	if (mrig_block_look_locked(heap, block->offset, &held) ||
	    mrig_block_owner_locked(heap, held.tag) != client)
		return 0;
	if (held.tag & MRIG_TAG_BUSY) {
		mrig_block_retag_locked(heap, &held, MRIG_TAG_ORPHAN | MRIG_TAG_BUSY);
		return 0;
	}
	if (trace)
		mrig_track_leak_locked(client, &held);
	if (mrig_block_dispose_locked(heap, &held))
		return 0;
	heap->counts.reclaimed++;
	return held.usable;
}

static void reclaim_locked(struct mrig_client *client)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_block batch[RECLAIM_BATCH];
	u64 cursor = 0, blocks = 0, bytes = 0, got;
	u32 i, n;

	lockdep_assert_held(&heap->lock);
	while (client->blocks && !heap->fenced) {
		n = heap->table->walk(heap, &cursor, batch, RECLAIM_BATCH);
		if (!n)
			break;
		for (i = 0; i < n; i++) {
			if (!batch[i].used)
				continue;
			got = reclaim_one_locked(client, &batch[i], blocks < LEAKS_TRACED);
			blocks += !!got;
			bytes += got;
		}
		mrig_heap_unlock(heap);
		cond_resched();
		mutex_lock(&heap->lock);
	}
	if (!blocks)
		return;
	trace_memrig_reclaim(heap->id, client->id, blocks, bytes);
	if (heap->spec.flags & MEMRIG_HEAP_TRACK)
		pr_info_ratelimited("heap %llu of region %llu: client %u left %llu blocks, %llu bytes\n",
				    heap->id, heap->region->id, client->id, blocks, bytes);
}

/**
 * mrig_client_get() - another reference to a client
 * @client: the client
 *
 * Context: any.
 */
void mrig_client_get(struct mrig_client *client)
{
	kref_get(&client->ref);
}

/**
 * mrig_client_blocks() - how many blocks a client has
 * @client: the client
 *
 * Context: may sleep.
 * Return: their number.
 */
u64 mrig_client_blocks(struct mrig_client *client)
{
	u64 blocks;

	mutex_lock(&client->heap->lock);
	blocks = client->blocks;
	mutex_unlock(&client->heap->lock);
	return blocks;
}

static void client_destroy(struct kref *ref)
{
	struct mrig_client *client = container_of(ref, struct mrig_client, ref);
	struct mrig_heap_obj *heap = client->heap;

	mutex_lock(&heap->lock);
	client->dying = true;
	reclaim_locked(client);
	xa_erase(&heap->clients, client->id);
	heap->nclients--;
	mrig_heap_unlock(heap);

	kfree(client);
	mrig_heap_obj_put(heap);
}

/**
 * mrig_client_release() - drop a reference to a client
 * @client: with the last it is freed, and all blocks that it still owns
 *
 * Context: may sleep, for as long as it takes to scrub what it owned.
 */
void mrig_client_release(struct mrig_client *client)
{
	kref_put(&client->ref, client_destroy);
}
