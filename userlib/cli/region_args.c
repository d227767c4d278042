// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options that describe a region, and a region as a listing shows it.
 */
#include <stdlib.h>
#include <string.h>

#include "region_args.h"

enum {
	OPT_DMA_BITS = 0x2000,
	OPT_NODE,
	OPT_KERNEL_ONLY,
	OPT_MODE,
	OPT_OWNER,
	OPT_GROUP,
	OPT_ATTRS,
	OPT_CPUS,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "The region:", 10 },
	{ "size", 's', "BYTES", 0, "Length, rounded up to pages (default 1M)", 10 },
	{ "attr", 'a', "ATTR", 0, "cached (default), wc, uncached, wt, device", 10 },
	{ "kind", 'k', "KIND", 0, "pages (default), coherent", 10 },
	{ "dma-bits", OPT_DMA_BITS, "N", 0, "Coherent: address bits of the device (default 32)",
	  10 },
	{ "node", OPT_NODE, "N", 0, "Pages: NUMA node, or any (default)", 10 },
	{ "kernel-only", OPT_KERNEL_ONLY, NULL, 0,
	  "Never mappable; allows heaps with headers inside", 10 },
	{ "attrs", OPT_ATTRS, "WORD,...", 0,
	  "What else it is like: external, powered, names or numbers of custom bits", 10 },
	{ "cpus", OPT_CPUS, "N,N-M,...", 0, "CPUs that it is near to (default: its node's)", 10 },
	{ "mode", OPT_MODE, "OCTAL", 0, "Named: permissions (default 0600)", 10 },
	{ "owner", OPT_OWNER, "UID", 0, "Named: owner (default: you)", 10 },
	{ "group", OPT_GROUP, "GID", 0, "Named: group (default: yours)", 10 },
	{ 0 }
};

static uint32_t mode_option(const struct argp_state *state, const char *text)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);

	if (*end || end == text || mode > 0777 || (mode & 0111))
		argp_error(state, "--mode: '%s' is no octal mode of read and write bits, like 0660",
			   text);
	return mode;
}

static uint32_t dma_bits_option(const struct argp_state *state, const char *text)
{
	uint32_t bits;

	if (parse_u32(text, &bits) || bits < 24 || bits > 64)
		argp_error(state, "--dma-bits: '%s' is no number from 24 to 64", text);
	return bits;
}

static int32_t node_option(const struct argp_state *state, const char *text)
{
	uint32_t node;

	if (!strcmp(text, "any"))
		return MEMRIG_NODE_ANY;
	if (parse_u32(text, &node) || node > INT32_MAX)
		argp_error(state, "--node: '%s' is neither the number of a node nor any", text);
	return (int32_t)node;
}

/* "0,2-3" as bits. A mask has 64 of them. */
static uint64_t cpus_option(const struct argp_state *state, const char *text)
{
	const char *at = text;
	unsigned int first, last;
	uint64_t mask = 0;
	int n;

	do {
		n = 0;
		if (sscanf(at, "%2u%n", &first, &n) != 1 || !n)
			break;
		at += n;
		last = first;
		n = 0;
		if (*at == '-' && (sscanf(at, "-%2u%n", &last, &n) != 1 || !n))
			break;
		at += n;
		if (first > last || last > 63)
			break;
		mask |= ~0ULL >> (63 - (last - first)) << first;
		if (!*at)
			return mask;
	} while (*at++ == ',');
	argp_error(state, "--cpus: '%s' is no list of CPUs from 0 to 63, like 0,2-3", text);
	return 0;
}

/* The option as the user knows it; those for named regions alone are noted on their own. */
static void note_option(struct region_args *args, int key)
{
	const struct argp_option *option = options + 1; /* behind the heading */

	while (option->name && option->key != key)
		option++;
	if (!option->name)
		return;
	args->option = option->name;
	if (key == OPT_MODE || key == OPT_OWNER || key == OPT_GROUP)
		args->named_option = option->name;
}

static void set_defaults(struct memrig_region_create *create)
{
	*create = (struct memrig_region_create){
		.size = sizeof(*create),
		.kind = MEMRIG_KIND_PAGES,
		.length = 1 << 20,
		.node = MEMRIG_NODE_ANY,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
		.mode = 0600,
	};
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct region_args *args = state->input;
	struct memrig_region_create *create = &args->create;

	note_option(args, key);
	switch (key) {
	case ARGP_KEY_INIT:
		set_defaults(create);
		break;
	case ARGP_KEY_END:
		if (create->dma_mask_bits && create->kind != MEMRIG_KIND_COHERENT)
			argp_error(state,
				   "--dma-bits is for coherent regions; try: --kind coherent");
		if (create->node != MEMRIG_NODE_ANY && create->kind == MEMRIG_KIND_COHERENT)
			argp_error(state, "--node is for regions of pages");
		break;
	case 's':
		create->length = size_option(state, "--size", arg);
		if (!create->length)
			argp_error(state, "--size: a region has at least one byte");
		break;
	case 'a':
		create->attr = memrig_attr_value(arg);
		if (!create->attr)
			argp_error(state,
				   "--attr: '%s' is none of cached, wc, uncached, wt, device", arg);
		break;
	case 'k':
		create->kind = memrig_kind_value(arg);
		if (!create->kind)
			argp_error(state, "--kind: '%s' is none of pages, coherent", arg);
		break;
	case OPT_DMA_BITS:
		create->dma_mask_bits = dma_bits_option(state, arg);
		break;
	case OPT_NODE:
		create->node = node_option(state, arg);
		break;
	case OPT_KERNEL_ONLY:
		create->flags |= MEMRIG_REGION_KERNEL_ONLY;
		break;
	case OPT_ATTRS:
		args->attrs = arg;
		break;
	case OPT_CPUS:
		create->cpus = cpus_option(state, arg);
		break;
	case OPT_MODE:
		create->mode = mode_option(state, arg);
		break;
	case OPT_OWNER:
		create->uid = u32_option(state, "--owner", arg);
		break;
	case OPT_GROUP:
		create->gid = u32_option(state, "--group", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp region_argp = { .options = options, .parser = parse };

void region_args_check(const struct argp_state *state, const struct region_args *args, bool named)
{
	if (!named && args->named_option)
		argp_error(state, "--%s is for named regions, and this one has no name",
			   args->named_option);
}

uint32_t default_attr(memrig_t *rig, uint32_t kind)
{
	struct memrig_caps caps = { .size = sizeof(caps) };

	if (kind != MEMRIG_KIND_COHERENT || memrig_caps(rig, &caps) || !caps.attrs_coherent)
		return MEMRIG_ATTR_CACHED;
	return __builtin_ctz(caps.attrs_coherent);
}

int region_args_create(memrig_t *rig, struct region_args *args, memrig_region_t **region)
{
	struct memrig_region_create *create = &args->create;
	uint64_t attrs = 0;

	if (args->attrs && memrig_attrs_parse(rig, args->attrs, &attrs))
		return report();
	if (attrs & MEMRIG_ATTRS_POWERED && create->kind == MEMRIG_KIND_COHERENT)
		return fail("--attrs powered is for regions of pages: mappings of coherent memory "
			    "cannot be taken back");
	create->attrs = attrs;
	if (!create->attr)
		create->attr = default_attr(rig, create->kind);
	if (!create->name[0]) {
		create->uid = MEMRIG_ID_SELF;
		create->gid = MEMRIG_ID_SELF;
		create->mode = 0;
	}
	return memrig_region_create(rig, create, region) ? report() : 0;
}

static struct json_object *words_of(memrig_t *rig, uint64_t attrs)
{
	struct json_object *words = json_object_new_array();
	char text[2048], *rest = text, *word;

	memrig_attrs_text(rig, attrs, text, sizeof(text));
	while ((word = strsep(&rest, ",")))
		json_object_array_add(words, json_object_new_string(word));
	return words;
}

static struct json_object *cpus_of(uint64_t mask)
{
	struct json_object *cpus = json_object_new_array();

	for (; mask; mask &= mask - 1)
		json_object_array_add(cpus, json_object_new_int(__builtin_ctzll(mask)));
	return cpus;
}

/* On or off; others have no such state. */
static const char *power_of(const struct memrig_region_info *info)
{
	if (!(info->attrs & MEMRIG_ATTRS_POWERED))
		return NULL;
	return info->flags & MEMRIG_REGION_STATE_SUSPENDED ? "off" : "on";
}

struct json_object *region_record(memrig_t *rig, const struct memrig_region_info *info)
{
	struct json_object *record = json_object_new_object();
	char mode[8];

	json_set_u64(record, "id", info->id);
	json_set_text(record, "name", info->name[0] ? (const char *)info->name : NULL);
	json_set_text(record, "kind", memrig_kind_name(info->kind));
	json_set_text(record, "attr", memrig_attr_name(info->attr));
	json_set_u64(record, "length", info->length);
	json_object_object_add(record, "node", json_object_new_int(info->node));
	if (info->dma_mask_bits)
		json_set_u64(record, "dma_mask_bits", info->dma_mask_bits);
	else
		json_set_text(record, "dma_mask_bits", NULL);
	json_set_bool(record, "kernel_only", info->flags & MEMRIG_REGION_KERNEL_ONLY);
	json_set_bool(record, "mappable", info->flags & MEMRIG_REGION_STATE_MAPPABLE);
	json_set_bool(record, "gup", info->flags & MEMRIG_REGION_STATE_GUP);
	json_set_bool(record, "cma", info->flags & MEMRIG_REGION_STATE_CMA);
	json_set_u64(record, "uid", info->uid);
	json_set_u64(record, "gid", info->gid);
	snprintf(mode, sizeof(mode), "%04o", info->mode & 0777);
	json_set_text(record, "mode", info->name[0] ? mode : NULL);
	json_set_u64(record, "heaps", info->heaps);
	json_set_u64(record, "mappings", info->mappings);
	json_object_object_add(record, "attrs", words_of(rig, info->attrs));
	json_object_object_add(record, "cpus", cpus_of(info->cpus));
	json_set_text(record, "power", power_of(info));
	json_set_u64(record, "suspends", info->suspends);
	return record;
}
