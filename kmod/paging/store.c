// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all stores have in common: limits, life.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/types.h>

#include "paging/kind.h"
#include "paging/store.h"

/**
 * mrig_store_flags() - what kind of store has this number
 * @kind: enum memrig_store, or that of another module
 * @flags: out: MRIG_STORE_*
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP: there is none such.
 */
int mrig_store_flags(u32 kind, u32 *flags)
{
	char name[MEMRIG_NAME_MAX];
	u32 number = kind;
	int err = mrig_kind_next(MEMRIG_KIND_OF_STORE, &number, name, flags);

	return err || number != kind ? -EOPNOTSUPP : 0;
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
	u32 flags;
	int err = mrig_store_flags(spec->kind, &flags);

	if (err)
		return err;
	if (spec->compressor && spec->kind != MEMRIG_STORE_COMPRESSED)
		return -EINVAL;
	if ((spec->file || spec->offset) && !(flags & MRIG_STORE_FILE))
		return -EINVAL;
	if (!spec->limit)
		return 0;
	if (!(flags & MRIG_STORE_LIMIT))
		return -EINVAL;
	/* A page leaves before the other one comes: for a moment both are in the store. */
	return spec->limit < spec->pages - spec->frames + 1 ? -ENOSPC : 0;
}

static int store_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	if (spec->inject) {
		store->ops = &mrig_store_inject_ops;
	} else {
		store->kind = mrig_kind_get(MEMRIG_KIND_OF_STORE, spec->kind);
		if (!store->kind)
			return -EOPNOTSUPP;
		store->ops = store->kind->store;
	}
	store->flags = store->ops->flags;
	return store->ops->init(store, spec);
}

/**
 * mrig_store_init() - make a store
 * @store: to fill in
 * @spec: what is wanted, as mrig_store_check() found it right
 * @memcg: who pays; outlives the store
 *
 * Context: Process context. May sleep.
 * Return: 0 or -errno; -EOPNOTSUPP: the module whose kind it is has gone.
 */
int mrig_store_init(struct mrig_store *store, const struct mrig_store_spec *spec,
		    struct mem_cgroup *memcg)
{
	int err;

	store->limit = spec->limit ?: spec->pages;
	store->keep = store->limit >= spec->pages;
	store->base = store;
	store->memcg = memcg;
	store->kind = NULL;
	atomic64_set(&store->held, 0);
	err = store_init(store, spec);
	if (err)
		mrig_kind_put(store->kind);
	return err;
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
	mrig_kind_put(store->kind);
}

/**
 * mrig_store_take() - count a location against the limit
 * @store: store
 * @fault: somebody waits for a frame: the last one may be taken, too
 *
 * Context: any.
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
 *
 * Context: any.
 */
void mrig_store_give(struct mrig_store *store)
{
	atomic64_dec(&store->held);
}
