// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options that describe a window, and making it.
 */
#include "window_args.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OPT_WINDOW = 0x5000,
	OPT_FRAMES,
	OPT_POLICY,
	OPT_STORE,
	OPT_STORE_FILE,
	OPT_COMPRESSOR,
	OPT_TICK,
	OPT_FAULT_AROUND,
	OPT_READ_AHEAD,
	OPT_CLEAN,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "A window, memory with more pages than frames:", 20 },
	{ "window", OPT_WINDOW, "BYTES", 0, "Its length, rounded up to pages", 20 },
	{ "frames", OPT_FRAMES, "BYTES", 0, "Of memory for it; more is in the store", 20 },
	{ "policy", OPT_POLICY, "NAME", 0,
	  "Which page leaves: adaptive (default), nru, lru, fifo, random, clock, sieve, s3fifo, or one of another module",
	  20 },
	{ "store", OPT_STORE, "NAME", 0,
	  "Where to: ram (default), compressed, file, or one of another module", 20 },
	{ "store-file", OPT_STORE_FILE, "FILE", 0,
	  "A block device, or the name of a file to be made, which is gone afterwards", 20 },
	{ "compressor", OPT_COMPRESSOR, "NAME", 0, "Of the compressed store: lzo, lz4, zstd", 20 },
	{ "tick", OPT_TICK, "MS", 0, "Of nru: how long a page counts as used (default 100)", 20 },
	{ "fault-around", OPT_FAULT_AROUND, "PAGES", 0,
	  "A touch enters so many that have frames as well; a power of two up to 64", 20 },
	{ "read-ahead", OPT_READ_AHEAD, "PAGES", 0,
	  "After touches in a row, so many come before they are touched; up to 64", 20 },
	{ "clean", OPT_CLEAN, "MS", 0, "Write pages that would leave soon, every so often", 20 },
	{ 0 }
};

/* ---- names --------------------------------------------------------------------------- */

/* By its name, of other modules, too. */
static int find_kind(memrig_t *rig, uint32_t what, const char *name,
		     struct memrig_window_kind *kind)
{
	uint32_t first = 0;

	*kind = (struct memrig_window_kind){ .size = sizeof(*kind) };
	if (!memrig_window_kind_find(rig, what, name, kind))
		return 0;
	fprintf(stderr, "memrig: there is no %s '%s' here; there are:",
		what == MEMRIG_KIND_OF_POLICY ? "policy" : "store", name);
	while (!memrig_window_kind(rig, what, first, kind)) {
		fprintf(stderr, " %s", kind->name);
		first = kind->number + 1;
	}
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

/* ---- options ------------------------------------------------------------------------- */

static uint64_t pages_option(const struct argp_state *state, const char *option, const char *text)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t bytes = size_option(state, option, text);

	if (!bytes)
		argp_error(state, "%s: at least one page", option);
	if (bytes > MEMRIG_WINDOW_PAGES_MAX * page)
		argp_error(state, "%s: a window has at most %llu pages", option,
			   MEMRIG_WINDOW_PAGES_MAX);
	return (bytes + page - 1) & ~(page - 1);
}

static void note_option(struct window_args *args, int key)
{
	const struct argp_option *option = options + 2; /* behind the heading and --window */

	while (option->name && option->key != key)
		option++;
	if (option->name)
		args->option = option->name;
}

static void check_names(const struct window_args *args, const struct argp_state *state)
{
	if (!strcmp(args->store, "null") || !strcmp(args->store, "image"))
		argp_error(state, "--store: a heap is written and read again, and %s does not",
			   args->store);
	if (args->compressor && !memrig_compressor_value(args->compressor))
		argp_error(state, "--compressor: '%s' is none of lzo, lz4, zstd", args->compressor);
}

/* What fits together. */
static void check(const struct window_args *args, const struct argp_state *state)
{
	if (!args->bytes && args->option)
		argp_error(state, "--%s is for windows; try: --window BYTES", args->option);
	if (!args->bytes)
		return;
	check_names(args, state);
	if (!args->frames)
		argp_error(state, "a window needs --frames: how much of it is in memory at once");
	if (args->frames > args->bytes)
		argp_error(state, "--frames: more frames than pages; try: less than --window");
	if (!strcmp(args->store, "file") && !args->store_file)
		argp_error(state, "--store file needs one: --store-file FILE");
	if (args->compressor && strcmp(args->store, "compressed"))
		argp_error(state, "--compressor is for --store compressed");
	if (args->tick_ms && strcmp(args->policy, "nru"))
		argp_error(state, "--tick is for --policy nru: no other looks at the clock");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct window_args *args = state->input;

	note_option(args, key);
	switch (key) {
	case ARGP_KEY_INIT:
		*args = (struct window_args){ .policy = "adaptive", .store = "ram" };
		break;
	case OPT_WINDOW:
		args->bytes = pages_option(state, "--window", arg);
		break;
	case OPT_FRAMES:
		args->frames = pages_option(state, "--frames", arg);
		break;
	case OPT_POLICY:
		args->policy = arg;
		break;
	case OPT_STORE:
		args->store = arg;
		break;
	case OPT_STORE_FILE:
		args->store_file = arg;
		break;
	case OPT_COMPRESSOR:
		args->compressor = arg;
		break;
	case OPT_TICK:
		args->tick_ms = u32_option(state, "--tick", arg);
		if (!args->tick_ms)
			argp_error(state, "--tick: at least 1");
		break;
	case OPT_FAULT_AROUND:
		args->fault_around = u32_option(state, "--fault-around", arg);
		if (args->fault_around > 64 || (args->fault_around & (args->fault_around - 1)))
			argp_error(state, "--fault-around: a power of two up to 64");
		break;
	case OPT_READ_AHEAD:
		args->read_ahead = u32_option(state, "--read-ahead", arg);
		if (args->read_ahead > 64)
			argp_error(state, "--read-ahead: at most 64");
		break;
	case OPT_CLEAN:
		args->clean_ms = u32_option(state, "--clean", arg);
		break;
	case ARGP_KEY_END:
		check(args, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp window_argp = { .options = options, .parser = parse };

/* ---- making it ----------------------------------------------------------------------- */

/*
 * Nobody needs what is left of a heap: a file has no name while it is used, and goes with the last
 * descriptor. Files that are there already are somebody's.
 */
static int open_store(const struct window_args *args, int *fd)
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
static int open_any(const struct window_args *args, const struct memrig_window_kind *kind, int *fd)
{
	*fd = -1;
	if (!kind->wants_file != !args->store_file)
		return fail("--store %s %s", args->store,
			    kind->wants_file ? "wants a --store-file"
					     : "is in memory, and wants no --store-file");
	if (!args->store_file)
		return 0;
	if (kind->number < MEMRIG_KIND_FIRST)
		return open_store(args, fd);
	*fd = open(args->store_file, O_RDWR | O_CLOEXEC);
	return *fd < 0 ? fail("%s: %s", args->store_file, strerror(errno)) : 0;
}

static int create_window(memrig_t *rig, memrig_region_t *region, const struct window_args *args,
			 memrig_window_t **window)
{
	struct memrig_window_create create = MEMRIG_WINDOW_DEFAULTS;
	struct memrig_window_kind kind;
	int ret;

	if (find_kind(rig, MEMRIG_KIND_OF_POLICY, args->policy, &kind))
		return EXIT_FAILURE;
	create.policy = kind.number;
	if (find_kind(rig, MEMRIG_KIND_OF_STORE, args->store, &kind) ||
	    open_any(args, &kind, &create.store_fd))
		return EXIT_FAILURE;
	create.store = kind.number;
	create.pages = args->bytes / (uint64_t)sysconf(_SC_PAGESIZE);
	create.compressor = args->compressor ? memrig_compressor_value(args->compressor) : 0;
	create.tick_ms = args->tick_ms;
	create.fault_around = args->fault_around;
	create.read_ahead = args->read_ahead;
	create.clean_ms = args->clean_ms;
	ret = memrig_window_create(rig, region, &create, window);
	if (create.store_fd >= 0)
		close(create.store_fd);
	return ret ? report() : 0;
}

int window_args_create(memrig_t *rig, struct region_args *region_args,
		       const struct window_args *args, memrig_window_t **window)
{
	memrig_region_t *region;
	int ret;

	region_args->create.kind = MEMRIG_KIND_PAGES;
	region_args->create.length = args->frames;
	ret = region_args_create(rig, region_args, &region);
	if (ret)
		return ret;
	ret = create_window(rig, region, args, window);
	memrig_region_close(region); /* the window keeps it */
	return ret;
}
