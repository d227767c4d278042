/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Objects that callers know by a pointer, and that can be told from those that have ended: their
 * memory is never anything but such an object. Whoever still uses one that has ended reads that it
 * has; from when on the memory belongs to another object he uses that one, which is not what he
 * wants, but harms nothing but its blocks.
 *
 * The memory of those that ended longest ago is taken first, and that of the last few not at all.
 */
#ifndef MRIG_HANDLE_H
#define MRIG_HANDLE_H

#include "mrig_sync_port.h"

#define MRIG_HANDLE_BYTES	768	/* of an object, all of it */
#define MRIG_HANDLE_REST	16	/* that ended last: their memory stays as it is */

enum mrig_handle_kind {
	MRIG_HANDLE_NONE,	/* is being made, or has ended */
	MRIG_HANDLE_SMART,
	MRIG_HANDLE_PRIO,
	MRIG_HANDLE_RING,
	MRIG_HANDLE_MSGPOOL,
};

/**
 * struct mrig_handle - the first member of such an object
 * @kind: enum mrig_handle_kind
 * @known: somebody has, or had, a pointer to it
 * @next: that ended after it
 */
struct mrig_handle {
	uint32_t kind;
	bool known;
	struct mrig_handle *next;
};

void *mrig_handle_create(void);
void mrig_handle_begin(struct mrig_handle *h, enum mrig_handle_kind kind);
void mrig_handle_end(struct mrig_handle *h);
void mrig_handle_drop_all(void);

/* Is @h, which may be NULL, an object of this kind? */
static mrig_inline bool mrig_handle_is(const struct mrig_handle *h, enum mrig_handle_kind kind)
{
	return mrig_likely(h && mrig_load_acquire(&h->kind) == (uint32_t)kind);
}

#endif /* MRIG_HANDLE_H */
