/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What guest_cost.c counts: instructions by the clock of a guest for which that is the same, or
 * what a real machine has.
 */
#ifndef BENCH_GUEST_CLOCK_H
#define BENCH_GUEST_CLOCK_H

#include <linux/perf_event.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is counted; and the file that counts it, or -1: the clock. */
static const char *unit = "insns";
static int counter = -1;

/* The clock that the processor reads itself. */
#ifdef __aarch64__
#define CLOCK "ticks of the generic timer"

static inline uint64_t clock_ticks(void)
{
	uint64_t count;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(count)::"memory");
	return count;
}
#else
#define CLOCK "ticks of the time stamp counter"

static inline uint64_t clock_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}
#endif

static inline uint64_t now(void)
{
	uint64_t count;

	if (counter < 0)
		return clock_ticks();
	if (read(counter, &count, sizeof(count)) != sizeof(count))
		exit(1);
	return count;
}

static uint64_t overhead;

static uint64_t nops(bool twice)
{
	uint64_t start, took, least = UINT64_MAX;
	int i;

	for (i = 0; i < 20; i++) {
		start = now();
		__asm__ volatile(".rept 1000\n\tnop\n\t.endr");
		if (twice)
			__asm__ volatile(".rept 1000\n\tnop\n\t.endr");
		took = now() - start;
		if (took < least)
			least = took;
	}
	return least;
}

/* What it costs to look at the clock twice. */
static void measure_overhead(void)
{
	uint64_t start, took;
	int i;

	overhead = UINT64_MAX;
	for (i = 0; i < 400; i++) {
		start = now();
		took = now() - start;
		if (took < overhead)
			overhead = took;
	}
}

static bool clock_counts_instructions(void)
{
	uint64_t once = nops(false), twice = nops(true);

	measure_overhead();
	printf("# 1000 instructions count as %lu\n", (unsigned long)(twice - once));
	/* The branch in between may count. */
	return twice - once >= 1000 && twice - once <= 1002 && overhead < 20;
}

/* Count what this machine has, of this thread on this processor, the kernel included. */
static inline void count_on_machine(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.exclude_hv = 1,
	};
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	sched_setaffinity(0, sizeof(here), &here);
	counter = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	unit = counter < 0 ? "ticks" : "cycles";
	printf("# counted: %s\n", counter < 0 ? CLOCK : "cycles of the processor");
	measure_overhead();
}

static inline void least(uint64_t *kept, uint64_t start)
{
	uint64_t took = now() - start - overhead;

	if (took < *kept)
		*kept = took;
}

#endif /* BENCH_GUEST_CLOCK_H */
