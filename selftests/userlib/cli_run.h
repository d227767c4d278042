/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Running the memrig command, $MEMRIG, from a test.
 */
#ifndef MEMRIG_USERLIB_CLI_RUN_H
#define MEMRIG_USERLIB_CLI_RUN_H

#include <json.h>
#include <sys/wait.h>

#include "test.h"

#define NO_DEVICE "--device /nonexistent/memrig"

/* Runs "memrig @args"; both outputs into @text. Returns the exit status. */
static inline int run(const char *args, char *text, size_t len)
{
	char command[1024];
	size_t got;
	FILE *pipe;

	assert_non_null(getenv("MEMRIG"));
	snprintf(command, sizeof(command), "%s %s 2>&1 </dev/null", getenv("MEMRIG"), args);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	got = fread(text, 1, len - 1, pipe);
	text[got] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

/**
 * struct row - a command line, and what is to come of it
 * @args: behind "memrig"
 * @status: exit status
 * @words: among what it says
 */
struct row {
	const char *args;
	int status;
	const char *words;
};

static inline void check_row(const struct row *row)
{
	static char text[16384];
	int status = run(row->args, text, sizeof(text));

	if (status != row->status || !strstr(text, row->words))
		fail_msg("memrig %s: status %d, wanted %d and '%s':\n%s", row->args, status,
			 row->status, row->words, text);
}

static inline struct json_object *run_json(const char *args)
{
	static char text[65536];
	enum json_tokener_error error;
	struct json_object *value;

	assert_int_equal(run(args, text, sizeof(text)), 0);
	value = json_tokener_parse_verbose(text, &error);
	if (!value)
		fail_msg("memrig %s: %s:\n%s", args, json_tokener_error_desc(error), text);
	return value;
}

#endif /* MEMRIG_USERLIB_CLI_RUN_H */
