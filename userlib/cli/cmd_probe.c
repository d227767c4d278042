// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig probe: one region of each attribute; what was asked, what the live page tables say, and
 * what it costs to use it.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "measure.h"
#include "region_args.h"
#include "util.h"

#define DEFAULT_BYTES (4u << 20)
#define DEFAULT_MS    50

/**
 * struct probe_args - the command line
 * @bytes: length of each region
 * @ms: time for each measurement
 * @measure: do it
 */
struct probe_args {
	uint64_t bytes;
	uint32_t ms;
	bool measure;
};

enum { OPT_NO_MEASURE = 0x4000 };

static const struct argp_option options[] = {
	{ "size", 's', "BYTES", 0, "Length of each region (default 4M)", 0 },
	{ "time", 't', "MS", 0, "Milliseconds per measurement (default 50)", 0 },
	{ "no-measure", OPT_NO_MEASURE, NULL, 0, "Attributes only", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct probe_args *args = state->input;

	switch (key) {
	case 's':
		args->bytes = size_option(state, "--size", arg);
		if (args->bytes < 8192 || args->bytes > SIZE_MAX / 2)
			argp_error(state, "--size: at least 8K");
		return 0;
	case 't':
		args->ms = u32_option(state, "--time", arg);
		return 0;
	case OPT_NO_MEASURE:
		args->measure = false;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- one region ---------------------------------------------------------------------- */

static void set_raw(struct json_object *row, const char *key, uint32_t raw)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%02x", raw);
	json_set_text(row, key, text);
}

static int add_truth(memrig_region_t *region, void *map, struct json_object *row)
{
	struct memrig_attr_query query = { .size = sizeof(query) };

	*(volatile char *)map = 0; /* a page that was never touched has no type yet */
	if (memrig_region_attr_query(region, 0, map, &query))
		return report();
	json_set_text(row, "kernel", memrig_memtype_name(query.kernel_type));
	json_set_text(row, "user", memrig_memtype_name(query.user_type));
	json_set_text(row, "alias", memrig_memtype_name(query.alias_type));
	set_raw(row, "kernel_raw", query.kernel_raw);
	set_raw(row, "user_raw", query.user_raw);
	set_raw(row, "alias_raw", query.alias_raw);
	return 0;
}

/* clang-format off */
static const char *const measure_keys[ACCESS_COUNT] = {
	[ACCESS_READ] = "read_mb_s",
	[ACCESS_WRITE] = "write_mb_s",
	[ACCESS_CHASE] = "chase_ns",
	[ACCESS_MEMSET] = "memset_mb_s",
	[ACCESS_MEMCPY] = "memcpy_mb_s",
};

/* clang-format on */

static int probe_region(memrig_region_t *region, const struct probe_args *args,
			struct json_object *row)
{
	size_t bytes = memrig_region_length(region) & ~(uint64_t)4095;
	enum access_way way;
	void *map;
	int ret;

	if (memrig_region_map(region, &map))
		return report();
	ret = add_truth(region, map, row);
	for (way = 0; !ret && args->measure && way < ACCESS_COUNT; way++) {
		memset(map, 0, bytes); /* fault everything in first */
		json_set_double(row, measure_keys[way],
				measure(way, map, bytes, args->ms * 1000000ull));
	}
	memrig_region_unmap(region);
	return ret;
}

/* The row of one kind and attribute; if it cannot be had, the row says why. */
static struct json_object *probe_attr(memrig_t *rig, const struct probe_args *args, uint32_t kind,
				      uint32_t attr, int *status)
{
	struct memrig_region_create create = {
		.size = sizeof(create),
		.kind = kind,
		.attr = attr,
		.length = args->bytes,
		.node = MEMRIG_NODE_ANY,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
	};
	struct json_object *row = json_object_new_object();
	memrig_region_t *region;
	char text[256];

	json_set_text(row, "kind", memrig_kind_name(kind));
	json_set_text(row, "asked", memrig_attr_name(attr));
	if (memrig_region_create(rig, &create, &region)) {
		memrig_explain(NULL, text, sizeof(text));
		json_set_text(row, "error", text);
		*status = fail("%s %s: %s", memrig_kind_name(kind), memrig_attr_name(attr), text);
		return row;
	}
	if (probe_region(region, args, row))
		*status = EXIT_FAILURE;
	memrig_region_close(region);
	return row;
}

/* ---- answer -------------------------------------------------------------------------- */

static const struct column columns[] = {
	{ "kind", "KIND", false },
	{ "asked", "ASKED", false },
	{ "kernel", "KERNEL", false },
	{ "user", "USER", false },
	{ "alias", "ALIAS", false },
	{ "read_mb_s", "READ MB/s", false },
	{ "write_mb_s", "WRITE MB/s", false },
	{ "chase_ns", "CHASE ns", false },
	{ "memset_mb_s", "MEMSET MB/s", false },
	{ "memcpy_mb_s", "MEMCPY MB/s", false },
};

static double member(struct json_object *row, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(row, key, &value) ? json_object_get_double(value) : 0;
}

static const char *member_text(struct json_object *row, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(row, key, &value) ? json_object_get_string(value) : "";
}

/* One bar for each row that was measured. */
static void draw(struct json_object *rows, enum access_way way)
{
	unsigned int width = terminal_width() > 60 ? terminal_width() - 40 : 20;
	size_t i, n = json_object_array_length(rows);
	double most = 0, value;
	struct json_object *row;

	for (i = 0; i < n; i++) {
		value = member(json_object_array_get_idx(rows, i), measure_keys[way]);
		if (value > most)
			most = value;
	}
	printf("\n%s, %s\n", access_names[way],
	       way == ACCESS_CHASE ? "ns per dependent load (short is good)"
				   : "MB/s (long is good)");
	for (i = 0; i < n; i++) {
		row = json_object_array_get_idx(rows, i);
		if (!json_object_object_get_ex(row, measure_keys[way], NULL))
			continue;
		value = member(row, measure_keys[way]);
		printf("  %-9s%-9s ", member_text(row, "kind"), member_text(row, "asked"));
		print_bar(stdout, value, most, width);
		printf(" %.*f\n", value < 100 ? 1 : 0, value);
	}
}

/* Does any row have figures? */
static bool any_measured(struct json_object *rows)
{
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++)
		if (json_object_object_get_ex(json_object_array_get_idx(rows, i),
					      measure_keys[ACCESS_COUNT - 1], NULL))
			return true;
	return false;
}

static void print_answer(struct json_object *rows)
{
	const char *obstacle = measure_obstacle();
	bool measured = any_measured(rows);
	struct json_object *answer;
	enum access_way way;

	if (common.json) {
		answer = json_object_new_object();
		json_set_text(answer, "obstacle", obstacle);
		json_set_bool(answer, "speed_proven", measured && !obstacle);
		json_object_object_add(answer, "rows", rows);
		json_print(answer);
		return;
	}
	json_object_get(rows);
	list_print(rows, columns, measured ? ARRAY_SIZE(columns) : 5, "nothing to probe");
	for (way = 0; measured && way < ACCESS_COUNT; way++)
		draw(rows, way);
	json_object_put(rows);
	if (measured && obstacle)
		printf("\n%s: attribute proven, speed not\n", obstacle);
}

int cmd_probe(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.children = common_children,
		.parser = parse,
		.doc = "Make one region of each kind and attribute that this machine can give, and "
		       "show what was asked, what the live page tables of the kernel and of this "
		       "process say, the type of the kernel's linear mapping of the same memory, "
		       "and what access costs.",
	};
	struct probe_args args = { .bytes = DEFAULT_BYTES, .ms = DEFAULT_MS, .measure = true };
	struct memrig_caps caps = { .size = sizeof(caps) };
	struct json_object *rows;
	int status = EXIT_SUCCESS;
	uint32_t kind, attr, mask;
	memrig_t *rig;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	if (memrig_caps(rig, &caps)) {
		memrig_close(rig);
		return report();
	}
	rows = json_object_new_array();
	for (kind = MEMRIG_KIND_PAGES; kind <= MEMRIG_KIND_COHERENT; kind++) {
		mask = kind == MEMRIG_KIND_PAGES ? caps.attrs_pages : caps.attrs_coherent;
		for (attr = 0; attr < 32; attr++)
			if ((caps.kinds & (1u << kind)) && (mask & (1u << attr)))
				json_object_array_add(rows,
						      probe_attr(rig, &args, kind, attr, &status));
	}
	memrig_close(rig);
	print_answer(rows);
	return status;
}
