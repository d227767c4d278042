// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Allocation tracking; see memrig_track.h.
 *
 * A record per live block, in a table by address and in a list by age. The allocator is called, and
 * memory for records is fetched, without the lock; a record is taken out before its block is given
 * back, so that of two who do that only one gets through.
 */
#include "memrig_track.h"
#include "k_malloc.h"
#include "mrig_memory.h"

#define BUCKETS_LOG	12
#define BUCKETS		((size_t)1 << BUCKETS_LOG)

/**
 * struct mrig_track_record - a record
 * @block: what is known; @block.ptr is NULL for the place of somebody who walks the list
 * @chain: next in its bucket
 * @next: next younger one
 * @prev: next older one
 */
struct mrig_track_record {
	struct memrig_track_block block;
	struct mrig_track_record *chain;
	struct mrig_track_record *next;
	struct mrig_track_record *prev;
};

struct memrig_tracker memrig_tracker;

static void *system_alloc(void *arg, size_t bytes)
{
	return k_malloc(bytes);
}

static void *system_realloc(void *arg, void *ptr, size_t bytes)
{
	return k_realloc(ptr, bytes);
}

static void system_free(void *arg, void *ptr)
{
	k_free(ptr);
}

static const struct memrig_allocator system_heap = {
	.alloc = system_alloc,
	.realloc = system_realloc,
	.free = system_free,
};

static const struct memrig_allocator *allocator(const struct memrig_tracker *t)
{
	return t->from ? t->from : &system_heap;
}

/**
 * memrig_track_init() - make a tracker
 * @t: to fill in
 * @from: where its blocks are from, in use until memrig_track_fini(); NULL: k_malloc()
 *
 * Return: 0, or -EINVAL if @t or one of the functions is NULL.
 */
int memrig_track_init(struct memrig_tracker *t, const struct memrig_allocator *from)
{
	if (!t || (from && (!from->alloc || !from->realloc || !from->free)))
		return -EINVAL;
	memset(t, 0, sizeof(*t));
	mrig_lock_init(&t->lock);
	t->from = from;
	return 0;
}

/**
 * memrig_track_fini() - forget all blocks; they live on
 * @t: a tracker that nobody uses any more. It can be used again, its figures begin anew
 *
 * In the kernel those that live are reported in the log; a program has memrig_track_report().
 *
 * Context: may sleep.
 * Return: how many blocks lived: the leaks.
 */
uint64_t memrig_track_fini(struct memrig_tracker *t)
{
	struct mrig_track_record *r, *next;
	uint64_t live;

	if (!t)
		return 0;
	mrig_tracker_ends(t);
	live = t->stats.live;
	for (r = t->first; r; r = next) {
		next = r->next;
		mrig_mem_free(r);
	}
	mrig_mem_free(t->bucket);
	t->bucket = NULL;
	t->first = NULL;
	t->last = NULL;
	t->serial = 0;
	memset(&t->stats, 0, sizeof(t->stats));
	return live;
}

static struct mrig_track_record **bucket_of(const struct memrig_tracker *t, const void *ptr)
{
	uint64_t h = (uint64_t)(uintptr_t)ptr * 0x9e3779b97f4a7c15ULL;

	return &t->bucket[h >> (64 - BUCKETS_LOG)];
}

/* Behind @prev; NULL is the front. */
static void link_in(struct memrig_tracker *t, struct mrig_track_record *r,
		    struct mrig_track_record *prev)
{
	r->prev = prev;
	r->next = prev ? prev->next : t->first;
	if (r->next)
		r->next->prev = r;
	else
		t->last = r;
	if (prev)
		prev->next = r;
	else
		t->first = r;
}

static void link_out(struct memrig_tracker *t, struct mrig_track_record *r)
{
	if (r->prev)
		r->prev->next = r->next;
	else
		t->first = r->next;
	if (r->next)
		r->next->prev = r->prev;
	else
		t->last = r->prev;
}

/* The record of a live block, out of the table and the list; or NULL. */
static struct mrig_track_record *take_locked(struct memrig_tracker *t, const void *ptr)
{
	struct mrig_track_record **link, *r;

	if (!t->bucket)
		return NULL;
	link = bucket_of(t, ptr);
	while (*link && (*link)->block.ptr != ptr)
		link = &(*link)->chain;
	r = *link;
	if (!r)
		return NULL;
	*link = r->chain;
	link_out(t, r);
	t->stats.live--;
	t->stats.bytes -= r->block.bytes;
	return r;
}

static void enter_locked(struct memrig_tracker *t, struct mrig_track_record *r)
{
	struct mrig_track_record **bucket = bucket_of(t, r->block.ptr);

	r->chain = *bucket;
	*bucket = r;
	r->block.serial = t->serial++;
	link_in(t, r, t->last);
	t->stats.live++;
	t->stats.bytes += r->block.bytes;
	if (t->stats.bytes > t->stats.max_bytes)
		t->stats.max_bytes = t->stats.bytes;
}

/* The table, from the first block on. */
static bool ensure_table(struct memrig_tracker *t)
{
	struct mrig_track_record **table;
	unsigned long key;

	if (mrig_load_acquire(&t->bucket))
		return true;
	table = mrig_mem_alloc(BUCKETS * sizeof(*table));
	if (!table)
		return false;
	key = mrig_lock_enter(&t->lock);
	if (!t->bucket) {
		mrig_store_release(&t->bucket, table);
		table = NULL;
	}
	mrig_lock_leave(&t->lock, key);
	mrig_mem_free(table);
	return true;
}

static void sign(struct mrig_track_record *r, size_t bytes, const char *file, int line)
{
	struct memrig_track_block *b = &r->block;

	b->bytes = bytes;
	b->file = file;
	b->line = line;
	b->when = mrig_clock();
	b->thread = k_current_get();
	if (k_thread_name_copy(NULL, b->name, sizeof(b->name)))
		b->name[0] = '\0';
}

static void count(struct memrig_tracker *t, uint64_t *counter)
{
	unsigned long key = mrig_lock_enter(&t->lock);

	++*counter;
	mrig_lock_leave(&t->lock, key);
}

static struct mrig_track_record *new_record(struct memrig_tracker *t)
{
	return ensure_table(t) ? mrig_mem_alloc(sizeof(struct mrig_track_record)) : NULL;
}

/* What was at that address before was given back without our knowing. */
static void enter_new(struct memrig_tracker *t, struct mrig_track_record *r)
{
	unsigned long key = mrig_lock_enter(&t->lock);
	struct mrig_track_record *old = take_locked(t, r->block.ptr);

	enter_locked(t, r);
	t->stats.allocs++;
	t->stats.lost += !!old;
	mrig_lock_leave(&t->lock, key);
	mrig_mem_free(old);
}

/**
 * memrig_track_alloc() - allocate a block, and remember it
 * @t: tracker
 * @bytes: size
 * @file: where that is asked for; a string that stays
 * @line: likewise
 *
 * Context: that of the allocator.
 * Return: the block; NULL if the allocator has none, or there is no memory for the record.
 */
void *memrig_track_alloc(struct memrig_tracker *t, size_t bytes, const char *file, int line)
{
	struct mrig_track_record *r;
	void *ptr = NULL;

	if (!t)
		return NULL;
	r = new_record(t);
	if (r)
		ptr = allocator(t)->alloc(allocator(t)->arg, bytes);
	if (!ptr) {
		mrig_mem_free(r);
		count(t, &t->stats.fails);
		return NULL;
	}
	r->block.ptr = ptr;
	sign(r, bytes, file, line);
	enter_new(t, r);
	return ptr;
}

/**
 * memrig_track_calloc() - allocate cleared memory for an array, and remember it
 * @t: tracker
 * @num: elements
 * @size: bytes of each
 * @file: as memrig_track_alloc()
 * @line: likewise
 *
 * Return: as memrig_track_alloc(); NULL also if there is no such size.
 */
void *memrig_track_calloc(struct memrig_tracker *t, size_t num, size_t size, const char *file,
			  int line)
{
	size_t bytes;
	void *ptr;

	if (!t)
		return NULL;
	if (__builtin_mul_overflow(num, size, &bytes)) {
		count(t, &t->stats.fails);
		return NULL;
	}
	ptr = memrig_track_alloc(t, bytes, file, line);
	if (ptr)
		memset(ptr, 0, bytes);
	return ptr;
}

static struct mrig_track_record *take(struct memrig_tracker *t, const void *ptr)
{
	unsigned long key = mrig_lock_enter(&t->lock);
	struct mrig_track_record *r = take_locked(t, ptr);

	if (!r)
		t->stats.strays++;
	mrig_lock_leave(&t->lock, key);
	return r;
}

/**
 * memrig_track_realloc() - change the size of a block; the line that did it has it from now on
 * @t: tracker
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives it back
 * @file: as memrig_track_alloc()
 * @line: likewise
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched), @ptr is no live
 * block, or @bytes is 0.
 */
void *memrig_track_realloc(struct memrig_tracker *t, void *ptr, size_t bytes, const char *file,
			   int line)
{
	struct mrig_track_record *r;
	unsigned long key;
	void *to;

	if (!t || !ptr)
		return bytes ? memrig_track_alloc(t, bytes, file, line) : NULL;
	if (!bytes) {
		memrig_track_free(t, ptr);
		return NULL;
	}
	r = take(t, ptr);
	if (!r)
		return NULL;
	to = allocator(t)->realloc(allocator(t)->arg, ptr, bytes);
	if (to) {
		r->block.ptr = to;
		sign(r, bytes, file, line);
	}
	key = mrig_lock_enter(&t->lock);
	enter_locked(t, r);
	t->stats.fails += !to;
	mrig_lock_leave(&t->lock, key);
	return to;
}

/**
 * memrig_track_free() - give a block back
 * @t: tracker
 * @ptr: block, or NULL
 *
 * What is no live block of the tracker's does not reach the allocator.
 *
 * Context: that of the allocator.
 * Return: 0; -EINVAL if @t is NULL; -ENOENT if @ptr is no live block, and that is counted.
 */
int memrig_track_free(struct memrig_tracker *t, void *ptr)
{
	struct mrig_track_record *r;

	if (!t)
		return -EINVAL;
	if (!ptr)
		return 0;
	r = take(t, ptr);
	if (!r)
		return -ENOENT;
	allocator(t)->free(allocator(t)->arg, ptr);
	mrig_mem_free(r);
	count(t, &t->stats.frees);
	return 0;
}

/**
 * memrig_track_note() - remember a block that came from elsewhere
 * @t: tracker
 * @ptr: block
 * @bytes: its size
 * @file: as memrig_track_alloc()
 * @line: likewise
 *
 * Return: 0; -EINVAL for NULL; -ENOMEM. One that is at that address already is forgotten, as lost.
 */
int memrig_track_note(struct memrig_tracker *t, void *ptr, size_t bytes, const char *file,
		      int line)
{
	struct mrig_track_record *r;

	if (!t || !ptr)
		return -EINVAL;
	r = new_record(t);
	if (!r)
		return -ENOMEM;
	r->block.ptr = ptr;
	sign(r, bytes, file, line);
	enter_new(t, r);
	return 0;
}

/**
 * memrig_track_forget() - forget a block that goes back to elsewhere
 * @t: tracker
 * @ptr: block
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if it is no live block, and that is counted.
 */
int memrig_track_forget(struct memrig_tracker *t, const void *ptr)
{
	struct mrig_track_record *r;

	if (!t || !ptr)
		return -EINVAL;
	r = take(t, ptr);
	if (!r)
		return -ENOENT;
	mrig_mem_free(r);
	count(t, &t->stats.frees);
	return 0;
}

/**
 * memrig_track_each() - look at the live blocks, the oldest first
 * @t: tracker
 * @fn: called for each, without the lock; not 0 ends the walk. It may use the tracker
 * @arg: for @fn
 *
 * Sees every block that lives from the beginning to the end, and none that is younger.
 *
 * Return: 0, what @fn returned, or -EINVAL for NULL.
 */
int memrig_track_each(struct memrig_tracker *t, memrig_track_fn fn, void *arg)
{
	struct mrig_track_record place = { .block = { .ptr = NULL } }, *r;
	struct memrig_track_block block;
	unsigned long key;
	uint64_t end;
	int err = 0;

	if (!t || !fn)
		return -EINVAL;
	key = mrig_lock_enter(&t->lock);
	end = t->serial;
	link_in(t, &place, NULL);
	while (!err && place.next) {
		r = place.next;
		link_out(t, &place);
		link_in(t, &place, r);
		if (!r->block.ptr)
			continue;
		if (r->block.serial >= end)
			break;
		block = r->block;
		mrig_lock_leave(&t->lock, key);
		err = fn(&block, arg);
		key = mrig_lock_enter(&t->lock);
	}
	link_out(t, &place);
	mrig_lock_leave(&t->lock, key);
	return err;
}

/**
 * memrig_track_stats() - figures
 * @t: tracker
 * @stats: filled in
 *
 * Return: 0, or -EINVAL for NULL.
 */
int memrig_track_stats(struct memrig_tracker *t, struct memrig_track_stats *stats)
{
	unsigned long key;

	if (!t || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&t->lock);
	*stats = t->stats;
	mrig_lock_leave(&t->lock, key);
	return 0;
}
