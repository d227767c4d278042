/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The live blocks of a heap that tracks, as rows: who asked for them, when and where.
 */
#ifndef MEMRIG_CLI_TRACK_ROWS_H
#define MEMRIG_CLI_TRACK_ROWS_H

#include "util.h"

/* The oldest first. 0 or -errno. */
int track_rows(memrig_heap_t *heap, struct json_object **rows);
/* Takes the rows over. */
void track_rows_print(struct json_object *rows);

#endif /* MEMRIG_CLI_TRACK_ROWS_H */
