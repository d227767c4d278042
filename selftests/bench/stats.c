// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Costs of all measured calls, kept one by one, and the lines that report them. Sums are exact
 * integers; who reads them divides.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

/**
 * struct sample - the calls of one kind
 * @insns: @n counts; room for @cap
 * @n: number of calls
 * @cap: allocated
 * @most: the most expensive call, where a request takes several
 * @loads: sum
 * @stores: sum
 */
struct sample {
	uint32_t *insns;
	size_t n;
	size_t cap;
	uint64_t most;
	uint64_t loads;
	uint64_t stores;
};

static struct sample samples[BENCH_KINDS];
static const char *const names[BENCH_KINDS] = { "alloc", "free", "aligned", "realloc" };

/**
 * bench_record() - keep the cost of one call
 * @kind: of the call
 * @cost: what it cost
 */
void bench_record(enum bench_kind kind, const struct bench_cost *cost)
{
	struct sample *s = &samples[kind];

	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4096;
		s->insns = bench_resize(s->insns, s->cap, sizeof(*s->insns));
	}
	s->insns[s->n++] = (uint32_t)cost->insns;
	if (s->most < cost->most)
		s->most = cost->most;
	s->loads += cost->loads;
	s->stores += cost->stores;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/**
 * bench_print_run() - first part of a line of output: what was run on what
 * @what: kind of line
 */
void bench_print_run(const char *what)
{
	printf("%s name=%s hardening=%u stats=%d tags=%d work=%s heap=%zu fill=%zu n=%zu", what,
	       bench_adapter.name, run.level.hardening, run.level.stats, run.level.tags, run.work,
	       run.heap, run.fill, run.live);
}

/**
 * bench_report() - print what was recorded, one line per kind of call
 * @refused: requests that were refused
 */
void bench_report(size_t refused)
{
	int kind;
	size_t i;

	for (kind = 0; kind < BENCH_KINDS; kind++) {
		struct sample *s = &samples[kind];
		uint64_t sum = 0;

		if (!s->n)
			continue;
		qsort(s->insns, s->n, sizeof(*s->insns), ascending);
		for (i = 0; i < s->n; i++)
			sum += s->insns[i];
		bench_print_run("icount");
		printf(" kind=%s calls=%zu insns=%lu p50=%u p99=%u p999=%u max=%lu", names[kind],
		       s->n, sum, s->insns[s->n / 2], s->insns[s->n - 1 - s->n / 100],
		       s->insns[s->n - 1 - s->n / 1000], s->most);
		printf(" loads=%lu stores=%lu refused=%zu\n", s->loads, s->stores, refused);
	}
}
