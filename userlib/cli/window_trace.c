// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Traces of windows: reading them; the format is in window_trace.h. */
#include "window_trace.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define FIELDS 9

/**
 * struct source - a file that is read
 * @file: name, for messages
 * @line: number of the line that was read last
 * @wanted: window, 0: the only one
 * @field: words of the line, "" behind the last
 * @nr: of them
 */
struct source {
	const char *file;
	uint64_t line;
	uint64_t wanted;
	const char *field[FIELDS];
	size_t nr;
};

static int bad(const struct source *src, const char *what)
{
	return fail("%s:%" PRIu64 ": %s", src->file, src->line, what);
}

static void split(struct source *src, char *line)
{
	char *word;
	size_t i;

	line[strcspn(line, "\r\n")] = '\0';
	src->nr = 0;
	while ((word = strsep(&line, " ")) && src->nr < FIELDS)
		src->field[src->nr++] = word;
	for (i = src->nr; i < FIELDS; i++)
		src->field[i] = "";
}

static bool number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno && *value <= max;
}

/* Which of two or three words it is; -1: none. */
static int choice(const char *text, const char *a, const char *b, const char *c)
{
	if (!strcmp(text, a))
		return 0;
	if (!strcmp(text, b))
		return 1;
	return c && !strcmp(text, c) ? 2 : -1;
}

/* ---- lines --------------------------------------------------------------------------- */

static int read_window(struct window_trace *trace, struct source *src, uint64_t id)
{
	if (src->wanted ? src->wanted != id : trace->id && trace->id != id) {
		if (src->wanted)
			return 0;
		return fail("%s has more than one window, %" PRIu64 " and %" PRIu64
			    " among them; try: --window %" PRIu64,
			    src->file, trace->id, id, id);
	}
	if (!number(src->field[3], PAGES_MAX, &trace->pages) || !trace->pages ||
	    !number(src->field[4], trace->pages, &trace->frames) || !trace->frames ||
	    !number(src->field[5], 1 << 20, &trace->page_size) || !trace->page_size ||
	    !*src->field[6] || !*src->field[7])
		return bad(src, "no window: PAGES FRAMES PAGE_SIZE POLICY STORE");
	trace->id = id;
	snprintf(trace->policy, sizeof(trace->policy), "%s", src->field[6]);
	snprintf(trace->store, sizeof(trace->store), "%s", src->field[7]);
	return 0;
}

static int read_touch(struct source *src, struct window_event *event)
{
	int write = choice(src->field[4], "r", "w", NULL);
	int how = choice(src->field[5], "major", "soft", "retry");
	int who = choice(src->field[6], "user", "kernel", NULL);

	if (write < 0 || how < 0 || who < 0)
		return bad(src, "no touch: PAGE r|w major|soft|retry user|kernel");
	event->flags = (write ? WINDOW_EVENT_WRITE : 0) | (how == 1 ? WINDOW_EVENT_SOFT : 0) |
		       (how == 2 ? WINDOW_EVENT_RETRY : 0) | (who ? WINDOW_EVENT_KERNEL : 0);
	return 0;
}

static int read_move(struct source *src, struct window_event *event)
{
	const char *error = src->field[5];
	uint64_t value;

	if (!number(src->field[4], UINT64_MAX, &event->ns) ||
	    !number(error + (*error == '-'), 4095, &value))
		return bad(src, "no transfer: PAGE NS ERROR");
	event->error = (int16_t)-value;
	return 0;
}

static int read_evict(struct source *src, struct window_event *event)
{
	int dirty = choice(src->field[4], "clean", "dirty", NULL);
	int asked = choice(src->field[5], "fault", "asked", NULL);

	if (dirty < 0 || asked < 0)
		return bad(src, "no eviction: PAGE clean|dirty fault|asked");
	event->flags = (dirty ? WINDOW_EVENT_DIRTY : 0) | (asked ? WINDOW_EVENT_ASKED : 0);
	return 0;
}

static int read_sigbus(struct source *src, struct window_event *event)
{
	uint64_t reason;

	if (!number(src->field[4], INT16_MAX, &reason))
		return bad(src, "no SIGBUS: PAGE REASON");
	event->error = (int16_t)reason;
	return 0;
}

static int read_choice(struct source *src, struct window_event *event)
{
	uint64_t count;

	if (!number(src->field[3], UINT64_MAX, &event->ns) ||
	    !number(src->field[4], UINT32_MAX, &count))
		return bad(src, "no choice: NS COUNT");
	event->page = (uint32_t)count;
	return 0;
}

static int read_nothing(struct source *src, struct window_event *event)
{
	return 0;
}

/* By enum window_event_kind. */
static const struct {
	const char *name;
	size_t fields;
	int (*read)(struct source *src, struct window_event *event);
} kinds[WINDOW_EVENTS] = {
	[WINDOW_EVENT_HERE] = { "here", 4, read_nothing },
	[WINDOW_EVENT_TOUCH] = { "touch", 7, read_touch },
	[WINDOW_EVENT_IN] = { "in", 6, read_move },
	[WINDOW_EVENT_OUT] = { "out", 6, read_move },
	[WINDOW_EVENT_EVICT] = { "evict", 6, read_evict },
	[WINDOW_EVENT_SIGBUS] = { "sigbus", 5, read_sigbus },
	[WINDOW_EVENT_END] = { "end", 3, read_nothing },
	[WINDOW_EVENT_CHOICE] = { "choice", 5, read_choice },
};

static int add(struct window_trace *trace, const struct window_event *event)
{
	struct window_event *events;
	size_t room;

	if (trace->nr == trace->room) {
		room = trace->room ? trace->room * 2 : 4096;
		events = realloc(trace->events, room * sizeof(*events));
		if (!events)
			return fail("out of memory");
		trace->events = events;
		trace->room = room;
	}
	if (trace->nr == REFS_MAX)
		return fail("too many events");
	trace->events[trace->nr] = *event;
	trace->events[trace->nr].order = (uint32_t)trace->nr;
	trace->nr++;
	return 0;
}

static int read_event(struct window_trace *trace, struct source *src, uint64_t id,
		      struct window_event *event)
{
	uint64_t page = 0;
	unsigned int kind;
	int ret;

	for (kind = 0; kind < WINDOW_EVENTS; kind++)
		if (!strcmp(src->field[2], kinds[kind].name))
			break;
	if (kind == WINDOW_EVENTS)
		return bad(src, "no such event");
	if (src->wanted && src->wanted != id)
		return 0;
	if (id != trace->id)
		return bad(src, "of a window that is not described above");
	if (src->nr != kinds[kind].fields)
		return bad(src, "too few words, or too many");
	if (kind < WINDOW_EVENT_END && !number(src->field[3], trace->pages - 1, &page))
		return bad(src, "no page of the window");
	event->kind = (uint8_t)kind;
	event->page = (uint32_t)page;
	ret = kinds[kind].read(src, event);
	return ret ? ret : add(trace, event);
}

static int read_line(struct window_trace *trace, struct source *src, char *line)
{
	struct window_event event = { 0 };
	uint64_t id;

	split(src, line);
	if (!number(src->field[0], UINT64_MAX, &event.time) ||
	    !number(src->field[1], UINT64_MAX, &id))
		return bad(src, "a line begins with a time and the number of a window");
	if (!strcmp(src->field[2], "lost")) {
		trace->complete = true;
		return number(src->field[3], UINT64_MAX, &trace->lost) ? 0 : bad(src, "no number");
	}
	if (!strcmp(src->field[2], "window"))
		return read_window(trace, src, id);
	return read_event(trace, src, id, &event);
}

/* ---- files --------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	const struct window_event *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static int read_all(struct window_trace *trace, struct source *src, FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	if (getline(&line, &room, in) < 0 ||
	    strncmp(line, WINDOW_TRACE_HEAD "\n", sizeof(WINDOW_TRACE_HEAD)))
		ret = fail("%s is no trace of a window: its first line is not '%s'", src->file,
			   WINDOW_TRACE_HEAD);
	src->line = 1;
	while (!ret && getline(&line, &room, in) >= 0) {
		src->line++;
		ret = read_line(trace, src, line);
	}
	if (!ret && ferror(in))
		ret = fail("%s: %s", src->file, strerror(errno));
	free(line);
	return ret;
}

int window_trace_read(struct window_trace *trace, const char *file, uint64_t id)
{
	struct source src = { .file = file, .wanted = id };
	FILE *in;
	int ret;

	memset(trace, 0, sizeof(*trace));
	in = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (!in)
		return fail("%s: %s", file, strerror(errno));
	ret = read_all(trace, &src, in);
	if (in != stdin)
		fclose(in);
	if (!ret && !trace->id)
		ret = id ? fail("%s has no window %" PRIu64, file, id)
			 : fail("%s has no window", file);
	if (trace->nr)
		qsort(trace->events, trace->nr, sizeof(*trace->events), by_time);
	if (ret)
		window_trace_free(trace);
	return ret;
}

void window_trace_free(struct window_trace *trace)
{
	free(trace->events);
	memset(trace, 0, sizeof(*trace));
}

/* ---- page uses ----------------------------------------------------------------------- */

int window_trace_refs(const struct window_trace *trace, struct page_trace *refs)
{
	size_t *last = calloc(trace->pages, sizeof(*last)); /* reference of each page, from 1 */
	size_t i;
	int ret = last ? 0 : -ENOMEM;

	memset(refs, 0, sizeof(*refs));
	for (i = 0; !ret && i < trace->nr; i++) {
		const struct window_event *event = &trace->events[i];

		if (event->kind == WINDOW_EVENT_EVICT && last[event->page]) {
			if (event->flags & WINDOW_EVENT_DIRTY)
				refs->refs[last[event->page] - 1] |= PAGE_WRITE;
			last[event->page] = 0;
		}
		if (event->kind != WINDOW_EVENT_TOUCH || event->flags & WINDOW_EVENT_RETRY)
			continue;
		ret = page_trace_add(refs, event->page, event->flags & WINDOW_EVENT_WRITE);
		last[event->page] = refs->nr;
	}
	free(last);
	if (ret) {
		page_trace_free(refs);
		return fail(ret == -E2BIG ? "too many touches" : "out of memory");
	}
	return 0;
}
