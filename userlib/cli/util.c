// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Common options, errors, and small drawings.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util.h"

enum { OPT_JSON = 0x1000, OPT_ASCII, OPT_DEVICE };

struct common_options common;

static const struct argp_option options[] = {
	{ "json", OPT_JSON, NULL, 0, "Print JSON", 90 },
	{ "ascii", OPT_ASCII, NULL, 0, "Draw with ASCII characters only", 90 },
	{ "device", OPT_DEVICE, "PATH", 0, "Device file, default /dev/memrig", 90 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case OPT_JSON:
		common.json = true;
		return 0;
	case OPT_ASCII:
		common.ascii = true;
		return 0;
	case OPT_DEVICE:
		common.device = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp common_argp = { .options = options, .parser = parse };

const struct argp_child common_children[] = { { &common_argp, 0, NULL, 0 }, { 0 } };

error_t one_trace_parse(int key, char *arg, struct argp_state *state, const char **file,
			const char *none)
{
	switch (key) {
	case ARGP_KEY_ARG:
		if (*file)
			argp_error(state, "one trace at a time");
		*file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!*file)
			argp_error(state, "%s", none);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int report(void)
{
	char text[512];

	memrig_explain(NULL, text, sizeof(text));
	return fail("%s", text);
}

int fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("memrig: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

int open_rig(memrig_t **rig)
{
	int ret = common.device ? memrig_open_path(common.device, rig) : memrig_open(rig);

	return ret ? report() : 0;
}

unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint32_t width;

	if (columns && !parse_u32(columns, &width) && width >= 20 && width <= 1000)
		return width;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

/*
 * Asks the environment and not setlocale(): small guests have a UTF-8 console and no locale files.
 */
bool use_unicode(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value;
	size_t i;

	for (i = 0; !common.ascii && i < ARRAY_SIZE(names); i++) {
		value = getenv(names[i]);
		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
	}
	return false;
}

void print_bar(FILE *out, double value, double full, unsigned int width)
{
	static const char *const eighths[] = {
		"", "▏", "▎", "▍", "▌", "▋", "▊", "▉",
	};
	unsigned int parts, i;

	parts = full > 0 && value > 0 ? (unsigned int)(value / full * width * 8 + 0.5) : 0;
	if (parts > width * 8)
		parts = width * 8;
	if (!parts && value > 0)
		parts = 1; /* something is not nothing */
	for (i = 0; i < parts / 8; i++)
		fputs(use_unicode() ? "█" : "#", out);
	if (parts % 8) {
		fputs(use_unicode() ? eighths[parts % 8] : parts % 8 >= 4 ? "#" : "-", out);
		i++;
	}
	for (; i < width; i++)
		fputc(' ', out);
}
