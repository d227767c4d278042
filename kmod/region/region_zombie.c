// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zombies: regions nobody can reach any more, whose pages somebody still holds and whose allocator
 * must not get them back before that ends (CMA, IOMMU drivers). They are tried again every second.
 *
 * Each holds the module, as its memory has to be freed by this module's code, and keeps its charge.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "region/region_priv.h"

#define MRIG_ZOMBIE_PERIOD	HZ

static void mrig_zombie_work_fn(struct work_struct *work);

static DEFINE_MUTEX(mrig_zombie_lock);
static LIST_HEAD(mrig_zombies);
static DECLARE_DELAYED_WORK(mrig_zombie_work, mrig_zombie_work_fn);

/* Unloading waits for this function in mrig_zombie_fini(), whoever put the last reference. */
static void mrig_zombie_work_fn(struct work_struct *work)
{
	struct mrig_region *region, *next;

	mutex_lock(&mrig_zombie_lock);
	list_for_each_entry_safe(region, next, &mrig_zombies, entry) {
		if (region->ops->busy(region))
			continue;
		list_del(&region->entry);
		mrig_region_free(region);
		module_put(THIS_MODULE);
	}
	if (!list_empty(&mrig_zombies))
		schedule_delayed_work(&mrig_zombie_work, MRIG_ZOMBIE_PERIOD);
	mutex_unlock(&mrig_zombie_lock);
}

/**
 * mrig_zombie_add() - free a region as soon as its pages are not held any more
 * @region: without references, off the list of all
 *
 * Context: Process context. May sleep.
 */
void mrig_zombie_add(struct mrig_region *region)
{
	__module_get(THIS_MODULE);
	mutex_lock(&mrig_zombie_lock);
	list_add_tail(&region->entry, &mrig_zombies);
	mutex_unlock(&mrig_zombie_lock);
	schedule_delayed_work(&mrig_zombie_work, MRIG_ZOMBIE_PERIOD);
}

/**
 * mrig_zombie_fini() - end the retries
 *
 * Normally none is left, since each holds the module. But what becomes a zombie during unload
 * itself, or in a load that fails halfway, cannot hold that up: it is lost.
 *
 * Context: Process context. May sleep.
 */
void mrig_zombie_fini(void)
{
	struct mrig_region *region;

	cancel_delayed_work_sync(&mrig_zombie_work);
	list_for_each_entry(region, &mrig_zombies, entry)
		pr_err("memory of region %llu (%llu bytes) is still in use and is lost\n",
		       region->id, region->spec.length);
}
