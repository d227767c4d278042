/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: what all calls have in common: limits, and why there is no memory */
#ifndef _UAPI_LINUX_MEMRIG_COMMON_H
#define _UAPI_LINUX_MEMRIG_COMMON_H

#define MEMRIG_UAPI_VERSION	1
#define MEMRIG_NAME_MAX		32	/* with the terminating NUL */
#define MEMRIG_BATCH_MAX	4096	/* elements of one batch or listing */
#define MEMRIG_SITE_MAX		48	/* bytes of a call site, with the terminating NUL */
#define MEMRIG_COMM_MAX		16	/* bytes of the name of a task, with the terminating NUL */

/**
 * enum memrig_reason - why a request for memory failed
 * @MEMRIG_REASON_NONE: it did not fail, or not for lack of memory
 * @MEMRIG_REASON_EMPTY: the free bytes of the heap do not suffice
 * @MEMRIG_REASON_FRAGMENTED: they would, but no free block is large enough; see @detail
 * @MEMRIG_REASON_TOO_LARGE: can never fit, even in the empty heap or on this machine
 * @MEMRIG_REASON_CONTIG: no free contiguous run of pages was found (moving pages failed)
 * @MEMRIG_REASON_CMA: the DMA allocator had no room (CMA busy or too small)
 * @MEMRIG_REASON_DMA_MASK: no memory within reach of the DMA mask
 * @MEMRIG_REASON_NODE: the NUMA node has not enough memory
 * @MEMRIG_REASON_MEMLOCK: RLIMIT_MEMLOCK of the caller
 * @MEMRIG_REASON_LIMIT: module parameter limit=
 * @MEMRIG_REASON_SIDE: no memory for bookkeeping (cgroup limit or system memory)
 * @MEMRIG_REASON_MAX_BLOCKS: the heap's max_blocks
 * @MEMRIG_REASON_QUOTA: a per-user quota
 * @MEMRIG_REASON_ATTRIBUTE: the attribute could not be set on these pages
 * @MEMRIG_REASON_FRAMES: every frame of the window is pinned or held
 * @MEMRIG_REASON_STORE_FULL: the store of the window has no room for what would have to leave
 * @MEMRIG_REASON_STORE: the store of the window failed
 */
enum memrig_reason {
	MEMRIG_REASON_NONE = 0,
	MEMRIG_REASON_EMPTY = 1,
	MEMRIG_REASON_FRAGMENTED = 2,
	MEMRIG_REASON_TOO_LARGE = 3,
	MEMRIG_REASON_CONTIG = 4,
	MEMRIG_REASON_CMA = 5,
	MEMRIG_REASON_DMA_MASK = 6,
	MEMRIG_REASON_NODE = 7,
	MEMRIG_REASON_MEMLOCK = 8,
	MEMRIG_REASON_LIMIT = 9,
	MEMRIG_REASON_SIDE = 10,
	MEMRIG_REASON_MAX_BLOCKS = 11,
	MEMRIG_REASON_QUOTA = 12,
	MEMRIG_REASON_ATTRIBUTE = 13,
	MEMRIG_REASON_FRAMES = 14,
	MEMRIG_REASON_STORE_FULL = 15,
	MEMRIG_REASON_STORE = 16,
};

#define MEMRIG_FOREVER		(~0ULL)	/* as a timeout */

#endif /* _UAPI_LINUX_MEMRIG_COMMON_H */
