/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: blocks of a heap and whose they are */
#ifndef _UAPI_LINUX_MEMRIG_ALLOC_H
#define _UAPI_LINUX_MEMRIG_ALLOC_H

#include <linux/types.h>

#define MEMRIG_ALLOC_WAIT	(1u << 0)	/* wait for memory when there is none */

/**
 * struct memrig_alloc - ioctl(MEMRIG_IOC_ALLOC) on a heap
 * @size: sizeof(struct memrig_alloc)
 * @flags: MEMRIG_ALLOC_*
 * @bytes: wanted. 0: EINVAL
 * @align: 0 or a power of two, or Zephyr's align|rewind with two bits set, else EINVAL. Beyond
 *	caps.max_align: EOPNOTSUPP
 * @offset: out: first byte of the block, from the start of the region
 * @usable: out: bytes from there on that belong to the block, at least @bytes
 * @region_index: out: which region of the allocator; 0 for a heap
 * @reason: out
 * @largest_free: out: on ENOMEM and ETIMEDOUT the largest request that would succeed now
 * @timeout_ns: with WAIT: how long to wait at most, MEMRIG_FOREVER for ever; out, on EINTR: how
 *	much of it is left, so that the same call goes on where it was. Else: must be 0 (EINVAL)
 * @site: user address of a text that says where in the program this is, such as "file.c:123", or 0.
 *	At most MEMRIG_SITE_MAX bytes with its NUL, printable ASCII (EINVAL). Heaps with
 *	MEMRIG_HEAP_TRACK remember it; others do not read it
 *
 * Without WAIT a shortage is ENOMEM. With it, what can never be had, even if all were free, is
 * EINVAL at once (reason TOO_LARGE); else the call waits, and ends with ETIMEDOUT when the time is
 * over, with EINTR on a signal. Only shortage of the heap's own memory or records is waited for,
 * not that of kernel memory for bookkeeping (ENOMEM, reason SIDE).
 *
 * Whoever frees hands the memory to those who wait: to the task of the highest priority (lowest
 * prio, as it was when it began to wait), among equals to the one that waits longest. Who cannot
 * use what is free is passed over.
 */
struct memrig_alloc {
	__u32 size;
	__u32 flags;
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 offset;
	__aligned_u64 usable;
	__u32 region_index;
	__u32 reason;
	__aligned_u64 largest_free;
	__aligned_u64 timeout_ns;
	__aligned_u64 site;
};

/**
 * struct memrig_free - ioctl(MEMRIG_IOC_FREE) on a heap
 * @size: sizeof(struct memrig_free)
 * @flags: must be 0
 * @offset: of a live block. ENOENT: none starts there (double free, middle of a block); EPERM: it
 *	belongs to another client. Its owner, the creator of the heap and CAP_SYS_ADMIN may free it
 */
struct memrig_free {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
};

#define MEMRIG_REALLOC_IN_PLACE	(1u << 0)	/* never move; ENOMEM instead */

/**
 * struct memrig_realloc - ioctl(MEMRIG_IOC_REALLOC) on a heap
 * @size: sizeof(struct memrig_realloc)
 * @flags: MEMRIG_REALLOC_*
 * @offset: of a live block; out: where it is now. On failure it stays where it was, untouched
 * @bytes: new size. 0: EINVAL (free it instead)
 * @align: as for ALLOC; a block that does not meet it moves
 * @usable: out
 * @moved: out: 1 if it moved; its content was copied
 * @reason: out
 * @largest_free: out, as for ALLOC
 *
 * Grows and shrinks in place where it can. A move is killable; both blocks live during it. EFAULT:
 * a block that moved or grew is as it was; one that shrank is, unless somebody else was given the
 * rest meanwhile.
 */
struct memrig_realloc {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 usable;
	__u32 moved;
	__u32 reason;
	__aligned_u64 largest_free;
};

/**
 * struct memrig_alloc_req - one element of a batch
 * @bytes: in
 * @align: in
 * @offset: out
 * @usable: out
 * @error: out: 0 or a positive errno
 * @reason: out
 */
struct memrig_alloc_req {
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 offset;
	__aligned_u64 usable;
	__u32 error;
	__u32 reason;
};

#define MEMRIG_BATCH_ALL_OR_NONE	(1u << 0)	/* on failure undo the elements before */

/**
 * struct memrig_alloc_batch - ioctl(MEMRIG_IOC_ALLOC_BATCH) on a heap
 * @size: sizeof(struct memrig_alloc_batch)
 * @flags: MEMRIG_BATCH_*
 * @reqs: user address of an array of struct memrig_alloc_req
 * @count: elements, 1..MEMRIG_BATCH_MAX
 * @done: out: elements that succeeded, counted from the first; stops at the first failure, whose
 *	error is in its element and is also the result of the call if @done is 0 or with
 *	ALL_OR_NONE (then @done is 0). Without ALL_OR_NONE, blocks that their elements tell of stay
 *	even if @done cannot be written (EFAULT)
 */
struct memrig_alloc_batch {
	__u32 size;
	__u32 flags;
	__aligned_u64 reqs;
	__u32 count;
	__u32 done;
};

/**
 * struct memrig_free_batch - ioctl(MEMRIG_IOC_FREE_BATCH) on a heap
 * @size: sizeof(struct memrig_free_batch)
 * @flags: must be 0
 * @offsets: user address of an array of __u64
 * @count: elements, 1..MEMRIG_BATCH_MAX
 * @done: out: elements freed, counted from the first; stops at the first that cannot be, whose
 *	errno is the result of the call
 */
struct memrig_free_batch {
	__u32 size;
	__u32 flags;
	__aligned_u64 offsets;
	__u32 count;
	__u32 done;
};

/**
 * struct memrig_give - ioctl(MEMRIG_IOC_GIVE) on a heap
 * @size: sizeof(struct memrig_give)
 * @flags: must be 0
 * @offset: of a block of this client
 * @client: number of the client that owns it from now on (ENOENT: none such)
 * @reserved: must be 0
 */
struct memrig_give {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__u32 client;
	__u32 reserved;
};

/**
 * struct memrig_keep - ioctl(MEMRIG_IOC_KEEP) on a heap
 * @size: sizeof(struct memrig_keep)
 * @flags: must be 0
 * @offset: of a block of this client; it belongs to the heap from now on and outlives the client.
 *	ENOMEM with REASON_QUOTA beyond the per-user quota (module parameter keep_quota=)
 * @reason: out
 * @reserved: must be 0
 */
struct memrig_keep {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__u32 reason;
	__u32 reserved;
};

/**
 * struct memrig_usable - ioctl(MEMRIG_IOC_USABLE) on a heap
 * @size: sizeof(struct memrig_usable)
 * @flags: must be 0
 * @offset: of a live block of this client (ENOENT, EPERM as for FREE)
 * @usable: out: bytes from there on that belong to it
 */
struct memrig_usable {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 usable;
};

#endif /* _UAPI_LINUX_MEMRIG_ALLOC_H */
