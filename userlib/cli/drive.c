// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Running scripts, and saying what came of each step.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "object_rows.h"

enum { OPT_DO = 0x6000, OPT_SCRIPT };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to do with it:", 20 },
	{ "do", OPT_DO, "STEPS", 0, "Like 'alloc 64; alloc 1K as big; free 1; walk', see memrig(1)",
	  20 },
	{ "script", OPT_SCRIPT, "FILE", 0, "The same from a file, - for standard input", 20 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct drive_args *args = state->input;
	int ret;

	switch (key) {
	case OPT_DO:
		ret = script_parse(arg, &args->script);
		break;
	case OPT_SCRIPT:
		ret = script_read(arg, &args->script);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	args->given = true;
	if (ret)
		exit(ret);
	return 0;
}

const struct argp drive_argp = { .options = options, .parser = parse };

/* ---- what came of a step ------------------------------------------------------------- */

static void put_error(struct json_object *record, const struct step *step, int error)
{
	const char *name = strerrorname_np(-error);
	char text[512];

	json_set_bool(record, "ok", step->expect ? -error == step->expect : !error);
	if (step->expect)
		json_set_text(record, "expected", strerrorname_np(step->expect));
	if (!error)
		return;
	json_set_text(record, "error", name ?: "?");
	if (json_object_object_get_ex(record, "explanation", NULL))
		return;
	json_set_text(record, "reason", memrig_reason_name(memrig_failure()->reason));
	memrig_explain(NULL, text, sizeof(text));
	json_set_text(record, "explanation", text);
}

/* Where blocks are, in a few words. */
static void print_place(struct json_object *record)
{
	const char *name = row_text(record, "name");

	if (*name)
		printf("  %s:", name);
	if (json_object_object_get_ex(record, "blocks", NULL))
		printf(" %" PRIu64 " blocks", row_u64(record, "blocks"));
	if (json_object_object_get_ex(record, "offset", NULL)) {
		printf(" @");
		if (json_object_object_get_ex(record, "member", NULL))
			printf("%" PRIu64 ":", row_u64(record, "member"));
		printf("%" PRIu64 ", %" PRIu64 " bytes", row_u64(record, "offset"),
		       row_u64(record, "usable"));
	}
	if (json_object_object_get_ex(record, "free", NULL))
		printf("  %s", row_u64(record, "free") ? "free" : "not free");
	if (row_u64(record, "moved"))
		printf(", moved");
	if (json_object_object_get_ex(record, "message", NULL))
		printf(", a message of %" PRIu64 " from client %" PRIu64,
		       row_u64(record, "message"), row_u64(record, "from"));
}

/* Steps that look at it print what they see themselves, below their own line. */
static bool is_look(enum step_op op)
{
	return op == STEP_WALK || op == STEP_MAP || op == STEP_STAT || op == STEP_VALIDATE ||
	       op == STEP_TRACK;
}

static void print_start(const struct step *step)
{
	fputs(step->text, stdout);
	if (is_look(step->op))
		putchar('\n');
	fflush(stdout);
}

/* The library's explanations name the error. */
static void print_result(const struct step *step, struct json_object *record)
{
	const char *error = row_text(record, "error");
	const char *expected = row_text(record, "expected");
	bool own = !json_object_object_get_ex(record, "reason", NULL);
	int pad = 26 - (int)strlen(step->text);

	if (!*error && is_look(step->op))
		return;
	if (*error || json_object_object_get_ex(record, "name", NULL) ||
	    json_object_object_get_ex(record, "free", NULL))
		printf("%*s", pad > 0 && !is_look(step->op) ? pad : 0, "");
	if (!*error)
		print_place(record);
	else if (row_u64(record, "ok"))
		printf("  %s, as expected", error);
	else
		printf("  %s%s%s", own ? error : "", own ? ": " : "",
		       row_text(record, "explanation"));
	if (*expected && !row_u64(record, "ok"))
		printf("  but %s was expected", expected);
	putchar('\n');
}

/* ---- all of them --------------------------------------------------------------------- */

/* One step; false if it did not go as it should. */
static bool run_step(struct drive *drive, const struct step *step, struct json_object *record)
{
	int ret;

	json_set_text(record, "step", step->text);
	ret = drive_step(drive, step, record);
	put_error(record, step, ret);
	return row_u64(record, "ok");
}

int drive_run(struct target *target, const struct script *script)
{
	struct json_object *records = json_object_new_array(), *record;
	struct drive drive = { .target = target };
	bool good = true;
	size_t i;

	for (i = 0; i < script->count; i++) {
		record = json_object_new_object();
		if (!common.json)
			print_start(&script->steps[i]);
		good &= run_step(&drive, &script->steps[i], record);
		if (!common.json)
			print_result(&script->steps[i], record);
		json_object_array_add(records, record);
	}
	drive_drop_all(&drive);
	if (common.json)
		json_print(records);
	else
		json_object_put(records);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
