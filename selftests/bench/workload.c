// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The workloads that are known in advance: traces.
 *
 *   lifo64      64 blocks of 64 bytes allocated, then freed in reverse
 *   pingpong64  one block of 64 bytes, allocated and freed
 *   mix         16 .. 1023 bytes, octave-uniform, a steady share of the region live, random death
 *   large       16 bytes .. 64 KiB - 1, power law, likewise
 *   aligned     the mix with alignments of 64 .. 4096
 *   scale       16 .. 255 bytes, a constant number of live blocks, random death
 *   scale64     the same with 64 bytes
 *   fifo        the same as scale, but the oldest dies
 *   realloc     64 vectors that grow by half until 64 KiB
 */
#include <error.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define SEED	   0x5eed0000UL
#define VECTORS	   64
#define VECTOR_MAX 65536

static void emit(struct bench_trace *t, enum bench_kind kind, size_t slot, size_t size,
		 unsigned int log_align)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 1 << 16;
		t->op = bench_resize(t->op, t->cap, sizeof(*t->op));
	}
	t->op[t->n++] = (struct bench_op){
		.slot = (uint32_t)slot,
		.size = (uint32_t)size,
		.kind = (uint8_t)kind,
		.log_align = (uint8_t)log_align,
	};
	if (slot >= t->slots)
		t->slots = slot + 1;
}

/**
 * struct steady - a population of slots kept at its size
 * @live: slots in use, unordered
 * @idle: slots given back, last in first out
 * @size: requested bytes by slot
 * @n_live: entries of @live
 * @n_idle: entries of @idle
 * @fresh: first slot that was never used
 * @cap: room of the three tables
 * @bytes: requested by the live slots
 */
struct steady {
	uint32_t *live;
	uint32_t *idle;
	uint32_t *size;
	size_t n_live;
	size_t n_idle;
	size_t fresh;
	size_t cap;
	size_t bytes;
};

static size_t steady_slot(struct steady *s)
{
	if (s->n_idle)
		return s->idle[--s->n_idle];
	if (s->fresh == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 1024;
		s->live = bench_resize(s->live, s->cap, sizeof(*s->live));
		s->idle = bench_resize(s->idle, s->cap, sizeof(*s->idle));
		s->size = bench_resize(s->size, s->cap, sizeof(*s->size));
	}
	return s->fresh++;
}

static void steady_birth(struct steady *s, struct bench_trace *t, enum bench_dist dist, bool align)
{
	size_t size = bench_draw(dist), slot = steady_slot(s);

	if (align)
		emit(t, BENCH_ALIGNED, slot, size, 6 + (unsigned int)bench_below(7));
	else
		emit(t, BENCH_ALLOC, slot, size, 0);
	s->live[s->n_live++] = (uint32_t)slot;
	s->size[slot] = (uint32_t)size;
	s->bytes += size;
}

static void steady_death(struct steady *s, struct bench_trace *t)
{
	size_t i = bench_below(s->n_live);
	uint32_t slot = s->live[i];

	s->live[i] = s->live[--s->n_live];
	s->bytes -= s->size[slot];
	s->idle[s->n_idle++] = slot;
	emit(t, BENCH_FREE, slot, s->size[slot], 0);
}

/* Keep @count blocks live, or, when that is zero, the asked share of the region. */
static void steady(struct bench_trace *t, enum bench_dist dist, size_t count, bool align)
{
	size_t target = run.heap / 100 * run.fill;
	struct steady s = { 0 };
	bool warm = true;

	for (;;) {
		while (count ? s.n_live < count : s.bytes < target)
			steady_birth(&s, t, dist, align);
		if (warm) {
			t->warm = t->n;
			warm = false;
		}
		if (t->n - t->warm >= run.ops)
			break;
		steady_death(&s, t);
	}
	free(s.live);
	free(s.idle);
	free(s.size);
}

static void stacks(struct bench_trace *t, size_t depth)
{
	size_t i;

	while (t->n < run.ops) {
		for (i = 0; i < depth; i++)
			emit(t, BENCH_ALLOC, i, 64, 0);
		for (i = depth; i-- > 0;)
			emit(t, BENCH_FREE, i, 64, 0);
	}
	t->warm = 128;
}

static void stream(struct bench_trace *t, size_t count)
{
	uint32_t *size = bench_zalloc(count, sizeof(*size));
	size_t i;

	for (i = 0; !t->warm || t->n < t->warm + run.ops; i = i + 1 == count ? 0 : i + 1) {
		if (size[i]) {
			if (!t->warm)
				t->warm = t->n;
			emit(t, BENCH_FREE, i, size[i], 0);
		}
		size[i] = (uint32_t)bench_draw(BENCH_SMALL);
		emit(t, BENCH_ALLOC, i, size[i], 0);
	}
	free(size);
}

static void vectors(struct bench_trace *t)
{
	uint32_t size[VECTORS] = { 0 };

	while (t->n < run.ops) {
		size_t v = bench_below(VECTORS);
		size_t grown = size[v] + size[v] / 2 + 16;

		if (!size[v]) {
			emit(t, BENCH_ALLOC, v, 16, 0);
			size[v] = 16;
		} else if (grown > VECTOR_MAX) {
			emit(t, BENCH_FREE, v, size[v], 0);
			size[v] = 0;
		} else {
			emit(t, BENCH_REALLOC, v, grown, 0);
			size[v] = (uint32_t)grown;
		}
	}
	t->warm = 4096;
}

/**
 * bench_generate() - write the trace of the workload the run asks for
 * @t: to be filled
 */
void bench_generate(struct bench_trace *t)
{
	memset(t, 0, sizeof(*t));
	bench_seed(SEED);
	if (!strcmp(run.work, "lifo64"))
		stacks(t, 64);
	else if (!strcmp(run.work, "pingpong64"))
		stacks(t, 1);
	else if (!strcmp(run.work, "mix"))
		steady(t, BENCH_MIX, 0, false);
	else if (!strcmp(run.work, "large"))
		steady(t, BENCH_LARGE, 0, false);
	else if (!strcmp(run.work, "aligned"))
		steady(t, BENCH_MIX, 0, true);
	else if (!strcmp(run.work, "scale"))
		steady(t, BENCH_SMALL, run.live, false);
	else if (!strcmp(run.work, "scale64"))
		steady(t, BENCH_FIX, run.live, false);
	else if (!strcmp(run.work, "fifo"))
		stream(t, run.live);
	else if (!strcmp(run.work, "realloc"))
		vectors(t);
	else
		error(EXIT_FAILURE, 0, "unknown workload %s", run.work);
	if (t->warm >= t->n)
		error(EXIT_FAILURE, 0, "%zu operations are not enough to warm up", run.ops);
}

/**
 * bench_slots_init() - the slots of a trace, all empty
 * @slots: to be filled
 * @t: the trace
 */
void bench_slots_init(struct bench_slots *slots, const struct bench_trace *t)
{
	slots->handle = bench_zalloc(t->slots, sizeof(*slots->handle));
	slots->size = bench_zalloc(t->slots, sizeof(*slots->size));
}
