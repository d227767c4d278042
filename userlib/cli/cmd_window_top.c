// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window top: all windows and what they do, again and again.
 */
#include "commands.h"
#include "live_table.h"
#include "object_rows.h"
#include "window_rows.h"

static void add_rates(struct json_object *row, struct json_object *before, double seconds)
{
	live_rate(row, before, "faults_per_s", "faults", seconds);
	live_rate(row, before, "soft_per_s", "soft_faults", seconds);
	live_rate(row, before, "ins_per_s", "page_ins", seconds);
	live_rate(row, before, "outs_per_s", "page_outs", seconds);
	live_rate(row, before, "evictions_per_s", "evictions", seconds);
}

static void print_head(struct json_object *rows, const char *when)
{
	size_t i, count = json_object_array_length(rows);
	char total[SIZE_TEXT], real[SIZE_TEXT];
	uint64_t bytes = 0, frames = 0;
	struct json_object *row;

	for (i = 0; i < count; i++) {
		row = json_object_array_get_idx(rows, i);
		bytes += row_u64(row, "bytes");
		frames += row_u64(row, "frame_bytes");
	}
	printf("memrig window top  %s  %zu windows, %s on frames of %s; q quits\n\n", when, count,
	       format_size(bytes, total), format_size(frames, real));
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

int cmd_window_top(int argc, char **argv)
{
	static const struct live_table table = {
		.doc = "Show all windows and what they do, until q is pressed.\v"
		       "You see the windows that you have made, as root all. Rates are those since "
		       "the listing before.",
		.noun = "windows",
		.single = "window stat",
		.device = true,
		.rows = window_rows,
		.complete = add_rates,
		.head = print_head,
		.columns = columns,
		.count = ARRAY_SIZE(columns),
		.empty = "no windows",
	};

	return live_table_run(argc, argv, &table);
}
