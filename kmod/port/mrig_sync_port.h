/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a synchronised object may ask of the world it runs in: the kernel's answer.
 *
 * The contract stands in userlib/port/mrig_sync_port.h. Here a lock is a raw spinlock that turns
 * interrupts off: objects are used from hard interrupts, on real-time kernels too, and whatever
 * they do inside is bounded.
 *
 * A zeroed spinlock is a free one on every architecture this module builds for, but not for the
 * checks of a debug kernel. There a lock that nobody has initialised is, when it is first taken.
 * For lockdep each such lock of a module is a class of its own, and all that were allocated are
 * one; mrig_lock_init() makes a class for each place it is called from.
 *
 * Those who sleep are not counted as load, and are not frozen with the system. A fatal signal ends
 * the sleep as if the time had passed; kthread_stop() does not.
 */
#ifndef MRIG_SYNC_PORT_H
#define MRIG_SYNC_PORT_H

#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include "mrig_port.h"

/* Modules have no constructors. */
#define MRIG_PORT_LATE		1

#define MRIG_NEVER		S64_MAX
#define MRIG_THREAD_NAME	32

struct k_heap;
struct memrig_tracker;
struct pid;
struct task_struct;

/* @p points at a word that several threads use without a lock. */
#define mrig_load_relaxed(p)		READ_ONCE(*(p))
#define mrig_store_relaxed(p, v)	WRITE_ONCE(*(p), v)
/* pairs with mrig_store_release() */
#define mrig_load_acquire(p)		smp_load_acquire(p)
/* pairs with mrig_load_acquire() */
#define mrig_store_release(p, v)	smp_store_release(p, v)

/* After the head of a function that is called with a lock held and leaves it. */
#define mrig_releases(...)		__releases(__VA_ARGS__)

#if defined(CONFIG_DEBUG_SPINLOCK) || defined(CONFIG_DEBUG_LOCK_ALLOC)
#define MRIG_LOCK_CHECKED	1
#else
#define MRIG_LOCK_CHECKED	0
#endif

/**
 * struct mrig_lock - a lock
 * @lock: raw, for hard interrupts
 * @marked: see mrig_lock_mark(); @lock
 * @state: 0, or whether @lock is initialised, where that matters; see mrig_lock_ready()
 */
struct mrig_lock {
	raw_spinlock_t lock;
	bool marked;
	atomic_t state;
};

/**
 * struct mrig_sleeper - where one thread sleeps; all under the lock
 * @task: whose it is
 * @woken: it was woken
 */
struct mrig_sleeper {
	struct task_struct *task;
	bool woken;
};

/**
 * struct k_thread - what Zephyr's calls need to know of a thread; lives as long as the thread
 * @resource_pool: heap of z_thread_malloc(), or NULL
 * @prio: priority, if @has_prio
 * @has_prio: set by k_thread_priority_set(); until then the priority is what Linux says
 * @name: as given by k_thread_name_set(), or as Linux knows it
 * @pid: whose it is, referenced: so it is no other thread's as long as this exists
 * @node: in the table of all of them
 * @rcu: to free it
 */
struct k_thread {
	struct k_heap *resource_pool;
	int prio;
	bool has_prio;
	char name[MRIG_THREAD_NAME];
	struct pid *pid;
	struct hlist_node node;
	struct rcu_head rcu;
};

#define MRIG_LOCK_READY		2

#define mrig_must_hold(l)	__must_hold(&(l)->lock)

void mrig_lock_ready(struct mrig_lock *l);
int mrig_sleep(struct mrig_lock *l, unsigned long *key, struct mrig_sleeper *s, int64_t when);
void mrig_wake(struct mrig_sleeper *s);
int64_t mrig_clock(void);
int mrig_priority(void);
int mrig_priority_of(const struct k_thread *thread);
void mrig_priority_assign(struct k_thread *thread, int prio);
void mrig_thread_name(char *buf, size_t size);
struct k_thread *mrig_self(void);
bool mrig_thread_shared(const struct k_thread *thread);
void mrig_threads_drop_pool(const struct k_heap *heap);
void mrig_tracker_ends(struct memrig_tracker *t);
void mrig_sync_port_fini(void);

#define MRIG_LOCK_INITIALIZER(l)					\
	{ .lock = __RAW_SPIN_LOCK_UNLOCKED((l).lock), .state = ATOMIC_INIT(MRIG_LOCK_READY) }

/* A macro, for raw_spin_lock_init() makes the class. */
#define mrig_lock_init(l)						\
	do {								\
		struct mrig_lock *mrig_new = (l);			\
									\
		raw_spin_lock_init(&mrig_new->lock);			\
		mrig_new->marked = false;				\
		atomic_set_release(&mrig_new->state, MRIG_LOCK_READY);	\
	} while (0)

/*
 * Without a count of preemption (CONFIG_PREEMPT_COUNT) a section that turned preemption off cannot
 * be told from others; interrupts, soft interrupts and sections without interrupts always can.
 */
static inline bool mrig_may_sleep(void)
{
	return !preempt_count() && !irqs_disabled() && !rcu_preempt_depth();
}

static mrig_inline unsigned long mrig_lock_enter(struct mrig_lock *l)
{
	unsigned long key;

	if (MRIG_LOCK_CHECKED && unlikely(atomic_read_acquire(&l->state) != MRIG_LOCK_READY))
		mrig_lock_ready(l);
	raw_spin_lock_irqsave(&l->lock, key);
	return key;
}

/* Waiting is a few hundred instructions at most: there is nothing better to do. */
static mrig_inline bool mrig_lock_try(struct mrig_lock *l, unsigned long *key)
{
	*key = mrig_lock_enter(l);
	return true;
}

static mrig_inline bool mrig_lock_drop(struct mrig_lock *l, unsigned long key)
{
	bool marked = l->marked;

	raw_spin_unlock_irqrestore(&l->lock, key);
	return likely(!marked);
}

/* Whoever took the mark off meanwhile has seen to it. */
static mrig_inline bool mrig_lock_dropped(struct mrig_lock *l)
{
	return READ_ONCE(l->marked);
}

static mrig_inline bool mrig_lock_leave(struct mrig_lock *l, unsigned long key)
{
	return mrig_lock_drop(l, key) ? false : mrig_lock_dropped(l);
}

static mrig_inline void mrig_lock_mark(struct mrig_lock *l, bool on)
{
	WRITE_ONCE(l->marked, on);
}

#endif /* MRIG_SYNC_PORT_H */
