/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The pictures of a comparison.
 */
#ifndef MEMRIG_REPLAY_FIGURE_H
#define MEMRIG_REPLAY_FIGURE_H

#include <json.h>

#include "replay_plot.h"

/* Fragmentation over time, one line for each allocator. @memory: that of the rows to draw. */
void replay_figure_series(struct replay_plots *plots, struct json_object *rows, const char *memory);

/*
 * How many operations of @kind ("alloc", "free", "realloc") cost at least so much, a line for each
 * allocator that was measured in @unit. Draws nothing if there are none.
 */
void replay_figure_costs(struct replay_plots *plots, struct json_object *rows, const char *memory,
			 const char *kind, const char *unit);

/* The blocks of one row: offset by time. */
void replay_figure_map(struct replay_plots *plots, struct json_object *row, unsigned int number);

#endif /* MEMRIG_REPLAY_FIGURE_H */
