/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Allocator workload driver: types and calls shared by its parts.
 *
 * A *trace* is a list of operations on numbered *slots*, fixed before the allocator sees the first
 * of them: a refused request stays live in the model, so every allocator gets the same sequence.
 * Sizes and offsets are bytes. Output is one line of key=value pairs per result.
 */
#ifndef BENCH_H
#define BENCH_H

#include "adapter.h"
#include "mrig_port.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum bench_kind { BENCH_ALLOC, BENCH_FREE, BENCH_ALIGNED, BENCH_REALLOC, BENCH_KINDS };

/* How sizes are drawn; the order gives the seeds of the utilisation runs. */
enum bench_dist { BENCH_MIX, BENCH_LARGE, BENCH_SMALL, BENCH_FIX, BENCH_DISTS };

/**
 * struct bench_op - one operation of a trace
 * @slot: which block
 * @size: requested bytes (free: as requested when it was allocated)
 * @kind: enum bench_kind
 * @log_align: of an aligned request
 */
struct bench_op {
	uint32_t slot;
	uint32_t size;
	uint8_t kind;
	uint8_t log_align;
};

/**
 * struct bench_trace - operations to replay
 * @op: @n operations; room for @cap
 * @n: number of operations
 * @cap: allocated
 * @warm: the first so many are not measured
 * @slots: number of slots
 */
struct bench_trace {
	struct bench_op *op;
	size_t n;
	size_t cap;
	size_t warm;
	size_t slots;
};

/**
 * struct bench_run - what the command line asked for, and the region
 * @mode: check, icount, time, small, side
 * @work: workload
 * @region: where the allocator believes the memory to be
 * @heap: bytes of the region
 * @ops: operations after warm-up
 * @live: live blocks of the scale workload
 * @reps: repetitions of a timing
 * @fill: percent of the region that is requested
 * @dist: only this distribution of the utilisation, or NULL
 * @level: hardening and statistics
 */
struct bench_run {
	const char *mode;
	const char *work;
	void *region;
	size_t heap;
	size_t ops;
	size_t live;
	size_t reps;
	size_t fill;
	const char *dist;
	struct bench_level level;
};

/**
 * struct bench_block - a live block of the workloads that react to the allocator
 * @handle: its name
 * @size: requested bytes
 * @id: key of its payload pattern
 */
struct bench_block {
	intptr_t handle;
	uint32_t size;
	uint32_t id;
};

/**
 * struct bench_slots - the blocks of a trace
 * @handle: by slot, valid where @size is not zero
 * @size: requested bytes of a live block, or 0
 */
struct bench_slots {
	intptr_t *handle;
	uint32_t *size;
};

extern struct bench_run run;

/* memory.c: the region and the driver's own memory */
void bench_map(void);
void *bench_resize(void *ptr, size_t n, size_t size);
void *bench_zalloc(size_t n, size_t size);
void *bench_boot(void);
bool bench_refused(intptr_t handle);
void *bench_ptr(intptr_t handle);
intptr_t bench_alloc(void *heap, size_t bytes);
intptr_t bench_aligned(void *heap, size_t align, size_t bytes);
intptr_t bench_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes);

/* random.c: numbers and sizes, the same in every run */
void bench_seed(uint64_t seed);
uint64_t bench_below(uint64_t n);
size_t bench_draw(enum bench_dist dist);

/* workload.c */
void bench_generate(struct bench_trace *trace);
void bench_slots_init(struct bench_slots *slots, const struct bench_trace *trace);

/* pattern.c: payload and placement of blocks */
void bench_fill(uint32_t key, intptr_t handle, size_t from, size_t to);
void bench_verify(uint32_t key, intptr_t handle, size_t bytes);
void bench_place(intptr_t handle, size_t bytes, size_t align);
void bench_sound(void *heap, size_t live, const char *when);

/* counter.c: exact instruction counts */
void bench_counter_start(void);
intptr_t bench_count_alloc(void *heap, size_t bytes);
intptr_t bench_count_aligned(void *heap, size_t align, size_t bytes);
intptr_t bench_count_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes);
void bench_count_free(void *heap, intptr_t handle, size_t bytes);
void bench_count_keep(enum bench_kind kind);

/* counter.c: callees of known length, written in assembly */
intptr_t bench_two_alloc(void *heap, size_t bytes);
intptr_t bench_two_aligned(void *heap, size_t align, size_t bytes);
intptr_t bench_two_realloc(void *heap, intptr_t handle, size_t old_bytes, size_t bytes);
void bench_one_free(void *heap, intptr_t handle, size_t bytes);
intptr_t bench_nops_alloc(void *heap, size_t bytes);

/**
 * struct bench_cost - what one request cost
 * @insns: instructions, the returns of its calls included
 * @most: the same of its most expensive call: a refused call and the next one are two
 * @loads: memory reads
 * @stores: memory writes
 */
struct bench_cost {
	uint64_t insns;
	uint64_t most;
	uint64_t loads;
	uint64_t stores;
};

/* stats.c: the costs of all calls */
void bench_record(enum bench_kind kind, const struct bench_cost *cost);
void bench_report(size_t refused);
void bench_print_run(const char *what);

/* one workload run each */
void bench_check(const struct bench_trace *trace);
void bench_icount(const struct bench_trace *trace);
void bench_time(const struct bench_trace *trace);
void bench_side(const struct bench_trace *trace);
void bench_robson(bool counted);
void bench_util(void);
void bench_small(void);
void bench_sparse(void);
void bench_selftest(void);

#endif /* BENCH_H */
