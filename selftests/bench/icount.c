// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Replays of a trace that measure: exact instruction counts of every call, and processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

static intptr_t birth(void *heap, const struct bench_op *op)
{
	if (op->kind == BENCH_ALIGNED)
		return bench_count_aligned(heap, 1UL << op->log_align, op->size);
	return bench_count_alloc(heap, op->size);
}

/**
 * bench_icount() - replay a trace, count what each call after warm-up costs
 * @t: trace
 */
void bench_icount(const struct bench_trace *t)
{
	struct bench_slots slots;
	size_t refused = 0, i;
	void *heap;

	bench_slots_init(&slots, t);
	bench_counter_start();
	heap = bench_boot();
	for (i = 0; i < t->n; i++) {
		const struct bench_op *op = &t->op[i];
		intptr_t *handle = &slots.handle[op->slot], moved;
		uint32_t *size = &slots.size[op->slot];

		if (op->kind == BENCH_ALLOC || op->kind == BENCH_ALIGNED) {
			*handle = birth(heap, op);
			*size = bench_refused(*handle) ? 0 : op->size;
			refused += !*size;
		} else if (!*size) {
			continue; /* was refused */
		} else if (op->kind == BENCH_FREE) {
			bench_count_free(heap, *handle, op->size);
			*size = 0;
		} else {
			moved = bench_count_realloc(heap, *handle, *size, op->size);
			if (bench_refused(moved)) {
				refused++;
			} else {
				*handle = moved;
				*size = op->size;
			}
		}
		bench_count_keep(i < t->warm ? BENCH_KINDS : op->kind);
	}
	bench_report(refused);
}

/* Write the first bytes of a block, as any user would. */
static void touch(intptr_t handle)
{
	*(uint64_t *)bench_view(bench_ptr(handle)) = (uint64_t)handle;
}

static mrig_noinline size_t replay(void *heap, struct bench_slots *slots, const struct bench_op *op,
				   const struct bench_op *end)
{
	size_t refused = 0;

	for (; op < end; op++) {
		uint32_t *size = &slots->size[op->slot];
		intptr_t handle;

		if (op->kind == BENCH_ALLOC) {
			handle = bench_alloc(heap, op->size);
		} else if (op->kind == BENCH_ALIGNED) {
			handle = bench_aligned(heap, 1UL << op->log_align, op->size);
		} else if (!*size) {
			continue;
		} else if (op->kind == BENCH_FREE) {
			bench_adapter.free(heap, slots->handle[op->slot], op->size);
			*size = 0;
			continue;
		} else {
			handle = bench_realloc(heap, slots->handle[op->slot], *size, op->size);
		}
		if (bench_refused(handle)) {
			refused++;
			continue;
		}
		slots->handle[op->slot] = handle;
		*size = op->size;
		touch(handle);
	}
	return refused;
}

/* Give everything back: an allocator over the C library's heap starts each time from the same. */
static void drain(void *heap, struct bench_slots *slots, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (slots->size[i])
			bench_adapter.free(heap, slots->handle[i], slots->size[i]);
	}
	free(slots->handle);
	free(slots->size);
}

/* Processor time of this thread: the machine is shared, others' turns must not count. */
static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/**
 * bench_time() - replay a trace several times, print nanoseconds per operation
 * @t: trace
 *
 * The driver's own cost is included; subtract what the adapter "null" shows.
 */
void bench_time(const struct bench_trace *t)
{
	double *ns = bench_zalloc(run.reps, sizeof(*ns));
	size_t refused = 0, i;

	for (i = 0; i < run.reps; i++) {
		void *heap = bench_boot();
		struct bench_slots slots;
		double start;

		bench_slots_init(&slots, t);
		replay(heap, &slots, t->op, t->op + t->warm);
		start = now();
		refused = replay(heap, &slots, t->op + t->warm, t->op + t->n);
		ns[i] = (now() - start) / (double)(t->n - t->warm);
		drain(heap, &slots, t->slots);
	}
	qsort(ns, run.reps, sizeof(*ns), ascending);
	bench_print_run("time");
	printf(" refused=%zu ns_median=%.2f ns_min=%.2f\n", refused, ns[run.reps / 2], ns[0]);
	free(ns);
}
