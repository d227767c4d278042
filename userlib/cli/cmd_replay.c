// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig replay: do what a recorded program did, on memory of every attribute asked for.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "replay_compare.h"
#include "util.h"

#define ATTRS_MAX  16
#define REPEAT_MAX 1000
#define PAGE	   4096ULL

struct options {
	const char *file;
	const struct replay_kind *kinds[ATTRS_MAX];
	size_t nr_kinds;
	enum replay_headers headers[REPLAY_HEADERS];
	size_t nr_headers;
	uint64_t bytes;
	uint32_t hardening;
	uint32_t repeat;
};

static const struct argp_option options[] = {
	{ "attr", 'a', "LIST", 0,
	  "Kinds of memory: cached, wc, uncached, wt, device, coherent, or "
	  "process, which needs no device. Default: cached,wc,uncached,coherent",
	  0 },
	{ "placement", 'p', "LIST", 0,
	  "Headers: inband (between the blocks), oob (outside them), "
	  "kernel (the kernel's heap, one ioctl per operation). Default: inband,oob",
	  0 },
	{ "size", 's', "SIZE", 0,
	  "Of each region; default: half more than the trace needs at its "
	  "peak",
	  0 },
	{ "hardening", 'H', "LEVEL", 0, "0 none, 1 basic (default), 2 moderate, 3 full, 4 extreme",
	  0 },
	{ "repeat", 'r', "N", 0, "Timed passes of which the fastest counts, default 3", 0 },
	{ 0 }
};

static void parse_kinds(struct options *opts, char *list, const struct argp_state *state)
{
	char *name;

	opts->nr_kinds = 0;
	while ((name = strsep(&list, ","))) {
		const struct replay_kind *kind = replay_kind_find(name);

		if (!*name)
			argp_error(state, "--attr: a name in the list is empty");
		if (!kind)
			argp_error(state,
				   "--attr: there is no memory '%s'; known: cached, wc, uncached, "
				   "wt, device, coherent, process",
				   name);
		if (opts->nr_kinds == ATTRS_MAX)
			argp_error(state, "--attr: too many");
		opts->kinds[opts->nr_kinds++] = kind;
	}
}

static void parse_headers(struct options *opts, char *list, const struct argp_state *state)
{
	char *name;

	opts->nr_headers = 0;
	while ((name = strsep(&list, ","))) {
		enum replay_headers headers = replay_headers_find(name);

		if (!*name)
			argp_error(state, "--placement: a name in the list is empty");
		if (headers == REPLAY_HEADERS)
			argp_error(state,
				   "--placement: there is no '%s'; known: inband, oob, kernel",
				   name);
		if (opts->nr_headers == REPLAY_HEADERS)
			argp_error(state, "--placement: too many");
		opts->headers[opts->nr_headers++] = headers;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'a':
		parse_kinds(opts, arg, state);
		return 0;
	case 'p':
		parse_headers(opts, arg, state);
		return 0;
	case 's':
		opts->bytes = size_option(state, "--size", arg);
		if (!opts->bytes)
			argp_error(state, "--size: a region has at least one page");
		return 0;
	case 'H':
		opts->hardening = hardening_option(state, arg);
		return 0;
	case 'r':
		opts->repeat = u32_option(state, "--repeat", arg);
		if (!opts->repeat || opts->repeat > REPEAT_MAX)
			argp_error(state, "--repeat: from 1 to %d", REPEAT_MAX);
		return 0;
	case ARGP_KEY_ARG:
		if (opts->file)
			argp_error(state, "one trace at a time");
		opts->file = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no trace; record one: memrig record -o t.trace -- PROGRAM");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Replay the allocations of a recorded program on a fresh region for each kind of "
	       "memory and each placement of headers, and compare. Every byte of every block is "
	       "written and checked. One thread does it, in the order of the recording.\v"
	       "The exit status is 0 when every request succeeded and all content was as written.",
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
}

static struct json_object *trace_json(const struct options *opts, const struct replay_trace *trace)
{
	struct json_object *json = json_object_new_object();

	json_set_text(json, "file", opts->file);
	json_set_text(json, "command", trace->header.command);
	json_set_u64(json, "operations", trace->nr_ops);
	json_set_u64(json, "threads", trace->commit.threads);
	json_set_u64(json, "peak_bytes", trace->peak_bytes);
	json_set_u64(json, "peak_blocks", trace->peak_blocks);
	json_set_u64(json, "end_bytes", trace->end_bytes);
	json_set_u64(json, "end_blocks", trace->end_blocks);
	json_set_u64(json, "total_bytes", trace->total_bytes);
	json_set_u64(json, "largest", trace->largest);
	json_set_u64(json, "region_bytes", opts->bytes);
	return json;
}

/* What cannot be had is left out of the table, and makes it incomplete. */
static int compare_all(const struct options *opts, struct replay_plan *plan,
		       struct json_object *rows)
{
	struct replay_row row;
	int bad = 0;
	size_t k, h;

	for (k = 0; k < opts->nr_kinds; k++) {
		for (h = 0; h < opts->nr_headers; h++) {
			if (opts->headers[h] == REPLAY_KERNEL && !opts->kinds[k]->kind)
				continue;
			if (replay_compare(plan, opts->kinds[k], opts->headers[h], &row)) {
				bad = EXIT_FAILURE;
				break;
			}
			json_object_array_add(rows, replay_row_json(&row));
			bad |= replay_row_judge(&row, plan->bytes);
		}
	}
	if (!bad && !json_object_array_length(rows))
		return fail("a heap in the kernel needs a region; try: --attr cached");
	return bad;
}

static bool needs_device(const struct options *opts)
{
	size_t k;

	for (k = 0; k < opts->nr_kinds; k++) {
		if (opts->kinds[k]->kind)
			return true;
	}
	return false;
}

static void print_all(const struct options *opts, const struct replay_trace *trace,
		      struct json_object *rows, bool good)
{
	struct json_object *json;

	if (common.json) {
		json = json_object_new_object();
		json_object_object_add(json, "trace", trace_json(opts, trace));
		json_object_object_add(json, "rows", rows);
		json_set_bool(json, "good", good);
		json_print(json);
		return;
	}
	replay_print_rows(rows);
	if (good)
		puts("content  every byte of every block was read back as written");
}

int cmd_replay(int argc, char **argv)
{
	char default_kinds[] = "cached,wc,uncached,coherent";
	char default_headers[] = "inband,oob";
	struct options opts = { .hardening = 1, .repeat = 3 };
	struct json_object *rows;
	struct replay_trace trace;
	struct replay_plan plan;
	memrig_t *rig = NULL;
	char why[256];
	int ret;

	parse_kinds(&opts, default_kinds, NULL);
	parse_headers(&opts, default_headers, NULL);
	argp_parse(&argp, argc, argv, 0, NULL, &opts);
	if (replay_trace_load(opts.file, &trace, why, sizeof(why)))
		return fail("%s %s", opts.file, why);
	if (!opts.bytes)
		opts.bytes = replay_default_bytes(&trace);
	opts.bytes = (opts.bytes + PAGE - 1) / PAGE * PAGE;
	if (!common.json)
		print_trace(&opts, &trace);
	ret = needs_device(&opts) ? open_rig(&rig) : 0;
	if (ret)
		fail("memory of this process needs no device; try: --attr process");
	if (!ret) {
		plan = (struct replay_plan){ .trace = &trace,
					     .rig = rig,
					     .bytes = opts.bytes,
					     .hardening = opts.hardening,
					     .repeat = opts.repeat };
		rows = json_object_new_array();
		ret = compare_all(&opts, &plan, rows);
		print_all(&opts, &trace, rows, !ret);
	}
	if (rig)
		memrig_close(rig);
	replay_trace_free(&trace);
	return ret;
}
