// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Listing blocks.
 */
#include <stdlib.h>

#include "block_rows.h"
#include "blockmap.h"

/* clang-format off */
static const struct column columns[] = {
	{ "offset", "OFFSET", false },
	{ "bytes", "BYTES", false },
	{ "used", "LIVE", false },
	{ "mine", "MINE", false },
	{ "kept", "KEPT", false },
	{ "queued", "QUEUED", false },
	{ "client", "CLIENT", false },
};

/* clang-format on */

int block_rows(memrig_heap_t *heap, bool live, struct json_object **rows)
{
	struct memrig_block *blocks;
	struct json_object *row;
	size_t count, i;
	int ret;

	ret = blocks_read(heap, live, &blocks, &count);
	if (ret)
		return ret;
	*rows = json_object_new_array();
	for (i = 0; i < count; i++) {
		row = json_object_new_object();
		json_set_u64(row, "offset", blocks[i].offset);
		json_set_u64(row, "bytes", blocks[i].bytes);
		json_set_bool(row, "used", blocks[i].flags & MEMRIG_BLOCK_USED);
		json_set_bool(row, "mine", blocks[i].flags & MEMRIG_BLOCK_MINE);
		json_set_bool(row, "kept", blocks[i].flags & MEMRIG_BLOCK_KEPT);
		json_set_bool(row, "queued", blocks[i].flags & MEMRIG_BLOCK_QUEUED);
		json_set_u64(row, "client", blocks[i].client);
		json_object_array_add(*rows, row);
	}
	free(blocks);
	return 0;
}

void block_rows_print(struct json_object *rows)
{
	list_print(rows, columns, ARRAY_SIZE(columns), "no blocks");
}
