// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig map, memrig heap map: the blocks of an allocator as a picture; of several behind one call,
 * one picture each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blockmap.h"
#include "commands.h"
#include "heap_target.h"
#include "target.h"
#include "util.h"

#define MAP_LINES 16

/**
 * struct map_args - the command line
 * @target: which allocator
 * @width: cells in a line
 * @lines: lines
 */
struct map_args {
	const char *target;
	uint32_t width;
	uint32_t lines;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct map_args *args = state->input;
	struct argp_state target_state;

	switch (key) {
	case 'w':
		args->width = u32_option(state, "--width", arg);
		if (!args->width || args->width > 1000)
			argp_error(state, "--width: 1 to 1000");
		return 0;
	case 'l':
		args->lines = u32_option(state, "--lines", arg);
		if (!args->lines || args->lines > 1000)
			argp_error(state, "--lines: 1 to 1000");
		return 0;
	default:
		target_state = *state;
		target_state.input = &args->target;
		return heap_target_parse(key, arg, &target_state);
	}
}

static const struct argp_option options[] = {
	{ "width", 'w', "CELLS", 0, "Cells in a line (default: the terminal's width)", 0 },
	{ "lines", 'l', "N", 0, "Lines (default 16)", 0 },
	{ 0 }
};

static int draw(memrig_heap_t *heap, const struct map_args *args, struct json_object **answer)
{
	struct blockmap map;
	int ret;

	ret = blockmap_read(heap, args->width * args->lines, &map);
	if (ret)
		return ret;
	if (common.json)
		*answer = blockmap_json(&map);
	else
		blockmap_draw(stdout, &map, args->width);
	blockmap_free(&map);
	return 0;
}

/* One after the other, or as an array. */
static int draw_members(struct target *target, const struct map_args *args,
			struct json_object **answer)
{
	static uint32_t members[TARGET_MEMBERS];
	struct json_object *one = NULL;
	memrig_heap_t *heap;
	int count, i, ret = 0;

	count = target_members(target, members);
	if (count < 0)
		return report();
	*answer = json_object_new_array();
	for (i = 0; i < count && !ret; i++) {
		if (target_member(target, members[i], &heap))
			return report();
		if (!common.json)
			printf("%smember %u\n", i ? "\n" : "", members[i]);
		ret = draw(heap, args, &one);
		if (ret || !common.json)
			continue;
		json_set_u64(one, "member", members[i]);
		json_object_array_add(*answer, one);
	}
	return ret;
}

int cmd_map(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.children = common_children,
		.parser = parse,
		.args_doc = HEAP_TARGET_ARGS,
		.doc = "Draw the blocks of an allocator." HEAP_TARGET_DOC,
	};
	const char *type = strcmp(argv[0], "memrig heap map") ? NULL : "heap";
	struct map_args args = { .lines = MAP_LINES };
	struct json_object *answer = NULL;
	struct target target;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (!args.width)
		args.width = blockmap_width();
	ret = target_open(args.target, type, &target);
	if (ret)
		return ret;
	if (target.heap)
		ret = draw(target.heap, &args, &answer);
	else
		ret = draw_members(&target, &args, &answer);
	target_close(&target);
	if (!ret && common.json)
		json_print(answer);
	else
		json_object_put(answer);
	return ret;
}
