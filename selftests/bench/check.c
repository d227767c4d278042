// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Replay of a trace with everything verified: placement, payload, and the allocator's own books
 * against the model. Also the measurement of an allocator's bookkeeping, on the same trace.
 */
#include <stdio.h>

#include "bench.h"

#define SOUND_EVERY 8192 /* operations between two looks at the allocator's books */

/**
 * struct check - a verified replay
 * @heap: heap
 * @slots: its blocks
 * @live: number of them
 * @refused: requests that were refused
 * @moved: reallocs that moved
 * @payload: payload means something
 */
struct check {
	void *heap;
	struct bench_slots slots;
	size_t live;
	size_t refused;
	size_t moved;
	bool payload;
};

static void check_birth(struct check *c, const struct bench_op *op)
{
	size_t align = op->kind == BENCH_ALIGNED ? 1UL << op->log_align : 1;
	intptr_t handle;

	if (op->kind == BENCH_ALIGNED)
		handle = bench_aligned(c->heap, align, op->size);
	else
		handle = bench_alloc(c->heap, op->size);
	if (bench_refused(handle)) {
		c->refused++;
		return;
	}
	c->live++;
	c->slots.handle[op->slot] = handle;
	c->slots.size[op->slot] = op->size;
	bench_place(handle, op->size, align);
	if (c->payload)
		bench_fill(op->slot, handle, 0, op->size);
}

static void check_death(struct check *c, size_t slot)
{
	if (c->payload)
		bench_verify((uint32_t)slot, c->slots.handle[slot], c->slots.size[slot]);
	bench_adapter.free(c->heap, c->slots.handle[slot], c->slots.size[slot]);
	c->slots.size[slot] = 0;
	c->live--;
}

static void check_resize(struct check *c, const struct bench_op *op)
{
	intptr_t old = c->slots.handle[op->slot];
	uint32_t size = c->slots.size[op->slot];
	intptr_t handle = bench_realloc(c->heap, old, size, op->size);

	if (bench_refused(handle)) {
		c->refused++;
		return;
	}
	c->moved += handle != old;
	bench_place(handle, op->size, 1);
	if (c->payload) {
		bench_verify(op->slot, handle, size < op->size ? size : op->size);
		bench_fill(op->slot, handle, size, op->size);
	}
	c->slots.handle[op->slot] = handle;
	c->slots.size[op->slot] = op->size;
}

static void check_op(struct check *c, const struct bench_op *op)
{
	if (op->kind == BENCH_ALLOC || op->kind == BENCH_ALIGNED)
		check_birth(c, op);
	else if (!c->slots.size[op->slot])
		return; /* was refused */
	else if (op->kind == BENCH_FREE)
		check_death(c, op->slot);
	else
		check_resize(c, op);
}

static void check_start(struct check *c, const struct bench_trace *t)
{
	*c = (struct check){
		.heap = bench_boot(),
		.payload = !(bench_adapter.flags & BENCH_NOFREE),
	};
	bench_slots_init(&c->slots, t);
}

/**
 * bench_check() - replay a trace and verify everything
 * @t: trace
 */
void bench_check(const struct bench_trace *t)
{
	struct check c;
	size_t i;

	check_start(&c, t);
	for (i = 0; i < t->n; i++) {
		check_op(&c, &t->op[i]);
		if (i % SOUND_EVERY == 0)
			bench_sound(c.heap, c.live, "during the trace");
	}
	bench_sound(c.heap, c.live, "after the trace");
	for (i = 0; i < t->slots; i++) {
		if (c.slots.size[i])
			check_death(&c, i);
	}
	bench_sound(c.heap, 0, "when empty");
	bench_print_run("check");
	printf(" ops=%zu warm=%zu slots=%zu refused=%zu moved=%zu\n", t->n, t->warm, t->slots,
	       c.refused, c.moved);
}

/**
 * bench_side() - how much bookkeeping an allocator holds outside the region for a trace
 * @t: trace
 *
 * Measured when the population is complete and again at the end, with the number of blocks, live
 * and free, at the same moment and the largest seen at the looks in between.
 */
void bench_side(const struct bench_trace *t)
{
	size_t records = 0, most = 0, i;
	struct check c;

	check_start(&c, t);
	c.payload = false;
	if (!bench_adapter.side_bytes || !bench_adapter.records)
		return;
	for (i = 0; i < t->n; i++) {
		check_op(&c, &t->op[i]);
		if (i % SOUND_EVERY && i + 1 != t->n)
			continue;
		records = bench_adapter.records(c.heap);
		most = records > most ? records : most;
	}
	bench_print_run("side");
	printf(" bytes=%zu claimed=%zu records=%zu most=%zu\n", bench_adapter.side_bytes(c.heap),
	       bench_adapter.claimed_bytes(c.heap), records, most);
}
