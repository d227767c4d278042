// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Side memory by owner; see mrig_side.h. Init calls are rare: a few lists are enough.
 */
#include "mrig_side.h"
#include "mrig_memory.h"
#include "mrig_sync_port.h"

#define LISTS_LOG	6

/**
 * struct side - side memory of one object
 * @next: on the list
 * @owner: address of the object; not dereferenced
 * @mem: what the object got
 */
struct side {
	struct side *next;
	const void *owner;
	uint64_t mem[];
};

static struct side *lists[1 << LISTS_LOG];
static struct mrig_lock lock;

static struct side **list_of(const void *owner)
{
	uint64_t hash = (uintptr_t)owner * 0x9e3779b97f4a7c15ULL;

	return &lists[hash >> (64 - LISTS_LOG)];
}

/* Take what @owner has off its list; NULL if it has none. */
static struct side *detach(const void *owner)
{
	struct side **at, *side;
	unsigned long key = mrig_lock_enter(&lock);

	for (at = list_of(owner); *at && (*at)->owner != owner; at = &(*at)->next)
		;
	side = *at;
	if (side)
		*at = side->next;
	mrig_lock_leave(&lock, key);
	return side;
}

/**
 * mrig_side_add() - give an object side memory, besides what it may have
 * @owner: the object
 * @bytes: how much
 *
 * Context: any; where the caller cannot sleep there may be less.
 * Return: zeroed memory, aligned to 8, or NULL.
 */
void *mrig_side_add(const void *owner, size_t bytes)
{
	struct side **list, *side;
	unsigned long key;

	if (__builtin_add_overflow(bytes, sizeof(*side), &bytes))
		return NULL;
	side = mrig_mem_alloc(bytes);
	if (!side)
		return NULL;
	side->owner = owner;
	list = list_of(owner);
	key = mrig_lock_enter(&lock);
	side->next = *list;
	*list = side;
	mrig_lock_leave(&lock, key);
	return side->mem;
}

/**
 * mrig_side_renew() - give an object side memory, in place of what it may have
 * @owner: the object
 * @bytes: how much
 *
 * Context: any; where the caller cannot sleep there may be less.
 * Return: zeroed memory, aligned to 8; NULL if there is none, and then the object has none.
 */
void *mrig_side_renew(const void *owner, size_t bytes)
{
	mrig_side_drop(owner);
	return mrig_side_add(owner, bytes);
}

/**
 * mrig_side_drop() - free the side memory of an object, if it has any
 * @owner: the object
 *
 * Context: any.
 */
void mrig_side_drop(const void *owner)
{
	struct side *side = detach(owner);

	for (; side; side = detach(owner))
		mrig_mem_free(side);
}

/**
 * mrig_side_drop_all() - free what is left, for objects that nobody can use any more
 *
 * Context: any.
 */
void mrig_side_drop_all(void)
{
	unsigned int i;

	for (i = 0; i < 1U << LISTS_LOG; i++) {
		while (lists[i])
			mrig_side_drop(lists[i]->owner);
	}
}
