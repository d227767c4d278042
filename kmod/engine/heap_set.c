// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A set of heaps; see heap_set.h.
 */
#include "heap_set.h"
#include "heap_core.h"

/* Number of members that start at or below @addr. */
static uint32_t position(const struct mrig_set *set, uint64_t addr)
{
	uint32_t lo = 0, hi = set->nr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (set->by_addr[mid]->addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * mrig_set_init() - make an empty set
 * @set: to fill in
 * @slots: an array, in use until mrig_set_room() replaces it; NULL with a @room of 0
 * @room: its length: members the set can have
 *
 * Return: 0, or -EINVAL if something is NULL.
 */
int mrig_set_init(struct mrig_set *set, struct mrig_member **slots, uint32_t room)
{
	if (!set || (!slots && room))
		return -EINVAL;
	memset(set, 0, sizeof(*set));
	set->by_addr = slots;
	set->room = room;
	return 0;
}

/**
 * mrig_set_room() - give a set an array of another length
 * @set: set
 * @slots: the array
 * @room: its length
 *
 * The array that was in use before is the caller's again.
 *
 * Return: 0, or -EINVAL if something is NULL or the array too short for the members there are.
 */
int mrig_set_room(struct mrig_set *set, struct mrig_member **slots, uint32_t room)
{
	uint32_t i;

	if (!set || !slots || room < set->nr)
		return -EINVAL;
	for (i = 0; i < set->nr; i++)
		slots[i] = set->by_addr[i];
	set->by_addr = slots;
	set->room = room;
	return 0;
}

/* Behind all members of its rank or a higher one. */
static void enlist(struct mrig_set *set, struct mrig_member *m)
{
	struct mrig_member **at = &set->first;

	while (*at && (*at)->rank >= m->rank)
		at = &(*at)->next;
	m->next = *at;
	*at = m;
}

/**
 * mrig_set_add() - add a heap
 * @set: set
 * @m: with &mrig_member.heap, addr, bytes and rank filled in; in use until mrig_set_del()
 *
 * Return: 0; -EINVAL for NULL, an empty span, one that ends beyond the last address or overlaps
 * that of another member; -EEXIST if @m is there already; -ENOMEM without room, see
 * mrig_set_room().
 */
int mrig_set_add(struct mrig_set *set, struct mrig_member *m)
{
	const struct mrig_member *before;
	uint32_t at, i;

	if (!set || !m || !m->heap || !m->heap->ops || !m->bytes || m->addr + m->bytes < m->addr)
		return -EINVAL;
	at = position(set, m->addr);
	before = at ? set->by_addr[at - 1] : NULL;
	if (before == m)
		return -EEXIST;
	if (before && m->addr - before->addr < before->bytes)
		return -EINVAL;
	if (at < set->nr && set->by_addr[at]->addr - m->addr < m->bytes)
		return -EINVAL;
	if (set->nr >= set->room)
		return -ENOMEM;
	memset(&m->stats, 0, sizeof(m->stats));
	m->base = m->heap->ops->held(m->heap, NULL);
	for (i = set->nr++; i > at; i--)
		set->by_addr[i] = set->by_addr[i - 1];
	set->by_addr[at] = m;
	enlist(set, m);
	return 0;
}

/**
 * mrig_set_del() - take a heap out again
 * @set: set
 * @m: its member
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if it is not there; -EBUSY while blocks live in it, and then
 * nothing has changed.
 */
int mrig_set_del(struct mrig_set *set, struct mrig_member *m)
{
	struct mrig_member **link;
	struct mrig_heap_info info;
	uint32_t at;

	if (!set || !m)
		return -EINVAL;
	at = position(set, m->addr);
	if (!at || set->by_addr[at - 1] != m)
		return -ENOENT;
	m->heap->ops->info(m->heap, &info);
	if (info.live_blocks || m->stats.live)
		return -EBUSY;
	for (set->nr--; at <= set->nr; at++)
		set->by_addr[at - 1] = set->by_addr[at];
	for (link = &set->first; *link != m; )
		link = &(*link)->next;
	*link = m->next;
	m->next = NULL;
	if (set->hungry == m)
		set->hungry = NULL;
	if (set->served == m)
		set->served = NULL;
	return 0;
}

/**
 * mrig_set_find() - the member an address belongs to
 * @set: set
 * @addr: any address
 *
 * Return: the member in whose span @addr lies, or NULL.
 */
struct mrig_member *mrig_set_find(const struct mrig_set *set, uint64_t addr)
{
	uint32_t at = position(set, addr);
	struct mrig_member *m = at ? set->by_addr[at - 1] : NULL;

	return m && addr - m->addr < m->bytes ? m : NULL;
}

/* The heap knows what it holds: no block has to be looked at for that. */
static void count(struct mrig_member *m)
{
	struct mrig_member_stats *st = &m->stats;

	st->allocated = m->heap->ops->held(m->heap, NULL) - m->base;
	if (st->allocated > st->max_allocated)
		st->max_allocated = st->allocated;
}

static int64_t usable_in(const struct mrig_member *m, uint64_t addr)
{
	return m->heap->ops->usable(m->heap, addr - m->addr);
}

static int alloc_in(struct mrig_set *set, struct mrig_member *m, size_t align, size_t bytes,
		    uint64_t *addr)
{
	int64_t off = m->heap->ops->alloc(m->heap, align, bytes);
	uint64_t before = m->stats.allocated;

	if (off == -EAGAIN)
		set->hungry = m;
	if (off < 0)
		return (int)off;
	count(m);
	set->served = m;
	set->came = m->stats.allocated - before;
	m->stats.live++;
	m->stats.allocs++;
	*addr = m->addr + (uint64_t)off;
	return 0;
}

/* The request will be repeated, from the first member on. */
static void forget_fails(struct mrig_set *set, mrig_set_rule rule, const void *arg,
			 const struct mrig_member *end)
{
	struct mrig_member *m;

	for (m = set->first; m != end; m = m->next) {
		if (!rule || rule(m, arg))
			m->stats.fails--;
	}
}

/**
 * mrig_set_alloc() - allocate from the first member that may and can
 * @set: set
 * @rule: lets members through; NULL lets all through
 * @arg: for @rule
 * @align: as &mrig_heap_ops.alloc
 * @bytes: size
 * @addr: set to the block's address on success
 *
 * A member that has been fenced off is passed over.
 *
 * Return: 0; -EINVAL for NULL, zero bytes or a bad alignment; -ENOENT if @rule lets no member
 * through; -ENOMEM if none of them has room; -ENOSPC if those with room have all the blocks they
 * may have; -EIO if all are fenced off; -EAGAIN: feed the heap of &mrig_set.hungry and repeat.
 */
int mrig_set_alloc(struct mrig_set *set, mrig_set_rule rule, const void *arg, size_t align,
		   size_t bytes, uint64_t *addr)
{
	struct mrig_member *m;
	uint64_t a, rewind;
	int err = -ENOENT;

	if (!set || !addr || !bytes || (align && !mrig_align_decode(align, &a, &rewind)))
		return -EINVAL;
	for (m = set->first; m; m = m->next) {
		int now;

		if (rule && !rule(m, arg))
			continue;
		now = alloc_in(set, m, align, bytes, addr);
		if (now == -EAGAIN)
			forget_fails(set, rule, arg, m);
		if (!now || now == -EAGAIN || now == -EINVAL)
			return now;
		m->stats.fails++;
		if (err == -ENOENT || err == -EIO || now == -ENOSPC)
			err = now;
	}
	return err;
}

/**
 * mrig_set_free_from() - mrig_set_free() for who has found the member
 * @m: member the address lies in
 * @addr: address of a block
 *
 * Return: as mrig_set_free().
 */
int mrig_set_free_from(struct mrig_member *m, uint64_t addr)
{
	int err = m->heap->ops->free(m->heap, addr - m->addr);

	if (err)
		return err;
	count(m);
	m->stats.live--;
	m->stats.frees++;
	return 0;
}

/**
 * mrig_set_free() - give a block back to the member it is from
 * @set: set
 * @addr: its address
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if no live block starts there; -EIO if the heap is, or has
 * just been found, corrupted.
 */
int mrig_set_free(struct mrig_set *set, uint64_t addr)
{
	struct mrig_member *m;

	if (!set)
		return -EINVAL;
	m = mrig_set_find(set, addr);
	return m ? mrig_set_free_from(m, addr) : -ENOENT;
}

/**
 * mrig_set_usable() - usable bytes of a block
 * @set: set
 * @addr: its address
 *
 * Return: bytes; or as mrig_set_free().
 */
int64_t mrig_set_usable(struct mrig_set *set, uint64_t addr)
{
	struct mrig_member *m;

	if (!set)
		return -EINVAL;
	m = mrig_set_find(set, addr);
	return m ? usable_in(m, addr) : -ENOENT;
}

static int resize_in(struct mrig_set *set, struct mrig_member *m, uint64_t addr, size_t bytes)
{
	int err = m->heap->ops->resize(m->heap, addr - m->addr, bytes);

	if (err == -EAGAIN)
		set->hungry = m;
	if (!err)
		count(m);
	return err;
}

/**
 * mrig_set_realloc() - change the size, and perhaps the place, of a block
 * @set: set
 * @rule: as mrig_set_alloc(), if the block has to go to another member
 * @arg: for @rule
 * @addr: its address
 * @align: as &mrig_heap_ops.alloc; a block that does not meet it moves
 * @bytes: new size
 * @move: filled in on success
 *
 * The member the block is in is asked first, whatever @rule says. If the block has moved both
 * places live: the caller copies, for the payload is not the engine's to touch, and frees
 * &mrig_move.from.
 *
 * Return: 0; as mrig_set_free() for an address that is no block's; as mrig_set_alloc(), but never
 * -ENOENT, if the size cannot be had, and then the block is as it was.
 */
int mrig_set_realloc(struct mrig_set *set, mrig_set_rule rule, const void *arg, uint64_t addr,
		     size_t align, size_t bytes, struct mrig_move *move)
{
	struct mrig_member *m;
	uint64_t a, rewind;
	int64_t usable;
	int err = -ENOMEM;

	if (!set || !move || !bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	m = mrig_set_find(set, addr);
	if (!m)
		return -ENOENT;
	usable = usable_in(m, addr);
	if (usable < 0)
		return (int)usable;
	move->from = addr;
	move->to = addr;
	move->bytes = 0;
	if (!((addr + rewind) & (a - 1)))
		err = resize_in(set, m, addr, bytes);
	if (err != -ENOMEM && err != -ENOSPC)
		return err;
	err = alloc_in(set, m, align, bytes, &move->to);
	if (err == -ENOMEM || err == -ENOSPC)
		err = mrig_set_alloc(set, rule, arg, align, bytes, &move->to);
	if (err == -ENOENT)
		err = -ENOMEM;
	if (!err)
		move->bytes = (uint64_t)usable < bytes ? (uint64_t)usable : bytes;
	return err;
}
