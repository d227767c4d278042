/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a tracker knows, as an object of json-c, with which the program is to be linked.
 */
#ifndef MEMRIG_TRACK_JSON_H
#define MEMRIG_TRACK_JSON_H

#include <inttypes.h>
#include <json-c/json.h>
#include <memrig/track.h>

static inline int memrig_track_json_block(const struct memrig_track_block *block, void *arg)
{
	struct json_object *row = json_object_new_object();
	char at[2 + 16 + 1];

	snprintf(at, sizeof(at), "0x%" PRIxPTR, (uintptr_t)block->ptr);
	json_object_object_add(row, "address", json_object_new_string(at));
	json_object_object_add(row, "bytes", json_object_new_uint64(block->bytes));
	json_object_object_add(row, "file", json_object_new_string(block->file ? block->file : ""));
	json_object_object_add(row, "line", json_object_new_int(block->line));
	json_object_object_add(row, "thread", json_object_new_string(block->name));
	json_object_object_add(row, "when_ns", json_object_new_int64(block->when));
	json_object_object_add(row, "serial", json_object_new_uint64(block->serial));
	json_object_array_add((struct json_object *)arg, row);
	return 0;
}

/* An object with the figures and an array of the live blocks; the caller's. NULL for no tracker. */
static inline struct json_object *memrig_track_json(struct memrig_tracker *t)
{
	struct json_object *all, *blocks;
	struct memrig_track_stats s;

	if (memrig_track_stats(t, &s))
		return NULL;
	all = json_object_new_object();
	blocks = json_object_new_array();
	json_object_object_add(all, "live", json_object_new_uint64(s.live));
	json_object_object_add(all, "bytes", json_object_new_uint64(s.bytes));
	json_object_object_add(all, "max_bytes", json_object_new_uint64(s.max_bytes));
	json_object_object_add(all, "allocs", json_object_new_uint64(s.allocs));
	json_object_object_add(all, "frees", json_object_new_uint64(s.frees));
	json_object_object_add(all, "fails", json_object_new_uint64(s.fails));
	json_object_object_add(all, "strays", json_object_new_uint64(s.strays));
	json_object_object_add(all, "lost", json_object_new_uint64(s.lost));
	json_object_object_add(all, "blocks", blocks);
	memrig_track_each(t, memrig_track_json_block, blocks);
	return all;
}

static inline struct json_object *memrig_heap_track_json_block(const struct memrig_track_entry *e)
{
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "offset", json_object_new_uint64(e->offset));
	json_object_object_add(row, "bytes", json_object_new_uint64(e->bytes));
	json_object_object_add(row, "usable", json_object_new_uint64(e->usable));
	json_object_object_add(row, "when_ns", json_object_new_uint64(e->when_ns));
	json_object_object_add(row, "client", json_object_new_int64(e->client));
	json_object_object_add(row, "pid", json_object_new_int64(e->pid));
	json_object_object_add(row, "comm", json_object_new_string((const char *)e->comm));
	json_object_object_add(row, "site", json_object_new_string((const char *)e->site));
	json_object_object_add(row, "queued",
			       json_object_new_boolean(e->flags & MEMRIG_BLOCK_QUEUED));
	json_object_object_add(row, "kept", json_object_new_boolean(e->flags & MEMRIG_BLOCK_KEPT));
	return row;
}

/* An array of the live blocks of a heap with MEMRIG_HEAP_TRACK; the caller's. NULL: see failure. */
static inline struct json_object *memrig_heap_track_json(memrig_heap_t *heap)
{
	struct json_object *blocks = json_object_new_array();
	struct memrig_track_entry part[64];
	uint64_t cursor = 0;
	int n, i;

	while ((n = memrig_heap_track_list(heap, &cursor, part, 64)) > 0)
		for (i = 0; i < n; i++)
			json_object_array_add(blocks, memrig_heap_track_json_block(&part[i]));
	if (n < 0) {
		json_object_put(blocks);
		return NULL;
	}
	return blocks;
}

#endif /* MEMRIG_TRACK_JSON_H */
