/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What happened in a window, in a file: text, one event a line, as memrig window record writes it.
 *
 *	memrig-window-trace 1
 *	TIME WINDOW window PAGES FRAMES PAGE_SIZE POLICY STORE
 *	TIME WINDOW here PAGE				it had a frame when the recording began
 *	TIME WINDOW touch PAGE r|w major|soft|retry user|kernel
 *	TIME WINDOW in PAGE NS ERROR			read from the store
 *	TIME WINDOW out PAGE NS ERROR			written to the store
 *	TIME WINDOW evict PAGE clean|dirty fault|asked	it lost its frame
 *	TIME WINDOW sigbus PAGE REASON
 *	TIME WINDOW end
 *	TIME WINDOW choice NS COUNT			so many choices of a page took at most NS
 *	TIME 0 lost EVENTS				the last line: what the kernel had to drop
 *
 * TIME is in microseconds since the recording began, WINDOW the number that memrig window list
 * shows, ERROR 0 or a negative errno. A touch is major when its page had no frame, soft when it had
 * one but no entry in the page table; retry: it had to wait, and comes again. Lines may be
 * slightly out of order: different processors note them.
 */
#ifndef MEMRIG_CLI_WINDOW_TRACE_H
#define MEMRIG_CLI_WINDOW_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "page_trace.h"

#define WINDOW_TRACE_HEAD "memrig-window-trace 1"
#define WINDOW_TRACE_NAME 32 /* of a policy or a store, with the end */

enum window_event_kind {
	WINDOW_EVENT_HERE,
	WINDOW_EVENT_TOUCH,
	WINDOW_EVENT_IN,
	WINDOW_EVENT_OUT,
	WINDOW_EVENT_EVICT,
	WINDOW_EVENT_SIGBUS,
	WINDOW_EVENT_END,
	WINDOW_EVENT_CHOICE,
	WINDOW_EVENTS
};

#define WINDOW_EVENT_WRITE  (1U << 0) /* touch */
#define WINDOW_EVENT_SOFT   (1U << 1)
#define WINDOW_EVENT_RETRY  (1U << 2)
#define WINDOW_EVENT_KERNEL (1U << 3)
#define WINDOW_EVENT_DIRTY  (1U << 4) /* evict */
#define WINDOW_EVENT_ASKED  (1U << 5)

/**
 * struct window_event - one line
 * @time: microseconds
 * @ns: how long it took: in, out, choice
 * @page: number; choice: how often that was
 * @kind: enum window_event_kind
 * @flags: WINDOW_EVENT_*
 * @error: negative errno: in, out; enum memrig_reason: sigbus
 * @order: in the file
 */
struct window_event {
	uint64_t time;
	uint64_t ns;
	uint32_t page;
	uint8_t kind;
	uint8_t flags;
	int16_t error;
	uint32_t order;
};

/**
 * struct window_trace - the events of one window, in order of time
 * @id: of the window
 * @pages: of it
 * @frames: of it
 * @page_size: bytes
 * @policy: name
 * @store: name
 * @events: what happened
 * @nr: of them
 * @room: for so many
 * @lost: events that are missing
 * @complete: the last line is there
 */
struct window_trace {
	uint64_t id;
	uint64_t pages;
	uint64_t frames;
	uint64_t page_size;
	char policy[WINDOW_TRACE_NAME];
	char store[WINDOW_TRACE_NAME];
	struct window_event *events;
	size_t nr;
	size_t room;
	uint64_t lost;
	bool complete;
};

/*
 * Reads the events of one window; @id 0: of the only one. Says what is wrong; returns 0 or
 * EXIT_FAILURE. The file "-" is standard input.
 */
int window_trace_read(struct window_trace *trace, const char *file, uint64_t id);
void window_trace_free(struct window_trace *trace);

/*
 * The touches as page uses: those of a retry count once. A page that left changed, and whose
 * touches were all reads as far as is known, was written by the last of them. Says what is wrong.
 */
int window_trace_refs(const struct window_trace *trace, struct page_trace *refs);

#endif /* MEMRIG_CLI_WINDOW_TRACE_H */
