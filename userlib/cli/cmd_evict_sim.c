// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig evict-sim: play a recorded trace of page uses to the eviction policies, next to Belady's
 * optimum. The policies are those of the module, the same code.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "evict_play.h"
#include "evict_table.h"
#include "util.h"
#include "window_trace.h"

#define FRAMES_LIST 64
#define TICK	    10000

enum {
	OPTION_LOOKS = 256,
	OPTION_TICK,
	OPTION_FORMAT,
	OPTION_EXPORT,
	OPTION_SEED,
	OPTION_WINDOW,
};

/**
 * struct frames - a number of frames as it was asked for
 * @percent: of the pages of the trace; 0: @count of them
 * @count: frames
 */
struct frames {
	double percent;
	uint32_t count;
};

/**
 * struct options - the command line
 * @file: trace
 * @export: where to write it instead, or NULL
 * @format: of @file; PAGE_FORMATS: by its name
 * @window: which one, of a trace of windows; 0: there is only one
 * @policies: to play
 * @nr_policies: of them
 * @frames: numbers of frames
 * @nr_frames: of them
 * @rules: other conditions
 */
struct options {
	const char *file;
	const char *export;
	enum page_format format;
	uint32_t window;
	const struct mrig_evict_ops *policies[EVICT_POLICIES_MAX];
	size_t nr_policies;
	struct frames frames[FRAMES_LIST];
	size_t nr_frames;
	struct evict_rules rules;
};

static const struct argp_option options[] = {
	{ "policy", 'p', "LIST", 0,
	  "adaptive, nru, lru, fifo, random, clock, sieve, s3fifo, or all (default)", 0 },
	{ "frames", 'f', "LIST", 0,
	  "Frames of the window: numbers, or percentages of the pages of the trace; default "
	  "5%,10%,20%,35%,50%",
	  0 },
	{ "looks", OPTION_LOOKS, "N", 0,
	  "Frames that a choice may look at; default: as each policy has it", 0 },
	{ "tick", OPTION_TICK, "N", 0, "References between the ticks of nru, default 10000", 0 },
	{ "seed", OPTION_SEED, "N", 0, "Of random, default 1", 0 },
	{ "format", OPTION_FORMAT, "NAME", 0,
	  "text, csv, oracle, words or window; default: by the end of the file's name", 0 },
	{ "export", OPTION_EXPORT, "FILE", 0,
	  "Write the trace in the format that FILE's name ends with, and play nothing", 0 },
	{ "window", OPTION_WINDOW, "ID", 0, "Of a trace of several windows: which", 0 },
	{ 0 }
};

static void add_policy(struct options *opts, const struct mrig_evict_ops *ops)
{
	size_t i;

	for (i = 0; i < opts->nr_policies; i++) {
		if (opts->policies[i] == ops)
			return;
	}
	opts->policies[opts->nr_policies++] = ops;
}

static void parse_policies(struct options *opts, char *list, const struct argp_state *state)
{
	const struct mrig_evict_ops *ops;
	char *name;
	size_t i;

	while ((name = strsep(&list, ","))) {
		if (!strcmp(name, "all")) {
			for (i = 0; mrig_evict_policies[i]; i++)
				add_policy(opts, mrig_evict_policies[i]);
			continue;
		}
		ops = mrig_evict_find(name);
		if (!ops)
			argp_error(state, "--policy: there is no policy '%s'", name);
		else
			add_policy(opts, ops);
	}
}

static void parse_frames(struct options *opts, char *list, const struct argp_state *state)
{
	struct frames *frames;
	char *text, *end;

	while ((text = strsep(&list, ","))) {
		if (opts->nr_frames == FRAMES_LIST)
			argp_error(state, "--frames: at most %d numbers", FRAMES_LIST);
		frames = &opts->frames[opts->nr_frames++];
		if (!*text || text[strlen(text) - 1] != '%') {
			frames->count = u32_option(state, "--frames", text);
			if (!frames->count || frames->count > MRIG_EVICT_FRAMES_MAX)
				argp_error(state, "--frames: from 1 to %u", MRIG_EVICT_FRAMES_MAX);
			continue;
		}
		frames->percent = strtod(text, &end);
		if (end == text || *end != '%' || !(frames->percent > 0 && frames->percent <= 100))
			argp_error(state, "--frames: '%s' is no percentage above 0%%", text);
	}
}

static uint64_t seed_option(const struct argp_state *state, const char *text)
{
	uint64_t seed;
	char *end;

	errno = 0;
	seed = strtoull(text, &end, 0);
	if (end == text || *end || errno || strchr(text, '-'))
		argp_error(state, "--seed: '%s' is no number", text);
	return seed;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'p':
		parse_policies(opts, arg, state);
		return 0;
	case 'f':
		parse_frames(opts, arg, state);
		return 0;
	case OPTION_LOOKS:
		opts->rules.looks = u32_option(state, "--looks", arg);
		if (!opts->rules.looks)
			argp_error(state, "--looks: at least 1");
		return 0;
	case OPTION_TICK:
		opts->rules.tick = u32_option(state, "--tick", arg);
		if (!opts->rules.tick)
			argp_error(state, "--tick: at least 1");
		return 0;
	case OPTION_SEED:
		opts->rules.seed = seed_option(state, arg);
		return 0;
	case OPTION_FORMAT:
		opts->format = page_format_find(arg);
		if (opts->format == PAGE_FORMATS)
			argp_error(state, "--format: text, csv, oracle, words or window");
		return 0;
	case OPTION_EXPORT:
		opts->export = arg;
		if (page_format_guess(arg) == PAGE_WINDOW)
			argp_error(state, "--export: a trace of a window comes from a window");
		return 0;
	case OPTION_WINDOW:
		opts->window = u32_option(state, "--window", arg);
		return 0;
	default:
		return one_trace_parse(key, arg, state, &opts->file,
				       "no trace; - reads standard input");
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Play a trace of page uses to the eviction policies of a window, and to Belady's "
	       "optimum. A line of a trace in text is the number of a page, followed by w if it "
	       "was written.",
	.children = common_children,
};

/* Frames for this trace; 0, or EXIT_FAILURE having said why. */
static int frames_of(const struct frames *frames, const struct page_trace *trace, uint32_t *count)
{
	*count = frames->count;
	if (frames->percent > 0) {
		*count = (uint32_t)(trace->pages * frames->percent / 100);
		if (!*count)
			return fail("--frames: %g%% of %u pages is no frame", frames->percent,
				    trace->pages);
	}
	if (*count > trace->pages)
		return fail("--frames: %u frames for the %u pages of the trace: none is evicted",
			    *count, trace->pages);
	return 0;
}

static int play_size(const struct options *opts, const struct page_trace *trace,
		     const uint32_t *next, struct evict_rules *rules, struct evict_table *table)
{
	struct evict_result best, result;
	size_t i;
	int ret;

	ret = evict_belady(trace, next, rules->frames, &best);
	if (ret)
		return ret;
	evict_table_add(table, NULL, rules->frames, &best, &best);
	for (i = 0; i < opts->nr_policies; i++) {
		ret = evict_play(trace, opts->policies[i], rules, &result);
		if (ret)
			return ret;
		if (result.misses < best.misses)
			return fail("%s: fewer misses than the optimum", opts->policies[i]->name);
		evict_table_add(table, opts->policies[i], rules->frames, &result, &best);
	}
	return 0;
}

static int play_all(struct options *opts, const struct page_trace *trace)
{
	uint32_t *next = page_trace_next(trace);
	struct evict_rules rules = opts->rules;
	struct evict_table table;
	size_t i;
	int ret = 0;

	if (!next)
		return fail("out of memory");
	evict_table_init(&table);
	for (i = 0; !ret && i < opts->nr_frames; i++) {
		ret = frames_of(&opts->frames[i], trace, &rules.frames);
		if (!ret)
			ret = play_size(opts, trace, next, &rules, &table);
	}
	free(next);
	evict_table_print(&table, opts->file, trace, !ret);
	return ret;
}

static int read_window(const struct options *opts, struct page_trace *trace)
{
	struct window_trace window;
	int ret = window_trace_read(&window, opts->file, opts->window);

	if (ret)
		return ret;
	ret = window_trace_refs(&window, trace);
	window_trace_free(&window);
	if (!ret && !trace->nr)
		ret = fail("%s: nobody touched the window", opts->file);
	return ret;
}

int cmd_evict_sim(int argc, char **argv)
{
	struct options opts = { .format = PAGE_FORMATS, .rules = { .tick = TICK, .seed = 1 } };
	char all[] = "all", sizes[] = "5%,10%,20%,35%,50%";
	struct page_trace trace;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &opts);
	if (!opts.nr_policies)
		parse_policies(&opts, all, NULL);
	if (!opts.nr_frames)
		parse_frames(&opts, sizes, NULL);
	if (opts.format == PAGE_FORMATS)
		opts.format = page_format_guess(opts.file);
	if (opts.format == PAGE_WINDOW)
		ret = read_window(&opts, &trace);
	else
		ret = page_trace_read(&trace, opts.file, opts.format);
	if (ret)
		return EXIT_FAILURE;
	if (opts.export)
		ret = page_trace_write(&trace, opts.export, page_format_guess(opts.export));
	else
		ret = play_all(&opts, &trace);
	page_trace_free(&trace);
	return ret;
}
