// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window record: write down what happens in a window, or in all that a command makes.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "commands.h"
#include "util.h"
#include "window_record.h"

#define DEFAULT_FILE "memrig.window"

/**
 * struct options - the command line
 * @file: trace
 * @id: window
 * @seconds: how long; 0: until a signal comes
 * @argv: command, or NULL
 */
struct options {
	const char *file;
	uint32_t id;
	uint32_t seconds;
	char **argv;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "The trace, default " DEFAULT_FILE, 0 },
	{ "time", 't', "SECONDS", 0, "Of a window that is there: how long (default: until ^C)", 0 },
	{ 0 }
};

static void check(const struct options *opts, const struct argp_state *state)
{
	if (!opts->argv == !opts->id)
		argp_error(state, "either the number of a window, or a command; example: memrig "
				  "window record -- memrig run --window 64M --frames 1M -- sort x");
	if (opts->argv && opts->seconds)
		argp_error(state, "--time: a command is recorded as long as it runs");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'o':
		opts->file = arg;
		return 0;
	case 't':
		opts->seconds = u32_option(state, "--time", arg);
		if (!opts->seconds)
			argp_error(state, "--time: at least 1");
		return 0;
	case ARGP_KEY_ARG:
		if (child_command(state, &opts->argv))
			return 0;
		if (opts->id)
			argp_error(state, "one window; a command goes after --");
		opts->id = u32_option(state, "the number of a window", arg);
		if (!opts->id)
			argp_error(state, "windows are numbered from 1 on");
		return 0;
	case ARGP_KEY_END:
		check(opts, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "ID\n-- COMMAND [ARGUMENT...]",
	.doc = "Record the faults, evictions and transfers of a window, or of every window that is "
	       "made while COMMAND runs. Needs root.\v"
	       "The trace is text; memrig evict-sim plays it to policies, memrig window report "
	       "draws it. The exit status of COMMAND is passed on.",
	.children = common_children,
};

/* A file that looks at it. */
static int open_window(uint32_t id)
{
	struct memrig_window_open args = { .size = sizeof(args), .id = id };
	memrig_t *rig;
	int ret;

	if (open_rig(&rig))
		return -1;
	ret = ioctl(memrig_fd(rig), MEMRIG_IOC_WINDOW_OPEN, &args);
	if (ret && errno == ENOENT)
		fail("there is no window %u; try: memrig window list", id);
	else if (ret)
		fail("window %u: %s", id, strerror(errno));
	memrig_close(rig);
	return ret ? -1 : args.fd;
}

/* The recording has a thread of its own, which signals must not go to. */
static int record_window(const struct options *opts)
{
	struct timespec time = { .tv_sec = opts->seconds };
	int fd = open_window(opts->id), ret;
	struct window_record rec;
	sigset_t set;

	if (fd < 0)
		return EXIT_FAILURE;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ret = window_record_start(&rec, opts->file, fd);
	if (ret)
		return ret;
	if (opts->seconds)
		sigtimedwait(&set, NULL, &time);
	else
		sigwaitinfo(&set, NULL);
	ret = window_record_stop(&rec);
	close(fd);
	window_record_report(&rec);
	return ret;
}

static int record_command(const struct options *opts)
{
	struct window_record rec;
	int status;

	if (window_record_start(&rec, opts->file, -1))
		return EXIT_FAILURE;
	status = child_run(opts->argv);
	if (window_record_stop(&rec))
		return EXIT_FAILURE;
	window_record_report(&rec);
	if (!rec.windows && !status)
		return fail("%s made no window", opts->argv[0]);
	return status;
}

int cmd_window_record(int argc, char **argv)
{
	struct options opts = { .file = DEFAULT_FILE };

	argp_parse(&argp, argc, argv, 0, NULL, &opts);
	return opts.argv ? record_command(&opts) : record_window(&opts);
}
