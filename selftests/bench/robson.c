// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The adversary of every heap that cannot move blocks: fill with blocks of one size, free every
 * second one in address order, double the size, and so on. Nobody wins; it bounds time and
 * tortures the books.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#define SMALLEST 16

/**
 * struct robson - state of the game
 * @heap: heap
 * @block: live blocks, room for one per smallest block of the region
 * @n: number of live blocks
 * @id: next pattern key
 * @counted: count instructions instead of verifying
 */
struct robson {
	void *heap;
	struct bench_block *block;
	size_t n;
	uint32_t id;
	bool counted;
};

static int by_address(const void *a, const void *b)
{
	const struct bench_block *x = a, *y = b;

	return (x->handle > y->handle) - (x->handle < y->handle);
}

static bool robson_birth(struct robson *r, size_t size)
{
	struct bench_block *b = &r->block[r->n];

	if (r->counted) {
		b->handle = bench_count_alloc(r->heap, size);
		bench_count_keep(BENCH_ALLOC);
	} else {
		b->handle = bench_alloc(r->heap, size);
	}
	if (bench_refused(b->handle))
		return false;
	b->size = (uint32_t)size;
	b->id = r->id++;
	r->n++;
	if (!r->counted) {
		bench_place(b->handle, size, 1);
		bench_fill(b->id, b->handle, 0, size);
	}
	return true;
}

static void robson_death(struct robson *r, const struct bench_block *b)
{
	if (r->counted) {
		bench_count_free(r->heap, b->handle, b->size);
		bench_count_keep(BENCH_FREE);
	} else {
		bench_verify(b->id, b->handle, b->size);
		bench_adapter.free(r->heap, b->handle, b->size);
	}
}

/* Fill with @size; free every second block. Return: requested bytes live when it was full. */
static size_t robson_phase(struct robson *r, size_t size)
{
	size_t bytes = 0, kept = 0, i;

	while (robson_birth(r, size))
		;
	if (!r->counted)
		bench_sound(r->heap, r->n, "when full");
	qsort(r->block, r->n, sizeof(*r->block), by_address);
	for (i = 0; i < r->n; i++) {
		bytes += r->block[i].size;
		if (i & 1)
			robson_death(r, &r->block[i]);
		else
			r->block[kept++] = r->block[i];
	}
	r->n = kept;
	if (!r->counted)
		bench_sound(r->heap, r->n, "when halved");
	return bytes;
}

/**
 * bench_robson() - play
 * @counted: count instructions instead of verifying
 */
void bench_robson(bool counted)
{
	struct robson r = { .counted = counted };
	double sum = 0, least = 1;
	int phases = 0;
	size_t size, i;

	r.block = bench_zalloc(run.heap / SMALLEST + 1, sizeof(*r.block));
	if (counted)
		bench_counter_start();
	r.heap = bench_boot();
	for (size = SMALLEST; size <= run.heap / 8; size *= 2, phases++) {
		double used = (double)robson_phase(&r, size) / (double)run.heap;

		sum += used;
		least = used < least ? used : least;
	}
	if (counted) {
		bench_report(0);
		return;
	}
	for (i = 0; i < r.n; i++)
		bench_verify(r.block[i].id, r.block[i].handle, r.block[i].size);
	bench_print_run("check");
	printf(" ops=%u phases=%d used_mean=%.3f used_least=%.3f refused=0\n", r.id, phases,
	       sum / phases, least);
}
