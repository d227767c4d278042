// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The figures of a program that was run on a heap.
 */
#include "run_report.h"

#include <inttypes.h>

#include "util.h"

static void report_json(const struct malloc_page *page, const struct run_window *window, int status)
{
	const struct malloc_counts *counts = &page->counts;
	struct json_object *record = json_object_new_object();

	json_set_u64(record, "status", (uint64_t)status);
	json_set_u64(record, "pid", page->owner);
	json_set_u64(record, "programs", page->programs);
	json_set_u64(record, "heap_bytes", counts->heap_bytes);
	json_set_u64(record, "allocs", counts->allocs);
	json_set_u64(record, "frees", counts->frees);
	json_set_u64(record, "peak_bytes", counts->peak_bytes);
	json_set_u64(record, "peak_blocks", counts->peak_blocks);
	json_set_u64(record, "end_bytes", counts->live_bytes);
	json_set_u64(record, "end_blocks", counts->live_blocks);
	json_set_u64(record, "side_bytes", counts->side_bytes);
	json_set_u64(record, "boot_bytes", counts->boot_bytes);
	json_set_u64(record, "failures", counts->failures);
	json_set_u64(record, "largest_failure", counts->largest_failure);
	json_set_u64(record, "refused", counts->refused);
	json_set_u64(record, "foreign", counts->foreign);
	json_set_u64(record, "nested", counts->nested);
	json_object_object_add(record, "window", window ? run_window_record(window) : NULL);
	json_print(record);
}

static void report_use(const struct malloc_counts *counts)
{
	char peak[SIZE_TEXT], heap[SIZE_TEXT], end[SIZE_TEXT], side[SIZE_TEXT];

	fprintf(stderr,
		"memrig: at most %s in %" PRIu64 " blocks live, of %s; %s of bookkeeping outside\n",
		format_size(counts->peak_bytes, peak), counts->peak_blocks,
		format_size(counts->heap_bytes, heap), format_size(counts->side_bytes, side));
	fprintf(stderr,
		"memrig: %" PRIu64 " allocations, %" PRIu64 " frees; %s in %" PRIu64
		" blocks live at the end\n",
		counts->allocs, counts->frees, format_size(counts->live_bytes, end),
		counts->live_blocks);
	if (counts->foreign)
		fprintf(stderr, "memrig: %" PRIu64 " pointers of other allocators left alone\n",
			counts->foreign);
	if (counts->nested)
		fprintf(stderr, "memrig: %" PRIu64 " requests from within interrupted requests\n",
			counts->nested);
}

void run_report(const struct malloc_page *page, const struct run_window *window, int status,
		bool stats)
{
	const struct malloc_counts *counts = &page->counts;
	char largest[SIZE_TEXT], heap[SIZE_TEXT];

	if (common.json) {
		report_json(page, window, status);
		return;
	}
	if (stats)
		report_use(counts);
	if (window)
		run_window_report(window, stats);
	if (counts->failures)
		fprintf(stderr,
			"memrig: there was no room in %s for %" PRIu64
			" request%s, the largest of %s; "
			"try: a larger --%s\n",
			format_size(counts->heap_bytes, heap), counts->failures,
			counts->failures == 1 ? "" : "s",
			format_size(counts->largest_failure, largest), window ? "window" : "size");
	if (counts->refused)
		fprintf(stderr,
			"memrig: free() or realloc() got what is no block, %" PRIu64 " time%s: a "
			"mistake of the program\n",
			counts->refused, counts->refused == 1 ? "" : "s");
}
