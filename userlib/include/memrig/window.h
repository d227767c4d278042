/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Windows: memory with more pages than frames, demand-paged by the kernel module.
 *
 *	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
 *
 *	args.pages = 4096;
 *	args.frames = 256;
 *	args.policy = MEMRIG_POLICY_LRU;
 *	ret = memrig_window_create(rig, NULL, &args, &window);
 *	if (!ret)
 *		ret = memrig_window_map(window, 0, 0, PROT_READ | PROT_WRITE, &addr);
 *
 * A window handle is a client: what it has pinned is unpinned when it is closed. Its mappings go
 * with it, too. Ranges are bytes from the start of the window, whole pages, and within it; a length
 * of 0 stands for all up to the end. What was done to the first pages of a range is not undone when
 * a later one fails: @done, which may be NULL, then has the bytes that were dealt with.
 *
 * All calls return 0 (or a count) or a negative errno; see <memrig/memrig.h> for memrig_failure().
 */
#ifndef MEMRIG_WINDOW_H
#define MEMRIG_WINDOW_H

#include <memrig/memrig.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct memrig_window memrig_window_t;

/* Pages in RAM that have no frame, and else what the kernel thinks best. */
#define MEMRIG_WINDOW_DEFAULTS                                                \
	{                                                                     \
		.size = sizeof(struct memrig_window_create), .region_fd = -1, \
		.store = MEMRIG_STORE_RAM, .store_fd = -1,                    \
	}

/* ---- life ---------------------------------------------------------------------------- */

/*
 * @region lends the frames, from args->offset on; args->frames 0: all that follow. NULL: a fresh
 * region of cached pages for args->frames of them, which goes with the window. args->region_fd is
 * not looked at. args->store_fd stays the caller's, and may be closed.
 */
int memrig_window_create(memrig_t *rig, memrig_region_t *region, struct memrig_window_create *args,
			 memrig_window_t **window);
/* Adopts a descriptor that was inherited or received; it is closed with the handle. */
int memrig_window_from_fd(int fd, memrig_window_t **window);
/* The same window as a client of its own. */
int memrig_window_attach(memrig_window_t *window, memrig_window_t **other);
/*
 * Looks at the window of that number, which this user has made or, with CAP_SYS_ADMIN, any:
 * figures, page map, histograms and policy; all else is -EACCES. It stays as long as it is looked
 * at.
 */
int memrig_window_open(memrig_t *rig, uint64_t id, memrig_window_t **window);
/*
 * One part of the list of those windows: number of elements written, 0 at the end. *cursor is 0 to
 * begin. The size member of the first element says how long the caller's elements are.
 */
int memrig_window_list(memrig_t *rig, uint64_t *cursor, struct memrig_window_stat *stats,
		       uint32_t count);
void memrig_window_close(memrig_window_t *window);
int memrig_window_fd(const memrig_window_t *window);
/* Bytes, of all its pages. */
uint64_t memrig_window_length(const memrig_window_t *window);

/* ---- what they are made of ----------------------------------------------------------- */

/*
 * Policies and stores that there are, those of other modules included: the first of that number or
 * a higher one. -ENOENT: there are no more. @what: MEMRIG_KIND_OF_*.
 */
int memrig_window_kind(memrig_t *rig, uint32_t what, uint32_t number,
		       struct memrig_window_kind *kind);
/* The one of that name. -ENOENT: none. */
int memrig_window_kind_find(memrig_t *rig, uint32_t what, const char *name,
			    struct memrig_window_kind *kind);

/* ---- addresses ----------------------------------------------------------------------- */

/*
 * Maps @length bytes from @offset on. @prot is that of mmap(); a window that is READ_ONLY takes no
 * PROT_WRITE (-EACCES). Every call makes another mapping.
 */
int memrig_window_map(memrig_window_t *window, uint64_t offset, uint64_t length, int prot,
		      void **addr);
/* Any part of what one call mapped through this handle. -EINVAL: it is not. */
int memrig_window_unmap(memrig_window_t *window, void *addr, uint64_t length);
/*
 * Where an address is among the windows that this process has mapped by memrig_window_map().
 * -ENOENT: in none. The handle is no new one, and not to be closed for this.
 */
int memrig_window_find(const void *addr, memrig_window_t **window, uint64_t *offset);

/* ---- pages --------------------------------------------------------------------------- */

/* Every page gets a frame. None is promised to keep it. */
int memrig_window_page_in(memrig_window_t *window, uint64_t offset, uint64_t length,
			  uint64_t *done);
/* Every page loses its frame. -EBUSY: one is pinned, or held for longer than a moment. */
int memrig_window_page_out(memrig_window_t *window, uint64_t offset, uint64_t length,
			   uint64_t *done);
/* Every page keeps its frame until it has been unpinned as often as pinned, by this handle. */
int memrig_window_pin(memrig_window_t *window, uint64_t offset, uint64_t length, uint64_t *done);
/* -ENOENT: a page that this handle has not pinned. */
int memrig_window_unpin(memrig_window_t *window, uint64_t offset, uint64_t length, uint64_t *done);
/* What has changed is written to the store; pages keep their frames. */
int memrig_window_flush(memrig_window_t *window, uint64_t offset, uint64_t length, uint64_t *done);
/* @states: one byte for each page, MEMRIG_PAGE_*. */
int memrig_window_page_map(memrig_window_t *window, uint64_t offset, uint64_t length,
			   uint8_t *states);
/* Where a page is that this handle has pinned. Needs CAP_SYS_RAWIO (-EPERM). */
int memrig_window_addr(memrig_window_t *window, uint64_t offset, struct memrig_page_addr *addr);

/* ---- policy and figures -------------------------------------------------------------- */

/* Another policy from now on; pages stay where they are. */
int memrig_window_policy(memrig_window_t *window, uint32_t policy);
/* @flags: 0, or MEMRIG_WINDOW_STAT_RESET: counters start again at 0 after they have been read. */
int memrig_window_stat(memrig_window_t *window, uint32_t flags, struct memrig_window_stat *stat);

/* The same counters for a part of those who use it: @scope, MEMRIG_SCOPE_*; @tid: of _THREAD. */
int memrig_window_paging_stat(memrig_window_t *window, uint32_t scope, uint32_t tid, uint32_t flags,
			      struct memrig_paging_stat *stat);
/* All windows of the machine since the module was loaded. */
int memrig_paging_stat(memrig_t *rig, struct memrig_paging_stat *stat);

/* How long something took, enum memrig_hist. @hist: its size is set by the caller. */
int memrig_window_hist_get(memrig_window_t *window, uint32_t which,
			   struct memrig_window_hist *hist);
/* @bounds: in nanoseconds, ascending, 1 to MEMRIG_HIST_BINS of them. Counting starts again. */
int memrig_window_hist_set(memrig_window_t *window, uint32_t which, const uint64_t *bounds,
			   uint32_t bins);
int memrig_window_hist_reset(memrig_window_t *window, uint32_t which);

/* Failures of the store to come, for tests. -EOPNOTSUPP: made without MEMRIG_WINDOW_INJECT. */
int memrig_window_inject(memrig_window_t *window, struct memrig_window_inject *plan);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_WINDOW_H */
