// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Command line of the workload driver. One program per allocator, one run per invocation; run.py
 * decides which runs make up the benchmark.
 */
#include <argp.h>
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* Footprint of a block of the scale workload: mean payload and what the worst allocator adds. */
#define SCALE_BLOCK (86 + 24)
#define SCALE_FIXED 65536

struct bench_run run = {
	.heap = 1 << 20,
	.ops = 1000000,
	.live = 1000,
	.reps = 9,
	.fill = 80,
	.level = { .hardening = 1 },
};

static const struct argp_option options[] = {
	{ "heap", 'h', "BYTES", 0, "Size of the region", 0 },
	{ "ops", 'o', "N", 0, "Operations after warm-up", 0 },
	{ "live", 'n', "N", 0, "Live blocks of the scale workload", 0 },
	{ "reps", 'r', "N", 0, "Repetitions of a timing", 0 },
	{ "fill", 'f', "PERCENT", 0, "Share of the region that is requested", 0 },
	{ "dist", 'd', "NAME", 0, "Utilisation of mix, power, small or fixed only", 0 },
	{ "hardening", 'H', "LEVEL", 0, "0 none .. 4 extreme", 0 },
	{ "stats", 's', NULL, 0, "Keep statistics", 0 },
	{ "tags", 't', NULL, 0, "Keep an owner word per block", 0 },
	{ 0 },
};

static size_t parse_size(const char *text, struct argp_state *state)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-')
		argp_error(state, "not a number: %s", text);
	return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'h':
		run.heap = parse_size(arg, state);
		return 0;
	case 'o':
		run.ops = parse_size(arg, state);
		return 0;
	case 'n':
		run.live = parse_size(arg, state);
		return 0;
	case 'r':
		run.reps = parse_size(arg, state);
		return 0;
	case 'f':
		run.fill = parse_size(arg, state);
		return 0;
	case 'd':
		run.dist = arg;
		return 0;
	case 'H':
		run.level.hardening = (unsigned int)parse_size(arg, state);
		return 0;
	case 's':
		run.level.stats = true;
		return 0;
	case 't':
		run.level.tags = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_usage(state);
		*(state->arg_num ? &run.work : &run.mode) = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num != 2 || !run.heap || !run.reps || run.fill > 100)
			argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "MODE WORKLOAD",
	.doc = "Replay an allocator workload.\n"
	       "\vMODE: check, icount (under qemu-x86_64 -plugin qicount.so), time, side.\n"
	       "WORKLOAD: lifo64 pingpong64 mix large aligned realloc scale scale64 fifo robson;\n"
	       "with check also: util small sparse selftest.",
};

/* Workloads an allocator cannot do, by its own flags. */
static bool unsupported(void)
{
	unsigned int flags = bench_adapter.flags;

	if (!strcmp(run.work, "aligned"))
		return flags & BENCH_NOALIGN;
	if (!strcmp(run.work, "realloc"))
		return flags & BENCH_NOREALLOC;
	if (!strcmp(run.work, "robson")) /* every size, and a region with an end */
		return flags & (BENCH_FIXED | BENCH_NOFREE | BENCH_SMALLMAX | BENCH_EXTERNAL);
	if (!strcmp(run.work, "util") || !strcmp(run.work, "small"))
		return flags & (BENCH_NOFREE | BENCH_EXTERNAL);
	return (flags & BENCH_FIXED) && !strstr(run.work, "64");
}

static bool reacts(void)
{
	if (!strcmp(run.work, "robson"))
		bench_robson(!strcmp(run.mode, "icount"));
	else if (!strcmp(run.work, "util"))
		bench_util();
	else if (!strcmp(run.work, "small"))
		bench_small();
	else if (!strcmp(run.work, "sparse"))
		bench_sparse();
	else if (!strcmp(run.work, "selftest"))
		bench_selftest();
	else
		return false;
	return true;
}

static void replays(void)
{
	static const struct {
		const char *mode;
		void (*replay)(const struct bench_trace *trace);
	} modes[] = {
		{ "check", bench_check },
		{ "icount", bench_icount },
		{ "time", bench_time },
		{ "side", bench_side },
	};
	struct bench_trace trace;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(run.mode, modes[i].mode))
			continue;
		bench_generate(&trace);
		modes[i].replay(&trace);
		free(trace.op);
		return;
	}
	error(EXIT_FAILURE, 0, "unknown mode %s", run.mode);
}

int main(int argc, char **argv)
{
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (unsupported())
		return EXIT_SUCCESS;
	if (!strncmp(run.work, "scale", 5) || !strcmp(run.work, "fifo"))
		run.heap = (run.live * 2 * SCALE_BLOCK + SCALE_FIXED + 4095) & ~4095UL;
	bench_map();
	if (!reacts())
		replays();
	return EXIT_SUCCESS;
}
