// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Message pools; see memrig_msgpool.h.
 *
 * Messages have numbers, from 1. The queue is linked through @next, by number. Every call takes the
 * same time, but for those that look for a name.
 */
#include "memrig_msgpool.h"
#include "mem_slab_core.h"
#include "mrig_handle.h"
#include "mrig_memory.h"
#include "mrig_wait.h"

#define NOT_QUEUED	0U
#define LAST		0xffffffffU

/**
 * struct memrig_msgpool - a pool
 * @handle: first
 * @lock: of all that follows, but for @name and @other
 * @spare: threads that wait for a free message
 * @inbox: threads that wait for one that was sent
 * @slab: messages
 * @next: per message: NOT_QUEUED, number of the next in the queue, or LAST
 * @head: first of the queue, with @queued not 0
 * @tail: last of it
 * @queued: length of it
 * @max_queued: longest it was
 * @sent: messages ever sent
 * @name: fixed
 * @other: next pool with a name; names_lock
 */
struct memrig_msgpool {
	struct mrig_handle handle;
	struct mrig_lock lock;
	struct mrig_waitq spare;
	struct mrig_waitq inbox;
	struct mrig_slab *slab;
	uint32_t *next;
	uint32_t head;
	uint32_t tail;
	uint32_t queued;
	uint32_t max_queued;
	uint64_t sent;
	char name[MEMRIG_MSGPOOL_NAME];
	struct memrig_msgpool *other;
};

static_assert(sizeof(struct memrig_msgpool) <= MRIG_HANDLE_BYTES, "fits where it is made");

/**
 * struct request - a thread that waits for a message
 * @waiter: its place in the queue; first
 * @msg: the message, once it was served
 */
struct request {
	struct mrig_waiter waiter;
	void *msg;
};

static bool is_pool(const struct memrig_msgpool *pool)
{
	return mrig_handle_is((const struct mrig_handle *)pool, MRIG_HANDLE_MSGPOOL);
}

static struct mrig_lock names_lock;
static struct memrig_msgpool *named;

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* Length of a name with its end, 0 if it is none. */
static size_t name_bytes(const char *name)
{
	size_t n;

	for (n = 0; name[n]; n++) {
		char c = name[n];
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (n == MEMRIG_MSGPOOL_NAME - 1 ||
		    !(word || (n && (c == '_' || c == '.' || c == '-'))))
			return 0;
	}
	return n ? n + 1 : 0;
}

static struct memrig_msgpool *find_locked(const char *name)
{
	struct memrig_msgpool *pool = named;

	while (pool && !same(pool->name, name))
		pool = pool->other;
	return pool;
}

static int publish(struct memrig_msgpool *pool)
{
	unsigned long key = mrig_lock_enter(&names_lock);
	int err = find_locked(pool->name) ? -EEXIST : 0;

	if (!err) {
		pool->other = named;
		named = pool;
	}
	mrig_lock_leave(&names_lock, key);
	return err;
}

static void withdraw(struct memrig_msgpool *pool)
{
	unsigned long key = mrig_lock_enter(&names_lock);
	struct memrig_msgpool **link = &named;

	while (*link && *link != pool)
		link = &(*link)->other;
	if (*link)
		*link = pool->other;
	mrig_lock_leave(&names_lock, key);
}

static void release(struct memrig_msgpool *pool)
{
	mrig_mem_free(pool->next);
	mrig_mem_free(pool->slab);
	mrig_handle_end(&pool->handle);
}

/**
 * memrig_msgpool_create() - make a pool
 * @pool: set to it
 * @name: by which others find it, [a-z0-9][a-z0-9_.-]{0,30}, or NULL
 * @mem: memory of the messages, @size * @messages bytes, which the pool itself never touches
 * @size: bytes of a message, a multiple of the size of a pointer
 * @messages: how many
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for NULL, what is no name, sizes that are none, too many messages, or memory
 * that is not aligned like a pointer; -EEXIST if there is a pool with that name; -ENOMEM.
 */
int memrig_msgpool_create(struct memrig_msgpool **pool, const char *name, void *mem, size_t size,
			  uint32_t messages)
{
	size_t control = mrig_slab_control_bytes(messages);
	struct memrig_msgpool *p;
	int err = -ENOMEM;

	if (!pool || !mem || !control || !messages || (name && !name_bytes(name)))
		return -EINVAL;
	p = mrig_handle_create();
	if (!p)
		return -ENOMEM;
	mrig_lock_init(&p->lock);
	p->slab = mrig_mem_create(control);
	p->next = mrig_mem_create(((size_t)messages + 1) * sizeof(*p->next));
	if (p->slab && p->next)
		err = mrig_slab_init(p->slab, (uintptr_t)mem, size, messages);
	if (!err)
		mrig_handle_begin(&p->handle, MRIG_HANDLE_MSGPOOL);
	if (!err && name) {
		memcpy(p->name, name, name_bytes(name));
		err = publish(p);
	}
	if (err)
		release(p);
	else
		*pool = p;
	return err;
}

/**
 * memrig_msgpool_destroy() - end a pool that nobody uses any more
 * @pool: it, or NULL
 *
 * Context: may sleep.
 * Return: 0; -EBUSY while messages are not free or threads wait: nothing has changed; -EINVAL if it
 * has ended already.
 */
int memrig_msgpool_destroy(struct memrig_msgpool *pool)
{
	struct mrig_slab_info info;
	unsigned long key;
	bool busy;

	if (!pool)
		return 0;
	if (!is_pool(pool))
		return -EINVAL;
	key = mrig_lock_enter(&pool->lock);
	mrig_slab_get_info(pool->slab, &info);
	busy = info.used || pool->spare.first || pool->inbox.first;
	mrig_lock_leave(&pool->lock, key);
	if (busy)
		return -EBUSY;
	if (pool->name[0])
		withdraw(pool);
	release(pool);
	return 0;
}

/**
 * memrig_msgpool_find() - the pool that has a name
 * @name: name
 *
 * Nothing keeps the pool: who made it must not end it while others use it.
 *
 * Return: the pool, or NULL.
 */
struct memrig_msgpool *memrig_msgpool_find(const char *name)
{
	struct memrig_msgpool *pool;
	unsigned long key;

	if (!name || !*name)
		return NULL;
	key = mrig_lock_enter(&names_lock);
	pool = find_locked(name);
	mrig_lock_leave(&names_lock, key);
	return pool;
}

/* Hand a message to the first of a queue, if there is one. */
static bool hand_over(struct memrig_msgpool *pool, struct mrig_waitq *q, void *msg)
{
	struct request *req = (struct request *)q->first;

	if (!req)
		return false;
	req->msg = msg;
	mrig_waitq_wake(&pool->lock, q, &req->waiter);
	return true;
}

/* Until when to wait; 0 not at all. Asked without a lock: nobody sleeps under one. */
static int64_t until(k_timeout_t timeout)
{
	return timeout.ticks && mrig_may_sleep() ? mrig_deadline(timeout) : 0;
}

/* Wait until somebody hands one over. The lock is held on entry and on return. */
static void *wait_for(struct memrig_msgpool *pool, struct mrig_waitq *q, unsigned long *key,
		      int64_t when)
{
	struct request req = { .msg = NULL };

	if (when)
		mrig_waitq_sleep(q, &pool->lock, key, &req.waiter, when);
	return req.msg;
}

/**
 * memrig_msgpool_alloc() - a free message
 * @pool: pool
 * @timeout: how long to wait for one
 *
 * Context: any with K_NO_WAIT, else may sleep.
 * Return: the message, not cleared, or NULL.
 */
void *memrig_msgpool_alloc(struct memrig_msgpool *pool, k_timeout_t timeout)
{
	unsigned long key;
	int64_t when;
	void *msg;

	if (!is_pool(pool))
		return NULL;
	when = until(timeout);
	key = mrig_lock_enter(&pool->lock);
	msg = mrig_slab_alloc(pool->slab);
	if (!msg)
		msg = wait_for(pool, &pool->spare, &key, when);
	mrig_lock_leave(&pool->lock, key);
	return msg;
}

/* Number of a message that is neither free nor sent; -EINVAL, -ENOENT, -EALREADY, -EBUSY. */
static int64_t in_hand(const struct memrig_msgpool *pool, const void *msg)
{
	int64_t number = mrig_slab_number(pool->slab, msg);

	if (number < 0)
		return number;
	if (!mrig_slab_is_live(pool->slab, (uint64_t)number))
		return -EALREADY;
	return pool->next[number] == NOT_QUEUED ? number : -EBUSY;
}

static void append(struct memrig_msgpool *pool, uint32_t number)
{
	pool->next[number] = LAST;
	if (pool->queued++)
		pool->next[pool->tail] = number;
	else
		pool->head = number;
	pool->tail = number;
	if (pool->queued > pool->max_queued)
		pool->max_queued = pool->queued;
}

/**
 * memrig_msgpool_put() - send a message
 * @pool: pool
 * @msg: of memrig_msgpool_alloc() or memrig_msgpool_get(); the receiver's from now on
 *
 * Context: any.
 * Return: 0; -EINVAL for NULL or an address inside a message; -ENOENT outside of all; -EALREADY if
 * it is free; -EBUSY if it was sent and not received yet.
 */
int memrig_msgpool_put(struct memrig_msgpool *pool, void *msg)
{
	unsigned long key;
	int64_t number;

	if (!is_pool(pool) || !msg)
		return -EINVAL;
	key = mrig_lock_enter(&pool->lock);
	number = in_hand(pool, msg);
	if (number > 0) {
		pool->sent++;
		if (!hand_over(pool, &pool->inbox, msg))
			append(pool, (uint32_t)number);
	}
	mrig_lock_leave(&pool->lock, key);
	return number < 0 ? (int)number : 0;
}

/**
 * memrig_msgpool_get() - receive a message
 * @pool: pool
 * @timeout: how long to wait for one
 *
 * Context: any with K_NO_WAIT, else may sleep.
 * Return: the message that was sent first, or NULL.
 */
void *memrig_msgpool_get(struct memrig_msgpool *pool, k_timeout_t timeout)
{
	unsigned long key;
	int64_t when;
	void *msg;

	if (!is_pool(pool))
		return NULL;
	when = until(timeout);
	key = mrig_lock_enter(&pool->lock);
	if (pool->queued) {
		uint32_t number = pool->head;

		pool->head = pool->next[number];
		pool->next[number] = NOT_QUEUED;
		pool->queued--;
		msg = mrig_slab_address_of(pool->slab, number);
	} else {
		msg = wait_for(pool, &pool->inbox, &key, when);
	}
	mrig_lock_leave(&pool->lock, key);
	return msg;
}

/**
 * memrig_msgpool_free() - give a message back
 * @pool: pool
 * @msg: of memrig_msgpool_alloc() or memrig_msgpool_get()
 *
 * Context: any.
 * Return: as memrig_msgpool_put().
 */
int memrig_msgpool_free(struct memrig_msgpool *pool, void *msg)
{
	unsigned long key;
	int64_t number;

	if (!is_pool(pool) || !msg)
		return -EINVAL;
	key = mrig_lock_enter(&pool->lock);
	number = in_hand(pool, msg);
	if (number > 0 && !hand_over(pool, &pool->spare, msg))
		mrig_slab_put(pool->slab, (uint64_t)number);
	mrig_lock_leave(&pool->lock, key);
	return number < 0 ? (int)number : 0;
}

/**
 * memrig_msgpool_stats() - figures
 * @pool: pool
 * @stats: filled in
 *
 * Return: 0, or -EINVAL for NULL.
 */
int memrig_msgpool_stats(struct memrig_msgpool *pool, struct memrig_msgpool_stats *stats)
{
	struct mrig_slab_info info;
	unsigned long key;

	if (!is_pool(pool) || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&pool->lock);
	mrig_slab_get_info(pool->slab, &info);
	stats->queued = pool->queued;
	stats->max_queued = pool->max_queued;
	stats->sent = pool->sent;
	mrig_lock_leave(&pool->lock, key);
	memcpy(stats->name, pool->name, sizeof(stats->name));
	stats->size = (size_t)info.bytes;
	stats->messages = info.num;
	stats->used = info.used;
	stats->max_used = info.max_used;
	return 0;
}
