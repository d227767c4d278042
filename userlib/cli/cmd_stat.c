// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig stat: the figures of one allocator, or a line for each object of every kind.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "heap_report.h"
#include "heap_target.h"
#include "multi_report.h"
#include "object_rows.h"
#include "region_args.h"
#include "target.h"
#include "util.h"

/* clang-format off */
static const struct column columns[] = {
	{ "object", "OBJECT", false },
	{ "id", "ID", false },
	{ "engine", "ENGINE", false },
	{ "region_id", "REGION", false },
	{ "attr", "ATTR", false },
	{ "length", "SIZE", true },
	{ "live_blocks", "LIVE", false },
	{ "allocated_bytes", "USED", true },
	{ "largest_free", "LARGEST", true },
	{ "allocs", "ALLOCS", false },
	{ "frees", "FREES", false },
	{ "failures", "REFUSED", false },
	{ "waits", "WAITED", false },
	{ "queued", "QUEUE", false },
	{ "side_bytes", "BOOKKEEPING", true },
	{ "pid", "PID", false },
	{ "fd", "FD", false },
	{ "command", "COMMAND", false },
};

/* clang-format on */

static int stat_all(void)
{
	struct json_object *rows = object_rows();

	if (!rows)
		return report();
	list_print(rows, columns, ARRAY_SIZE(columns), "no objects");
	return EXIT_SUCCESS;
}

/* The name of a region says which; they are no numbers of processes. */
static int stat_region(const char *name)
{
	memrig_t *rig;
	int ret;

	ret = open_rig(&rig);
	if (ret)
		return ret;
	ret = region_show(rig, name);
	memrig_close(rig);
	return ret;
}

static int stat_one(const char *text)
{
	struct json_object *record;
	struct target target;
	int ret;

	ret = target_open(text, NULL, &target);
	if (ret)
		return ret;
	record = target.heap ? heap_record(target.heap) : multi_record(target.multi);
	if (!record)
		ret = report();
	else if (target.heap)
		heap_record_print(record);
	else
		multi_record_print(record);
	target_close(&target);
	return ret;
}

int cmd_stat(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = heap_target_parse,
		.args_doc = "[PID[:FD] | REGION]",
		.doc = "Print the figures of an allocator of a process or of a named region; "
		       "without either a line for each object of every kind: regions, and "
		       "allocators of processes whose descriptors you may see. With --json each "
		       "has all its figures.",
	};
	const char *target = NULL;

	argp_parse(&argp, argc, argv, 0, NULL, &target);
	if (!target)
		return stat_all();
	return target[strspn(target, "0123456789:")] ? stat_region(target) : stat_one(target);
}
