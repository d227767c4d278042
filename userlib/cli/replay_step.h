/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One operation of a trace: what replay_run.c does over and over.
 */
#ifndef MEMRIG_REPLAY_STEP_H
#define MEMRIG_REPLAY_STEP_H

#include "replay_run.h"

#define REPLAY_NOWHERE UINT64_MAX

/**
 * struct replay_slot - what lives in a slot
 * @offset: of the block; REPLAY_NOWHERE: nothing, or its allocation was refused
 * @bytes: asked for
 * @usable: bytes of the block
 * @key: of its content
 */
struct replay_slot {
	uint64_t offset;
	uint64_t bytes;
	uint64_t usable;
	uint64_t key;
};

/**
 * struct replay_walk - a pass on its way
 * @pass: which
 * @slots: of the trace
 * @op: number of the current operation
 * @cost: of its calls so far
 * @called: there were any
 * @why: room for what is wrong with the heap
 * @len: of @why
 */
struct replay_walk {
	struct replay_pass *pass;
	struct replay_slot *slots;
	uint64_t op;
	uint64_t cost;
	bool called;
	char *why;
	size_t len;
};

/**
 * replay_broken() - the heap did what no heap may do
 * @run: pass
 * @error: negative errno; with -EPROTO the library has nothing to say about it
 * @what: in words
 *
 * Return: @error.
 */
int replay_broken(struct replay_walk *run, int error, const char *what);

/**
 * replay_look() - figures of the heap
 * @run: pass
 * @stat: out
 *
 * Return: 0 or a negative errno, explained.
 */
int replay_look(struct replay_walk *run, struct memrig_heap_stat *stat);

/**
 * replay_step() - do the current operation
 * @run: pass
 * @op: the operation
 *
 * Return: 0, also when the request was refused, or a negative errno, explained.
 */
int replay_step(struct replay_walk *run, const struct replay_op *op);

/**
 * replay_step_free() - free what is in a slot
 * @run: pass
 * @slot: of it; may be empty
 *
 * Return: 0 or a negative errno, explained.
 */
int replay_step_free(struct replay_walk *run, struct replay_slot *slot);

#endif /* MEMRIG_REPLAY_STEP_H */
