// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store RAM: each location is a page of ordinary memory of its own. It gets that when the location
 * is reserved, so that writing cannot fail.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/store.h"

static int ram_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	struct xarray *pages;

	if (mrig_should_fail())
		return -ENOMEM;
	pages = kmalloc(sizeof(*pages), MRIG_GFP_SIDE);
	if (!pages)
		return -ENOMEM;
	xa_init_flags(pages, XA_FLAGS_ACCOUNT);
	store->priv = pages;
	return 0;
}

static void ram_fini(struct mrig_store *store)
{
	struct xarray *pages = store->priv;
	unsigned long index;
	struct page *page;

	xa_for_each(pages, index, page) {
		__free_page(page);
		cond_resched();
	}
	xa_destroy(pages);
	kfree(pages);
}

static int ram_add(struct mrig_store *store, u64 index)
{
	struct page *page = alloc_page(MRIG_GFP_SIDE);
	int err;

	if (!page)
		return -ENOMEM;
	err = xa_insert(store->priv, index, page, MRIG_GFP_SIDE);
	if (err)
		__free_page(page);
	return err ? -ENOMEM : 0;
}

static int ram_location_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	struct mem_cgroup *old;
	int err = mrig_store_take(store, fault);

	if (err)
		return err;
	old = set_active_memcg(store->memcg);
	err = mrig_should_fail() ? -ENOMEM : ram_add(store, index);
	set_active_memcg(old);
	if (err) {
		mrig_store_give(store);
		return err;
	}
	*location = index;
	return 0;
}

static void ram_location_free(struct mrig_store *store, u64 location)
{
	struct page *page = xa_erase(store->priv, location);

	__free_page(page);
	mrig_store_give(store);
}

static int ram_page_out(struct mrig_store *store, u64 location, const void *from)
{
	memcpy(page_address(xa_load(store->priv, location)), from, PAGE_SIZE);
	return 0;
}

static int ram_page_in(struct mrig_store *store, u64 location, void *to)
{
	memcpy(to, page_address(xa_load(store->priv, location)), PAGE_SIZE);
	return 0;
}

static u64 ram_bytes(struct mrig_store *store)
{
	return (u64)atomic64_read(&store->held) << PAGE_SHIFT;
}

const struct mrig_store_ops mrig_store_ram_ops = {
	.name = "ram",
	.flags = MRIG_STORE_NOWAIT,
	.init = ram_init,
	.fini = ram_fini,
	.location_get = ram_location_get,
	.location_free = ram_location_free,
	.page_out = ram_page_out,
	.page_in = ram_page_in,
	.bytes = ram_bytes,
};
