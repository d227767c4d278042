/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The options that describe a window, for subcommands that make one for a program.
 */
#ifndef MEMRIG_CLI_WINDOW_ARGS_H
#define MEMRIG_CLI_WINDOW_ARGS_H

#include <memrig/window.h>

#include "region_args.h"

/**
 * struct window_args - a window as the command line describes it
 * @bytes: of the window, whole pages; 0: there is to be none
 * @frames: bytes of its frames, whole pages
 * @policy: name
 * @store: name
 * @store_file: path, NULL: none
 * @compressor: name, NULL: the default
 * @tick_ms: of nru, 0: the default
 * @fault_around: pages, 0: none
 * @read_ahead: likewise
 * @clean_ms: 0: never
 * @option: one of the options that were given besides --window, NULL: none
 */
struct window_args {
	uint64_t bytes;
	uint64_t frames;
	const char *policy;
	const char *store;
	const char *store_file;
	const char *compressor;
	uint32_t tick_ms;
	uint32_t fault_around;
	uint32_t read_ahead;
	uint32_t clean_ms;
	const char *option;
};

/* For argp children; their input is a struct window_args, which the parser initialises. */
extern const struct argp window_argp;

/*
 * Makes region and window. @region: what its frames are like; its length is set. Says what fails;
 * returns 0 or EXIT_FAILURE.
 */
int window_args_create(memrig_t *rig, struct region_args *region, const struct window_args *args,
		       memrig_window_t **window);

#endif /* MEMRIG_CLI_WINDOW_ARGS_H */
