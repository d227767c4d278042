/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One pass of a trace over one heap.
 *
 * A comparison takes several passes, each over a fresh heap: one that only allocates, for the time
 * of the allocator alone; one that measures each operation; one that also writes every block, for
 * the time of the memory; one that checks every byte and looks at the heap now and then, when the
 * trace is at its peak, and at its end.
 */
#ifndef MEMRIG_REPLAY_RUN_H
#define MEMRIG_REPLAY_RUN_H

#include <stdbool.h>
#include <memrig/memrig.h>

#include "replay_cost.h"
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
 * @no_align: in: the heap need not do every alignment
 * @slab_bytes: in: its blocks are all of that size and begin at multiples of it; 0: they are not
 * @stop_early: in: end at the first refused request
 * @clock: in: that measures each operation, or NULL; REPLAY_ALLOCATE only
 * @costs: in: where to note what it says
 * @at_peak: in: called when the trace is at its peak, or NULL; REPLAY_VERIFY only
 * @sample: in: called after each @every operations and after the last one, or NULL; REPLAY_VERIFY
 *	only. Negative errno: something failed
 * @every: in: at least 1 when @sample is there
 * @arg: in: for the caller
 * @live_bytes: asked for and live now
 * @live_usable: bytes of their blocks
 * @peak_bytes: @live_bytes at the peak of the trace
 * @peak_usable: @live_usable at the peak of the trace
 * @refused: requests the heap had no room for
 * @fragmented: those of them for which enough bytes were free, but not in one place
 * @most_unusable: free bytes when such a request was refused, at most; REPLAY_VERIFY only
 * @unfit: those of them that this heap can never satisfy: too large for its blocks, or an alignment
 *	that it does not do
 * @first_refused: number of the first such operation
 * @first_failure: what the library said about it
 * @moves: reallocations that moved the block
 * @in_place: those that did not
 * @mismatches: blocks with wrong content
 * @first_mismatch: of them
 * @ns: processor time of all operations together
 * @peak: the heap at the peak; REPLAY_VERIFY only
 * @end: the heap after the last operation; REPLAY_VERIFY only
 */
struct replay_pass {
	const struct replay_trace *trace;
	memrig_heap_t *heap;
	uint8_t *base;
	enum replay_mode mode;
	bool no_align;
	uint64_t slab_bytes;
	bool stop_early;
	const struct replay_clock *clock;
	struct replay_costs *costs;
	int (*at_peak)(struct replay_pass *pass);
	int (*sample)(struct replay_pass *pass, uint64_t op);
	uint64_t every;
	void *arg;
	uint64_t live_bytes;
	uint64_t live_usable;
	uint64_t peak_bytes;
	uint64_t peak_usable;
	uint64_t refused;
	uint64_t fragmented;
	uint64_t most_unusable;
	uint64_t unfit;
	uint64_t first_refused;
	struct memrig_failure first_failure;
	uint64_t moves;
	uint64_t in_place;
	uint64_t mismatches;
	struct replay_mismatch first_mismatch;
	uint64_t ns;
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
