// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The comparison as text and as JSON, and the judgement on it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "measure.h"
#include "replay_compare.h"
#include "util.h"

static double per_op(const struct replay_row *row, uint64_t sum)
{
	size_t ops = row->pass.trace->nr_ops;

	return ops ? (double)sum / (double)ops : 0;
}

/* Bytes the heap used beyond what was asked for, in percent of that. */
static double overhead(const struct replay_row *row)
{
	uint64_t asked = row->pass.trace->peak_bytes;

	return asked ? 100.0 * ((double)row->peak_used - (double)asked) / (double)asked : 0;
}

struct json_object *replay_row_json(const struct replay_row *row)
{
	struct json_object *json = json_object_new_object();
	const struct replay_pass *pass = &row->pass;
	char memory[48];

	snprintf(memory, sizeof(memory), row->type ? "%s (%s)" : "%s", row->kind->name,
		 memrig_memtype_name(row->type));
	json_set_text(json, "memory", memory);
	json_set_text(json, "attr", row->kind->name);
	json_set_text(json, "page_table", row->type ? memrig_memtype_name(row->type) : NULL);
	json_set_text(json, "headers", replay_headers_name(row->headers));
	json_set_u64(json, "operations", pass->trace->nr_ops);
	json_set_u64(json, "refused", pass->refused);
	json_set_u64(json, "peak_used_bytes", row->peak_used);
	json_set_u64(json, "side_bytes", pass->peak.side_bytes);
	if (pass->refused) /* the heap never held what was asked for */
		json_set_text(json, "overhead_percent", NULL);
	else
		json_set_double(json, "overhead_percent", overhead(row));
	json_set_double(json, "frag_peak_percent", pass->peak.frag_permille / 10.0);
	json_set_double(json, "frag_end_percent", pass->end.frag_permille / 10.0);
	json_set_u64(json, "least_heap_bytes", row->least);
	json_set_double(json, "alloc_ns_per_op", per_op(row, row->alloc_ns));
	if (row->write_ns)
		json_set_double(json, "write_ns_per_op", per_op(row, row->write_ns));
	else
		json_set_text(json, "write_ns_per_op", NULL);
	if (row->instructions)
		json_set_double(json, "instructions_per_op", per_op(row, row->instructions));
	json_set_u64(json, "realloc_in_place", pass->in_place);
	json_set_u64(json, "realloc_moved", pass->moves);
	json_set_u64(json, "mismatches", pass->mismatches);
	return json;
}

void replay_print_rows(struct json_object *rows)
{
	static const struct column columns[] = {
		{ "memory", "memory", false },
		{ "headers", "headers", false },
		{ "operations", "ops", false },
		{ "refused", "failed", false },
		{ "peak_used_bytes", "peak", true },
		{ "overhead_percent", "over%", false },
		{ "frag_peak_percent", "frag%", false },
		{ "frag_end_percent", "end%", false },
		{ "least_heap_bytes", "least", true },
		{ "alloc_ns_per_op", "alloc ns", false },
		{ "write_ns_per_op", "write ns", false },
	};

	const char *obstacle = measure_obstacle();
	bool empty = !json_object_array_length(rows);

	list_print(rows, columns, ARRAY_SIZE(columns), "nothing was replayed");
	if (common.json || empty)
		return;
	puts("\n"
	     "headers  between the blocks (inband), outside them (oob), in the kernel (kernel, by ioctl)\n"
	     "peak     heap in use when the trace needs most, headers included; over: beyond what is asked\n"
	     "frag     free bytes that are not in the largest free block, at the peak and at the end\n"
	     "least    the smallest heap in which no request fails\n"
	     "ns       for one operation: the allocator alone, and filling and copying the blocks\n"
	     "         (-: less than the passes differ by; try --repeat)");
	if (obstacle)
		printf("         (%s: not those of the hardware)\n", obstacle);
}

static int judge_refused(const struct replay_row *row, uint64_t bytes)
{
	const struct replay_pass *pass = &row->pass;
	char size[SIZE_TEXT], least[SIZE_TEXT];

	format_size(bytes, size);
	format_size(row->least, least);
	fail("%s, %s: %" PRIu64
	     " of %zu operations failed in a region of %s, the first is number %" PRIu64 ": %s",
	     row->kind->name, replay_headers_name(row->headers), pass->refused, pass->trace->nr_ops,
	     size, pass->first_refused, memrig_reason_text(pass->first_failure.reason));
	if (row->least > bytes)
		fprintf(stderr, "memrig: the region is too small; try: --size %" PRIu64 "K\n",
			(row->least + row->least / 16) / 1024 + 4);
	return EXIT_FAILURE;
}

int replay_row_judge(const struct replay_row *row, uint64_t bytes)
{
	const struct replay_mismatch *bad = &row->pass.first_mismatch;
	int ret = 0;

	if (row->pass.refused)
		ret = judge_refused(row, bytes);
	if (row->pass.mismatches)
		ret = fail("%s, %s: the content of %" PRIu64
			   " blocks is wrong; the first: operation %" PRIu64
			   ", block at offset %" PRIu64 ", byte %" PRIu64 " of %" PRIu64
			   " is 0x%02x and should be 0x%02x",
			   row->kind->name, replay_headers_name(row->headers), row->pass.mismatches,
			   bad->op, bad->block, bad->at, bad->bytes, bad->found, bad->expected);
	return ret;
}
