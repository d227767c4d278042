// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reading descriptions of several allocators, and making them.
 */
#include <stdlib.h>
#include <string.h>

#include "attr_bits.h"
#include "multi_spec.h"

#define DEFAULT_BYTES (64 << 10)
#define REGION_MARKS  (MEMRIG_ATTRS_EXTERNAL | MEMRIG_ATTRS_POWERED | MEMRIG_ATTRS_CUSTOM_ALL)

/* ---- with defaults ------------------------------------------------------------------- */

struct member_spec *multi_spec_member(struct multi_spec *spec)
{
	struct member_spec *member = &spec->members[spec->nr_members];

	if (spec->nr_members == SPEC_MEMBERS)
		return NULL;
	spec->nr_members++;
	*member = (struct member_spec){
		.region = {
			.size = sizeof(member->region),
			.kind = MEMRIG_KIND_PAGES,
			.length = DEFAULT_BYTES,
			.node = MEMRIG_NODE_ANY,
			.uid = MEMRIG_ID_SELF,
			.gid = MEMRIG_ID_SELF,
		},
		.heap = {
			.size = sizeof(member->heap),
			.engine = MEMRIG_ENGINE_SYS_HEAP,
			.placement = MEMRIG_PLACEMENT_OOB,
			.hardening = 1,
			.flags = MEMRIG_HEAP_STATS,
		},
	};
	return member;
}

struct memrig_rule *multi_spec_rule(struct multi_spec *spec)
{
	struct memrig_rule *rule = &spec->rules[spec->nr_rules];

	if (spec->nr_rules == SPEC_RULES)
		return NULL;
	spec->nr_rules++;
	*rule = (struct memrig_rule){
		.prio_min = INT32_MIN,
		.uid = MEMRIG_UID_ANY,
		.member = MEMRIG_MEMBER_ANY,
	};
	return rule;
}

/* ---- reading ------------------------------------------------------------------------- */

/* The value of a key; @option for complaints. */
static const char *need(const struct argp_state *state, const char *option, const char *key,
			const char *value)
{
	if (!value)
		argp_error(state, "%s: nothing follows %s=", option, key);
	return value ?: "";
}

static uint64_t bits_of(const struct argp_state *state, const char *option, const char *text)
{
	uint64_t bits = 0;

	if (attr_bits_parse(text, &bits))
		argp_error(state,
			   "%s: '%s' is none of cacheable, non-cacheable, external, "
			   "write-combine, write-through, device, powered, the number of a bit, or "
			   "the name of a custom one",
			   option, text);
	return bits;
}

static uint32_t engine_of(const struct argp_state *state, const char *text)
{
	char name[16];
	uint32_t engine;
	char *dash;

	if (!strcmp(text, "heap"))
		return MEMRIG_ENGINE_SYS_HEAP;
	snprintf(name, sizeof(name), "%s", text);
	while ((dash = strchr(name, '-')))
		*dash = '_';
	engine = memrig_engine_value(name);
	if (!engine)
		argp_error(
			state,
			"--member: '%s' is none of heap, slab, blocks, ring, first-fit, best-fit",
			text);
	return engine;
}

static int32_t prio_of(const struct argp_state *state, const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < INT32_MIN || value > INT32_MAX)
		argp_error(state, "--rule: '%s' is no priority", text);
	return (int32_t)value;
}

enum { M_ENGINE, M_BLOCK, M_COUNT, M_SIZE, M_ATTR, M_KIND, M_MARK, M_REGION };

static void member_word(const struct argp_state *state, int key, const char *value,
			struct member_spec *member)
{
	switch (key) {
	case M_ENGINE:
		member->heap.engine = engine_of(state, value);
		break;
	case M_BLOCK:
		member->heap.block_size = size_option(state, "--member", value);
		break;
	case M_COUNT:
		member->heap.num_blocks = u32_option(state, "--member", value);
		break;
	case M_SIZE:
		member->region.length = size_option(state, "--member", value);
		if (!member->region.length)
			argp_error(state, "--member: a region has at least one byte");
		break;
	case M_ATTR:
		member->region.attr = memrig_attr_value(value);
		if (!member->region.attr)
			argp_error(state,
				   "--member: '%s' is none of cached, wc, uncached, wt, device",
				   value);
		break;
	case M_KIND:
		member->region.kind = memrig_kind_value(value);
		if (!member->region.kind)
			argp_error(state, "--member: '%s' is none of pages, coherent", value);
		break;
	case M_MARK:
		member->marks = bits_of(state, "--member", value);
		break;
	default:
		member->name = value;
	}
}

/* getsubopt() wants its words writable. */
void multi_spec_parse_member(const struct argp_state *state, char *text, struct multi_spec *spec)
{
	static char *const keys[] = { [M_ENGINE] = (char *)"engine",
				      [M_BLOCK] = (char *)"block",
				      [M_COUNT] = (char *)"count",
				      [M_SIZE] = (char *)"size",
				      [M_ATTR] = (char *)"attr",
				      [M_KIND] = (char *)"kind",
				      [M_MARK] = (char *)"mark",
				      [M_REGION] = (char *)"region",
				      NULL };
	struct member_spec *member = multi_spec_member(spec);
	char *value;
	int key;

	if (!member) {
		argp_error(state, "--member: at most %d", SPEC_MEMBERS);
		return;
	}
	while (*text) {
		key = getsubopt(&text, keys, &value);
		if (key < 0) {
			argp_error(state,
				   "--member: there is no '%s'; there are engine, block, "
				   "count, size, attr, kind, mark, region",
				   value ?: "");
			return;
		}
		member_word(state, key, need(state, "--member", keys[key], value), member);
	}
}

/* NUMA nodes are few; the kernel knows which there are. */
static int32_t node_of(const struct argp_state *state, const char *text)
{
	uint32_t node = u32_option(state, "--rule", text);

	if (node > INT32_MAX)
		argp_error(state, "--rule: '%s' is no node", text);
	return (int32_t)node;
}

static uint32_t dma_of(const struct argp_state *state, const char *text)
{
	uint32_t bits = u32_option(state, "--rule", text);

	if (!bits || bits > 64)
		argp_error(state, "--rule: a device has 1 to 64 address bits, not '%s'", text);
	return bits;
}

enum {
	R_MIN,
	R_MAX,
	R_ALIGN,
	R_WITH,
	R_WITHOUT,
	R_PRIO,
	R_UID,
	R_MEMBER,
	R_DMA,
	R_NODE,
	R_STOP,
	R_LOCAL
};

static void rule_word(const struct argp_state *state, int key, const char *value,
		      struct memrig_rule *rule)
{
	switch (key) {
	case R_MIN:
		rule->min_bytes = size_option(state, "--rule", value);
		break;
	case R_MAX:
		rule->max_bytes = size_option(state, "--rule", value);
		break;
	case R_ALIGN:
		rule->align_max = size_option(state, "--rule", value);
		break;
	case R_WITH:
		rule->with = bits_of(state, "--rule", value);
		break;
	case R_WITHOUT:
		rule->without = bits_of(state, "--rule", value);
		break;
	case R_PRIO:
		rule->prio_min = prio_of(state, value);
		break;
	case R_UID:
		rule->uid = u32_option(state, "--rule", value);
		break;
	case R_DMA:
		rule->match |= MEMRIG_MATCH_DMA;
		rule->dma_bits = dma_of(state, value);
		break;
	case R_NODE:
		rule->match |= MEMRIG_MATCH_NODE;
		rule->node = node_of(state, value);
		break;
	default:
		rule->member = u32_option(state, "--rule", value);
	}
}

void multi_spec_parse_rule(const struct argp_state *state, char *text, struct multi_spec *spec)
{
	static char *const keys[] = { [R_MIN] = (char *)"min",
				      [R_MAX] = (char *)"max",
				      [R_ALIGN] = (char *)"align",
				      [R_WITH] = (char *)"with",
				      [R_WITHOUT] = (char *)"without",
				      [R_PRIO] = (char *)"prio",
				      [R_UID] = (char *)"uid",
				      [R_MEMBER] = (char *)"member",
				      [R_DMA] = (char *)"dma",
				      [R_NODE] = (char *)"node",
				      [R_STOP] = (char *)"stop",
				      [R_LOCAL] = (char *)"local",
				      NULL };
	struct memrig_rule *rule = multi_spec_rule(spec);
	char *value;
	int key;

	if (!rule) {
		argp_error(state, "--rule: at most %d", SPEC_RULES);
		return;
	}
	while (*text) {
		key = getsubopt(&text, keys, &value);
		if (key < 0) {
			argp_error(state,
				   "--rule: there is no '%s'; there are min, max, align, "
				   "with, without, prio, uid, member, dma, node, stop, local",
				   value ?: "");
			return;
		}
		if (key == R_STOP)
			rule->flags |= MEMRIG_RULE_STOP;
		else if (key == R_LOCAL)
			rule->flags |= MEMRIG_RULE_LOCAL;
		else
			rule_word(state, key, need(state, "--rule", keys[key], value), rule);
	}
}

/* ---- making -------------------------------------------------------------------------- */

static int make_region(memrig_t *rig, struct member_spec *member, memrig_region_t **region)
{
	if (member->name)
		return memrig_region_open(rig, member->name, 0, region) ? report() : 0;
	if (!member->region.attr)
		member->region.attr = default_attr(rig, member->region.kind);
	member->region.attrs = member->marks & REGION_MARKS;
	return memrig_region_create(rig, &member->region, region) ? report() : 0;
}

/* Handles of what is a member already are not needed any more. */
static int add_member(memrig_t *rig, struct member_spec *member, memrig_multi_t *multi)
{
	uint64_t marks = member->name ? member->marks : 0;
	memrig_region_t *region = NULL;
	memrig_heap_t *heap = NULL;
	int ret;

	if (!rig) {
		ret = memrig_local_create(NULL, member->region.length, &member->heap, &heap)
			      ? report()
			      : 0;
		marks = member->marks;
	} else {
		ret = make_region(rig, member, &region);
		if (!ret)
			ret = memrig_heap_create(region, &member->heap, &heap) ? report() : 0;
	}
	if (!ret)
		ret = memrig_multi_add(multi, heap, marks, NULL) ? report() : 0;
	memrig_heap_close(heap);
	memrig_region_close(region);
	return ret;
}

int multi_spec_create(struct multi_spec *spec, bool local, memrig_multi_t **multi)
{
	memrig_t *rig = NULL;
	uint32_t i;
	int ret;

	if (local) {
		ret = memrig_multi_local_create(multi) ? report() : 0;
	} else {
		ret = open_rig(&rig);
		if (!ret)
			ret = memrig_multi_create(rig, multi) ? report() : 0;
	}
	for (i = 0; i < spec->nr_members && !ret; i++)
		ret = add_member(rig, &spec->members[i], *multi);
	if (!ret && spec->nr_rules)
		ret = memrig_multi_rules(*multi, spec->rules, spec->nr_rules) ? report() : 0;
	memrig_close(rig);
	return ret;
}
