// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Going through a trace of a window. A page is resident from the first event that shows it has a
 * frame, a touch or a read, until it is evicted.
 */
#include "window_summary.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define PAGE_RESIDENT (1U << 0)
#define PAGE_TOUCHED  (1U << 1)
#define PAGE_LOADED   (1U << 2) /* read, and not touched since */
#define PAGE_WAITED   (1U << 3) /* the next touch is of one that had no frame */

/**
 * struct walk - while going through it
 * @summary: so far
 * @states: PAGE_*, by page
 * @now: resident pages
 */
struct walk {
	struct window_summary *summary;
	uint8_t *states;
	uint64_t now;
};

static void count_time(struct window_times *times, uint64_t ns, uint64_t count)
{
	unsigned int bin = ns ? 64 - (unsigned int)__builtin_clzll(ns) : 0;

	times->count += count;
	times->sum += ns * count;
	if (ns > times->most)
		times->most = ns;
	times->bins[bin < WINDOW_TIME_BINS ? bin : WINDOW_TIME_BINS - 1] += count;
}

static void set_resident(struct walk *walk, uint32_t page, bool resident)
{
	if (!!(walk->states[page] & PAGE_RESIDENT) == resident)
		return;
	walk->states[page] ^= PAGE_RESIDENT;
	walk->now += resident ? 1 : -1;
	if (walk->now > walk->summary->resident_most)
		walk->summary->resident_most = walk->now;
}

static void count_touch(struct walk *walk, const struct window_event *event)
{
	struct window_summary *sum = walk->summary;
	uint8_t *state = &walk->states[event->page];

	if (event->flags & WINDOW_EVENT_RETRY) {
		sum->waited++;
		/* That it was read may have been noted first, by another processor. */
		if (!(*state & PAGE_RESIDENT) || *state & PAGE_LOADED)
			*state |= PAGE_WAITED;
		return;
	}
	if (!(event->flags & WINDOW_EVENT_SOFT) || *state & PAGE_WAITED)
		sum->major++;
	else
		sum->soft++;
	sum->writes += !!(event->flags & WINDOW_EVENT_WRITE);
	sum->kernel += !!(event->flags & WINDOW_EVENT_KERNEL);
	sum->pages += !(*state & PAGE_TOUCHED);
	*state = (*state | PAGE_TOUCHED) & ~(PAGE_WAITED | PAGE_LOADED);
	set_resident(walk, event->page, true);
}

static void count_move(struct walk *walk, const struct window_event *event)
{
	struct window_summary *sum = walk->summary;

	if (event->error)
		sum->errors++;
	else
		count_time(event->kind == WINDOW_EVENT_IN ? &sum->in : &sum->out, event->ns, 1);
}

static void count_load(struct walk *walk, const struct window_event *event)
{
	if (!event->error) {
		if (!(walk->states[event->page] & PAGE_RESIDENT))
			walk->states[event->page] |= PAGE_LOADED;
		set_resident(walk, event->page, true);
	}
	count_move(walk, event);
}

static void count_evict(struct walk *walk, const struct window_event *event)
{
	struct window_summary *sum = walk->summary;

	if (event->flags & WINDOW_EVENT_ASKED)
		sum->asked++;
	else if (event->flags & WINDOW_EVENT_DIRTY)
		sum->dirty++;
	else
		sum->clean++;
	walk->states[event->page] &= ~PAGE_LOADED;
	set_resident(walk, event->page, false);
}

static void count_event(struct walk *walk, const struct window_event *event)
{
	switch (event->kind) {
	case WINDOW_EVENT_HERE:
		walk->summary->here++;
		set_resident(walk, event->page, true);
		break;
	case WINDOW_EVENT_TOUCH:
		count_touch(walk, event);
		break;
	case WINDOW_EVENT_IN:
		count_load(walk, event);
		break;
	case WINDOW_EVENT_OUT:
		count_move(walk, event);
		break;
	case WINDOW_EVENT_EVICT:
		count_evict(walk, event);
		break;
	case WINDOW_EVENT_SIGBUS:
		walk->summary->sigbus++;
		break;
	case WINDOW_EVENT_CHOICE:
		count_time(&walk->summary->choice, event->ns, event->page);
		break;
	case WINDOW_EVENT_END:
		break;
	}
}

int window_summary(const struct window_trace *trace, struct window_summary *summary,
		   void (*resident)(void *arg, uint64_t time, uint64_t pages), void *arg)
{
	struct walk walk = { .summary = summary };
	uint64_t before;
	size_t i;

	memset(summary, 0, sizeof(*summary));
	walk.states = calloc(trace->pages, 1);
	if (!walk.states)
		return fail("out of memory");
	for (i = 0; i < trace->nr; i++) {
		before = walk.now;
		count_event(&walk, &trace->events[i]);
		if (resident && walk.now != before)
			resident(arg, trace->events[i].time, walk.now);
	}
	summary->resident_end = walk.now;
	if (trace->nr)
		summary->microseconds = trace->events[trace->nr - 1].time - trace->events[0].time;
	free(walk.states);
	return 0;
}
