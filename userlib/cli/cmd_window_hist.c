// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window hist: how long choosing, reading and writing pages took.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "util.h"
#include "window_rows.h"

#define HISTS  3
#define ALL    HISTS
#define GRID   40 /* columns of the longest bar */
#define A_TIME 24

enum { OPT_WHICH = 0x5a00, OPT_RESET, OPT_SET };

static const struct argp_option options[] = {
	{ "which", 'w', "NAME", 0, "eviction, page-in or page-out; all if not said", 1 },
	{ "reset", OPT_RESET, NULL, 0, "Start counting again, after printing", 1 },
	{ "set", OPT_SET, "TIME,...", 0,
	  "Other bounds, ascending, like 1us,10us,1ms,max; counting starts again", 1 },
	{ 0 }
};

static const char *const names[HISTS] = {
	[MEMRIG_HIST_EVICTION] = "eviction",
	[MEMRIG_HIST_PAGE_IN] = "page-in",
	[MEMRIG_HIST_PAGE_OUT] = "page-out",
};

/**
 * struct hist_args - the command line
 * @id: of which window
 * @which: histogram, or ALL
 * @reset: begin anew
 * @bounds: nanoseconds
 * @bins: how many of them; 0: keep those that there are
 */
struct hist_args {
	struct window_id id;
	uint32_t which;
	bool reset;
	uint64_t bounds[MEMRIG_HIST_BINS];
	uint32_t bins;
};

/* "10us" in nanoseconds; a number alone is nanoseconds. */
static bool parse_time(const char *text, uint64_t *ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", 1 }, { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }
	};
	char *end;
	size_t i;

	if (!strcmp(text, "max")) {
		*ns = UINT64_MAX;
		return true;
	}
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ns = strtoull(text, &end, 10);
	for (i = 0; !errno && i < ARRAY_SIZE(units); i++)
		if (!strcmp(end, units[i].name))
			return !__builtin_mul_overflow(*ns, units[i].ns, ns);
	return false;
}

static void set_option(const struct argp_state *state, struct hist_args *args, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;

	if (!copy)
		argp_failure(state, EXIT_FAILURE, ENOMEM, "--set");
	while ((word = strsep(&rest, ","))) {
		if (args->bins == MEMRIG_HIST_BINS)
			argp_error(state, "--set: at most %d bounds", MEMRIG_HIST_BINS);
		if (!parse_time(word, &args->bounds[args->bins]))
			argp_error(state, "--set: '%s' is no time like 500ns, 10us, 1ms or max",
				   word);
		if (args->bins && args->bounds[args->bins] <= args->bounds[args->bins - 1])
			argp_error(state, "--set: '%s' is not above the bound before it", word);
		args->bins++;
	}
	free(copy);
}

static uint32_t which_option(const struct argp_state *state, const char *text)
{
	uint32_t i;

	for (i = 0; i < HISTS; i++)
		if (!strcmp(text, names[i]))
			return i;
	argp_error(state, "--which: '%s' is none of eviction, page-in, page-out", text);
	return ALL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct hist_args *args = state->input;

	switch (key) {
	case 'w':
		args->which = which_option(state, arg);
		return 0;
	case OPT_RESET:
		args->reset = true;
		return 0;
	case OPT_SET:
		set_option(state, args, arg);
		return 0;
	case ARGP_KEY_END:
		if (args->bins && args->which == ALL)
			argp_error(state, "--set: bounds of which? try: --which page-in");
		if (args->bins && args->reset)
			argp_error(state, "--set starts counting again by itself");
		/* fall through */
	default:
		return window_id_parse(key, arg, state, &args->id);
	}
}

/* ---- drawing ------------------------------------------------------------------------- */

static const char *format_time(uint64_t ns, char buf[A_TIME])
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	uint64_t whole = ns;
	unsigned int unit = 0;

	if (ns == UINT64_MAX)
		return "more";
	while (unit + 1 < ARRAY_SIZE(units) && whole && whole % 1000 == 0) {
		whole /= 1000;
		unit++;
	}
	snprintf(buf, A_TIME, "%llu %s", (unsigned long long)whole, units[unit]);
	return buf;
}

static void draw(const struct memrig_window_hist *hist)
{
	uint64_t most = 0, sum = 0;
	char time[A_TIME];
	uint32_t i;

	for (i = 0; i < hist->bins; i++) {
		sum += hist->counts[i];
		if (hist->counts[i] > most)
			most = hist->counts[i];
	}
	printf("%s: %llu\n", names[hist->which], (unsigned long long)sum);
	for (i = 0; i < hist->bins; i++) {
		printf("  %s %-10s ", hist->bounds[i] == UINT64_MAX ? "  " : "<=",
		       format_time(hist->bounds[i], time));
		print_bar(stdout, (double)hist->counts[i], (double)most, GRID);
		printf(" %llu\n", (unsigned long long)hist->counts[i]);
	}
}

static struct json_object *hist_record(const struct memrig_window_hist *hist)
{
	struct json_object *record = json_object_new_object(), *bins = json_object_new_array(),
			   *bin;
	uint32_t i;

	json_set_text(record, "what", names[hist->which]);
	for (i = 0; i < hist->bins; i++) {
		bin = json_object_new_object();
		if (hist->bounds[i] == UINT64_MAX)
			json_set_text(bin, "up_to_ns", NULL);
		else
			json_set_u64(bin, "up_to_ns", hist->bounds[i]);
		json_set_u64(bin, "count", hist->counts[i]);
		json_object_array_add(bins, bin);
	}
	json_object_object_add(record, "bins", bins);
	return record;
}

static int print_one(memrig_window_t *window, const struct hist_args *args, uint32_t which,
		     struct json_object *records)
{
	struct memrig_window_hist hist = { .size = sizeof(hist) };

	if (memrig_window_hist_get(window, which, &hist) ||
	    (args->reset && memrig_window_hist_reset(window, which)))
		return report();
	if (common.json)
		json_object_array_add(records, hist_record(&hist));
	else
		draw(&hist);
	return 0;
}

static int print_all(memrig_window_t *window, const struct hist_args *args)
{
	struct json_object *records = json_object_new_array();
	uint32_t which;
	int ret = 0;

	for (which = 0; which < HISTS && !ret; which++) {
		if (args->which != ALL && args->which != which)
			continue;
		ret = print_one(window, args, which, records);
	}
	if (common.json && !ret)
		json_print(json_object_get(records));
	json_object_put(records);
	return ret;
}

static int set_or_print(memrig_t *rig, memrig_window_t *window, void *arg)
{
	const struct hist_args *args = arg;

	if (!args->bins)
		return print_all(window, args);
	if (memrig_window_hist_set(window, args->which, args->bounds, args->bins))
		return report();
	return EXIT_SUCCESS;
}

int cmd_window_hist(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.children = common_children,
		.parser = parse,
		.args_doc = "ID",
		.doc = "Draw how long it took to choose pages that leave (eviction), to read pages "
		       "from the store (page-in) and to write them (page-out).",
	};
	struct hist_args args = { .which = ALL };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	return window_id_use(&args.id, set_or_print, &args);
}
