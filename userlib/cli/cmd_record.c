// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig record: run a program and write down what it asks of its allocator.
 *
 * The summary goes to standard error: standard output belongs to the program. With --json it
 * follows on standard output.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "commands.h"
#include "record_run.h"
#include "util.h"

#define LINES_MAX 8 /* traces named one by one */

struct options {
	const char *output;
	char **argv;
	bool only_first;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "The trace, default memrig.trace; processes other than the "
	  "first write FILE.PID",
	  0 },
	{ "no-children", 'n', NULL, 0, "Record the first process only", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'o':
		opts->output = arg;
		return 0;
	case 'n':
		opts->only_first = true;
		return 0;
	case ARGP_KEY_ARG:
		opts->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no program to record; example: memrig record -- ls -l");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[--] PROGRAM [ARGUMENT...]",
	.doc = "Run PROGRAM and record its calls of malloc, calloc, realloc, memalign (and "
	       "kin) and free, threads, forks and all.\v"
	       "PROGRAM is not changed; a library is preloaded into it and what it starts. What is "
	       "recorded survives any end of the process. Programs that are statically linked or "
	       "setuid cannot be recorded. The exit status is that of PROGRAM, 128 + n when signal "
	       "n killed it, 127 when it cannot be run, 1 when nothing was recorded.",
	.children = common_children,
};

/* One trace, as the summary shows it. */
static void add_row(void *rows, const char *path, const struct replay_trace *trace, bool running)
{
	struct json_object *row = json_object_new_object();

	json_set_text(row, "file", path);
	json_set_u64(row, "pid", trace->header.pid);
	json_set_bool(row, "forked", trace->header.forked);
	json_set_text(row, "command", trace->header.command);
	json_set_u64(row, "operations", trace->nr_ops);
	json_set_u64(row, "allocs", trace->commit.allocs);
	json_set_u64(row, "frees", trace->commit.frees);
	json_set_u64(row, "reallocs", trace->commit.reallocs);
	json_set_u64(row, "threads", trace->commit.threads);
	json_set_u64(row, "peak_bytes", trace->peak_bytes);
	json_set_u64(row, "end_bytes", trace->end_bytes);
	json_set_u64(row, "refused", trace->commit.refused);
	json_set_u64(row, "foreign", trace->commit.foreign);
	json_set_u64(row, "missed", trace->commit.missed);
	json_set_bool(row, "running", running);
	json_set_text(row, "stopped",
		      trace->commit.stop ? replay_trace_stop_text(trace->commit.stop) : NULL);
	json_object_array_add(rows, row);
}

static uint64_t number(struct json_object *row, const char *key)
{
	return json_object_get_uint64(json_object_object_get(row, key));
}

static const char *text(struct json_object *row, const char *key)
{
	return json_object_get_string(json_object_object_get(row, key));
}

static int most_first(const void *a, const void *b)
{
	uint64_t x = number(*(struct json_object *const *)a, "operations");
	uint64_t y = number(*(struct json_object *const *)b, "operations");

	return x < y ? 1 : x > y ? -1 : 0;
}

static void print_row(struct json_object *row)
{
	const char *stopped = text(row, "stopped");
	char peak[SIZE_TEXT];

	fprintf(stderr, "memrig: %s: %llu calls of %llu thread%s, at most %s live (%.40s)\n",
		text(row, "file"), (unsigned long long)number(row, "operations"),
		(unsigned long long)number(row, "threads"), number(row, "threads") == 1 ? "" : "s",
		format_size(number(row, "peak_bytes"), peak), text(row, "command"));
	if (number(row, "foreign"))
		fprintf(stderr,
			"memrig:   %llu frees of blocks from before the recording left out\n",
			(unsigned long long)number(row, "foreign"));
	if (stopped)
		fprintf(stderr, "memrig:   the recording ended early: %s\n", stopped);
	if (json_object_get_boolean(json_object_object_get(row, "running")))
		fprintf(stderr, "memrig:   process %llu still runs and goes on recording\n",
			(unsigned long long)number(row, "pid"));
}

static void print_rows(struct json_object *rows)
{
	size_t count = json_object_array_length(rows), i;

	json_object_array_sort(rows, most_first);
	if (common.json) {
		json_print(rows);
		return;
	}
	for (i = 0; i < count && i < LINES_MAX; i++)
		print_row(json_object_array_get_idx(rows, i));
	if (count > LINES_MAX)
		fprintf(stderr, "memrig: and %zu more\n", count - LINES_MAX);
	json_object_put(rows);
}

int cmd_record(int argc, char **argv)
{
	static const char allocates_nothing[] =
		"made no call that could be recorded: it allocates nothing, or brings its own "
		"allocator, or could not create the trace";
	struct options opts = { .output = "memrig.trace" };
	struct record_request request;
	struct json_object *rows;
	char why[PATH_MAX + 256];
	int status, count, ret;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &opts);
	request = (struct record_request){ .argv = opts.argv, .only_first = opts.only_first };
	if (record_set_path(&request, opts.output))
		return EXIT_FAILURE;
	ret = record_run(&request, &status);
	if (ret)
		return ret;
	rows = json_object_new_array();
	count = record_each(&request, add_row, rows);
	if (count > 0) {
		print_rows(rows);
	} else {
		json_object_put(rows);
		if (!count) {
			record_why_nothing(opts.argv[0], allocates_nothing, why, sizeof(why));
			fail("nothing was recorded: %s", why);
		}
		return EXIT_FAILURE;
	}
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "memrig: %s was killed by signal %d (%s)\n", opts.argv[0],
			WTERMSIG(status), strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
