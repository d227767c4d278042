// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig drive: drive an allocator that somebody holds.
 */
#include <stdlib.h>

#include "commands.h"
#include "drive.h"
#include "util.h"

static const struct argp_option options[] = {
	{ "on", 'o', "PID[:FD]", 0, "That allocator of a running process (memrig top)", 1 }, { 0 }
};

/**
 * struct drive_cmd - the command line
 * @target: which allocator, NULL: the inherited one
 * @drive: the steps
 */
struct drive_cmd {
	const char *target;
	struct drive_args drive;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct drive_cmd *args = state->input;
	int ret;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->drive;
		return 0;
	case 'o':
		args->target = arg;
		return 0;
	case ARGP_KEY_ARG:
		ret = script_parse(arg, &args->drive.script);
		if (ret)
			exit(ret);
		args->drive.given = true;
		return 0;
	case ARGP_KEY_END:
		if (!args->drive.given)
			argp_error(state,
				   "what is to be done? example: memrig drive 'alloc 64' walk");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_drive(int argc, char **argv)
{
	static const struct argp_child children[] = { { &drive_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.args_doc = "[STEPS...]",
		.doc = "Allocate from, free to and look at an allocator that is there, as the "
		       "client that its holder is.\vWithout --on it is the one inherited from "
		       "memrig create ... -- COMMAND. The steps are in memrig(1).",
	};
	struct drive_cmd args = { 0 };
	struct target target;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	ret = target_open(args.target, NULL, &target);
	if (!ret) {
		ret = drive_run(&target, &args.drive.script);
		target_close(&target);
	}
	script_free(&args.drive.script);
	return ret;
}
