// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Memory of objects that are known by a pointer; see mrig_handle.h.
 */
#include "mrig_handle.h"
#include "mrig_memory.h"

static struct mrig_lock lock;	/* of all that follows */
static struct mrig_handle *oldest;
static struct mrig_handle *newest;
static uint32_t nr_ended;

/* The one that ended longest ago, or NULL. */
static struct mrig_handle *take(uint32_t leave)
{
	unsigned long key = mrig_lock_enter(&lock);
	struct mrig_handle *h = nr_ended > leave ? oldest : NULL;

	if (h) {
		nr_ended--;
		oldest = h->next;
		if (!oldest)
			newest = NULL;
	}
	mrig_lock_leave(&lock, key);
	return h;
}

/**
 * mrig_handle_create() - memory for an object
 *
 * Context: may sleep; there is none where that is plainly not so.
 * Return: MRIG_HANDLE_BYTES of zeroed memory, or NULL.
 */
void *mrig_handle_create(void)
{
	struct mrig_handle *h;

	if (!mrig_may_sleep())
		return NULL;
	h = take(MRIG_HANDLE_REST);
	if (!h)
		return mrig_mem_create(MRIG_HANDLE_BYTES);
	memset(h + 1, 0, MRIG_HANDLE_BYTES - sizeof(*h));
	h->next = NULL;
	return h;
}

/**
 * mrig_handle_begin() - an object is complete, and others will know it
 * @h: its handle
 * @kind: what it is
 */
void mrig_handle_begin(struct mrig_handle *h, enum mrig_handle_kind kind)
{
	h->known = true;
	mrig_store_release(&h->kind, (uint32_t)kind);
}

/**
 * mrig_handle_end() - there is no such object any more
 * @h: its handle; what else it has was given back. It may never have begun
 */
void mrig_handle_end(struct mrig_handle *h)
{
	unsigned long key;

	if (!h->known) {
		mrig_mem_free(h);
		return;
	}
	mrig_store_release(&h->kind, (uint32_t)MRIG_HANDLE_NONE);
	key = mrig_lock_enter(&lock);
	h->next = NULL;
	if (newest)
		newest->next = h;
	else
		oldest = h;
	newest = h;
	nr_ended++;
	mrig_lock_leave(&lock, key);
}

/**
 * mrig_handle_drop_all() - give the memory of all that have ended back
 *
 * For when nobody can have a pointer to one of them.
 */
void mrig_handle_drop_all(void)
{
	struct mrig_handle *h;

	for (h = take(0); h; h = take(0))
		mrig_mem_free(h);
}
