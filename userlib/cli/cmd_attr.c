// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig attr names, name, clear: the bits of the attribute word, and what people call them.
 */
#include <stdlib.h>

#include "commands.h"
#include "util.h"

#define BITS 64

/* ---- names --------------------------------------------------------------------------- */

static const struct column name_columns[] = {
	{ "bit", "BIT", false },
	{ "name", "NAME", false },
	{ "set_by", "SET BY", false },
};

/* Who sets the bit of a region: it follows from --attr, or it is asked for. */
static const char *setter(uint32_t bit)
{
	const uint64_t asked =
		MEMRIG_ATTRS_EXTERNAL | MEMRIG_ATTRS_POWERED | MEMRIG_ATTRS_CUSTOM_ALL;

	return asked >> bit & 1 ? "--attrs" : "--attr";
}

int cmd_attr_names(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.doc = "List the attributes that have names. Regions have them, and rules of multi "
		       "objects choose by them.",
	};
	char name[MEMRIG_NAME_MAX];
	struct json_object *rows;
	memrig_t *rig;
	uint32_t bit;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	rows = json_object_new_array();
	for (bit = 0; bit < BITS; bit++) {
		struct json_object *row;

		if (memrig_attrs_name_get(rig, bit, name))
			continue;
		row = json_object_new_object();
		json_set_u64(row, "bit", bit);
		json_set_text(row, "name", name);
		json_set_text(row, "set_by", setter(bit));
		json_object_array_add(rows, row);
	}
	memrig_close(rig);
	list_print(rows, name_columns, ARRAY_SIZE(name_columns), "no names");
	return EXIT_SUCCESS;
}

/* ---- name, clear --------------------------------------------------------------------- */

struct words {
	const char *bit;
	const char *name;
};

static error_t parse_name(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (words->name)
			argp_error(state, "one bit and one name");
		*(words->bit ? &words->name : &words->bit) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!words->name)
			argp_error(state, "which bit, 32 to 63, and which name?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_clear(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (words->bit)
			argp_error(state, "one name, or the number of one bit");
		words->bit = arg;
		return 0;
	case ARGP_KEY_END:
		if (!words->bit)
			argp_error(state, "which name? see memrig attr names");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_attr_name(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_name,
		.args_doc = "BIT NAME",
		.doc = "Name a custom attribute, bit 32 to 63, for everybody on this machine.",
	};
	struct words words = { 0 };
	memrig_t *rig;
	uint32_t bit;
	int ret = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &words);
	if (parse_u32(words.bit, &bit))
		return fail("'%s' is no number of a bit; custom ones are 32 to 63", words.bit);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	if (memrig_attrs_name_set(rig, bit, words.name))
		ret = report();
	memrig_close(rig);
	return ret;
}

int cmd_attr_clear(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_clear,
		.args_doc = "NAME|BIT",
		.doc = "Take the name of a custom attribute away. Regions keep their bits.",
	};
	struct words words = { 0 };
	memrig_t *rig;
	uint32_t bit = 0;
	int ret = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &words);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	if ((parse_u32(words.bit, &bit) && memrig_attrs_name_find(rig, words.bit, &bit)) ||
	    memrig_attrs_name_set(rig, bit, NULL))
		ret = report();
	memrig_close(rig);
	return ret;
}
