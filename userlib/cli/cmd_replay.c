// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig replay: do what a recorded program did, with every allocator and on memory of every
 * attribute asked for, and compare.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "replay_compare.h"
#include "replay_report.h"
#include "replay_result.h"
#include "util.h"

#define ATTRS_MAX  16
#define REPEAT_MAX 1000
#define PAGE	   4096ULL

enum {
	OPTION_BLOCK_SIZE = 256,
	OPTION_SAMPLES,
	OPTION_SERIES,
	OPTION_SAVE,
	OPTION_FROM,
	OPTION_REPORT,
};

/**
 * struct options - the command line
 * @file: trace
 * @from: comparison to be read instead, or NULL
 * @save: where to keep the comparison, or NULL
 * @series: where to write the figures over time, or NULL
 * @report: where to write the report, or NULL
 * @kinds: of memory
 * @nr_kinds: of them
 * @all_kinds: those that the machine can give instead
 * @engines: allocators
 * @bytes: of each region, 0: what the trace needs
 * @params: of heaps
 * @repeat: passes
 * @samples: looks at each heap
 */
struct options {
	const char *file;
	const char *from;
	const char *save;
	const char *series;
	const char *report;
	const struct replay_kind *kinds[ATTRS_MAX];
	size_t nr_kinds;
	bool all_kinds;
	struct replay_engines engines;
	uint64_t bytes;
	struct replay_params params;
	uint32_t repeat;
	uint32_t samples;
};

static const struct argp_option options[] = {
	{ "engine", 'e', "LIST", 0,
	  "Allocators: inband, oob (sys_heap, headers between the blocks or outside them), slab, "
	  "blocks, ring, first_fit, best_fit, or all of these (default); kernel, kernel:slab and "
	  "so on, or kernel:all: run by the kernel, one ioctl per operation",
	  0 },
	{ "attr", 'a', "LIST", 0,
	  "Kinds of memory: process (default; needs no device), cached, wc, uncached, wt, device, "
	  "coherent, or all that this machine can give",
	  0 },
	{ "size", 's', "SIZE", 0,
	  "Of each region; default: half more than the trace needs at its peak", 0 },
	{ "block-size", OPTION_BLOCK_SIZE, "SIZE", 0,
	  "Of slab and blocks; default: the largest request, and the largest power of two that "
	  "wastes little",
	  0 },
	{ "hardening", 'H', "LEVEL", 0, "0 none, 1 basic (default), 2 moderate, 3 full, 4 extreme",
	  0 },
	{ "repeat", 'r', "N", 0, "Timed passes of which the fastest counts, default 3", 0 },
	{ "samples", OPTION_SAMPLES, "N", 0,
	  "Looks at each heap, for figures over time; default 100, 0: none", 0 },
	{ "series", OPTION_SERIES, "FILE", 0, "Write the figures over time as CSV", 0 },
	{ "report", OPTION_REPORT, "FILE", 0, "Write a report as HTML; needs gnuplot", 0 },
	{ "save", OPTION_SAVE, "FILE", 0, "Keep the comparison as JSON", 0 },
	{ "from", OPTION_FROM, "FILE", 0, "Show a comparison that was kept; replays nothing", 0 },
	{ 0 }
};

static void parse_kinds(struct options *opts, char *list, const struct argp_state *state)
{
	char *name;

	opts->nr_kinds = 0;
	opts->all_kinds = false;
	while ((name = strsep(&list, ","))) {
		const struct replay_kind *kind = replay_kind_find(name);

		if (!*name)
			argp_error(state, "--attr: a name in the list is empty");
		if (!strcmp(name, "all")) {
			opts->all_kinds = true;
			continue;
		}
		if (!kind)
			argp_error(state,
				   "--attr: there is no memory '%s'; known: all, cached, wc, "
				   "uncached, wt, device, coherent, process",
				   name);
		if (opts->nr_kinds == ATTRS_MAX)
			argp_error(state, "--attr: too many");
		opts->kinds[opts->nr_kinds++] = kind;
	}
}

static error_t parse_file(int key, char *arg, struct options *opts)
{
	switch (key) {
	case OPTION_SERIES:
		opts->series = arg;
		return 0;
	case OPTION_REPORT:
		opts->report = arg;
		return 0;
	case OPTION_SAVE:
		opts->save = arg;
		return 0;
	case OPTION_FROM:
		opts->from = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void check_files(const struct options *opts, const struct argp_state *state)
{
	if (!opts->file && !opts->from)
		argp_error(state, "no trace; record one: memrig record -o t.trace -- PROGRAM");
	if (opts->file && opts->from)
		argp_error(state, "a trace or --from, not both");
	if (!opts->samples && (opts->series || opts->report))
		argp_error(state, "--series and --report need --samples");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'a':
		parse_kinds(opts, arg, state);
		return 0;
	case 'e':
		replay_engines_parse(arg, state, &opts->engines);
		return 0;
	case 's':
		opts->bytes = size_option(state, "--size", arg);
		if (!opts->bytes)
			argp_error(state, "--size: a region has at least one page");
		return 0;
	case OPTION_BLOCK_SIZE:
		opts->params.block_size = size_option(state, "--block-size", arg);
		if (!opts->params.block_size || opts->params.block_size % 8)
			argp_error(state, "--block-size: a multiple of 8");
		return 0;
	case 'H':
		opts->params.hardening = hardening_option(state, arg);
		return 0;
	case 'r':
		opts->repeat = range_option(state, "--repeat", arg, 1, REPEAT_MAX);
		return 0;
	case OPTION_SAMPLES:
		opts->samples = range_option(state, "--samples", arg, 0, REPLAY_SAMPLES_MAX);
		return 0;
	case ARGP_KEY_ARG:
		if (opts->file)
			argp_error(state, "one trace at a time");
		opts->file = arg;
		return 0;
	case ARGP_KEY_END:
		check_files(opts, state);
		return 0;
	default:
		return parse_file(key, arg, opts);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Replay the allocations of a recorded program on a fresh region for each kind of "
	       "memory and each allocator, and compare. Every byte of every block is written and "
	       "checked. One thread does it, in the order of the recording.\v"
	       "The exit status is 0 when all content was as written and no request failed; "
	       "requests that fail with allocators asked for as 'all' are a result, no failure.",
	.children = common_children,
};

static void print_trace(const struct options *opts, const struct replay_trace *trace)
{
	char peak[SIZE_TEXT], region[SIZE_TEXT], largest[SIZE_TEXT];

	printf("%s: %.80s\n", opts->file, trace->header.command);
	printf("%zu operations of %u thread%s, at most %s in %" PRIu64
	       " blocks live, largest %s; regions of %s\n\n",
	       trace->nr_ops, trace->commit.threads, trace->commit.threads == 1 ? "" : "s",
	       format_size(trace->peak_bytes, peak), trace->peak_blocks,
	       format_size(trace->largest, largest), format_size(opts->bytes, region));
	if (trace->commit.stop)
		printf("the recording ended early: %s\n\n",
		       replay_trace_stop_text(trace->commit.stop));
	fflush(stdout);
}

/* ---- the comparison ------------------------------------------------------------------ */

static int compare_one(const struct options *opts, struct replay_plan *plan,
		       const struct replay_kind *kind, const struct replay_engine *engine,
		       struct json_object *rows)
{
	struct replay_row row;
	int ret;

	ret = replay_compare(plan, kind, engine, &row);
	if (ret)
		return ret;
	json_object_array_add(rows, replay_row_json(&row));
	ret = replay_row_judge(&row, plan->bytes, opts->engines.all);
	replay_row_free(&row);
	return ret;
}

/* What cannot be had is left out of the table, and makes it incomplete. */
static int compare_all(const struct options *opts, struct replay_plan *plan,
		       struct json_object *rows)
{
	size_t k, e;
	int bad = 0;

	for (k = 0; k < opts->nr_kinds; k++) {
		for (e = 0; e < opts->engines.nr; e++) {
			if (opts->engines.at[e]->kernel && !opts->kinds[k]->kind)
				continue;
			bad |= compare_one(opts, plan, opts->kinds[k], opts->engines.at[e], rows);
		}
	}
	if (!bad && !json_object_array_length(rows))
		return fail("a heap in the kernel needs a region; try: --attr cached");
	return bad;
}

/* "all" of anything means what this machine has. */
static int find_all(struct options *opts, memrig_t *rig)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	const struct replay_kind *kind;
	size_t i;

	if (!rig)
		return 0;
	if (memrig_caps(rig, &caps))
		return report();
	if (opts->engines.all)
		replay_engines_limit(&opts->engines, caps.engines);
	if (!opts->all_kinds)
		return 0;
	opts->nr_kinds = 0;
	for (i = 0; (kind = replay_kind_at(i)) && opts->nr_kinds < ATTRS_MAX; i++) {
		if (replay_kind_available(&caps, kind))
			opts->kinds[opts->nr_kinds++] = kind;
	}
	return 0;
}

static bool needs_device(const struct options *opts)
{
	size_t k;

	for (k = 0; k < opts->nr_kinds; k++) {
		if (opts->kinds[k]->kind)
			return true;
	}
	return opts->all_kinds;
}

static int replay(struct options *opts, const struct replay_trace *trace,
		  struct json_object *result)
{
	struct replay_plan plan = { .trace = trace,
				    .bytes = opts->bytes,
				    .params = opts->params,
				    .repeat = opts->repeat,
				    .samples = opts->samples };
	struct json_object *rows = json_object_new_array();
	int ret = 0;

	json_object_object_add(result, "trace", replay_trace_json(opts->file, &plan));
	json_object_object_add(result, "rows", rows);
	if (needs_device(opts) && open_rig(&plan.rig))
		return fail("memory of this process needs no device; try: --attr process");
	ret = find_all(opts, plan.rig);
	if (!ret)
		ret = compare_all(opts, &plan, rows);
	json_set_bool(result, "good", !ret);
	if (plan.rig)
		memrig_close(plan.rig);
	return ret;
}

static int make_result(struct options *opts, struct json_object **result)
{
	struct replay_trace trace;
	char why[256];
	int ret;

	if (opts->from)
		return replay_result_load(opts->from, result);
	if (replay_trace_load(opts->file, &trace, why, sizeof(why)))
		return fail("%s %s", opts->file, why);
	if (!opts->bytes)
		opts->bytes = replay_default_bytes(&trace);
	opts->bytes = (opts->bytes + PAGE - 1) / PAGE * PAGE;
	if (!common.json)
		print_trace(opts, &trace);
	*result = json_object_new_object();
	ret = replay(opts, &trace, *result);
	replay_trace_free(&trace);
	return ret;
}

static void print_result(struct json_object *result)
{
	if (common.json) {
		json_print(json_object_get(result));
		return;
	}
	replay_print_rows(json_object_get(replay_result_rows(result)));
	if (json_object_get_boolean(replay_member(result, "good")))
		puts("content    every byte of every block was read back as written");
}

static int use_result(const struct options *opts, struct json_object *result)
{
	int ret = 0;

	print_result(result);
	if (opts->save)
		ret |= replay_result_save(result, opts->save);
	if (opts->series)
		ret |= replay_result_series(result, opts->series);
	if (opts->report)
		ret |= replay_report(result, opts->report);
	return ret;
}

int cmd_replay(int argc, char **argv)
{
	struct options opts = { .params = { .hardening = 1 },
				.repeat = 3,
				.samples = REPLAY_SAMPLES };
	char default_kinds[] = "process";
	char default_engines[] = "all";
	struct json_object *result = NULL;
	int ret;

	parse_kinds(&opts, default_kinds, NULL);
	replay_engines_parse(default_engines, NULL, &opts.engines);
	argp_parse(&argp, argc, argv, 0, NULL, &opts);
	if (opts.report && replay_report_ready())
		return EXIT_FAILURE;
	ret = make_result(&opts, &result);
	if (replay_member(result, "good"))
		ret |= use_result(&opts, result);
	json_object_put(result);
	return ret;
}
