/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a trace of a window comes to: counters, the resident set over time, how long things took.
 */
#ifndef MEMRIG_CLI_WINDOW_SUMMARY_H
#define MEMRIG_CLI_WINDOW_SUMMARY_H

#include <stdio.h>

#include "window_trace.h"

#define WINDOW_TIME_BINS 40 /* bin n: below 2^n nanoseconds */

/**
 * struct window_times - how long something took
 * @count: how often it happened
 * @sum: nanoseconds
 * @most: nanoseconds
 * @bins: how often, by powers of two
 */
struct window_times {
	uint64_t count;
	uint64_t sum;
	uint64_t most;
	uint64_t bins[WINDOW_TIME_BINS];
};

/**
 * struct window_summary - counters
 * @major: touches of pages that had no frame, those that waited included
 * @soft: touches of pages that had one
 * @waited: touches that had to wait, and came again
 * @writes: touches that wrote
 * @kernel: touches by the kernel
 * @pages: different pages that were touched
 * @clean: evictions of unchanged pages, for a touch
 * @dirty: of changed ones, likewise
 * @asked: pages that left because somebody said so
 * @errors: transfers that failed
 * @sigbus: touches that ended in SIGBUS
 * @here: pages with frames at the beginning
 * @resident_most: most pages with frames at a time, as far as the events tell
 * @resident_end: those at the end
 * @microseconds: from the first event to the last
 * @in: reads that succeeded
 * @out: writes that succeeded
 * @choice: choices of pages; @bins and @most are bounds, as the window counts them
 */
struct window_summary {
	uint64_t major;
	uint64_t soft;
	uint64_t waited;
	uint64_t writes;
	uint64_t kernel;
	uint64_t pages;
	uint64_t clean;
	uint64_t dirty;
	uint64_t asked;
	uint64_t errors;
	uint64_t sigbus;
	uint64_t here;
	uint64_t resident_most;
	uint64_t resident_end;
	uint64_t microseconds;
	struct window_times in;
	struct window_times out;
	struct window_times choice;
};

/**
 * window_summary() - go through a trace
 * @trace: to be summed up
 * @summary: out
 * @resident: NULL, or called with each change of the resident set: when, and how many pages it has
 * @arg: for @resident
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int window_summary(const struct window_trace *trace, struct window_summary *summary,
		   void (*resident)(void *arg, uint64_t time, uint64_t pages), void *arg);

#endif /* MEMRIG_CLI_WINDOW_SUMMARY_H */
