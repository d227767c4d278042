// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * shared_multi_heap under Zephyr's names: regions and blocks; see smh_pool.h.
 *
 * Work under the lock is in proportion to the number of regions. Payload is copied without it.
 */
#include "mrig_memory.h"
#include "smh_part.h"

struct mrig_smh_pool mrig_smh_pool;

static bool zephyrs(uint32_t attr)
{
	return attr < SMH_REG_ATTR_NUM || (attr >= MRIG_SMH_CUSTOM && attr < MRIG_SMH_BITS);
}

/**
 * shared_multi_heap_pool_init() - begin, without any region
 *
 * Return: 0, or -EALREADY.
 */
int shared_multi_heap_pool_init(void)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	int err = -EALREADY;

	if (!p->ready) {
		mrig_smh_init(&p->smh, NULL, 0);
		p->ready = true;
		err = 0;
	}
	mrig_lock_leave(&p->lock, key);
	return err;
}

static int enter_part(struct mrig_smh_part *part)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	int err;

	do
		err = p->ready ? mrig_smh_add(&p->smh, &part->region) : -EINVAL;
	while (err == -ENOMEM && !mrig_span_room(&p->lock, &key, &p->smh.set));
	mrig_lock_leave(&p->lock, key);
	return err;
}

/**
 * memrig_smh_add() - add a region, behind those there are
 * @region: where it is, and one of its attributes
 * @user_data: for memrig_smh_region_of()
 * @opts: more about it, or NULL
 *
 * In-band headers overwrite what was there, and blocks what their owners write.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL without a pool, for NULL, an attribute that is none, attributes that
 * contradict each other, memory that is too small or overlaps that of another region, or options as
 * mrig_span_open() refuses them; -ENOMEM.
 */
int memrig_smh_add(const struct shared_multi_heap_region *region, void *user_data,
		   const struct memrig_smh_opts *opts)
{
	struct mrig_smh_part *part;
	bool cached;
	int err;

	if (!region || !zephyrs(region->attr))
		return -EINVAL;
	part = mrig_mem_create(sizeof(*part));
	if (!part)
		return -ENOMEM;
	part->region.member.heap = &part->heap;
	part->region.member.addr = region->addr;
	part->region.member.bytes = region->size;
	part->region.node = -1;
	part->region.attrs = MRIG_SMH_BIT(region->attr);
	part->user_data = user_data;
	if (opts) {
		part->region.attrs |= opts->attrs;
		part->region.dma_bits = opts->dma_bits;
		part->region.node = opts->node;
		part->region.cpus = opts->cpus;
		part->region.nr_cpus = opts->nr_cpus;
	}
	cached = part->region.attrs & MRIG_SMH_BIT(SMH_REG_ATTR_CACHEABLE);
	err = mrig_span_open(&part->heap, (void *)region->addr, region->size, cached,
			     opts ? &opts->span : NULL);
	if (!err) {
		err = enter_part(part);
		if (err)
			mrig_span_close(&part->heap);
	}
	if (err)
		mrig_mem_free(part);
	return err;
}

/**
 * shared_multi_heap_add() - add a region, behind those there are
 * @region: where it is, and its attribute
 * @user_data: for memrig_smh_region_of()
 *
 * Any number of regions. Headers are where memrig_span_opts.flags says for no flags.
 *
 * Return: as memrig_smh_add().
 */
int shared_multi_heap_add(struct shared_multi_heap_region *region, void *user_data)
{
	return memrig_smh_add(region, user_data, NULL);
}

/**
 * memrig_smh_remove() - take a region out again
 * @mem: where it starts
 *
 * Context: may sleep.
 * Return: 0; -ENOENT if no region starts there; -EBUSY while blocks live in it.
 */
int memrig_smh_remove(const void *mem)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	struct mrig_smh_region *region = mrig_smh_find(&p->smh, (uintptr_t)mem);
	int err = -ENOENT;

	if (region && region->member.addr == (uintptr_t)mem)
		err = mrig_smh_remove(&p->smh, region);
	mrig_lock_leave(&p->lock, key);
	if (!err) {
		mrig_span_close(region->member.heap);
		mrig_mem_free(mrig_smh_part_of(region));
	}
	return err;
}

/**
 * memrig_smh_fini() - end the pool, so that shared_multi_heap_pool_init() can begin anew
 *
 * Names and figures go with it.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL without a pool; -EBUSY while there are regions.
 */
int memrig_smh_fini(void)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	void *slots = NULL;
	int err = -EINVAL;

	if (p->smh.set.nr) {
		err = -EBUSY;
	} else if (p->ready) {
		slots = p->smh.set.by_addr;
		memset(&p->smh, 0, sizeof(p->smh));
		p->ready = false;
		err = 0;
	}
	mrig_lock_leave(&p->lock, key);
	mrig_mem_free(slots);
	return err;
}

/**
 * mrig_smh_pool_exit() - give back what is left of the pool at the end of the world
 *
 * Context: may sleep; nobody uses the pool, nor ever will.
 */
void mrig_smh_pool_exit(void)
{
	struct mrig_member *m = mrig_smh_pool.smh.set.first, *next;

	for (; m; m = next) {
		next = m->next;
		mrig_span_close(m->heap);
		mrig_mem_free(mrig_smh_part_of(mrig_smh_find(&mrig_smh_pool.smh, m->addr)));
	}
	mrig_mem_free(mrig_smh_pool.smh.set.by_addr);
	memset(&mrig_smh_pool, 0, sizeof(mrig_smh_pool));
}

/**
 * memrig_smh_alloc() - allocate from the first region that fits a request and has room
 * @req: which regions may serve; zeroed: all
 * @align: 0, a power of two, or as sys_heap_aligned_alloc()
 * @bytes: size
 *
 * Context: any; without a bound on blocks, out-of-band records may be wanting where nobody sleeps.
 * Return: memory that is not cleared; NULL for a shortage, or a request that is none.
 */
void *memrig_smh_alloc(const struct mrig_smh_req *req, size_t align, size_t bytes)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key = mrig_lock_enter(&p->lock);
	uint64_t addr = 0;
	int err;

	do
		err = mrig_smh_alloc(&p->smh, req, align, bytes, &addr);
	while (err == -EAGAIN && !mrig_span_feed(&p->lock, &key, &p->smh.set));
	mrig_lock_leave(&p->lock, key);
	return err ? NULL : (void *)(uintptr_t)addr;
}

/**
 * memrig_smh_free() - give a block back
 * @ptr: block
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if no live block starts there; -EIO if its heap is, or has
 * just been found, corrupted.
 */
int memrig_smh_free(void *ptr)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	unsigned long key;
	int err;

	if (!ptr)
		return -EINVAL;
	key = mrig_lock_enter(&p->lock);
	err = mrig_smh_free(&p->smh, (uintptr_t)ptr);
	mrig_lock_leave(&p->lock, key);
	return err;
}

/**
 * memrig_smh_realloc() - change the size of a block, which may move to another region
 * @req: which regions may serve if its own cannot
 * @ptr: block, or NULL to allocate
 * @align: as memrig_smh_alloc()
 * @bytes: new size; 0 gives the block back
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched), @ptr is no live
 * block, or @bytes is 0.
 */
void *memrig_smh_realloc(const struct mrig_smh_req *req, void *ptr, size_t align, size_t bytes)
{
	struct mrig_smh_pool *p = &mrig_smh_pool;
	struct mrig_move move;
	unsigned long key;
	int err;

	if (!ptr)
		return memrig_smh_alloc(req, align, bytes);
	if (!bytes) {
		memrig_smh_free(ptr);
		return NULL;
	}
	key = mrig_lock_enter(&p->lock);
	do
		err = mrig_smh_realloc(&p->smh, req, (uintptr_t)ptr, align, bytes, &move);
	while (err == -EAGAIN && !mrig_span_feed(&p->lock, &key, &p->smh.set));
	mrig_lock_leave(&p->lock, key);
	if (err)
		return NULL;
	if (move.to != move.from) {
		memcpy((void *)(uintptr_t)move.to, ptr, (size_t)move.bytes);
		memrig_smh_free(ptr);
	}
	return (void *)(uintptr_t)move.to;
}

/**
 * shared_multi_heap_aligned_alloc() - allocate from a region with an attribute
 * @attr: attribute
 * @align: 0 or a power of two
 * @bytes: size
 *
 * Return: memory that is not cleared; NULL for a shortage, 0 bytes, or what is no attribute or
 * alignment.
 */
void *shared_multi_heap_aligned_alloc(enum shared_multi_heap_attr attr, size_t align, size_t bytes)
{
	struct mrig_smh_req req = { 0 };

	if (!zephyrs((uint32_t)attr) || align & (align - 1))
		return NULL;
	req.with = MRIG_SMH_BIT((uint32_t)attr);
	return memrig_smh_alloc(&req, align, bytes);
}

/**
 * shared_multi_heap_alloc() - allocate from a region with an attribute
 * @attr: attribute
 * @bytes: size
 *
 * Return: as shared_multi_heap_aligned_alloc().
 */
void *shared_multi_heap_alloc(enum shared_multi_heap_attr attr, size_t bytes)
{
	return shared_multi_heap_aligned_alloc(attr, 0, bytes);
}

/**
 * shared_multi_heap_realloc() - change the size of a block
 * @attr: attribute of the region it may move to, if its own cannot serve
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives the block back
 *
 * Return: as memrig_smh_realloc(); NULL for what is no attribute, unless @bytes is 0.
 */
void *shared_multi_heap_realloc(enum shared_multi_heap_attr attr, void *ptr, size_t bytes)
{
	struct mrig_smh_req req = { 0 };

	if (bytes && !zephyrs((uint32_t)attr))
		return NULL;
	if (bytes)
		req.with = MRIG_SMH_BIT((uint32_t)attr);
	return memrig_smh_realloc(&req, ptr, 0, bytes);
}

/**
 * shared_multi_heap_free() - give a block back
 * @block: block; NULL, and what is no live block, is ignored
 */
void shared_multi_heap_free(void *block)
{
	memrig_smh_free(block);
}
