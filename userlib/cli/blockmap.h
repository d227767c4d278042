/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A heap as a picture: its span in cells, each shaded by how much of it is in live blocks.
 */
#ifndef MEMRIG_CLI_BLOCKMAP_H
#define MEMRIG_CLI_BLOCKMAP_H

#include "util.h"

#define BLOCKMAP_MARGIN 14 /* the offset in front of each line, and one column to spare */
#define HOLE_CLASSES	40 /* holes of 2^(n+4) bytes up to the next class */

/**
 * struct blockmap - what there is to draw
 * @offset: of the heap's span in its region
 * @length: of the span
 * @cells: number of cells
 * @used: bytes of live blocks in each
 * @live_blocks: number of live blocks
 * @queued_blocks: of these, messages that wait to be received
 * @live_bytes: usable bytes of these
 * @holes: number of holes per size class; a hole is what lies between two live blocks
 * @hole_bytes: bytes of these
 * @largest_hole: bytes of the largest
 */
struct blockmap {
	uint64_t offset;
	uint64_t length;
	uint32_t cells;
	uint64_t *used;
	uint64_t live_blocks;
	uint64_t queued_blocks;
	uint64_t live_bytes;
	uint64_t holes[HOLE_CLASSES];
	uint64_t hole_bytes[HOLE_CLASSES];
	uint64_t largest_hole;
};

/* All blocks of a heap by offset, live ones only if @live; *blocks is to be freed. -errno. */
int blocks_read(memrig_heap_t *heap, bool live, struct memrig_block **blocks, size_t *count);

/* Reads a heap into @map, at most @cells cells; 0 or -errno. */
int blockmap_load(memrig_heap_t *heap, uint32_t cells, struct blockmap *map);
/* The same. Reports what fails; returns 0 or EXIT_FAILURE. */
int blockmap_read(memrig_heap_t *heap, uint32_t cells, struct blockmap *map);
void blockmap_free(struct blockmap *map);

/* Cells in a line of the terminal: a power of two, for round offsets in front of the lines. */
uint32_t blockmap_width(void);
/* Draws it, @width cells a line, with legend and the sizes of the holes. */
void blockmap_draw(FILE *out, const struct blockmap *map, unsigned int width);
struct json_object *blockmap_json(const struct blockmap *map);

#endif /* MEMRIG_CLI_BLOCKMAP_H */
