// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The window that a program is to have its heap in: its options, and making it.
 */
#include "window_args.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPT_WINDOW = 0x5000 };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "A window, memory with more pages than frames:", 20 },
	{ "window", OPT_WINDOW, "BYTES", 0, "Its length, rounded up to pages", 20 },
	{ 0 }
};

static void check(const struct argp_state *state, struct window_options *args)
{
	if (!args->create.pages && args->given)
		argp_error(state, "--%s is for windows; try: --window BYTES", args->given);
	if (!args->create.pages)
		return;
	if (!strcmp(args->store, "null") || !strcmp(args->store, "image"))
		argp_error(state, "--store: a heap is written and read again, and %s does not",
			   args->store);
	if (!args->create.frames)
		argp_error(state, "a window needs --frames: how much of it is in memory at once");
	if (!strcmp(args->store, "file") && !args->store_file)
		argp_error(state, "--store file needs one: --store-file FILE");
	if (args->create.tick_ms && strcmp(args->policy, "nru"))
		argp_error(state, "--tick is for --policy nru: no other looks at the clock");
	window_options_check(state, args, "--window");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct window_options *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = args;
		return 0;
	case OPT_WINDOW:
		args->create.pages = window_pages_option(state, "--window", arg);
		return 0;
	case ARGP_KEY_END:
		check(state, args);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &window_options_argp, 0, NULL, 0 }, { 0 } };

const struct argp window_argp = { .options = options, .parser = parse, .children = children };

/* ---- making it ----------------------------------------------------------------------- */

/*
 * Nobody needs what is left of a heap: a file has no name while it is used, and goes with the last
 * descriptor. Files that are there already are somebody's.
 */
static int open_new(const struct window_options *args, int *fd)
{
	struct stat st;
	int ret = 0;

	*fd = open(args->store_file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd >= 0) {
		unlink(args->store_file);
		if (!ftruncate(*fd, (off_t)args->bytes))
			return 0;
		ret = fail("%s: %s", args->store_file, strerror(errno));
	} else if (errno != EEXIST) {
		return fail("%s: %s", args->store_file, strerror(errno));
	} else if (stat(args->store_file, &st) || !S_ISBLK(st.st_mode)) {
		return fail("%s is there already, and a heap would be written over it; try: a new "
			    "name, or a block device",
			    args->store_file);
	} else {
		*fd = open(args->store_file, O_RDWR | O_CLOEXEC);
		if (*fd >= 0)
			return 0;
		return fail("%s: %s", args->store_file, strerror(errno));
	}
	close(*fd);
	return ret;
}

/* A store of another module knows what it wants: a device, most likely. */
static int open_store(const struct window_options *args, int *fd)
{
	*fd = -1;
	if (!args->store_file)
		return 0;
	if (args->create.store < MEMRIG_KIND_FIRST)
		return open_new(args, fd);
	*fd = open(args->store_file, O_RDWR | O_CLOEXEC);
	return *fd < 0 ? fail("%s: %s", args->store_file, strerror(errno)) : 0;
}

static int create_window(memrig_t *rig, memrig_region_t *region, const struct window_options *args,
			 memrig_window_t **window)
{
	struct memrig_window_create create = args->create;
	int ret;

	if (open_store(args, &create.store_fd))
		return EXIT_FAILURE;
	ret = memrig_window_create(rig, region, &create, window);
	if (create.store_fd >= 0)
		close(create.store_fd);
	return ret ? report() : 0;
}

int window_args_create(memrig_t *rig, struct region_args *region_args, struct window_options *args,
		       memrig_window_t **window)
{
	memrig_region_t *region;
	int ret = window_options_kinds(rig, args);

	if (ret)
		return ret;
	region_args->create.kind = MEMRIG_KIND_PAGES;
	region_args->create.length = args->frame_bytes;
	ret = region_args_create(rig, region_args, &region);
	if (ret)
		return ret;
	ret = create_window(rig, region, args, window);
	memrig_region_close(region); /* the window keeps it */
	return ret;
}
