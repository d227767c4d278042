// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig caps: what this machine and module can give.
 */
#include <stdlib.h>

#include "commands.h"
#include "util.h"

static const struct argp argp = {
	.children = common_children,
	.doc = "Print what this machine and the loaded module can give.",
};

static const struct column columns[] = {
	{ "version", "interface version", false },
	{ "features", "features", false },
	{ "kinds", "kinds of region", false },
	{ "attrs_pages", "attributes, pages", false },
	{ "attrs_coherent", "attributes, coherent", false },
	{ "gup_attrs", "O_DIRECT works with", false },
	{ "engines", "allocators", false },
	{ "placements", "heap placements", false },
	{ "policies", "policies of windows", false },
	{ "stores", "stores of windows", false },
	{ "hardening_max", "hardening levels up to", false },
	{ "page_size", "page size", true },
	{ "limit_bytes", "limit on all regions", true },
	{ "used_bytes", "in use", true },
	{ "max_region_bytes", "longest region", true },
	{ "max_align", "largest alignment", true },
};

static const char *feature_name(unsigned int bit)
{
	static const char *const names[] = {
		"x86-pat", "arm64", "alias-wb", "cma", "test",
	};

	return bit < ARRAY_SIZE(names) ? names[bit] : "?";
}

static const char *kind_name(unsigned int bit)
{
	return memrig_kind_name(bit);
}

static const char *attr_name(unsigned int bit)
{
	return memrig_attr_name(bit);
}

static const char *engine_name(unsigned int bit)
{
	return memrig_engine_name(bit);
}

static const char *policy_name(unsigned int bit)
{
	return memrig_policy_name(bit);
}

static const char *store_name(unsigned int bit)
{
	return memrig_store_name(bit);
}

static const char *placement_name(unsigned int bit)
{
	return memrig_placement_name(bit);
}

static void set_mask(struct json_object *record, const char *key, uint64_t mask,
		     const char *(*name)(unsigned int bit))
{
	struct json_object *array = json_object_new_array();
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (mask & (1ULL << bit))
			json_object_array_add(array, json_object_new_string(name(bit)));
	json_object_object_add(record, key, array);
}

int cmd_caps(int argc, char **argv)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	struct json_object *record;
	memrig_t *rig;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (open_rig(&rig))
		return EXIT_FAILURE;
	ret = memrig_caps(rig, &caps);
	memrig_close(rig);
	if (ret)
		return report();
	record = json_object_new_object();
	json_set_u64(record, "version", caps.version);
	set_mask(record, "features", caps.features, feature_name);
	set_mask(record, "kinds", caps.kinds, kind_name);
	set_mask(record, "attrs_pages", caps.attrs_pages, attr_name);
	set_mask(record, "attrs_coherent", caps.attrs_coherent, attr_name);
	set_mask(record, "gup_attrs", caps.gup_attrs, attr_name);
	set_mask(record, "engines", caps.engines, engine_name);
	set_mask(record, "placements", caps.placements, placement_name);
	set_mask(record, "policies", caps.policies, policy_name);
	set_mask(record, "stores", caps.stores, store_name);
	json_set_u64(record, "hardening_max", caps.hardening_max);
	json_set_u64(record, "page_size", caps.page_size);
	json_set_u64(record, "limit_bytes", caps.limit_bytes);
	json_set_u64(record, "used_bytes", caps.used_bytes);
	json_set_u64(record, "max_region_bytes", caps.max_region_bytes);
	json_set_u64(record, "max_align", caps.max_align);
	record_print(record, columns, ARRAY_SIZE(columns));
	return EXIT_SUCCESS;
}
