// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The kernel's side of mrig_sync_port.h: locks of debug kernels, sleeping, time, priorities.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/moduleloader.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/sched/signal.h>
#include "mrig_sync_port.h"

/* Killable, not counted as load, and no hung task however long it takes. */
#define ASLEEP	(TASK_KILLABLE | TASK_NOLOAD)

enum { ZEROED, BEING_MADE };

/* Of a module, this one included? Then lockdep makes a class of each lock, named by its address. */
static bool in_module(const void *p)
{
	return (uintptr_t)p >= MODULES_VADDR && (uintptr_t)p < MODULES_END;
}

/**
 * mrig_lock_ready() - make a zeroed lock one that a debug kernel accepts
 * @l: lock that is initialised, being initialised or zeroed
 *
 * Context: any.
 */
void mrig_lock_ready(struct mrig_lock *l)
{
	unsigned long flags;

	/* An interrupt here would wait for what it interrupted. */
	local_irq_save(flags);
	if (atomic_cmpxchg(&l->state, ZEROED, BEING_MADE) == ZEROED) {
		if (in_module(l))
			l->lock = __RAW_SPIN_LOCK_UNLOCKED(zeroed);
		else
			raw_spin_lock_init(&l->lock);
		atomic_set_release(&l->state, MRIG_LOCK_READY);
	}
	local_irq_restore(flags);
	while (atomic_read_acquire(&l->state) != MRIG_LOCK_READY)
		cpu_relax();
}

/**
 * mrig_sleep() - leave a lock, sleep, take it again
 * @l: lock, held
 * @key: of the lock
 * @s: where to sleep
 * @when: monotonic nanoseconds, or MRIG_NEVER
 *
 * Context: may sleep.
 * Return: 0 if woken, -ETIMEDOUT if @when passed or a fatal signal came first.
 */
int mrig_sleep(struct mrig_lock *l, unsigned long *key, struct mrig_sleeper *s, int64_t when)
	__must_hold(&l->lock)
{
	ktime_t until = ns_to_ktime(when);
	bool over = false;

	s->task = current;
	while (!s->woken && !over) {
		set_current_state(ASLEEP);
		raw_spin_unlock_irqrestore(&l->lock, *key);
		if (when == MRIG_NEVER)
			schedule();
		else
			over = !schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
		__set_current_state(TASK_RUNNING);
		*key = mrig_lock_enter(l);
		over |= fatal_signal_pending(current);
	}
	return s->woken ? 0 : -ETIMEDOUT;
}

/**
 * mrig_wake() - wake a sleeper
 * @s: where it sleeps; it cannot go away before the lock is left
 *
 * Context: any, under the lock.
 */
void mrig_wake(struct mrig_sleeper *s)
{
	s->woken = true;
	wake_up_process(s->task);
}

/**
 * mrig_clock() - the clock of timeouts
 *
 * Context: any.
 * Return: monotonic nanoseconds.
 */
int64_t mrig_clock(void)
{
	return (int64_t)ktime_get_ns();
}
