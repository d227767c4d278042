/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What each operation of a trace costs, and how that is distributed.
 *
 * Every timed pass does the same operations in the same order over a fresh heap, so an operation's
 * cost is the least that any pass saw: what came from outside (an interrupt, another program) is
 * rarely there twice. The worst operation is the highest of these.
 */
#ifndef MEMRIG_REPLAY_COST_H
#define MEMRIG_REPLAY_COST_H

#include "replay_clock.h"
#include "replay_trace.h"

#define REPLAY_COST_STEPS   8			     /* classes to a doubling */
#define REPLAY_COST_CLASSES (30 * REPLAY_COST_STEPS) /* of a 32-bit number */

/**
 * enum replay_cost_kind - operations that are told apart
 * @REPLAY_COST_ALLOC: malloc, calloc, memalign
 * @REPLAY_COST_FREE: free
 * @REPLAY_COST_REALLOC: realloc; a block that moves counts with its new one and its old one
 * @REPLAY_COST_KINDS: number of these
 */
enum replay_cost_kind {
	REPLAY_COST_ALLOC,
	REPLAY_COST_FREE,
	REPLAY_COST_REALLOC,
	REPLAY_COST_KINDS,
};

/**
 * struct replay_costs - of each operation
 * @unit: of all
 * @of: by number of the operation; UINT32_MAX: none so far
 * @nr: of operations
 */
struct replay_costs {
	enum replay_unit unit;
	uint32_t *of;
	size_t nr;
};

/**
 * struct replay_spread - how the costs of one kind are distributed
 * @calls: how many there are
 * @sum: of their costs
 * @worst: the highest
 * @worst_op: number of that operation
 * @in: number of calls by class
 */
struct replay_spread {
	uint64_t calls;
	uint64_t sum;
	uint32_t worst;
	uint64_t worst_op;
	uint64_t in[REPLAY_COST_CLASSES];
};

/**
 * replay_costs_open() - for a trace
 * @costs: out
 * @trace: to be replayed
 *
 * Return: 0 or -ENOMEM.
 */
int replay_costs_open(struct replay_costs *costs, const struct replay_trace *trace);

/**
 * replay_costs_close() - give the memory back
 * @costs: opened
 */
void replay_costs_close(struct replay_costs *costs);

/**
 * replay_costs_note() - what a pass saw
 * @costs: opened
 * @op: number of the operation
 * @cost: of it
 */
static inline void replay_costs_note(struct replay_costs *costs, uint64_t op, uint64_t cost)
{
	if (cost < costs->of[op])
		costs->of[op] = (uint32_t)cost;
}

/**
 * replay_cost_kind() - of an operation
 * @op: any
 *
 * Return: it.
 */
enum replay_cost_kind replay_cost_kind(const struct replay_op *op);

/**
 * replay_cost_kind_name() - as users read it
 * @kind: valid
 *
 * Return: its name.
 */
const char *replay_cost_kind_name(enum replay_cost_kind kind);

/**
 * replay_cost_class() - in which class a cost falls
 * @cost: any
 *
 * Return: its number; classes are of equal width on a logarithmic scale, each at most an eighth
 * wider than it begins.
 */
unsigned int replay_cost_class(uint32_t cost);

/**
 * replay_cost_top() - the highest cost of a class
 * @class: its number
 *
 * Return: that cost.
 */
uint32_t replay_cost_top(unsigned int class);

/**
 * replay_costs_spread() - the distribution
 * @costs: of a trace
 * @trace: that one
 * @spread: out: REPLAY_COST_KINDS of them
 */
void replay_costs_spread(const struct replay_costs *costs, const struct replay_trace *trace,
			 struct replay_spread *spread);

/**
 * replay_spread_percentile() - a cost that so many calls do not exceed
 * @spread: of some calls
 * @permille: of them, up to 1000
 *
 * Return: the top of the class in which that call falls, or the worst cost if that is lower; 0
 * without calls.
 */
uint32_t replay_spread_percentile(const struct replay_spread *spread, unsigned int permille);

#endif /* MEMRIG_REPLAY_COST_H */
