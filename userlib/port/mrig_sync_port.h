/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a synchronised object may ask of the world it runs in: user space's answer.
 *
 * Contract, for any world:
 *
 *	struct mrig_lock		zeroed is free. Short sections, no sleep inside
 *	mrig_lock_init(l)		make it free. For all but a bare lock of a program's: each
 *					place that calls it makes locks of one kind, which worlds
 *					that check the order of locks tell apart by it
 *	mrig_lock_try(l, &key)		take it if that needs no waiting; a world may always wait
 *	mrig_lock_enter(l)		take it; returns the key
 *	mrig_lock_drop(l, key)		give it back; false if mrig_lock_dropped() must follow
 *	mrig_lock_dropped(l)		what mrig_lock_drop() left to do; true if the lock is marked
 *	mrig_lock_leave(l, key)		both
 *	mrig_lock_mark(l, on)		by the holder: what the next leave() reports, until changed
 *	struct mrig_sleeper		one thread's place to sleep, zeroed at the start
 *	mrig_releases(l)		after the head of a function that is called with the lock
 *					held and leaves it
 *	mrig_sleep(l, &key, s, when)	by the holder: leave, sleep until woken or @when has passed,
 *					enter again. 0, or -ETIMEDOUT if not woken by then
 *	mrig_wake(s)			by the holder of that lock: wake the sleeper, once
 *	mrig_clock()			monotonic nanoseconds
 *	mrig_priority()			of the calling thread; the lower the number, the more urgent
 *	mrig_priority_of(t)		of any thread
 *	mrig_priority_assign(t, prio)	replace what the system says
 *	mrig_thread_name(buf, size)	what the system calls the calling thread
 *	mrig_may_sleep()		false where Zephyr code would be in an interrupt
 *	mrig_self()			the calling thread
 *	mrig_thread_shared(t)		is it the structure of no thread in particular, which cannot
 *					be changed? (interrupts, no memory)
 *	mrig_tracker_ends(t)		memrig_track_fini() is about to forget the blocks of @t: a
 *					world may report those that live
 *	MRIG_PORT_LATE			1 where nothing of a program runs before its first call, so
 *					that objects made by macros are initialised by that
 *	mrig_must_hold(l)		on a function that leaves its caller's lock and takes it
 *					again before it returns
 *	mrig_load_relaxed(p), mrig_load_acquire(p), mrig_store_relaxed(p, v),
 *	mrig_store_release(p, v)	of a word that several threads use without a lock
 *
 * Here a lock is a word: held, somebody sleeps on it, marked. Taking and leaving a free one is one
 * atomic instruction each; the rest is futexes. Not for signal handlers, as malloc() is not.
 */
#ifndef MRIG_SYNC_PORT_H
#define MRIG_SYNC_PORT_H

#include "mrig_port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MRIG_LOCK_HELD	   1U
#define MRIG_LOCK_SLEEPERS 2U
#define MRIG_LOCK_MARKED   4U

/* Constructors do it. */
#define MRIG_PORT_LATE	 0

#define MRIG_NEVER	 INT64_MAX

#define MRIG_THREAD_NAME 32

#define mrig_must_hold(...)

#define mrig_releases(...)
#define mrig_load_relaxed(p)	 __atomic_load_n(p, __ATOMIC_RELAXED)
#define mrig_load_acquire(p)	 __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define mrig_store_relaxed(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define mrig_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

struct k_heap;
struct memrig_tracker;

/**
 * struct mrig_lock - a lock
 * @word: MRIG_LOCK_*
 */
struct mrig_lock {
	uint32_t word;
};

/**
 * struct mrig_sleeper - where one thread sleeps
 * @woken: not 0 once it is woken; written under the lock
 */
struct mrig_sleeper {
	uint32_t woken;
};

/**
 * struct k_thread - what Zephyr's calls need to know of a thread; lives as long as the thread
 * @resource_pool: heap of z_thread_malloc(), or NULL
 * @prio: priority, if @has_prio
 * @has_prio: set by k_thread_priority_set(); until then the priority is what Linux says
 * @name: as given by k_thread_name_set(), or as Linux knows it
 * @tid: its number, since it first asked for itself
 */
struct k_thread {
	struct k_heap *resource_pool;
	int prio;
	bool has_prio;
	int tid;
	char name[MRIG_THREAD_NAME];
};

void mrig_lock_wait(struct mrig_lock *l);
bool mrig_lock_dropped(struct mrig_lock *l);
int mrig_sleep(struct mrig_lock *l, unsigned long *key, struct mrig_sleeper *s, int64_t when);
void mrig_wake(struct mrig_sleeper *s);
int64_t mrig_clock(void);
int mrig_priority(void);
int mrig_priority_of(const struct k_thread *thread);
void mrig_priority_assign(struct k_thread *thread, int prio);
void mrig_thread_name(char *buf, size_t size);
struct k_thread *mrig_self(void);

static mrig_inline bool mrig_may_sleep(void)
{
	return true;
}

/* A program asks for its reports. */
static mrig_inline void mrig_tracker_ends(struct memrig_tracker *t)
{
	(void)t;
}

static mrig_inline bool mrig_thread_shared(const struct k_thread *thread)
{
	(void)thread;
	return false;
}

static mrig_inline void mrig_lock_init(struct mrig_lock *l)
{
	l->word = 0;
}

static mrig_inline bool mrig_lock_try(struct mrig_lock *l, unsigned long *key)
{
	*key = 0;
	return !(__atomic_fetch_or(&l->word, MRIG_LOCK_HELD, __ATOMIC_ACQUIRE) & MRIG_LOCK_HELD);
}

static mrig_inline unsigned long mrig_lock_enter(struct mrig_lock *l)
{
	unsigned long key;

	if (mrig_unlikely(!mrig_lock_try(l, &key)))
		mrig_lock_wait(l);
	return key;
}

/* Compared with 0 and nothing else, so that it is one instruction. */
static mrig_inline bool mrig_lock_drop(struct mrig_lock *l, unsigned long key)
{
	(void)key;
	return mrig_likely(!__atomic_sub_fetch(&l->word, MRIG_LOCK_HELD, __ATOMIC_RELEASE));
}

static mrig_inline bool mrig_lock_leave(struct mrig_lock *l, unsigned long key)
{
	return mrig_lock_drop(l, key) ? false : mrig_lock_dropped(l);
}

static mrig_inline void mrig_lock_mark(struct mrig_lock *l, bool on)
{
	if (on)
		__atomic_fetch_or(&l->word, MRIG_LOCK_MARKED, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&l->word, ~MRIG_LOCK_MARKED, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif

#endif /* MRIG_SYNC_PORT_H */
