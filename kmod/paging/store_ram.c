// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store RAM: each location is a page of ordinary memory of its own, and is its number. It is there
 * from when the location is reserved on, so that writing cannot fail.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/store.h"

/**
 * struct store_ram - what a RAM store is
 * @lock: for @pages
 * @pages: all of them, by their lru
 */
struct store_ram {
	spinlock_t lock;	/* see above */
	struct list_head pages;
};

static int ram_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	struct store_ram *priv;

	if (mrig_should_fail())
		return -ENOMEM;
	priv = kmalloc(sizeof(*priv), MRIG_GFP_SIDE);
	if (!priv)
		return -ENOMEM;
	spin_lock_init(&priv->lock);
	INIT_LIST_HEAD(&priv->pages);
	store->priv = priv;
	return 0;
}

static void ram_fini(struct mrig_store *store)
{
	struct store_ram *priv = store->priv;
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &priv->pages, lru) {
		__free_page(page);
		mrig_limit_drop(PAGE_SIZE);
		cond_resched();
	}
	kfree(priv);
}

static int ram_location_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	struct store_ram *priv = store->priv;
	int err = mrig_store_take(store, fault);
	struct page *page = NULL;
	struct mem_cgroup *old;

	if (err)
		return err;
	old = set_active_memcg(store->memcg);
	if (!mrig_should_fail() && !mrig_limit_take(PAGE_SIZE)) {
		page = alloc_page(MRIG_GFP_SIDE);
		if (!page)
			mrig_limit_drop(PAGE_SIZE);
	}
	set_active_memcg(old);
	if (!page) {
		mrig_store_give(store);
		return -ENOMEM;
	}
	spin_lock(&priv->lock);
	list_add(&page->lru, &priv->pages);
	spin_unlock(&priv->lock);
	*location = page_to_pfn(page);
	return 0;
}

static void ram_location_free(struct mrig_store *store, u64 location)
{
	struct store_ram *priv = store->priv;
	struct page *page = pfn_to_page(location);

	spin_lock(&priv->lock);
	list_del(&page->lru);
	spin_unlock(&priv->lock);
	__free_page(page);
	mrig_limit_drop(PAGE_SIZE);
	mrig_store_give(store);
}

static int ram_page_out(struct mrig_store *store, u64 location, const void *from)
{
	copy_page(page_address(pfn_to_page(location)), (void *)from);
	return 0;
}

static int ram_page_in(struct mrig_store *store, u64 location, void *to)
{
	copy_page(to, page_address(pfn_to_page(location)));
	return 0;
}

static u64 ram_bytes(struct mrig_store *store)
{
	return (u64)atomic64_read(&store->held) << PAGE_SHIFT;
}

const struct mrig_store_ops mrig_store_ram_ops = {
	.name = "ram",
	.flags = MRIG_STORE_NOWAIT | MRIG_STORE_LIMIT,
	.init = ram_init,
	.fini = ram_fini,
	.location_get = ram_location_get,
	.location_free = ram_location_free,
	.page_out = ram_page_out,
	.page_in = ram_page_in,
	.bytes = ram_bytes,
};
