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

enum { OPT_PAGES = 0x5d00, OPT_REGION, OPT_OFFSET, OPT_STORE_OFFSET, OPT_READ_ONLY, OPT_INJECT };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Pages and frames:", 20 },
	{ "size", 's', "BYTES", 0, "Its length, rounded up to pages", 20 },
	{ "pages", OPT_PAGES, "N", 0, "The same as a number of pages", 20 },
	{ "region", OPT_REGION, "NAME", 0, "Lends the frames (default: one made for it)", 20 },
	{ "offset", OPT_OFFSET, "BYTES", 0, "Of the first frame in that region", 20 },
	{ "store-offset", OPT_STORE_OFFSET, "BYTES", 0, "Where the first page is in --store-file",
	  21 },
	{ "read-only", OPT_READ_ONLY, NULL, 0, "Nobody writes it, and its file", 22 },
	{ "inject", OPT_INJECT, NULL, 0, "Failures of the store can be ordered, for tests", 22 },
	{ 0 }
};

/**
 * struct create_args - the command line
 * @window: what it is to be
 * @region: name of the region that lends the frames, NULL: one is to be made
 * @command: to be run with it, NULL: none
 */
struct create_args {
	struct window_options window;
	const char *region;
	char **command;
};

static uint64_t aligned_option(const struct argp_state *state, const char *option, const char *text)
{
	uint64_t bytes = size_option(state, option, text);

	if (bytes % window_page_size())
		argp_error(state, "%s: '%s' is no multiple of the page size, %llu", option, text,
			   (unsigned long long)window_page_size());
	return bytes;
}

static void check(const struct argp_state *state, struct create_args *args)
{
	struct memrig_window_create *create = &args->window.create;

	if (!create->pages)
		argp_error(state, "how large? try: --size 1G, or --pages N");
	if (!create->frames && !args->region)
		argp_error(state, "how much of it in memory at once? try: --frames 64M");
	if (create->offset && !args->region)
		argp_error(state, "--offset is within a region; try: --region NAME");
	if (create->store_offset && !args->window.store_file)
		argp_error(state, "--store-offset is within a file; try: --store-file FILE");
	if (create->flags & MEMRIG_WINDOW_READ_ONLY && create->flags & MEMRIG_WINDOW_INJECT)
		argp_error(state, "--inject is for windows that can be written");
	window_options_check(state, &args->window, "--size");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct create_args *args = state->input;
	struct memrig_window_create *create = &args->window.create;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->window;
		return 0;
	case 's':
		create->pages = window_pages_option(state, "--size", arg);
		return 0;
	case OPT_PAGES:
		create->pages = range_option(state, "--pages", arg, 1, MEMRIG_WINDOW_PAGES_MAX);
		return 0;
	case OPT_REGION:
		args->region = arg;
		return 0;
	case OPT_OFFSET:
		create->offset = aligned_option(state, "--offset", arg);
		return 0;
	case OPT_STORE_OFFSET:
		create->store_offset = aligned_option(state, "--store-offset", arg);
		return 0;
	case OPT_READ_ONLY:
		create->flags |= MEMRIG_WINDOW_READ_ONLY;
		return 0;
	case OPT_INJECT:
		create->flags |= MEMRIG_WINDOW_INJECT;
		return 0;
	case ARGP_KEY_ARG:
		if (!child_command(state, &args->command))
			argp_error(state, "'%s'? a command goes after --", arg);
		return 0;
	case ARGP_KEY_END:
		check(state, args);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- the store's file ---------------------------------------------------------------- */

/* A new file gets the length of the window; one that is there keeps its own, and its content. */
static int make_file(const struct window_options *window, int *fd)
{
	uint64_t length;

	*fd = open(window->store_file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd < 0)
		return fail("%s: %s", window->store_file, strerror(errno));
	if (__builtin_add_overflow(window->bytes, window->create.store_offset, &length) ||
	    ftruncate(*fd, (off_t)length)) {
		fail("%s cannot be as long as the window: %s", window->store_file,
		     strerror(errno ?: EFBIG));
		unlink(window->store_file);
		close(*fd);
		return EXIT_FAILURE;
	}
	return 0;
}

static int open_file(const struct window_options *window, int *fd)
{
	bool constant = window->create.flags & MEMRIG_WINDOW_READ_ONLY ||
			window->create.store == MEMRIG_STORE_IMAGE;

	*fd = -1;
	if (!window->store_file)
		return 0;
	*fd = open(window->store_file, (constant ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	if (errno == ENOENT && !constant && window->create.store == MEMRIG_STORE_FILE)
		return make_file(window, fd);
	return fail("%s: %s", window->store_file, strerror(errno));
}

/* ---- making it ----------------------------------------------------------------------- */

/* With the region that is there, or with one that goes with it. */
static int create_window(memrig_t *rig, const struct create_args *args, memrig_window_t **window)
{
	struct memrig_window_create create = args->window.create;
	memrig_region_t *region = NULL;
	int ret;

	if (args->region && memrig_region_open(rig, args->region, 0, &region))
		return report();
	ret = memrig_window_create(rig, region, &create, window) ? report() : 0;
	memrig_region_close(region);
	return ret;
}

static int make_window(memrig_t *rig, struct create_args *args, memrig_window_t **window)
{
	int *fd = &args->window.create.store_fd;
	int ret = window_options_kinds(rig, &args->window);

	if (!ret)
		ret = open_file(&args->window, fd);
	if (ret)
		return ret;
	ret = create_window(rig, args, window);
	if (*fd >= 0)
		close(*fd);
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
		.options = options,
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
	ret = make_window(rig, &args, &window);
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
