// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The lock: spin a little, then sleep in the kernel.
 */
#include "lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPINS 100

static __thread uint32_t self;

static uint32_t me(void)
{
	if (!self)
		self = (uint32_t)syscall(SYS_gettid);
	return self;
}

static void futex(struct malloc_lock *lock, int op, uint32_t value)
{
	int saved = errno;

	syscall(SYS_futex, &lock->word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
	errno = saved;
}

/* Who has slept does not know whether others still do: it takes the lock with the mark. */
static void wait(struct malloc_lock *lock)
{
	uint32_t word;

	for (;;) {
		word = 0;
		if (atomic_compare_exchange_strong(&lock->word, &word, me() | LOCK_WAITERS))
			return;
		if (word & LOCK_WAITERS ||
		    atomic_compare_exchange_strong(&lock->word, &word, word | LOCK_WAITERS))
			futex(lock, FUTEX_WAIT, word | LOCK_WAITERS);
	}
}

void malloc_lock(struct malloc_lock *lock)
{
	uint32_t word;
	int i;

	for (i = 0; i < SPINS; i++) {
		word = 0;
		if (atomic_compare_exchange_strong_explicit(
			    &lock->word, &word, me(), memory_order_acquire, memory_order_relaxed))
			return;
	}
	wait(lock);
}

void malloc_unlock(struct malloc_lock *lock)
{
	if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) & LOCK_WAITERS)
		futex(lock, FUTEX_WAKE, 1);
}

bool malloc_lock_held(const struct malloc_lock *lock)
{
	return (atomic_load(&lock->word) & ~LOCK_WAITERS) == me();
}

void malloc_lock_child(struct malloc_lock *lock, bool held)
{
	self = 0;
	atomic_store(&lock->word, held ? me() : 0);
}
