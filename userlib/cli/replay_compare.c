// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One row of the comparison: the passes, and what follows from them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay_compare.h"
#include "util.h"

#define UNIT (64 * 1024ULL)

uint64_t replay_default_bytes(const struct replay_trace *trace)
{
	return (trace->peak_bytes + trace->peak_bytes / 2 + 2 * UNIT - 1) / UNIT * UNIT;
}

/* One pass over a fresh heap of all of @place, with blocks of @block_size where they have one. */
static int run_pass(const struct replay_plan *plan, const struct replay_place *place,
		    const struct replay_engine *engine, uint64_t block_size,
		    struct replay_pass *pass)
{
	const struct replay_params params = { .block_size = block_size,
					      .hardening = plan->params.hardening };
	char why[384];
	int ret;

	if (engine->engine == MEMRIG_ENGINE_SLAB)
		pass->slab_bytes = block_size;
	pass->trace = plan->trace;
	pass->base = place->base;
	pass->no_align = engine->engine != MEMRIG_ENGINE_SYS_HEAP;
	ret = replay_heap_open(place, engine, &params, pass->mode == REPLAY_VERIFY, &pass->heap);
	if (ret)
		return ret;
	ret = replay_pass_run(pass, why, sizeof(why));
	memrig_heap_close(pass->heap);
	pass->heap = NULL;
	if (ret)
		fail("%s, %s: %s", place->kind->name, engine->name, why);
	return ret ? EXIT_FAILURE : 0;
}

/* ---- the smallest heap --------------------------------------------------------------- */

#define LEAST_GRAIN 64		 /* bytes: heaps are compared down to this, or to 1/256 */
#define LEAST_MOST  (1ULL << 40) /* no larger heap is tried */

/* 1: every request succeeds in @bytes, 0: not, or the heap cannot be that small. */
static int is_enough(const struct replay_plan *plan, const struct replay_engine *engine,
		     uint64_t bytes)
{
	struct replay_pass pass = { .mode = REPLAY_ALLOCATE, .stop_early = true };
	uint64_t block_size = replay_block_size(engine, plan->trace, plan->params.block_size);
	struct replay_place place;
	int ret;

	if (bytes < block_size)
		return 0;
	ret = replay_place_reserve(bytes, &place);
	if (ret)
		return ret;
	ret = run_pass(plan, &place, engine, block_size, &pass);
	replay_place_close(&place);
	if (ret == -EINVAL)
		return 0;
	if (ret)
		return -EIO;
	return pass.unfit ? -ENOTSUP : !pass.refused;
}

/* One that is enough, by doubling; *@low is one that is not. 0: there is none. */
static uint64_t find_enough(const struct replay_plan *plan, const struct replay_engine *engine,
			    uint64_t *low)
{
	uint64_t high = *low + *low / 16 + 4096;
	int enough;

	for (;;) {
		enough = is_enough(plan, engine, high);
		if (enough == 1)
			return high;
		/* A heap that is too small says of a large block that it can never fit. */
		if ((enough && enough != -ENOTSUP) || high > LEAST_MOST)
			return 0;
		if (enough == -ENOTSUP && high > 64 * (plan->trace->peak_bytes + UNIT))
			return 0;
		*low = high;
		high *= 2;
	}
}

/*
 * Which memory it is does not matter to this, so memory of the process serves; nor does who runs
 * the engine. 0: none was found.
 */
static uint64_t find_least(const struct replay_plan *plan, const struct replay_engine *engine)
{
	uint64_t low = plan->trace->peak_bytes / LEAST_GRAIN * LEAST_GRAIN;
	uint64_t high, middle, grain;
	int enough;

	engine = replay_engine_twin(engine);
	high = find_enough(plan, engine, &low);
	grain = high / 256 > LEAST_GRAIN ? high / 256 : LEAST_GRAIN;
	while (high && high - low > grain) {
		middle = (low + (high - low) / 2) / LEAST_GRAIN * LEAST_GRAIN;
		if (middle == low)
			break;
		enough = is_enough(plan, engine, middle);
		if (enough < 0 && enough != -ENOTSUP)
			return 0;
		if (enough == 1)
			high = middle;
		else
			low = middle;
	}
	return high;
}

static uint64_t least(struct replay_plan *plan, const struct replay_engine *engine)
{
	uint64_t *known =
		&plan->least[engine->engine][engine->placement == MEMRIG_PLACEMENT_INBAND];

	if (!*known)
		*known = find_least(plan, engine);
	return *known;
}

/* ---- passes -------------------------------------------------------------------------- */

static int time_passes(const struct replay_plan *plan, const struct replay_place *place,
		       struct replay_row *row)
{
	uint64_t best[2] = { UINT64_MAX, UINT64_MAX };
	unsigned int i, mode;
	int ret;

	for (i = 0; i < plan->repeat; i++) {
		for (mode = REPLAY_ALLOCATE; mode <= REPLAY_WRITE; mode++) {
			struct replay_pass pass = { .mode = mode };

			ret = run_pass(plan, place, row->engine, row->block_size, &pass);
			if (ret)
				return ret;
			if (pass.ns < best[mode])
				best[mode] = pass.ns;
		}
	}
	row->alloc_ns = best[REPLAY_ALLOCATE];
	row->write_ns = best[REPLAY_WRITE] > best[REPLAY_ALLOCATE]
				? best[REPLAY_WRITE] - best[REPLAY_ALLOCATE]
				: 0;
	return 0;
}

/* Each operation for itself; one that is slow in every pass is slow. */
static int cost_passes(const struct replay_plan *plan, const struct replay_place *place,
		       struct replay_row *row)
{
	struct replay_clock clock;
	struct replay_costs costs;
	unsigned int i;
	int ret;

	ret = replay_costs_open(&costs, plan->trace);
	if (ret)
		return fail("out of memory");
	replay_clock_open(&clock, row->engine->kernel);
	costs.unit = clock.unit;
	for (i = 0; !ret && i < plan->repeat; i++) {
		struct replay_pass pass = { .clock = &clock, .costs = &costs };

		ret = run_pass(plan, place, row->engine, row->block_size, &pass);
		if (clock.unit == REPLAY_INSTRUCTIONS && clock.word)
			break; /* an exact count is the same each time */
	}
	replay_clock_close(&clock);
	row->unit = costs.unit;
	replay_costs_spread(&costs, plan->trace, row->spread);
	replay_costs_close(&costs);
	return ret;
}

static int take_sample(struct replay_pass *pass, uint64_t op)
{
	struct replay_row *row =
		(struct replay_row *)((char *)pass - offsetof(struct replay_row, pass));

	return replay_samples_take(&row->samples, pass, op);
}

static int check_pass(const struct replay_plan *plan, const struct replay_place *place,
		      struct replay_row *row)
{
	row->pass.mode = REPLAY_VERIFY;
	row->pass.at_peak = plan->at_peak;
	row->pass.arg = plan->arg;
	if (plan->samples) {
		if (replay_samples_open(&row->samples, plan->samples))
			return fail("out of memory");
		row->pass.sample = take_sample;
		row->pass.every = (plan->trace->nr_ops + plan->samples - 1) / plan->samples;
	}
	return run_pass(plan, place, row->engine, row->block_size, &row->pass);
}

static int all_passes(struct replay_plan *plan, const struct replay_place *place,
		      struct replay_row *row)
{
	int ret;

	ret = time_passes(plan, place, row);
	if (!ret)
		ret = cost_passes(plan, place, row);
	if (!ret)
		ret = check_pass(plan, place, row);
	if (ret)
		return ret;
	row->peak_used = place->bytes - row->pass.peak.free_bytes;
	if (row->engine->placement != MEMRIG_PLACEMENT_INBAND) /* there it is part of the heap */
		row->peak_used += row->pass.peak.side_bytes;
	row->least = least(plan, row->engine);
	return 0;
}

int replay_compare(struct replay_plan *plan, const struct replay_kind *kind,
		   const struct replay_engine *engine, struct replay_row *row)
{
	struct replay_place place;
	char text[512];
	int ret;

	*row = (struct replay_row){ .kind = kind, .engine = engine };
	row->block_size = replay_block_size(engine, plan->trace, plan->params.block_size);
	/* At least one block, then, for what fits into it. */
	while (!plan->params.block_size && row->block_size > plan->bytes)
		row->block_size = 1ULL << (63 - __builtin_clzll(plan->bytes));
	ret = replay_place_open(plan->rig, kind, plan->bytes, &place);
	if (ret) {
		if (kind->kind)
			memrig_explain(NULL, text, sizeof(text));
		return fail("%s memory: %s", kind->name, kind->kind ? text : strerror(-ret));
	}
	row->type = place.type;
	ret = all_passes(plan, &place, row);
	if (ret < 0) {
		memrig_explain(NULL, text, sizeof(text));
		ret = fail("%s, %s: %s", kind->name, engine->name, text);
	}
	replay_place_close(&place);
	if (ret)
		replay_row_free(row);
	return ret;
}

void replay_row_free(struct replay_row *row)
{
	replay_samples_close(&row->samples);
}
