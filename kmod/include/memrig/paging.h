/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Stores and eviction policies for windows, from modules of their own.
 *
 * A store gives out *locations*, one for each page that it holds. The window remembers which page
 * is where, and asks for one location at a time in any order, from several threads at once; it
 * never has two operations under way on one location. No lock of the window is held.
 *
 * A policy says which page leaves; what there is to know of that is in evict.h, and what it can be
 * made of in evict_part.h. The window serialises the calls, which must neither sleep nor allocate.
 *
 * Registered, a store or a policy has a number that programs find by its name (WINDOW_KIND) and
 * make windows with. As long as one does, the module cannot be unloaded.
 */
#ifndef MEMRIG_PAGING_H
#define MEMRIG_PAGING_H

#include <linux/bits.h>
#include <linux/memrig.h>
#include <linux/limits.h>
#include <linux/types.h>
#include <memrig/module.h>
#include "../../evict/evict_part.h"

struct file;
struct mem_cgroup;
struct module;
struct mrig_kind;
struct mrig_store;

/**
 * struct mrig_store_spec - what kind of store to make
 * @kind: enum memrig_store, or the number of a store of another module
 * @compressor: COMPRESSED: enum memrig_compressor
 * @pages: of the window
 * @frames: of the window
 * @limit: how many pages it may hold; 0: all of them
 * @file: MRIG_STORE_FILE: where to; the store takes a reference of its own. It is the store's to
 *	find out what file it is and whether it is open for what is needed
 * @offset: likewise: of the first page
 * @read_only: it is never written
 * @inject: wrap it up so that it can be made to fail
 */
struct mrig_store_spec {
	u32 kind;
	u32 compressor;
	u64 pages;
	u64 frames;
	u64 limit;
	struct file *file;
	u64 offset;
	bool read_only;
	bool inject;
};

#define MRIG_STORE_NOWAIT	BIT(0)	/* it computes, and never waits for anything but memory */
#define MRIG_STORE_PERMANENT	BIT(1)	/* it holds every page from the start, each at its number */
#define MRIG_STORE_FILE		BIT(2)	/* it is made over a file that the maker of a window has */
#define MRIG_STORE_LIMIT	BIT(3)	/* it can be told to hold less than all pages */
#define MRIG_STORE_READ_ONLY	BIT(4)	/* it is never written, so its windows are READ_ONLY */
#define MRIG_STORE_CODE		BIT(5)	/* its pages may be executed, if it has no objection */
#define MRIG_STORE_FLAGS	GENMASK(5, 0)

/**
 * struct mrig_store_wear - what a store on flash has done
 * @erases: erase blocks erased
 * @moves: pages copied to make room
 * @most: most erases of one block
 */
struct mrig_store_wear {
	u64 erases;
	u64 moves;
	u64 most;
};

#define MRIG_LOCATION_MAX	((u64)LONG_MAX)

/**
 * struct mrig_store_ops - one kind of store
 * @name: for listings: unique, not empty and shorter than MEMRIG_NAME_MAX
 * @flags: MRIG_STORE_*
 * @init: make it; @spec has been checked as far as it is the same for all. Errors leave nothing
 * @fini: forget everything that is not PERMANENT
 * @location_get: reserve a location for page @index, which has none. -ENOSPC: it is full; without
 *	@fault, which says that somebody waits for a frame, also when one place is left. -ENOMEM.
 *	At most MRIG_LOCATION_MAX, or the store counts as full. Not for PERMANENT stores
 * @location_free: what is at @location is not needed any more. Must not fail. Not for PERMANENT
 * @page_out: a page of bytes at @from becomes the content of @location, or -errno: then what is at
 *	@location is undefined. -ENOMEM, -ENOSPC, -EDQUOT: there may be room for it later. Not for
 *	READ_ONLY
 * @page_in: the reverse. Before the first successful @page_out it is undefined
 * @sync: what was written is to survive the machine; NULL: there is nothing to do
 * @bytes: memory that the content takes; NULL: none
 * @wear: fill in what WINDOW_STAT reports of it; NULL: nothing wears
 * @may_exec: CODE: may its pages be mapped executable now? NULL: yes
 */
struct mrig_store_ops {
	const char *name;
	u32 flags;
	int (*init)(struct mrig_store *store, const struct mrig_store_spec *spec);
	void (*fini)(struct mrig_store *store);
	int (*location_get)(struct mrig_store *store, u64 index, bool fault, u64 *location);
	void (*location_free)(struct mrig_store *store, u64 location);
	int (*page_out)(struct mrig_store *store, u64 location, const void *from);
	int (*page_in)(struct mrig_store *store, u64 location, void *to);
	int (*sync)(struct mrig_store *store);
	u64 (*bytes)(struct mrig_store *store);
	void (*wear)(struct mrig_store *store, struct mrig_store_wear *wear);
	bool (*may_exec)(struct mrig_store *store);
};

/**
 * struct mrig_store - a store
 * @ops: its kind
 * @flags: MRIG_STORE_* of this one; @init may set NOWAIT or take it away
 * @keep: a page that gets a frame stays in the store, too, until it changes
 * @limit: how many pages it may hold
 * @held: how many locations are in use
 * @base: the store that does the work: itself, or the one it is wrapped around
 * @memcg: who pays for its memory: @init runs for them, what is allocated later has to name them
 *	(set_active_memcg())
 * @kind: whose number it has; memrig's own
 * @priv: of its kind
 */
struct mrig_store {
	const struct mrig_store_ops *ops;
	u32 flags;
	bool keep;
	u64 limit;
	atomic64_t held;
	struct mrig_store *base;
	struct mem_cgroup *memcg;
	struct mrig_kind *kind;
	void *priv;
};

/* For stores: count a location against the limit, and take it back. */
int mrig_store_take(struct mrig_store *store, bool fault);
void mrig_store_give(struct mrig_store *store);

int memrig_store_register(const struct mrig_store_ops *ops, struct module *owner);
void memrig_store_unregister(int number);
int memrig_policy_register(const struct mrig_evict_ops *ops, struct module *owner);
void memrig_policy_unregister(int number);

#endif /* MEMRIG_PAGING_H */
