/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the window subcommands share: a window as a row of a listing, and as a number on the command
 * line.
 */
#ifndef MEMRIG_CLI_WINDOW_ROWS_H
#define MEMRIG_CLI_WINDOW_ROWS_H

#include <memrig/window.h>

#include "util.h"

/* All figures of a window, as JSON. */
struct json_object *window_row(memrig_t *rig, const struct memrig_window_stat *stat);
/* One row for each window that the caller may see; NULL: the library knows why. */
struct json_object *window_rows(memrig_t *rig);

/* Name of a policy or store, @what: MEMRIG_KIND_OF_*, those of other modules included. */
const char *window_kind_name(memrig_t *rig, uint32_t what, uint32_t number,
			     struct memrig_window_kind *kind);
/*
 * The number that goes with a name; "default" is a policy, too. Says which names there are if this
 * is none of them, and returns EXIT_USAGE, or EXIT_FAILURE.
 */
int window_kind_number(memrig_t *rig, uint32_t what, const char *option, const char *name,
		       struct memrig_window_kind *kind);

/* The number of a window, for an argp parser. */
uint64_t window_id_option(const struct argp_state *state, const char *text);

/**
 * struct window_id - a window as the command line names it
 * @id: its number
 * @given: it does
 */
struct window_id {
	uint64_t id;
	bool given;
};

/* For the KEY_ARG and KEY_END of parsers that take one number and nothing else. */
error_t window_id_parse(int key, char *arg, struct argp_state *state, struct window_id *id);
/* Opens device and window, calls @use, and closes both. Says what fails; an exit status. */
int window_id_use(const struct window_id *id,
		  int (*use)(memrig_t *rig, memrig_window_t *window, void *args), void *args);

#endif /* MEMRIG_CLI_WINDOW_ROWS_H */
