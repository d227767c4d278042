// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mem_attr under Zephyr's names: the table; and mem_attr_heap: the heaps of its regions, from the
 * first to the last. See mem_attr_pool.h.
 *
 * Work under the lock is in proportion to the number of regions. Payload is copied without it.
 */
#include "mem_attr_pool.h"
#include "mrig_memory.h"

#define MOST_REGIONS	0xffffffffU

/**
 * struct part - a region that may have a heap
 * @member: it
 * @heap: the heap
 */
struct part {
	struct mrig_mah_member member;
	struct mrig_heap heap;
};

/**
 * struct mem_attr_pool - the table, and the heaps
 * @lock: of all that follows
 * @table: regions; stays while @busy
 * @mah: heaps
 * @part: one per region, those without a heap zeroed; NULL without heaps
 * @busy: there are heaps, or they are being made or given back
 */
static struct mem_attr_pool {
	struct mrig_lock lock;
	struct mrig_mem_attr table;
	struct mrig_mah mah;
	struct part *part;
	bool busy;
} pool;

/**
 * memrig_mem_attr_register() - the table of regions
 * @region: regions, in use until another table takes their place; NULL with @nr 0 for none
 * @nr: how many
 *
 * Return: 0; -EINVAL for NULL, far too many, or a region that is empty, ends beyond the last
 * address or overlaps another one: the table is then what it was; -EBUSY while there are heaps.
 */
int memrig_mem_attr_register(const struct mem_attr_region_t *region, size_t nr)
{
	struct mrig_mem_attr table;
	unsigned long key;
	int err;

	err = nr > MOST_REGIONS ? -EINVAL : mrig_mem_attr_init(&table, region, nr);
	if (err)
		return err;
	key = mrig_lock_enter(&pool.lock);
	if (pool.busy)
		err = -EBUSY;
	else
		pool.table = table;
	mrig_lock_leave(&pool.lock, key);
	return err;
}

/**
 * mem_attr_get_regions() - the table
 * @region: set to its regions; may be NULL
 *
 * Return: how many there are.
 */
size_t mem_attr_get_regions(const struct mem_attr_region_t **region)
{
	unsigned long key = mrig_lock_enter(&pool.lock);
	size_t nr = mrig_mem_attr_get_regions(&pool.table, region);

	mrig_lock_leave(&pool.lock, key);
	return nr;
}

/**
 * mem_attr_check_buf() - does a buffer lie in a region with exactly these attributes?
 * @addr: first byte of the buffer
 * @size: its length
 * @attr: attributes, the whole word
 *
 * Return: 0; -ENOTSUP for a buffer at NULL or without length; -ENOBUFS if it begins in no region;
 * -ENOSPC if it ends beyond the region it begins in; -EINVAL if that one has other attributes.
 */
int mem_attr_check_buf(void *addr, size_t size, uint32_t attr)
{
	unsigned long key = mrig_lock_enter(&pool.lock);
	int err = mrig_mem_attr_check_buf(&pool.table, (uintptr_t)addr, size, attr);

	mrig_lock_leave(&pool.lock, key);
	return err;
}

/* A heap for each region that wants one. The table does not change meanwhile. */
static int open_all(struct mrig_mah *mah, struct part *part, const struct memrig_span_opts *opts)
{
	size_t i;

	for (i = 0; i < pool.table.nr; i++) {
		const struct mem_attr_region_t *r = &pool.table.region[i];
		int err;

		if (!DT_MEM_SW_ATTR_GET(r->dt_attr))
			continue;
		part[i].member.member.heap = &part[i].heap;
		err = mrig_span_open(&part[i].heap, (void *)r->dt_addr, r->dt_size,
				     r->dt_attr & DT_MEM_CACHEABLE, opts);
		if (!err)
			err = mrig_mah_add(mah, &part[i].member, i);
		if (err)
			return err;
	}
	return 0;
}

/* Of heaps nobody can use any more, or yet. */
static void close_all(struct mrig_mah *mah, struct part *part)
{
	size_t i;

	for (i = 0; part && i < pool.table.nr; i++) {
		if (part[i].heap.control)
			mrig_span_close(&part[i].heap);
	}
	mrig_mem_free(part);
	mrig_mem_free(mah->set.by_addr);
}

static int build(struct mrig_mah *mah, struct part **part, const struct memrig_span_opts *opts)
{
	size_t nr = pool.table.nr ? pool.table.nr : 1;
	struct mrig_member **slots;
	int err = -ENOMEM;

	if (nr > SIZE_MAX / sizeof(**part))
		return -ENOMEM;
	slots = mrig_mem_create(nr * sizeof(*slots));
	*part = mrig_mem_create(nr * sizeof(**part));
	mrig_mah_init(mah, &pool.table, slots, slots ? (uint32_t)nr : 0);
	if (slots && *part)
		err = open_all(mah, *part, opts);
	if (err)
		close_all(mah, *part);
	return err;
}

/**
 * memrig_mem_attr_heap_init() - make a heap in each region that has a software attribute
 * @opts: where headers are, and bounds; NULL as mem_attr_heap_pool_init()
 *
 * Context: may sleep.
 * Return: 0; -EALREADY; -EINVAL if a region is too small or too large for a heap, or for options as
 * mrig_span_open() refuses them; -ENOMEM. After a failure there is no heap.
 */
int memrig_mem_attr_heap_init(const struct memrig_span_opts *opts)
{
	struct mrig_mah mah = { 0 };
	struct part *part = NULL;
	unsigned long key;
	int err;

	key = mrig_lock_enter(&pool.lock);
	err = pool.busy ? -EALREADY : 0;
	pool.busy = true;
	mrig_lock_leave(&pool.lock, key);
	if (err)
		return err;
	err = build(&mah, &part, opts);
	key = mrig_lock_enter(&pool.lock);
	if (err) {
		pool.busy = false;
	} else {
		pool.mah = mah;
		pool.part = part;
	}
	mrig_lock_leave(&pool.lock, key);
	return err;
}

/**
 * mem_attr_heap_pool_init() - make a heap in each region that has a software attribute
 *
 * Any number of regions. Headers are where memrig_span_opts.flags says for no flags; a region with
 * DT_MEM_CACHEABLE is cached memory.
 *
 * Return: as memrig_mem_attr_heap_init().
 */
int mem_attr_heap_pool_init(void)
{
	return memrig_mem_attr_heap_init(NULL);
}

/**
 * memrig_mem_attr_heap_fini() - give the regions back, so that another table may come
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if there are no heaps; -EBUSY while blocks live in one.
 */
int memrig_mem_attr_heap_fini(void)
{
	unsigned long key = mrig_lock_enter(&pool.lock);
	struct mrig_mah mah = pool.mah;
	struct part *part = pool.part;
	const struct mrig_member *m;
	int err = part ? 0 : -EINVAL;

	for (m = mah.set.first; m && !err; m = m->next)
		err = m->stats.live ? -EBUSY : 0;
	if (!err) {
		memset(&pool.mah, 0, sizeof(pool.mah));
		pool.part = NULL;
	}
	mrig_lock_leave(&pool.lock, key);
	if (err)
		return err;
	close_all(&mah, part);
	key = mrig_lock_enter(&pool.lock);
	pool.busy = false;
	mrig_lock_leave(&pool.lock, key);
	return 0;
}

/**
 * mrig_mem_attr_pool_exit() - give back what is left of the heaps at the end of the world
 *
 * Context: may sleep; nobody uses them, nor ever will.
 */
void mrig_mem_attr_pool_exit(void)
{
	close_all(&pool.mah, pool.part);
	memset(&pool, 0, sizeof(pool));
}

/**
 * mem_attr_heap_aligned_alloc() - allocate from the first region with a software attribute
 * @attr: software attribute, DT_MEM_SW_*: exactly this
 * @align: 0 or a power of two
 * @bytes: size
 *
 * Return: memory that is not cleared; NULL for a shortage, 0 bytes, or what is no alignment.
 */
void *mem_attr_heap_aligned_alloc(uint32_t attr, size_t align, size_t bytes)
{
	unsigned long key;
	uint64_t addr = 0;
	int err;

	if (align & (align - 1))
		return NULL;
	key = mrig_lock_enter(&pool.lock);
	do
		err = mrig_mah_alloc(&pool.mah, attr, align, bytes, &addr);
	while (err == -EAGAIN && !mrig_span_feed(&pool.lock, &key, &pool.mah.set));
	mrig_lock_leave(&pool.lock, key);
	return err ? NULL : (void *)(uintptr_t)addr;
}

/**
 * mem_attr_heap_alloc() - allocate from the first region with a software attribute
 * @attr: software attribute, DT_MEM_SW_*: exactly this
 * @bytes: size
 *
 * Return: as mem_attr_heap_aligned_alloc().
 */
void *mem_attr_heap_alloc(uint32_t attr, size_t bytes)
{
	return mem_attr_heap_aligned_alloc(attr, 0, bytes);
}

/**
 * memrig_mem_attr_heap_free() - give a block back
 * @block: block
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if no live block starts there; -EIO if its heap is, or has
 * just been found, corrupted.
 */
int memrig_mem_attr_heap_free(void *block)
{
	unsigned long key;
	int err;

	if (!block)
		return -EINVAL;
	key = mrig_lock_enter(&pool.lock);
	err = mrig_mah_free(&pool.mah, (uintptr_t)block);
	mrig_lock_leave(&pool.lock, key);
	return err;
}

/**
 * mem_attr_heap_free() - give a block back
 * @block: block; NULL, and what is no live block, is ignored
 */
void mem_attr_heap_free(void *block)
{
	memrig_mem_attr_heap_free(block);
}

/**
 * mem_attr_heap_realloc() - change the size of a block, which may move to a region like its own
 * @addr: block
 * @bytes: new size; 0 gives it back
 *
 * Regions are alike if their software attributes are.
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@addr is untouched), @addr is no live
 * block, NULL included, for nobody says where it should come from, or @bytes is 0.
 */
void *mem_attr_heap_realloc(void *addr, size_t bytes)
{
	struct mrig_move move;
	unsigned long key;
	int err;

	if (!addr)
		return NULL;
	if (!bytes) {
		memrig_mem_attr_heap_free(addr);
		return NULL;
	}
	key = mrig_lock_enter(&pool.lock);
	do
		err = mrig_mah_realloc(&pool.mah, (uintptr_t)addr, bytes, &move);
	while (err == -EAGAIN && !mrig_span_feed(&pool.lock, &key, &pool.mah.set));
	mrig_lock_leave(&pool.lock, key);
	if (err)
		return NULL;
	if (move.to != move.from) {
		memcpy((void *)(uintptr_t)move.to, addr, (size_t)move.bytes);
		memrig_mem_attr_heap_free(addr);
	}
	return (void *)(uintptr_t)move.to;
}

/**
 * mem_attr_heap_get_region() - the region of a block
 * @addr: block
 *
 * Return: its entry of the table; NULL if no live block starts there.
 */
const struct mem_attr_region_t *mem_attr_heap_get_region(void *addr)
{
	unsigned long key = mrig_lock_enter(&pool.lock);
	const struct mem_attr_region_t *region = mrig_mah_get_region(&pool.mah, (uintptr_t)addr);

	mrig_lock_leave(&pool.lock, key);
	return region;
}

/**
 * memrig_mem_attr_heap_stats() - figures of the heap of a region
 * @region: entry of the table
 * @stats: filled in
 *
 * Return: 0; -EINVAL if something is NULL; -ENOENT if that region has no heap.
 */
int memrig_mem_attr_heap_stats(const struct mem_attr_region_t *region,
			       struct memrig_span_stats *stats)
{
	const struct mrig_member *m;
	unsigned long key;
	int err = -ENOENT;

	if (!region || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&pool.lock);
	m = mrig_set_find(&pool.mah.set, region->dt_addr);
	if (m && ((const struct mrig_mah_member *)m)->region == region) {
		mrig_span_stats_of(m, stats);
		err = 0;
	}
	mrig_lock_leave(&pool.lock, key);
	return err;
}
