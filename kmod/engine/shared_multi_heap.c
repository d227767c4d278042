// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * shared_multi_heap: regions and blocks; see shared_multi_heap.h.
 */
#include "shared_multi_heap.h"

static struct mrig_smh_region *region_of(const struct mrig_member *m)
{
	return (struct mrig_smh_region *)((char *)m - offsetof(struct mrig_smh_region, member));
}

/**
 * mrig_smh_init() - make an empty pool
 * @smh: to fill in
 * @slots: as mrig_set_init()
 * @room: as mrig_set_init()
 *
 * Return: 0, or -EINVAL if something is NULL.
 */
int mrig_smh_init(struct mrig_smh *smh, struct mrig_member **slots, uint32_t room)
{
	if (!smh)
		return -EINVAL;
	memset(smh, 0, sizeof(*smh));
	return mrig_set_init(&smh->set, slots, room);
}

/**
 * mrig_smh_room() - make room for another number of regions
 * @smh: pool
 * @slots: as mrig_set_room()
 * @room: as mrig_set_room()
 *
 * Return: as mrig_set_room().
 */
int mrig_smh_room(struct mrig_smh *smh, struct mrig_member **slots, uint32_t room)
{
	return smh ? mrig_set_room(&smh->set, slots, room) : -EINVAL;
}

/**
 * mrig_smh_add() - add a region, behind those there are
 * @smh: pool
 * @region: in use until mrig_smh_remove(); its attributes must not change
 *
 * Return: 0; -EINVAL for NULL, attributes that are unknown or contradict each other, more than 64
 * DMA bits, a node below -1, or an address range as mrig_set_add() refuses it; -EEXIST if it is
 * there already; -ENOMEM without room.
 */
int mrig_smh_add(struct mrig_smh *smh, struct mrig_smh_region *region)
{
	const uint64_t both = MRIG_SMH_BIT(SMH_REG_ATTR_CACHEABLE) |
			      MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE);

	if (!smh || !region || region->attrs & ~MRIG_SMH_VALID ||
	    (region->attrs & both) == both || region->dma_bits > 64 ||
	    region->node < -1 || (!region->cpus && region->nr_cpus) || region->member.rank)
		return -EINVAL;
	return mrig_set_add(&smh->set, &region->member);
}

/**
 * mrig_smh_remove() - take a region out again
 * @smh: pool
 * @region: region
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if it is not there; -EBUSY while blocks live in it.
 */
int mrig_smh_remove(struct mrig_smh *smh, struct mrig_smh_region *region)
{
	return smh && region ? mrig_set_del(&smh->set, &region->member) : -EINVAL;
}

/**
 * mrig_smh_find() - the region an address belongs to
 * @smh: pool
 * @addr: any address
 *
 * Return: the region, or NULL.
 */
struct mrig_smh_region *mrig_smh_find(const struct mrig_smh *smh, uint64_t addr)
{
	struct mrig_member *m = smh ? mrig_set_find(&smh->set, addr) : NULL;

	return m ? region_of(m) : NULL;
}

/* mrig_set_rule */
static bool serves(const struct mrig_member *m, const void *arg)
{
	const struct mrig_smh_region *r = region_of(m);
	const struct mrig_smh_req *req = arg;

	if ((r->attrs & req->with) != req->with || r->attrs & req->without)
		return false;
	if (req->match & MRIG_SMH_MATCH_DMA && (!r->dma_bits || r->dma_bits > req->dma_bits))
		return false;
	if (req->match & MRIG_SMH_MATCH_NODE && r->node != req->node)
		return false;
	return !(req->match & MRIG_SMH_MATCH_CPU) ||
	       (req->cpu < r->nr_cpus && r->cpus[req->cpu / 64] >> req->cpu % 64 & 1);
}

static bool sensible(const struct mrig_smh_req *req)
{
	const uint32_t known = MRIG_SMH_MATCH_DMA | MRIG_SMH_MATCH_NODE | MRIG_SMH_MATCH_CPU;

	return req && !((req->with | req->without) & ~MRIG_SMH_VALID) &&
	       !(req->with & req->without) && !(req->match & ~known) &&
	       (!(req->match & MRIG_SMH_MATCH_DMA) || (req->dma_bits && req->dma_bits <= 64)) &&
	       (!(req->match & MRIG_SMH_MATCH_NODE) || req->node >= 0);
}

/* Enter what has changed in a member since @old into the figures of its attributes. */
static void account(struct mrig_smh *smh, const struct mrig_member *m,
		    const struct mrig_member_stats *old)
{
	const struct mrig_member_stats *now = &m->stats;
	uint64_t bits = region_of(m)->attrs;

	for (; bits; bits &= bits - 1) {
		struct mrig_member_stats *st = &smh->attr[mrig_ctz64(bits)];

		st->live += now->live - old->live;
		st->allocs += now->allocs - old->allocs;
		st->frees += now->frees - old->frees;
		st->allocated += now->allocated - old->allocated;
		if (st->allocated > st->max_allocated)
			st->max_allocated = st->allocated;
	}
}

static void refused(struct mrig_smh *smh, const struct mrig_smh_req *req, int err)
{
	uint64_t bits = req->with;

	if (err == -EAGAIN || err == -EINVAL)
		return;
	for (; bits; bits &= bits - 1)
		smh->attr[mrig_ctz64(bits)].fails++;
}

/* Enter the block that has just come. */
static void account_new(struct mrig_smh *smh)
{
	struct mrig_member_stats old = smh->set.served->stats;

	old.live--;
	old.allocs--;
	old.allocated -= smh->set.came;
	account(smh, smh->set.served, &old);
}

/**
 * mrig_smh_alloc() - allocate from the first region that fits the request and has room
 * @smh: pool
 * @req: which regions may serve
 * @align: as &mrig_heap_ops.alloc
 * @bytes: size
 * @addr: set to the block's address on success
 *
 * Return: 0; -EINVAL for NULL, zero bytes, a bad alignment, or a request that contradicts itself or
 * names unknown attributes; -ENOENT if no region fits; else as mrig_set_alloc().
 */
int mrig_smh_alloc(struct mrig_smh *smh, const struct mrig_smh_req *req, size_t align, size_t bytes,
		   uint64_t *addr)
{
	int err;

	if (!smh || !sensible(req))
		return -EINVAL;
	err = mrig_set_alloc(&smh->set, serves, req, align, bytes, addr);
	if (err)
		refused(smh, req, err);
	else
		account_new(smh);
	return err;
}

/**
 * mrig_smh_free() - give a block back
 * @smh: pool
 * @addr: its address
 *
 * Return: as mrig_set_free().
 */
int mrig_smh_free(struct mrig_smh *smh, uint64_t addr)
{
	struct mrig_member_stats old;
	struct mrig_member *m;
	int err;

	if (!smh)
		return -EINVAL;
	m = mrig_set_find(&smh->set, addr);
	if (!m)
		return -ENOENT;
	old = m->stats;
	err = mrig_set_free_from(m, addr);
	if (!err)
		account(smh, m, &old);
	return err;
}

/**
 * mrig_smh_realloc() - change the size of a block, which may move to another region
 * @smh: pool
 * @req: which regions may serve if its own cannot
 * @addr: its address
 * @align: as mrig_set_realloc()
 * @bytes: new size
 * @move: as mrig_set_realloc(): the caller copies and frees the old place
 *
 * Return: as mrig_set_realloc(), and -EINVAL for a bad request.
 */
int mrig_smh_realloc(struct mrig_smh *smh, const struct mrig_smh_req *req, uint64_t addr,
		     size_t align, size_t bytes, struct mrig_move *move)
{
	struct mrig_member_stats old;
	struct mrig_member *m;
	int err;

	if (!smh || !sensible(req))
		return -EINVAL;
	m = mrig_set_find(&smh->set, addr);
	if (!m)
		return -ENOENT;
	old = m->stats;
	err = mrig_set_realloc(&smh->set, serves, req, addr, align, bytes, move);
	if (err == -ENOMEM || err == -ENOSPC)
		refused(smh, req, err);
	else if (!err && move->to == move->from)
		account(smh, m, &old);
	else if (!err)
		account_new(smh);
	return err;
}
