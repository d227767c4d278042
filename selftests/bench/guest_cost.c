// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What requests cost including the kernel, in instructions: runs in a guest whose clock is its
 * instruction counter (QEMU -icount shift=0: one nanosecond each, and the time stamp counter counts
 * those). Proves that first. Prints "# cost" lines for guest.py, and is a TAP program.
 *
 * With --machine: on a real one, in what that has, cycles of the processor if the kernel lets it
 * count them, else ticks of its clock. Nothing is proved then, and nothing is exact. Built with
 * MACHINE it does so without being told, as one of the device tests.
 */
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memrig/cache.h>

#include "guest_clock.h"

#ifndef MACHINE
#define MACHINE false
#endif

#define REGION	 (8u << 20)
#define ROUNDS	 400  /* of single measurements, of which the least counts */
#define LIVE	 128  /* blocks at a time in workloads */
#define FLOOD	 512  /* in the one that is to be too much for a cache */
#define REQUESTS 1024 /* of a workload */
#define RUNS	 12   /* of a workload, of which the least counts */
#define BATCHES	 ((const uint32_t[]){ 1, 4, 16, 64, 256 })
#define MOST	 256
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static unsigned int point;
static int failed;

static void ok(bool good, const char *what)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++point, what);
	failed |= !good;
}

static void must(int ret, const char *what)
{
	char text[400];

	if (!ret)
		return;
	memrig_explain(NULL, text, sizeof(text));
	printf("# %s: %s\n", what, text);
	ok(false, what);
	exit(1);
}

static unsigned int figures;
static bool plausible = true;
static double nothing; /* what a system call costs that does nothing */

/* No figure is nothing or without measure, and no request to the kernel is less than a call. */
static void judge(const char *who, const char *what, uint32_t batch, double cost)
{
	bool call = strcmp(who, "local") && (!strcmp(what, "alloc") || !strcmp(what, "free"));

	figures++;
	if (!strcmp(who, "syscall"))
		nothing = cost;
	if (cost > 0 && cost < 1e9 && (!call || batch || cost > nothing))
		return;
	printf("# that cannot be: %s, %s by %u\n", who, what, batch);
	plausible = false;
}

static void show(const char *who, const char *what, uint32_t batch, double cost)
{
	printf("# cost who=%s what=%s batch=%u %s=%.1f\n", who, what, batch, unit, cost);
	fflush(stdout);
	judge(who, what, batch, cost);
}

/* ---- single and batched requests ----------------------------------------------------- */

static void measure_single(const char *who, memrig_heap_t *heap)
{
	uint64_t alloc = UINT64_MAX, release = UINT64_MAX, offset, start;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		start = now();
		must(memrig_heap_alloc_at(heap, 0, 64, &offset, NULL), "alloc");
		least(&alloc, start);
		start = now();
		must(memrig_heap_free_at(heap, offset), "free");
		least(&release, start);
	}
	show(who, "alloc", 0, alloc);
	show(who, "free", 0, release);
}

static void measure_batch(const char *who, memrig_heap_t *heap, uint32_t count)
{
	uint64_t alloc = UINT64_MAX, release = UINT64_MAX, start, offsets[MOST];
	struct memrig_alloc_req reqs[MOST];
	uint32_t done, i;
	int round;

	for (round = 0; round < ROUNDS / 4; round++) {
		memset(reqs, 0, sizeof(reqs));
		for (i = 0; i < count; i++)
			reqs[i].bytes = 64;
		start = now();
		must(memrig_heap_alloc_batch(heap, reqs, count, 0, &done), "alloc_batch");
		least(&alloc, start);
		for (i = 0; i < count; i++)
			offsets[i] = reqs[i].offset;
		start = now();
		must(memrig_heap_free_batch(heap, offsets, done, &done), "free_batch");
		least(&release, start);
		if (done != count)
			must(-1, "a batch is short");
	}
	show(who, "alloc", count, (double)alloc / count);
	show(who, "free", count, (double)release / count);
}

static void measure_syscall(void)
{
	uint64_t took = UINT64_MAX, start;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		start = now();
		syscall(SYS_getppid);
		least(&took, start);
	}
	show("syscall", "getppid", 0, took);
}

/* ---- workloads: what a program does, through whatever it allocates with --------------- */

struct source {
	memrig_heap_t *heap;
	memrig_cache_t *cache;
};

static void *get(const struct source *source, size_t bytes)
{
	void *ptr = NULL;

	if (source->cache)
		must(memrig_cache_alloc(source->cache, 0, bytes, &ptr), "cache alloc");
	else if (source->heap)
		must(memrig_heap_alloc(source->heap, 0, bytes, &ptr), "alloc");
	else
		ptr = malloc(bytes);
	return ptr;
}

static void put(const struct source *source, void *ptr)
{
	if (source->cache)
		must(memrig_cache_free(source->cache, ptr), "cache free");
	else if (source->heap)
		must(memrig_heap_free(source->heap, ptr), "free");
	else
		free(ptr);
}

static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static void *live[FLOOD];

/* One at a time. */
static void pairs(const struct source *source)
{
	int i;

	for (i = 0; i < REQUESTS; i++)
		put(source, get(source, 64));
}

/* Random sizes, random lives: what most programs look like. */
static void churn(const struct source *source)
{
	uint64_t seed = 1;
	int i, n;

	for (i = 0; i < REQUESTS; i++) {
		n = (int)(draw(&seed) % LIVE);
		if (live[n])
			put(source, live[n]);
		live[n] = get(source, 16 + draw(&seed) % 500);
	}
	for (n = 0; n < LIVE; n++) {
		if (live[n])
			put(source, live[n]);
		live[n] = NULL;
	}
}

/* So many, then all of them back. */
static void rounds(const struct source *source, int blocks)
{
	int i, n;

	for (i = 0; i < REQUESTS / blocks; i++) {
		for (n = 0; n < blocks; n++)
			live[n] = get(source, 64);
		for (n = blocks - 1; n >= 0; n--)
			put(source, live[n]);
	}
	memset(live, 0, sizeof(live));
}

/* No more than a cache keeps. */
static void bursts(const struct source *source)
{
	rounds(source, LIVE);
}

/* Far more than that: most come from the heap and go back there, in batches. */
static void floods(const struct source *source)
{
	rounds(source, FLOOD);
}

static const struct {
	const char *name;
	void (*run)(const struct source *source);
} workloads[] = {
	{ "pairs", pairs },
	{ "churn", churn },
	{ "bursts", bursts },
	{ "floods", floods },
};

/*
 * An allocation and a free together. The first run makes what there is to make; of the others the
 * least counts: all do the same, and interrupts are not part of it.
 */
static void measure_workloads(const char *who, const struct source *source)
{
	uint64_t start, took;
	size_t w;
	int i;

	for (w = 0; w < COUNT(workloads); w++) {
		took = UINT64_MAX;
		for (i = 0; i < RUNS; i++) {
			start = now();
			workloads[w].run(source);
			least(&took, start);
		}
		show(who, workloads[w].name, 0, (double)took / REQUESTS);
	}
}

/* ---- all of it ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t engine;
	uint64_t block_size;
} engines[] = {
	{ "sys_heap", MEMRIG_ENGINE_SYS_HEAP, 0 },   { "slab", MEMRIG_ENGINE_SLAB, 64 },
	{ "blocks", MEMRIG_ENGINE_BLOCKS, 64 },	     { "ring", MEMRIG_ENGINE_RING, 0 },
	{ "first_fit", MEMRIG_ENGINE_FIRST_FIT, 0 }, { "best_fit", MEMRIG_ENGINE_BEST_FIT, 0 },
};

static void measure_engines(memrig_t *rig, memrig_region_t *region)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	memrig_heap_t *heap;
	size_t e, b;

	must(memrig_caps(rig, &caps), "caps");
	for (e = 0; e < COUNT(engines); e++) {
		struct memrig_heap_create args = {
			.size = sizeof(args),
			.placement = MEMRIG_PLACEMENT_OOB,
			.hardening = 1,
			.engine = engines[e].engine,
			.block_size = engines[e].block_size,
		};

		if (!(caps.engines & 1u << engines[e].engine))
			continue;
		must(memrig_heap_create(region, &args, &heap), engines[e].name);
		measure_single(engines[e].name, heap);
		for (b = 0; b < COUNT(BATCHES); b++)
			measure_batch(engines[e].name, heap, BATCHES[b]);
		memrig_heap_close(heap);
		ok(true, engines[e].name);
	}
}

static void measure_sources(memrig_region_t *region)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
	};
	struct source source = { 0 };
	memrig_heap_t *heap;

	measure_workloads("malloc", &source);
	must(memrig_local_create_over(region, &args, &heap), "local heap");
	measure_single("local", heap);
	measure_workloads("local", &(struct source){ .heap = heap });
	memrig_heap_close(heap);
	must(memrig_heap_create(region, &args, &heap), "kernel heap");
	measure_workloads("kernel", &(struct source){ .heap = heap });
	must(memrig_cache_create(heap, NULL, &source.cache), "cache");
	measure_workloads("cached", &source);
	memrig_cache_close(source.cache);
	memrig_heap_close(heap);
	ok(true, "workloads");
}

int main(int argc, char **argv)
{
	bool machine = MACHINE || (argc == 2 && !strcmp(argv[1], "--machine"));
	struct memrig_region_create args = {
		.size = sizeof(args),
		.kind = MEMRIG_KIND_PAGES,
		.attr = MEMRIG_ATTR_CACHED,
		.length = REGION,
		.node = MEMRIG_NODE_ANY,
	};
	const struct sched_param first = { .sched_priority = 50 };
	memrig_region_t *region;
	memrig_t *rig;
	void *map;

	/* Threads of the kernel that are still busy with having booted must not be measured. */
	ok(!sched_setscheduler(0, SCHED_FIFO, &first), "alone on the processor");
	if (machine)
		count_on_machine();
	else
		ok(clock_counts_instructions(), "the clock counts instructions");
	must(memrig_open(&rig), "open");
	must(memrig_region_create(rig, &args, &region), "region");
	must(memrig_region_map(region, &map), "map");
	memset(map, 0, REGION);
	measure_syscall();
	measure_engines(rig, region);
	measure_sources(region);
	memrig_region_unmap(region);
	memrig_region_close(region);
	memrig_close(rig);
	ok(plausible && figures > 40, "every figure is there and can be");
	printf("1..%u\n", point);
	return failed;
}
