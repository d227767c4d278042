// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all stores have in common: which kinds there are, limits, life.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/sched/mm.h>

#include "paging/store.h"

static const struct mrig_store_ops *const mrig_stores[] = {
	[MEMRIG_STORE_RAM] = &mrig_store_ram_ops,
	[MEMRIG_STORE_COMPRESSED] = &mrig_store_compressed_ops,
	[MEMRIG_STORE_FILE] = &mrig_store_file_ops,
	[MEMRIG_STORE_NULL] = &mrig_store_null_ops,
};

/**
 * mrig_store_ops_of() - operations of a kind of store
 * @kind: enum memrig_store
 *
 * Return: the operations, or NULL: there is no such kind.
 */
const struct mrig_store_ops *mrig_store_ops_of(u32 kind)
{
	if (kind >= ARRAY_SIZE(mrig_stores))
		return NULL;
	return mrig_stores[array_index_nospec(kind, ARRAY_SIZE(mrig_stores))];
}

/**
 * mrig_store_check() - could there be such a store?
 * @spec: what is wanted; pages and frames have been checked
 *
 * Return: 0; -EOPNOTSUPP: unknown kind; -EINVAL: what belongs to another kind is set; -ENOSPC: the
 *	limit is so low that a window could get stuck.
 */
int mrig_store_check(const struct mrig_store_spec *spec)
{
	bool memory = spec->kind == MEMRIG_STORE_RAM || spec->kind == MEMRIG_STORE_COMPRESSED;

	if (!mrig_store_ops_of(spec->kind))
		return -EOPNOTSUPP;
	if (spec->compressor && spec->kind != MEMRIG_STORE_COMPRESSED)
		return -EINVAL;
	if ((spec->file || spec->offset) && spec->kind != MEMRIG_STORE_FILE)
		return -EINVAL;
	if (!spec->limit)
		return 0;
	if (!memory)
		return -EINVAL;
	/* A page leaves before the other one comes: for a moment both are in the store. */
	return spec->limit < spec->pages - spec->frames + 1 ? -ENOSPC : 0;
}

/**
 * mrig_store_init() - make a store
 * @store: to fill in
 * @spec: what is wanted, as mrig_store_check() found it right
 * @memcg: who pays; outlives the store
 *
 * Context: Process context. May sleep.
 * Return: 0 or -errno.
 */
int mrig_store_init(struct mrig_store *store, const struct mrig_store_spec *spec,
		    struct mem_cgroup *memcg)
{
	store->ops = spec->inject ? &mrig_store_inject_ops : mrig_store_ops_of(spec->kind);
	store->flags = store->ops->flags;
	store->limit = spec->limit ?: spec->pages;
	store->keep = store->limit >= spec->pages;
	store->base = store;
	store->memcg = memcg;
	atomic64_set(&store->held, 0);
	return store->ops->init(store, spec);
}

/**
 * mrig_store_fini() - the end of a store
 * @store: from mrig_store_init()
 *
 * Context: Process context. May sleep.
 */
void mrig_store_fini(struct mrig_store *store)
{
	store->ops->fini(store);
}

/**
 * mrig_store_take() - count a location against the limit
 * @store: store
 * @fault: somebody waits for a frame: the last one may be taken, too
 *
 * Return: 0 or -ENOSPC.
 */
int mrig_store_take(struct mrig_store *store, bool fault)
{
	s64 most = store->limit - (fault ? 0 : 1);
	s64 held = atomic64_read(&store->held);

	/* Without a limit there is a place for each page, and no last one to keep. */
	if (store->keep)
		most = store->limit;
	do {
		if (held >= most)
			return -ENOSPC;
	} while (!atomic64_try_cmpxchg(&store->held, &held, held + 1));
	return 0;
}

/**
 * mrig_store_give() - undo mrig_store_take()
 * @store: store
 */
void mrig_store_give(struct mrig_store *store)
{
	atomic64_dec(&store->held);
}
