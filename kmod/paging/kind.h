/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of stores and policies that there are, by number: memrig's own, and those that other
 * modules have registered.
 */
#ifndef MRIG_KIND_H
#define MRIG_KIND_H

#include <linux/list.h>
#include <linux/memrig.h>
#include <linux/types.h>

#include "memrig/paging.h"

/**
 * struct mrig_kind - a kind of store, or a policy
 * @entry: in the list of all; those of one sort by ascending number
 * @what: enum memrig_kind_of
 * @number: as programs name it
 * @users: who has it, from mrig_kind_get()
 * @owner: module that brought it; NULL: memrig itself
 * @store: what it is, if it is a store
 * @policy: what it is, if it is a policy
 */
struct mrig_kind {
	struct list_head entry;
	u32 what;
	u32 number;
	u32 users;
	struct module *owner;
	const struct mrig_store_ops *store;
	const struct mrig_evict_ops *policy;
};

struct mrig_kind *mrig_kind_get(u32 what, u32 number);
void mrig_kind_put(struct mrig_kind *kind);
int mrig_kind_next(u32 what, u32 *number, char name[MEMRIG_NAME_MAX], u32 *flags);
u32 mrig_kind_mask(u32 what);
void mrig_kinds_init(void);

#endif /* MRIG_KIND_H */
