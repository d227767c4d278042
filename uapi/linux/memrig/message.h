/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: messages, blocks that go from client to client through the queue of their heap */
#ifndef _UAPI_LINUX_MEMRIG_MESSAGE_H
#define _UAPI_LINUX_MEMRIG_MESSAGE_H

#include <linux/types.h>

/*
 * DOC: Messages
 *
 * Every heap has a queue. A client SENDs a block that it owns: the block leaves the client and
 * waits in the queue, first in, first out; a client that RECEIVEs becomes the owner of the oldest.
 * Only the block travels: nothing is copied, its content is where it was, also on a heap that
 * scrubs. Over a SLAB this is a message pool, over a RING a stream (ALLOC reserves, SEND commits,
 * RECEIVE gets, FREE is done with it; the order is that of SEND), over BLOCKS a message is a run.
 *
 * While it waits, a message belongs to the heap: FREE, REALLOC, GIVE, KEEP, USABLE and SEND of it
 * are EBUSY for everybody, and it survives its sender. It counts as a live block, so the queue is
 * never longer than max_blocks; any client can take it out, so no quota of KEEP is charged for it.
 * A message that was received is its receiver's, and goes with him. When the last client of a heap
 * goes, the messages in its queue go with the heap.
 *
 * Every file of a heap can send and receive: there are no read-only ones.
 */

/**
 * struct memrig_send - ioctl(MEMRIG_IOC_SEND) on a heap
 * @size: sizeof(struct memrig_send)
 * @flags: must be 0
 * @offset: of a block of this client. ENOENT: none starts there; EPERM: it belongs to another
 *	client, or to the heap (KEEP); EBUSY: it is being moved, or waits in the queue already
 * @bytes: how many of its bytes are the message; more than it has: EINVAL. 0: all
 *
 * A task that waits for a message gets it at once: the one of the highest priority (lowest prio, as
 * it was when it began to wait), among equals the one that waits longest. ENOMEM: no kernel memory
 * for the place in the queue.
 */
struct memrig_send {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 bytes;
};

#define MEMRIG_RECEIVE_WAIT	(1u << 0)	/* wait for a message when there is none */

/**
 * struct memrig_receive - ioctl(MEMRIG_IOC_RECEIVE) on a heap
 * @size: sizeof(struct memrig_receive)
 * @flags: MEMRIG_RECEIVE_*
 * @timeout_ns: with WAIT: how long to wait at most, MEMRIG_FOREVER for ever; out, on EINTR: how
 *	much of it is left. Else: must be 0 (EINVAL)
 * @offset: out: of the block, which is this client's from now on
 * @usable: out: its bytes
 * @bytes: out: how many of them are the message
 * @from: out: number of the client that sent it, 0 if it is gone
 * @reserved: must be 0
 *
 * Without WAIT an empty queue is EAGAIN. With it the call waits, and ends with ETIMEDOUT when the
 * time is over, with EINTR on a signal. EFAULT: the message is in the queue again, in its place.
 */
struct memrig_receive {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
	__aligned_u64 offset;
	__aligned_u64 usable;
	__aligned_u64 bytes;
	__u32 from;
	__u32 reserved;
};

#endif /* _UAPI_LINUX_MEMRIG_MESSAGE_H */
