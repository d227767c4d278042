// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The table of memrig evict-sim; see evict_table.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evict_table.h"
#include "util.h"

static const struct column columns[] = {
	{ "frames", "FRAMES", false },	    { "policy", "POLICY", false },
	{ "misses", "MISSES", false },	    { "percent_of_optimum", "OF OPTIMUM %", false },
	{ "writebacks", "WRITTEN", false }, { "looks_per_eviction", "LOOKS", false },
	{ "most_looks", "MOST", false },    { "looks_of_ticks", "OF TICKS", false },
	{ "traps", "TRAPS", false },
};

static const struct column mean_columns[] = {
	{ "policy", "POLICY", false },
	{ "percent_of_optimum", "OF OPTIMUM %", false },
	{ "worst_percent", "WORST %", false },
};

void evict_table_init(struct evict_table *table)
{
	memset(table, 0, sizeof(*table));
	table->rows = json_object_new_array();
}

static void count_in(struct evict_table *table, const struct mrig_evict_ops *ops, double ratio)
{
	struct evict_mean *mean = table->means;

	while (mean->ops && mean->ops != ops)
		mean++;
	mean->ops = ops;
	mean->logs += log(ratio);
	mean->count++;
	if (ratio > mean->worst)
		mean->worst = ratio;
}

void evict_table_add(struct evict_table *table, const struct mrig_evict_ops *ops, uint32_t frames,
		     const struct evict_result *result, const struct evict_result *best)
{
	struct json_object *row = json_object_new_object();
	double ratio = (double)result->misses / (double)best->misses;

	json_set_u64(row, "frames", frames);
	json_set_text(row, "policy", ops ? ops->name : "optimum");
	json_set_u64(row, "misses", result->misses);
	json_set_double(row, "percent_of_optimum", 100 * ratio);
	json_set_u64(row, "evictions", result->evictions);
	json_set_u64(row, "writebacks", result->writebacks);
	if (ops) {
		json_set_double(
			row, "looks_per_eviction",
			result->evictions ? (double)result->looks / (double)result->evictions : 0);
		json_set_u64(row, "most_looks", result->most);
		json_set_u64(row, "looks_of_ticks", result->ticks);
		json_set_u64(row, "traps", result->traps);
		count_in(table, ops, ratio);
	}
	json_object_array_add(table->rows, row);
}

static struct json_object *means_of(const struct evict_table *table)
{
	struct json_object *rows = json_object_new_array();
	const struct evict_mean *mean;

	for (mean = table->means; mean->ops; mean++) {
		struct json_object *row = json_object_new_object();

		json_set_text(row, "policy", mean->ops->name);
		json_set_double(row, "percent_of_optimum", 100 * exp(mean->logs / mean->count));
		json_set_double(row, "worst_percent", 100 * mean->worst);
		json_object_array_add(rows, row);
	}
	return rows;
}

static void print_tables(struct evict_table *table, const char *file,
			 const struct page_trace *trace)
{
	printf("%s: %zu references to %u pages\n\n", file, trace->nr, trace->pages);
	list_print(table->rows, columns, ARRAY_SIZE(columns), "nothing played");
	if (table->means[0].count > 1) {
		puts("\nmean, geometric, over these numbers of frames:");
		list_print(means_of(table), mean_columns, ARRAY_SIZE(mean_columns), "");
	}
	puts("\n"
	     "misses   faults, first uses included; the optimum knows the future (Belady)\n"
	     "written  evictions of pages that had been written\n"
	     "looks    at the accessed bit of a frame, per eviction; most: of one fault\n"
	     "traps    uses that faulted because the policy wanted to hear of them");
}

void evict_table_print(struct evict_table *table, const char *file, const struct page_trace *trace,
		       bool good)
{
	struct json_object *answer;

	if (!good) {
		json_object_put(table->rows);
		return;
	}
	if (!common.json) {
		print_tables(table, file, trace);
		return;
	}
	answer = json_object_new_object();
	json_set_text(answer, "trace", file);
	json_set_u64(answer, "references", trace->nr);
	json_set_u64(answer, "pages", trace->pages);
	json_object_object_add(answer, "rows", table->rows);
	json_object_object_add(answer, "means", means_of(table));
	json_print(answer);
}
