// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What Zephyr's calls add to a thread, in the kernel: a table of those threads that ever asked for
 * it.
 *
 * An entry holds a reference to the thread's struct pid, which is therefore nobody else's; it is
 * the key, too. Nothing tells a module that a thread ends, so that whoever enters a new thread
 * clears two buckets of the table of threads that are gone: those never outnumber by much the ones
 * that live. Look-ups take no lock and allocate nothing.
 */
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/slab.h>
#include "mrig_sync_port.h"

#define TABLE_BITS	8
#define BUCKETS		(1U << TABLE_BITS)

static struct hlist_head table[BUCKETS];
static DEFINE_RAW_SPINLOCK(table_lock);	/* leaf; to change the table */
static unsigned int sweep;		/* the next bucket to be cleared; table_lock */

/* Of interrupts, and of threads for which there was no memory. */
static struct k_thread nobody = { .name = "nobody" };

static struct hlist_head *bucket_of(const struct pid *pid)
{
	return &table[hash_ptr(pid, TABLE_BITS)];
}

/* Valid as long as the thread lives. */
static struct k_thread *find(const struct pid *pid)
{
	struct k_thread *t;

	rcu_read_lock();
	hlist_for_each_entry_rcu(t, bucket_of(pid), node) {
		if (t->pid == pid)
			break;
	}
	rcu_read_unlock();
	return t;
}

static void free_thread(struct rcu_head *rcu)
{
	struct k_thread *t = container_of(rcu, struct k_thread, rcu);

	put_pid(t->pid);
	kfree(t);
}

/* Take out who is gone. What is freed is only looked at under RCU by then. */
static void clear_locked(struct hlist_head *bucket)
{
	struct hlist_node *next;
	struct k_thread *t;

	lockdep_assert_held(&table_lock);
	rcu_read_lock();
	hlist_for_each_entry_safe(t, next, bucket, node) {
		if (!pid_task(t->pid, PIDTYPE_PID)) {
			hlist_del_rcu(&t->node);
			call_rcu(&t->rcu, free_thread);
		}
	}
	rcu_read_unlock();
}

static struct k_thread *enter(struct pid *pid)
{
	/* Only where preemption is counted is it known that the caller holds no spinlock. */
	bool sleep = IS_ENABLED(CONFIG_PREEMPT_COUNT) && mrig_may_sleep();
	gfp_t gfp = sleep ? GFP_KERNEL_ACCOUNT : GFP_NOWAIT | __GFP_NOWARN;
	struct k_thread *t;
	unsigned long flags;

	/* Nothing can be allocated there. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !sleep)
		return &nobody;
	t = kzalloc(sizeof(*t), gfp);
	if (!t)
		return &nobody;
	t->pid = get_pid(pid);
	raw_spin_lock_irqsave(&table_lock, flags);
	clear_locked(bucket_of(pid));
	clear_locked(&table[sweep++ % BUCKETS]);
	hlist_add_head_rcu(&t->node, bucket_of(pid));
	raw_spin_unlock_irqrestore(&table_lock, flags);
	return t;
}

/**
 * mrig_self() - the calling thread
 *
 * Context: any.
 * Return: its structure, valid until it ends; one that all share and nobody can change in
 * interrupts, and if there is no memory.
 */
struct k_thread *mrig_self(void)
{
	struct pid *pid = task_pid(current);
	struct k_thread *t;

	if (!in_task() || !pid)
		return &nobody;
	t = find(pid);
	return t ? t : enter(pid);
}

/**
 * mrig_thread_shared() - is this the structure of no thread in particular?
 * @thread: what mrig_self() returned, once
 *
 * Return: whether it cannot be changed.
 */
bool mrig_thread_shared(const struct k_thread *thread)
{
	return thread == &nobody;
}

/**
 * mrig_threads_drop_pool() - take a heap away from all threads
 * @heap: heap that will no longer be anybody's resource pool
 *
 * Context: any.
 */
void mrig_threads_drop_pool(const struct k_heap *heap)
{
	struct k_thread *t;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < BUCKETS; i++) {
		hlist_for_each_entry_rcu(t, &table[i], node)
			cmpxchg(&t->resource_pool, (struct k_heap *)heap, NULL);
	}
	rcu_read_unlock();
}

/* As in user space: -1 (least) to -99 for real-time threads, nice + 20 for the others. */
static int linux_priority(const struct task_struct *task)
{
	int prio = READ_ONCE(task->prio);

	return prio < MAX_RT_PRIO ? prio - (MAX_RT_PRIO - 1) : prio - MAX_RT_PRIO;
}

/**
 * mrig_priority_of() - priority of a thread
 * @thread: a thread that lives
 *
 * Context: any.
 * Return: what it was set to, or what Linux says now.
 */
int mrig_priority_of(const struct k_thread *thread)
{
	struct task_struct *task;
	int prio = 20;

	if (mrig_load_acquire(&thread->has_prio))
		return mrig_load_relaxed(&thread->prio);
	rcu_read_lock();
	task = thread->pid ? pid_task(thread->pid, PIDTYPE_PID) : NULL;
	if (task)
		prio = linux_priority(task);
	rcu_read_unlock();
	return prio;
}

/**
 * mrig_priority() - priority of the calling thread
 *
 * Context: process.
 * Return: its number; lower is more urgent.
 */
int mrig_priority(void)
{
	struct pid *pid = task_pid(current);
	struct k_thread *t = pid ? find(pid) : NULL;

	return t ? mrig_priority_of(t) : linux_priority(current);
}

/**
 * mrig_priority_assign() - replace the system's priority of a thread
 * @thread: a thread that lives
 * @prio: any number
 *
 * Context: any.
 */
void mrig_priority_assign(struct k_thread *thread, int prio)
{
	if (mrig_thread_shared(thread))
		return;
	mrig_store_relaxed(&thread->prio, prio);
	mrig_store_release(&thread->has_prio, true);
}

/**
 * mrig_thread_name() - what Linux calls the calling thread
 * @buf: filled in
 * @size: of @buf, at least TASK_COMM_LEN
 *
 * Context: any.
 */
void mrig_thread_name(char *buf, size_t size)
{
	strscpy(buf, current->comm, size);
}

/**
 * mrig_sync_port_fini() - forget all threads
 *
 * Context: may sleep, when nobody can call any more.
 */
void mrig_sync_port_fini(void)
{
	struct hlist_node *next;
	struct k_thread *t;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++) {
		hlist_for_each_entry_safe(t, next, &table[i], node) {
			hlist_del_rcu(&t->node);
			call_rcu(&t->rcu, free_thread);
		}
	}
	rcu_barrier();
}
