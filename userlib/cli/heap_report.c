// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A heap's figures as the listings show them.
 */
#include "heap_report.h"

static const char *const levels[] = { "none", "basic", "moderate", "full", "extreme" };

static const struct column columns[] = {
	{ "pid", "process", false },
	{ "fd", "descriptor", false },
	{ "id", "heap", false },
	{ "region_id", "region", false },
	{ "attr", "attribute", false },
	{ "engine", "engine", false },
	{ "block_size", "block size", true },
	{ "num_blocks", "blocks", false },
	{ "offset", "offset", true },
	{ "length", "length", true },
	{ "placement", "placement", false },
	{ "hardening", "hardening", false },
	{ "search_limit", "search limit", false },
	{ "max_blocks", "max blocks", false },
	{ "fenced", "fenced off", false },
	{ "live_blocks", "live blocks", false },
	{ "max_live_blocks", "most live blocks", false },
	{ "free_blocks", "free blocks", false },
	{ "allocated_bytes", "allocated", true },
	{ "max_allocated_bytes", "peak", true },
	{ "free_bytes", "free", true },
	{ "largest_free", "largest free", true },
	{ "frag_permille", "fragmentation, 1/1000", false },
	{ "side_bytes", "bookkeeping", true },
	{ "clients", "clients", false },
	{ "client", "you are client", false },
	{ "client_blocks", "your blocks", false },
	{ "allocs", "allocations", false },
	{ "frees", "frees", false },
	{ "failures", "refused", false },
	{ "rejects", "rejected frees", false },
	{ "reclaimed", "reclaimed", false },
	{ "waiters", "waiting now", false },
	{ "waits", "had to wait", false },
	{ "timeouts", "waited in vain", false },
	{ "tracked", "blocks are tracked", false },
	{ "queued", "messages waiting", false },
	{ "max_queued", "most messages", false },
	{ "sent", "sent", false },
	{ "received", "received", false },
	{ "receivers", "waiting for one", false },
};

static void add_figures(struct json_object *record, const struct memrig_heap_stat *stat)
{
	json_set_u64(record, "live_blocks", stat->live_blocks);
	json_set_u64(record, "max_live_blocks", stat->max_live_blocks);
	json_set_u64(record, "free_blocks", stat->free_blocks);
	if (stat->flags & MEMRIG_HEAP_STATS) {
		json_set_u64(record, "allocated_bytes", stat->allocated_bytes);
		json_set_u64(record, "max_allocated_bytes", stat->max_allocated_bytes);
		json_set_u64(record, "free_bytes", stat->free_bytes);
	}
	json_set_u64(record, "largest_free", stat->largest_free);
	json_set_u64(record, "frag_permille", stat->frag_permille);
	json_set_u64(record, "side_bytes", stat->side_bytes);
	json_set_u64(record, "clients", stat->clients);
	json_set_u64(record, "client", stat->client);
	json_set_u64(record, "client_blocks", stat->client_blocks);
	json_set_u64(record, "allocs", stat->allocs);
	json_set_u64(record, "frees", stat->frees);
	json_set_u64(record, "failures", stat->failures);
	json_set_u64(record, "rejects", stat->rejects);
	json_set_u64(record, "reclaimed", stat->reclaimed);
	json_set_u64(record, "waiters", stat->waiters);
	json_set_u64(record, "waits", stat->waits);
	json_set_u64(record, "timeouts", stat->timeouts);
	json_set_bool(record, "tracked", stat->flags & MEMRIG_HEAP_TRACK);
	json_set_u64(record, "queued", stat->queued);
	json_set_u64(record, "max_queued", stat->max_queued);
	json_set_u64(record, "sent", stat->sent);
	json_set_u64(record, "received", stat->received);
	json_set_u64(record, "receivers", stat->receivers);
}

struct json_object *heap_record(memrig_heap_t *heap)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct memrig_region_info info = { .size = sizeof(info) };
	struct json_object *record;
	memrig_region_t *region;

	if (memrig_heap_stat(heap, &stat))
		return NULL;
	record = json_object_new_object();
	if (stat.id) { /* those of the process have none */
		json_set_u64(record, "id", stat.id);
		json_set_u64(record, "region_id", stat.region_id);
	}
	if (!memrig_heap_region(heap, &region)) {
		if (!memrig_region_info(region, &info))
			json_set_text(record, "attr", memrig_attr_name(info.attr));
		memrig_region_close(region);
	}
	json_set_text(record, "engine", memrig_engine_name(stat.engine));
	if (stat.block_size) {
		json_set_u64(record, "block_size", stat.block_size);
		json_set_u64(record, "num_blocks", stat.num_blocks);
	}
	json_set_u64(record, "offset", stat.offset);
	json_set_u64(record, "length", stat.length);
	json_set_text(record, "placement", memrig_placement_name(stat.placement));
	json_set_text(record, "hardening",
		      stat.hardening < ARRAY_SIZE(levels) ? levels[stat.hardening] : "?");
	json_set_u64(record, "search_limit", stat.search_limit);
	json_set_u64(record, "max_blocks", stat.max_blocks);
	json_set_bool(record, "fenced", stat.flags & MEMRIG_HEAP_STATE_FENCED);
	add_figures(record, &stat);
	return record;
}

/* What the heap has no figure for has no line. */
void heap_record_print(struct json_object *record)
{
	struct column shown[ARRAY_SIZE(columns)];
	size_t count = 0, i;

	for (i = 0; i < ARRAY_SIZE(columns); i++)
		if (json_object_object_get_ex(record, columns[i].key, NULL))
			shown[count++] = columns[i];
	record_print(record, shown, count);
}
