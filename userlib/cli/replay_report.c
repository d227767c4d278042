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
#include "util.h"

static const char style[] =
	"body { font-family: sans-serif; margin: 2em auto; max-width: 75em; color: #222 }\n"
	"table { border-collapse: collapse; font-size: 85% }\n"
	"th, td { padding: .25em .6em; border-bottom: 1px solid #ddd; text-align: right }\n"
	"th { vertical-align: bottom; border-bottom: 2px solid #888 }\n"
	"td.name { text-align: left } td.bad { background: #fdd }\n"
	"svg { max-width: 100%; height: auto; display: block; margin: 1em 0 }\n"
	"svg image { image-rendering: pixelated }\n"
	"p.note { color: #555; max-width: 50em }\n";

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

static void escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default: /* XML knows no control characters */
			fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
		}
	}
}

/* ---- the table ----------------------------------------------------------------------- */

static void write_cell(FILE *out, struct json_object *row, const struct heading *heading)
{
	struct json_object *value = replay_member(row, heading->key);
	bool bad = !strcmp(heading->key, "refused") && replay_number(row, heading->key);

	fputs(bad ? "<td class=\"bad\">" : "<td>", out);
	if (json_object_is_type(value, json_type_double))
		fprintf(out, "%.1f", json_object_get_double(value));
	else
		escape(out, value ? json_object_get_string(value) : "-");
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
		escape(out, replay_text(row, "memory"));
		fputs("</td><td class=\"name\">", out);
		escape(out, replay_text(row, "allocator"));
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

	fprintf(out,
		"<!DOCTYPE html>\n"
		"<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\"/>\n<title>memrig replay</title>\n<style>\n%s</style>\n"
		"</head>\n<body>\n<h1>memrig replay</h1>\n<p><code>",
		style);
	escape(out, replay_text(trace, "command"));
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

static int write_page(FILE *out, struct json_object *result, struct replay_plots *plots)
{
	unsigned int i;
	int ret = 0;

	write_head(out, result);
	write_table(out, replay_result_rows(result));
	fputs("<p class=\"note\">Instructions and nanoseconds are those of the allocator alone. An "
	      "operation's cost is the least of all passes, the worst operation the highest of "
	      "these. In the pictures of costs a line that ends further left is a better worst "
	      "case. In those of blocks, time runs to the right and offsets upwards.</p>\n",
	      out);
	for (i = 0; !ret && i < plots->nr; i++) {
		fputs("<figure>\n", out);
		ret = replay_plots_embed(plots, i, out);
		fputs("</figure>\n", out);
	}
	fputs("</body>\n</html>\n", out);
	return ret;
}

static int write_file(struct json_object *result, struct replay_plots *plots, const char *path)
{
	FILE *out = fopen(path, "we");
	int ret, bad;

	if (!out)
		return fail("%s cannot be written: %s", path, strerror(errno));
	ret = write_page(out, result, plots);
	bad = ferror(out);
	if (fclose(out) || bad)
		ret = fail("%s cannot be written: %s", path, strerror(errno));
	if (ret)
		unlink(path);
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
	return replay_plots_ready();
}

int replay_report(struct json_object *result, const char *path)
{
	struct replay_plots plots;
	int ret;

	if (!has_series(replay_result_rows(result)))
		return fail("there are no figures over time to draw; try: replay with --samples");
	ret = replay_plots_open(&plots);
	if (ret)
		return ret;
	plan_figures(&plots, replay_result_rows(result));
	ret = replay_plots_draw(&plots);
	if (!ret)
		ret = write_file(result, &plots, path);
	replay_plots_close(&plots);
	return ret;
}
