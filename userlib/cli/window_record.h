/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Recording what happens in windows, from the tracepoints of the module, into a file. Needs root.
 */
#ifndef MEMRIG_CLI_WINDOW_RECORD_H
#define MEMRIG_CLI_WINDOW_RECORD_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <memrig/memrig.h>

#include "window_trace.h"

/**
 * struct window_record - a recording
 * @file: name of the trace
 * @out: the trace
 * @instance: directory in tracefs, all our own
 * @window: a descriptor of the only window, -1: there may be several
 * @choices: how long choices took before it began
 * @pipe: where its events come from
 * @line: an event of which the rest is still to come
 * @have: bytes of it
 * @start: time at which it began, in microseconds of the trace clock
 * @thread: moves events
 * @stop: it is to stop when there are none
 * @first: window that was described first; older ones are not recorded
 * @windows: that were described
 * @events: that were written
 * @lost: that were not
 */
struct window_record {
	const char *file;
	FILE *out;
	char instance[64];
	int window;
	struct memrig_window_hist choices;
	int pipe;
	char line[4096];
	size_t have;
	uint64_t start;
	pthread_t thread;
	bool stop;
	uint64_t first;
	uint64_t windows;
	uint64_t events;
	uint64_t lost;
};

/*
 * Records one window from now on, which pages have frames first; @fd -1: every window that is made
 * from now on. Says what fails; returns 0 or EXIT_FAILURE.
 */
int window_record_start(struct window_record *rec, const char *file, int fd);
/* Ends it; what it wrote is on the disk. Likewise. */
int window_record_stop(struct window_record *rec);
/* A line about it on standard error. */
void window_record_report(const struct window_record *rec);

/*
 * For the recording: an event as the kernel prints it, written as the file has it. Return: false:
 * it is none of those.
 */
bool window_record_line(struct window_record *rec, const char *text);

#endif /* MEMRIG_CLI_WINDOW_RECORD_H */
