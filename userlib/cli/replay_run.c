// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One pass of a trace over one heap.
 */
#include "replay_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "replay_step.h"

static int at_peak(struct replay_walk *run)
{
	struct replay_pass *pass = run->pass;
	int ret;

	pass->peak_bytes = pass->live_bytes;
	pass->peak_usable = pass->live_usable;
	ret = replay_look(run, &pass->peak);
	if (!ret && pass->at_peak)
		ret = pass->at_peak(pass);
	return ret;
}

/* What a checking pass does between two operations. */
static int look_around(struct replay_walk *run)
{
	struct replay_pass *pass = run->pass;
	int ret = 0;

	if (run->op == pass->trace->peak_op)
		ret = at_peak(run);
	if (ret || !pass->sample)
		return ret;
	if ((run->op + 1) % pass->every && run->op + 1 != pass->trace->nr_ops)
		return 0;
	ret = pass->sample(pass, run->op);
	return ret ? replay_broken(run, ret, "the heap could not be looked at") : 0;
}

static int do_ops(struct replay_walk *run)
{
	struct replay_pass *pass = run->pass;
	const struct replay_trace *trace = pass->trace;
	int ret;

	for (run->op = 0; run->op < trace->nr_ops; run->op++) {
		run->cost = 0;
		run->called = false;
		ret = replay_step(run, &trace->ops[run->op]);
		if (ret)
			return ret;
		if (run->called)
			replay_costs_note(pass->costs, run->op, run->cost);
		if (pass->refused && pass->stop_early)
			return 0;
		if (pass->mode != REPLAY_VERIFY)
			continue;
		ret = look_around(run);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_empty(struct replay_walk *run)
{
	struct memrig_heap_stat stat;
	uint32_t invariant = 0;
	uint64_t offset;
	int ret;

	ret = memrig_heap_validate(run->pass->heap, &invariant, &offset);
	if (ret)
		return replay_broken(run, ret, "the heap could not be validated");
	if (invariant) {
		snprintf(run->why, run->len, "the heap is damaged: invariant %u at offset %" PRIu64,
			 invariant, offset);
		return -EIO;
	}
	ret = replay_look(run, &stat);
	if (!ret && stat.live_blocks)
		ret = replay_broken(run, -EPROTO, "blocks are left when all were freed");
	return ret;
}

static int finish(struct replay_walk *run)
{
	struct replay_pass *pass = run->pass;
	uint32_t slot;
	int ret = 0;

	if (pass->mode == REPLAY_VERIFY)
		ret = replay_look(run, &pass->end);
	for (slot = 0; !ret && slot < pass->trace->nr_slots; slot++)
		ret = replay_step_free(run, &run->slots[slot]);
	if (!ret && pass->mode == REPLAY_VERIFY)
		ret = check_empty(run);
	return ret;
}

/* Time of this thread: what other programs do meanwhile does not count. */
static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int replay_pass_run(struct replay_pass *pass, char *why, size_t len)
{
	struct replay_walk run = { .pass = pass, .why = why, .len = len };
	size_t slots = pass->trace->nr_slots;
	uint64_t start;
	size_t i;
	int ret;

	run.slots = calloc(slots ? slots : 1, sizeof(*run.slots));
	if (!run.slots)
		return replay_broken(&run, -ENOMEM, "no memory to remember the blocks");
	for (i = 0; i < slots; i++)
		run.slots[i].offset = REPLAY_NOWHERE;
	start = now_ns();
	ret = do_ops(&run);
	pass->ns = now_ns() - start;
	pass->clock = NULL; /* what is left is freed without being measured */
	if (!ret && !(pass->refused && pass->stop_early))
		ret = finish(&run);
	free(run.slots);
	return ret;
}
