// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Listings that follow each other: options, the screen, the time between them.
 */
#include "live.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "object_rows.h"

enum { OPT_ONCE = 0x5800 };

static const struct argp_option options[] = {
	{ "once", OPT_ONCE, NULL, 0, "One listing, then end; as does --json without --count", 1 },
	{ "count", 'n', "N", 0, "N listings, then end", 1 },
	{ "delay", 'd', "SECONDS", 0, "Between two listings (default 2)", 1 },
	{ 0 }
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
	struct live_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		*args = (struct live_args){ .delay = 2 };
		return 0;
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
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp live_argp = { .options = options, .parser = parse };

/* ---- the screen ---------------------------------------------------------------------- */

#define SCREEN_ENTER "\033[?1049h\033[?25l\033[?7l" /* a screen of its own, no cursor, no wrap */
#define SCREEN_LEAVE "\033[?7h\033[?25h\033[?1049l"

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

bool live_begin(struct live_args *args)
{
	bool screen;

	if (!args->count && common.json)
		args->count = 1;
	screen = args->count != 1 && is_terminal();
	if (screen)
		screen_enter();
	return screen;
}

void live_end(bool screen)
{
	if (!screen)
		return;
	fputs(SCREEN_LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

/* ---- time ---------------------------------------------------------------------------- */

bool live_wait(const struct live_args *args, bool screen)
{
	double seconds = args->delay;
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

double live_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void live_rate(struct json_object *row, struct json_object *old, const char *rate,
	       const char *counter, double seconds)
{
	uint64_t now = row_u64(row, counter), then = old ? row_u64(old, counter) : 0;

	if (old && json_object_object_get_ex(row, counter, NULL) && now >= then)
		json_set_double(row, rate, (double)(now - then) / seconds);
	else
		json_set_text(row, rate, NULL);
}
