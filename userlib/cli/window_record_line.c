// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Events as the kernel prints them:
 *
 *	COMMAND-PID [CPU] FLAGS SECONDS.MICROSECONDS: memrig_EVENT: key=value key=value
 *
 * The name of a command may have anything in it, an event may not: it is looked for from behind.
 */
#include "window_record.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "window_args.h"

#define MARK ": memrig_"

/* The value of a key; 0: there is none. */
static int64_t value(const char *text, const char *key)
{
	char word[32];
	const char *at;

	snprintf(word, sizeof(word), " %s=", key);
	at = strstr(text, word);
	return at ? strtoll(at + strlen(word), NULL, 0) : 0;
}

static const char *find_event(const char *text)
{
	const char *found = NULL, *at = text;

	while ((at = strstr(at, MARK)))
		found = at++;
	return found;
}

/* Microseconds; what stands before @end. */
static bool time_before(const char *text, const char *end, uint64_t *time)
{
	const char *at = end;
	char *dot, *behind;
	uint64_t seconds;

	while (at > text && (isdigit((unsigned char)at[-1]) || at[-1] == '.'))
		at--;
	seconds = strtoull(at, &dot, 10);
	if (dot == at || *dot != '.')
		return false;
	*time = seconds * 1000000 + strtoull(dot + 1, &behind, 10);
	return behind == end;
}

static void write_event(struct window_record *rec, const char *name, const char *text)
{
	uint64_t page = (uint64_t)value(text, "page");
	FILE *out = rec->out;

	if (!strcmp(name, "window_fault"))
		fprintf(out, "touch %" PRIu64 " %c %s %s\n", page, value(text, "write") ? 'w' : 'r',
			value(text, "retry")  ? "retry"
			: value(text, "soft") ? "soft"
					      : "major",
			value(text, "user") ? "user" : "kernel");
	else if (!strcmp(name, "page_in") || !strcmp(name, "page_out"))
		fprintf(out, "%s %" PRIu64 " %" PRIi64 " %" PRIi64 "\n", name + strlen("page_"),
			page, value(text, "ns"), value(text, "error"));
	else if (!strcmp(name, "page_evict"))
		fprintf(out, "evict %" PRIu64 " %s %s\n", page,
			value(text, "dirty") ? "dirty" : "clean",
			value(text, "fault") ? "fault" : "asked");
	else if (!strcmp(name, "window_sigbus"))
		fprintf(out, "sigbus %" PRIu64 " %" PRIi64 "\n", page, value(text, "reason"));
	else
		fputs("end\n", out);
}

static void write_window(struct window_record *rec, uint64_t id, const char *text)
{
	fprintf(rec->out, "window %" PRIi64 " %" PRIi64 " %ld %s %s\n", value(text, "pages"),
		value(text, "frames"), sysconf(_SC_PAGESIZE),
		memrig_policy_name((uint32_t)value(text, "policy")),
		memrig_store_name((uint32_t)value(text, "store")));
	if (!rec->first)
		rec->first = id;
	rec->windows++;
}

bool window_record_line(struct window_record *rec, const char *text)
{
	static const char *const names[] = { "window_create", "window_destroy", "window_fault",
					     "window_sigbus", "page_in",	"page_out",
					     "page_evict" };
	const char *mark = find_event(text);
	uint64_t time, id;
	char name[32];
	size_t i;

	if (!mark || !time_before(text, mark, &time))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(mark + strlen(MARK), ":"),
		 mark + strlen(MARK));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			break;
	id = (uint64_t)value(mark, "window");
	if (i == ARRAY_SIZE(names) || (i && (!rec->first || id < rec->first)))
		return false;
	fprintf(rec->out, "%" PRIu64 " %" PRIu64 " ", time > rec->start ? time - rec->start : 0,
		id);
	if (i)
		write_event(rec, name, mark);
	else
		write_window(rec, id, mark);
	rec->events += i > 0;
	return true;
}
