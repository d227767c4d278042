/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Showing something again and again.
 *
 * On a terminal it is drawn over what was there before, with the few control sequences that every
 * terminal knows; elsewhere, and for --json, the listings follow each other.
 */
#ifndef MEMRIG_CLI_LIVE_H
#define MEMRIG_CLI_LIVE_H

#include "util.h"

/**
 * struct live_args - the command line
 * @count: listings; 0: until it is ended
 * @delay: seconds between two
 */
struct live_args {
	uint32_t count;
	double delay;
};

/* --once, --count, --delay; for argp children, whose input is a struct live_args. */
extern const struct argp live_argp;

#define LIVE_HOME "\033[H\033[J" /* what a listing on the screen begins with */

/* Is it for the screen? Then that is made ready. Of --json there is one listing if not said. */
bool live_begin(struct live_args *args);
void live_end(bool screen);
/* Waits for the next listing; true if the user wants no more. */
bool live_wait(const struct live_args *args, bool screen);
/* Seconds, of no particular beginning. */
double live_now(void);

/* Sets @rate of @row: by how much @counter rises in a second. @old: the row before, or NULL. */
void live_rate(struct json_object *row, struct json_object *old, const char *rate,
	       const char *counter, double seconds);

#endif /* MEMRIG_CLI_LIVE_H */
