/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's demand paging under its own names, over windows.
 *
 * Addresses are those of windows that this process has mapped by memrig_window_map(); sizes and
 * addresses are multiples of the page size. Zephyr asserts that they are right. Here what is wrong
 * is refused: k_mem_page_out() returns -EFAULT (no window there), -EINVAL (not whole pages), -EBUSY
 * (pinned) or -EIO besides -ENOMEM; the calls that return nothing report it (memrig_on_misuse()).
 * What was done to the first pages is not undone.
 *
 * Figures are sums over those windows.
 */
#ifndef MEMRIG_K_MEM_PAGING_H
#define MEMRIG_K_MEM_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <memrig/sync/k_thread.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS
#define CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS 10
#endif

/**
 * struct k_mem_paging_stats_t - what paging has done
 * @pagefaults: pages that got a frame
 * @pagefaults.cnt: all of them
 * @pagefaults.irq_locked: those that the kernel touched or asked for, on behalf of a program
 * @pagefaults.irq_unlocked: those that a program touched
 * @pagefaults.in_isr: 0: interrupts do not touch windows
 * @eviction: pages that left because another needed the frame
 * @eviction.clean: without being written
 * @eviction.dirty: after they were written
 */
struct k_mem_paging_stats_t {
	struct {
		unsigned long cnt;
		unsigned long irq_locked;
		unsigned long irq_unlocked;
		unsigned long in_isr;
	} pagefaults;
	struct {
		unsigned long clean;
		unsigned long dirty;
	} eviction;
};

/**
 * struct k_mem_paging_histogram_t - how long something took
 * @counts: how often a time was not above the bound, and above the one before
 * @bounds: in nanoseconds, which are the cycles of k_cycle_get_64()
 */
struct k_mem_paging_histogram_t {
	unsigned long counts[CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS];
	unsigned long bounds[CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS];
};

int k_mem_page_out(void *addr, size_t size);
void k_mem_page_in(void *addr, size_t size);
void k_mem_pin(void *addr, size_t size);
void k_mem_unpin(void *addr, size_t size);

unsigned long k_mem_num_pagefaults_get(void);
void k_mem_paging_stats_get(struct k_mem_paging_stats_t *stats);
void k_mem_paging_thread_stats_get(struct k_thread *thread, struct k_mem_paging_stats_t *stats);

/* The functions below for any number of bins. -EINVAL: @which, or no bins. */
int memrig_paging_histogram(uint32_t which, unsigned long *counts, unsigned long *bounds,
			    uint32_t bins);

static inline void memrig_paging_histogram_get(uint32_t which,
					       struct k_mem_paging_histogram_t *hist)
{
	if (hist)
		memrig_paging_histogram(which, hist->counts, hist->bounds,
					CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS);
}

/* Choosing a page that is to leave. */
static inline void k_mem_paging_histogram_eviction_get(struct k_mem_paging_histogram_t *hist)
{
	memrig_paging_histogram_get(0, hist);
}

/* Reading a page from the store. */
static inline void
k_mem_paging_histogram_backing_store_page_in_get(struct k_mem_paging_histogram_t *hist)
{
	memrig_paging_histogram_get(1, hist);
}

/* Writing a page to the store. */
static inline void
k_mem_paging_histogram_backing_store_page_out_get(struct k_mem_paging_histogram_t *hist)
{
	memrig_paging_histogram_get(2, hist);
}

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_K_MEM_PAGING_H */
