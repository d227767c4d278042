/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A trace over one kind of memory with one allocator: one row of the comparison.
 */
#ifndef MEMRIG_REPLAY_COMPARE_H
#define MEMRIG_REPLAY_COMPARE_H

#include <json.h>

#include "replay_engine.h"
#include "replay_place.h"
#include "replay_run.h"
#include "replay_sample.h"

/**
 * struct replay_plan - what to compare
 * @trace: to replay
 * @rig: session, NULL when only memory of this process is used
 * @bytes: of each region
 * @params: of the heaps
 * @repeat: timed passes, the fastest counts
 * @samples: looks at the heap, spread evenly over the trace; 0: none
 * @at_peak: called in the checking pass of each row when the trace is at its peak, or NULL
 * @arg: for @at_peak, as pass->arg
 * @least: smallest heap that refuses nothing, by enum memrig_engine and in-band or not; 0: not
 *	known yet
 */
struct replay_plan {
	const struct replay_trace *trace;
	memrig_t *rig;
	uint64_t bytes;
	struct replay_params params;
	unsigned int repeat;
	unsigned int samples;
	int (*at_peak)(struct replay_pass *pass);
	void *arg;
	uint64_t least[MEMRIG_ENGINE_BEST_FIT + 1][2];
};

/**
 * struct replay_row - the outcome; to be given to replay_row_free()
 * @kind: of memory
 * @engine: allocator
 * @block_size: of it, 0: of any size
 * @type: enum memrig_memtype of the mapping
 * @pass: the checking pass, without its heap
 * @samples: taken in that pass
 * @peak_used: bytes of the heap not free at the peak, bookkeeping outside included
 * @alloc_ns: all operations, allocator alone
 * @write_ns: what filling and copying blocks added; 0: lost in the noise
 * @unit: of @spread
 * @spread: costs of operations, by enum replay_cost_kind
 * @least: smallest heap that refuses nothing; 0: none was found
 */
struct replay_row {
	const struct replay_kind *kind;
	const struct replay_engine *engine;
	uint64_t block_size;
	uint32_t type;
	struct replay_pass pass;
	struct replay_samples samples;
	uint64_t peak_used;
	uint64_t alloc_ns;
	uint64_t write_ns;
	enum replay_unit unit;
	struct replay_spread spread[REPLAY_COST_KINDS];
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
 * @engine: allocator; one of the kernel not with memory of this process
 * @row: out; to be freed on success only
 *
 * Return: 0, or EXIT_FAILURE after saying why. Refused requests and wrong content are in the row.
 */
int replay_compare(struct replay_plan *plan, const struct replay_kind *kind,
		   const struct replay_engine *engine, struct replay_row *row);

/**
 * replay_row_free() - give the memory back
 * @row: of a comparison
 */
void replay_row_free(struct replay_row *row);

/**
 * replay_row_json() - a row for a listing
 * @row: of a comparison
 *
 * Return: a new object; see replay_print_rows().
 */
struct json_object *replay_row_json(const struct replay_row *row);

/**
 * replay_trace_json() - what is replayed
 * @file: name of the trace
 * @plan: with the trace and the regions
 *
 * Return: a new object.
 */
struct json_object *replay_trace_json(const char *file, const struct replay_plan *plan);

/**
 * replay_print_rows() - the comparing table
 * @rows: array of replay_row_json(); released
 */
void replay_print_rows(struct json_object *rows);

/**
 * replay_row_judge() - say what is wrong with a row, if anything
 * @row: of a comparison
 * @bytes: of the region
 * @may_refuse: a refused request is no fault
 *
 * Return: 0, or EXIT_FAILURE after saying what.
 */
int replay_row_judge(const struct replay_row *row, uint64_t bytes, bool may_refuse);

#endif /* MEMRIG_REPLAY_COMPARE_H */
