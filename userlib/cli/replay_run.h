/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One pass of a trace over one heap.
 *
 * A comparison takes several passes, each over a fresh heap: one that only allocates, for the time
 * of the allocator alone; one that also writes every block, for the time of the memory; one that
 * checks every byte and looks at the heap when the trace is at its peak and at its end.
 */
#ifndef MEMRIG_REPLAY_RUN_H
#define MEMRIG_REPLAY_RUN_H

#include <stdbool.h>
#include <memrig/memrig.h>

#include "replay_trace.h"

/**
 * enum replay_mode - what a pass does besides allocating
 * @REPLAY_ALLOCATE: nothing, not even the copy when a reallocation moves a block
 * @REPLAY_WRITE: fills blocks, and copies them
 * @REPLAY_VERIFY: also reads every block before it goes, and looks at the heap
 */
enum replay_mode {
	REPLAY_ALLOCATE,
	REPLAY_WRITE,
	REPLAY_VERIFY,
};

/**
 * struct replay_mismatch - the first byte that was not as written
 * @op: number of the operation that found it; that of the last one plus 1: found at the end
 * @block: offset of the block in the region
 * @at: byte of the block
 * @bytes: length of the block
 * @expected: value
 * @found: value
 */
struct replay_mismatch {
	uint64_t op;
	uint64_t block;
	uint64_t at;
	uint64_t bytes;
	uint8_t expected;
	uint8_t found;
};

struct replay_pass;

/**
 * struct replay_pass - a pass; all in members are set by the caller, the others zeroed
 * @trace: in: what to do
 * @heap: in: fresh
 * @base: in: address of offset 0; may be NULL with REPLAY_ALLOCATE
 * @mode: in
 * @stop_early: in: end at the first refused request
 * @at_peak: in: called when the trace is at its peak, or NULL; REPLAY_VERIFY only
 * @arg: in: for the caller
 * @refused: requests the heap had no room for
 * @first_refused: number of the first such operation
 * @first_failure: what the library said about it
 * @moves: reallocations that moved the block
 * @in_place: those that did not
 * @mismatches: blocks with wrong content
 * @first_mismatch: of them
 * @ns: processor time of all operations together
 * @instructions: the same, 0 when the machine does not count them
 * @peak: the heap at the peak; REPLAY_VERIFY only
 * @end: the heap after the last operation; REPLAY_VERIFY only
 */
struct replay_pass {
	const struct replay_trace *trace;
	memrig_heap_t *heap;
	uint8_t *base;
	enum replay_mode mode;
	bool stop_early;
	int (*at_peak)(struct replay_pass *pass);
	void *arg;
	uint64_t refused;
	uint64_t first_refused;
	struct memrig_failure first_failure;
	uint64_t moves;
	uint64_t in_place;
	uint64_t mismatches;
	struct replay_mismatch first_mismatch;
	uint64_t ns;
	uint64_t instructions;
	struct memrig_heap_stat peak;
	struct memrig_heap_stat end;
};

/**
 * replay_pass_run() - do it, and free what is left at the end
 * @pass: see there
 * @why: out: what is wrong with the heap, on failure
 * @len: of @why
 *
 * A request that is refused for lack of room is a result, not a failure; so is wrong content.
 *
 * Return: 0, or a negative errno when the heap misbehaved.
 */
int replay_pass_run(struct replay_pass *pass, char *why, size_t len);

#endif /* MEMRIG_REPLAY_RUN_H */
