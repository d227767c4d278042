// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Costs of operations and their distribution.
 */
#include "replay_cost.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP_BITS 3 /* log2 of REPLAY_COST_STEPS */

int replay_costs_open(struct replay_costs *costs, const struct replay_trace *trace)
{
	size_t bytes = (trace->nr_ops ? trace->nr_ops : 1) * sizeof(*costs->of);

	*costs = (struct replay_costs){ .nr = trace->nr_ops };
	costs->of = malloc(bytes);
	if (!costs->of)
		return -ENOMEM;
	memset(costs->of, 0xff, bytes);
	return 0;
}

void replay_costs_close(struct replay_costs *costs)
{
	free(costs->of);
	costs->of = NULL;
}

enum replay_cost_kind replay_cost_kind(const struct replay_op *op)
{
	switch (op->kind) {
	case MEMRIG_TRACE_FREE:
		return REPLAY_COST_FREE;
	case MEMRIG_TRACE_REALLOC:
		return REPLAY_COST_REALLOC;
	default:
		return REPLAY_COST_ALLOC;
	}
}

const char *replay_cost_kind_name(enum replay_cost_kind kind)
{
	static const char *const names[REPLAY_COST_KINDS] = {
		[REPLAY_COST_ALLOC] = "alloc",
		[REPLAY_COST_FREE] = "free",
		[REPLAY_COST_REALLOC] = "realloc",
	};

	return names[kind];
}

/* Below two steps each cost has a class of its own; above, the bits after the highest decide. */
unsigned int replay_cost_class(uint32_t cost)
{
	unsigned int shift;

	if (cost < 2 * REPLAY_COST_STEPS)
		return cost;
	shift = 31 - __builtin_clz(cost) - STEP_BITS;
	return shift * REPLAY_COST_STEPS + (cost >> shift);
}

uint32_t replay_cost_top(unsigned int class)
{
	unsigned int shift;
	uint64_t next;

	if (class < 2 * REPLAY_COST_STEPS)
		return class;
	shift = class / REPLAY_COST_STEPS - 1;
	next = (uint64_t)(class % REPLAY_COST_STEPS + REPLAY_COST_STEPS + 1) << shift;
	return (uint32_t)(next - 1);
}

void replay_costs_spread(const struct replay_costs *costs, const struct replay_trace *trace,
			 struct replay_spread *spread)
{
	size_t i;

	memset(spread, 0, REPLAY_COST_KINDS * sizeof(*spread));
	for (i = 0; i < costs->nr; i++) {
		struct replay_spread *s = &spread[replay_cost_kind(&trace->ops[i])];

		if (costs->of[i] == UINT32_MAX) /* nothing was called: its block was refused */
			continue;
		s->calls++;
		s->sum += costs->of[i];
		s->in[replay_cost_class(costs->of[i])]++;
		if (s->calls > 1 && costs->of[i] <= s->worst)
			continue;
		s->worst = costs->of[i];
		s->worst_op = i;
	}
}

uint32_t replay_spread_percentile(const struct replay_spread *spread, unsigned int permille)
{
	uint64_t wanted = (spread->calls * permille + 999) / 1000, seen = 0;
	unsigned int class;
	uint32_t top;

	for (class = 0; class < REPLAY_COST_CLASSES; class ++) {
		seen += spread->in[class];
		if (!seen || seen < wanted)
			continue;
		top = replay_cost_top(class);
		return top < spread->worst ? top : spread->worst;
	}
	return spread->worst;
}
