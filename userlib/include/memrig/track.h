/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Allocation tracking, as the library exports it: TRACKED_MALLOC() and its kin, and reports of what
 * lives. <memrig/track_json.h> makes JSON of it.
 */
#ifndef MEMRIG_TRACK_REPORT_H
#define MEMRIG_TRACK_REPORT_H

#include <stdio.h>
#include <memrig/memrig.h>
#include <memrig/sync/memrig_track.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Blocks of the C library's malloc(). */
extern const struct memrig_allocator memrig_allocator_libc;

/* Trackers whose leaks can be reported at exit. */
#define MEMRIG_TRACK_AT_EXIT 16

int memrig_track_report(struct memrig_tracker *t, FILE *out);
int memrig_track_report_at_exit(struct memrig_tracker *t);

/* Of a heap of the kernel with MEMRIG_HEAP_TRACK: all that live, from whichever process. */
int memrig_heap_track_report(memrig_heap_t *heap, FILE *out);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_TRACK_REPORT_H */
