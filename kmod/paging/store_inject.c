// SPDX-License-Identifier: GPL-2.0-only
/*
 * A store around another one, for tests: it is slow and fails when told to. A write that fails has
 * written half of the page, as a disk does when the power goes.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/store.h"

#define INJECT_DELAY_MAX_NS	(10ULL * NSEC_PER_SEC)

/**
 * struct store_inject - what such a store is
 * @inner: the store that it is around
 * @lock: for @plan
 * @plan: what is left of it
 */
struct store_inject {
	struct mrig_store inner;
	spinlock_t lock;	/* see above */
	struct memrig_window_inject plan;
};

static int inject_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	struct mrig_store_spec inner = *spec;
	struct store_inject *priv;
	int err;

	if (mrig_should_fail())
		return -ENOMEM;
	priv = kzalloc(sizeof(*priv), MRIG_GFP_SIDE);
	if (!priv)
		return -ENOMEM;
	spin_lock_init(&priv->lock);
	inner.inject = false;
	err = mrig_store_init(&priv->inner, &inner, store->memcg);
	if (err) {
		kfree(priv);
		return err;
	}
	/* It waits, whatever the other one does. */
	store->flags = priv->inner.flags & ~MRIG_STORE_NOWAIT;
	store->base = priv->inner.base;
	store->priv = priv;
	return 0;
}

static void inject_fini(struct mrig_store *store)
{
	struct store_inject *priv = store->priv;

	mrig_store_fini(&priv->inner);
	kfree(priv);
}

static int inject_location_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	struct store_inject *priv = store->priv;

	return priv->inner.ops->location_get(&priv->inner, index, fault, location);
}

static void inject_location_free(struct mrig_store *store, u64 location)
{
	struct store_inject *priv = store->priv;

	priv->inner.ops->location_free(&priv->inner, location);
}

static void inject_delay(u64 ns)
{
	ktime_t until = ktime_add_ns(ktime_get(), ns);

	while (ktime_before(ktime_get(), until)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
	}
}

/* Delays, and says whether this one is to fail. */
static bool inject_strike(struct store_inject *priv, __u64 *after, __u64 *errors)
{
	bool fail = false;
	u64 delay_ns;

	spin_lock(&priv->lock);
	delay_ns = priv->plan.delay_ns;
	if (*after) {
		(*after)--;
	} else if (*errors) {
		fail = true;
		(*errors)--;
	}
	spin_unlock(&priv->lock);
	if (delay_ns)
		inject_delay(delay_ns);
	return fail;
}

static int inject_tear(struct store_inject *priv, u64 location, const void *from)
{
	void *torn = kzalloc(PAGE_SIZE, GFP_KERNEL);

	if (torn) {
		memcpy(torn, from, PAGE_SIZE / 2);
		priv->inner.ops->page_out(&priv->inner, location, torn);
		kfree(torn);
	}
	return -EIO;
}

static int inject_page_out(struct mrig_store *store, u64 location, const void *from)
{
	struct store_inject *priv = store->priv;

	if (inject_strike(priv, &priv->plan.out_after, &priv->plan.out_errors))
		return inject_tear(priv, location, from);
	return priv->inner.ops->page_out(&priv->inner, location, from);
}

static int inject_page_in(struct mrig_store *store, u64 location, void *to)
{
	struct store_inject *priv = store->priv;

	if (inject_strike(priv, &priv->plan.in_after, &priv->plan.in_errors))
		return -EIO;
	return priv->inner.ops->page_in(&priv->inner, location, to);
}

static int inject_sync(struct mrig_store *store)
{
	struct store_inject *priv = store->priv;

	return priv->inner.ops->sync ? priv->inner.ops->sync(&priv->inner) : 0;
}

/**
 * mrig_store_inject() - make a store fail
 * @store: any store
 * @plan: how, checked for nothing
 *
 * Return: 0; -EOPNOTSUPP: the store was not made for that; -EINVAL: the delay is too long.
 */
int mrig_store_inject(struct mrig_store *store, const struct memrig_window_inject *plan)
{
	struct store_inject *priv = store->priv;

	if (store->ops != &mrig_store_inject_ops)
		return -EOPNOTSUPP;
	if (plan->delay_ns > INJECT_DELAY_MAX_NS)
		return -EINVAL;
	spin_lock(&priv->lock);
	priv->plan = *plan;
	spin_unlock(&priv->lock);
	return 0;
}

/**
 * mrig_store_calm() - from now on a store is as fast as it can be
 * @store: any store; what was made to wait already waits on
 */
void mrig_store_calm(struct mrig_store *store)
{
	struct store_inject *priv = store->priv;

	if (store->ops != &mrig_store_inject_ops)
		return;
	spin_lock(&priv->lock);
	priv->plan.delay_ns = 0;
	spin_unlock(&priv->lock);
}

const struct mrig_store_ops mrig_store_inject_ops = {
	.name = "inject",
	.init = inject_init,
	.fini = inject_fini,
	.location_get = inject_location_get,
	.location_free = inject_location_free,
	.page_out = inject_page_out,
	.page_in = inject_page_in,
	.sync = inject_sync,
};
