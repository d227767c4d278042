// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Page traces in memory; see page_trace.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page_trace.h"
#include "util.h"

#define EMPTY UINT32_MAX

static const char *const formats[] = {
	[PAGE_TEXT] = "text",	[PAGE_CSV] = "csv",	  [PAGE_ORACLE] = "oracle",
	[PAGE_WORDS] = "words", [PAGE_WINDOW] = "window",
};

enum page_format page_format_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < PAGE_FORMATS && strcmp(name, formats[i]); i++)
		;
	return i;
}

enum page_format page_format_guess(const char *file)
{
	const char *dot = strrchr(file, '.');

	if (!dot)
		return PAGE_TEXT;
	if (!strcmp(dot, ".csv"))
		return PAGE_CSV;
	if (!strcmp(dot, ".oracleGeneral"))
		return PAGE_ORACLE;
	if (!strcmp(dot, ".window"))
		return PAGE_WINDOW;
	return !strcmp(dot, ".words") || !strcmp(dot, ".pt") ? PAGE_WORDS : PAGE_TEXT;
}

/* The place in the table where a name is or would be. */
static size_t place_of(const struct page_trace *trace, uint64_t name)
{
	size_t at = (name * 0x9e3779b97f4a7c15ULL) >> 20;

	for (;; at++) {
		at &= trace->slots - 1;
		if (trace->index[at] == EMPTY || trace->names[trace->index[at]] == name)
			return at;
	}
}

/* Twice the table, at most half full. */
static int grow_index(struct page_trace *trace)
{
	size_t slots = trace->slots ? trace->slots * 2 : 4096;
	uint64_t *names = realloc(trace->names, slots / 2 * sizeof(*names));
	uint32_t *index, i;

	if (!names)
		return -ENOMEM;
	trace->names = names;
	index = malloc(slots * sizeof(*index));
	if (!index)
		return -ENOMEM;
	memset(index, 0xff, slots * sizeof(*index));
	free(trace->index);
	trace->index = index;
	trace->slots = slots;
	for (i = 0; i < trace->pages; i++)
		index[place_of(trace, trace->names[i])] = i;
	return 0;
}

static int number_of(struct page_trace *trace, uint64_t name, uint32_t *number)
{
	size_t at;
	int ret;

	if (trace->pages >= trace->slots / 2) {
		ret = trace->pages < PAGES_MAX ? grow_index(trace) : -E2BIG;
		if (ret)
			return ret;
	}
	at = place_of(trace, name);
	if (trace->index[at] == EMPTY) {
		trace->names[trace->pages] = name;
		trace->index[at] = trace->pages++;
	}
	*number = trace->index[at];
	return 0;
}

int page_trace_add(struct page_trace *trace, uint64_t name, bool write)
{
	uint32_t number, *refs;
	size_t room;
	int ret;

	if (trace->nr == REFS_MAX)
		return -E2BIG;
	if (trace->nr == trace->room) {
		room = trace->room ? trace->room * 2 : 4096;
		refs = realloc(trace->refs, room * sizeof(*refs));
		if (!refs)
			return -ENOMEM;
		trace->refs = refs;
		trace->room = room;
	}
	ret = number_of(trace, name, &number);
	if (ret)
		return ret;
	trace->refs[trace->nr++] = number | (write ? PAGE_WRITE : 0);
	return 0;
}

void page_trace_free(struct page_trace *trace)
{
	free(trace->refs);
	free(trace->names);
	free(trace->index);
	memset(trace, 0, sizeof(*trace));
}

uint32_t *page_trace_next(const struct page_trace *trace)
{
	uint32_t *next = malloc((trace->nr ? trace->nr : 1) * sizeof(*next));
	uint32_t *last = malloc((trace->pages ? trace->pages : 1) * sizeof(*last));
	size_t i;

	if (next && last) {
		memset(last, 0xff, trace->pages * sizeof(*last));
		for (i = trace->nr; i-- > 0;) {
			uint32_t page = trace->refs[i] & ~PAGE_WRITE;

			next[i] = last[page];
			last[page] = i;
		}
	} else {
		free(next);
		next = NULL;
	}
	free(last);
	return next;
}
