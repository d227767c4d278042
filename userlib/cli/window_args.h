/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The options that describe a window, for subcommands that make one for a program.
 */
#ifndef MEMRIG_CLI_WINDOW_ARGS_H
#define MEMRIG_CLI_WINDOW_ARGS_H

#include <memrig/window.h>

#include "region_args.h"
#include "window_options.h"

/*
 * For argp children; their input is a struct window_options, which the parser initialises. No
 * length is no window.
 */
extern const struct argp window_argp;

/*
 * Makes region and window. @region: what its frames are like; its length is set. Says what fails;
 * returns 0, EXIT_USAGE or EXIT_FAILURE.
 */
int window_args_create(memrig_t *rig, struct region_args *region, struct window_options *args,
		       memrig_window_t **window);

#endif /* MEMRIG_CLI_WINDOW_ARGS_H */
