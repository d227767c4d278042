// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One pass of a trace over one heap.
 *
 * A reallocation is tried in place first; where that fails this file allocates, copies and frees,
 * so that the copy is counted as use of the memory and not as time of the allocator.
 */
#include "replay_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "replay_counter.h"
#include "replay_pattern.h"

#define NOWHERE UINT64_MAX

/* What lives in a slot. */
struct block {
	uint64_t offset; /* NOWHERE: nothing, or its allocation was refused */
	uint64_t bytes;
	uint64_t key;
};

struct run {
	struct replay_pass *pass;
	struct block *blocks;
	uint64_t op; /* number of the current one */
	char *why;
	size_t len;
};

/* The heap did what no heap may do. */
static int broken(struct run *run, int error, const char *what)
{
	char text[256] = "";

	if (error != -EPROTO)
		memrig_explain(NULL, text, sizeof(text));
	snprintf(run->why, run->len, "operation %" PRIu64 ": %s%s%s", run->op, what,
		 text[0] ? ": " : "", text);
	return error;
}

static int refused(struct run *run, int error)
{
	struct replay_pass *pass = run->pass;

	if (error != -ENOMEM && error != -EINVAL)
		return broken(run, error, "an allocation failed");
	/* In a heap smaller than the block that is how "can never fit" is said. */
	if (error == -EINVAL && memrig_failure()->reason != MEMRIG_REASON_TOO_LARGE)
		return broken(run, error, "an allocation failed");
	if (!pass->refused++) {
		pass->first_refused = run->op;
		pass->first_failure = *memrig_failure();
	}
	return 0;
}

static void check_content(struct run *run, const struct block *block, uint64_t bytes)
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
static void write_content(struct run *run, const struct block *block, uint64_t from)
{
	if (run->pass->mode != REPLAY_ALLOCATE)
		replay_pattern_fill(run->pass->base + block->offset, from, block->bytes,
				    block->key);
}

/* Where a new block may lie: in the heap, aligned, as long as asked for. */
static int check_place(struct run *run, uint64_t offset, uint64_t usable, uint64_t bytes,
		       uint64_t align)
{
	const struct replay_pass *pass = run->pass;
	uint64_t address = (uintptr_t)pass->base + offset;

	if (usable < bytes)
		return broken(run, -EPROTO, "the block is shorter than asked for");
	if (address & ((align > sizeof(void *) ? align : sizeof(void *)) - 1))
		return broken(run, -EPROTO, "the block is not aligned as asked for");
	return 0;
}

static int get_block(struct run *run, const struct replay_op *op, struct block *block)
{
	uint64_t align = op->kind == MEMRIG_TRACE_ALLOC_ALIGNED ? 1ULL << op->align : 0;
	uint64_t bytes = op->bytes ? op->bytes : 1; /* malloc(0) is a block, too */
	uint64_t usable;
	int ret;

	ret = memrig_heap_alloc_at(run->pass->heap, align, bytes, &block->offset, &usable);
	if (ret) {
		block->offset = NOWHERE;
		return refused(run, ret);
	}
	block->bytes = op->bytes;
	return check_place(run, block->offset, usable, bytes, align);
}

static int do_alloc(struct run *run, const struct replay_op *op)
{
	struct block *block = &run->blocks[op->slot];
	int ret = get_block(run, op, block);

	if (ret || block->offset == NOWHERE)
		return ret;
	block->key = replay_pattern_key(run->op);
	write_content(run, block, 0);
	return 0;
}

static int do_free(struct run *run, struct block *block)
{
	int ret;

	if (block->offset == NOWHERE)
		return 0;
	check_content(run, block, block->bytes);
	ret = memrig_heap_free_at(run->pass->heap, block->offset);
	block->offset = NOWHERE;
	return ret ? broken(run, ret, "a block could not be freed") : 0;
}

static int move_block(struct run *run, const struct replay_op *op, struct block *block)
{
	struct block moved = *block;
	struct block old = *block;
	uint64_t keep = old.bytes < op->bytes ? old.bytes : op->bytes;
	int ret;

	ret = get_block(run, op, &moved);
	if (ret || moved.offset == NOWHERE)
		return ret; /* as realloc() does, keep the old block */
	if (run->pass->mode != REPLAY_ALLOCATE)
		memcpy(run->pass->base + moved.offset, run->pass->base + old.offset, keep);
	check_content(run, &moved, keep);
	*block = moved;
	run->pass->moves++;
	ret = memrig_heap_free_at(run->pass->heap, old.offset);
	return ret ? broken(run, ret, "a block could not be freed") : 0;
}

static int do_realloc(struct run *run, const struct replay_op *op)
{
	struct block *block = &run->blocks[op->slot];
	uint64_t old_bytes = block->bytes, offset = block->offset, usable;
	uint64_t bytes = op->bytes ? op->bytes : 1;
	int ret;

	if (block->offset == NOWHERE)
		return do_alloc(run, op);
	check_content(run, block, old_bytes);
	ret = memrig_heap_realloc_at(run->pass->heap, &offset, 0, bytes, MEMRIG_REALLOC_IN_PLACE,
				     &usable);
	if (!ret) {
		if (offset != block->offset)
			return broken(run, -EPROTO, "a block moved against orders");
		block->bytes = op->bytes;
		run->pass->in_place++;
		ret = check_place(run, offset, usable, bytes, 0);
	} else if (ret == -ENOMEM || ret == -EINVAL) {
		ret = move_block(run, op, block);
	} else {
		ret = broken(run, ret, "a block could not be reallocated");
	}
	if (!ret && block->bytes > old_bytes)
		write_content(run, block, old_bytes);
	return ret;
}

static int do_op(struct run *run, const struct replay_op *op)
{
	switch (op->kind) {
	case MEMRIG_TRACE_FREE:
		return do_free(run, &run->blocks[op->slot]);
	case MEMRIG_TRACE_REALLOC:
		return do_realloc(run, op);
	default:
		return do_alloc(run, op);
	}
}

static int look(struct run *run, struct memrig_heap_stat *stat)
{
	int ret;

	stat->size = sizeof(*stat);
	stat->flags = 0;
	ret = memrig_heap_stat(run->pass->heap, stat);
	return ret ? broken(run, ret, "the heap gave no figures") : 0;
}

static int do_ops(struct run *run)
{
	struct replay_pass *pass = run->pass;
	const struct replay_trace *trace = pass->trace;
	int ret;

	for (run->op = 0; run->op < trace->nr_ops; run->op++) {
		ret = do_op(run, &trace->ops[run->op]);
		if (ret)
			return ret;
		if (pass->refused && pass->stop_early)
			return 0;
		if (run->op != trace->peak_op || pass->mode != REPLAY_VERIFY)
			continue;
		ret = look(run, &pass->peak);
		if (!ret && pass->at_peak)
			ret = pass->at_peak(pass);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_empty(struct run *run)
{
	struct memrig_heap_stat stat;
	uint32_t invariant = 0;
	uint64_t offset;
	int ret;

	ret = memrig_heap_validate(run->pass->heap, &invariant, &offset);
	if (ret)
		return broken(run, ret, "the heap could not be validated");
	if (invariant) {
		snprintf(run->why, run->len, "the heap is damaged: invariant %u at offset %" PRIu64,
			 invariant, offset);
		return -EIO;
	}
	ret = look(run, &stat);
	if (!ret && stat.live_blocks)
		ret = broken(run, -EPROTO, "blocks are left when all were freed");
	return ret;
}

static int finish(struct run *run)
{
	struct replay_pass *pass = run->pass;
	uint32_t slot;
	int ret = 0;

	if (pass->mode == REPLAY_VERIFY)
		ret = look(run, &pass->end);
	for (slot = 0; !ret && slot < pass->trace->nr_slots; slot++)
		ret = do_free(run, &run->blocks[slot]);
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
	struct run run = { .pass = pass, .why = why, .len = len };
	size_t slots = pass->trace->nr_slots;
	struct replay_counter counter;
	uint64_t start;
	size_t i;
	int ret;

	run.blocks = calloc(slots ? slots : 1, sizeof(*run.blocks));
	if (!run.blocks)
		return broken(&run, -ENOMEM, "no memory to remember the blocks");
	for (i = 0; i < slots; i++)
		run.blocks[i].offset = NOWHERE;
	replay_counter_start(&counter);
	start = now_ns();
	ret = do_ops(&run);
	pass->ns = now_ns() - start;
	pass->instructions = replay_counter_stop(&counter);
	if (!ret && !(pass->refused && pass->stop_early))
		ret = finish(&run);
	free(run.blocks);
	return ret;
}
