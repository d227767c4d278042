// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reading and drawing the block map of a heap.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "blockmap.h"

#define HOLE_MIN 16 /* less between two blocks is a header, not a hole */
#define SHADES	 5

/* ---- reading ------------------------------------------------------------------------- */

static int by_offset(const void *a, const void *b)
{
	const struct memrig_block *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

int blocks_read(memrig_heap_t *heap, bool live, struct memrig_block **blocks, size_t *count)
{
	struct memrig_block *all = NULL, *more;
	size_t have = 0, room = 0;
	uint64_t cursor = 0;
	int n, i, kept;

	do {
		if (room < have + MEMRIG_BATCH_MAX) {
			room = 2 * (have + MEMRIG_BATCH_MAX);
			more = realloc(all, room * sizeof(*all));
			if (!more) {
				free(all);
				return -ENOMEM;
			}
			all = more;
		}
		n = memrig_heap_walk(heap, &cursor, all + have, MEMRIG_BATCH_MAX);
		for (i = 0, kept = 0; i < n; i++)
			if (!live || (all[have + i].flags & MEMRIG_BLOCK_USED))
				all[have + kept++] = all[have + i];
		have += kept;
	} while (n > 0);
	if (n < 0) {
		free(all);
		return n;
	}
	qsort(all, have, sizeof(*all), by_offset);
	*blocks = all;
	*count = have;
	return 0;
}

static void add_block(struct blockmap *map, uint64_t start, uint64_t bytes)
{
	uint64_t cell_bytes = (map->length + map->cells - 1) / map->cells;
	uint64_t part;

	while (bytes && start < map->length) {
		part = cell_bytes - start % cell_bytes;
		if (part > bytes)
			part = bytes;
		map->used[start / cell_bytes] += part;
		start += part;
		bytes -= part;
	}
}

static void add_hole(struct blockmap *map, uint64_t bytes)
{
	unsigned int class;

	if (bytes < HOLE_MIN)
		return;
	class = 63 - __builtin_clzll(bytes / HOLE_MIN);
	if (class >= HOLE_CLASSES)
		class = HOLE_CLASSES - 1;
	map->holes[class]++;
	map->hole_bytes[class] += bytes;
	if (bytes > map->largest_hole)
		map->largest_hole = bytes;
}

int blockmap_load(memrig_heap_t *heap, uint32_t cells, struct blockmap *map)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct memrig_block *blocks;
	uint64_t start, end = 0;
	size_t count, i;
	int ret;

	ret = memrig_heap_stat(heap, &stat);
	if (ret)
		return ret;
	*map = (struct blockmap){ .offset = stat.offset, .length = stat.length };
	map->cells = stat.length / 8 < cells ? (stat.length + 7) / 8 : cells;
	ret = blocks_read(heap, true, &blocks, &count);
	if (ret)
		return ret;
	map->used = calloc(map->cells, sizeof(*map->used));
	if (!map->used) {
		free(blocks);
		return -ENOMEM;
	}
	for (i = 0; i < count; i++) {
		start = blocks[i].offset - stat.offset;
		add_block(map, start, blocks[i].bytes);
		add_hole(map, start > end ? start - end : 0);
		map->live_blocks++;
		map->queued_blocks += !!(blocks[i].flags & MEMRIG_BLOCK_QUEUED);
		map->live_bytes += blocks[i].bytes;
		end = start + blocks[i].bytes;
	}
	add_hole(map, map->length > end ? map->length - end : 0);
	free(blocks);
	return 0;
}

int blockmap_read(memrig_heap_t *heap, uint32_t cells, struct blockmap *map)
{
	int ret = blockmap_load(heap, cells, map);

	if (!ret)
		return 0;
	return ret == -ENOMEM ? fail("out of memory") : report();
}

void blockmap_free(struct blockmap *map)
{
	free(map->used);
}

/* ---- drawing ------------------------------------------------------------------------- */

uint32_t blockmap_width(void)
{
	unsigned int room = terminal_width() - BLOCKMAP_MARGIN;

	return 1u << (31 - __builtin_clz(room > 1 ? room : 1));
}

static const char *shade(unsigned int level)
{
	static const char *const unicode[SHADES] = { "·", "░", "▒", "▓", "█" };
	static const char *const ascii[SHADES] = { ".", "-", "+", "*", "#" };

	return use_unicode() ? unicode[level] : ascii[level];
}

/* 0: empty, 4: full, 1 to 3: in between. */
static unsigned int cell_level(uint64_t used, uint64_t cell_bytes)
{
	if (!used)
		return 0;
	if (used >= cell_bytes)
		return SHADES - 1;
	return 1 + used * (SHADES - 2) / cell_bytes;
}

static void draw_cells(FILE *out, const struct blockmap *map, unsigned int width)
{
	uint64_t cell_bytes = (map->length + map->cells - 1) / map->cells;
	uint32_t i;

	for (i = 0; i < map->cells && i * cell_bytes < map->length; i++) {
		if (i % width == 0)
			fprintf(out, "%s%12" PRIx64 " ", i ? "\n" : "",
				map->offset + i * cell_bytes);
		fputs(shade(cell_level(map->used[i], cell_bytes)), out);
	}
	fputc('\n', out);
}

static void draw_holes(FILE *out, const struct blockmap *map, unsigned int width)
{
	char text[SIZE_TEXT];
	uint64_t most = 0;
	unsigned int i;

	for (i = 0; i < HOLE_CLASSES; i++)
		if (map->hole_bytes[i] > most)
			most = map->hole_bytes[i];
	if (!most)
		return;
	fprintf(out, "\nholes from    number  bytes\n");
	for (i = 0; i < HOLE_CLASSES; i++) {
		if (!map->holes[i])
			continue;
		fprintf(out, "%-11s %8" PRIu64 "  ", format_size((uint64_t)HOLE_MIN << i, text),
			map->holes[i]);
		print_bar(out, map->hole_bytes[i], most, width > 40 ? width - 32 : 8);
		fprintf(out, " %s\n", format_size(map->hole_bytes[i], text));
	}
}

void blockmap_draw(FILE *out, const struct blockmap *map, unsigned int width)
{
	uint64_t cell_bytes = (map->length + map->cells - 1) / map->cells;
	char text[SIZE_TEXT];
	unsigned int i;

	draw_cells(out, map, width);
	fprintf(out, "\none cell is %s;", format_size(cell_bytes, text));
	for (i = 0; i < SHADES; i++)
		fprintf(out, " %s", shade(i));
	fprintf(out, " from free to full\n%" PRIu64 " live blocks hold %s", map->live_blocks,
		format_size(map->live_bytes, text));
	fprintf(out, " of %s;", format_size(map->length, text));
	fprintf(out, " largest hole %s\n", format_size(map->largest_hole, text));
	if (map->queued_blocks)
		fprintf(out, "%" PRIu64 " of them are messages that wait to be received\n",
			map->queued_blocks);
	draw_holes(out, map, width);
}

struct json_object *blockmap_json(const struct blockmap *map)
{
	struct json_object *record = json_object_new_object();
	struct json_object *cells = json_object_new_array();
	struct json_object *holes = json_object_new_array();
	struct json_object *hole;
	uint32_t i;

	json_set_u64(record, "offset", map->offset);
	json_set_u64(record, "length", map->length);
	json_set_u64(record, "live_blocks", map->live_blocks);
	json_set_u64(record, "live_bytes", map->live_bytes);
	json_set_u64(record, "queued_blocks", map->queued_blocks);
	json_set_u64(record, "largest_hole", map->largest_hole);
	json_set_u64(record, "cell_bytes", (map->length + map->cells - 1) / map->cells);
	for (i = 0; i < map->cells; i++)
		json_object_array_add(cells, json_object_new_uint64(map->used[i]));
	json_object_object_add(record, "cells_used", cells);
	for (i = 0; i < HOLE_CLASSES; i++) {
		if (!map->holes[i])
			continue;
		hole = json_object_new_object();
		json_set_u64(hole, "from", (uint64_t)HOLE_MIN << i);
		json_set_u64(hole, "number", map->holes[i]);
		json_set_u64(hole, "bytes", map->hole_bytes[i]);
		json_object_array_add(holes, hole);
	}
	json_object_object_add(record, "holes", holes);
	return record;
}
