/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The lock of the heap: one atomic instruction to take it, one to give it back.
 *
 * Its word is the thread that holds it: a signal handler can tell at any instant whether the
 * request it interrupted holds it. A pthread mutex notes its owner a moment later.
 */
#ifndef MEMRIG_MALLOC_LOCK_H
#define MEMRIG_MALLOC_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LOCK_WAITERS 0x80000000u

/**
 * struct malloc_lock - zeroed is free
 * @word: number of the thread that holds it; LOCK_WAITERS: others may sleep
 */
struct malloc_lock {
	_Atomic uint32_t word;
};

void malloc_lock(struct malloc_lock *lock);
void malloc_unlock(struct malloc_lock *lock);
/* By the calling thread? */
bool malloc_lock_held(const struct malloc_lock *lock);
/* In a forked child: it is held by the only thread there is, or free. */
void malloc_lock_child(struct malloc_lock *lock, bool held);

#endif /* MEMRIG_MALLOC_LOCK_H */
