// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * User space's side of mrig_sync_port.h: what is not on the way of an uncontended call.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "mrig_sync_port.h"

#define SPINS  100 /* a holder is inside for some hundred instructions */
#define SECOND 1000000000LL

static __thread struct k_thread self;

/* Nobody's errno changes because one of our threads waited. Returns 0 or a negative errno. */
static int futex(uint32_t *word, int op, uint32_t value, const struct timespec *until)
{
	int before = errno;
	int err = 0;

	if (syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until, NULL,
		    FUTEX_BITSET_MATCH_ANY) < 0)
		err = -errno;
	errno = before;
	return err;
}

/**
 * mrig_lock_wait() - take a lock that was held a moment ago
 * @l: lock
 */
void mrig_lock_wait(struct mrig_lock *l)
{
	unsigned long key;
	uint32_t old;

	for (int i = 0; i < SPINS; i++) {
		if (!(__atomic_load_n(&l->word, __ATOMIC_RELAXED) & MRIG_LOCK_HELD) &&
		    mrig_lock_try(l, &key))
			return;
	}
	/* Whoever has slept assumes that others still do: one wake too many, but none too few. */
	for (;;) {
		old = __atomic_fetch_or(&l->word, MRIG_LOCK_HELD | MRIG_LOCK_SLEEPERS,
					__ATOMIC_ACQUIRE);
		if (!(old & MRIG_LOCK_HELD))
			return;
		futex(&l->word, FUTEX_WAIT_BITSET, old | MRIG_LOCK_SLEEPERS, NULL);
	}
}

/**
 * mrig_lock_dropped() - wake one of those who sleep on a lock that was just left
 * @l: lock; others may hold it again
 *
 * Return: whether it is marked. Whoever took the mark off meanwhile has seen to it.
 */
bool mrig_lock_dropped(struct mrig_lock *l)
{
	uint32_t left = __atomic_load_n(&l->word, __ATOMIC_RELAXED);

	if (left & MRIG_LOCK_SLEEPERS) {
		__atomic_fetch_and(&l->word, ~MRIG_LOCK_SLEEPERS, __ATOMIC_RELAXED);
		futex(&l->word, FUTEX_WAKE, 1, NULL);
	}
	return left & MRIG_LOCK_MARKED;
}

/**
 * mrig_sleep() - leave a lock, sleep, take it again
 * @l: lock, held
 * @key: of the lock
 * @s: where to sleep
 * @when: monotonic nanoseconds, or MRIG_NEVER
 *
 * Return: 0 if woken, -ETIMEDOUT if @when passed first.
 */
int mrig_sleep(struct mrig_lock *l, unsigned long *key, struct mrig_sleeper *s, int64_t when)
{
	struct timespec until = { .tv_sec = when / SECOND, .tv_nsec = when % SECOND };
	int err = 0;

	mrig_lock_leave(l, *key);
	while (!__atomic_load_n(&s->woken, __ATOMIC_ACQUIRE) && err != -ETIMEDOUT)
		err = futex(&s->woken, FUTEX_WAIT_BITSET, 0, when == MRIG_NEVER ? NULL : &until);
	*key = mrig_lock_enter(l);
	return __atomic_load_n(&s->woken, __ATOMIC_ACQUIRE) ? 0 : -ETIMEDOUT;
}

/**
 * mrig_wake() - wake a sleeper
 * @s: where it sleeps; it cannot go away before the lock is left
 */
void mrig_wake(struct mrig_sleeper *s)
{
	__atomic_store_n(&s->woken, 1, __ATOMIC_RELEASE);
	futex(&s->woken, FUTEX_WAKE, 1, NULL);
}

/**
 * mrig_clock() - the clock of timeouts
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
int64_t mrig_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

/**
 * mrig_self() - the calling thread
 *
 * Return: its structure, valid until it ends.
 */
struct k_thread *mrig_self(void)
{
	if (!self.tid)
		self.tid = (int)syscall(SYS_gettid);
	return &self;
}

/* -1 (least) to -99 for real-time threads, nice + 20 for the others. */
static int linux_priority(void)
{
	struct sched_param param;
	int before = errno, policy = SCHED_OTHER, nice;

	if (!pthread_getschedparam(pthread_self(), &policy, &param) &&
	    (policy == SCHED_FIFO || policy == SCHED_RR))
		return -param.sched_priority;
	nice = getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid));
	errno = before;
	return nice + 20;
}

/**
 * mrig_priority_of() - priority of a thread
 * @thread: a thread that lives
 *
 * Return: what it was set to; else, for the calling thread, what Linux says, for others 20.
 */
int mrig_priority_of(const struct k_thread *thread)
{
	if (__atomic_load_n(&thread->has_prio, __ATOMIC_ACQUIRE))
		return __atomic_load_n(&thread->prio, __ATOMIC_RELAXED);
	return thread == &self ? linux_priority() : 20;
}

/**
 * mrig_priority() - priority of the calling thread
 *
 * Return: its number; lower is more urgent.
 */
int mrig_priority(void)
{
	return mrig_priority_of(&self);
}

/**
 * mrig_priority_assign() - replace the system's priority of a thread
 * @thread: a thread that lives
 * @prio: any number
 */
void mrig_priority_assign(struct k_thread *thread, int prio)
{
	__atomic_store_n(&thread->prio, prio, __ATOMIC_RELAXED);
	__atomic_store_n(&thread->has_prio, true, __ATOMIC_RELEASE);
}

/**
 * mrig_thread_name() - what Linux calls the calling thread
 * @buf: filled in, "" if it has no name
 * @size: of @buf, at least 16
 */
void mrig_thread_name(char *buf, size_t size)
{
	if (pthread_getname_np(pthread_self(), buf, size))
		buf[0] = '\0';
}
