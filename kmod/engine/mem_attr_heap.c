// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mem_attr_heap: heaps in those regions of a table that have a software attribute.
 */
#include "mem_attr.h"

static struct mrig_mah_member *member_of(const struct mrig_member *m)
{
	return (struct mrig_mah_member *)((char *)m - offsetof(struct mrig_mah_member, member));
}

/* mrig_set_rule: @arg points to a software attribute. */
static bool serves(const struct mrig_member *m, const void *arg)
{
	return DT_MEM_SW_ATTR_GET(member_of(m)->region->dt_attr) == *(const uint32_t *)arg;
}

/**
 * mrig_mah_init() - begin, without any heap
 * @mah: to fill in; zeroed before the first time
 * @table: table of regions, in use from now on
 * @slots: as mrig_set_init()
 * @room: as mrig_set_init(): heaps there can be
 *
 * Return: 0; -EINVAL if something is NULL; -EALREADY if that has been done.
 */
int mrig_mah_init(struct mrig_mah *mah, const struct mrig_mem_attr *table,
		  struct mrig_member **slots, uint32_t room)
{
	int err;

	if (!mah || !table)
		return -EINVAL;
	if (mah->table)
		return -EALREADY;
	err = mrig_set_init(&mah->set, slots, room);
	if (!err)
		mah->table = table;
	return err;
}

/**
 * mrig_mah_add() - give a region its heap
 * @mah: heaps
 * @m: &mrig_mah_member.member.heap is set; in use until mrig_mah_remove()
 * @index: of the region in the table; it decides the order of asking, not when it was added
 *
 * Return: 0; -EINVAL for NULL, an index beyond the table, or a region without a software attribute;
 * -EEXIST if the region has a heap; -ENOMEM if there is no room, those there stay usable.
 */
int mrig_mah_add(struct mrig_mah *mah, struct mrig_mah_member *m, size_t index)
{
	const struct mem_attr_region_t *region;

	if (!mah || !mah->table || !m || index >= mah->table->nr)
		return -EINVAL;
	region = &mah->table->region[index];
	if (!DT_MEM_SW_ATTR_GET(region->dt_attr))
		return -EINVAL;
	if (mrig_set_find(&mah->set, region->dt_addr))
		return -EEXIST;
	m->region = region;
	m->member.addr = region->dt_addr;
	m->member.bytes = region->dt_size;
	m->member.rank = -(int64_t)index;
	return mrig_set_add(&mah->set, &m->member);
}

/**
 * mrig_mah_remove() - take the heap of a region away
 * @mah: heaps
 * @m: as added
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if it is not there; -EBUSY while blocks live in it.
 */
int mrig_mah_remove(struct mrig_mah *mah, struct mrig_mah_member *m)
{
	return mah && m ? mrig_set_del(&mah->set, &m->member) : -EINVAL;
}

/**
 * mrig_mah_alloc() - allocate from the first region of the table with a software attribute
 * @mah: heaps
 * @attr: software attribute, DT_MEM_SW_*: exactly this
 * @align: as &mrig_heap_ops.alloc
 * @bytes: size
 * @addr: set to the block's address on success
 *
 * Return: as mrig_set_alloc(); -ENOENT if no region has that attribute.
 */
int mrig_mah_alloc(struct mrig_mah *mah, uint32_t attr, size_t align, size_t bytes, uint64_t *addr)
{
	return mah ? mrig_set_alloc(&mah->set, serves, &attr, align, bytes, addr) : -EINVAL;
}

/**
 * mrig_mah_realloc() - change the size of a block, which may move to a region like its own
 * @mah: heaps
 * @addr: its address
 * @bytes: new size
 * @move: as mrig_set_realloc(): the caller copies and frees the old place
 *
 * Regions are alike if their software attributes are; the rest does not count.
 *
 * Return: as mrig_set_realloc().
 */
int mrig_mah_realloc(struct mrig_mah *mah, uint64_t addr, size_t bytes, struct mrig_move *move)
{
	const struct mrig_member *m;
	uint32_t attr;

	if (!mah)
		return -EINVAL;
	m = mrig_set_find(&mah->set, addr);
	if (!m)
		return -ENOENT;
	attr = DT_MEM_SW_ATTR_GET(member_of(m)->region->dt_attr);
	return mrig_set_realloc(&mah->set, serves, &attr, addr, 0, bytes, move);
}

/**
 * mrig_mah_free() - give a block back
 * @mah: heaps
 * @addr: its address
 *
 * Return: as mrig_set_free().
 */
int mrig_mah_free(struct mrig_mah *mah, uint64_t addr)
{
	return mah ? mrig_set_free(&mah->set, addr) : -EINVAL;
}

/**
 * mrig_mah_get_region() - the region a block is in
 * @mah: heaps
 * @addr: its address
 *
 * Return: the region; NULL if no live block starts there.
 */
const struct mem_attr_region_t *mrig_mah_get_region(struct mrig_mah *mah, uint64_t addr)
{
	if (!mah || mrig_set_usable(&mah->set, addr) < 0)
		return NULL;
	return member_of(mrig_set_find(&mah->set, addr))->region;
}
