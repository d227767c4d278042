/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What memrig window create and memrig run let one choose about a window. Each has options of its
 * own besides: how long it is, at least.
 */
#ifndef MEMRIG_CLI_WINDOW_OPTIONS_H
#define MEMRIG_CLI_WINDOW_OPTIONS_H

#include <memrig/window.h>

#include "util.h"

/**
 * struct window_options - a window as the command line describes it
 * @create: for memrig_window_create(), without the numbers of policy and store and the file
 * @bytes: its length; 0: there is to be none
 * @frame_bytes: of its frames
 * @policy: name
 * @store: name
 * @store_file: path, NULL: none
 * @given: one of these options that was there, NULL: none was
 */
struct window_options {
	struct memrig_window_create create;
	uint64_t bytes;
	uint64_t frame_bytes;
	const char *policy;
	const char *store;
	const char *store_file;
	const char *given;
};

/*
 * For argp children; their input is a struct window_options, which the parser initialises. Whoever
 * has it sets the number of pages, and at the end has it checked.
 */
extern const struct argp window_options_argp;

/* What fits together; the kernel knows the rest. Sets both lengths. @size: option of the first. */
void window_options_check(const struct argp_state *state, struct window_options *args,
			  const char *size);
/*
 * Names become numbers, which may be those of other modules. Says what is wrong with them; returns
 * 0, EXIT_USAGE or EXIT_FAILURE.
 */
int window_options_kinds(memrig_t *rig, struct window_options *args);

uint64_t window_page_size(void);
/* Bytes, as pages. */
uint64_t window_pages_option(const struct argp_state *state, const char *option, const char *text);

#endif /* MEMRIG_CLI_WINDOW_OPTIONS_H */
