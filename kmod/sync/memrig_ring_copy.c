// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ring heap for streams: calls that copy, which they do without the lock. See memrig_ring.h.
 */
#include "memrig_ring.h"

/**
 * memrig_ring_put() - put a copy of some bytes into the ring, as one block
 * @ring: ring
 * @data: bytes
 * @bytes: how many
 * @timeout: how long to wait for space
 *
 * Return: 0; -EINVAL for NULL, no bytes, or more than the ring can ever hold; -ENOMEM if there is
 * no space and no time to wait; -ETIMEDOUT if there was none in time.
 */
int memrig_ring_put(struct memrig_ring *ring, const void *data, size_t bytes, k_timeout_t timeout)
{
	void *ptr;
	int err;

	if (!data)
		return -EINVAL;
	err = mrig_ring_take(ring, bytes, timeout, &ptr);
	if (err)
		return err;
	memcpy(ptr, data, bytes);
	return memrig_ring_commit(ring, ptr);
}

/**
 * memrig_ring_read() - copy the oldest committed block out of the ring, and give it back
 * @ring: ring
 * @buf: where to
 * @size: of @buf
 * @timeout: how long to wait for a block
 *
 * Return: bytes; -EINVAL for NULL; -EMSGSIZE if @buf is too small for the block, which stays where
 * it is; -ENOMSG if there is no block and no time to wait; -ETIMEDOUT if there was none in time.
 */
int64_t memrig_ring_read(struct memrig_ring *ring, void *buf, size_t size, k_timeout_t timeout)
{
	size_t bytes;
	void *ptr;
	int err;

	if (!buf)
		return -EINVAL;
	err = mrig_ring_claim(ring, size, timeout, &ptr, &bytes);
	if (err)
		return err;
	memcpy(buf, ptr, bytes);
	memrig_ring_done(ring, ptr);
	return (int64_t)bytes;
}
