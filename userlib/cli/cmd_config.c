// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig config: each CONFIG_ name of Zephyr's memory system, what stands for it here, and the
 * value in force.
 *
 * Values are read from where they act: parameters from sysfs, defaults of heaps from a heap that
 * is made for the purpose as "memrig heap create" makes one, in the kernel when there is a device.
 */
#include <dirent.h>
#include <stdlib.h>

#include "commands.h"
#include "config_rows.h"
#include "util.h"

#define TRY_BYTES 65536

/* A heap of the kernel's with all defaults, over a small region of its own. */
static int kernel_defaults(struct in_force *in)
{
	struct memrig_region_create region_args = {
		.size = sizeof(region_args),
		.kind = MEMRIG_KIND_PAGES,
		.attr = MEMRIG_ATTR_CACHED,
		.length = TRY_BYTES,
		.node = MEMRIG_NODE_ANY,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
	};
	struct memrig_heap_create heap_args = {
		.size = sizeof(heap_args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
	};
	memrig_region_t *region;
	memrig_heap_t *heap;
	memrig_t *rig;
	int ret;

	ret = common.device ? memrig_open_path(common.device, &rig) : memrig_open(&rig);
	if (ret)
		return ret;
	ret = memrig_caps(rig, &in->caps);
	if (!ret)
		ret = memrig_region_create(rig, &region_args, &region);
	if (!ret) {
		ret = memrig_heap_create(region, &heap_args, &heap);
		if (!ret) {
			ret = memrig_heap_stat(heap, &in->stat);
			memrig_heap_close(heap);
		}
		memrig_region_close(region);
	}
	memrig_close(rig);
	return ret;
}

static int library_defaults(struct in_force *in)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
	};
	memrig_heap_t *heap;
	int ret;

	ret = memrig_local_create(NULL, TRY_BYTES, &args, &heap);
	if (ret)
		return ret;
	ret = memrig_heap_stat(heap, &in->stat);
	memrig_heap_close(heap);
	return ret;
}

static void add_parameter(struct json_object *rows, const char *name)
{
	struct json_object *row = json_object_new_object();
	char value[512];

	json_set_text(row, "name", name);
	json_set_text(row, "value", config_parameter(name, value, sizeof(value)) ? value : NULL);
	json_object_array_add(rows, row);
}

/* Empty when the module is not loaded. */
static struct json_object *parameter_rows(void)
{
	struct json_object *rows = json_object_new_array();
	struct dirent **entries;
	int n, i;

	n = scandir(CONFIG_PARAMETERS, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.')
			add_parameter(rows, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return rows;
}

static const struct column zephyr_columns[] = {
	{ "name", "ZEPHYR", false },
	{ "value", "IN FORCE", false },
	{ "scope", "SCOPE", false },
	{ "here", "HERE", false },
};

static const struct column parameter_columns[] = {
	{ "name", "MODULE PARAMETER", false },
	{ "value", "IN FORCE", false },
};

int cmd_config(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.doc = "Print each CONFIG_ name of Zephyr's memory system, what stands for it here "
		       "and the value in force, and the parameters of the module.",
	};
	struct in_force in = {
		.stat = { .size = sizeof(in.stat) },
		.caps = { .size = sizeof(in.caps) },
	};
	struct json_object *answer;
	char why[512] = "";
	bool device;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	device = !kernel_defaults(&in);
	if (!device)
		memrig_explain(NULL, why, sizeof(why));
	if (!device && library_defaults(&in))
		return report();
	if (common.json) {
		answer = json_object_new_object();
		json_set_text(answer, "source", device ? "module" : "library");
		json_object_object_add(answer, "zephyr", config_rows(&in));
		json_object_object_add(answer, "parameters", parameter_rows());
		json_print(answer);
		return EXIT_SUCCESS;
	}
	list_print(config_rows(&in), zephyr_columns, ARRAY_SIZE(zephyr_columns), "");
	putchar('\n');
	list_print(parameter_rows(), parameter_columns, ARRAY_SIZE(parameter_columns),
		   "no parameters: the module is not loaded");
	if (!device)
		printf("\nthe values are those of the library: %s\n", why);
	return EXIT_SUCCESS;
}
