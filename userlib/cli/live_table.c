// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Listings with rates: what has changed since the one before.
 */
#include "live_table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "object_rows.h"

/**
 * struct table_args - the command line, and what it is for
 * @live: how often
 * @table: what is listed
 */
struct table_args {
	struct live_args live;
	const struct live_table *table;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct table_args *args = state->input;

	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = &args->live;
		return 0;
	}
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	argp_error(state, "'%s'? top shows all %s; see memrig %s for one", arg, args->table->noun,
		   args->table->single);
	return 0;
}

/* The same object in the listing before, or NULL. */
static struct json_object *find_before(struct json_object *before, struct json_object *row)
{
	struct json_object *other;
	size_t i;

	for (i = 0; before && i < json_object_array_length(before); i++) {
		other = json_object_array_get_idx(before, i);
		if (row_u64(other, "id") == row_u64(row, "id") &&
		    !strcmp(row_text(other, "object"), row_text(row, "object")))
			return other;
	}
	return NULL;
}

static void complete(const struct live_table *table, struct json_object *rows,
		     struct json_object *before, double seconds)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		table->complete(row, find_before(before, row), seconds);
	}
}

static void print_head(const struct live_table *table, struct json_object *rows)
{
	time_t now = time(NULL);
	char when[16];

	strftime(when, sizeof(when), "%T", localtime(&now));
	fputs(LIVE_HOME, stdout);
	table->head(rows, when);
}

/* The library has an error to report if it ends with EXIT_FAILURE. */
static int show(const struct table_args *args, memrig_t *rig, bool screen)
{
	const struct live_table *table = args->table;
	struct json_object *before = NULL, *rows;
	double then = 0, now;
	uint32_t shown = 0;

	do {
		rows = table->rows(rig);
		if (!rows)
			break;
		now = live_now();
		complete(table, rows, before, now - then);
		if (screen)
			print_head(table, rows);
		else if (shown && !common.json)
			putchar('\n');
		list_print(json_object_get(rows), table->columns, table->count, table->empty);
		json_object_put(before);
		before = rows;
		then = now;
	} while (++shown != args->live.count && !live_wait(&args->live, screen) && !ferror(stdout));
	json_object_put(before);
	return rows ? EXIT_SUCCESS : EXIT_FAILURE;
}

int live_table_run(int argc, char **argv, const struct live_table *table)
{
	static const struct argp_child children[] = { { &live_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	const struct argp argp = { .children = children, .parser = parse, .doc = table->doc };
	struct table_args args = { .table = table };
	memrig_t *rig = NULL;
	bool screen;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (table->device && open_rig(&rig))
		return EXIT_FAILURE;
	screen = live_begin(&args.live);
	ret = show(&args, rig, screen);
	live_end(screen);
	if (ret)
		report();
	memrig_close(rig);
	return ret;
}
