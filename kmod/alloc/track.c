// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracking: of each live block of a heap that was made with MEMRIG_HEAP_TRACK, who asked for it,
 * when, for how much, and where in the program.
 *
 * A record is made when the block is taken from the engine and goes when that has it back, so each
 * live block has one, but for what BLOCKS_FREE cut off while memory was short. At first it knows
 * the size alone: a block may be taken by somebody who serves others. Its owner *signs* it when he
 * has been told of the block. A block that moves has two records for a while; the new one is filled
 * in from the old, so nothing can fail when one of them is dropped.
 *
 * Records are memory of the heap, like all bookkeeping: as many as there may be blocks.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "alloc/heap_private.h"
#include "core/fault.h"
#include "core/trace.h"

#define LIST_BATCH	16

static_assert(MEMRIG_COMM_MAX == TASK_COMM_LEN);

/**
 * struct mrig_track - what is known of a block
 * @bytes: that were asked for
 * @when_ns: when, CLOCK_BOOTTIME; 0: not signed yet
 * @pid: who asked, a reference; NULL: not signed yet
 * @comm: name of that task then
 * @site: where in the program; empty: not said
 */
struct mrig_track {
	u64 bytes;
	u64 when_ns;
	struct pid *pid;
	char comm[MEMRIG_COMM_MAX];
	char site[MEMRIG_SITE_MAX];
};

static bool is_tracked(const struct mrig_heap_obj *heap)
{
	return heap->spec.flags & MEMRIG_HEAP_TRACK;
}

static unsigned long index_of(u64 off)
{
	return off / MRIG_BLOCK_ALIGN;
}

static struct mrig_track *find_locked(struct mrig_heap_obj *heap, u64 off)
{
	lockdep_assert_held(&heap->lock);
	return is_tracked(heap) ? xa_load(&heap->tracks.blocks, index_of(off)) : NULL;
}

static void track_free(struct mrig_track *track)
{
	if (track)
		put_pid(track->pid);
	kvfree(track);
}

/**
 * mrig_track_init() - nothing is known
 * @tracks: of a heap that nobody knows yet
 */
void mrig_track_init(struct mrig_tracks *tracks)
{
	xa_init_flags(&tracks->blocks, XA_FLAGS_ACCOUNT);
}

/**
 * mrig_track_clear() - forget everything
 * @tracks: of a heap that goes; nobody else can reach it
 *
 * Context: may sleep.
 */
void mrig_track_clear(struct mrig_tracks *tracks)
{
	struct mrig_track *track;
	unsigned long index;

	xa_for_each(&tracks->blocks, index, track) {
		track_free(track);
		cond_resched();
	}
	xa_destroy(&tracks->blocks);
}

/**
 * mrig_track_bytes() - kernel memory that records take
 * @tracks: their heap's lock is held
 *
 * Return: bytes, without those of the index.
 */
u64 mrig_track_bytes(const struct mrig_tracks *tracks)
{
	return tracks->count * sizeof(struct mrig_track);
}

/**
 * mrig_track_add_locked() - a record for a block that was just taken; nothing on heaps that do not
 * track
 * @heap: its heap
 * @off: of the block
 * @bytes: that were asked for
 *
 * Context: heap->lock held; may sleep.
 * Return: 0 or MRIG_NO_SIDE_MEMORY.
 */
int mrig_track_add_locked(struct mrig_heap_obj *heap, u64 off, u64 bytes)
{
	struct mrig_track *track, *old;
	struct mem_cgroup *memcg;

	lockdep_assert_held(&heap->lock);
	if (!is_tracked(heap))
		return 0;
	track = mrig_side_alloc(heap, sizeof(*track));
	if (!track || mrig_should_fail()) {
		kvfree(track);
		return MRIG_NO_SIDE_MEMORY;
	}
	track->bytes = bytes;
	memcg = set_active_memcg(heap->memcg);
	old = xa_store(&heap->tracks.blocks, index_of(off), track, MRIG_GFP_SIDE);
	set_active_memcg(memcg);
	if (xa_is_err(old)) {
		kvfree(track);
		return MRIG_NO_SIDE_MEMORY;
	}
	heap->tracks.count += !old;
	track_free(old);
	return 0;
}

/**
 * mrig_track_sign_locked() - the current task is who asked for a block, now
 * @heap: its heap
 * @off: of the block; a record that is signed stays as it is
 *
 * Context: heap->lock held.
 */
void mrig_track_sign_locked(struct mrig_heap_obj *heap, u64 off)
{
	struct mrig_track *track = find_locked(heap, off);

	lockdep_assert_held(&heap->lock);
	if (!track || track->pid)
		return;
	track->pid = get_pid(task_tgid(current));
	track->when_ns = ktime_get_boottime_ns();
	strscpy_pad(track->comm, current->comm, sizeof(track->comm));
}

/**
 * mrig_track_resize_locked() - a block stays where it is with another size
 * @heap: its heap
 * @off: of the block
 * @bytes: that are asked for now
 *
 * Context: heap->lock held.
 */
void mrig_track_resize_locked(struct mrig_heap_obj *heap, u64 off, u64 bytes)
{
	struct mrig_track *track = find_locked(heap, off);

	lockdep_assert_held(&heap->lock);
	if (track)
		track->bytes = bytes;
}

/* All but the size. */
static void inherit(struct mrig_track *to, const struct mrig_track *from)
{
	put_pid(to->pid);
	to->pid = get_pid(from->pid);
	to->when_ns = from->when_ns;
	memcpy(to->comm, from->comm, sizeof(to->comm));
	memcpy(to->site, from->site, sizeof(to->site));
}

/**
 * mrig_track_inherit_locked() - what is known of a block is true of another
 * @heap: of both
 * @from: the one
 * @to: the other, which keeps its size
 *
 * Context: heap->lock held.
 */
void mrig_track_inherit_locked(struct mrig_heap_obj *heap, u64 from, u64 to)
{
	const struct mrig_track *old = find_locked(heap, from);
	struct mrig_track *new = find_locked(heap, to);

	lockdep_assert_held(&heap->lock);
	if (old && new)
		inherit(new, old);
}

/**
 * mrig_track_split_locked() - a run of blocks became two
 * @heap: its heap
 * @held: what is left of the run
 * @rest: offset of the other part, of which nothing is known if memory is short
 *
 * Context: heap->lock held; may sleep.
 */
void mrig_track_split_locked(struct mrig_heap_obj *heap, const struct mrig_held *held, u64 rest)
{
	struct mrig_track *track = find_locked(heap, held->off);
	u64 first;

	lockdep_assert_held(&heap->lock);
	if (!track)
		return;
	first = min(track->bytes, held->usable);
	if (!mrig_track_add_locked(heap, rest, track->bytes - first))
		mrig_track_inherit_locked(heap, held->off, rest);
	track->bytes = first;
}

/**
 * mrig_track_drop_locked() - a block is the engine's again
 * @heap: its heap
 * @off: of the block
 *
 * Context: heap->lock held.
 */
void mrig_track_drop_locked(struct mrig_heap_obj *heap, u64 off)
{
	struct mrig_track *track;

	lockdep_assert_held(&heap->lock);
	if (!is_tracked(heap))
		return;
	track = xa_erase(&heap->tracks.blocks, index_of(off));
	heap->tracks.count -= !!track;
	track_free(track);
}

/**
 * mrig_track_leak_locked() - leave a line in the trace for a block that its client left behind
 * @client: who goes
 * @held: the block
 *
 * Context: heap->lock held.
 */
void mrig_track_leak_locked(struct mrig_client *client, const struct mrig_held *held)
{
	struct mrig_heap_obj *heap = client->heap;
	const struct mrig_track *track = find_locked(heap, held->off);

	lockdep_assert_held(&heap->lock);
	if (track)
		trace_memrig_leak(heap->id, client->id, heap->spec.offset + held->off,
				  held->usable, track->bytes,
				  ktime_get_boottime_ns() - track->when_ns, pid_nr(track->pid),
				  track->comm, track->site);
}

/* The record of a block by its offset in the region, which is a live block's. */
static struct mrig_track *find_of_locked(struct mrig_client *client, u64 offset)
{
	lockdep_assert_held(&client->heap->lock);
	return find_locked(client->heap, offset - client->heap->spec.offset);
}

/**
 * mrig_track_name() - say where in the program a block was asked for
 * @client: its owner
 * @offset: of the block, busy until he has been told of it
 * @site: text of less than MEMRIG_SITE_MAX characters
 *
 * Context: may sleep.
 */
void mrig_track_name(struct mrig_client *client, u64 offset, const char *site)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_track *track;

	mutex_lock(&heap->lock);
	track = find_of_locked(client, offset);
	if (track)
		strscpy_pad(track->site, site, sizeof(track->site));
	mutex_unlock(&heap->lock);
}

/**
 * mrig_track_move() - what is known of a block is true of the place it moves to
 * @from: its owner in the old heap
 * @offset: of the block there, busy
 * @to: its owner in the new heap, which may be the same
 * @where: the block is to be, busy
 *
 * Context: may sleep.
 */
void mrig_track_move(struct mrig_client *from, u64 offset, struct mrig_client *to, u64 where)
{
	struct mrig_track copy = { }, *track;

	mutex_lock(&from->heap->lock);
	track = find_of_locked(from, offset);
	if (track)
		inherit(&copy, track);
	mutex_unlock(&from->heap->lock);
	mutex_lock(&to->heap->lock);
	track = find_of_locked(to, where);
	if (track && copy.pid)
		inherit(track, &copy);
	mutex_unlock(&to->heap->lock);
	put_pid(copy.pid);
}

static void report_locked(struct mrig_client *client, const struct mrig_block *block,
			  struct memrig_track_entry *out)
{
	const struct mrig_track *track = find_locked(client->heap, block->offset);
	struct memrig_block known;

	lockdep_assert_held(&client->heap->lock);
	mrig_block_report_locked(client->heap, client, block, &known);
	*out = (struct memrig_track_entry){
		.offset = known.offset,
		.usable = known.bytes,
		.flags = known.flags,
		.client = known.client,
	};
	if (!track)
		return;
	out->bytes = track->bytes;
	out->when_ns = track->when_ns;
	out->pid = pid_vnr(track->pid);
	memcpy(out->comm, track->comm, sizeof(out->comm));
	memcpy(out->site, track->site, sizeof(out->site));
}

/**
 * mrig_track_list() - list some live blocks
 * @client: who asks
 * @cursor: 0 to begin; advanced. Any value is safe
 * @out: room for @max
 * @max: how many at most
 * @found: out: how many are written; there may be none before the end
 * @end: out: there are no more
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: the heap does not track; -EIO.
 */
int mrig_track_list(struct mrig_client *client, u64 *cursor, struct memrig_track_entry *out,
		    u32 max, u32 *found, bool *end)
{
	struct mrig_heap_obj *heap = client->heap;
	struct mrig_block batch[LIST_BATCH];
	u32 i, n;

	*found = 0;
	if (!is_tracked(heap))
		return -EINVAL;
	mutex_lock(&heap->lock);
	if (heap->fenced) {
		mutex_unlock(&heap->lock);
		return -EIO;
	}
	n = heap->table->walk(heap, cursor, batch, min_t(u32, max, LIST_BATCH));
	for (i = 0; i < n; i++)
		if (batch[i].used)
			report_locked(client, &batch[i], &out[(*found)++]);
	mutex_unlock(&heap->lock);
	*end = !n;
	return 0;
}
