// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ring heap for streams; see memrig_ring.h.
 *
 * Each live block has a state. Blocks are claimed by consumers, and their space comes back, in the
 * order of their age: those below @next have been claimed. The lock is left after a few blocks or
 * threads, so that it is never held for long.
 */
#include "memrig_ring.h"
#include "mrig_handle.h"
#include "mrig_memory.h"
#include "mrig_ring.h"
#include "mrig_wait.h"

#define AT_ONCE	8

enum state { FILLING, READY, CLAIMED, DONE };

/**
 * struct memrig_ring - a ring
 * @handle: first
 * @lock: of all that follows
 * @space: producers that wait
 * @data: consumers that wait
 * @base: address of the memory
 * @next: blocks, from the oldest on, that no consumer will be given any more
 * @ready: blocks in state READY
 * @state: per record of @ring
 * @ring: blocks
 */
struct memrig_ring {
	struct mrig_handle handle;
	struct mrig_lock lock;
	struct mrig_waitq space;
	struct mrig_waitq data;
	uintptr_t base;
	uint32_t next;
	uint32_t ready;
	uint8_t *state;
	struct mrig_ring *ring;
};

static_assert(sizeof(struct memrig_ring) <= MRIG_HANDLE_BYTES, "fits where it is made");

/**
 * struct request - what a thread waits for
 * @waiter: its place in the queue; first
 * @bytes: of a producer: size; of a consumer: the most it can take, then the size of what it got
 * @off: where the block is, once it was served
 * @err: how it was served
 */
struct request {
	struct mrig_waiter waiter;
	size_t bytes;
	uint64_t off;
	int err;
};

static bool is_ring(const struct memrig_ring *ring)
{
	return mrig_handle_is((const struct mrig_handle *)ring, MRIG_HANDLE_RING);
}

static uint8_t *state_of(struct memrig_ring *r, uint32_t age)
{
	return &r->state[mrig_ring_record(r->ring, age)];
}

/**
 * memrig_ring_create() - make a ring
 * @ring: set to it
 * @mem: its memory, which the ring itself never touches
 * @bytes: length; what is beyond a multiple of @align is not used
 * @align: a power of two; @mem and all blocks are aligned to it
 * @blocks: blocks there can be
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for NULL, an alignment that is none or that @mem has not, memory shorter than
 * it, or a number of blocks out of range; -ENOMEM.
 */
int memrig_ring_create(struct memrig_ring **ring, void *mem, size_t bytes, size_t align,
		       uint32_t blocks)
{
	size_t control = mrig_ring_control_bytes(blocks);
	struct memrig_ring *r;
	int err = -ENOMEM;

	if (!ring || !mem || !control || !align || (uintptr_t)mem & (align - 1) ||
	    (uintptr_t)mem + bytes < bytes)
		return -EINVAL;
	r = mrig_handle_create();
	if (!r)
		return -ENOMEM;
	mrig_lock_init(&r->lock);
	r->base = (uintptr_t)mem;
	r->ring = mrig_mem_create(control);
	r->state = mrig_mem_create(blocks);
	if (r->ring && r->state)
		err = mrig_ring_init(r->ring, bytes, align, blocks);
	if (err) {
		mrig_mem_free(r->state);
		mrig_mem_free(r->ring);
		mrig_handle_end(&r->handle);
		return err;
	}
	mrig_handle_begin(&r->handle, MRIG_HANDLE_RING);
	*ring = r;
	return 0;
}

/**
 * memrig_ring_destroy() - end a ring that nobody uses any more
 * @ring: it, or NULL
 *
 * Context: may sleep.
 * Return: 0; -EBUSY while blocks live or threads wait: nothing has changed; -EINVAL if it has ended
 * already.
 */
int memrig_ring_destroy(struct memrig_ring *ring)
{
	unsigned long key;
	bool busy;

	if (!ring)
		return 0;
	if (!is_ring(ring))
		return -EINVAL;
	key = mrig_lock_enter(&ring->lock);
	busy = ring->ring->live || ring->space.first || ring->data.first;
	mrig_lock_leave(&ring->lock, key);
	if (busy)
		return -EBUSY;
	mrig_mem_free(ring->state);
	mrig_mem_free(ring->ring);
	mrig_handle_end(&ring->handle);
	return 0;
}

static int attempt_take(struct memrig_ring *r, struct request *req)
{
	int64_t off = mrig_ring_alloc(r->ring, req->bytes);

	if (off < 0)
		return off == -EINVAL ? -EINVAL : -ENOMEM;
	*state_of(r, r->ring->live - 1) = FILLING;
	req->off = (uint64_t)off;
	return 0;
}

/* Blocks that were given up before they were committed are nobody's. */
static int attempt_claim(struct memrig_ring *r, struct request *req)
{
	const struct mrig_ring_block *block;

	while (r->next < r->ring->live && *state_of(r, r->next) == DONE)
		r->next++;
	if (r->next == r->ring->live || *state_of(r, r->next) != READY)
		return -ENOMSG;
	block = &r->ring->block[mrig_ring_record(r->ring, r->next)];
	if (block->bytes > req->bytes)
		return -EMSGSIZE;
	*state_of(r, r->next++) = CLAIMED;
	r->ready--;
	req->off = block->off;
	req->bytes = (size_t)block->bytes;
	return 0;
}

/* Serve the first of a queue, and who is then the first, until one has to wait on. */
static void serve(struct memrig_ring *r, struct mrig_waitq *q,
		  int (*attempt)(struct memrig_ring *r, struct request *req))
{
	unsigned long key = mrig_lock_enter(&r->lock);
	unsigned int i;

	for (i = 1; q->first; i++) {
		struct request *req = (struct request *)q->first;

		req->err = attempt(r, req);
		if (req->err == -ENOMEM || req->err == -ENOMSG)
			break;
		mrig_waitq_wake(&r->lock, q, &req->waiter);
		if (i % AT_ONCE)
			continue;
		mrig_lock_leave(&r->lock, key);
		key = mrig_lock_enter(&r->lock);
	}
	mrig_lock_leave(&r->lock, key);
}

/* Served at once if nobody waits and it is possible, or asleep in the queue. */
static int request(struct memrig_ring *r, struct mrig_waitq *q, struct request *req,
		   int (*attempt)(struct memrig_ring *r, struct request *req), int shortage,
		   k_timeout_t timeout)
{
	/* to be asked without a lock: nobody sleeps under one */
	bool wait = timeout.ticks && mrig_may_sleep(), late = false;
	int64_t when = wait ? mrig_deadline(timeout) : 0;
	unsigned long key = mrig_lock_enter(&r->lock);

	req->err = q->first ? shortage : attempt(r, req);
	if (req->err == shortage && wait)
		late = mrig_waitq_sleep(q, &r->lock, &key, &req->waiter, when);
	mrig_lock_leave(&r->lock, key);
	if (!late)
		return req->err;
	/* somebody behind may want less */
	serve(r, q, attempt);
	return -ETIMEDOUT;
}

/**
 * mrig_ring_take() - memrig_ring_alloc(), with a reason
 * @ring: ring
 * @bytes: size
 * @timeout: how long to wait for space
 * @ptr: set to the block on success
 *
 * Return: as memrig_ring_put().
 */
int mrig_ring_take(struct memrig_ring *ring, size_t bytes, k_timeout_t timeout, void **ptr)
{
	struct request req = { .bytes = bytes };
	int err;

	if (!is_ring(ring) || !bytes || bytes > ring->ring->bytes)
		return -EINVAL;
	err = request(ring, &ring->space, &req, attempt_take, -ENOMEM, timeout);
	if (!err)
		*ptr = (void *)(ring->base + (uintptr_t)req.off);
	return err;
}

/**
 * mrig_ring_claim() - memrig_ring_get(), with a reason
 * @ring: ring
 * @most: bytes the caller can take
 * @timeout: how long to wait for a block
 * @ptr: set to the block on success
 * @bytes: set to its size on success
 *
 * Return: 0, or as memrig_ring_read().
 */
int mrig_ring_claim(struct memrig_ring *ring, size_t most, k_timeout_t timeout, void **ptr,
		    size_t *bytes)
{
	struct request req = { .bytes = most };
	int err;

	if (!is_ring(ring))
		return -EINVAL;
	err = request(ring, &ring->data, &req, attempt_claim, -ENOMSG, timeout);
	if (err)
		return err;
	*ptr = (void *)(ring->base + (uintptr_t)req.off);
	*bytes = req.bytes;
	return 0;
}

/**
 * memrig_ring_alloc() - hand out the next block
 * @ring: ring
 * @bytes: size
 * @timeout: how long to wait for space
 *
 * Context: any with K_NO_WAIT, else may sleep.
 * Return: memory that is not cleared; NULL for a shortage, 0 bytes, or more than the ring can ever
 * hold, at once.
 */
void *memrig_ring_alloc(struct memrig_ring *ring, size_t bytes, k_timeout_t timeout)
{
	void *ptr;

	return mrig_ring_take(ring, bytes, timeout, &ptr) ? NULL : ptr;
}

/**
 * memrig_ring_get() - the oldest committed block that no consumer has got yet
 * @ring: ring
 * @bytes: set to its size; may be NULL
 * @timeout: how long to wait for a block
 *
 * It is behind an older one that is still being filled until that is committed or given up.
 *
 * Context: any with K_NO_WAIT, else may sleep.
 * Return: the block, or NULL.
 */
void *memrig_ring_get(struct memrig_ring *ring, size_t *bytes, k_timeout_t timeout)
{
	size_t size;
	void *ptr;

	if (mrig_ring_claim(ring, SIZE_MAX, timeout, &ptr, &size))
		return NULL;
	if (bytes)
		*bytes = size;
	return ptr;
}

/* Age of the live block at @ptr, or -ENOENT. */
static int64_t find(const struct memrig_ring *r, const void *ptr)
{
	return mrig_ring_find(r->ring, (uintptr_t)ptr - r->base);
}

/**
 * memrig_ring_resize() - change the size of the newest block, before it is committed
 * @ring: ring
 * @ptr: block
 * @bytes: new size
 *
 * A producer asks for the most it may need and gives back what it did not.
 *
 * Return: 0; -EINVAL for NULL or no bytes; -ENOENT if no live block starts there; -EBUSY for one
 * that is not the newest, or committed; -ENOMEM if there is not as much behind it.
 */
int memrig_ring_resize(struct memrig_ring *ring, void *ptr, size_t bytes)
{
	unsigned long key;
	int64_t age;
	int err;

	if (!is_ring(ring) || !ptr || !bytes)
		return -EINVAL;
	key = mrig_lock_enter(&ring->lock);
	age = find(ring, ptr);
	err = age < 0 ? -ENOENT : 0;
	if (!err && *state_of(ring, (uint32_t)age) != FILLING)
		err = -EBUSY;
	if (!err)
		err = mrig_ring_resize(ring->ring, (uintptr_t)ptr - ring->base, bytes);
	mrig_lock_leave(&ring->lock, key);
	if (!err)
		serve(ring, &ring->space, attempt_take);
	return err;
}

/**
 * memrig_ring_commit() - let consumers have a block
 * @ring: ring
 * @ptr: block
 *
 * Context: any.
 * Return: 0; -EINVAL for NULL; -ENOENT if no live block starts there; -EALREADY if it was committed
 * or given back before.
 */
int memrig_ring_commit(struct memrig_ring *ring, void *ptr)
{
	unsigned long key;
	int64_t age;
	int err;

	if (!is_ring(ring) || !ptr)
		return -EINVAL;
	key = mrig_lock_enter(&ring->lock);
	age = find(ring, ptr);
	err = age < 0 ? -ENOENT : 0;
	if (!err && *state_of(ring, (uint32_t)age) != FILLING)
		err = -EALREADY;
	if (!err) {
		*state_of(ring, (uint32_t)age) = READY;
		ring->ready++;
	}
	mrig_lock_leave(&ring->lock, key);
	if (!err)
		serve(ring, &ring->data, attempt_claim);
	return err;
}

/* Take the space of blocks that are done back, as far as it is their turn. */
static void reclaim(struct memrig_ring *r)
{
	unsigned long key = mrig_lock_enter(&r->lock);
	struct mrig_ring_block oldest;
	unsigned int i;

	for (i = 1; !mrig_ring_oldest(r->ring, &oldest) && *state_of(r, 0) == DONE; i++) {
		mrig_ring_free(r->ring, oldest.off);
		if (r->next)
			r->next--;
		if (i % AT_ONCE)
			continue;
		mrig_lock_leave(&r->lock, key);
		key = mrig_lock_enter(&r->lock);
	}
	mrig_lock_leave(&r->lock, key);
	serve(r, &r->space, attempt_take);
	/* who was behind a block that was given up may have its turn */
	serve(r, &r->data, attempt_claim);
}

static int give_back(struct memrig_ring *r, void *ptr, bool in_turn)
{
	unsigned long key;
	uint8_t *state;
	int64_t age;
	int err = 0;

	if (!is_ring(r) || !ptr)
		return -EINVAL;
	key = mrig_lock_enter(&r->lock);
	age = find(r, ptr);
	if (age < 0) {
		err = -ENOENT;
	} else {
		state = state_of(r, (uint32_t)age);
		if (*state == DONE)
			err = -EALREADY;
		else if (age && in_turn)
			err = -EBUSY;
		r->ready -= !err && *state == READY;
		if (!err)
			*state = DONE;
	}
	mrig_lock_leave(&r->lock, key);
	if (!err)
		reclaim(r);
	return err;
}

/**
 * memrig_ring_free() - give the oldest block back
 * @ring: ring
 * @ptr: block, whether or not it was committed
 *
 * Context: any.
 * Return: 0; -EINVAL for NULL; -EBUSY for a live block that is not the oldest; -EALREADY for one
 * that was given back before, by memrig_ring_done(); -ENOENT if no live block starts there.
 */
int memrig_ring_free(struct memrig_ring *ring, void *ptr)
{
	return give_back(ring, ptr, true);
}

/**
 * memrig_ring_done() - give any block back
 * @ring: ring
 * @ptr: block, whether or not it was committed
 *
 * Its space comes back when that of all older ones has. For several consumers.
 *
 * Context: any.
 * Return: as memrig_ring_free(), but never -EBUSY.
 */
int memrig_ring_done(struct memrig_ring *ring, void *ptr)
{
	return give_back(ring, ptr, false);
}

/**
 * memrig_ring_stats() - figures
 * @ring: ring
 * @stats: filled in
 *
 * Return: 0, or -EINVAL for NULL.
 */
int memrig_ring_stats(struct memrig_ring *ring, struct memrig_ring_stats *stats)
{
	struct mrig_ring_info info;
	unsigned long key;

	if (!is_ring(ring) || !stats)
		return -EINVAL;
	key = mrig_lock_enter(&ring->lock);
	mrig_ring_info(ring->ring, &info);
	stats->ready = ring->ready;
	mrig_lock_leave(&ring->lock, key);
	stats->live = info.live;
	stats->blocks = info.room;
	stats->bytes = (size_t)info.bytes;
	stats->used = (size_t)info.used;
	stats->max_used = (size_t)info.max_used;
	stats->skipped = (size_t)info.skipped;
	stats->largest = (size_t)info.largest;
	return 0;
}
