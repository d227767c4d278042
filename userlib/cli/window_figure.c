// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The pictures of a window: data for gnuplot, and what to do with it. A picture has so many places,
 * and what falls on one that is taken is not drawn again: reports stay small.
 */
#include "window_figure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define COLUMNS	     600
#define ROWS	     240

#define PAGES_HEIGHT 420
#define OTHER_HEIGHT 300

/* What a dot stands for; later ones are drawn over earlier ones. */
static const struct {
	const char *name;
	const char *title;
	const char *colour;
} kinds[] = {
	{ "evict", "left", "#cccccc" },	      { "soft", "touched again", "#74c476" },
	{ "read", "fault, read", "#3182bd" }, { "write", "fault, written", "#de2d26" },
	{ "sigbus", "SIGBUS", "#000000" },
};

/**
 * struct grid - places that are taken
 * @first: time of the first column
 * @span: microseconds of all columns
 * @low: page of the first row
 * @high: of the last
 * @taken: for each kind and place
 */
struct grid {
	uint64_t first;
	uint64_t span;
	uint64_t low;
	uint64_t high;
	bool taken[ARRAY_SIZE(kinds)][COLUMNS][ROWS];
};

/* Number in kinds; -1: it is not drawn. */
static int kind_of(const struct window_event *event)
{
	switch (event->kind) {
	case WINDOW_EVENT_EVICT:
		return 0;
	case WINDOW_EVENT_SIGBUS:
		return 4;
	case WINDOW_EVENT_TOUCH:
		if (event->flags & WINDOW_EVENT_RETRY)
			return -1;
		if (event->flags & WINDOW_EVENT_SOFT)
			return 1;
		return event->flags & WINDOW_EVENT_WRITE ? 3 : 2;
	default:
		return -1;
	}
}

static struct grid *make_grid(const struct window_trace *trace)
{
	struct grid *grid = calloc(1, sizeof(*grid));
	size_t i;

	if (!grid)
		return NULL;
	grid->first = trace->nr ? trace->events[0].time : 0;
	grid->span = trace->nr ? trace->events[trace->nr - 1].time - grid->first + 1 : 1;
	grid->low = UINT64_MAX;
	for (i = 0; i < trace->nr; i++) {
		const struct window_event *event = &trace->events[i];

		if (kind_of(event) < 0)
			continue;
		if (event->page < grid->low)
			grid->low = event->page;
		if (event->page > grid->high)
			grid->high = event->page;
	}
	return grid;
}

static void write_dots(struct grid *grid, const struct window_trace *trace, int kind, FILE *out)
{
	size_t i, column, row;

	for (i = 0; i < trace->nr; i++) {
		const struct window_event *event = &trace->events[i];

		if (kind_of(event) != kind)
			continue;
		column = (size_t)((event->time - grid->first) * COLUMNS / grid->span);
		row = (size_t)((event->page - grid->low) * ROWS / (grid->high - grid->low + 1));
		if (grid->taken[kind][column][row])
			continue;
		grid->taken[kind][column][row] = true;
		fprintf(out, "%.6f %u\n", (double)event->time / 1e6, event->page);
	}
}

static bool any_of(const struct window_trace *trace, int kind)
{
	size_t i;

	for (i = 0; i < trace->nr; i++)
		if (kind_of(&trace->events[i]) == kind)
			return true;
	return false;
}

static void plot_kind(struct replay_plots *plots, struct grid *grid,
		      const struct window_trace *trace, int kind, bool first)
{
	FILE *data = replay_plots_data(plots, kinds[kind].name);

	if (!data)
		return;
	write_dots(grid, trace, kind, data);
	fclose(data);
	fprintf(plots->script,
		"%s '%s' with points pointtype 7 pointsize 0.2 linecolor '%s' title ",
		first ? "plot" : ", \\\n    ", kinds[kind].name, kinds[kind].colour);
	replay_plots_quote(plots, kinds[kind].title);
}

void window_figure_pages(struct replay_plots *plots, const struct window_trace *trace)
{
	struct grid *grid = make_grid(trace);
	bool first = true;
	size_t kind;

	if (!grid || grid->low > grid->high) {
		free(grid);
		return;
	}
	replay_plots_begin(plots, PAGES_HEIGHT, "Pages that were touched, and that left");
	fputs("set xlabel 'seconds'\nset ylabel 'page'\nset autoscale fix\n", plots->script);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		if (!any_of(trace, (int)kind))
			continue;
		plot_kind(plots, grid, trace, (int)kind, first);
		first = false;
	}
	fputc('\n', plots->script);
	free(grid);
}

/* ---- resident set -------------------------------------------------------------------- */

/**
 * struct series - at most two points for each column: what it was at the end, and the most
 * @out: data
 * @step: microseconds of a column
 * @column: that is being filled
 * @most: pages in it
 * @last: pages
 */
struct series {
	FILE *out;
	uint64_t step;
	uint64_t column;
	uint64_t most;
	uint64_t last;
};

static void write_column(const struct series *series)
{
	double time = (double)series->column * (double)series->step / 1e6;

	fprintf(series->out, "%.6f %" PRIu64 "\n%.6f %" PRIu64 "\n", time, series->most, time,
		series->last);
}

static void note_resident(void *arg, uint64_t time, uint64_t pages)
{
	struct series *series = arg;
	uint64_t column = time / series->step;

	if (column != series->column) {
		write_column(series);
		series->most = series->last;
		series->column = column;
	}
	series->last = pages;
	if (pages > series->most)
		series->most = pages;
}

int window_figure_resident(struct replay_plots *plots, const struct window_trace *trace)
{
	uint64_t end = trace->nr ? trace->events[trace->nr - 1].time : 0;
	struct series series = { .step = end / COLUMNS + 1 };
	struct window_summary summary;
	int ret;

	series.out = replay_plots_data(plots, "resident");
	if (!series.out)
		return EXIT_FAILURE;
	ret = window_summary(trace, &summary, note_resident, &series);
	write_column(&series);
	fclose(series.out);
	replay_plots_begin(plots, OTHER_HEIGHT, "Pages that had a frame");
	fprintf(plots->script,
		"set xlabel 'seconds'\nset ylabel 'pages'\nset yrange [0:%" PRIu64 "]\n"
		"plot 'resident' with steps linewidth 2 linecolor '#3182bd' title 'resident', \\\n"
		"    %" PRIu64 " with lines linecolor '#888888' title 'frames'\n",
		trace->frames + trace->frames / 10 + 1, trace->frames);
	return ret;
}

/* ---- times --------------------------------------------------------------------------- */

void window_figure_times(struct replay_plots *plots, const struct window_summary *summary)
{
	static const char *const titles[] = { "read from the store", "write to the store",
					      "choice of a page" };
	const struct window_times *times[] = { &summary->in, &summary->out, &summary->choice };
	bool first = true;
	char name[16];
	size_t i, bin;
	FILE *data;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		snprintf(name, sizeof(name), "times%zu", i);
		data = times[i]->count ? replay_plots_data(plots, name) : NULL;
		if (!data)
			continue;
		for (bin = 0; bin < WINDOW_TIME_BINS; bin++)
			if (times[i]->bins[bin])
				fprintf(data, "%" PRIu64 " %" PRIu64 "\n", UINT64_C(1) << bin,
					times[i]->bins[bin]);
		fclose(data);
		if (first) {
			replay_plots_begin(plots, OTHER_HEIGHT, "How long it took");
			fputs("set logscale x 2\nset format x '%.0f'\nset xtics rotate by -45\n"
			      "set xlabel 'less than ns'\nset ylabel 'how often'\n"
			      "set yrange [0:*]\n",
			      plots->script);
		}
		fprintf(plots->script, "%s '%s' with linespoints linewidth 2 title ",
			first ? "plot" : ", \\\n    ", name);
		replay_plots_quote(plots, titles[i]);
		first = false;
	}
	if (!first)
		fputc('\n', plots->script);
}
