// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report: a page of HTML that is XML, too, with its pictures in it.
 */
#include "replay_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay_cost.h"
#include "replay_figure.h"
#include "replay_result.h"
#include "report_page.h"
#include "util.h"

/**
 * struct heading - a column of the table
 * @key: of the row
 * @title: above it
 */
struct heading {
	const char *key;
	const char *title;
};

static const struct heading headings[] = {
	{ "refused", "requests failed" },
	{ "unfit", "never possible" },
	{ "instructions_per_op", "instructions, mean" },
	{ "worst_instructions", "instructions, worst" },
	{ "alloc_ns_per_op", "ns, mean" },
	{ "worst_ns", "ns, worst" },
	{ "write_ns_per_op", "ns of writing" },
	{ "peak_used_bytes", "bytes in use at peak" },
	{ "inside_bytes", "wasted inside blocks" },
	{ "outside_bytes", "free outside the largest piece" },
	{ "unusable_bytes", "free when a request failed for want of one piece" },
	{ "side_bytes", "bookkeeping outside" },
	{ "least_heap_bytes", "least heap without failure" },
};

/* ---- the table ----------------------------------------------------------------------- */

static void write_cell(FILE *out, struct json_object *row, const struct heading *heading)
{
	struct json_object *value = replay_member(row, heading->key);
	bool bad = !strcmp(heading->key, "refused") && replay_number(row, heading->key);

	fputs(bad ? "<td class=\"bad\">" : "<td>", out);
	if (json_object_is_type(value, json_type_double))
		fprintf(out, "%.1f", json_object_get_double(value));
	else
		report_page_escape(out, value ? json_object_get_string(value) : "-");
	fputs("</td>", out);
}

static void write_table(FILE *out, struct json_object *rows)
{
	size_t i, h;

	fputs("<table>\n<tr><th>memory</th><th>allocator</th>", out);
	for (h = 0; h < ARRAY_SIZE(headings); h++)
		fprintf(out, "<th>%s</th>", headings[h].title);
	fputs("</tr>\n", out);
	for (i = 0; i < replay_length(rows); i++) {
		struct json_object *row = replay_element(rows, i);

		fputs("<tr><td class=\"name\">", out);
		report_page_escape(out, replay_text(row, "memory"));
		fputs("</td><td class=\"name\">", out);
		report_page_escape(out, replay_text(row, "allocator"));
		fputs("</td>", out);
		for (h = 0; h < ARRAY_SIZE(headings); h++)
			write_cell(out, row, &headings[h]);
		fputs("</tr>\n", out);
	}
	fputs("</table>\n", out);
}

/* ---- the page ------------------------------------------------------------------------ */

static void write_head(FILE *out, struct json_object *result)
{
	struct json_object *trace = replay_member(result, "trace");

	report_page_begin(out, "memrig replay");
	fputs("<p><code>", out);
	report_page_escape(out, replay_text(trace, "command"));
	fprintf(out,
		"</code></p>\n<p>%" PRIu64 " operations of %" PRIu64 " threads; at most %" PRIu64
		" bytes in %" PRIu64 " blocks live, largest request %" PRIu64
		"; regions of %" PRIu64 " bytes, hardening level %" PRIu64 ".</p>\n",
		replay_number(trace, "operations"), replay_number(trace, "threads"),
		replay_number(trace, "peak_bytes"), replay_number(trace, "peak_blocks"),
		replay_number(trace, "largest"), replay_number(trace, "region_bytes"),
		replay_number(trace, "hardening"));
	if (!json_object_get_boolean(replay_member(result, "good")))
		fputs("<p class=\"note\">Not all is as it should be: see the rows in red, and what "
		      "the command said.</p>\n",
		      out);
}

static bool is_first(struct json_object *rows, size_t i)
{
	struct json_object *row = replay_element(rows, i);
	size_t before;

	for (before = 0; before < i; before++) {
		if (!strcmp(replay_text(replay_element(rows, before), "memory"),
			    replay_text(row, "memory")))
			return false;
	}
	return true;
}

static void plan_memory(struct replay_plots *plots, struct json_object *rows, const char *memory)
{
	static const enum replay_unit units[] = { REPLAY_INSTRUCTIONS, REPLAY_NS };
	unsigned int kind;
	size_t u;

	replay_figure_series(plots, rows, memory);
	for (u = 0; u < ARRAY_SIZE(units); u++) {
		for (kind = 0; kind < REPLAY_COST_KINDS; kind++)
			replay_figure_costs(plots, rows, memory, replay_cost_kind_name(kind),
					    replay_unit_name(units[u]));
	}
}

static void plan_figures(struct replay_plots *plots, struct json_object *rows)
{
	size_t i;

	for (i = 0; i < replay_length(rows); i++) {
		if (is_first(rows, i))
			plan_memory(plots, rows, replay_text(replay_element(rows, i), "memory"));
	}
	for (i = 0; i < replay_length(rows); i++)
		replay_figure_map(plots, replay_element(rows, i), (unsigned int)i);
}

/* What goes into the page. */
struct content {
	struct json_object *result;
	struct replay_plots plots;
};

static int write_page(FILE *out, void *arg)
{
	struct content *content = arg;
	unsigned int i;
	int ret = 0;

	write_head(out, content->result);
	write_table(out, replay_result_rows(content->result));
	fputs("<p class=\"note\">Instructions and nanoseconds are those of the allocator alone. An "
	      "operation's cost is the least of all passes, the worst operation the highest of "
	      "these. In the pictures of costs a line that ends further left is a better worst "
	      "case. In those of blocks, time runs to the right and offsets upwards.</p>\n",
	      out);
	for (i = 0; !ret && i < content->plots.nr; i++) {
		fputs("<figure>\n", out);
		ret = replay_plots_embed(&content->plots, i, out);
		fputs("</figure>\n", out);
	}
	report_page_end(out);
	return ret;
}

static bool has_series(struct json_object *rows)
{
	size_t i;

	for (i = 0; i < replay_length(rows); i++) {
		struct json_object *map = replay_member(replay_element(rows, i), "map");

		if (!replay_length(map))
			return false;
	}
	return i > 0;
}

int replay_report_ready(void)
{
	return replay_plots_ready("--save here and --from with --report on another machine");
}

int replay_report(struct json_object *result, const char *path)
{
	struct content content = { .result = result };
	int ret;

	if (!has_series(replay_result_rows(result)))
		return fail("there are no figures over time to draw; try: replay with --samples");
	ret = replay_plots_open(&content.plots);
	if (ret)
		return ret;
	plan_figures(&content.plots, replay_result_rows(result));
	ret = replay_plots_draw(&content.plots);
	if (!ret)
		ret = report_page_write(path, write_page, &content);
	replay_plots_close(&content.plots);
	return ret;
}
