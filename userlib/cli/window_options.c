// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options that describe a window, whoever makes it.
 */
#include "window_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "window_rows.h"

enum {
	OPT_FRAMES = 0x5c00,
	OPT_POLICY,
	OPT_STORE,
	OPT_STORE_FILE,
	OPT_STORE_LIMIT,
	OPT_COMPRESSOR,
	OPT_SERIAL,
	OPT_THREAD_STATS,
	OPT_FAULT_AROUND,
	OPT_READ_AHEAD,
	OPT_CLEAN_MS,
	OPT_CLEAN_PAGES,
	OPT_TICK,
	OPT_STORE_TIMEOUT,
	OPT_FRAME_TIMEOUT,
};

static const struct argp_option options[] = {
	{ "frames", OPT_FRAMES, "BYTES", 0, "Of memory for it, rounded up to pages", 20 },
	{ NULL, 0, NULL, 0, "Pages that have no frame:", 21 },
	{ "policy", OPT_POLICY, "NAME", 0,
	  "Which page leaves: adaptive (default), nru, lru, fifo, random, clock, sieve, s3fifo, or one of another module",
	  21 },
	{ "store", OPT_STORE, "NAME", 0,
	  "Where to: ram (default), compressed, file, or another of memrig window kinds", 21 },
	{ "store-file", OPT_STORE_FILE, "FILE", 0, "A file or block device", 21 },
	{ "store-limit", OPT_STORE_LIMIT, "BYTES", 0, "Of pages in a store in memory", 21 },
	{ "compressor", OPT_COMPRESSOR, "NAME", 0, "Of a compressed store: lzo, lz4, zstd", 21 },
	{ "store-timeout", OPT_STORE_TIMEOUT, "MS", 0, "Then a touch is SIGBUS (default 10000)",
	  21 },
	{ "frame-timeout", OPT_FRAME_TIMEOUT, "MS", 0,
	  "The same while all frames are in use (default 1000)", 21 },
	{ NULL, 0, NULL, 0, "How it works:", 22 },
	{ "serial", OPT_SERIAL, NULL, 0, "One page moves at a time", 22 },
	{ "thread-stats", OPT_THREAD_STATS, NULL, 0, "Count for each thread", 22 },
	{ "fault-around", OPT_FAULT_AROUND, "PAGES", 0,
	  "A touch enters resident neighbours as well; a power of two up to 64", 22 },
	{ "read-ahead", OPT_READ_AHEAD, "PAGES", 0,
	  "So many are read ahead of touches in order; up to 64", 22 },
	{ "clean-ms", OPT_CLEAN_MS, "MS", 0, "So often changed pages that are idle are written",
	  22 },
	{ "clean-pages", OPT_CLEAN_PAGES, "N", 0, "How many each time (default 32)", 22 },
	{ "tick", OPT_TICK, "MS", 0, "Of nru: how long a page counts as used (default 100)", 22 },
	{ 0 }
};

/* ---- values -------------------------------------------------------------------------- */

uint64_t window_page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t window_pages_option(const struct argp_state *state, const char *option, const char *text)
{
	uint64_t bytes = size_option(state, option, text);

	if (!bytes)
		argp_error(state, "%s: at least one page", option);
	if (bytes > MEMRIG_WINDOW_PAGES_MAX * window_page_size())
		argp_error(state, "%s: a window has at most %llu pages", option,
			   MEMRIG_WINDOW_PAGES_MAX);
	return (bytes + window_page_size() - 1) / window_page_size();
}

static uint64_t timeout_option(const struct argp_state *state, const char *option, const char *text)
{
	return range_option(state, option, text, 1, 3600000) * 1000000ULL;
}

static uint32_t around_option(const struct argp_state *state, const char *text)
{
	uint32_t pages = range_option(state, "--fault-around", text, 1, MEMRIG_FAULT_AROUND_MAX);

	if (pages & (pages - 1))
		argp_error(state, "--fault-around: '%s' is no power of two", text);
	return pages;
}

static uint32_t compressor_option(const struct argp_state *state, const char *text)
{
	uint32_t compressor = memrig_compressor_value(text);

	if (!compressor && strcmp(text, "default"))
		argp_error(state, "--compressor: '%s' is none of lzo, lz4, zstd, default", text);
	return compressor;
}

/* ---- all together -------------------------------------------------------------------- */

/* Remembers that there was one. */
static void note_option(struct window_options *args, int key)
{
	const struct argp_option *option;

	for (option = options; option->name || option->doc; option++)
		if (option->name && option->key == key)
			args->given = option->name;
}

/* Options about pages that have no frame. */
static error_t parse_store(int key, char *arg, struct argp_state *state)
{
	struct window_options *args = state->input;
	struct memrig_window_create *create = &args->create;

	switch (key) {
	case OPT_POLICY:
		args->policy = arg;
		return 0;
	case OPT_STORE:
		args->store = arg;
		return 0;
	case OPT_STORE_FILE:
		args->store_file = arg;
		return 0;
	case OPT_STORE_LIMIT:
		create->store_pages = window_pages_option(state, "--store-limit", arg);
		return 0;
	case OPT_COMPRESSOR:
		create->compressor = compressor_option(state, arg);
		return 0;
	case OPT_STORE_TIMEOUT:
		create->store_timeout_ns = timeout_option(state, "--store-timeout", arg);
		return 0;
	case OPT_FRAME_TIMEOUT:
		create->frame_timeout_ns = timeout_option(state, "--frame-timeout", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct window_options *args = state->input;
	struct memrig_window_create *create = &args->create;

	note_option(args, key);
	switch (key) {
	case ARGP_KEY_INIT:
		*args = (struct window_options){
			.create = MEMRIG_WINDOW_DEFAULTS,
			.policy = "default",
			.store = "ram",
		};
		return 0;
	case OPT_FRAMES:
		create->frames = window_pages_option(state, "--frames", arg);
		return 0;
	case OPT_SERIAL:
		create->flags |= MEMRIG_WINDOW_SERIAL;
		return 0;
	case OPT_THREAD_STATS:
		create->flags |= MEMRIG_WINDOW_THREAD_STATS;
		return 0;
	case OPT_FAULT_AROUND:
		create->fault_around = around_option(state, arg);
		return 0;
	case OPT_READ_AHEAD:
		create->read_ahead =
			range_option(state, "--read-ahead", arg, 0, MEMRIG_READ_AHEAD_MAX);
		return 0;
	case OPT_CLEAN_MS:
		create->clean_ms = range_option(state, "--clean-ms", arg, 1, MEMRIG_CLEAN_MS_MAX);
		return 0;
	case OPT_CLEAN_PAGES:
		create->clean_pages =
			range_option(state, "--clean-pages", arg, 1, MEMRIG_CLEAN_PAGES_MAX);
		return 0;
	case OPT_TICK:
		create->tick_ms = range_option(state, "--tick", arg, 1, UINT32_MAX);
		return 0;
	default:
		return parse_store(key, arg, state);
	}
}

const struct argp window_options_argp = { .options = options, .parser = parse };

void window_options_check(const struct argp_state *state, struct window_options *args,
			  const char *size)
{
	struct memrig_window_create *create = &args->create;

	if (create->frames > create->pages)
		argp_error(state, "--frames: more frames than pages; try: less than %s", size);
	if (create->compressor && strcmp(args->store, "compressed"))
		argp_error(state, "--compressor is for --store compressed");
	if (create->store_pages && strcmp(args->store, "ram") && strcmp(args->store, "compressed"))
		argp_error(state, "--store-limit is for --store ram and compressed");
	if (create->clean_pages && !create->clean_ms)
		argp_error(state, "--clean-pages: how often? try: --clean-ms 100");
	args->bytes = create->pages * window_page_size();
	args->frame_bytes = create->frames * window_page_size();
}

int window_options_kinds(memrig_t *rig, struct window_options *args)
{
	struct memrig_window_kind kind;
	int ret;

	ret = window_kind_number(rig, MEMRIG_KIND_OF_POLICY, "--policy", args->policy, &kind);
	if (ret)
		return ret;
	args->create.policy = kind.number;
	ret = window_kind_number(rig, MEMRIG_KIND_OF_STORE, "--store", args->store, &kind);
	if (ret)
		return ret;
	args->create.store = kind.number;
	if (kind.wants_file && !args->store_file) {
		fail("--store %s needs a file; try: --store-file FILE", args->store);
		return EXIT_USAGE;
	}
	if (!kind.wants_file && args->store_file) {
		fail("--store-file is for stores that are files; try: --store file");
		return EXIT_USAGE;
	}
	return 0;
}
