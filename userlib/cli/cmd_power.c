// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig region suspend and resume.
 */
#include <stdlib.h>

#include "commands.h"
#include "region_args.h"
#include "util.h"

/* The names come first: parse_region_names() takes the whole for them. */
struct power_args {
	struct name_args names;
	uint32_t flags;
};

static error_t parse_suspend(int key, char *arg, struct argp_state *state)
{
	struct power_args *args = state->input;

	if (key != 'l')
		return parse_region_names(key, arg, state);
	args->flags |= MEMRIG_SUSPEND_LOSE;
	return 0;
}

static int suspend(memrig_region_t *region, uint32_t flags)
{
	return memrig_region_suspend(region, flags);
}

static int resume(memrig_region_t *region, uint32_t flags)
{
	(void)flags;
	return memrig_region_resume(region);
}

/* Does it to each of them; one that fails does not stop the others. */
static int for_each(const struct power_args *args,
		    int (*act)(memrig_region_t *region, uint32_t flags))
{
	memrig_region_t *region;
	memrig_t *rig;
	int ret = 0, i;

	if (open_rig(&rig))
		return EXIT_FAILURE;
	for (i = 0; i < args->names.count; i++) {
		if (memrig_region_open(rig, args->names.names[i], 0, &region)) {
			ret = report();
			continue;
		}
		if (act(region, args->flags))
			ret = report();
		memrig_region_close(region);
	}
	memrig_close(rig);
	return ret;
}

int cmd_region_suspend(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "lose", 'l', NULL, 0, "The content is lost, as without power", 0 }, { 0 }
	};
	static const struct argp argp = {
		.options = options,
		.children = common_children,
		.parser = parse_suspend,
		.args_doc = "NAME...",
		.doc = "Switch named regions off, made with --attrs powered. Until resume, "
		       "touching one is SIGBUS in every process that has it mapped; heaps over it "
		       "go on.",
	};
	struct power_args args = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	return for_each(&args, suspend);
}

int cmd_region_resume(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_region_names,
		.args_doc = "NAME...",
		.doc = "Switch suspended regions on again, with the content they had.",
	};
	struct power_args args = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	return for_each(&args, resume);
}
