// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig heap list, stat, blocks, validate: looking at heaps of running processes.
 */
#include <stdlib.h>
#include <string.h>

#include "block_rows.h"
#include "commands.h"
#include "heap_report.h"
#include "heap_target.h"
#include "objects.h"
#include "util.h"

/* ---- list ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct column list_columns[] = {
	{ "pid", "PID", false },
	{ "command", "COMMAND", false },
	{ "fd", "FD", false },
	{ "heap", "HEAP", false },
	{ "region", "REGION", false },
	{ "offset", "OFFSET", true },
	{ "length", "SIZE", true },
	{ "engine", "ENGINE", false },
	{ "placement", "PLACEMENT", false },
	{ "state", "STATE", false },
	{ "client", "CLIENT", false },
	{ "live_blocks", "BLOCKS", false },
	{ "client_blocks", "OWN", false },
	{ "waiters", "WAIT", false },
	{ "queued", "QUEUE", false },
	{ "side_bytes", "BOOKKEEPING", true },
};

/* clang-format on */

static void add_field(struct json_object *row, const char *key, struct json_object *value)
{
	unsigned long long offset, length;

	if (strcmp(key, "span")) {
		json_object_object_add(row, key, json_object_get(value));
	} else if (sscanf(json_object_get_string(value), "%llx %llu", &offset, &length) == 2) {
		json_set_u64(row, "offset", offset);
		json_set_u64(row, "length", length);
	}
}

static int add_heap(const struct object_fd *found, struct json_object *fields, void *arg)
{
	struct json_object *row = json_object_new_object();

	json_set_u64(row, "pid", found->pid);
	json_set_text(row, "command", found->command);
	json_set_u64(row, "fd", found->fd);
	json_object_object_foreach(fields, key, value)
		add_field(row, key, value);
	json_object_array_add(arg, row);
	return 0;
}

int cmd_heap_list(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.doc = "List the heaps of all processes whose descriptors you may see.",
	};
	struct json_object *rows;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	rows = json_object_new_array();
	object_scan(0, "heap", add_heap, rows);
	list_print(rows, list_columns, ARRAY_SIZE(list_columns), "no heaps");
	return EXIT_SUCCESS;
}

/* ---- stat ---------------------------------------------------------------------------- */

int cmd_heap_stat(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = heap_target_parse,
		.args_doc = HEAP_TARGET_ARGS,
		.doc = "Print the figures of a heap." HEAP_TARGET_DOC,
	};
	struct json_object *record;
	const char *target = NULL;
	memrig_heap_t *heap;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &target);
	ret = heap_target_open(target, &heap);
	if (ret)
		return ret;
	record = heap_record(heap);
	memrig_heap_close(heap);
	if (!record)
		return report();
	heap_record_print(record);
	return EXIT_SUCCESS;
}

/* ---- blocks -------------------------------------------------------------------------- */

int cmd_heap_blocks(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = heap_target_parse,
		.args_doc = HEAP_TARGET_ARGS,
		.doc = "List the blocks of a heap by offset, free ones too where the engine knows "
		       "them (out-of-band)." HEAP_TARGET_DOC,
	};
	const char *target = NULL;
	struct json_object *rows;
	memrig_heap_t *heap;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &target);
	ret = heap_target_open(target, &heap);
	if (ret)
		return ret;
	ret = block_rows(heap, false, &rows);
	memrig_heap_close(heap);
	if (ret)
		return report();
	block_rows_print(rows);
	return EXIT_SUCCESS;
}

/* ---- validate ------------------------------------------------------------------------ */

int cmd_heap_validate(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = heap_target_parse,
		.args_doc = HEAP_TARGET_ARGS,
		.doc = "Check the bookkeeping of a heap. A damaged heap is fenced off: its calls "
		       "fail with EIO from then on. Status 1: damaged." HEAP_TARGET_DOC,
	};
	static const struct column columns[] = {
		{ "sound", "sound", false },
		{ "invariant", "broken invariant", false },
		{ "offset", "at offset", false },
	};
	struct json_object *record;
	const char *target = NULL;
	uint32_t invariant;
	memrig_heap_t *heap;
	uint64_t offset;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &target);
	ret = heap_target_open(target, &heap);
	if (ret)
		return ret;
	ret = memrig_heap_validate(heap, &invariant, &offset);
	memrig_heap_close(heap);
	if (ret)
		return report();
	record = json_object_new_object();
	json_set_bool(record, "sound", !invariant);
	if (invariant) {
		json_set_u64(record, "invariant", invariant);
		json_set_u64(record, "offset", offset);
	}
	record_print(record, columns, invariant ? ARRAY_SIZE(columns) : 1);
	return invariant ? EXIT_FAILURE : EXIT_SUCCESS;
}
