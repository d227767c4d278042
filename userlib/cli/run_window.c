// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The figures of a window in which a program was run. Its pages are still there: the descriptor is
 * one of ours.
 */
#include "run_window.h"

#include <unistd.h>

#include "util.h"

/* Bytes of the pages in the store for each byte they take; 0: none are, or not in memory. */
static double compression(const struct memrig_window_stat *stat)
{
	if (!stat->stored_bytes)
		return 0;
	return (double)stat->stored * (double)sysconf(_SC_PAGESIZE) / (double)stat->stored_bytes;
}

struct json_object *run_window_record(const struct run_window *window)
{
	struct json_object *record;
	struct memrig_window_stat stat = { .size = sizeof(stat) };

	if (memrig_window_stat(window->window, 0, &stat)) {
		report();
		return NULL;
	}
	record = json_object_new_object();
	json_set_u64(record, "id", stat.id);
	json_set_u64(record, "bytes", window->args.bytes);
	json_set_u64(record, "frame_bytes", window->args.frame_bytes);
	json_set_text(record, "policy", memrig_policy_name(stat.policy));
	json_set_text(record, "store", memrig_store_name(stat.store));
	json_set_u64(record, "faults", stat.faults);
	json_set_u64(record, "faults_user", stat.faults_user);
	json_set_u64(record, "faults_kernel", stat.faults_kernel);
	json_set_u64(record, "soft_faults", stat.soft_faults);
	json_set_u64(record, "evict_clean", stat.evict_clean);
	json_set_u64(record, "evict_dirty", stat.evict_dirty);
	json_set_u64(record, "zeroed", stat.zeroed);
	json_set_u64(record, "page_ins", stat.page_ins);
	json_set_u64(record, "page_outs", stat.page_outs);
	json_set_u64(record, "in_errors", stat.in_errors);
	json_set_u64(record, "out_errors", stat.out_errors);
	json_set_u64(record, "waits", stat.waits);
	json_set_u64(record, "fault_arounds", stat.fault_arounds);
	json_set_u64(record, "read_aheads", stat.read_aheads);
	json_set_u64(record, "read_ahead_hits", stat.read_ahead_hits);
	json_set_u64(record, "cleaned", stat.cleaned);
	json_set_u64(record, "held", stat.held);
	json_set_u64(record, "sigbus", stat.sigbus);
	json_set_u64(record, "resident", stat.resident);
	json_set_u64(record, "stored", stat.stored);
	json_set_u64(record, "stored_bytes", stat.stored_bytes);
	json_set_double(record, "compression", compression(&stat));
	return record;
}

static void report_use(const struct run_window *window, const struct memrig_window_stat *stat)
{
	char bytes[SIZE_TEXT], frames[SIZE_TEXT], pages[SIZE_TEXT], taken[SIZE_TEXT];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	fprintf(stderr, "memrig: a window of %s on frames of %s, policy %s, store %s\n",
		format_size(window->args.bytes, bytes),
		format_size(window->args.frame_bytes, frames), memrig_policy_name(stat->policy),
		memrig_store_name(stat->store));
	fprintf(stderr,
		"memrig: %llu faults (%llu read from the store, %llu"
		" new pages), %llu soft faults\n",
		stat->faults, stat->page_ins, stat->zeroed, stat->soft_faults);
	fprintf(stderr,
		"memrig: %llu evictions: %llu clean, %llu written; %llu"
		" pages written in all\n",
		stat->evict_clean + stat->evict_dirty, stat->evict_clean, stat->evict_dirty,
		stat->page_outs);
	if (stat->fault_arounds | stat->read_aheads | stat->cleaned)
		fprintf(stderr,
			"memrig: %llu neighbours entered, %llu pages read ahead, %llu cleaned\n",
			stat->fault_arounds, stat->read_aheads, stat->cleaned);
	if (stat->stored_bytes)
		fprintf(stderr, "memrig: %s are in the store at the end, in %s: %.2f to 1\n",
			format_size(stat->stored * page, pages),
			format_size(stat->stored_bytes, taken), compression(stat));
}

void run_window_report(const struct run_window *window, bool stats)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };

	if (memrig_window_stat(window->window, 0, &stat)) {
		report();
		return;
	}
	if (stats)
		report_use(window, &stat);
	if (stat.in_errors || stat.out_errors)
		fprintf(stderr, "memrig: the store failed: %llu reads, %llu writes\n",
			stat.in_errors, stat.out_errors);
	if (stat.sigbus)
		fprintf(stderr,
			"memrig: %llu touch%s ended in SIGBUS, the last one because %s; "
			"try: %s\n",
			stat.sigbus, stat.sigbus == 1 ? "" : "es",
			memrig_reason_text(stat.last_reason),
			memrig_reason_advice(stat.last_reason));
}
