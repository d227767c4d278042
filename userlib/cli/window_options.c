// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options of memrig window create.
 */
#include "window_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_PAGES = 0x5c00,
	OPT_FRAMES,
	OPT_REGION,
	OPT_OFFSET,
	OPT_POLICY,
	OPT_STORE,
	OPT_STORE_FILE,
	OPT_STORE_OFFSET,
	OPT_STORE_LIMIT,
	OPT_COMPRESSOR,
	OPT_READ_ONLY,
	OPT_SERIAL,
	OPT_THREAD_STATS,
	OPT_INJECT,
	OPT_FAULT_AROUND,
	OPT_READ_AHEAD,
	OPT_CLEAN_MS,
	OPT_CLEAN_PAGES,
	OPT_TICK,
	OPT_STORE_TIMEOUT,
	OPT_FRAME_TIMEOUT,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Pages and frames:", 10 },
	{ "size", 's', "BYTES", 0, "Its length, rounded up to pages", 10 },
	{ "pages", OPT_PAGES, "N", 0, "The same as a number of pages", 10 },
	{ "frames", OPT_FRAMES, "BYTES", 0, "Of memory for it, rounded up to pages", 10 },
	{ "region", OPT_REGION, "NAME", 0, "Lends the frames (default: one made for it)", 10 },
	{ "offset", OPT_OFFSET, "BYTES", 0, "Of the first frame in that region", 10 },
	{ NULL, 0, NULL, 0, "Pages that have no frame:", 11 },
	{ "policy", OPT_POLICY, "NAME", 0, "Which page leaves (see memrig window kinds)", 11 },
	{ "store", OPT_STORE, "NAME", 0, "Where to: ram (default), compressed, file, image, null",
	  11 },
	{ "store-file", OPT_STORE_FILE, "FILE", 0, "A file, image or block device", 11 },
	{ "store-offset", OPT_STORE_OFFSET, "BYTES", 0, "Where the first page is in it", 11 },
	{ "store-limit", OPT_STORE_LIMIT, "BYTES", 0, "Of pages in a store in memory", 11 },
	{ "compressor", OPT_COMPRESSOR, "NAME", 0, "Of a compressed store: lzo, lz4, zstd", 11 },
	{ "store-timeout", OPT_STORE_TIMEOUT, "MS", 0, "Then a touch is SIGBUS (default 10000)",
	  11 },
	{ "frame-timeout", OPT_FRAME_TIMEOUT, "MS", 0,
	  "The same while all frames are in use (default 1000)", 11 },
	{ NULL, 0, NULL, 0, "How it works:", 12 },
	{ "read-only", OPT_READ_ONLY, NULL, 0, "Nobody writes it, and its file", 12 },
	{ "serial", OPT_SERIAL, NULL, 0, "One page moves at a time", 12 },
	{ "thread-stats", OPT_THREAD_STATS, NULL, 0, "Count for each thread", 12 },
	{ "inject", OPT_INJECT, NULL, 0, "Failures of the store can be ordered, for tests", 12 },
	{ "fault-around", OPT_FAULT_AROUND, "PAGES", 0,
	  "A touch enters resident neighbours as well; a power of two up to 64", 12 },
	{ "read-ahead", OPT_READ_AHEAD, "PAGES", 0,
	  "So many are read ahead of touches in order; up to 64", 12 },
	{ "clean-ms", OPT_CLEAN_MS, "MS", 0, "So often changed pages that are idle are written",
	  12 },
	{ "clean-pages", OPT_CLEAN_PAGES, "N", 0, "How many each time (default 32)", 12 },
	{ "tick", OPT_TICK, "MS", 0, "Of nru: how long a page counts as used (default 100)", 12 },
	{ 0 }
};

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Bytes, as pages. */
static uint64_t pages_option(const struct argp_state *state, const char *option, const char *text)
{
	uint64_t bytes = size_option(state, option, text);

	if (!bytes)
		argp_error(state, "%s: at least one page", option);
	if (bytes > MEMRIG_WINDOW_PAGES_MAX * page_size())
		argp_error(state, "%s: a window has at most %llu pages", option,
			   MEMRIG_WINDOW_PAGES_MAX);
	return (bytes + page_size() - 1) / page_size();
}

static uint64_t aligned_option(const struct argp_state *state, const char *option, const char *text)
{
	uint64_t bytes = size_option(state, option, text);

	if (bytes % page_size())
		argp_error(state, "%s: '%s' is no multiple of the page size, %llu", option, text,
			   (unsigned long long)page_size());
	return bytes;
}

/* @low to @high. */
static uint32_t number_option(const struct argp_state *state, const char *option, const char *text,
			      uint32_t low, uint32_t high)
{
	uint32_t value = u32_option(state, option, text);

	if (value < low || value > high)
		argp_error(state, "%s: '%s' is not from %u to %u", option, text, low, high);
	return value;
}

static uint64_t timeout_option(const struct argp_state *state, const char *option, const char *text)
{
	return number_option(state, option, text, 1, 3600000) * 1000000ULL;
}

static uint32_t around_option(const struct argp_state *state, const char *text)
{
	uint32_t pages = number_option(state, "--fault-around", text, 1, MEMRIG_FAULT_AROUND_MAX);

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

/* What fits together. The kernel knows the rest. */
static void check(const struct argp_state *state, struct window_options *args)
{
	struct memrig_window_create *create = &args->create;

	if (!create->pages)
		argp_error(state, "how large? try: --size 1G, or --pages N");
	if (!create->frames && !args->region)
		argp_error(state, "how much of it in memory at once? try: --frames 64M");
	if (create->frames > create->pages)
		argp_error(state, "--frames: more frames than pages; try: less than --size");
	if (create->offset && !args->region)
		argp_error(state, "--offset is within a region; try: --region NAME");
	if (create->compressor && strcmp(args->store, "compressed"))
		argp_error(state, "--compressor is for --store compressed");
	if (create->store_pages && strcmp(args->store, "ram") && strcmp(args->store, "compressed"))
		argp_error(state, "--store-limit is for --store ram and compressed");
	if (create->store_offset && !args->store_file)
		argp_error(state, "--store-offset is within a file; try: --store-file FILE");
	if (create->clean_pages && !create->clean_ms)
		argp_error(state, "--clean-pages: how often? try: --clean-ms 100");
	if (create->flags & MEMRIG_WINDOW_READ_ONLY && create->flags & MEMRIG_WINDOW_INJECT)
		argp_error(state, "--inject is for windows that can be written");
	args->bytes = create->pages * page_size();
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
	case OPT_STORE_OFFSET:
		create->store_offset = aligned_option(state, "--store-offset", arg);
		return 0;
	case OPT_STORE_LIMIT:
		create->store_pages = pages_option(state, "--store-limit", arg);
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

/* Options about how it works. */
static error_t parse_work(int key, char *arg, struct argp_state *state)
{
	struct window_options *args = state->input;
	struct memrig_window_create *create = &args->create;

	switch (key) {
	case OPT_READ_ONLY:
		create->flags |= MEMRIG_WINDOW_READ_ONLY;
		return 0;
	case OPT_SERIAL:
		create->flags |= MEMRIG_WINDOW_SERIAL;
		return 0;
	case OPT_THREAD_STATS:
		create->flags |= MEMRIG_WINDOW_THREAD_STATS;
		return 0;
	case OPT_INJECT:
		create->flags |= MEMRIG_WINDOW_INJECT;
		return 0;
	case OPT_FAULT_AROUND:
		create->fault_around = around_option(state, arg);
		return 0;
	case OPT_READ_AHEAD:
		create->read_ahead =
			number_option(state, "--read-ahead", arg, 0, MEMRIG_READ_AHEAD_MAX);
		return 0;
	case OPT_CLEAN_MS:
		create->clean_ms = number_option(state, "--clean-ms", arg, 1, MEMRIG_CLEAN_MS_MAX);
		return 0;
	case OPT_CLEAN_PAGES:
		create->clean_pages =
			number_option(state, "--clean-pages", arg, 1, MEMRIG_CLEAN_PAGES_MAX);
		return 0;
	case OPT_TICK:
		create->tick_ms = number_option(state, "--tick", arg, 1, UINT32_MAX);
		return 0;
	default:
		return parse_store(key, arg, state);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct window_options *args = state->input;
	struct memrig_window_create *create = &args->create;

	switch (key) {
	case ARGP_KEY_INIT:
		*args = (struct window_options){
			.create = MEMRIG_WINDOW_DEFAULTS,
			.policy = "default",
			.store = "ram",
		};
		return 0;
	case 's':
		create->pages = pages_option(state, "--size", arg);
		return 0;
	case OPT_PAGES:
		create->pages = number_option(state, "--pages", arg, 1, MEMRIG_WINDOW_PAGES_MAX);
		return 0;
	case OPT_FRAMES:
		create->frames = pages_option(state, "--frames", arg);
		return 0;
	case OPT_REGION:
		args->region = arg;
		return 0;
	case OPT_OFFSET:
		create->offset = aligned_option(state, "--offset", arg);
		return 0;
	case ARGP_KEY_END:
		check(state, args);
		return 0;
	default:
		return parse_work(key, arg, state);
	}
}

const struct argp window_options_argp = { .options = options, .parser = parse };
