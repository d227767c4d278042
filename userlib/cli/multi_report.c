// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Gathering and printing the figures of multi objects.
 */
#include <stdio.h>

#include "attr_bits.h"
#include "heap_report.h"
#include "multi_report.h"

static const struct column columns[] = {
	{ "pid", "process", false },	    { "fd", "descriptor", false },
	{ "id", "multi object", false },    { "files", "clients", false },
	{ "allocs", "allocations", false }, { "frees", "frees", false },
	{ "failures", "refused", false },   { "moves", "moved to another member", false },
};

static const struct column member_columns[] = {
	{ "member", "MEMBER", false },	    { "engine", "ENGINE", false },
	{ "heap_id", "HEAP", false },	    { "region_id", "REGION", false },
	{ "node", "NODE", false },	    { "length", "SIZE", true },
	{ "live_blocks", "LIVE", false },   { "largest_free", "LARGEST", true },
	{ "allocs", "GAVE", false },	    { "frees", "BACK", false },
	{ "failures", "COULD NOT", false }, { "attrs", "ATTRIBUTES", false },
};

static const struct column rule_columns[] = {
	{ "rule", "RULE", false },
	{ "matched", "MATCHED", false },
	{ "allocs", "SERVED", false },
};

/* Figures of the heap itself, if it can be asked. */
static void add_heap(struct json_object *row, memrig_multi_t *multi, uint32_t member)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap;

	if (memrig_multi_member(multi, member, &heap))
		return;
	if (!memrig_heap_stat(heap, &stat)) {
		json_set_text(row, "engine", memrig_engine_name(stat.engine));
		json_set_u64(row, "length", stat.length);
		json_set_u64(row, "live_blocks", stat.live_blocks);
		json_set_u64(row, "largest_free", stat.largest_free);
	}
	memrig_heap_close(heap);
}

static struct json_object *member_row(memrig_multi_t *multi,
				      const struct memrig_multi_member_stat *info)
{
	struct json_object *row = json_object_new_object();

	json_set_u64(row, "member", info->member);
	json_object_object_add(row, "node", json_object_new_int(info->node));
	json_set_u64(row, "heap_id", info->heap_id);
	json_set_u64(row, "region_id", info->region_id);
	json_object_object_add(row, "attrs", attr_bits_json(info->attrs));
	json_set_u64(row, "allocs", info->allocs);
	json_set_u64(row, "frees", info->frees);
	json_set_u64(row, "failures", info->failures);
	add_heap(row, multi, info->member);
	return row;
}

struct json_object *multi_record(memrig_multi_t *multi)
{
	static struct memrig_multi_member_stat members[MEMRIG_MULTI_MAX];
	static struct memrig_multi_rule_stat rules[MEMRIG_MULTI_MAX];
	struct memrig_multi_stat stat = {
		.size = sizeof(stat),
		.members = (uintptr_t)members,
		.rules = (uintptr_t)rules,
		.member_count = MEMRIG_MULTI_MAX,
		.rule_count = MEMRIG_MULTI_MAX,
	};
	struct json_object *record, *rows, *row;
	uint32_t i;

	if (memrig_multi_stat(multi, &stat))
		return NULL;
	record = json_object_new_object();
	json_set_u64(record, "id", stat.id);
	json_set_u64(record, "files", stat.files);
	json_set_u64(record, "allocs", stat.allocs);
	json_set_u64(record, "frees", stat.frees);
	json_set_u64(record, "failures", stat.failures);
	json_set_u64(record, "moves", stat.moves);
	rows = json_object_new_array();
	for (i = 0; i < stat.member_count; i++)
		json_object_array_add(rows, member_row(multi, &members[i]));
	json_object_object_add(record, "members", rows);
	rows = json_object_new_array();
	for (i = 0; i < stat.rule_count; i++) {
		row = json_object_new_object();
		json_set_u64(row, "rule", i);
		json_set_u64(row, "matched", rules[i].matched);
		json_set_u64(row, "allocs", rules[i].allocs);
		json_object_array_add(rows, row);
	}
	json_object_object_add(record, "rules", rows);
	return record;
}

void multi_record_print(struct json_object *record)
{
	bool held = json_object_object_get_ex(record, "pid", NULL);
	size_t skip = held ? 0 : 2;
	struct json_object *members, *rules;

	if (common.json) {
		json_print(record);
		return;
	}
	json_object_object_get_ex(record, "members", &members);
	json_object_object_get_ex(record, "rules", &rules);
	record_print(json_object_get(record), columns + skip, ARRAY_SIZE(columns) - skip);
	putchar('\n');
	list_print(json_object_get(members), member_columns, ARRAY_SIZE(member_columns),
		   "no members");
	if (json_object_array_length(rules)) {
		putchar('\n');
		list_print(json_object_get(rules), rule_columns, ARRAY_SIZE(rule_columns), "");
	}
	json_object_put(record);
}
