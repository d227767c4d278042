/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A random life of a window: faults, uses, writes, pins, failed evictions, busy pages, ticks and
 * changes of the policy, with checks after every step. For the unit test, for the fuzzer, and for
 * suites in the kernel: it needs nothing but the port.
 *
 * All policies: what is listed is exactly what should be, a victim is listed, not busy and has its
 * own dirty bit, a choice keeps its bound, and a busy window is called busy only when all of it is.
 * Those that are simple enough (fifo, lru, nru, clock, sieve) are besides written down a second
 * time, without lists, and must look at the same frames and choose the same victims.
 */
#ifndef EVICT_MODEL_H
#define EVICT_MODEL_H

#include "evict.h"

#define MODEL_FRAMES 12U
#define MODEL_PAGES  40U
#define MODEL_BYTES  2048U

/**
 * struct plain - a policy without lists
 * @queue: listed frames, the oldest first
 * @n: of them
 * @hand: sieve: frame, or MRIG_EVICT_NONE
 * @start: nru: first frame of the next choice
 * @newest: sieve: as the policy
 * @used: nru: by frame
 * @spent: looks of the choice
 */
struct plain {
	uint32_t queue[MODEL_FRAMES];
	uint32_t n;
	uint32_t hand;
	uint32_t start;
	uint32_t newest;
	bool used[MODEL_FRAMES];
	uint32_t spent;
};

/**
 * struct evict_model - a window
 * @rnd: a number below the one given; makes all decisions
 * @frames: of the window
 * @looks: bound that was asked for, 0: none
 * @e: policy at work
 * @page: by frame, what is in it, MRIG_EVICT_NONE: free
 * @pinned: by frame: holds a page, is not listed
 * @bits: by frame, as the policy sees and clears them
 * @bits2: the same for @plain
 * @trap: by frame: was looked at, and not used since
 * @spent: looks of the policy since a choice began
 * @bad_look: a frame was looked at that is not listed
 * @plain: the second implementation
 * @wrong: what does not hold, NULL: all does
 * @turn: which of the two @memory is in use
 */
struct evict_model {
	uint32_t (*rnd)(uint32_t below);
	uint32_t frames;
	uint32_t looks;
	struct mrig_evict *e;
	uint32_t page[MODEL_FRAMES];
	bool pinned[MODEL_FRAMES];
	uint8_t bits[MODEL_FRAMES];
	uint8_t bits2[MODEL_FRAMES];
	bool trap[MODEL_FRAMES];
	uint32_t spent;
	bool bad_look;
	struct plain plain;
	const char *wrong;
	unsigned int turn;
	uint64_t memory[2][MODEL_BYTES / sizeof(uint64_t)];
};

/* Begins with a policy of @rnd's choice. */
void evict_model_init(struct evict_model *m, uint32_t (*rnd)(uint32_t below));
/* One step. Returns NULL, or what does not hold. */
const char *evict_model_step(struct evict_model *m);

/* ---- the second implementation, evict_plain.c ------------------------------------------ */

bool plain_knows(const struct mrig_evict_ops *ops);
void plain_init(struct plain *p);
void plain_add(struct evict_model *m, uint32_t frame, enum mrig_evict_coming why);
void plain_remove(struct evict_model *m, uint32_t frame);
uint32_t plain_select(struct evict_model *m, uint32_t bound);
void plain_accessed(struct evict_model *m, uint32_t frame);
void plain_tick(struct evict_model *m);

#endif /* EVICT_MODEL_H */
