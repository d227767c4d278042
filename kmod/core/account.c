// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounting of pinned memory against the module limit and RLIMIT_MEMLOCK.
 *
 * Both counters are raised by compare-and-swap after the comparison with their limit, so that two
 * creators can never pass the limit together and no lock is needed.
 */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/memrig.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>
#include <linux/sysfs.h>

#include "core/account.h"
#include "core/fault.h"

#define MRIG_LIMIT_DEFAULT_PERCENT	50
/* Anything with this bit is a percentage of RAM; no machine has that many bytes. */
#define MRIG_LIMIT_PERCENT		BIT_ULL(63)

static u64 mrig_limit = MRIG_LIMIT_PERCENT | MRIG_LIMIT_DEFAULT_PERCENT;
static atomic64_t mrig_used = ATOMIC64_INIT(0);

static int mrig_limit_set(const char *val, const struct kernel_param *kp)
{
	char *end;
	u64 limit;

	if (!val)
		return -EINVAL;
	limit = memparse(val, &end);
	if (end == val || (limit & MRIG_LIMIT_PERCENT))
		return -EINVAL;
	if (*end == '%') {
		if (limit > 100)
			return -ERANGE;
		limit |= MRIG_LIMIT_PERCENT;
		end++;
	}
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	WRITE_ONCE(*(u64 *)kp->arg, limit);
	return 0;
}

static int mrig_limit_get(char *buf, const struct kernel_param *kp)
{
	u64 limit = READ_ONCE(*(u64 *)kp->arg);

	if (limit & MRIG_LIMIT_PERCENT)
		return sysfs_emit(buf, "%llu%%\n", limit & ~MRIG_LIMIT_PERCENT);
	return sysfs_emit(buf, "%llu\n", limit);
}

static const struct kernel_param_ops mrig_limit_ops = {
	.set = mrig_limit_set,
	.get = mrig_limit_get,
};

module_param_cb(limit, &mrig_limit_ops, &mrig_limit, 0644);
MODULE_PARM_DESC(limit, "Bytes (K, M, G) or percent of RAM for regions and stores in memory (50%)");

/**
 * mrig_charge_limit() - the module limit in bytes, as it stands now
 *
 * Return: the value of limit=; a percentage is one of the RAM present.
 */
u64 mrig_charge_limit(void)
{
	u64 limit = READ_ONCE(mrig_limit);

	if (limit & MRIG_LIMIT_PERCENT)
		return (u64)totalram_pages() * (limit & ~MRIG_LIMIT_PERCENT) / 100 << PAGE_SHIFT;
	return limit;
}

/**
 * mrig_charge_used() - bytes charged to the module limit
 *
 * Return: the sum over all charges in force.
 */
u64 mrig_charge_used(void)
{
	return atomic64_read(&mrig_used);
}

static int mrig_module_take(u64 bytes, u64 *detail)
{
	u64 limit = mrig_charge_limit();
	s64 used = atomic64_read(&mrig_used);
	u64 left;

	do {
		left = limit > (u64)used ? limit - used : 0;
		if (bytes > left) {
			*detail = left;
			return -ENOMEM;
		}
	} while (!atomic64_try_cmpxchg(&mrig_used, &used, used + bytes));
	return 0;
}

/**
 * mrig_limit_take() - charge memory that is not pinned to the module limit alone
 * @bytes: of it; who it is for is the business of memory cgroups
 *
 * Return: 0 or -ENOMEM; mrig_limit_drop() is to follow.
 */
int mrig_limit_take(u64 bytes)
{
	u64 left;

	return mrig_module_take(bytes, &left);
}

/**
 * mrig_limit_drop() - undo mrig_limit_take()
 * @bytes: as taken
 */
void mrig_limit_drop(u64 bytes)
{
	atomic64_sub(bytes, &mrig_used);
}

static int mrig_user_take(const struct cred *cred, unsigned long pages, u64 *detail)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	long locked = atomic_long_read(&cred->user->locked_vm);
	unsigned long left;

	do {
		left = limit > (unsigned long)locked ? limit - locked : 0;
		if (pages > left) {
			*detail = (u64)left << PAGE_SHIFT;
			return -ENOMEM;
		}
	} while (!atomic_long_try_cmpxchg(&cred->user->locked_vm, &locked, locked + pages));
	return 0;
}

/**
 * mrig_charge_take() - charge pinned memory to the module and to the calling user
 * @charge: becomes the charge; must hold none
 * @bytes: multiple of the page size, not 0
 * @reason: out: which limit refused (enum memrig_reason)
 * @detail: out: bytes that would still fit below that limit
 *
 * Context: Process context of the user who pays.
 * Return: 0, or -ENOMEM with nothing charged.
 */
int mrig_charge_take(struct mrig_charge *charge, u64 bytes, u32 *reason, u64 *detail)
{
	const struct cred *cred;
	unsigned long pages = bytes >> PAGE_SHIFT;

	if (mrig_should_fail() || mrig_module_take(bytes, detail)) {
		*reason = MEMRIG_REASON_LIMIT;
		return -ENOMEM;
	}
	charge->cred = NULL;
	charge->pages = 0;
	charge->bytes = bytes;
	if (capable(CAP_IPC_LOCK))
		return 0;

	cred = get_current_cred();
	if (mrig_user_take(cred, pages, detail)) {
		put_cred(cred);
		mrig_charge_drop(charge);
		*reason = MEMRIG_REASON_MEMLOCK;
		return -ENOMEM;
	}
	charge->cred = cred;
	charge->pages = pages;
	return 0;
}

/**
 * mrig_charge_drop() - end a charge; the memory has been given back
 * @charge: to end; may hold none
 *
 * Context: Any that may drop credentials. Need not be the user who pays.
 */
void mrig_charge_drop(struct mrig_charge *charge)
{
	if (charge->cred) {
		atomic_long_sub(charge->pages, &charge->cred->user->locked_vm);
		put_cred(charge->cred);
	}
	atomic64_sub(charge->bytes, &mrig_used);
	charge->cred = NULL;
	charge->pages = 0;
	charge->bytes = 0;
}
