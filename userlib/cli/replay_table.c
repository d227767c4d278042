// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The comparison as text, and the judgement on it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "measure.h"
#include "replay_compare.h"
#include "util.h"

#define COLUMNS_MAX 16

static bool any_has(struct json_object *rows, const char *key)
{
	struct json_object *value;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		if (json_object_object_get_ex(json_object_array_get_idx(rows, i), key, &value) &&
		    value)
			return true;
	}
	return false;
}

static void explain(bool counted)
{
	const char *obstacle = measure_obstacle();

	puts("\n"
	     "allocator  run by the library, or by the kernel, one ioctl per operation; with the size\n"
	     "           of its blocks if they have one\n"
	     "failed     requests without a block; never: those no such heap can satisfy");
	if (counted)
		puts("insns      instructions of an operation: mean, and the worst one");
	puts("ns         of an operation, allocator alone: mean of processor time, and the worst\n"
	     "           one by the clock, the least of the passes; write: filling and copying blocks\n"
	     "           (-: less than the passes differ by; try --repeat)\n"
	     "peak       memory in use when the trace needs most, headers and side included\n"
	     "in%        waste inside blocks then: what they have beyond what is asked for\n"
	     "out%       free bytes then that are not in the largest free piece\n"
	     "unusable   most bytes that were free when a request failed for want of one piece\n"
	     "side       bookkeeping outside the memory\n"
	     "least      the smallest heap in which no request fails");
	if (obstacle)
		printf("           (%s: times are not those of the hardware)\n", obstacle);
}

void replay_print_rows(struct json_object *rows)
{
	static const struct column first[] = {
		{ "memory", "memory", false },
		{ "allocator", "allocator", false },
		{ "refused", "failed", false },
		{ "unfit", "never", false },
	};
	static const struct column counts[] = {
		{ "instructions_per_op", "insns", false },
		{ "worst_instructions", "worst", false },
	};
	static const struct column last[] = {
		{ "alloc_ns_per_op", "ns", false },	  { "worst_ns", "worst ns", false },
		{ "write_ns_per_op", "write ns", false }, { "peak_used_bytes", "peak", true },
		{ "inside_percent", "in%", false },	  { "frag_peak_percent", "out%", false },
		{ "unusable_bytes", "unusable", true },	  { "side_bytes", "side", true },
		{ "least_heap_bytes", "least", true },
	};
	bool empty = !json_object_array_length(rows);
	bool counted = any_has(rows, "instructions_per_op");
	struct column columns[COLUMNS_MAX];
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(first); i++)
		columns[n++] = first[i];
	for (i = 0; counted && i < ARRAY_SIZE(counts); i++)
		columns[n++] = counts[i];
	for (i = 0; i < ARRAY_SIZE(last); i++)
		columns[n++] = last[i];
	list_print(rows, columns, n, "nothing was replayed");
	if (!common.json && !empty)
		explain(counted);
}

/* ---- the judgement ------------------------------------------------------------------- */

static int judge_refused(const struct replay_row *row, uint64_t bytes)
{
	const struct replay_pass *pass = &row->pass;
	char size[SIZE_TEXT];

	format_size(bytes, size);
	fail("%s, %s: %" PRIu64
	     " of %zu operations failed in a region of %s, the first is number %" PRIu64 ": %s",
	     row->kind->name, row->engine->name, pass->refused, pass->trace->nr_ops, size,
	     pass->first_refused, memrig_reason_text(pass->first_failure.reason));
	if (row->least > bytes)
		fprintf(stderr, "memrig: the region is too small; try: --size %" PRIu64 "K\n",
			(row->least + row->least / 16) / 1024 + 4);
	return EXIT_FAILURE;
}

int replay_row_judge(const struct replay_row *row, uint64_t bytes, bool may_refuse)
{
	const struct replay_mismatch *bad = &row->pass.first_mismatch;
	int ret = 0;

	if (row->pass.refused && !may_refuse)
		ret = judge_refused(row, bytes);
	if (row->pass.mismatches)
		ret = fail("%s, %s: the content of %" PRIu64
			   " blocks is wrong; the first: operation %" PRIu64
			   ", block at offset %" PRIu64 ", byte %" PRIu64 " of %" PRIu64
			   " is 0x%02x and should be 0x%02x",
			   row->kind->name, row->engine->name, row->pass.mismatches, bad->op,
			   bad->block, bad->at, bad->bytes, bad->found, bad->expected);
	return ret;
}
