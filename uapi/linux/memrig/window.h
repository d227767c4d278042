/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: windows, memory that has more pages than frames */
#ifndef _UAPI_LINUX_MEMRIG_WINDOW_H
#define _UAPI_LINUX_MEMRIG_WINDOW_H

#include <linux/types.h>

/*
 * DOC: Windows
 *
 * A window has more pages than frames. A page that is touched and has no frame gets one: a free
 * one, or that of a page that the policy chooses, whose content goes to the store if it has
 * changed since it was last there. A page that was never written has no place anywhere and reads
 * as zero, unless the store had content from the start.
 *
 * Whether a page was read or written is what the hardware noted in the page tables of everyone who
 * maps it. A page that the kernel or a device holds for somebody else (O_DIRECT, io_uring buffers,
 * pipes) keeps its frame and counts as written.
 *
 * An error of the store loses nothing. When a page cannot be written, it stays in its frame, and
 * another one leaves; when it cannot be read, who touched it gets SIGBUS, and it stays in the
 * store. SIGBUS is also the end of a wait for a frame or for the store that took too long.
 *
 * A file of a window is a client: pins are its own and go with it. WINDOW_ATTACH makes another.
 * Ranges are whole pages (EINVAL), not empty (EINVAL), within the window (EINVAL); a sum that wraps
 * is EOVERFLOW. What was done to the first pages of a range is not undone when a later one fails.
 */

#define MEMRIG_WINDOW_READ_ONLY		(1u << 0)	/* maps read-only; FILE: never written */
#define MEMRIG_WINDOW_INJECT		(1u << 1)	/* takes WINDOW_INJECT */
#define MEMRIG_WINDOW_SERIAL		(1u << 2)	/* one page moves at a time */
#define MEMRIG_WINDOW_THREAD_STATS	(1u << 3)	/* count for each thread, see PAGING_STAT */

#define MEMRIG_WINDOW_PAGES_MAX		(1ULL << 28)	/* pages of one window */
#define MEMRIG_FAULT_AROUND_MAX		64	/* pages, as is READ_AHEAD_MAX */
#define MEMRIG_READ_AHEAD_MAX		64
#define MEMRIG_CLEAN_MS_MAX		3600000
#define MEMRIG_CLEAN_PAGES_MAX		1024

/**
 * struct memrig_window_create - ioctl(MEMRIG_IOC_WINDOW_CREATE) on a session
 * @size: sizeof(struct memrig_window_create)
 * @flags: MEMRIG_WINDOW_*. READ_ONLY with INJECT: EINVAL
 * @region_fd: a region of kind PAGES, writable (EBADF; EINVAL: another kind of file; EACCES;
 *	EOPNOTSUPP: another kind of memory, or an attribute that is not in @gup_attrs of CAPS;
 *	EPERM: KERNEL_ONLY; EHOSTDOWN). It lends the window its frames, and cannot be mapped or
 *	suspended meanwhile. EBUSY: it is mapped, its pages are held, or part of the span belongs
 *	to a heap or to another window
 * @fd: out: the window, O_CLOEXEC
 * @offset: of the first frame in the region, a multiple of the page size (EINVAL)
 * @frames: number of frames, at least one and not above @pages (EINVAL); beyond the end of the
 *	region: EINVAL. An instruction that touches several pages of the window needs as many
 * @pages: number of pages, at most MEMRIG_WINDOW_PAGES_MAX (EINVAL)
 * @policy: enum memrig_policy, or a number that WINDOW_KIND tells (EOPNOTSUPP)
 * @store: enum memrig_store, or a number that WINDOW_KIND tells (EOPNOTSUPP)
 * @store_fd: FILE: open for reading and, unless READ_ONLY, for writing, neither O_APPEND nor
 *	O_DIRECT (EBADF; EACCES; EINVAL: neither a regular file nor a block device, or cannot be
 *	read or written by the kernel); IMAGE: a regular file open for reading (the same errors);
 *	others: must be -1 (EINVAL), but for stores of other modules that want a file, see
 *	WINDOW_KIND
 * @compressor: COMPRESSED: enum memrig_compressor (EOPNOTSUPP); others: must be 0 (EINVAL)
 * @store_offset: FILE, IMAGE: where the first page is, a multiple of the page size; others: 0
 *	(EINVAL)
 * @store_pages: RAM, COMPRESSED: how many pages it holds at most, 0: all of them. ENOSPC: not as
 *	many as need be: @pages - @frames + 1. With fewer than @pages a page leaves the store when
 *	it gets a frame, otherwise it stays there as long as it has not been changed. Others: 0
 *	(EINVAL). A file that ends earlier than the window: ENOSPC
 * @store_timeout_ns: how long a touch waits for the store before it is tried once more, and then
 *	is SIGBUS. 0: 10 seconds
 * @frame_timeout_ns: how long while all frames are pinned or held, likewise. 0: 1 second. Above an
 *	hour: EINVAL, for both
 * @reason: out: enum memrig_reason when the call fails with ENOMEM
 * @tick_ms: NRU: length of a tick. 0: 100
 * @fault_around: a touch that enters a page in the page table enters those with it that have a
 *	frame, of the so many aligned pages around it. A power of two, at most
 *	MEMRIG_FAULT_AROUND_MAX (EINVAL). 0, 1: the touched page alone
 * @read_ahead: when pages are touched one after the other and have to be read, so many of those
 *	that follow are read before they are touched. At most MEMRIG_READ_AHEAD_MAX (EINVAL), and
 *	no more than an eighth of the frames. 0: none
 * @clean_ms: so many milliseconds after the last time, changed pages that are idle and among the
 *	next to leave are written to the store, so that they can leave at once. They stay where they
 *	are. At most MEMRIG_CLEAN_MS_MAX (EINVAL). 0: never
 * @clean_pages: how many each time, at most MEMRIG_CLEAN_PAGES_MAX (EINVAL). 0: 32. Without
 *	@clean_ms: must be 0 (EINVAL)
 *
 * The mapping comes from mmap() on the window, MAP_SHARED, with offset 0 for the first page.
 * PROT_EXEC: EPERM, unless the store is IMAGE, and the file is not on a filesystem mounted noexec.
 */
struct memrig_window_create {
	__u32 size;
	__u32 flags;
	__s32 region_fd;
	__s32 fd;
	__aligned_u64 offset;
	__aligned_u64 frames;
	__aligned_u64 pages;
	__u32 policy;
	__u32 store;
	__s32 store_fd;
	__u32 compressor;
	__aligned_u64 store_offset;
	__aligned_u64 store_pages;
	__aligned_u64 store_timeout_ns;
	__aligned_u64 frame_timeout_ns;
	__u32 reason;
	__u32 tick_ms;
	__u32 fault_around;
	__u32 read_ahead;
	__u32 clean_ms;
	__u32 clean_pages;
};

/**
 * struct memrig_window_list - ioctl(MEMRIG_IOC_WINDOW_LIST) on a session
 * @size: sizeof(struct memrig_window_list)
 * @flags: must be 0
 * @cursor: in: 0 to begin; out: pass back for the next part
 * @entries: user address of an array of struct memrig_window_stat
 * @count: in: room in @entries, 1..MEMRIG_BATCH_MAX; out: number written, 0 at the end
 * @entry_size: in: sizeof(struct memrig_window_stat) as the caller knows it
 *
 * Lists the windows that the caller's user has made; with CAP_SYS_ADMIN all.
 */
struct memrig_window_list {
	__u32 size;
	__u32 flags;
	__aligned_u64 cursor;
	__aligned_u64 entries;
	__u32 count;
	__u32 entry_size;
};

/**
 * struct memrig_window_open - ioctl(MEMRIG_IOC_WINDOW_OPEN) on a session
 * @size: sizeof(struct memrig_window_open)
 * @flags: must be 0
 * @id: of a window (ENOENT) that the caller's user has made, with CAP_SYS_ADMIN of any (EPERM)
 * @fd: out: an *observer* of it, O_CLOEXEC
 * @reserved: must be 0
 *
 * An observer is a client that reaches neither content nor frames: WINDOW_STAT, WINDOW_HIST,
 * WINDOW_POLICY, PAGING_STAT and PAGE_MAP work, all else, mmap() included, is EACCES. It does not
 * keep the window: when its last client is gone, these are ENODEV.
 */
struct memrig_window_open {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__s32 fd;
	__u32 reserved;
};

/**
 * struct memrig_window_attach - ioctl(MEMRIG_IOC_WINDOW_ATTACH) on a window
 * @size: sizeof(struct memrig_window_attach)
 * @flags: must be 0
 * @fd: out: the same window as a new client, O_CLOEXEC
 * @reserved: must be 0
 */
struct memrig_window_attach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 reserved;
};

/**
 * struct memrig_window_policy - ioctl(MEMRIG_IOC_WINDOW_POLICY) on a window
 * @size: sizeof(struct memrig_window_policy)
 * @flags: must be 0
 * @policy: enum memrig_policy that is in force from now on (EOPNOTSUPP). It takes over what is
 *	resident in the order in which it would have left
 * @reserved: must be 0
 */
struct memrig_window_policy {
	__u32 size;
	__u32 flags;
	__u32 policy;
	__u32 reserved;
};

#endif /* _UAPI_LINUX_MEMRIG_WINDOW_H */
