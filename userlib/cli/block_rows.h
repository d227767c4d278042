/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The blocks of a heap as rows of a listing.
 */
#ifndef MEMRIG_CLI_BLOCK_ROWS_H
#define MEMRIG_CLI_BLOCK_ROWS_H

#include "util.h"

/* An array of blocks by offset, live ones only if @live; 0 or -errno. */
int block_rows(memrig_heap_t *heap, bool live, struct json_object **rows);
/* Prints such an array, and releases it. */
void block_rows_print(struct json_object *rows);

#endif /* MEMRIG_CLI_BLOCK_ROWS_H */
