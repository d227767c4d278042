/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The options that describe a region, for every subcommand that may create one.
 */
#ifndef MEMRIG_CLI_REGION_ARGS_H
#define MEMRIG_CLI_REGION_ARGS_H

#include "util.h"

/**
 * struct region_args - a region as the command line describes it
 * @create: for memrig_region_create(); attr 0: let region_args_create() choose
 * @attrs: bits of the attribute word by their names, NULL: none
 * @option: one of the options that were given, NULL: none
 * @named_option: one of those that only named regions have, NULL: none
 */
struct region_args {
	struct memrig_region_create create;
	const char *attrs;
	const char *option;
	const char *named_option;
};

/* For argp children; their input is a struct region_args, which the parser initialises. */
extern const struct argp region_argp;

/**
 * struct name_args - regions as the command line names them
 * @names: the words
 * @count: how many, at least one
 */
struct name_args {
	char **names;
	int count;
};

/* An argp parser that takes all words that are left as names; its input is a struct name_args. */
error_t parse_region_names(int key, char *arg, struct argp_state *state);

/*
 * For the ARGP_KEY_END of a parser whose region has a name or not: an option that would have no
 * effect is an error.
 */
void region_args_check(const struct argp_state *state, const struct region_args *args, bool named);

/*
 * Creates the region. Without --attr a pages region is cached, and a coherent one is what coherent
 * memory is on this machine. Reports what fails; returns 0 or EXIT_FAILURE.
 */
int region_args_create(memrig_t *rig, struct region_args *args, memrig_region_t **region);

/* The same attribute rule, for callers that build the request themselves. */
uint32_t default_attr(memrig_t *rig, uint32_t kind);

/* What memrig region show prints. */
struct json_object *region_record(memrig_t *rig, const struct memrig_region_info *info);

/* memrig region show: prints everything about a named region; cmd_region.c. An exit status. */
int region_show(memrig_t *rig, const char *name);

#endif /* MEMRIG_CLI_REGION_ARGS_H */
