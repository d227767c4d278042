// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options that describe a window, and making it.
 */
#include "window_args.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "A window, memory with more pages than frames:", 20 },
	{ "window", OPT_WINDOW, "BYTES", 0, "Its length, rounded up to pages", 20 },
	{ "frames", OPT_FRAMES, "BYTES", 0, "Of memory for it; more is in the store", 20 },
	{ "policy", OPT_POLICY, "NAME", 0,
	  "Which page leaves: adaptive (default), nru, lru, fifo, random, clock, sieve, s3fifo",
	  20 },
	{ "store", OPT_STORE, "NAME", 0, "Where to: ram (default), compressed, file", 20 },
	{ "store-file", OPT_STORE_FILE, "FILE", 0,
	  "A block device, or the name of a file to be made, which is gone afterwards", 20 },
	{ "compressor", OPT_COMPRESSOR, "NAME", 0, "Of the compressed store: lzo, lz4, zstd", 20 },
	{ "tick", OPT_TICK, "MS", 0, "Of nru: how long a page counts as used (default 100)", 20 },
	{ 0 }
};

static const char *const policies[] = {
	[MEMRIG_POLICY_NRU] = "nru",	   [MEMRIG_POLICY_LRU] = "lru",
	[MEMRIG_POLICY_FIFO] = "fifo",	   [MEMRIG_POLICY_RANDOM] = "random",
	[MEMRIG_POLICY_CLOCK] = "clock",   [MEMRIG_POLICY_SIEVE] = "sieve",
	[MEMRIG_POLICY_S3FIFO] = "s3fifo", [MEMRIG_POLICY_ADAPTIVE] = "adaptive",
};

static const char *const stores[] = {
	[MEMRIG_STORE_RAM] = "ram",
	[MEMRIG_STORE_COMPRESSED] = "compressed",
	[MEMRIG_STORE_FILE] = "file",
	[MEMRIG_STORE_NULL] = "null",
};

static const char *const compressors[] = {
	[MEMRIG_COMPRESSOR_LZO] = "lzo",
	[MEMRIG_COMPRESSOR_LZ4] = "lz4",
	[MEMRIG_COMPRESSOR_ZSTD] = "zstd",
};

/* ---- names --------------------------------------------------------------------------- */

static const char *name_of(const char *const *names, size_t count, uint32_t value)
{
	return value < count && names[value] ? names[value] : "?";
}

const char *window_policy_name(uint32_t policy)
{
	return name_of(policies, ARRAY_SIZE(policies), policy);
}

const char *window_store_name(uint32_t store)
{
	return name_of(stores, ARRAY_SIZE(stores), store);
}

/* 0: none has that name. */
static uint32_t value_of(const char *const *names, size_t count, const char *name)
{
	uint32_t i;

	for (i = 1; i < count; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return 0;
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
	if (!value_of(policies, ARRAY_SIZE(policies), args->policy))
		argp_error(state,
			   "--policy: '%s' is none of adaptive, nru, lru, fifo, random, clock, "
			   "sieve, s3fifo",
			   args->policy);
	if (!value_of(stores, ARRAY_SIZE(stores), args->store))
		argp_error(state, "--store: '%s' is none of ram, compressed, file", args->store);
	if (!strcmp(args->store, "null"))
		argp_error(state, "--store: what leaves for null is lost, and a heap needs it");
	if (args->compressor && !value_of(compressors, ARRAY_SIZE(compressors), args->compressor))
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
	if (!strcmp(args->store, "file") != !!args->store_file)
		argp_error(state, "--store file and --store-file FILE belong together");
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

static int explain(const struct window_args *args, const struct memrig_window_create *create,
		   int error)
{
	if (error == ENOSPC)
		return fail("%s is shorter than the window; try: a smaller --window",
			    args->store_file ?: "the store");
	if (error == EOPNOTSUPP)
		return fail("this kernel has no such window (policy %s, store %s, compressor %s, "
			    "or frames of that --attr); memrig caps says what there is",
			    args->policy, args->store, args->compressor ?: "any");
	return fail("the window cannot be made: %s%s%s", strerror(error),
		    create->reason ? ": " : "",
		    create->reason ? memrig_reason_text(create->reason) : "");
}

static int create_window(memrig_t *rig, memrig_region_t *region, const struct window_args *args,
			 int store_fd, int *fd)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct memrig_window_create create = {
		.size = sizeof(create),
		.region_fd = memrig_region_fd(region),
		.frames = args->frames / page,
		.pages = args->bytes / page,
		.policy = value_of(policies, ARRAY_SIZE(policies), args->policy),
		.store = value_of(stores, ARRAY_SIZE(stores), args->store),
		.store_fd = store_fd,
		.tick_ms = args->tick_ms,
	};

	if (args->compressor)
		create.compressor =
			value_of(compressors, ARRAY_SIZE(compressors), args->compressor);
	if (ioctl(memrig_fd(rig), MEMRIG_IOC_WINDOW_CREATE, &create))
		return explain(args, &create, errno);
	*fd = create.fd;
	return 0;
}

int window_args_create(memrig_t *rig, struct region_args *region_args,
		       const struct window_args *args, int *fd)
{
	memrig_region_t *region;
	int ret, store_fd = -1;

	region_args->create.kind = MEMRIG_KIND_PAGES;
	region_args->create.length = args->frames;
	ret = region_args_create(rig, region_args, &region);
	if (ret)
		return ret;
	if (args->store_file)
		ret = open_store(args, &store_fd);
	if (!ret)
		ret = create_window(rig, region, args, store_fd, fd);
	if (store_fd >= 0)
		close(store_fd);
	memrig_region_close(region); /* the window keeps it */
	return ret;
}
