// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The comparison as JSON: all that tables and reports are made of.
 */
#include <inttypes.h>

#include "replay_compare.h"
#include "util.h"

static const unsigned int permilles[] = { 500, 900, 990, 999 };
static const char *const percentiles[] = { "p50", "p90", "p99", "p99_9" };

static double per(uint64_t sum, uint64_t count)
{
	return count ? (double)sum / (double)count : 0;
}

/* What there is of @part beyond @asked, in percent of that. */
static double beyond(uint64_t part, uint64_t asked)
{
	return asked ? 100.0 * ((double)part - (double)asked) / (double)asked : 0;
}

/* ---- costs --------------------------------------------------------------------------- */

static struct json_object *classes_json(const struct replay_spread *spread)
{
	struct json_object *classes = json_object_new_array(), *pair;
	unsigned int i;

	for (i = 0; i < REPLAY_COST_CLASSES; i++) {
		if (!spread->in[i])
			continue;
		pair = json_object_new_array();
		json_object_array_add(pair, json_object_new_uint64(replay_cost_top(i)));
		json_object_array_add(pair, json_object_new_uint64(spread->in[i]));
		json_object_array_add(classes, pair);
	}
	return classes;
}

static struct json_object *spread_json(const struct replay_spread *spread)
{
	struct json_object *json = json_object_new_object();
	size_t i;

	json_set_u64(json, "calls", spread->calls);
	json_set_double(json, "mean", per(spread->sum, spread->calls));
	for (i = 0; i < ARRAY_SIZE(permilles); i++)
		json_set_u64(json, percentiles[i], replay_spread_percentile(spread, permilles[i]));
	json_set_u64(json, "worst", spread->worst);
	json_set_u64(json, "worst_operation", spread->worst_op);
	json_object_object_add(json, "classes", classes_json(spread));
	return json;
}

static void add_costs(struct json_object *json, const struct replay_row *row)
{
	struct json_object *costs = json_object_new_object();
	bool counted = row->unit == REPLAY_INSTRUCTIONS;
	uint64_t sum = 0, calls = 0;
	uint32_t worst = 0;
	unsigned int kind;

	json_set_text(costs, "unit", replay_unit_name(row->unit));
	for (kind = 0; kind < REPLAY_COST_KINDS; kind++) {
		const struct replay_spread *spread = &row->spread[kind];

		sum += spread->sum;
		calls += spread->calls;
		if (spread->worst > worst)
			worst = spread->worst;
		json_object_object_add(costs, replay_cost_kind_name(kind), spread_json(spread));
	}
	if (counted)
		json_set_double(json, "instructions_per_op", per(sum, calls));
	else
		json_set_text(json, "instructions_per_op", NULL);
	json_set_text(json, counted ? "worst_ns" : "worst_instructions", NULL);
	json_set_u64(json, counted ? "worst_instructions" : "worst_ns", worst);
	json_object_object_add(json, "costs", costs);
}

/* ---- the row ------------------------------------------------------------------------- */

static void add_names(struct json_object *json, const struct replay_row *row)
{
	char text[64];

	snprintf(text, sizeof(text), row->type ? "%s (%s)" : "%s", row->kind->name,
		 memrig_memtype_name(row->type));
	json_set_text(json, "memory", text);
	json_set_text(json, "attr", row->kind->name);
	json_set_text(json, "page_table", row->type ? memrig_memtype_name(row->type) : NULL);
	snprintf(text, sizeof(text), row->block_size ? "%s %" PRIu64 : "%s", row->engine->name,
		 row->block_size);
	json_set_text(json, "allocator", text);
	json_set_text(json, "engine", row->engine->name);
	if (row->block_size)
		json_set_u64(json, "block_size", row->block_size);
	else
		json_set_text(json, "block_size", NULL);
}

static void add_waste(struct json_object *json, const struct replay_row *row)
{
	const struct replay_pass *pass = &row->pass;

	json_set_u64(json, "peak_used_bytes", row->peak_used);
	json_set_u64(json, "peak_asked_bytes", pass->peak_bytes);
	json_set_u64(json, "side_bytes", pass->peak.side_bytes);
	/* Of what the heap held: it may have refused some of it. */
	json_set_double(json, "overhead_percent", beyond(row->peak_used, pass->peak_bytes));
	json_set_u64(json, "inside_bytes", pass->peak_usable - pass->peak_bytes);
	json_set_double(json, "inside_percent", beyond(pass->peak_usable, pass->peak_bytes));
	json_set_u64(json, "outside_bytes", pass->peak.free_bytes - pass->peak.largest_free);
	json_set_double(json, "frag_peak_percent", pass->peak.frag_permille / 10.0);
	json_set_double(json, "frag_end_percent", pass->end.frag_permille / 10.0);
	json_set_u64(json, "unusable_bytes", pass->most_unusable);
	json_set_u64(json, "least_heap_bytes", row->least);
}

struct json_object *replay_row_json(const struct replay_row *row)
{
	struct json_object *json = json_object_new_object();
	const struct replay_pass *pass = &row->pass;

	add_names(json, row);
	json_set_u64(json, "operations", pass->trace->nr_ops);
	json_set_u64(json, "refused", pass->refused);
	json_set_u64(json, "fragmented", pass->fragmented);
	json_set_u64(json, "unfit", pass->unfit);
	add_waste(json, row);
	json_set_double(json, "alloc_ns_per_op", per(row->alloc_ns, pass->trace->nr_ops));
	if (row->write_ns)
		json_set_double(json, "write_ns_per_op", per(row->write_ns, pass->trace->nr_ops));
	else
		json_set_text(json, "write_ns_per_op", NULL);
	add_costs(json, row);
	json_set_u64(json, "realloc_in_place", pass->in_place);
	json_set_u64(json, "realloc_moved", pass->moves);
	json_set_u64(json, "mismatches", pass->mismatches);
	if (row->samples.nr) {
		json_object_object_add(json, "series", replay_samples_json(&row->samples));
		json_object_object_add(json, "map", replay_samples_map_json(&row->samples));
	}
	return json;
}

struct json_object *replay_trace_json(const char *file, const struct replay_plan *plan)
{
	struct json_object *json = json_object_new_object();
	const struct replay_trace *trace = plan->trace;

	json_set_text(json, "file", file);
	json_set_text(json, "command", trace->header.command);
	json_set_u64(json, "operations", trace->nr_ops);
	json_set_u64(json, "threads", trace->commit.threads);
	json_set_u64(json, "peak_bytes", trace->peak_bytes);
	json_set_u64(json, "peak_blocks", trace->peak_blocks);
	json_set_u64(json, "peak_operation", trace->peak_op);
	json_set_u64(json, "end_bytes", trace->end_bytes);
	json_set_u64(json, "end_blocks", trace->end_blocks);
	json_set_u64(json, "total_bytes", trace->total_bytes);
	json_set_u64(json, "largest", trace->largest);
	json_set_u64(json, "region_bytes", plan->bytes);
	json_set_u64(json, "hardening", plan->params.hardening);
	return json;
}
