// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window create: a window and the region that lends its frames, held, or for a command.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "commands.h"
#include "window_options.h"
#include "window_rows.h"

/**
 * struct create_args - the command line
 * @window: what it is to be
 * @command: to be run with it, NULL: none
 */
struct create_args {
	struct window_options window;
	char **command;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct create_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->window;
		return 0;
	case ARGP_KEY_ARG:
		if (!child_command(state, &args->command))
			argp_error(state, "'%s'? a command goes after --", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- the store's file ---------------------------------------------------------------- */

/* A new file gets the length of the window; one that is there keeps its own, and its content. */
static int make_file(const struct window_options *options, int *fd)
{
	uint64_t length;

	*fd = open(options->store_file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd < 0)
		return fail("%s: %s", options->store_file, strerror(errno));
	if (__builtin_add_overflow(options->bytes, options->create.store_offset, &length) ||
	    ftruncate(*fd, (off_t)length)) {
		fail("%s cannot be as long as the window: %s", options->store_file,
		     strerror(errno ?: EFBIG));
		unlink(options->store_file);
		close(*fd);
		return EXIT_FAILURE;
	}
	return 0;
}

static int open_file(const struct window_options *options, int *fd)
{
	bool constant = options->create.flags & MEMRIG_WINDOW_READ_ONLY ||
			options->create.store == MEMRIG_STORE_IMAGE;

	*fd = -1;
	if (!options->store_file)
		return 0;
	*fd = open(options->store_file, (constant ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	if (errno == ENOENT && !constant && options->create.store == MEMRIG_STORE_FILE)
		return make_file(options, fd);
	return fail("%s: %s", options->store_file, strerror(errno));
}

/* ---- making it ----------------------------------------------------------------------- */

/* Names become numbers, which may be those of other modules. */
static int find_kinds(memrig_t *rig, struct window_options *options)
{
	struct memrig_window_kind kind;
	int ret;

	ret = window_kind_number(rig, MEMRIG_KIND_OF_POLICY, "--policy", options->policy, &kind);
	if (ret)
		return ret;
	options->create.policy = kind.number;
	ret = window_kind_number(rig, MEMRIG_KIND_OF_STORE, "--store", options->store, &kind);
	if (ret)
		return ret;
	options->create.store = kind.number;
	if (kind.wants_file && !options->store_file) {
		fail("--store %s needs a file; try: --store-file FILE", options->store);
		return EXIT_USAGE;
	}
	if (!kind.wants_file && options->store_file) {
		fail("--store-file is for stores that are files; try: --store file");
		return EXIT_USAGE;
	}
	return 0;
}

/* With the region that is there, or with one that goes with it. */
static int create_window(memrig_t *rig, struct window_options *options, memrig_window_t **window)
{
	memrig_region_t *region = NULL;
	int ret;

	if (options->region && memrig_region_open(rig, options->region, 0, &region))
		return report();
	ret = memrig_window_create(rig, region, &options->create, window) ? report() : 0;
	memrig_region_close(region);
	return ret;
}

static int make_window(memrig_t *rig, struct window_options *options, memrig_window_t **window)
{
	int ret = find_kinds(rig, options);

	if (!ret)
		ret = open_file(options, &options->create.store_fd);
	if (ret)
		return ret;
	ret = create_window(rig, options, window);
	if (options->create.store_fd >= 0)
		close(options->create.store_fd);
	return ret;
}

/* ---- using it ------------------------------------------------------------------------ */

static int hold_window(memrig_t *rig, memrig_window_t *window)
{
	static const struct column columns[] = {
		{ "id", "window", false },	   { "bytes", "size", true },
		{ "frame_bytes", "frames", true }, { "policy", "policy", false },
		{ "store", "store", false },	   { "pid", "held by pid", false },
		{ "fd", "its descriptor", false },
	};
	struct memrig_window_stat stat = { .size = sizeof(stat) };
	struct json_object *record;

	if (memrig_window_stat(window, 0, &stat))
		return report();
	record = window_row(rig, &stat);
	json_set_u64(record, "fd", (uint64_t)memrig_window_fd(window));
	record_print(record, columns, ARRAY_SIZE(columns));
	if (!common.json)
		printf("\nheld; look at it with: memrig window stat %llu\n"
		       "Ctrl-C lets go of it\n",
		       (unsigned long long)stat.id);
	hold();
	return EXIT_SUCCESS;
}

int cmd_window_create(int argc, char **argv)
{
	static const struct argp_child children[] = { { &window_options_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.children = children,
		.parser = parse,
		.args_doc = "--size BYTES --frames BYTES [OPTION...] [-- COMMAND [ARG...]]",
		.doc = "Make a window: memory with more pages than frames. A COMMAND inherits it, "
		       "its descriptor's number in $MEMRIG_WINDOW_FD; without one it is held until "
		       "Ctrl-C.\vmemrig window kinds lists policies and stores. A file that is "
		       "there already is the content of the window and keeps what is written; one "
		       "that is not is made.",
	};
	struct create_args args = { 0 };
	memrig_window_t *window;
	memrig_t *rig;
	int ret;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	ret = make_window(rig, &args.window, &window);
	if (!ret && args.command) {
		ret = child_inherit("MEMRIG_WINDOW_FD", memrig_window_fd(window));
		if (!ret)
			ret = child_run(args.command);
		memrig_window_close(window);
	} else if (!ret) {
		ret = hold_window(rig, window);
		memrig_window_close(window);
	}
	memrig_close(rig);
	return ret;
}
