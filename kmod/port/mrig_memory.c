// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Memory for the bookkeeping of objects that grow; see mrig_memory.h.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "mrig_memory.h"
#include "mrig_sync_port.h"

/**
 * struct spent - memory that is given back by somebody who cannot sleep
 * @rcu: to free it later
 */
struct spent {
	struct rcu_head rcu;
};

/*
 * Where preemption is not counted, a spinlock of the caller's or his RCU section cannot be seen:
 * there nobody may be taken to be able to sleep.
 */
static bool surely_may_sleep(void)
{
	return IS_ENABLED(CONFIG_PREEMPT_COUNT) && mrig_may_sleep();
}

static void *get(size_t bytes, bool sleep)
{
	if (bytes > INT_MAX)
		return NULL;
	if (bytes < sizeof(struct spent))
		bytes = sizeof(struct spent);
	if (sleep)
		return kvzalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return NULL;
	return kzalloc(bytes, GFP_NOWAIT | __GFP_NOWARN | __GFP_ACCOUNT);
}

/**
 * mrig_mem_alloc() - memory for the bookkeeping of an object, for calls that come from anywhere
 * @bytes: how much; not 0
 *
 * Context: any, without a lock of ours.
 * Return: zeroed memory for mrig_mem_free(), or NULL.
 */
void *mrig_mem_alloc(size_t bytes)
{
	return get(bytes, surely_may_sleep());
}

/**
 * mrig_mem_create() - memory for the bookkeeping of an object, for calls that may sleep
 * @bytes: how much; not 0
 *
 * Context: may sleep.
 * Return: zeroed memory for mrig_mem_free(), or NULL, as it is where nobody can sleep: what needs a
 * thread is refused there, and does not work by chance.
 */
void *mrig_mem_create(size_t bytes)
{
	return mrig_may_sleep() ? get(bytes, true) : NULL;
}

/**
 * mrig_mem_free() - give memory of mrig_mem_alloc() back
 * @mem: it, or NULL
 *
 * Context: any, without a lock of ours.
 */
void mrig_mem_free(void *mem)
{
	struct spent *spent = mem;

	if (mem && !surely_may_sleep())
		kvfree_rcu(spent, rcu);
	else
		kvfree(mem);
}
