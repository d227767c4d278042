// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig top: all objects of all kinds, again and again.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "live.h"
#include "object_rows.h"
#include "util.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = state->input;
		return 0;
	}
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	argp_error(state, "'%s'? top shows all objects; see memrig stat for one", arg);
	return 0;
}

/* ---- what changes -------------------------------------------------------------------- */

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

/* Adds what a table shows: the kind in one word, rates, and how much is in use. */
static void complete(struct json_object *rows, struct json_object *before, double seconds)
{
	struct json_object *row, *old;
	const char *kind;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		old = find_before(before, row);
		kind = row_text(row, "engine");
		json_set_text(row, "what", *kind ? kind : row_text(row, "object"));
		if (!strcmp(row_text(row, "object"), "region"))
			continue;
		live_rate(row, old, "allocs_per_s", "allocs", seconds);
		live_rate(row, old, "frees_per_s", "frees", seconds);
	}
}

/* clang-format off */
static const struct column columns[] = {
	{ "what", "OBJECT", false },
	{ "id", "ID", false },
	{ "region_id", "REGION", false },
	{ "name", "NAME", false },
	{ "attr", "ATTR", false },
	{ "length", "SIZE", true },
	{ "live_blocks", "LIVE", false },
	{ "allocated_bytes", "USED", true },
	{ "max_allocated_bytes", "PEAK", true },
	{ "largest_free", "LARGEST", true },
	{ "frag_permille", "FRAG", false },
	{ "allocs_per_s", "ALLOC/S", false },
	{ "frees_per_s", "FREE/S", false },
	{ "failures", "REFUSED", false },
	{ "waiters", "WAIT", false },
	{ "queued", "QUEUE", false },
	{ "pid", "PID", false },
	{ "command", "COMMAND", false },
};

/* clang-format on */

static void print_rows(struct json_object *rows)
{
	if (common.json)
		json_print(json_object_get(rows));
	else
		list_print(json_object_get(rows), columns, ARRAY_SIZE(columns), "no objects");
}

/* ---- the loop ------------------------------------------------------------------------ */

static void print_head(struct json_object *rows)
{
	uint64_t bytes = 0, blocks = 0;
	unsigned int regions = 0;
	char text[SIZE_TEXT], when[16];
	struct json_object *row;
	time_t now = time(NULL);
	size_t i, count = json_object_array_length(rows);

	for (i = 0; i < count; i++) {
		row = json_object_array_get_idx(rows, i);
		if (!strcmp(row_text(row, "object"), "region")) {
			regions++;
			bytes += row_u64(row, "length");
		} else {
			blocks += row_u64(row, "live_blocks");
		}
	}
	strftime(when, sizeof(when), "%T", localtime(&now));
	printf(LIVE_HOME "memrig top  %s  %u regions, %s; %zu allocators, %llu live blocks; "
			 "q quits\n\n",
	       when, regions, format_size(bytes, text), count - regions,
	       (unsigned long long)blocks);
}

/* The library has an error to report if it ends with EXIT_FAILURE. */
static int show(const struct live_args *args, bool screen)
{
	struct json_object *before = NULL, *rows;
	double then = 0, now;
	uint32_t shown = 0;

	do {
		rows = object_rows();
		if (!rows)
			break;
		now = live_now();
		complete(rows, before, now - then);
		if (screen)
			print_head(rows);
		else if (shown && !common.json)
			putchar('\n');
		print_rows(rows);
		json_object_put(before);
		before = rows;
		then = now;
	} while (++shown != args->count && !live_wait(args, screen) && !ferror(stdout));
	json_object_put(before);
	return rows ? EXIT_SUCCESS : EXIT_FAILURE;
}

int cmd_top(int argc, char **argv)
{
	static const struct argp_child children[] = { { &live_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.children = children,
		.parser = parse,
		.doc = "Show all regions and allocators and what they do, until q is pressed.\v"
		       "You see the objects of processes whose descriptors you may see: your own, "
		       "as root all. Rates are those since the listing before.",
	};
	struct live_args args;
	bool screen;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	screen = live_begin(&args);
	ret = show(&args, screen);
	live_end(screen);
	return ret ? report() : EXIT_SUCCESS;
}
