/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A trace over one kind of memory with one placement of headers: one row of the comparison.
 */
#ifndef MEMRIG_REPLAY_COMPARE_H
#define MEMRIG_REPLAY_COMPARE_H

#include <json.h>

#include "replay_place.h"
#include "replay_run.h"

/**
 * struct replay_plan - what to compare
 * @trace: to replay
 * @rig: session, NULL when only memory of this process is used
 * @bytes: of each region
 * @hardening: level of the heaps
 * @repeat: timed passes, the fastest counts
 * @at_peak: called in the checking pass of each row when the trace is at its peak, or NULL
 * @arg: for @at_peak, as pass->arg
 * @least: smallest heap that refuses nothing, by enum replay_headers; 0: not known yet
 */
struct replay_plan {
	const struct replay_trace *trace;
	memrig_t *rig;
	uint64_t bytes;
	uint32_t hardening;
	unsigned int repeat;
	int (*at_peak)(struct replay_pass *pass);
	void *arg;
	uint64_t least[REPLAY_HEADERS];
};

/**
 * struct replay_row - the outcome
 * @kind: of memory
 * @headers: where
 * @type: enum memrig_memtype of the mapping
 * @pass: the checking pass, without its heap
 * @peak_used: bytes of the heap not free at the peak, bookkeeping outside included
 * @alloc_ns: all operations, allocator alone
 * @write_ns: what filling and copying blocks added; 0: lost in the noise
 * @instructions: as @alloc_ns; 0: not counted
 * @least: smallest heap that refuses nothing
 */
struct replay_row {
	const struct replay_kind *kind;
	enum replay_headers headers;
	uint32_t type;
	struct replay_pass pass;
	uint64_t peak_used;
	uint64_t alloc_ns;
	uint64_t write_ns;
	uint64_t instructions;
	uint64_t least;
};

/**
 * replay_default_bytes() - a region with room for a trace
 * @trace: to be replayed
 *
 * Return: half more than the trace needs at its peak, in units of 64 KiB.
 */
uint64_t replay_default_bytes(const struct replay_trace *trace);

/**
 * replay_compare() - fill in one row
 * @plan: what to compare
 * @kind: of memory
 * @headers: where; REPLAY_KERNEL not with memory of this process
 * @row: out
 *
 * Return: 0, or EXIT_FAILURE after saying why. Refused requests and wrong content are in the row.
 */
int replay_compare(struct replay_plan *plan, const struct replay_kind *kind,
		   enum replay_headers headers, struct replay_row *row);

/**
 * replay_row_json() - a row for a listing
 * @row: of a comparison
 *
 * Return: a new object; see replay_print_rows().
 */
struct json_object *replay_row_json(const struct replay_row *row);

/**
 * replay_print_rows() - the comparing table
 * @rows: array of replay_row_json(); released
 */
void replay_print_rows(struct json_object *rows);

/**
 * replay_row_judge() - say what is wrong with a row, if anything
 * @row: of a comparison
 * @bytes: of the region
 *
 * Return: 0, or EXIT_FAILURE after saying what.
 */
int replay_row_judge(const struct replay_row *row, uint64_t bytes);

#endif /* MEMRIG_REPLAY_COMPARE_H */
