// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One operation of a trace.
 *
 * A reallocation is tried in place first; where that fails this file allocates, copies and frees,
 * so that the copy is counted as use of the memory and not as time of the allocator.
 */
#include "replay_step.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "replay_pattern.h"

/* The heap did what no heap may do. */
int replay_broken(struct replay_walk *run, int error, const char *what)
{
	char text[256] = "";

	if (error != -EPROTO)
		memrig_explain(NULL, text, sizeof(text));
	snprintf(run->why, run->len, "operation %" PRIu64 ": %s%s%s", run->op, what,
		 text[0] ? ": " : "", text);
	return error;
}

int replay_look(struct replay_walk *run, struct memrig_heap_stat *stat)
{
	int ret;

	stat->size = sizeof(*stat);
	stat->flags = 0;
	ret = memrig_heap_stat(run->pass->heap, stat);
	return ret ? replay_broken(run, ret, "the heap gave no figures") : 0;
}

static int note_fragmented(struct replay_walk *run)
{
	struct replay_pass *pass = run->pass;
	struct memrig_heap_stat stat;
	int ret;

	pass->fragmented++;
	if (pass->mode != REPLAY_VERIFY)
		return 0;
	ret = replay_look(run, &stat);
	if (!ret && stat.free_bytes > pass->most_unusable)
		pass->most_unusable = stat.free_bytes;
	return ret;
}

/* Is the alignment all that this heap objects to? Those of sys_heap do any. */
static bool is_alignment(const struct replay_walk *run, const struct replay_op *op, int error)
{
	const struct replay_pass *pass = run->pass;

	if (op->kind != MEMRIG_TRACE_ALLOC_ALIGNED)
		return false;
	if (pass->slab_bytes)
		return pass->slab_bytes % (1ULL << op->align);
	return pass->no_align && (error == -EINVAL || error == -EOPNOTSUPP);
}

static int refused(struct replay_walk *run, const struct replay_op *op, int error)
{
	const struct memrig_failure *failure = memrig_failure();
	struct replay_pass *pass = run->pass;

	/* In a heap smaller than the block that is how "can never fit" is said. */
	if ((error == -EINVAL && failure->reason == MEMRIG_REASON_TOO_LARGE) ||
	    is_alignment(run, op, error))
		pass->unfit++;
	else if (error != -ENOMEM)
		return replay_broken(run, error, "an allocation failed");
	else if (failure->reason == MEMRIG_REASON_TOO_LARGE)
		pass->unfit++;
	if (!pass->refused++) {
		pass->first_refused = run->op;
		pass->first_failure = *failure;
	}
	if (error == -ENOMEM && failure->reason == MEMRIG_REASON_FRAGMENTED &&
	    !is_alignment(run, op, error))
		return note_fragmented(run);
	return 0;
}

/* ---- calls of the allocator, measured if that is wanted ------------------------------- */

static inline uint64_t before(const struct replay_walk *run)
{
	return run->pass->clock ? replay_clock_read(run->pass->clock) : 0;
}

static inline void after(struct replay_walk *run, uint64_t start)
{
	const struct replay_clock *clock = run->pass->clock;
	uint64_t cost;

	if (!clock)
		return;
	cost = replay_clock_read(clock) - start;
	run->cost += cost > clock->overhead ? cost - clock->overhead : 0;
	run->called = true;
}

static int call_alloc(struct replay_walk *run, uint64_t align, uint64_t bytes,
		      struct replay_slot *block)
{
	uint64_t start = before(run);
	int ret =
		memrig_heap_alloc_at(run->pass->heap, align, bytes, &block->offset, &block->usable);

	after(run, start);
	return ret;
}

static int call_free(struct replay_walk *run, const struct replay_slot *block)
{
	uint64_t start = before(run);
	int ret = memrig_heap_free_at(run->pass->heap, block->offset);

	after(run, start);
	if (ret)
		return replay_broken(run, ret, "a block could not be freed");
	run->pass->live_bytes -= block->bytes;
	run->pass->live_usable -= block->usable;
	return 0;
}

static int call_resize(struct replay_walk *run, uint64_t *offset, uint64_t bytes, uint64_t *usable)
{
	uint64_t start = before(run);
	int ret = memrig_heap_realloc_at(run->pass->heap, offset, 0, bytes, MEMRIG_REALLOC_IN_PLACE,
					 usable);

	after(run, start);
	return ret;
}

/* ---- operations ---------------------------------------------------------------------- */

static void check_content(struct replay_walk *run, const struct replay_slot *block, uint64_t bytes)
{
	struct replay_pass *pass = run->pass;
	const uint8_t *p = pass->base + block->offset;
	uint64_t at;

	if (pass->mode != REPLAY_VERIFY)
		return;
	at = replay_pattern_check(p, bytes, block->key);
	if (at == bytes || pass->mismatches++)
		return;
	pass->first_mismatch = (struct replay_mismatch){
		.op = run->op,
		.block = block->offset,
		.at = at,
		.bytes = bytes,
		.expected = replay_pattern_byte(at, block->key),
		.found = p[at],
	};
}

/* Fill what the block has beyond @from. */
static void write_content(struct replay_walk *run, const struct replay_slot *block, uint64_t from)
{
	if (run->pass->mode != REPLAY_ALLOCATE)
		replay_pattern_fill(run->pass->base + block->offset, from, block->bytes,
				    block->key);
}

/* Where a new block may lie: in the heap, aligned, as long as asked for. */
static int check_place(struct replay_walk *run, uint64_t offset, uint64_t usable, uint64_t bytes,
		       uint64_t align)
{
	const struct replay_pass *pass = run->pass;
	uint64_t address = (uintptr_t)pass->base + offset;

	if (usable < bytes)
		return replay_broken(run, -EPROTO, "the block is shorter than asked for");
	if (address & ((align > sizeof(void *) ? align : sizeof(void *)) - 1))
		return replay_broken(run, -EPROTO, "the block is not aligned as asked for");
	return 0;
}

static int get_block(struct replay_walk *run, const struct replay_op *op, struct replay_slot *block)
{
	uint64_t align = op->kind == MEMRIG_TRACE_ALLOC_ALIGNED ? 1ULL << op->align : 0;
	uint64_t bytes = op->bytes ? op->bytes : 1; /* malloc(0) is a block, too */
	int ret;

	ret = call_alloc(run, align, bytes, block);
	if (ret) {
		block->offset = REPLAY_NOWHERE;
		return refused(run, op, ret);
	}
	block->bytes = op->bytes;
	run->pass->live_bytes += block->bytes;
	run->pass->live_usable += block->usable;
	return check_place(run, block->offset, block->usable, bytes, align);
}

static int do_alloc(struct replay_walk *run, const struct replay_op *op)
{
	struct replay_slot *block = &run->slots[op->slot];
	int ret = get_block(run, op, block);

	if (ret || block->offset == REPLAY_NOWHERE)
		return ret;
	block->key = replay_pattern_key(run->op);
	write_content(run, block, 0);
	return 0;
}

int replay_step_free(struct replay_walk *run, struct replay_slot *block)
{
	int ret;

	if (block->offset == REPLAY_NOWHERE)
		return 0;
	check_content(run, block, block->bytes);
	ret = call_free(run, block);
	block->offset = REPLAY_NOWHERE;
	return ret;
}

static int move_block(struct replay_walk *run, const struct replay_op *op,
		      struct replay_slot *block)
{
	struct replay_slot moved = *block;
	struct replay_slot old = *block;
	uint64_t keep = old.bytes < op->bytes ? old.bytes : op->bytes;
	int ret;

	ret = get_block(run, op, &moved);
	if (ret || moved.offset == REPLAY_NOWHERE)
		return ret; /* as realloc() does, keep the old block */
	if (run->pass->mode != REPLAY_ALLOCATE)
		memcpy(run->pass->base + moved.offset, run->pass->base + old.offset, keep);
	check_content(run, &moved, keep);
	*block = moved;
	run->pass->moves++;
	return call_free(run, &old);
}

static int do_realloc(struct replay_walk *run, const struct replay_op *op)
{
	struct replay_slot *block = &run->slots[op->slot];
	uint64_t old_bytes = block->bytes, offset = block->offset, usable;
	uint64_t bytes = op->bytes ? op->bytes : 1;
	int ret;

	if (block->offset == REPLAY_NOWHERE)
		return do_alloc(run, op);
	check_content(run, block, old_bytes);
	ret = call_resize(run, &offset, bytes, &usable);
	if (!ret) {
		if (offset != block->offset)
			return replay_broken(run, -EPROTO, "a block moved against orders");
		run->pass->live_bytes += op->bytes - block->bytes;
		run->pass->live_usable += usable - block->usable;
		block->bytes = op->bytes;
		block->usable = usable;
		run->pass->in_place++;
		ret = check_place(run, offset, usable, bytes, 0);
	} else if (ret == -ENOMEM || ret == -EINVAL) {
		ret = move_block(run, op, block);
	} else {
		ret = replay_broken(run, ret, "a block could not be reallocated");
	}
	if (!ret && block->bytes > old_bytes)
		write_content(run, block, old_bytes);
	return ret;
}

int replay_step(struct replay_walk *run, const struct replay_op *op)
{
	switch (op->kind) {
	case MEMRIG_TRACE_FREE:
		return replay_step_free(run, &run->slots[op->slot]);
	case MEMRIG_TRACE_REALLOC:
		return do_realloc(run, op);
	default:
		return do_alloc(run, op);
	}
}
