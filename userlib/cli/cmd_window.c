// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window list, stat, policy, kinds.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "util.h"
#include "window_rows.h"

/* ---- list ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct column list_columns[] = {
	{ "id", "ID", false },
	{ "bytes", "SIZE", true },
	{ "frame_bytes", "FRAMES", true },
	{ "policy", "POLICY", false },
	{ "store", "STORE", false },
	{ "resident", "RESIDENT", false },
	{ "pinned", "PINNED", false },
	{ "faults", "FAULTS", false },
	{ "evictions", "EVICTIONS", false },
	{ "clients", "CLIENTS", false },
	{ "mappings", "MAPS", false },
	{ "uid", "UID", false },
	{ "pid", "PID", false },
};

/* clang-format on */

static error_t parse_nothing(int key, char *arg, struct argp_state *state)
{
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	argp_error(state, "'%s'? all are listed; see memrig window stat for one", arg);
	return 0;
}

int cmd_window_list(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_nothing,
		.doc = "List the windows that you have made; as root, all.",
	};
	struct json_object *rows;
	memrig_t *rig;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	rows = window_rows(rig);
	memrig_close(rig);
	if (!rows)
		return report();
	list_print(rows, list_columns, ARRAY_SIZE(list_columns), "no windows");
	return EXIT_SUCCESS;
}

/* ---- stat ---------------------------------------------------------------------------- */

enum { OPT_RESET = 0x5900, OPT_THREAD };

static const struct argp_option stat_options[] = {
	{ "reset", OPT_RESET, NULL, 0, "Counters start again at 0, after they have been read", 1 },
	{ "thread", OPT_THREAD, "TID", 0, "Of a thread, if the window counts those", 1 },
	{ 0 }
};

/**
 * struct stat_args - the command line
 * @id: of which window; not given: all since the module was loaded
 * @reset: begin anew
 * @thread: number of a thread, 0: none
 */
struct stat_args {
	struct window_id id;
	bool reset;
	uint32_t thread;
};

static error_t parse_stat(int key, char *arg, struct argp_state *state)
{
	struct stat_args *args = state->input;

	switch (key) {
	case OPT_RESET:
		args->reset = true;
		return 0;
	case OPT_THREAD:
		args->thread = u32_option(state, "--thread", arg);
		if (!args->thread)
			argp_error(state, "--thread: 0 is no thread");
		return 0;
	case ARGP_KEY_END:
		if (!args->id.given && (args->reset || args->thread))
			argp_error(state, "which window? see memrig window list");
		return 0;
	default:
		return window_id_parse(key, arg, state, &args->id);
	}
}

/* clang-format off */
static const struct column stat_columns[] = {
	{ "id", "window", false },
	{ "region_id", "frames of region", false },
	{ "bytes", "size", true },
	{ "frame_bytes", "frames", true },
	{ "policy", "policy", false },
	{ "store", "store", false },
	{ "read_only", "read-only", false },
	{ "serial", "one page at a time", false },
	{ "thread_stats", "counts threads", false },
	{ "uid", "made by uid", false },
	{ "pid", "made by pid", false },
	{ "clients", "clients", false },
	{ "mappings", "mappings", false },
	{ "free_frames", "free frames", false },
	{ "resident", "resident pages", false },
	{ "moving", "moving", false },
	{ "queued", "ranges to come", false },
	{ "pinned", "pinned", false },
	{ "stored", "in the store", false },
	{ "stored_bytes", "where they take", true },
	{ "ratio", "to one", false },
	{ "faults", "faults", false },
	{ "faults_user", "by programs", false },
	{ "faults_kernel", "by the kernel for them", false },
	{ "soft_faults", "soft faults", false },
	{ "fault_arounds", "entered around them", false },
	{ "zeroed", "new pages", false },
	{ "page_ins", "read from the store", false },
	{ "read_aheads", "of these ahead", false },
	{ "read_ahead_hits", "and then touched", false },
	{ "page_outs", "written to the store", false },
	{ "cleaned", "of these while idle", false },
	{ "evict_clean", "evicted clean", false },
	{ "evict_dirty", "evicted after writing", false },
	{ "in_errors", "reads that failed", false },
	{ "out_errors", "writes that failed", false },
	{ "waits", "waits for a page", false },
	{ "held", "could not leave", false },
	{ "sigbus", "SIGBUS", false },
	{ "last_reason", "the last because of", false },
	{ "erases", "erased blocks", false },
	{ "store_moves", "moved to make room", false },
	{ "wear_most", "most worn block", false },
};

static const struct column paging_columns[] = {
	{ "faults", "faults", false },
	{ "faults_user", "by programs", false },
	{ "faults_kernel", "by the kernel for them", false },
	{ "faults_isr", "in interrupts", false },
	{ "evict_clean", "evicted clean", false },
	{ "evict_dirty", "evicted after writing", false },
};

/* clang-format on */

static void print_paging(const struct memrig_paging_stat *stat)
{
	struct json_object *record = json_object_new_object();

	json_set_u64(record, "faults", stat->faults);
	json_set_u64(record, "faults_user", stat->faults_user);
	json_set_u64(record, "faults_kernel", stat->faults_kernel);
	json_set_u64(record, "faults_isr", stat->faults_isr);
	json_set_u64(record, "evict_clean", stat->evict_clean);
	json_set_u64(record, "evict_dirty", stat->evict_dirty);
	record_print(record, paging_columns, ARRAY_SIZE(paging_columns));
}

static int stat_all(void)
{
	struct memrig_paging_stat stat = { .size = sizeof(stat) };
	memrig_t *rig;
	int ret;

	if (open_rig(&rig))
		return EXIT_FAILURE;
	ret = memrig_paging_stat(rig, &stat);
	memrig_close(rig);
	if (ret)
		return report();
	print_paging(&stat);
	return EXIT_SUCCESS;
}

static int stat_thread(memrig_window_t *window, uint32_t thread, uint32_t flags)
{
	struct memrig_paging_stat stat = { .size = sizeof(stat) };

	if (memrig_window_paging_stat(window, MEMRIG_SCOPE_THREAD, thread, flags, &stat))
		return report();
	print_paging(&stat);
	return EXIT_SUCCESS;
}

static int stat_window(memrig_t *rig, memrig_window_t *window, void *arg)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };
	const struct stat_args *args = arg;
	uint32_t flags = args->reset ? MEMRIG_WINDOW_STAT_RESET : 0;

	if (args->thread)
		return stat_thread(window, args->thread, flags);
	if (memrig_window_stat(window, flags, &stat))
		return report();
	record_print(window_row(rig, &stat), stat_columns, ARRAY_SIZE(stat_columns));
	return EXIT_SUCCESS;
}

int cmd_window_stat(int argc, char **argv)
{
	static const struct argp argp = {
		.options = stat_options,
		.children = common_children,
		.parser = parse_stat,
		.args_doc = "[ID]",
		.doc = "Print all figures of a window; without ID, faults and evictions of all "
		       "windows since the module was loaded.",
	};
	struct stat_args args = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	return args.id.given ? window_id_use(&args.id, stat_window, &args) : stat_all();
}

/* ---- policy -------------------------------------------------------------------------- */

/**
 * struct policy_args - the command line
 * @id: of which window
 * @name: of the policy
 */
struct policy_args {
	struct window_id id;
	const char *name;
};

static error_t parse_policy(int key, char *arg, struct argp_state *state)
{
	struct policy_args *args = state->input;

	if (key == ARGP_KEY_ARG && args->id.given && !args->name) {
		args->name = arg;
		return 0;
	}
	if (key == ARGP_KEY_END && args->id.given && !args->name)
		argp_error(state, "which policy? see memrig window kinds");
	return window_id_parse(key, arg, state, &args->id);
}

static int set_policy(memrig_t *rig, memrig_window_t *window, void *arg)
{
	const struct policy_args *args = arg;
	struct memrig_window_kind kind;
	int ret;

	ret = window_kind_number(rig, MEMRIG_KIND_OF_POLICY, "policy", args->name, &kind);
	if (!ret && memrig_window_policy(window, kind.number))
		ret = report();
	return ret;
}

int cmd_window_policy(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_policy,
		.args_doc = "ID NAME",
		.doc = "Choose which pages of a window leave from now on. Pages stay where they "
		       "are.\v"
		       "memrig window kinds lists the policies.",
	};
	struct policy_args args = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	return window_id_use(&args.id, set_policy, &args);
}

/* ---- kinds --------------------------------------------------------------------------- */

static void add_kinds(memrig_t *rig, uint32_t what, struct json_object *rows)
{
	struct memrig_window_kind kind = { .size = sizeof(kind) };
	struct json_object *row;

	for (kind.number = 0; !memrig_window_kind(rig, what, kind.number, &kind); kind.number++) {
		row = json_object_new_object();
		json_set_text(row, "kind", what == MEMRIG_KIND_OF_POLICY ? "policy" : "store");
		json_set_text(row, "name", (const char *)kind.name);
		json_set_u64(row, "number", kind.number);
		json_set_bool(row, "wants_file", kind.wants_file);
		json_set_text(row, "from",
			      kind.number < MEMRIG_KIND_FIRST ? "memrig" : "another module");
		json_object_array_add(rows, row);
	}
}

int cmd_window_kinds(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_nothing,
		.doc = "List the policies and stores that a window can be made with, those of "
		       "other modules included.",
	};
	static const struct column columns[] = {
		{ "kind", "KIND", false },
		{ "name", "NAME", false },
		{ "number", "NUMBER", false },
		{ "from", "FROM", false },
		{ "wants_file", "WANTS A FILE", false },
	};
	struct json_object *rows = json_object_new_array();
	memrig_t *rig;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (open_rig(&rig)) {
		json_object_put(rows);
		return EXIT_FAILURE;
	}
	add_kinds(rig, MEMRIG_KIND_OF_POLICY, rows);
	add_kinds(rig, MEMRIG_KIND_OF_STORE, rows);
	memrig_close(rig);
	list_print(rows, columns, ARRAY_SIZE(columns), "no kinds");
	return EXIT_SUCCESS;
}
