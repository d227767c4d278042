/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: heaps, allocators over a span of a region */
#ifndef _UAPI_LINUX_MEMRIG_HEAP_H
#define _UAPI_LINUX_MEMRIG_HEAP_H

#include <linux/types.h>

/**
 * enum memrig_placement - where a heap keeps its headers
 * @MEMRIG_PLACEMENT_OOB: out-of-band, in private kernel memory; the region is all payload
 * @MEMRIG_PLACEMENT_INBAND: inside the region; KERNEL_ONLY regions only (EPERM otherwise), and
 *	cached ones only (EOPNOTSUPP otherwise)
 */
enum memrig_placement {
	MEMRIG_PLACEMENT_OOB = 1,
	MEMRIG_PLACEMENT_INBAND = 2,
};

/**
 * enum memrig_engine - how an allocator finds memory
 * @MEMRIG_ENGINE_SYS_HEAP: blocks of any size, segregated by size, merged at once (sys_heap)
 * @MEMRIG_ENGINE_SLAB: blocks of one size (k_mem_slab)
 * @MEMRIG_ENGINE_BLOCKS: runs of blocks of one power-of-two size (sys_mem_blocks). An allocation is
 *	as many blocks side by side as its bytes need; any part of it can be freed. A request for
 *	more than 16 blocks can miss a free run that is longer than needed by less than an eighth:
 *	one run of such a length is looked at, so that the cost does not depend on the pool
 * @MEMRIG_ENGINE_RING: blocks of any size for a stream: they follow each other, wrap as a whole,
 *	and their space comes back in the order they were made, whenever each is freed; that of the
 *	newest comes back at once
 * @MEMRIG_ENGINE_FIRST_FIT: blocks of any size, the first free one that is large enough, for
 *	comparison. It looks at each free block, so there are MEMRIG_FIT_BLOCKS_MAX records at most
 * @MEMRIG_ENGINE_BEST_FIT: blocks of any size, the smallest free one that is large enough, for
 *	comparison; MEMRIG_FIT_BLOCKS_MAX records at most
 */
enum memrig_engine {
	MEMRIG_ENGINE_SYS_HEAP = 1,
	MEMRIG_ENGINE_SLAB = 2,
	MEMRIG_ENGINE_BLOCKS = 3,
	MEMRIG_ENGINE_RING = 4,
	MEMRIG_ENGINE_FIRST_FIT = 5,
	MEMRIG_ENGINE_BEST_FIT = 6,
};

#define MEMRIG_FIT_BLOCKS_MAX	8192	/* records of a FIRST_FIT or BEST_FIT heap */

#define MEMRIG_HEAP_SCRUB	(1u << 0)	/* zero a block before another owner gets it */
#define MEMRIG_HEAP_STATS	(1u << 1)	/* keep runtime statistics */
#define MEMRIG_HEAP_TRACK	(1u << 2)	/* remember of each block who asked for it */

/**
 * struct memrig_heap_create - ioctl(MEMRIG_IOC_HEAP_CREATE) on a region
 * @size: sizeof(struct memrig_heap_create)
 * @flags: MEMRIG_HEAP_*
 * @placement: enum memrig_placement
 * @hardening: 0..caps.hardening_max (SYS_HEAP_HARDENING_LEVEL)
 * @offset: first byte of the region to manage, a multiple of 8
 * @length: bytes to manage, 0 means up to the end of the region. Overlap with another heap of the
 *	region: EBUSY
 * @search_limit: SYS_HEAP_ALLOC_LOOPS; 0 means the default, above 65535 means 65535
 * @max_blocks: bound on block records, in-band on live blocks. 0 means the bound that the module
 *	parameter max_blocks= sets, FIRST_FIT and BEST_FIT: MEMRIG_FIT_BLOCKS_MAX if that is less;
 *	more: EINVAL
 * @fd: out: the heap, O_CLOEXEC; a client of its own
 * @reason: out
 * @side_bytes: out: kernel memory used for bookkeeping so far
 * @engine: enum memrig_engine; 0 means SYS_HEAP. All others are OOB only (EOPNOTSUPP)
 * @num_blocks: SLAB, BLOCKS: how many blocks; 0 means as many as fit, but not more than
 *	@max_blocks. More than fit or than that: EINVAL. Others: must be 0 (EINVAL)
 * @block_size: SLAB: a multiple of 8; BLOCKS: a power of two from 8 on. Else, and 0, EINVAL.
 *	Others: must be 0 (EINVAL)
 *
 * SCRUB needs a kernel mapping of the region and is refused for none. SCRUB and INBAND need the
 * bytes at any time: EOPNOTSUPP over a POWERED region. EACCES: the region was opened read-only.
 */
struct memrig_heap_create {
	__u32 size;
	__u32 flags;
	__u32 placement;
	__u32 hardening;
	__aligned_u64 offset;
	__aligned_u64 length;
	__u32 search_limit;
	__u32 max_blocks;
	__s32 fd;
	__u32 reason;
	__aligned_u64 side_bytes;
	__u32 engine;
	__u32 num_blocks;
	__aligned_u64 block_size;
};

/**
 * struct memrig_heap_attach - ioctl(MEMRIG_IOC_HEAP_ATTACH) on a heap
 * @size: sizeof(struct memrig_heap_attach)
 * @flags: must be 0
 * @fd: out: the same heap as a new client. Blocks of a client are freed when its last reference
 *	goes. Passing or inheriting the fd as it is shares the client
 * @client: out: number of the new client
 */
struct memrig_heap_attach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 client;
};

/**
 * struct memrig_heap_region - ioctl(MEMRIG_IOC_HEAP_REGION) on a heap
 * @size: sizeof(struct memrig_heap_region)
 * @flags: must be 0
 * @index: which region of the allocator; 0 for a heap. Others: ENOENT
 * @fd: out: that region, O_CLOEXEC, with the access the heap was created with
 */
struct memrig_heap_region {
	__u32 size;
	__u32 flags;
	__u32 index;
	__s32 fd;
};

#define MEMRIG_WATCH_MESSAGES	(1u << 0)	/* poll() is about the queue, not about memory */

/**
 * struct memrig_watch - ioctl(MEMRIG_IOC_WATCH) on a heap
 * @size: sizeof(struct memrig_watch)
 * @flags: MEMRIG_WATCH_*
 * @bytes: from now on poll() on this client reports POLLIN while an ALLOC of that many would
 *	succeed, and POLLERR when it never can or the heap is fenced off. 0: EINVAL. A new client
 *	watches for 1
 * @align: as for ALLOC
 *
 * Level-triggered, and a hint: nothing is reserved. The lasting wake-up comes from whoever frees.
 *
 * With MESSAGES, poll() reports POLLIN while a message waits to be received instead, and POLLERR
 * when the heap is fenced off; @bytes and @align must be 0 (EINVAL).
 */
struct memrig_watch {
	__u32 size;
	__u32 flags;
	__aligned_u64 bytes;
	__aligned_u64 align;
};

#endif /* _UAPI_LINUX_MEMRIG_HEAP_H */
