/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Message pool: a number of messages of one size, and a queue of those that were sent. Only
 * pointers travel.
 *
 *	sender		alloc, fill, put
 *	receiver	get, use, free
 *
 * Senders wait for a free message, receivers for one that was sent; what is given back or sent is
 * handed to the most urgent thread that waits, of those of one priority to the first. A pool may
 * have a name by which others find it. All bookkeeping is outside the messages.
 */
#ifndef MEMRIG_MSGPOOL_H
#define MEMRIG_MSGPOOL_H

#include "k_timeout.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MEMRIG_MSGPOOL_NAME	32	/* with its end */

struct memrig_msgpool;

/**
 * struct memrig_msgpool_stats - figures of a pool
 * @name: its name, or ""
 * @size: bytes of a message
 * @messages: how many there are
 * @used: of these, not free
 * @max_used: the most there were at a time
 * @queued: of these, sent and not received yet
 * @max_queued: the most there were at a time
 * @sent: messages ever sent
 */
struct memrig_msgpool_stats {
	char name[MEMRIG_MSGPOOL_NAME];
	size_t size;
	uint32_t messages;
	uint32_t used;
	uint32_t max_used;
	uint32_t queued;
	uint32_t max_queued;
	uint64_t sent;
};

int memrig_msgpool_create(struct memrig_msgpool **pool, const char *name, void *mem, size_t size,
			  uint32_t messages);
int memrig_msgpool_destroy(struct memrig_msgpool *pool);
struct memrig_msgpool *memrig_msgpool_find(const char *name);
void *memrig_msgpool_alloc(struct memrig_msgpool *pool, k_timeout_t timeout);
int memrig_msgpool_put(struct memrig_msgpool *pool, void *msg);
void *memrig_msgpool_get(struct memrig_msgpool *pool, k_timeout_t timeout);
int memrig_msgpool_free(struct memrig_msgpool *pool, void *msg);
int memrig_msgpool_stats(struct memrig_msgpool *pool, struct memrig_msgpool_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_MSGPOOL_H */
