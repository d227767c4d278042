/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: pages of a window */
#ifndef _UAPI_LINUX_MEMRIG_PAGE_H
#define _UAPI_LINUX_MEMRIG_PAGE_H

#include <linux/types.h>

/**
 * struct memrig_page_range - argument of the calls on a range of pages of a window
 * @size: sizeof(struct memrig_page_range)
 * @flags: must be 0
 * @offset: of the first page, in bytes
 * @length: in bytes
 * @done: out: bytes from @offset on that were dealt with
 * @reason: out: enum memrig_reason when the call fails with ENOMEM or EIO
 * @reserved: must be 0
 *
 * PAGE_IN: every page gets a frame. None is promised to keep it.
 *
 * PAGE_OUT: every page loses its frame; what has changed is written. EBUSY: one is pinned, or held
 * for longer than a moment. A store with a limit keeps its last free place for touches.
 *
 * PAGE_PIN: every page gets a frame and keeps it until it has been unpinned as often as pinned, by
 * the same client. EACCES on a window that is READ_ONLY. ENOMEM with REASON_FRAMES: no frame is
 * left that is not pinned. EOVERFLOW: too many pins on one page.
 *
 * PAGE_UNPIN: ENOENT: a page that this client has not pinned.
 *
 * PAGE_FLUSH: what has changed is written; pages keep their frames. Then a FILE store is told to
 * make it durable. What is pinned or held is written, too, and counts as changed all the same.
 *
 * All: EIO: the store failed. ETIMEDOUT: it took longer than the timeout. EINTR: the caller is
 * being killed.
 */
struct memrig_page_range {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 done;
	__u32 reason;
	__u32 reserved;
};

#define MEMRIG_PAGE_RESIDENT	(1u << 0)	/* has a frame */
#define MEMRIG_PAGE_MOVING	(1u << 1)	/* on its way in or out */
#define MEMRIG_PAGE_STORED	(1u << 2)	/* in the store */
#define MEMRIG_PAGE_PINNED	(1u << 3)
#define MEMRIG_PAGE_DIRTY	(1u << 4)	/* changed; page tables may know more */
#define MEMRIG_PAGE_ACCESSED	(1u << 5)	/* touched since last looked at */

/**
 * struct memrig_page_map - ioctl(MEMRIG_IOC_PAGE_MAP) on a window
 * @size: sizeof(struct memrig_page_map)
 * @flags: must be 0
 * @offset: of the first page, in bytes
 * @length: in bytes; at most MEMRIG_BATCH_MAX pages (EINVAL)
 * @states: user address of an array of __u8, one for each page: MEMRIG_PAGE_*. 0: it was never
 *	written; on a FILE store every page is STORED
 */
struct memrig_page_map {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 states;
};

/**
 * struct memrig_page_addr - ioctl(MEMRIG_IOC_PAGE_ADDR) on a window
 * @size: sizeof(struct memrig_page_addr)
 * @flags: must be 0
 * @offset: byte of the window. Beyond its end: EINVAL. In a page that this client has not pinned:
 *	ENOENT, as pages without pins may go elsewhere at any time
 * @phys: out: physical address, which stays as long as this client's pin
 * @dma: out: address for the DMA device of the region that lends the frames, as in struct
 *	memrig_region_addr; it stays as long as this client's pin
 * @contiguous: out: bytes from @offset on that this client has pinned and that are contiguous in
 *	memory
 *
 * Needs CAP_SYS_RAWIO (EPERM). No ioctl takes such an address. ENOMEM as with memrig_region_addr.
 */
struct memrig_page_addr {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 phys;
	__aligned_u64 dma;
	__aligned_u64 contiguous;
};

#endif /* _UAPI_LINUX_MEMRIG_PAGE_H */
