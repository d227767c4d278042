// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window report: what a recorded trace of a window comes to, in numbers and pictures.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "report_page.h"
#include "util.h"
#include "window_figure.h"

/**
 * struct options - the command line
 * @file: trace
 * @page: report to be written, NULL: numbers alone
 * @window: which one; 0: there is only one
 */
struct options {
	const char *file;
	const char *page;
	uint32_t window;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Draw it, as a page of HTML", 0 },
	{ "window", 'w', "ID", 0, "Of a trace of several windows: which", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'o':
		opts->page = arg;
		return 0;
	case 'w':
		opts->window = u32_option(state, "--window", arg);
		return 0;
	default:
		return one_trace_parse(key, arg, state, &opts->file,
				       "no trace; memrig window record makes one");
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Say what a trace of memrig window record comes to, and draw it.",
	.children = common_children,
};

static const struct column columns[] = {
	{ "window", "window", false },
	{ "pages", "pages", false },
	{ "frames", "frames", false },
	{ "policy", "policy", false },
	{ "store", "store", false },
	{ "seconds", "seconds", false },
	{ "touched", "pages touched", false },
	{ "major", "faults", false },
	{ "soft", "soft faults", false },
	{ "waited", "touches that waited", false },
	{ "writes", "touches that wrote", false },
	{ "kernel", "touches by the kernel", false },
	{ "evict_clean", "evictions, clean", false },
	{ "evict_dirty", "evictions, written", false },
	{ "asked", "pages told to leave", false },
	{ "page_ins", "pages read", false },
	{ "page_outs", "pages written", false },
	{ "in_ns", "mean ns of a read", false },
	{ "out_ns", "mean ns of a write", false },
	{ "errors", "transfers that failed", false },
	{ "sigbus", "SIGBUS", false },
	{ "resident_start", "resident at the beginning", false },
	{ "resident_most", "resident at most", false },
	{ "resident_end", "resident at the end", false },
	{ "lost", "events that are missing", false },
};

static uint64_t mean(const struct window_times *times)
{
	return times->count ? times->sum / times->count : 0;
}

static struct json_object *record_of(const struct window_trace *trace,
				     const struct window_summary *sum)
{
	struct json_object *record = json_object_new_object();

	json_set_u64(record, "window", trace->id);
	json_set_u64(record, "pages", trace->pages);
	json_set_u64(record, "frames", trace->frames);
	json_set_text(record, "policy", trace->policy);
	json_set_text(record, "store", trace->store);
	json_set_double(record, "seconds", (double)sum->microseconds / 1e6);
	json_set_u64(record, "touched", sum->pages);
	json_set_u64(record, "major", sum->major);
	json_set_u64(record, "soft", sum->soft);
	json_set_u64(record, "waited", sum->waited);
	json_set_u64(record, "writes", sum->writes);
	json_set_u64(record, "kernel", sum->kernel);
	json_set_u64(record, "evict_clean", sum->clean);
	json_set_u64(record, "evict_dirty", sum->dirty);
	json_set_u64(record, "asked", sum->asked);
	json_set_u64(record, "page_ins", sum->in.count);
	json_set_u64(record, "page_outs", sum->out.count);
	json_set_u64(record, "in_ns", mean(&sum->in));
	json_set_u64(record, "out_ns", mean(&sum->out));
	json_set_u64(record, "errors", sum->errors);
	json_set_u64(record, "sigbus", sum->sigbus);
	json_set_u64(record, "resident_start", sum->here);
	json_set_u64(record, "resident_most", sum->resident_most);
	json_set_u64(record, "resident_end", sum->resident_end);
	if (trace->complete)
		json_set_u64(record, "lost", trace->lost);
	else
		json_set_text(record, "lost", NULL);
	return record;
}

/* ---- the page ------------------------------------------------------------------------ */

/* What goes into the page. */
struct content {
	const struct window_trace *trace;
	struct json_object *record;
	struct replay_plots plots;
};

static void write_table(FILE *out, struct json_object *record)
{
	struct json_object *value;
	size_t i;

	fputs("<table>\n", out);
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		value = json_object_object_get(record, columns[i].key);
		fprintf(out, "<tr><td class=\"name\">%s</td><td>", columns[i].title);
		report_page_escape(out, value ? json_object_get_string(value) : "?");
		fputs("</td></tr>\n", out);
	}
	fputs("</table>\n", out);
}

static int write_page(FILE *out, void *arg)
{
	struct content *content = arg;
	unsigned int i;
	int ret = 0;

	report_page_begin(out, "memrig window");
	write_table(out, content->record);
	if (!content->trace->complete || content->trace->lost)
		fputs("<p class=\"note\">Events are missing from this trace.</p>\n", out);
	for (i = 0; !ret && i < content->plots.nr; i++) {
		fputs("<figure>\n", out);
		ret = replay_plots_embed(&content->plots, i, out);
		fputs("</figure>\n", out);
	}
	fputs("<p class=\"note\">A fault is a touch of a page that had no frame. Of pages that "
	      "have one, only those touches are known that came after a look of the policy took the "
	      "page out of the page table: these are the soft faults.</p>\n",
	      out);
	report_page_end(out);
	return ret;
}

static int draw_page(const struct options *opts, struct content *content,
		     const struct window_summary *summary)
{
	int ret = replay_plots_ready("draw it on another machine: the trace is all it takes");

	if (!ret)
		ret = replay_plots_open(&content->plots);
	if (ret)
		return ret;
	window_figure_pages(&content->plots, content->trace);
	ret = window_figure_resident(&content->plots, content->trace);
	window_figure_times(&content->plots, summary);
	if (!ret)
		ret = replay_plots_draw(&content->plots);
	if (!ret)
		ret = report_page_write(opts->page, write_page, content);
	replay_plots_close(&content->plots);
	return ret;
}

static int report_trace(const struct options *opts, const struct window_trace *trace)
{
	struct content content = { .trace = trace };
	struct window_summary summary;
	int ret;

	ret = window_summary(trace, &summary, NULL, NULL);
	if (ret)
		return ret;
	content.record = record_of(trace, &summary);
	if (opts->page)
		ret = draw_page(opts, &content, &summary);
	record_print(content.record, columns, ARRAY_SIZE(columns));
	return ret;
}

int cmd_window_report(int argc, char **argv)
{
	struct options opts = { 0 };
	struct window_trace trace;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &opts);
	if (window_trace_read(&trace, opts.file, opts.window))
		return EXIT_FAILURE;
	ret = report_trace(&opts, &trace);
	window_trace_free(&trace);
	return ret;
}
