// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The pictures of a comparison: data for gnuplot, and what to do with it.
 */
#include "replay_figure.h"

#include <inttypes.h>
#include <string.h>

#include "replay_result.h"
#include "util.h"

#define FIGURE_HEIGHT 380
#define MAP_HEIGHT    260

static struct json_object *row_at(struct json_object *rows, size_t i, const char *memory)
{
	struct json_object *row = replay_element(rows, i);

	return strcmp(replay_text(row, "memory"), memory) ? NULL : row;
}

static uint64_t element(struct json_object *object, const char *key, size_t i)
{
	return json_object_get_uint64(replay_element(replay_member(object, key), i));
}

static size_t elements(struct json_object *object, const char *key)
{
	return replay_length(replay_member(object, key));
}

/* One more line in the picture: "plot" for the first, a comma between two. */
static void add_line(struct replay_plots *plots, bool first, const char *data, const char *how,
		     const char *title)
{
	fprintf(plots->script, "%s '%s' %s title ", first ? "plot" : ", \\\n    ", data, how);
	replay_plots_quote(plots, title);
}

/* ---- fragmentation over time --------------------------------------------------------- */

static void write_series(FILE *out, struct json_object *series)
{
	uint64_t free_bytes;
	size_t i;

	for (i = 0; i < elements(series, "operation"); i++) {
		free_bytes = element(series, "free_bytes", i);
		fprintf(out, "%" PRIu64 " %.3f\n", element(series, "operation", i),
			free_bytes ? 100.0 *
					     (double)(free_bytes -
						      element(series, "largest_free", i)) /
					     (double)free_bytes
				   : 0);
	}
}

void replay_figure_series(struct replay_plots *plots, struct json_object *rows, const char *memory)
{
	char title[128], name[48];
	bool first = true;
	size_t i;

	snprintf(title, sizeof(title), "Fragmentation over time, %s memory", memory);
	replay_plots_begin(plots, FIGURE_HEIGHT, title);
	fprintf(plots->script, "set xlabel 'operation'\nset yrange [0:100]\n"
			       "set ylabel '%% of the free bytes not in the largest piece'\n");
	for (i = 0; i < replay_length(rows); i++) {
		struct json_object *row = row_at(rows, i, memory);
		FILE *data;

		if (!row || !elements(replay_member(row, "series"), "operation"))
			continue;
		snprintf(name, sizeof(name), "series%zu.dat", i);
		data = replay_plots_data(plots, name);
		if (!data)
			continue;
		write_series(data, replay_member(row, "series"));
		fclose(data);
		add_line(plots, first, name, "with lines linewidth 2",
			 replay_text(row, "allocator"));
		first = false;
	}
	fputc('\n', plots->script);
}

/* ---- distribution of costs ----------------------------------------------------------- */

/* For each class its cost and the share of the operations that are in it or above. */
static void write_costs(FILE *out, struct json_object *spread)
{
	struct json_object *classes = replay_member(spread, "classes");
	uint64_t calls = replay_number(spread, "calls"), rest = calls, cost;
	size_t i;

	for (i = 0; i < replay_length(classes); i++) {
		struct json_object *class = replay_element(classes, i);

		cost = json_object_get_uint64(replay_element(class, 0));
		/* Nothing is left of zero on a logarithmic scale. */
		fprintf(out, "%" PRIu64 " %.9g\n", cost ? cost : 1, (double)rest / (double)calls);
		rest -= json_object_get_uint64(replay_element(class, 1));
	}
}

static struct json_object *spread_of(struct json_object *row, const char *kind, const char *unit)
{
	struct json_object *costs = replay_member(row, "costs");
	struct json_object *spread = replay_member(costs, kind);

	if (strcmp(replay_text(costs, "unit"), unit) || !replay_number(spread, "calls"))
		return NULL;
	return spread;
}

void replay_figure_costs(struct replay_plots *plots, struct json_object *rows, const char *memory,
			 const char *kind, const char *unit)
{
	char title[160], name[64];
	bool first = true;
	size_t i;

	for (i = 0; i < replay_length(rows); i++) {
		struct json_object *row = row_at(rows, i, memory), *spread;
		FILE *data;

		spread = row ? spread_of(row, kind, unit) : NULL;
		if (!spread)
			continue;
		snprintf(name, sizeof(name), "%s-%s%zu.dat", kind, unit, i);
		data = replay_plots_data(plots, name);
		if (!data)
			continue;
		write_costs(data, spread);
		fclose(data);
		if (first) {
			snprintf(title, sizeof(title), "Cost of %s in %s, %s memory", kind, unit,
				 memory);
			replay_plots_begin(plots, FIGURE_HEIGHT, title);
			fprintf(plots->script,
				"set logscale xy\nset format y '10^%%T'\nset xlabel '%s'\n"
				"set ylabel 'share of operations that cost at least that'\n"
				"set yrange [*:1.5]\n",
				unit);
		}
		add_line(plots, first, name, "with linespoints pointsize 0.4 linewidth 2",
			 replay_text(row, "allocator"));
		first = false;
	}
	if (!first)
		fputc('\n', plots->script);
}

/* ---- blocks over time ---------------------------------------------------------------- */

/* A line for each cell, a column for each sample; gnuplot wants two columns at least. */
static void write_map(FILE *out, struct json_object *map)
{
	size_t samples = replay_length(map), cells, cell, i;

	cells = strlen(json_object_get_string(replay_element(map, 0)));
	for (cell = 0; cell < cells; cell++) {
		for (i = 0; i < samples || i < 2; i++) {
			struct json_object *line =
				replay_element(map, i < samples ? i : samples - 1);
			const char *digits = json_object_get_string(line);

			fprintf(out, "%c ", strlen(digits) > cell ? digits[cell] : '0');
		}
		fputc('\n', out);
	}
}

void replay_figure_map(struct replay_plots *plots, struct json_object *row, unsigned int number)
{
	struct json_object *map = replay_member(row, "map");
	struct json_object *series = replay_member(row, "series");
	size_t samples = elements(row, "map");
	char title[192], name[48];
	FILE *data;

	snprintf(title, sizeof(title), "Blocks over time, %s, %s memory",
		 replay_text(row, "allocator"), replay_text(row, "memory"));
	replay_plots_begin(plots, MAP_HEIGHT, title);
	snprintf(name, sizeof(name), "map%u.dat", number);
	data = replay_plots_data(plots, name);
	if (!data)
		return;
	write_map(data, map);
	fclose(data);
	fprintf(plots->script,
		"set xlabel 'operation'\nset ylabel '%% of the memory'\n"
		"set palette defined (0 '#f4f4f4', 0.1 '#c6dbef', 5 '#4292c6', 9 '#08306b')\n"
		"set cbrange [0:9]\nset cbtics ('free' 0, 'full' 9)\nset autoscale fix\n"
		"plot '%s' matrix using ($1 * %.6f):($2 * 100.0 / %u):3 with image notitle\n",
		name,
		samples > 1
			? (double)element(series, "operation", samples - 1) / (double)(samples - 1)
			: 1.0,
		(unsigned int)strlen(json_object_get_string(replay_element(map, 0))));
}
