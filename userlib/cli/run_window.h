/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What memrig run says of the window that a program was run in.
 */
#ifndef MEMRIG_CLI_RUN_WINDOW_H
#define MEMRIG_CLI_RUN_WINDOW_H

#include <stdbool.h>

#include "window_args.h"
#include "window_record.h"

/**
 * struct run_window - a window in which a program runs
 * @window: kept open until it has been reported on; NULL: there is none
 * @args: as it was asked for
 * @record_file: trace to be written, NULL: none
 * @record: the recording
 */
struct run_window {
	memrig_window_t *window;
	struct window_options args;
	const char *record_file;
	struct window_record record;
};

/**
 * run_window_record() - its figures
 * @window: there is one
 *
 * Return: an object; NULL after saying why there are none.
 */
struct json_object *run_window_record(const struct run_window *window);

/**
 * run_window_report() - say what the window did, and always what went wrong with it
 * @window: there is one
 * @stats: all of it
 */
void run_window_report(const struct run_window *window, bool stats);

#endif /* MEMRIG_CLI_RUN_WINDOW_H */
