/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A trace played to a policy, and to Belady, who knows the future.
 *
 * The window that is modelled is what hardware gives: every use sets the accessed bit of its page,
 * the one that faulted included; writes set the dirty bit; the policy sees bits when it looks. The
 * first use after a look faults once more for a policy that wants to hear of it (a *trap*).
 */
#ifndef MEMRIG_EVICT_PLAY_H
#define MEMRIG_EVICT_PLAY_H

#include "evict.h"
#include "page_trace.h"

/**
 * struct evict_result - what came of it
 * @misses: faults, first uses included
 * @evictions: of them, that evicted a page
 * @writebacks: evictions of pages that had been written
 * @looks: at frames, for choices and arrivals
 * @ticks: at frames, for ticks
 * @most: looks of one fault
 * @traps: uses that the policy heard of
 */
struct evict_result {
	uint64_t misses;
	uint64_t evictions;
	uint64_t writebacks;
	uint64_t looks;
	uint64_t ticks;
	uint32_t most;
	uint64_t traps;
};

/**
 * struct evict_rules - how a trace is played
 * @frames: of the window
 * @looks: most looks of a fault, 0: as the policy has it
 * @tick: references between ticks
 * @seed: of policies that draw lots
 */
struct evict_rules {
	uint32_t frames;
	uint32_t looks;
	uint64_t tick;
	uint64_t seed;
};

/* Both return 0 or EXIT_FAILURE, having said why. @next: page_trace_next(). */
int evict_play(const struct page_trace *trace, const struct mrig_evict_ops *ops,
	       const struct evict_rules *rules, struct evict_result *result);
int evict_belady(const struct page_trace *trace, const uint32_t *next, uint32_t frames,
		 struct evict_result *result);

#endif /* MEMRIG_EVICT_PLAY_H */
