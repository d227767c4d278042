// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig top: all objects of all kinds, again and again.
 */
#include <string.h>

#include "commands.h"
#include "live_table.h"
#include "object_rows.h"

static struct json_object *rows_of(memrig_t *rig)
{
	return object_rows();
}

/* Adds what a table shows: the kind in one word, and rates. */
static void complete(struct json_object *row, struct json_object *before, double seconds)
{
	const char *kind = row_text(row, "engine");

	json_set_text(row, "what", *kind ? kind : row_text(row, "object"));
	if (!strcmp(row_text(row, "object"), "region"))
		return;
	live_rate(row, before, "allocs_per_s", "allocs", seconds);
	live_rate(row, before, "frees_per_s", "frees", seconds);
}

static void print_head(struct json_object *rows, const char *when)
{
	size_t i, count = json_object_array_length(rows);
	uint64_t bytes = 0, blocks = 0;
	unsigned int regions = 0;
	struct json_object *row;
	char text[SIZE_TEXT];

	for (i = 0; i < count; i++) {
		row = json_object_array_get_idx(rows, i);
		if (!strcmp(row_text(row, "object"), "region")) {
			regions++;
			bytes += row_u64(row, "length");
		} else {
			blocks += row_u64(row, "live_blocks");
		}
	}
	printf("memrig top  %s  %u regions, %s; %zu allocators, %llu live blocks; q quits\n\n",
	       when, regions, format_size(bytes, text), count - regions,
	       (unsigned long long)blocks);
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

int cmd_top(int argc, char **argv)
{
	static const struct live_table table = {
		.doc = "Show all regions and allocators and what they do, until q is pressed.\v"
		       "You see the objects of processes whose descriptors you may see: your own, "
		       "as root all. Rates are those since the listing before.",
		.noun = "objects",
		.single = "stat",
		.rows = rows_of,
		.complete = complete,
		.head = print_head,
		.columns = columns,
		.count = ARRAY_SIZE(columns),
		.empty = "no objects",
	};

	return live_table_run(argc, argv, &table);
}
