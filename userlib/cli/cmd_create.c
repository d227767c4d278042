// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig create slab, blocks, ring, heap, first-fit, best-fit, msgpool (a slab and its queue),
 * stream (a ring and its queue); memrig heap create: one allocator over one region. It lives as
 * long as a descriptor of it, so a script drives it, a command inherits it, or this process holds
 * it until a signal.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "commands.h"
#include "create_hold.h"
#include "fill.h"
#include "region_args.h"
#include "util.h"

enum {
	OPT_OFFSET = 0x3000,
	OPT_LENGTH,
	OPT_HARDENING,
	OPT_STATS,
	OPT_SCRUB,
	OPT_TRACK,
	OPT_SEARCH,
	OPT_BLOCKS,
	OPT_FILL,
	OPT_BLOCK_SIZE,
	OPT_COUNT,
	OPT_LOCAL
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "The allocator:", 1 },
	{ "block-size", OPT_BLOCK_SIZE, "BYTES", 0,
	  "slab, msgpool: a multiple of 8; blocks: a power of two", 1 },
	{ "blocks", OPT_COUNT, "N", 0, "slab, msgpool, blocks: how many (default: all that fit)",
	  1 },
	{ "placement", 'p', "WHERE", 0, "heap: headers oob (default) or inband", 1 },
	{ "offset", OPT_OFFSET, "BYTES", 0, "First byte of the region to manage", 1 },
	{ "length", OPT_LENGTH, "BYTES", 0, "Bytes to manage (default: to the end)", 1 },
	{ "hardening", OPT_HARDENING, "LEVEL", 0,
	  "0 to 4: none, basic (default), moderate, full, "
	  "extreme",
	  1 },
	{ "stats", OPT_STATS, NULL, 0, "Keep runtime statistics", 1 },
	{ "scrub", OPT_SCRUB, NULL, 0, "Zero a block before another owner gets it", 1 },
	{ "track", OPT_TRACK, NULL, 0, "Remember who asked for each block: memrig leaks", 1 },
	{ "search-limit", OPT_SEARCH, "N", 0, "List entries one allocation may look at (default 3)",
	  1 },
	{ "max-blocks", OPT_BLOCKS, "N", 0, "Bound on block records (oob)", 1 },
	{ "local", OPT_LOCAL, NULL, 0,
	  "Run by the library in memory of this process, --size of it; no device is needed", 1 },
	{ "fill", OPT_FILL, "PERCENT", 0, "Allocate and free until this much is in use", 1 },
	{ 0 }
};

/**
 * struct create_args - the command line
 * @region: the region to make when none is named
 * @heap: the heap
 * @name: of the region, NULL: make one
 * @fill: per cent
 * @local: run by the library
 * @drive: what to do with it
 * @command: to run, NULL: none
 */
struct create_args {
	struct region_args region;
	struct memrig_heap_create heap;
	const char *name;
	uint32_t fill;
	bool local;
	struct drive_args drive;
	char **command;
};

/* The last word of the command says which engine. */
static uint32_t engine_of(const char *command)
{
	static const struct {
		const char *word;
		uint32_t engine;
	} kinds[] = {
		{ "slab", MEMRIG_ENGINE_SLAB },		{ "blocks", MEMRIG_ENGINE_BLOCKS },
		{ "ring", MEMRIG_ENGINE_RING },		{ "first-fit", MEMRIG_ENGINE_FIRST_FIT },
		{ "best-fit", MEMRIG_ENGINE_BEST_FIT }, { "msgpool", MEMRIG_ENGINE_SLAB },
		{ "stream", MEMRIG_ENGINE_RING },
	};
	const char *word = strrchr(command, ' ') + 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(word, kinds[i].word))
			return kinds[i].engine;
	return MEMRIG_ENGINE_SYS_HEAP;
}

static error_t parse_arg(char *arg, struct create_args *args, struct argp_state *state)
{
	if (child_command(state, &args->command))
		return 0;
	if (args->name)
		argp_error(state, "one region; a command goes after --");
	args->name = arg;
	return 0;
}

/* Equal blocks have a size, a power of two where they form runs; others have none. */
static void check_blocks(const struct memrig_heap_create *heap, const struct argp_state *state)
{
	uint64_t size = heap->block_size;

	switch (heap->engine) {
	case MEMRIG_ENGINE_SLAB:
		if (!size || size % 8)
			argp_error(state, "the blocks of a slab have one size, a multiple of 8: "
					  "give --block-size");
		break;
	case MEMRIG_ENGINE_BLOCKS:
		if (size < 8 || (size & (size - 1)))
			argp_error(state, "blocks have one size, a power of two from 8 on: give "
					  "--block-size");
		break;
	default:
		if (size || heap->num_blocks)
			argp_error(state,
				   "--block-size and --blocks are for slab, blocks and msgpool");
	}
	if (heap->engine != MEMRIG_ENGINE_SYS_HEAP && heap->placement != MEMRIG_PLACEMENT_OOB)
		argp_error(state, "--placement inband is for heaps; try: memrig create heap");
}

/* A region is not what --local uses, but for the size. */
static void check_local(const struct create_args *args, const struct argp_state *state)
{
	const char *option = args->region.option;

	if (args->name || (option && strcmp(option, "size")))
		argp_error(state, "--local: memory of this process has a --size and nothing else");
	if (args->heap.flags & MEMRIG_HEAP_SCRUB || args->heap.offset || args->heap.length)
		argp_error(state, "--local: --scrub, --offset and --length are for regions");
	if (args->heap.flags & MEMRIG_HEAP_TRACK)
		argp_error(state, "--local: --track is for heaps of the kernel");
	create_check_local(state, &args->drive, args->command);
}

/* Options of a region that is there already would have no effect. */
static void check_args(const struct create_args *args, const struct argp_state *state)
{
	if (args->name && args->region.option)
		argp_error(state,
			   "--%s describes a region to be made, and %s is there already; try: "
			   "memrig region show %s",
			   args->region.option, args->name, args->name);
	region_args_check(state, &args->region, false);
	check_blocks(&args->heap, state);
	if (args->local)
		check_local(args, state);
}

static void init_args(struct create_args *args, struct argp_state *state)
{
	state->child_inputs[0] = &args->region;
	state->child_inputs[1] = &args->drive;
	args->heap = (struct memrig_heap_create){
		.size = sizeof(args->heap),
		.engine = engine_of(state->argv[0]),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
	};
}

/* Options with a number. */
static error_t parse_number(int key, char *arg, struct argp_state *state)
{
	struct create_args *args = state->input;

	switch (key) {
	case OPT_OFFSET:
		args->heap.offset = size_option(state, "--offset", arg);
		return 0;
	case OPT_LENGTH:
		args->heap.length = size_option(state, "--length", arg);
		return 0;
	case OPT_BLOCK_SIZE:
		args->heap.block_size = size_option(state, "--block-size", arg);
		return 0;
	case OPT_COUNT:
		args->heap.num_blocks = u32_option(state, "--blocks", arg);
		return 0;
	case OPT_HARDENING:
		args->heap.hardening = hardening_option(state, arg);
		return 0;
	case OPT_SEARCH:
		args->heap.search_limit = u32_option(state, "--search-limit", arg);
		return 0;
	case OPT_BLOCKS:
		args->heap.max_blocks = u32_option(state, "--max-blocks", arg);
		return 0;
	case OPT_FILL:
		args->fill = u32_option(state, "--fill", arg);
		if (args->fill > 100)
			argp_error(state, "--fill: more than 100 per cent");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct create_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		init_args(args, state);
		break;
	case ARGP_KEY_ARG:
		return parse_arg(arg, args, state);
	case ARGP_KEY_END:
		check_args(args, state);
		break;
	case 'p':
		args->heap.placement = memrig_placement_value(arg);
		if (!args->heap.placement)
			argp_error(state, "--placement: '%s' is neither oob nor inband", arg);
		break;
	case OPT_STATS:
		args->heap.flags |= MEMRIG_HEAP_STATS;
		break;
	case OPT_SCRUB:
		args->heap.flags |= MEMRIG_HEAP_SCRUB;
		break;
	case OPT_TRACK:
		args->heap.flags |= MEMRIG_HEAP_TRACK;
		break;
	case OPT_LOCAL:
		args->local = true;
		break;
	default:
		return parse_number(key, arg, state);
	}
	return 0;
}

static int get_region(struct create_args *args, memrig_region_t **region)
{
	memrig_t *rig;
	int ret;

	ret = open_rig(&rig);
	if (ret)
		return ret;
	if (args->name)
		ret = memrig_region_open(rig, args->name, 0, region) ? report() : 0;
	else
		ret = region_args_create(rig, &args->region, region);
	memrig_close(rig);
	return ret;
}

/* The kernel refuses these, too, but only the numbers show what is wrong. */
static int check_span(memrig_region_t *region, const struct memrig_heap_create *heap)
{
	uint64_t length = memrig_region_length(region);
	uint64_t offset = heap->offset, room = length - offset;

	if (offset % 8)
		return fail("--offset: %" PRIu64 " is no multiple of 8", offset);
	if (offset >= length)
		return fail("--offset: %" PRIu64 " is beyond the region, which has %" PRIu64
			    " bytes; try: memrig region list",
			    offset, length);
	if (heap->length > room)
		return fail("--length: the region has %" PRIu64 " bytes from offset %" PRIu64
			    " on, not %" PRIu64,
			    room, offset, (uint64_t)heap->length);
	return 0;
}

static int create_local(struct create_args *args, memrig_heap_t **heap)
{
	uint64_t bytes = args->region.create.length;

	if (bytes > SIZE_MAX)
		return fail("--size: %" PRIu64 " bytes are more than a process has", bytes);
	return memrig_local_create(NULL, bytes, &args->heap, heap) ? report() : 0;
}

static int create_over_region(struct create_args *args, memrig_region_t **region,
			      memrig_heap_t **heap)
{
	int ret;

	ret = get_region(args, region);
	if (ret)
		return ret;
	ret = check_span(*region, &args->heap);
	if (!ret)
		ret = memrig_heap_create(*region, &args->heap, heap) ? report() : 0;
	if (ret) {
		memrig_region_close(*region);
		*region = NULL;
	}
	return ret;
}

int cmd_create(int argc, char **argv)
{
	static const struct argp_child children[] = { { &region_argp, 0, NULL, 0 },
						      { &drive_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.args_doc = "[REGION]\n[REGION] [OPTION...] -- COMMAND [ARG...]",
		.doc = "Put an allocator on the named REGION, or on a fresh one made for it. Steps "
		       "drive it, then a COMMAND inherits it, its descriptor's number in "
		       "$MEMRIG_HEAP_FD; without either it is held until Ctrl-C.",
	};
	struct create_args args = { 0 };
	memrig_region_t *region = NULL;
	struct target target = { 0 };
	int ret;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
	if (args.local)
		ret = create_local(&args, &target.heap);
	else
		ret = create_over_region(&args, &region, &target.heap);
	if (!ret && args.fill)
		ret = fill_heap(target.heap, args.fill);
	if (!ret)
		ret = create_use(&target, region, &args.drive, args.command);
	target_close(&target);
	memrig_region_close(region);
	script_free(&args.drive.script);
	return ret;
}
