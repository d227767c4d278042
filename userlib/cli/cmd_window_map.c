// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig window map: where the pages of a window are, one character for so many of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "live.h"
#include "window_rows.h"

#define ROWS 16 /* of the picture, at most, if nothing else is said */

enum { OPT_WATCH = 0x5b00, OPT_PER };

static const struct argp_option options[] = {
	{ "watch", 'W', NULL, 0, "Again and again, until q is pressed", 0 },
	{ "pages-per-cell", OPT_PER, "N", 0, "Pages to one character (default: what fits)", 0 },
	{ 0 }
};

/* A cell shows the first of these that one of its pages is. */
enum page_look { PINNED, MOVING, DIRTY, RESIDENT, STORED, NEVER, LOOKS };

static const struct {
	const char *key;
	char letter;
} looks[LOOKS] = {
	[PINNED] = { "pinned", 'P' },	  [MOVING] = { "moving", '~' }, [DIRTY] = { "dirty", '#' },
	[RESIDENT] = { "resident", 'o' }, [STORED] = { "stored", '-' }, [NEVER] = { "never", '.' },
};

/**
 * struct map_args - the command line
 * @live: how often
 * @id: of which window
 * @watch: more than once
 * @per: pages to a cell; 0: choose
 */
struct map_args {
	struct live_args live;
	struct window_id id;
	bool watch;
	uint32_t per;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct map_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->live;
		return 0;
	case 'W':
		args->watch = true;
		return 0;
	case OPT_PER:
		args->per = u32_option(state, "--pages-per-cell", arg);
		if (!args->per)
			argp_error(state, "--pages-per-cell: at least one page");
		return 0;
	case ARGP_KEY_END:
		if (!args->watch && !args->live.count)
			args->live.count = 1;
		/* fall through */
	default:
		return window_id_parse(key, arg, state, &args->id);
	}
}

static enum page_look look_of(uint8_t state)
{
	if (state & MEMRIG_PAGE_PINNED)
		return PINNED;
	if (state & MEMRIG_PAGE_MOVING)
		return MOVING;
	if (state & MEMRIG_PAGE_RESIDENT)
		return state & MEMRIG_PAGE_DIRTY ? DIRTY : RESIDENT;
	return state & MEMRIG_PAGE_STORED ? STORED : NEVER;
}

/**
 * struct picture - a window at one moment
 * @pages: of the window
 * @per: pages to a cell
 * @count: cells
 * @cells: their letters, with a NUL
 * @counts: pages of each look
 */
struct picture {
	uint64_t pages;
	uint64_t per;
	uint64_t count;
	char *cells;
	uint64_t counts[LOOKS];
};

/*
 * A part at a time: the map of a large window is larger than anybody wants to hold. If it ends with
 * EXIT_FAILURE the library has an error to report.
 */
static int take_picture(memrig_window_t *window, struct picture *picture)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), first, part, i, cell;
	static uint8_t states[MEMRIG_BATCH_MAX];
	enum page_look look, best = NEVER;

	memset(picture->counts, 0, sizeof(picture->counts));
	for (first = 0; first < picture->pages; first += part) {
		part = picture->pages - first;
		if (part > ARRAY_SIZE(states))
			part = ARRAY_SIZE(states);
		if (memrig_window_page_map(window, first * page, part * page, states))
			return EXIT_FAILURE;
		for (i = 0; i < part; i++) {
			cell = (first + i) / picture->per;
			if ((first + i) % picture->per == 0)
				best = NEVER;
			look = look_of(states[i]);
			picture->counts[look]++;
			if (look < best)
				best = look;
			picture->cells[cell] = looks[best].letter;
		}
	}
	return 0;
}

static void draw(const struct picture *picture, unsigned int width)
{
	uint64_t at;
	size_t i;

	for (at = 0; at < picture->count; at += width)
		printf("%.*s\n", (int)width, picture->cells + at);
	printf("\n%llu page%s to a character:", (unsigned long long)picture->per,
	       picture->per == 1 ? "" : "s");
	for (i = 0; i < LOOKS; i++)
		printf("  %c %s %llu", looks[i].letter, looks[i].key,
		       (unsigned long long)picture->counts[i]);
	putchar('\n');
}

static void print_json(const struct window_id *id, const struct picture *picture)
{
	struct json_object *record = json_object_new_object();
	size_t i;

	json_set_u64(record, "id", id->id);
	json_set_u64(record, "pages", picture->pages);
	json_set_u64(record, "pages_per_cell", picture->per);
	for (i = 0; i < LOOKS; i++)
		json_set_u64(record, looks[i].key, picture->counts[i]);
	json_set_text(record, "cells", picture->cells);
	json_print(record);
}

static int show(memrig_window_t *window, struct map_args *args, struct picture *picture,
		unsigned int width)
{
	bool screen = live_begin(&args->live);
	uint32_t shown = 0;
	int ret;

	do {
		ret = take_picture(window, picture);
		if (ret)
			break;
		if (screen)
			printf(LIVE_HOME "memrig window map  window %llu; q quits\n\n",
			       (unsigned long long)args->id.id);
		else if (shown && !common.json)
			putchar('\n');
		if (common.json)
			print_json(&args->id, picture);
		else
			draw(picture, width);
	} while (++shown != args->live.count && !live_wait(&args->live, screen) && !ferror(stdout));
	live_end(screen);
	return ret ? report() : EXIT_SUCCESS;
}

static int map_window(memrig_t *rig, memrig_window_t *window, void *arg)
{
	unsigned int width = terminal_width();
	struct map_args *args = arg;
	struct picture picture = {
		.pages = memrig_window_length(window) / (uint64_t)sysconf(_SC_PAGESIZE),
		.per = args->per,
	};
	int ret;

	if (!picture.per)
		picture.per = (picture.pages + width * ROWS - 1) / (width * ROWS);
	picture.count = (picture.pages + picture.per - 1) / picture.per;
	picture.cells = calloc(picture.count + 1, 1);
	if (!picture.cells)
		return fail("no memory for %llu characters; try: a larger --pages-per-cell",
			    (unsigned long long)picture.count);
	ret = show(window, args, &picture, width);
	free(picture.cells);
	return ret;
}

int cmd_window_map(int argc, char **argv)
{
	static const struct argp_child children[] = { { &live_argp, 0, NULL, 0 },
						      { &common_argp, 0, NULL, 0 },
						      { 0 } };
	static const struct argp argp = {
		.options = options,
		.children = children,
		.parser = parse,
		.args_doc = "ID",
		.doc = "Draw where the pages of a window are: pinned (P), on their way (~), in a "
		       "frame and changed (#) or not (o), in the store (-), or nowhere because they "
		       "were never written (.).\vOf several pages in one character the first of these "
		       "that there is. What the page tables know and nobody has asked them for is not "
		       "shown as changed.",
	};
	struct map_args args = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	return window_id_use(&args.id, map_window, &args);
}
