// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One row of the comparison: the passes, and what follows from them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay_compare.h"
#include "util.h"

#define UNIT	       (64 * 1024ULL)
#define LEAST_GRAIN    64 /* bytes: heaps are compared down to this, or to 1/256 */
#define LEAST_GROW_MAX 8  /* times the heap grows by half in search of one that is enough */

uint64_t replay_default_bytes(const struct replay_trace *trace)
{
	return (trace->peak_bytes + trace->peak_bytes / 2 + 2 * UNIT - 1) / UNIT * UNIT;
}

/* One pass over a fresh heap of @bytes. */
static int run_pass(const struct replay_plan *plan, const struct replay_place *place,
		    enum replay_headers headers, uint64_t bytes, struct replay_pass *pass)
{
	char why[384];
	int ret;

	pass->trace = plan->trace;
	pass->base = place->base;
	ret = replay_heap_open(place, headers, bytes, plan->hardening, pass->mode == REPLAY_VERIFY,
			       &pass->heap);
	if (ret)
		return ret;
	ret = replay_pass_run(pass, why, sizeof(why));
	memrig_heap_close(pass->heap);
	pass->heap = NULL;
	if (ret)
		fail("%s, %s: %s", place->kind->name, replay_headers_name(headers), why);
	return ret ? EXIT_FAILURE : 0;
}

/* ---- the smallest heap --------------------------------------------------------------- */

/* 1: every request succeeds in @bytes, 0: not, or the heap cannot be that small. */
static int is_enough(const struct replay_plan *plan, enum replay_headers headers, uint64_t bytes)
{
	const struct replay_kind *kind = replay_kind_find("process");
	struct replay_pass pass = { .mode = REPLAY_ALLOCATE, .stop_early = true };
	struct replay_place place;
	int ret;

	ret = replay_place_open(NULL, kind, bytes, &place);
	if (ret)
		return ret;
	ret = run_pass(plan, &place, headers, bytes, &pass);
	replay_place_close(&place);
	if (ret == -EINVAL)
		return 0;
	return ret ? -EIO : !pass.refused;
}

/*
 * Which memory it is does not matter to this, so memory of the process serves; nor does who runs
 * the engine. 0: none was found.
 */
static uint64_t find_least(const struct replay_plan *plan, enum replay_headers headers)
{
	uint64_t low = plan->trace->peak_bytes / LEAST_GRAIN * LEAST_GRAIN;
	uint64_t grain = low / 256 > LEAST_GRAIN ? low / 256 : LEAST_GRAIN;
	uint64_t high = low + low / 16 + 4096, middle;
	unsigned int i;
	int enough = 0;

	if (headers == REPLAY_KERNEL)
		headers = REPLAY_OOB;
	for (i = 0; i < LEAST_GROW_MAX && !enough; i++) {
		enough = is_enough(plan, headers, high);
		if (enough)
			break;
		low = high;
		high += high / 2;
	}
	if (enough != 1)
		return 0;
	while (high - low > grain) {
		middle = (low + (high - low) / 2) / LEAST_GRAIN * LEAST_GRAIN;
		if (middle == low)
			break;
		enough = is_enough(plan, headers, middle);
		if (enough < 0)
			return 0;
		if (enough)
			high = middle;
		else
			low = middle;
	}
	return high;
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

			ret = run_pass(plan, place, row->headers, place->bytes, &pass);
			if (ret)
				return ret;
			if (pass.ns >= best[mode])
				continue;
			best[mode] = pass.ns;
			if (mode == REPLAY_ALLOCATE)
				row->instructions = pass.instructions;
		}
	}
	row->alloc_ns = best[REPLAY_ALLOCATE];
	row->write_ns = best[REPLAY_WRITE] > best[REPLAY_ALLOCATE]
				? best[REPLAY_WRITE] - best[REPLAY_ALLOCATE]
				: 0;
	return 0;
}

static int all_passes(struct replay_plan *plan, const struct replay_place *place,
		      struct replay_row *row)
{
	int ret;

	ret = time_passes(plan, place, row);
	if (ret)
		return ret;
	row->pass.mode = REPLAY_VERIFY;
	row->pass.at_peak = plan->at_peak;
	row->pass.arg = plan->arg;
	ret = run_pass(plan, place, row->headers, place->bytes, &row->pass);
	if (ret)
		return ret;
	row->peak_used = place->bytes - row->pass.peak.free_bytes;
	if (row->headers != REPLAY_INBAND) /* in-band it is part of the heap */
		row->peak_used += row->pass.peak.side_bytes;
	if (!plan->least[row->headers])
		plan->least[row->headers] = find_least(plan, row->headers);
	row->least = plan->least[row->headers];
	return 0;
}

int replay_compare(struct replay_plan *plan, const struct replay_kind *kind,
		   enum replay_headers headers, struct replay_row *row)
{
	struct replay_place place;
	int ret;

	*row = (struct replay_row){ .kind = kind, .headers = headers };
	ret = replay_place_open(plan->rig, kind, plan->bytes, &place);
	if (ret) {
		fprintf(stderr, "memrig: %s memory: ", kind->name);
		if (kind->kind) {
			char text[512];

			memrig_explain(NULL, text, sizeof(text));
			fprintf(stderr, "%s\n", text);
		} else {
			fprintf(stderr, "%s\n", strerror(-ret));
		}
		return EXIT_FAILURE;
	}
	row->type = place.type;
	ret = all_passes(plan, &place, row);
	if (ret < 0)
		ret = report();
	replay_place_close(&place);
	return ret;
}
