/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * All that memrig window create lets one choose.
 */
#ifndef MEMRIG_CLI_WINDOW_OPTIONS_H
#define MEMRIG_CLI_WINDOW_OPTIONS_H

#include <memrig/window.h>

#include "util.h"

/**
 * struct window_options - a window as the command line describes it
 * @create: for memrig_window_create(), without the numbers of policy and store and the file
 * @bytes: its length
 * @policy: name
 * @store: name
 * @store_file: path, NULL: none
 * @region: name of the region that lends the frames, NULL: one is to be made
 */
struct window_options {
	struct memrig_window_create create;
	uint64_t bytes;
	const char *policy;
	const char *store;
	const char *store_file;
	const char *region;
};

/* For argp children; their input is a struct window_options, which the parser initialises. */
extern const struct argp window_options_argp;

#endif /* MEMRIG_CLI_WINDOW_OPTIONS_H */
