/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: what windows count, and faults made on purpose */
#ifndef _UAPI_LINUX_MEMRIG_WINDOW_STAT_H
#define _UAPI_LINUX_MEMRIG_WINDOW_STAT_H

#include <linux/types.h>

#define MEMRIG_WINDOW_STAT_RESET	(1u << 0)	/* start counting again, after reading */

/**
 * struct memrig_window_stat - ioctl(MEMRIG_IOC_WINDOW_STAT) on a window
 * @size: sizeof(struct memrig_window_stat)
 * @flags: MEMRIG_WINDOW_STAT_RESET: counters from @faults on start again at 0, after they have been
 *	read
 * @id: out: number of the window, unique while the module is loaded
 * @region_id: out: of the region its frames are of
 * @pages: out: as created
 * @frames: out: as created
 * @policy: out: enum memrig_policy in force
 * @store: out: enum memrig_store
 * @clients: out: open files of it
 * @mappings: out: number of VMAs
 * @uid: out: user that made it, as the caller knows it
 * @pid: out: process that did, as the caller knows it; 0: it is gone, or not to be seen from here
 * @free_frames: out: frames without a page
 * @resident: out: pages that have a frame and are not on their way
 * @moving: out: pages on their way in or out
 * @queued: out: ranges that are to come ahead of touches, or that advice asked for, and that the
 *	workers are not through with: their pages may not be on their way yet
 * @pinned: out: pages with at least one pin
 * @stored: out: pages in the store, copies of resident ones included; FILE: 0
 * @stored_bytes: out: memory they take; RAM and COMPRESSED, otherwise 0
 * @faults: out: pages that got a frame because somebody touched them or asked for them
 * @faults_user: out: those of them that a program touched
 * @faults_kernel: out: those that the kernel touched or asked for on behalf of a program
 * @faults_isr: out: always 0: interrupts do not touch windows
 * @evict_clean: out: pages that left for another page and were not written
 * @evict_dirty: out: pages that left for another page and were written
 * @soft_faults: out: touches of pages that had a frame but no entry in the page table
 * @zeroed: out: pages that were filled with zeros
 * @page_ins: out: pages read from the store
 * @page_outs: out: pages written to the store
 * @in_errors: out: reads that failed
 * @out_errors: out: writes that failed
 * @waits: out: touches that waited for a page on its way
 * @held: out: pages that could not leave because somebody held them
 * @sigbus: out: touches that ended in SIGBUS
 * @fault_arounds: out: entries of page tables that touches of other pages made
 * @read_aheads: out: pages that got a frame before anybody touched them, or advice asked for; none
 *	of them is in @faults, and those that left for them are not in @evict_clean and @evict_dirty
 * @read_ahead_hits: out: those of them of which it is known that they were touched afterwards
 * @cleaned: out: pages that were written so that they can leave at once
 * @last_reason: out: enum memrig_reason of the last of them
 * @window_flags: out: MEMRIG_WINDOW_*, as created, and READ_ONLY where the store brings that along
 * @erases: out: erase blocks that a store on flash has erased, since the window was made; others: 0
 * @store_moves: out: pages that it has copied from one place to another to make room; others: 0
 * @wear_most: out: most erases of one of its erase blocks; others: 0
 */
struct memrig_window_stat {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__aligned_u64 region_id;
	__aligned_u64 pages;
	__aligned_u64 frames;
	__u32 policy;
	__u32 store;
	__u32 clients;
	__u32 mappings;
	__u32 uid;
	__u32 pid;
	__aligned_u64 free_frames;
	__aligned_u64 resident;
	__aligned_u64 moving;
	__aligned_u64 queued;
	__aligned_u64 pinned;
	__aligned_u64 stored;
	__aligned_u64 stored_bytes;
	__aligned_u64 faults;
	__aligned_u64 faults_user;
	__aligned_u64 faults_kernel;
	__aligned_u64 faults_isr;
	__aligned_u64 evict_clean;
	__aligned_u64 evict_dirty;
	__aligned_u64 soft_faults;
	__aligned_u64 zeroed;
	__aligned_u64 page_ins;
	__aligned_u64 page_outs;
	__aligned_u64 in_errors;
	__aligned_u64 out_errors;
	__aligned_u64 waits;
	__aligned_u64 held;
	__aligned_u64 sigbus;
	__aligned_u64 fault_arounds;
	__aligned_u64 read_aheads;
	__aligned_u64 read_ahead_hits;
	__aligned_u64 cleaned;
	__u32 last_reason;
	__u32 window_flags;
	__aligned_u64 erases;
	__aligned_u64 store_moves;
	__aligned_u64 wear_most;
};

/**
 * enum memrig_scope - whose figures PAGING_STAT tells, on a window
 * @MEMRIG_SCOPE_WINDOW: of everybody
 * @MEMRIG_SCOPE_CLIENT: of the file that it is called on, and of the mappings made from it
 * @MEMRIG_SCOPE_THREAD: of a thread, through whatever file; only windows that were made with
 *	MEMRIG_WINDOW_THREAD_STATS count that
 */
enum memrig_scope {
	MEMRIG_SCOPE_WINDOW = 0,
	MEMRIG_SCOPE_CLIENT = 1,
	MEMRIG_SCOPE_THREAD = 2,
};

/**
 * struct memrig_paging_stat - ioctl(MEMRIG_IOC_PAGING_STAT) on a session, or
 *	ioctl(MEMRIG_IOC_WINDOW_PAGING_STAT) on a window
 * @size: sizeof(struct memrig_paging_stat)
 * @flags: session: must be 0 (EOPNOTSUPP); window: MEMRIG_WINDOW_STAT_RESET: these counters, of
 *	that scope alone, start again at 0 after they have been read
 * @scope: session: must be 0 (EINVAL); window: enum memrig_scope (EINVAL; THREAD: EOPNOTSUPP if the
 *	window does not count that)
 * @tid: THREAD: number of a thread as the caller knows it, 0: the caller itself; ENOENT: there is
 *	none of that number, or it has not asked for a page. Otherwise: must be 0 (EINVAL)
 * @faults: out: pages that got a frame because somebody touched them or asked for them
 * @faults_user: out: those of them that a program touched
 * @faults_kernel: out: those that the kernel touched or asked for on behalf of a program
 * @faults_isr: out: always 0: interrupts do not touch windows
 * @evict_clean: out: pages that left for one of these and were not written
 * @evict_dirty: out: pages that left for one of these and were written
 *
 * A page counts for the client and for the thread that asked for it first, whoever has to wait for
 * it and whoever brings it in. The figures of a thread need memory, and there is room for about a
 * thousand threads that live; where there is none, only that thread's figures are not kept. A
 * number that is used again begins with new ones.
 *
 * On a session: all windows since the module was loaded, whoever's they are or were.
 */
struct memrig_paging_stat {
	__u32 size;
	__u32 flags;
	__u32 scope;
	__u32 tid;
	__aligned_u64 faults;
	__aligned_u64 faults_user;
	__aligned_u64 faults_kernel;
	__aligned_u64 faults_isr;
	__aligned_u64 evict_clean;
	__aligned_u64 evict_dirty;
};

#define MEMRIG_HIST_BINS	16

/**
 * enum memrig_hist - what a histogram of a window counts
 * @MEMRIG_HIST_EVICTION: choosing a page that is to leave
 * @MEMRIG_HIST_PAGE_IN: reading a page from the store
 * @MEMRIG_HIST_PAGE_OUT: writing a page to the store
 */
enum memrig_hist {
	MEMRIG_HIST_EVICTION = 0,
	MEMRIG_HIST_PAGE_IN = 1,
	MEMRIG_HIST_PAGE_OUT = 2,
};

#define MEMRIG_HIST_SET		(1u << 0)	/* take @bounds, and start counting again */
#define MEMRIG_HIST_RESET	(1u << 1)	/* start counting again, after reading */

/**
 * struct memrig_window_hist - ioctl(MEMRIG_IOC_WINDOW_HIST) on a window
 * @size: sizeof(struct memrig_window_hist)
 * @flags: MEMRIG_HIST_*, at most one (EINVAL)
 * @which: enum memrig_hist (EINVAL)
 * @bins: SET: 1..MEMRIG_HIST_BINS (EINVAL); otherwise out
 * @bounds: nanoseconds, ascending (EINVAL): a time is counted in the first bin whose bound is not
 *	below it, or in the last one. SET: in, otherwise out
 * @counts: out
 */
struct memrig_window_hist {
	__u32 size;
	__u32 flags;
	__u32 which;
	__u32 bins;
	__aligned_u64 bounds[MEMRIG_HIST_BINS];
	__aligned_u64 counts[MEMRIG_HIST_BINS];
};

/**
 * struct memrig_window_inject - ioctl(MEMRIG_IOC_WINDOW_INJECT) on a window
 * @size: sizeof(struct memrig_window_inject)
 * @flags: must be 0
 * @in_after: reads of the store that still work
 * @in_errors: reads after these that fail
 * @out_after: writes that still work
 * @out_errors: writes after these that fail, half of the page being written
 * @delay_ns: what each read and each write takes longer; at most 10 seconds (EINVAL)
 *
 * For windows made with MEMRIG_WINDOW_INJECT (EOPNOTSUPP); replaces what was set before.
 */
struct memrig_window_inject {
	__u32 size;
	__u32 flags;
	__aligned_u64 in_after;
	__aligned_u64 in_errors;
	__aligned_u64 out_after;
	__aligned_u64 out_errors;
	__aligned_u64 delay_ns;
};

#endif /* _UAPI_LINUX_MEMRIG_WINDOW_STAT_H */
