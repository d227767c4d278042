/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Allocation tracking: who has which block, of which size, since when, and from which line. Through
 * macros in place of an allocator's calls:
 *
 *	TRACKED_MALLOC(size)	TRACKED_CALLOC(n, size)	TRACKED_REALLOC(p, size)  TRACKED_FREE(p)
 *
 * They use the tracker MEMRIG_TRACKER, which a file may define before it includes this, else
 * &memrig_tracker, whose blocks are k_malloc()'s. A block of any other allocator can be noted and
 * forgotten by hand. A zeroed tracker is ready, with blocks of k_malloc().
 */
#ifndef MEMRIG_TRACK_H
#define MEMRIG_TRACK_H

#include "mrig_sync_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct memrig_allocator - where the blocks of a tracker are from
 * @alloc: as malloc()
 * @realloc: as realloc(), @ptr and @bytes not 0
 * @free: as free(), @ptr not NULL
 * @arg: first argument of all three
 */
struct memrig_allocator {
	void *(*alloc)(void *arg, size_t bytes);
	void *(*realloc)(void *arg, void *ptr, size_t bytes);
	void (*free)(void *arg, void *ptr);
	void *arg;
};

/**
 * struct memrig_track_block - a live block
 * @ptr: where it is
 * @bytes: what was asked for
 * @file: where it was asked for; a string that stays
 * @line: likewise
 * @when: when, on the clock of k_uptime_ticks(), in nanoseconds
 * @serial: how many were asked for before it
 * @thread: who asked: k_current_get() of the thread, which may have ended
 * @name: of that thread at that time
 */
struct memrig_track_block {
	void *ptr;
	size_t bytes;
	const char *file;
	int line;
	int64_t when;
	uint64_t serial;
	const void *thread;
	char name[MRIG_THREAD_NAME];
};

/**
 * struct memrig_track_stats - figures of a tracker
 * @live: live blocks
 * @bytes: what was asked for in them
 * @max_bytes: the most there was at a time
 * @allocs: blocks handed out
 * @frees: blocks given back
 * @fails: requests that were not served
 * @strays: pointers given back or resized that were no live block
 * @lost: blocks that were given back behind the tracker's back
 */
struct memrig_track_stats {
	uint64_t live;
	uint64_t bytes;
	uint64_t max_bytes;
	uint64_t allocs;
	uint64_t frees;
	uint64_t fails;
	uint64_t strays;
	uint64_t lost;
};

struct mrig_track_record;

/**
 * struct memrig_tracker - a tracker; private. Zeroed is fine
 * @lock: of all that follows
 * @from: where blocks are from; NULL: k_malloc()
 * @bucket: records by address; NULL until the first
 * @first: the oldest record
 * @last: the newest
 * @serial: of the next
 * @stats: figures
 */
struct memrig_tracker {
	struct mrig_lock lock;
	const struct memrig_allocator *from;
	struct mrig_track_record **bucket;
	struct mrig_track_record *first;
	struct mrig_track_record *last;
	uint64_t serial;
	struct memrig_track_stats stats;
};

/* Called for a live block; not 0 ends the walk. */
typedef int (*memrig_track_fn)(const struct memrig_track_block *block, void *arg);

extern struct memrig_tracker memrig_tracker;

int memrig_track_init(struct memrig_tracker *t, const struct memrig_allocator *from);
uint64_t memrig_track_fini(struct memrig_tracker *t);
void *memrig_track_alloc(struct memrig_tracker *t, size_t bytes, const char *file, int line);
void *memrig_track_calloc(struct memrig_tracker *t, size_t num, size_t size, const char *file,
			  int line);
void *memrig_track_realloc(struct memrig_tracker *t, void *ptr, size_t bytes, const char *file,
			   int line);
int memrig_track_free(struct memrig_tracker *t, void *ptr);
int memrig_track_note(struct memrig_tracker *t, void *ptr, size_t bytes, const char *file,
		      int line);
int memrig_track_forget(struct memrig_tracker *t, const void *ptr);
int memrig_track_each(struct memrig_tracker *t, memrig_track_fn fn, void *arg);
int memrig_track_stats(struct memrig_tracker *t, struct memrig_track_stats *stats);

#ifndef MEMRIG_TRACKER
#define MEMRIG_TRACKER			(&memrig_tracker)
#endif

#define TRACKED_MALLOC(size)		memrig_track_alloc(MEMRIG_TRACKER, size, __FILE__, __LINE__)
#define TRACKED_CALLOC(num, size)	\
	memrig_track_calloc(MEMRIG_TRACKER, num, size, __FILE__, __LINE__)
#define TRACKED_REALLOC(ptr, size)	\
	memrig_track_realloc(MEMRIG_TRACKER, ptr, size, __FILE__, __LINE__)
#define TRACKED_FREE(ptr)		((void)memrig_track_free(MEMRIG_TRACKER, ptr))

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_TRACK_H */
