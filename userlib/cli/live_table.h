/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Listings of what there is, again and again, with rates: memrig top, memrig window top.
 */
#ifndef MEMRIG_CLI_LIVE_TABLE_H
#define MEMRIG_CLI_LIVE_TABLE_H

#include "live.h"

/**
 * struct live_table - what is listed
 * @doc: of the subcommand
 * @noun: what they are
 * @single: the subcommand that shows one of them
 * @device: @rows needs the device
 * @rows: all of them, each with "id" and perhaps "object"; NULL: the library knows why
 * @complete: adds what a row lacks. @before: the same row in the listing before, or NULL
 * @head: prints a line about all of them, with the time @when in it
 * @columns: of the table
 * @count: of columns
 * @empty: what to say when there are none
 */
struct live_table {
	const char *doc;
	const char *noun;
	const char *single;
	bool device;
	struct json_object *(*rows)(memrig_t *rig);
	void (*complete)(struct json_object *row, struct json_object *before, double seconds);
	void (*head)(struct json_object *rows, const char *when);
	const struct column *columns;
	size_t count;
	const char *empty;
};

/* The whole subcommand; returns the exit status. */
int live_table_run(int argc, char **argv, const struct live_table *table);

#endif /* MEMRIG_CLI_LIVE_TABLE_H */
