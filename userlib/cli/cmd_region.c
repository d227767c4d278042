// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig region create, list, show, rm. See cmd_power.c for suspend and resume.
 */
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "commands.h"
#include "region_args.h"
#include "util.h"

#define LIST_PART 64

/* ---- create -------------------------------------------------------------------------- */

struct create_args {
	struct region_args region;
	const char *name;
	char **command;
};

static error_t parse_create(int key, char *arg, struct argp_state *state)
{
	struct create_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->region;
		break;
	case ARGP_KEY_ARG:
		if (child_command(state, &args->command))
			break;
		if (args->name)
			argp_error(state, "one name; a command goes after --");
		if (!*arg || strlen(arg) >= MEMRIG_NAME_MAX)
			argp_error(state, "a name has 1 to %d characters", MEMRIG_NAME_MAX - 1);
		args->name = arg;
		break;
	case ARGP_KEY_END:
		if (!args->name && !args->command)
			argp_error(state, "a region without a name lives as long as its users: "
					  "give a NAME, or a command after --");
		region_args_check(state, &args->region, args->name);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_child create_children[] = { { &region_argp, 0, NULL, 0 },
						     { &common_argp, 0, NULL, 0 },
						     { 0 } };

/* Runs the command with it, or with --json says what it has become. */
static int use_region(memrig_t *rig, memrig_region_t *region, char **command)
{
	struct memrig_region_info info = { .size = sizeof(info) };

	if (command) {
		if (child_inherit("MEMRIG_REGION_FD", memrig_region_fd(region)))
			return EXIT_FAILURE;
		return child_run(command);
	}
	if (!common.json)
		return EXIT_SUCCESS;
	if (memrig_region_info(region, &info))
		return report();
	json_print(region_record(rig, &info));
	return EXIT_SUCCESS;
}

int cmd_region_create(int argc, char **argv)
{
	static const struct argp argp = {
		.children = create_children,
		.parser = parse_create,
		.args_doc = "NAME\n[NAME] [OPTION...] -- COMMAND [ARG...]",
		.doc = "Take memory. A named region stays until it is removed. With a COMMAND the "
		       "command inherits the region, its descriptor's number in "
		       "$MEMRIG_REGION_FD.",
	};
	struct create_args args = { 0 };
	memrig_region_t *region;
	memrig_t *rig;
	int ret;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
	if (args.name)
		strcpy((char *)args.region.create.name, args.name);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	ret = region_args_create(rig, &args.region, &region);
	if (!ret) {
		ret = use_region(rig, region, args.command);
		memrig_region_close(region);
	}
	memrig_close(rig);
	return ret;
}

/* ---- list ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct column list_columns[] = {
	{ "id", "ID", false },
	{ "name", "NAME", false },
	{ "kind", "KIND", false },
	{ "attr", "ATTR", false },
	{ "length", "SIZE", true },
	{ "node", "NODE", false },
	{ "uid", "UID", false },
	{ "gid", "GID", false },
	{ "mode", "MODE", false },
	{ "heaps", "HEAPS", false },
	{ "mappings", "MAPS", false },
	{ "power", "POWER", false },
};

/* clang-format on */

int cmd_region_list(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.doc = "List the regions you own or could open; as root, all.",
	};
	struct memrig_region_info part[LIST_PART] = { { .size = sizeof(part[0]) } };
	struct json_object *rows;
	uint64_t cursor = 0;
	memrig_t *rig;
	int n, i;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	rows = json_object_new_array();
	while ((n = memrig_region_list(rig, &cursor, part, LIST_PART)) > 0)
		for (i = 0; i < n; i++)
			json_object_array_add(rows, region_record(rig, &part[i]));
	memrig_close(rig);
	if (n < 0) {
		json_object_put(rows);
		return report();
	}
	list_print(rows, list_columns, ARRAY_SIZE(list_columns), "no regions");
	return EXIT_SUCCESS;
}

/* ---- show ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct column show_columns[] = {
	{ "id", "id", false },
	{ "name", "name", false },
	{ "kind", "kind", false },
	{ "attr", "attribute asked", false },
	{ "attrs", "attributes", false },
	{ "kernel_type", "kernel page table", false },
	{ "user_type", "user page table", false },
	{ "alias_type", "linear mapping", false },
	{ "length", "size", true },
	{ "node", "NUMA node", false },
	{ "cpus", "near CPUs", false },
	{ "dma_mask_bits", "DMA mask bits", false },
	{ "physical", "physical address", false },
	{ "dma", "DMA address", false },
	{ "contiguous", "contiguous", true },
	{ "mappable", "mappable", false },
	{ "gup", "O_DIRECT works", false },
	{ "cma", "from CMA", false },
	{ "uid", "owner uid", false },
	{ "gid", "group gid", false },
	{ "mode", "mode", false },
	{ "heaps", "heaps", false },
	{ "mappings", "mappings", false },
	{ "power", "power", false },
	{ "suspends", "times suspended", false },
};

/* clang-format on */

static error_t parse_name(int key, char *arg, struct argp_state *state)
{
	const char **name = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*name)
			argp_error(state, "one name");
		*name = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which region? see memrig region list");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool touchable(const struct memrig_region_info *info)
{
	return info->flags & MEMRIG_REGION_STATE_MAPPABLE &&
	       !(info->flags & MEMRIG_REGION_STATE_SUSPENDED);
}

/* Adds the types that the page tables state, with a user mapping made for the purpose. */
static int add_types(memrig_region_t *region, bool touch, struct json_object *record)
{
	struct memrig_attr_query query = { .size = sizeof(query) };
	volatile char *addr = NULL;
	void *map;

	if (touch) {
		if (memrig_region_map(region, &map))
			return report();
		addr = map;
		(void)*addr; /* a page that was never touched has no type yet */
	}
	if (memrig_region_attr_query(region, 0, (const void *)addr, &query))
		return report();
	json_set_text(record, "kernel_type", memrig_memtype_name(query.kernel_type));
	json_set_text(record, "user_type", memrig_memtype_name(query.user_type));
	json_set_text(record, "alias_type", memrig_memtype_name(query.alias_type));
	return 0;
}

/* Addresses are for those with CAP_SYS_RAWIO; others see the rest. */
static void add_addresses(memrig_region_t *region, struct json_object *record)
{
	struct memrig_region_addr addr = { .size = sizeof(addr) };
	char text[32];

	if (memrig_region_addr(region, 0, &addr))
		return;
	if (addr.phys != UINT64_MAX) {
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)addr.phys);
		json_set_text(record, "physical", text);
	}
	if (addr.dma != UINT64_MAX) {
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)addr.dma);
		json_set_text(record, "dma", text);
	}
	json_set_u64(record, "contiguous", addr.contiguous);
}

int region_show(memrig_t *rig, const char *name)
{
	struct memrig_region_info info = { .size = sizeof(info) };
	struct json_object *record = NULL;
	memrig_region_t *region;
	int ret;

	if (memrig_region_open(rig, name, MEMRIG_OPEN_READ_ONLY, &region))
		return report();
	ret = memrig_region_info(region, &info) ? report() : 0;
	if (!ret) {
		record = region_record(rig, &info);
		add_addresses(region, record);
		ret = add_types(region, touchable(&info), record);
	}
	memrig_region_close(region);
	if (ret)
		json_object_put(record);
	else
		record_print(record, show_columns, ARRAY_SIZE(show_columns));
	return ret;
}

int cmd_region_show(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_name,
		.args_doc = "NAME",
		.doc = "Print everything about one named region, read from the live page tables "
		       "where the attribute is concerned.",
	};
	const char *name = NULL;
	memrig_t *rig;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &name);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	ret = region_show(rig, name);
	memrig_close(rig);
	return ret;
}

/* ---- rm ------------------------------------------------------------------------------ */

error_t parse_region_names(int key, char *arg, struct argp_state *state)
{
	struct name_args *args = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_ARGS:
		args->names = state->argv + state->next;
		args->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which region? see memrig region list");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_region_rm(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = parse_region_names,
		.args_doc = "NAME...",
		.doc = "Remove named regions. The name goes at once, memory with its last user.",
	};
	struct name_args args = { 0 };
	memrig_t *rig;
	int ret = 0, i;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	for (i = 0; i < args.count; i++)
		if (memrig_region_remove(rig, args.names[i]))
			ret = report();
	memrig_close(rig);
	return ret;
}
