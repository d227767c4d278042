/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backing stores: where the pages of a window are that have no frame.
 *
 * A store gives out *locations*, one for each page that it holds. The window remembers which page
 * is where, and asks for one location at a time in any order, from several threads at once; it
 * never has two operations under way on one location. No lock of the window is held.
 */
#ifndef MRIG_STORE_H
#define MRIG_STORE_H

#include <linux/memrig.h>
#include <linux/types.h>

struct file;
struct mem_cgroup;
struct mrig_store;

/**
 * struct mrig_store_spec - what kind of store to make
 * @kind: enum memrig_store
 * @compressor: COMPRESSED: enum memrig_compressor
 * @pages: of the window
 * @frames: of the window
 * @limit: how many pages it may hold; 0: all of them
 * @file: FILE: where to; the store takes a reference of its own
 * @offset: FILE: of the first page
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

/**
 * struct mrig_store_ops - one kind of store
 * @name: for listings
 * @flags: MRIG_STORE_*
 * @init: make it; @spec has been checked as far as it is the same for all. Errors leave nothing
 * @fini: forget everything that is not PERMANENT
 * @location_get: reserve a location for page @index, which has none. -ENOSPC: it is full; without
 *	@fault, which says that somebody waits for a frame, also when one place is left. -ENOMEM.
 *	Not for PERMANENT stores
 * @location_free: what is at @location is not needed any more. Must not fail. Not for PERMANENT
 * @page_out: a page of bytes at @from becomes the content of @location, or -errno: then what is at
 *	@location is undefined
 * @page_in: the reverse. Before the first successful @page_out it is undefined
 * @sync: what was written is to survive the machine; NULL: there is nothing to do
 * @bytes: memory that the content takes; NULL: none
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
};

/**
 * struct mrig_store - a store
 * @ops: its kind
 * @flags: MRIG_STORE_* of this one
 * @keep: a page that gets a frame stays in the store, too, until it changes
 * @limit: how many pages it may hold
 * @held: how many locations are in use
 * @base: the store that does the work: itself, or the one it is wrapped around
 * @memcg: who pays for its memory
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
	void *priv;
};

extern const struct mrig_store_ops mrig_store_ram_ops;
extern const struct mrig_store_ops mrig_store_compressed_ops;
extern const struct mrig_store_ops mrig_store_file_ops;
extern const struct mrig_store_ops mrig_store_null_ops;
extern const struct mrig_store_ops mrig_store_inject_ops;

int mrig_store_check(const struct mrig_store_spec *spec);
int mrig_store_init(struct mrig_store *store, const struct mrig_store_spec *spec,
		    struct mem_cgroup *memcg);
void mrig_store_fini(struct mrig_store *store);
const struct mrig_store_ops *mrig_store_ops_of(u32 kind);

/* For kinds whose locations are numbers of pages: count them against the limit. */
int mrig_store_take(struct mrig_store *store, bool fault);
void mrig_store_give(struct mrig_store *store);

/* store_inject.c: only for a store made with @inject */
int mrig_store_inject(struct mrig_store *store, const struct memrig_window_inject *plan);

#endif /* MRIG_STORE_H */
