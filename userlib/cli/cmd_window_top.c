// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window top: all windows and what they do, again and again.
 */
#include <stdlib.h>
#include <time.h>

#include "commands.h"
#include "live.h"
#include "object_rows.h"
#include "window_rows.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = state->input;
		return 0;
	}
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	argp_error(state, "'%s'? top shows all windows; see memrig window stat for one", arg);
	return 0;
}

/* clang-format off */
static const struct column columns[] = {
	{ "id", "ID", false },
	{ "bytes", "SIZE", true },
	{ "frame_bytes", "FRAMES", true },
	{ "policy", "POLICY", false },
	{ "store", "STORE", false },
	{ "resident", "RESIDENT", false },
	{ "pinned", "PINNED", false },
	{ "stored", "STORED", false },
	{ "ratio", "RATIO", false },
	{ "faults_per_s", "FAULT/S", false },
	{ "soft_per_s", "SOFT/S", false },
	{ "ins_per_s", "IN/S", false },
	{ "outs_per_s", "OUT/S", false },
	{ "evictions_per_s", "EVICT/S", false },
	{ "sigbus", "SIGBUS", false },
	{ "pid", "PID", false },
};

/* clang-format on */

static struct json_object *row_before(struct json_object *before, uint64_t id)
{
	struct json_object *row;
	size_t i;

	for (i = 0; before && i < json_object_array_length(before); i++) {
		row = json_object_array_get_idx(before, i);
		if (row_u64(row, "id") == id)
			return row;
	}
	return NULL;
}

static void add_rates(struct json_object *rows, struct json_object *before, double seconds)
{
	struct json_object *row, *old;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		old = row_before(before, row_u64(row, "id"));
		live_rate(row, old, "faults_per_s", "faults", seconds);
		live_rate(row, old, "soft_per_s", "soft_faults", seconds);
		live_rate(row, old, "ins_per_s", "page_ins", seconds);
		live_rate(row, old, "outs_per_s", "page_outs", seconds);
		live_rate(row, old, "evictions_per_s", "evictions", seconds);
	}
}

static void print_head(struct json_object *rows)
{
	uint64_t bytes = 0, frames = 0;
	char total[SIZE_TEXT], real[SIZE_TEXT], when[16];
	struct json_object *row;
	time_t now = time(NULL);
	size_t i, count = json_object_array_length(rows);

	for (i = 0; i < count; i++) {
		row = json_object_array_get_idx(rows, i);
		bytes += row_u64(row, "bytes");
		frames += row_u64(row, "frame_bytes");
	}
	strftime(when, sizeof(when), "%T", localtime(&now));
	printf(LIVE_HOME "memrig window top  %s  %zu windows, %s on frames of %s; q quits\n\n",
	       when, count, format_size(bytes, total), format_size(frames, real));
}

/* The library has an error to report if it ends with EXIT_FAILURE. */
static int show(memrig_t *rig, const struct live_args *args, bool screen)
{
	struct json_object *before = NULL, *rows;
	double then = 0, now;
	uint32_t shown = 0;

	do {
		rows = window_rows(rig);
		if (!rows)
			break;
		now = live_now();
		add_rates(rows, before, now - then);
		if (screen)
			print_head(rows);
		else if (shown && !common.json)
			putchar('\n');
		list_print(json_object_get(rows), columns, ARRAY_SIZE(columns), "no windows");
		json_object_put(before);
		before = rows;
		then = now;
	} while (++shown != args->count && !live_wait(args, screen) && !ferror(stdout));
	json_object_put(before);
	return rows ? EXIT_SUCCESS : EXIT_FAILURE;
}

int cmd_window_top(int argc, char **argv)
{
	static const struct argp_child children[] = { { &live_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.children = children,
		.parser = parse,
		.doc = "Show all windows and what they do, until q is pressed.\v"
		       "You see the windows that you have made, as root all. Rates are those since "
		       "the listing before.",
	};
	struct live_args args;
	memrig_t *rig;
	bool screen;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	screen = live_begin(&args);
	ret = show(rig, &args, screen);
	live_end(screen);
	if (ret)
		report();
	memrig_close(rig);
	return ret;
}
