// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The kernel's side of mrig_port.h: what does not fit into a header.
 */
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include "mrig_port.h"

/* Leaf lock; taken inside whatever lock the user of a heap holds. */
static DEFINE_RAW_SPINLOCK(mrig_listen_lock);

/**
 * mrig_port_heap_fault() - an engine found its heap corrupted and has fenced it off
 * @heap: the heap
 * @invariant: number of the broken invariant (Documentation/invariants.rst)
 * @offset: of the block concerned, from the start of the heap's span
 *
 * Here, whoever runs the engine learns of it by -EIO and reports it (mrig_heap_fence_locked()): he
 * knows by which number user space knows the heap, while this address says nothing to anybody.
 *
 * Context: any.
 */
void mrig_port_heap_fault(const void *heap, unsigned int invariant, uint64_t offset)
{
	pr_debug("memrig: invariant %u broken at offset %llu\n", invariant,
		 (unsigned long long)offset);
}

/**
 * mrig_port_misuse() - an object was given back what is not its own
 * @object: the object; it is unharmed
 * @block: what it was given
 * @err: what it thinks of that: -EALREADY, -EINVAL, -ENOENT...
 *
 * Only kernel code gets here: what user space hands in is answered by an errno alone.
 *
 * Context: any.
 */
void mrig_port_misuse(const void *object, const void *block, int err)
{
	pr_err_ratelimited("memrig: object %p: free of %p refused: %pe\n", object, block,
			   ERR_PTR(err));
}

/**
 * mrig_port_random() - a secret for one heap
 *
 * Context: any.
 * Return: 64 unpredictable bits.
 */
uint64_t mrig_port_random(void)
{
	return get_random_u64();
}

/**
 * mrig_port_listen_lock() - enter the list of heap listeners
 *
 * Context: any, interrupts are off until the unlock.
 * Return: what mrig_port_listen_unlock() needs to restore.
 */
unsigned long mrig_port_listen_lock(void)
	__acquires(&mrig_listen_lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&mrig_listen_lock, flags);
	return flags;
}

/**
 * mrig_port_listen_unlock() - leave the list of heap listeners
 * @flags: result of mrig_port_listen_lock()
 *
 * Context: any.
 */
void mrig_port_listen_unlock(unsigned long flags) __releases(&mrig_listen_lock)
{
	raw_spin_unlock_irqrestore(&mrig_listen_lock, flags);
}

/**
 * mrig_port_print() - write one line of a heap's description to the kernel log
 * @fmt: printf format
 *
 * Context: any.
 */
void mrig_port_print(const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_info("memrig: %pV", &vaf);
	va_end(args);
}
