// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig top: all objects of all kinds, again and again.
 *
 * On a terminal the listing is drawn over the last one, with the few control sequences that every
 * terminal knows; elsewhere, and for --json, the listings follow each other.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "object_rows.h"
#include "util.h"

enum { OPT_ONCE = 0x5000 };

static const struct argp_option options[] = {
	{ "once", OPT_ONCE, NULL, 0, "One listing, then end; as does --json without --count", 1 },
	{ "count", 'n', "N", 0, "N listings, then end", 1 },
	{ "delay", 'd', "SECONDS", 0, "Between two listings (default 2)", 1 },
	{ 0 }
};

/**
 * struct top_args - the command line
 * @count: listings; 0: until it is ended
 * @delay: seconds
 */
struct top_args {
	uint32_t count;
	double delay;
};

static double delay_option(const struct argp_state *state, const char *text)
{
	char *end;
	double delay = strtod(text, &end);

	/* Written so that NaN is refused, too. */
	if (end == text || *end || !(delay >= 0.05 && delay <= 86400))
		argp_error(state, "--delay: '%s' is no number of seconds from 0.05 to 86400", text);
	return delay;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct top_args *args = state->input;

	switch (key) {
	case OPT_ONCE:
		args->count = 1;
		return 0;
	case 'n':
		args->count = u32_option(state, "--count", arg);
		if (!args->count)
			argp_error(state, "--count: at least one listing");
		return 0;
	case 'd':
		args->delay = delay_option(state, arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s'? top shows all objects; see memrig stat for one", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- what changes -------------------------------------------------------------------- */

/* The same object in the listing before, or NULL. */
static struct json_object *find_before(struct json_object *before, struct json_object *row)
{
	struct json_object *other;
	size_t i;

	for (i = 0; before && i < json_object_array_length(before); i++) {
		other = json_object_array_get_idx(before, i);
		if (row_u64(other, "id") == row_u64(row, "id") &&
		    !strcmp(row_text(other, "object"), row_text(row, "object")))
			return other;
	}
	return NULL;
}

static void set_rate(struct json_object *row, struct json_object *old, const char *rate,
		     const char *counter, double seconds)
{
	uint64_t now = row_u64(row, counter), then = old ? row_u64(old, counter) : 0;

	if (old && json_object_object_get_ex(row, counter, NULL) && now >= then)
		json_set_double(row, rate, (double)(now - then) / seconds);
	else
		json_set_text(row, rate, NULL);
}

/* Adds what a table shows: the kind in one word, rates, and how much is in use. */
static void complete(struct json_object *rows, struct json_object *before, double seconds)
{
	struct json_object *row, *old;
	const char *kind;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		old = find_before(before, row);
		kind = row_text(row, "engine");
		json_set_text(row, "what", *kind ? kind : row_text(row, "object"));
		if (!strcmp(row_text(row, "object"), "region"))
			continue;
		set_rate(row, old, "allocs_per_s", "allocs", seconds);
		set_rate(row, old, "frees_per_s", "frees", seconds);
	}
}

/* clang-format off */
static const struct column columns[] = {
	{ "what", "OBJECT", false },
	{ "id", "ID", false },
	{ "region_id", "REGION", false },
	{ "name", "NAME", false },
	{ "attr", "ATTR", false },
	{ "length", "SIZE", true },
	{ "live_blocks", "LIVE", false },
	{ "allocated_bytes", "USED", true },
	{ "max_allocated_bytes", "PEAK", true },
	{ "largest_free", "LARGEST", true },
	{ "frag_permille", "FRAG", false },
	{ "allocs_per_s", "ALLOC/S", false },
	{ "frees_per_s", "FREE/S", false },
	{ "failures", "REFUSED", false },
	{ "waiters", "WAIT", false },
	{ "queued", "QUEUE", false },
	{ "pid", "PID", false },
	{ "command", "COMMAND", false },
};

/* clang-format on */

static void print_rows(struct json_object *rows)
{
	if (common.json)
		json_print(json_object_get(rows));
	else
		list_print(json_object_get(rows), columns, ARRAY_SIZE(columns), "no objects");
}

/* ---- the screen ---------------------------------------------------------------------- */

#define SCREEN_ENTER "\033[?1049h\033[?25l\033[?7l" /* a screen of its own, no cursor, no wrap */
#define SCREEN_LEAVE "\033[?7h\033[?25h\033[?1049l"
#define SCREEN_HOME  "\033[H\033[J"

static volatile sig_atomic_t ended;
static struct termios terminal;

static void on_signal(int number)
{
	ended = number;
}

static bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return !common.json && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) &&
	       strcmp(term ?: "dumb", "dumb");
}

/* Keys come one by one and are not shown. */
static void screen_enter(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = on_signal };
	struct termios keys;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	if (!tcgetattr(STDIN_FILENO, &terminal)) {
		keys = terminal;
		keys.c_lflag &= ~(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &keys);
	}
	fputs(SCREEN_ENTER, stdout);
}

static void screen_leave(void)
{
	fputs(SCREEN_LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

static void print_head(struct json_object *rows)
{
	uint64_t bytes = 0, blocks = 0;
	unsigned int regions = 0;
	char text[SIZE_TEXT], when[16];
	struct json_object *row;
	time_t now = time(NULL);
	size_t i, count = json_object_array_length(rows);

	for (i = 0; i < count; i++) {
		row = json_object_array_get_idx(rows, i);
		if (!strcmp(row_text(row, "object"), "region")) {
			regions++;
			bytes += row_u64(row, "length");
		} else {
			blocks += row_u64(row, "live_blocks");
		}
	}
	strftime(when, sizeof(when), "%T", localtime(&now));
	printf(SCREEN_HOME "memrig top  %s  %u regions, %s; %zu allocators, %llu live blocks; "
			   "q quits\n\n",
	       when, regions, format_size(bytes, text), count - regions,
	       (unsigned long long)blocks);
}

/* ---- the loop ------------------------------------------------------------------------ */

/* Waits for the next listing; true if the user wants no more. */
static bool wait_for(double seconds, bool screen)
{
	struct timespec time = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};
	struct pollfd key = { .fd = screen ? STDIN_FILENO : -1, .events = POLLIN };
	char c;

	fflush(stdout);
	if (ppoll(&key, 1, &time, NULL) <= 0)
		return ended;
	return read(STDIN_FILENO, &c, 1) <= 0 || c == 'q' || c == 'Q' || c == '\004';
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The library has an error to report if it ends with EXIT_FAILURE. */
static int show(const struct top_args *args, bool screen)
{
	struct json_object *before = NULL, *rows;
	double then = 0, now;
	uint32_t shown = 0;

	do {
		rows = object_rows();
		if (!rows)
			break;
		now = seconds_now();
		complete(rows, before, now - then);
		if (screen)
			print_head(rows);
		else if (shown && !common.json)
			putchar('\n');
		print_rows(rows);
		json_object_put(before);
		before = rows;
		then = now;
	} while (++shown != args->count && !wait_for(args->delay, screen) && !ferror(stdout));
	json_object_put(before);
	return rows ? EXIT_SUCCESS : EXIT_FAILURE;
}

int cmd_top(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.children = common_children,
		.parser = parse,
		.doc = "Show all regions and allocators and what they do, until q is pressed.\v"
		       "You see the objects of processes whose descriptors you may see: your own, "
		       "as root all. Rates are those since the listing before.",
	};
	struct top_args args = { .delay = 2 };
	bool screen;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (!args.count && common.json)
		args.count = 1;
	screen = args.count != 1 && is_terminal();
	if (screen)
		screen_enter();
	ret = show(&args, screen);
	if (screen)
		screen_leave();
	return ret ? report() : EXIT_SUCCESS;
}
