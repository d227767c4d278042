/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: heaps of equal blocks, by their number */
#ifndef _UAPI_LINUX_MEMRIG_BLOCKS_H
#define _UAPI_LINUX_MEMRIG_BLOCKS_H

#include <linux/types.h>

/*
 * DOC: Blocks by number
 *
 * Heaps of MEMRIG_ENGINE_BLOCKS take three calls more; on others they are EOPNOTSUPP. @offset is
 * that of a block, a multiple of the block size from the start of the span; other values and blocks
 * beyond the end are EINVAL, so is a @count of 0; a sum that wraps is EOVERFLOW.
 */

/**
 * struct memrig_blocks_get - ioctl(MEMRIG_IOC_BLOCKS_GET) on a heap
 * @size: sizeof(struct memrig_blocks_get)
 * @flags: must be 0
 * @offset: of the first block
 * @count: blocks from there on that the client wants, as one allocation. ENOMEM: not all are free
 * @reason: out
 * @reserved: must be 0
 */
struct memrig_blocks_get {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 count;
	__u32 reason;
	__u32 reserved;
};

/**
 * struct memrig_blocks_free - ioctl(MEMRIG_IOC_BLOCKS_FREE) on a heap
 * @size: sizeof(struct memrig_blocks_free)
 * @flags: must be 0
 * @offset: of the first block
 * @count: blocks from there on to give back, of one or several allocations, whole or in part. All
 *	or none: ENOENT: one of them is free; EPERM: one belongs to another client; EBUSY
 *
 * What is left of an allocation before and behind them are allocations of their own.
 */
struct memrig_blocks_free {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 count;
};

/**
 * struct memrig_blocks_is_free - ioctl(MEMRIG_IOC_BLOCKS_IS_FREE) on a heap
 * @size: sizeof(struct memrig_blocks_is_free)
 * @flags: must be 0
 * @offset: of the first block
 * @count: blocks from there on
 * @free: out: 1 if all of them are free, else 0
 * @reserved: must be 0
 */
struct memrig_blocks_is_free {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 count;
	__u32 free;
	__u32 reserved;
};

#endif /* _UAPI_LINUX_MEMRIG_BLOCKS_H */
