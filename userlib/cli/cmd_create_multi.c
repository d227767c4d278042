// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig create multi, smart, priority, shared: several allocators behind one call. The last three
 * are members and rules of the first that are written down here.
 */
#include <stdlib.h>
#include <string.h>

#include "attr_bits.h"
#include "child.h"
#include "commands.h"
#include "create_hold.h"
#include "multi_spec.h"
#include "util.h"

enum { OPT_MEMBER = 0x7000, OPT_RULE, OPT_TIER, OPT_REACH, OPT_LEVEL, OPT_TRACK, OPT_LOCAL };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What it is made of:", 1 },
	{ "member", OPT_MEMBER, "WORDS", 0,
	  "multi, shared: a member: engine=, block=, count=, size=, attr=, kind=, mark=, region=",
	  1 },
	{ "rule", OPT_RULE, "WORDS", 0,
	  "multi, shared: a rule: min=, max=, align=, with=, without=, prio=, uid=, member=, stop, "
	  "local",
	  1 },
	{ "tier", OPT_TIER, "SIZExCOUNT", 0,
	  "smart: a slab (default 32x64, 128x32, 512x16); smallest first", 1 },
	{ "reach", OPT_REACH, "N", 0,
	  "smart: larger tiers a request may use when its own is full (default 1)", 1 },
	{ "level", OPT_LEVEL, "BYTES", 0,
	  "priority: size of a level, the highest first (default three of 64K)", 1 },
	{ "size", 's', "BYTES", 0,
	  "smart: of the heap behind the tiers; shared: of each member (default 64K)", 1 },
	{ "attr", 'a', "ATTR", 0, "smart, priority: cached (default), wc, uncached, wt, device",
	  1 },
	{ "track", OPT_TRACK, NULL, 0,
	  "Remember who asked for each block, in all members: memrig leaks", 1 },
	{ "local", OPT_LOCAL, NULL, 0, "Run by the library in this process; no device is needed",
	  1 },
	{ 0 }
};

enum preset { PRESET_MULTI, PRESET_SMART, PRESET_PRIORITY, PRESET_SHARED };

/**
 * struct tier - a slab of smart
 * @size: of a block
 * @count: of blocks
 */
struct tier {
	uint64_t size;
	uint32_t count;
};

/**
 * struct multi_args - the command line
 * @preset: which of the four
 * @spec: members and rules
 * @tiers: sizes and numbers of blocks, smallest first
 * @nr_tiers: how many
 * @levels: bytes, the highest first
 * @nr_levels: how many
 * @reach: of smart
 * @size: of a heap
 * @attr: enum memrig_attr, 0: default
 * @track: members remember who asked for each block
 * @local: run by the library
 * @drive: what to do with it
 * @command: to run, or NULL
 */
struct multi_args {
	enum preset preset;
	struct multi_spec spec;
	struct tier tiers[SPEC_MEMBERS - 1];
	uint32_t nr_tiers;
	uint64_t levels[SPEC_MEMBERS];
	uint32_t nr_levels;
	uint32_t reach;
	uint64_t size;
	uint32_t attr;
	bool track;
	bool local;
	struct drive_args drive;
	char **command;
};

/* ---- command line -------------------------------------------------------------------- */

static enum preset preset_of(const char *command)
{
	static const char *const words[] = { "multi", "smart", "priority", "shared" };
	const char *word = strrchr(command, ' ') + 1;
	size_t i = 0;

	while (i < ARRAY_SIZE(words) - 1 && strcmp(word, words[i]))
		i++;
	return (enum preset)i;
}

static void parse_tier(const struct argp_state *state, char *text, struct multi_args *args)
{
	char *cross = strchr(text, 'x');
	uint32_t n = args->nr_tiers;

	if (n == ARRAY_SIZE(args->tiers))
		argp_error(state, "--tier: at most %zu", ARRAY_SIZE(args->tiers));
	if (!cross)
		argp_error(state, "--tier: '%s' is no SIZExCOUNT like 64x128", text);
	*cross = '\0';
	args->tiers[n].size = size_option(state, "--tier", text);
	args->tiers[n].count = u32_option(state, "--tier", cross + 1);
	if (!args->tiers[n].size || args->tiers[n].size % 8 || !args->tiers[n].count)
		argp_error(state, "--tier: blocks have a multiple of 8 bytes, and there is one");
	if (n && args->tiers[n].size <= args->tiers[n - 1].size)
		argp_error(state, "--tier: the smallest first, each larger than the one before");
	args->nr_tiers++;
}

static void parse_level(const struct argp_state *state, const char *text, struct multi_args *args)
{
	if (args->nr_levels == ARRAY_SIZE(args->levels))
		argp_error(state, "--level: at most %zu", ARRAY_SIZE(args->levels));
	args->levels[args->nr_levels] = size_option(state, "--level", text);
	if (!args->levels[args->nr_levels++])
		argp_error(state, "--level: a region has at least one byte");
}

/* Options of another kind would have no effect. */
static void check_args(const struct multi_args *args, const struct argp_state *state)
{
	bool free_form = args->preset == PRESET_MULTI || args->preset == PRESET_SHARED;
	bool smart = args->preset == PRESET_SMART, levels = args->preset == PRESET_PRIORITY;
	uint32_t i;

	if (!free_form && (args->spec.nr_members || args->spec.nr_rules))
		argp_error(state, "--member and --rule are for multi and shared");
	if (!smart && (args->nr_tiers || args->reach != 1))
		argp_error(state, "--tier and --reach are for smart");
	if (!levels && args->nr_levels)
		argp_error(state, "--level is for priority");
	if (free_form && args->attr)
		argp_error(state, "--attr is for smart and priority; members say attr=");
	if (args->preset == PRESET_MULTI && !args->spec.nr_members)
		argp_error(state, "of what? example: memrig create multi "
				  "--member engine=slab,block=64 --member engine=heap");
	for (i = 0; args->local && i < args->spec.nr_members; i++)
		if (args->spec.members[i].name || args->spec.members[i].region.attr)
			argp_error(state,
				   "--local: there are no regions in memory of this process");
	if (args->local && args->attr)
		argp_error(state, "--local: memory of this process is cached");
	if (args->local && args->track)
		argp_error(state, "--local: --track is for heaps of the kernel");
	if (args->local)
		create_check_local(state, &args->drive, args->command);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct multi_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->drive;
		args->preset = preset_of(state->argv[0]);
		break;
	case OPT_MEMBER:
		multi_spec_parse_member(state, arg, &args->spec);
		break;
	case OPT_RULE:
		multi_spec_parse_rule(state, arg, &args->spec);
		break;
	case OPT_TIER:
		parse_tier(state, arg, args);
		break;
	case OPT_LEVEL:
		parse_level(state, arg, args);
		break;
	case OPT_REACH:
		args->reach = u32_option(state, "--reach", arg);
		break;
	case 's':
		args->size = size_option(state, "--size", arg);
		if (!args->size)
			argp_error(state, "--size: a region has at least one byte");
		break;
	case 'a':
		args->attr = memrig_attr_value(arg);
		if (!args->attr)
			argp_error(state,
				   "--attr: '%s' is none of cached, wc, uncached, wt, device", arg);
		break;
	case OPT_TRACK:
		args->track = true;
		break;
	case OPT_LOCAL:
		args->local = true;
		break;
	case ARGP_KEY_ARG:
		if (!child_command(state, &args->command))
			argp_error(state, "'%s'? a command goes after --", arg);
		break;
	case ARGP_KEY_END:
		check_args(args, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* ---- the presets --------------------------------------------------------------------- */

static struct member_spec *add_member(struct multi_args *args, uint64_t bytes)
{
	struct member_spec *member = multi_spec_member(&args->spec);

	member->region.length = bytes;
	member->region.attr = args->attr;
	return member;
}

static void usual_tiers(struct multi_args *args)
{
	static const struct tier usual[] = { { 32, 64 }, { 128, 32 }, { 512, 16 } };

	memcpy(args->tiers, usual, sizeof(usual));
	args->nr_tiers = ARRAY_SIZE(usual);
}

/* A request goes to the tier of its size, then to so many larger ones, then to the heap. */
static void make_smart(struct multi_args *args)
{
	struct member_spec *member;
	struct memrig_rule *rule;
	uint32_t i;

	if (!args->nr_tiers)
		usual_tiers(args);
	for (i = 0; i < args->nr_tiers; i++) {
		member = add_member(args, args->tiers[i].size * args->tiers[i].count);
		member->heap.engine = MEMRIG_ENGINE_SLAB;
		member->heap.block_size = args->tiers[i].size;
		member->heap.num_blocks = args->tiers[i].count;
		rule = multi_spec_rule(&args->spec);
		rule->member = i;
		rule->max_bytes = args->tiers[i].size;
		if (i > args->reach)
			rule->min_bytes = args->tiers[i - 1 - args->reach].size + 1;
	}
	add_member(args, args->size);
	multi_spec_rule(&args->spec)->member = args->nr_tiers;
}

/* The lowest level is open to all, each higher one from one number more on. */
static void make_priority(struct multi_args *args)
{
	static const uint64_t usual[] = { 64 << 10, 64 << 10, 64 << 10 };
	struct memrig_rule *rule;
	uint32_t i;

	if (!args->nr_levels) {
		memcpy(args->levels, usual, sizeof(usual));
		args->nr_levels = ARRAY_SIZE(usual);
	}
	for (i = 0; i < args->nr_levels; i++) {
		add_member(args, args->levels[i]);
		rule = multi_spec_rule(&args->spec);
		rule->member = i;
		if (i < args->nr_levels - 1)
			rule->prio_min = (int32_t)(args->nr_levels - 1 - i);
	}
}

/* Unless members are given: one for each attribute that this machine can give. */
static int make_shared(struct multi_args *args)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	memrig_t *rig;
	uint32_t attr;
	int ret;

	if (args->spec.nr_members)
		return 0;
	if (args->local) {
		add_member(args, args->size)->marks = MEMRIG_ATTRS_CACHEABLE;
		return 0;
	}
	if (open_rig(&rig))
		return EXIT_FAILURE;
	ret = memrig_caps(rig, &caps) ? report() : 0;
	memrig_close(rig);
	for (attr = 1; !ret && attr < 32; attr++)
		if (caps.attrs_pages & (1u << attr))
			add_member(args, args->size)->region.attr = attr;
	return ret;
}

static int make(struct multi_args *args)
{
	switch (args->preset) {
	case PRESET_SMART:
		make_smart(args);
		return 0;
	case PRESET_PRIORITY:
		make_priority(args);
		return 0;
	case PRESET_SHARED:
		return make_shared(args);
	default:
		return 0;
	}
}

int cmd_create_multi(int argc, char **argv)
{
	static const struct argp_child children[] = { { &drive_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.args_doc = "[OPTION...]\n[OPTION...] -- COMMAND [ARG...]",
		.doc = "Put several allocators behind one call: rules choose one for each request. "
		       "Steps drive it, then a COMMAND inherits it, its descriptor's number in "
		       "$MEMRIG_MULTI_FD; without either it is held until Ctrl-C.",
	};
	static struct multi_args args = { .reach = 1, .size = 64 << 10 };
	struct target target = { 0 };
	uint32_t i;
	int ret;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
	ret = make(&args);
	for (i = 0; args.track && i < args.spec.nr_members; i++)
		args.spec.members[i].heap.flags |= MEMRIG_HEAP_TRACK;
	if (!ret)
		ret = multi_spec_create(&args.spec, args.local, &target.multi);
	if (!ret)
		ret = create_use(&target, NULL, &args.drive, args.command);
	target_close(&target);
	script_free(&args.drive.script);
	return ret;
}
