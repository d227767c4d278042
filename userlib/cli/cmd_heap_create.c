// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig heap create: a heap lives as long as a descriptor of it, so either a command inherits it
 * or this process holds it until a signal.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "commands.h"
#include "fill.h"
#include "heap_report.h"
#include "region_args.h"
#include "util.h"

enum {
	OPT_OFFSET = 0x3000,
	OPT_LENGTH,
	OPT_HARDENING,
	OPT_STATS,
	OPT_SCRUB,
	OPT_SEARCH,
	OPT_BLOCKS,
	OPT_FILL
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "The heap:", 1 },
	{ "placement", 'p', "WHERE", 0, "Headers: oob (default) or inband", 1 },
	{ "offset", OPT_OFFSET, "BYTES", 0, "First byte of the region to manage", 1 },
	{ "length", OPT_LENGTH, "BYTES", 0, "Bytes to manage (default: to the end)", 1 },
	{ "hardening", OPT_HARDENING, "LEVEL", 0,
	  "0 to 4: none, basic (default), moderate, full, "
	  "extreme",
	  1 },
	{ "stats", OPT_STATS, NULL, 0, "Keep runtime statistics", 1 },
	{ "scrub", OPT_SCRUB, NULL, 0, "Zero a block before another owner gets it", 1 },
	{ "search-limit", OPT_SEARCH, "N", 0, "List entries one allocation may look at (default 3)",
	  1 },
	{ "max-blocks", OPT_BLOCKS, "N", 0, "Bound on block records (oob)", 1 },
	{ "fill", OPT_FILL, "PERCENT", 0, "Allocate and free until this much is in use", 1 },
	{ 0 }
};

/**
 * struct create_args - the command line
 * @region: the region to make when none is named
 * @heap: the heap
 * @name: of the region, NULL: make one
 * @fill: per cent
 * @command: to run, NULL: hold
 */
struct create_args {
	struct region_args region;
	struct memrig_heap_create heap;
	const char *name;
	uint32_t fill;
	char **command;
};

static error_t parse_arg(char *arg, struct create_args *args, struct argp_state *state)
{
	if (child_command(state, &args->command))
		return 0;
	if (args->name)
		argp_error(state, "one region; a command goes after --");
	args->name = arg;
	return 0;
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
}

static void init_args(struct create_args *args, struct argp_state *state)
{
	state->child_inputs[0] = &args->region;
	args->heap = (struct memrig_heap_create){
		.size = sizeof(args->heap),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
	};
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
	case OPT_OFFSET:
		args->heap.offset = size_option(state, "--offset", arg);
		break;
	case OPT_LENGTH:
		args->heap.length = size_option(state, "--length", arg);
		break;
	case OPT_HARDENING:
		args->heap.hardening = hardening_option(state, arg);
		break;
	case OPT_STATS:
		args->heap.flags |= MEMRIG_HEAP_STATS;
		break;
	case OPT_SCRUB:
		args->heap.flags |= MEMRIG_HEAP_SCRUB;
		break;
	case OPT_SEARCH:
		args->heap.search_limit = u32_option(state, "--search-limit", arg);
		break;
	case OPT_BLOCKS:
		args->heap.max_blocks = u32_option(state, "--max-blocks", arg);
		break;
	case OPT_FILL:
		args->fill = u32_option(state, "--fill", arg);
		if (args->fill > 100)
			argp_error(state, "--fill: more than 100 per cent");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
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

/* Says where the heap is, so that others can look at it, and keeps it there. */
static int hold_heap(memrig_heap_t *heap)
{
	struct json_object *record = heap_record(heap);

	if (!record)
		return report();
	json_set_u64(record, "pid", getpid());
	json_set_u64(record, "fd", memrig_heap_fd(heap));
	heap_record_print(record);
	if (!common.json)
		printf("\nheld; look at it with: memrig heap map %d:%d\n"
		       "Ctrl-C lets go of it\n",
		       getpid(), memrig_heap_fd(heap));
	hold();
	return EXIT_SUCCESS;
}

static int run_with_heap(memrig_heap_t *heap, memrig_region_t *region, char **command)
{
	int ret;

	ret = child_inherit("MEMRIG_HEAP_FD", memrig_heap_fd(heap));
	if (!ret)
		ret = child_inherit("MEMRIG_REGION_FD", memrig_region_fd(region));
	return ret ? ret : child_run(command);
}

int cmd_heap_create(int argc, char **argv)
{
	static const struct argp_child children[] = { { &region_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.args_doc = "[REGION]\n[REGION] [OPTION...] -- COMMAND [ARG...]",
		.doc = "Put a heap on the named REGION, or on a fresh one made for it. A COMMAND "
		       "inherits the heap, its descriptor's number in $MEMRIG_HEAP_FD; without one "
		       "the heap is held until Ctrl-C.",
	};
	struct create_args args = { 0 };
	memrig_region_t *region;
	memrig_heap_t *heap;
	int ret;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
	ret = get_region(&args, &region);
	if (ret)
		return ret;
	ret = check_span(region, &args.heap);
	if (!ret)
		ret = memrig_heap_create(region, &args.heap, &heap) ? report() : 0;
	if (!ret) {
		if (args.fill)
			ret = fill_heap(heap, args.fill);
		if (!ret)
			ret = args.command ? run_with_heap(heap, region, args.command)
					   : hold_heap(heap);
		memrig_heap_close(heap);
	}
	memrig_region_close(region);
	return ret;
}
