// SPDX-License-Identifier: GPL-2.0-only
/*
 * POWERED regions: memory that can be suspended, as if its supply were switched off.
 *
 * Every touch passes the gate: faults hold it for reading while they install PTEs, suspending holds
 * it for writing while it takes all PTEs away. So no PTE can appear behind its back, and the copies
 * that fork() and mremap() make of PTEs are found the way truncation finds them, by the order of
 * the VMAs in the tree of the mapping. After that only references on pages are left, of those who
 * got at the pages through a mapping and do not need it any more: as long as there is one, the
 * region is in use and stays on.
 *
 * The kernel's own touches are not short enough to hold the gate. They pass it once and are
 * counted; a region with touches under way is in use, too.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/page_ref.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "core/trace.h"
#include "region/region_priv.h"

#define MRIG_LOST_BYTE		0xa5	/* what lost content reads as */
#define MRIG_LOST_PIECE		SZ_64K

/* References of calls that are just ending go by themselves: how often to look, after what time. */
#define MRIG_QUIESCE_TRIES	10
#define MRIG_QUIESCE_US		1000

static bool mrig_powered(const struct mrig_region *region)
{
	return region->spec.attrs & MEMRIG_ATTRS_POWERED;
}

/**
 * mrig_power_init() - a new region is on
 * @region: region
 */
void mrig_power_init(struct mrig_region *region)
{
	mutex_init(&region->power.switching);
	init_rwsem(&region->power.gate);
}

/**
 * mrig_power_enter() - keep a region on for a moment
 * @region: region
 *
 * Context: Process context; mmap_lock may be held. May sleep.
 * Return: true, to be followed by mrig_power_leave(); false when it is suspended.
 */
bool mrig_power_enter(struct mrig_region *region)
{
	if (!mrig_powered(region))
		return true;
	down_read(&region->power.gate);
	if (!region->power.off)
		return true;
	up_read(&region->power.gate);
	return false;
}

/**
 * mrig_power_leave() - it may be suspended again
 * @region: that mrig_power_enter() said true for
 *
 * Context: as mrig_power_enter().
 */
void mrig_power_leave(struct mrig_region *region)
{
	if (mrig_powered(region))
		up_read(&region->power.gate);
}

/**
 * mrig_region_suspended() - is it off?
 * @region: region
 *
 * Return: what was true a moment ago.
 */
bool mrig_region_suspended(const struct mrig_region *region)
{
	return READ_ONCE(region->power.off);
}

/**
 * mrig_region_touch() - get at the bytes of a region for a while, and keep it on for that long
 * @region: region
 *
 * Context: Process context. May sleep.
 * Return: the address of its first byte, to be followed by mrig_region_touched(); ERR_PTR of
 *	-EHOSTDOWN when it is suspended, of -ENOMEM.
 */
void *mrig_region_touch(struct mrig_region *region)
{
	void *kaddr = mrig_region_kmap(region);

	if (IS_ERR(kaddr))
		return kaddr;
	if (!mrig_power_enter(region))
		return ERR_PTR(-EHOSTDOWN);
	atomic_inc(&region->power.touches);
	mrig_power_leave(region);
	return kaddr;
}

/**
 * mrig_region_touched() - the bytes are not needed any more
 * @region: that mrig_region_touch() was successful for
 *
 * Context: Any.
 */
void mrig_region_touched(struct mrig_region *region)
{
	atomic_dec(&region->power.touches);
}

/* Does anybody but this module hold a page? All PTEs are gone and the gate is shut. */
static bool mrig_pages_held(const struct mrig_region *region)
{
	unsigned long i;

	for (i = 0; i < region->npages; i++) {
		if (page_ref_count(region->ops->page(region, i)) > 1)
			return true;
		if (!(i % 1024))
			cond_resched();
	}
	return false;
}

static bool mrig_quiesced(const struct mrig_region *region)
{
	unsigned int tries;

	for (tries = 0; tries < MRIG_QUIESCE_TRIES; tries++) {
		if (!mrig_pages_held(region))
			return true;
		usleep_range(MRIG_QUIESCE_US, 2 * MRIG_QUIESCE_US);
	}
	return false;
}

/* Mappings have files, and with the first file comes the node. */
static void mrig_unmap_all(struct mrig_region *region)
{
	mutex_lock(&region->lock);
	if (region->node)
		unmap_mapping_range(region->node->i_mapping, 0, 0, 1);
	mutex_unlock(&region->lock);
}

static int mrig_shut(struct mrig_region *region)
{
	int ret = -EBUSY;

	down_write(&region->power.gate);
	if (atomic_read(&region->power.touches))
		goto unlock;
	mrig_unmap_all(region);
	if (!mrig_quiesced(region))
		goto unlock;
	WRITE_ONCE(region->power.off, true);
	WRITE_ONCE(region->power.count, region->power.count + 1);
	ret = 0;
unlock:
	up_write(&region->power.gate);
	return ret;
}

/* A region that is off is touched by nobody else. Who is killed has lost less than he asked for. */
static int mrig_lose(const struct mrig_region *region, void *kaddr)
{
	u64 off;

	for (off = 0; off < region->spec.length; off += MRIG_LOST_PIECE) {
		if (fatal_signal_pending(current))
			return -EINTR;
		memset(kaddr + off, MRIG_LOST_BYTE,
		       min_t(u64, region->spec.length - off, MRIG_LOST_PIECE));
		cond_resched();
	}
	return 0;
}

static int mrig_suspend_locked(struct mrig_region *region, bool lose)
{
	void *kaddr = NULL;
	int ret;

	lockdep_assert_held(&region->power.switching);
	if (region->power.off)
		return -EALREADY;
	if (lose)
		kaddr = mrig_region_kmap(region);
	if (IS_ERR(kaddr))
		return PTR_ERR(kaddr);
	ret = mrig_shut(region);
	return ret || !lose ? ret : mrig_lose(region, kaddr);
}

static int mrig_resume_locked(struct mrig_region *region)
{
	lockdep_assert_held(&region->power.switching);
	if (!region->power.off)
		return -EALREADY;
	down_write(&region->power.gate);
	WRITE_ONCE(region->power.off, false);
	up_write(&region->power.gate);
	return 0;
}

static int mrig_switch_allowed(const struct mrig_region *region)
{
	if (!mrig_powered(region))
		return -EOPNOTSUPP;
	return mrig_caller_owns(region) ? 0 : -EPERM;
}

/**
 * mrig_region_suspend() - switch a region off
 * @region: region
 * @lose: does its content get lost?
 *
 * Context: Process context of the caller. May sleep, and takes time in proportion to the length.
 * Return: 0; -EOPNOTSUPP: not a POWERED one; -EPERM; -EALREADY; -EBUSY: in use, and as it was;
 *	-ENOMEM: no kernel mapping to lose the content through; -EINTR: the caller is being killed.
 */
int mrig_region_suspend(struct mrig_region *region, bool lose)
{
	int ret = mrig_switch_allowed(region);

	if (!ret)
		ret = mutex_lock_killable(&region->power.switching);
	if (!ret) {
		ret = mrig_suspend_locked(region, lose);
		mutex_unlock(&region->power.switching);
	}
	trace_memrig_region_power(region->id, false, ret);
	return ret;
}

/**
 * mrig_region_resume() - switch a region on again
 * @region: region
 *
 * Context: Process context of the caller. May sleep.
 * Return: 0; -EOPNOTSUPP, -EPERM, -EINTR as for mrig_region_suspend(); -EALREADY: it is on.
 */
int mrig_region_resume(struct mrig_region *region)
{
	int ret = mrig_switch_allowed(region);

	if (!ret)
		ret = mutex_lock_killable(&region->power.switching);
	if (!ret) {
		ret = mrig_resume_locked(region);
		mutex_unlock(&region->power.switching);
	}
	trace_memrig_region_power(region->id, true, ret);
	return ret;
}
