/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A process that waits for a block or for a message, as a client of its own, and tells what became
 * of it.
 */
#ifndef MEMRIG_WAITER_H
#define MEMRIG_WAITER_H

#include "abi.h"

/**
 * struct answer - what a waiter tells
 * @ret: 0 or -errno
 * @offset: of its block
 * @timeout_ns: as the call left it
 * @waited_ns: how long it took
 * @reason: enum memrig_reason
 */
struct answer {
	int ret;
	uint64_t offset;
	uint64_t timeout_ns;
	uint64_t waited_ns;
	uint32_t reason;
};

/**
 * struct waiter - one waiting process
 * @heap: any client of the heap
 * @bytes: wanted
 * @align: wanted
 * @timeout_ns: at most
 * @message: it waits for a message instead
 * @prepare: called in the process before it waits, or NULL
 * @pid: its process
 * @pipe: where its answer comes from; when the other end is closed it frees its block and exits
 */
struct waiter {
	int heap;
	uint64_t bytes;
	uint64_t align;
	uint64_t timeout_ns;
	bool message;
	void (*prepare)(void);
	pid_t pid;
	int pipe[2];
};

/* Start it, and return when the heap counts one waiter more; 0 or -errno. */
int waiter_start(struct waiter *waiter);
/* Its answer; that of a process that is gone has ret -EPIPE. */
struct answer waiter_answer(struct waiter *waiter);
/* Whether it has answered, within @ms. */
bool waiter_answered(struct waiter *waiter, int ms);
/* Let it free its block and end; its exit status. */
int waiter_end(struct waiter *waiter);
/* Until @heap has @count waiters, or receivers, at most some seconds. */
bool waiters_are(int heap, uint32_t count);
bool receivers_are(int heap, uint32_t count);

#endif /* MEMRIG_WAITER_H */
