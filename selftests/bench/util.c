// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Utilisation: requested bytes / bytes of the region at the moment of the first refusal.
 *
 *   fresh  from an empty heap
 *   aged   after ten turnovers of a live set of 70 %
 *   churn  mean, and least, over the last 200 of 400 rounds of {free 5 % of the blocks at random,
 *          fill up again}
 *
 * Where a few large requests decide, the last two are means over several seeds: single ones were
 * seen to differ by 0.05 with the same allocator.
 *
 * Each part runs in a process of its own, over an allocator that has done nothing yet.
 */
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define TURNOVERS      10
#define ROUNDS	       400
#define ROUNDS_COUNTED 200
#define STUCK_MAX      1000 /* refusals in a row that end the ageing */
#define SMALLEST       16
#define SEED_FRESH     0xf111UL
#define SEED_AGED      0xa9edUL
#define SEED_STEP      104729UL
#define SEEDS_MANY     8

/**
 * struct util_result - of one distribution; shared with the processes that measure
 * @fresh: see above
 * @aged: see above
 * @churn: see above
 * @least: lowest of the rounds that make up @churn
 * @refused: requests refused while ageing
 * @live: blocks at the end
 * @seeds: runs that @aged and @churn are the mean of
 * @seed: number of the present one
 */
struct util_result {
	double fresh;
	double aged;
	double churn;
	double least;
	size_t refused;
	size_t live;
	unsigned int seeds;
	unsigned int seed;
};

/**
 * struct pool - the live blocks
 * @heap: heap
 * @block: room for one per smallest block of the region
 * @n: number of live blocks
 * @bytes: requested by them
 * @id: next pattern key
 * @dist: what is requested
 */
struct pool {
	void *heap;
	struct bench_block *block;
	size_t n;
	size_t bytes;
	uint32_t id;
	enum bench_dist dist;
};

/* Return: bytes requested, 0 if refused. */
static size_t pool_birth(struct pool *p)
{
	struct bench_block *b = &p->block[p->n];
	size_t size = bench_draw(p->dist);

	b->handle = bench_alloc(p->heap, size);
	if (bench_refused(b->handle))
		return 0;
	bench_place(b->handle, size, 1);
	b->size = (uint32_t)size;
	b->id = p->id++;
	bench_fill(b->id, b->handle, 0, size);
	p->n++;
	p->bytes += size;
	return size;
}

static void pool_death(struct pool *p, size_t i)
{
	struct bench_block *b = &p->block[i];

	bench_verify(b->id, b->handle, b->size);
	bench_adapter.free(p->heap, b->handle, b->size);
	p->bytes -= b->size;
	*b = p->block[--p->n];
}

static double pool_fill(struct pool *p)
{
	while (pool_birth(p))
		;
	return (double)p->bytes / (double)run.heap;
}

static void pool_init(struct pool *p, enum bench_dist dist, uint64_t seed)
{
	*p = (struct pool){
		.heap = bench_boot(),
		.block = bench_zalloc(run.heap / SMALLEST + 1, sizeof(*p->block)),
		.dist = dist,
	};
	bench_seed(seed + dist);
}

static void util_fresh(enum bench_dist dist, struct util_result *r)
{
	struct pool p;

	pool_init(&p, dist, SEED_FRESH);
	r->fresh = pool_fill(&p);
	while (p.n)
		pool_death(&p, p.n - 1 - bench_below(p.n));
	bench_sound(p.heap, 0, "after the fresh fill");
}

static void util_turn_over(struct pool *p, struct util_result *r)
{
	size_t target = run.heap / 10 * 7, turned = 0, stuck = 0;

	while (turned < TURNOVERS * target && stuck < STUCK_MAX) {
		size_t got;

		if (p->bytes >= target) {
			pool_death(p, bench_below(p->n));
			continue;
		}
		got = pool_birth(p);
		turned += got;
		stuck = got ? 0 : stuck + 1;
		r->refused += !got;
		if (!got && p->n)
			pool_death(p, bench_below(p->n));
	}
}

static void util_aged(enum bench_dist dist, struct util_result *r)
{
	struct pool p;
	int round;

	pool_init(&p, dist, SEED_AGED + r->seed * SEED_STEP);
	util_turn_over(&p, r);
	r->aged += pool_fill(&p) / r->seeds;
	for (round = 0; round < ROUNDS; round++) {
		size_t kill = p.n / 20 + 1;
		double used;

		while (kill-- && p.n)
			pool_death(&p, bench_below(p.n));
		used = pool_fill(&p);
		if (round < ROUNDS - ROUNDS_COUNTED)
			continue;
		r->churn += used / ROUNDS_COUNTED / r->seeds;
		r->least = used < r->least ? used : r->least;
	}
	bench_sound(p.heap, p.n, "after the churn");
	r->live = p.n;
}

static void in_child(void (*part)(enum bench_dist dist, struct util_result *r),
		     enum bench_dist dist, struct util_result *r)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		part(dist, r);
		_exit(EXIT_SUCCESS);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		error(EXIT_FAILURE, errno, "running a part");
	if (status)
		error(EXIT_FAILURE, 0, "a part failed");
}

/**
 * bench_util() - measure and print every distribution the region is large enough for
 */
void bench_util(void)
{
	static const char *const names[BENCH_DISTS] = { "mix", "power", "small", "fixed" };
	struct util_result *r =
		mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int dist;

	if (r == MAP_FAILED)
		error(EXIT_FAILURE, errno, "mapping the results");
	for (dist = 0; dist < BENCH_DISTS; dist++) {
		if (dist == BENCH_LARGE && run.heap < 1 << 20)
			continue;
		if (run.dist && strcmp(run.dist, names[dist]))
			continue;
		if ((bench_adapter.flags & BENCH_FIXED) && dist != BENCH_FIX)
			continue;
		*r = (struct util_result){
			.seeds = dist == BENCH_LARGE ? SEEDS_MANY : 1,
			.least = 1,
		};
		in_child(util_fresh, dist, r);
		for (; r->seed < r->seeds; r->seed++)
			in_child(util_aged, dist, r);
		bench_print_run("util");
		printf(" dist=%s fresh=%.6f aged=%.6f churn=%.6f least=%.6f", names[dist], r->fresh,
		       r->aged, r->churn, r->least);
		printf(" refused=%zu live=%zu\n", r->refused, r->live);
	}
}
