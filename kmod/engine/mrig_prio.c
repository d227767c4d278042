// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Priority heap; see mrig_prio.h.
 */
#include "mrig_prio.h"

static struct mrig_prio_level *level_of(const struct mrig_member *m)
{
	return (struct mrig_prio_level *)((char *)m - offsetof(struct mrig_prio_level, member));
}

/* mrig_set_rule: @arg points to the number of the request. */
static bool serves(const struct mrig_member *m, const void *arg)
{
	return m->rank <= *(const int32_t *)arg;
}

/**
 * mrig_prio_init() - make a priority heap without levels
 * @prio: to fill in
 * @slots: as mrig_set_init()
 * @room: as mrig_set_init()
 *
 * Return: 0, or -EINVAL if something is NULL.
 */
int mrig_prio_init(struct mrig_prio *prio, struct mrig_member **slots, uint32_t room)
{
	return prio ? mrig_set_init(&prio->set, slots, room) : -EINVAL;
}

/**
 * mrig_prio_add() - add a level
 * @prio: priority heap
 * @level: in use until mrig_prio_remove(); its floor must not change
 *
 * Return: as mrig_set_add().
 */
int mrig_prio_add(struct mrig_prio *prio, struct mrig_prio_level *level)
{
	struct mrig_member *m;

	if (!prio || !level)
		return -EINVAL;
	for (m = prio->set.first; m; m = m->next) {
		if (m == &level->member)
			return -EEXIST;
	}
	level->fallen = 0;
	level->member.rank = level->floor;
	return mrig_set_add(&prio->set, &level->member);
}

/**
 * mrig_prio_remove() - take a level away
 * @prio: priority heap
 * @level: level
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if it is not there; -EBUSY while blocks live in it.
 */
int mrig_prio_remove(struct mrig_prio *prio, struct mrig_prio_level *level)
{
	return prio && level ? mrig_set_del(&prio->set, &level->member) : -EINVAL;
}

/**
 * mrig_prio_find() - the level an address lies in
 * @prio: priority heap
 * @addr: any address
 *
 * Return: the level, or NULL.
 */
struct mrig_prio_level *mrig_prio_find(const struct mrig_prio *prio, uint64_t addr)
{
	struct mrig_member *m = prio ? mrig_set_find(&prio->set, addr) : NULL;

	return m ? level_of(m) : NULL;
}

/* A block has come: was that to the level of the request's own? */
static void settle(struct mrig_prio *prio, int32_t number)
{
	struct mrig_member *at = prio->set.served, *m = prio->set.first;

	while (!serves(m, &number))
		m = m->next;
	level_of(at)->fallen += at->rank < m->rank;
}

/**
 * mrig_prio_alloc() - allocate from the highest level that is open to a number and has room
 * @prio: priority heap
 * @number: of the request, higher is more urgent
 * @align: as &mrig_heap_ops.alloc
 * @bytes: size
 * @addr: set to the block's address on success
 *
 * Return: as mrig_set_alloc(); -ENOENT if all floors are above @number.
 */
int mrig_prio_alloc(struct mrig_prio *prio, int32_t number, size_t align, size_t bytes,
		    uint64_t *addr)
{
	int err;

	if (!prio)
		return -EINVAL;
	err = mrig_set_alloc(&prio->set, serves, &number, align, bytes, addr);
	if (!err)
		settle(prio, number);
	return err;
}

/**
 * mrig_prio_realloc() - change the size of a block, which may move to another level
 * @prio: priority heap
 * @number: of the request, if its own level has no room: as mrig_prio_alloc()
 * @addr: its address
 * @align: as mrig_set_realloc()
 * @bytes: new size
 * @move: as mrig_set_realloc(): the caller copies and frees the old place
 *
 * Return: as mrig_set_realloc().
 */
int mrig_prio_realloc(struct mrig_prio *prio, int32_t number, uint64_t addr, size_t align,
		      size_t bytes, struct mrig_move *move)
{
	int err;

	if (!prio)
		return -EINVAL;
	err = mrig_set_realloc(&prio->set, serves, &number, addr, align, bytes, move);
	if (!err && mrig_set_find(&prio->set, addr) != mrig_set_find(&prio->set, move->to))
		settle(prio, number);
	return err;
}

/**
 * mrig_prio_free() - give a block back to the level it is from
 * @prio: priority heap
 * @addr: its address
 *
 * Return: as mrig_set_free().
 */
int mrig_prio_free(struct mrig_prio *prio, uint64_t addr)
{
	return prio ? mrig_set_free(&prio->set, addr) : -EINVAL;
}
