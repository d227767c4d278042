/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The pictures of a report on a window.
 */
#ifndef MEMRIG_CLI_WINDOW_FIGURE_H
#define MEMRIG_CLI_WINDOW_FIGURE_H

#include "replay_plot.h"
#include "window_summary.h"

/* Which page was touched or left when. */
void window_figure_pages(struct replay_plots *plots, const struct window_trace *trace);
/* How many pages had frames. Returns 0, or EXIT_FAILURE after saying why. */
int window_figure_resident(struct replay_plots *plots, const struct window_trace *trace);
/* How long reads, writes and choices took. */
void window_figure_times(struct replay_plots *plots, const struct window_summary *summary);

#endif /* MEMRIG_CLI_WINDOW_FIGURE_H */
