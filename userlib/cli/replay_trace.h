/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A trace in memory: checked once, completely, so that whoever replays it need not check again.
 *
 * The objects of the file become *slots*: as many as were ever live at the same time. An operation
 * names a slot; an allocation takes an empty one, a free empties it.
 */
#ifndef MEMRIG_REPLAY_TRACE_H
#define MEMRIG_REPLAY_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "trace_format.h"

/**
 * struct replay_op - one operation
 * @bytes: asked for; ALLOC kinds and REALLOC
 * @slot: that it is about
 * @kind: enum memrig_trace_op, but THREAD
 * @align: log2; ALLOC_ALIGNED
 */
struct replay_op {
	uint64_t bytes;
	uint32_t slot;
	uint8_t kind;
	uint8_t align;
};

/**
 * struct replay_trace - what a file says
 * @ops: in order
 * @nr_ops: of them
 * @nr_slots: highest number of objects live at one time
 * @peak_op: after this operation the live bytes were at their peak for the first time
 * @peak_bytes: asked for and live then
 * @peak_blocks: live then
 * @end_bytes: asked for and live at the end
 * @end_blocks: live at the end
 * @total_bytes: asked for by all operations together
 * @largest: largest request
 * @header: of the file
 * @commit: in force
 */
struct replay_trace {
	struct replay_op *ops;
	size_t nr_ops;
	uint32_t nr_slots;
	size_t peak_op;
	uint64_t peak_bytes;
	uint64_t peak_blocks;
	uint64_t end_bytes;
	uint64_t end_blocks;
	uint64_t total_bytes;
	uint64_t largest;
	struct memrig_trace_header header;
	struct memrig_trace_commit commit;
};

/**
 * replay_trace_load() - read and check a file
 * @path: of it
 * @trace: out: to be given to replay_trace_free(), on success only
 * @why: out: on failure, what is wrong with the file, in words
 * @len: of @why
 *
 * Return: 0 or a negative errno.
 */
int replay_trace_load(const char *path, struct replay_trace *trace, char *why, size_t len);

/**
 * replay_trace_free() - give the memory back
 * @trace: loaded
 */
void replay_trace_free(struct replay_trace *trace);

/**
 * replay_trace_seal() - cut a finished recording to its length and mark it complete
 * @path: of the file; one that is sealed already is left alone
 * @commit: out: the commit in force
 * @why: out: on failure, what is wrong, in words
 * @len: of @why
 *
 * Return: 0 or a negative errno.
 */
int replay_trace_seal(const char *path, struct memrig_trace_commit *commit, char *why, size_t len);

/**
 * replay_trace_stop_text() - why a recording ended early
 * @stop: MEMRIG_TRACE_STOP_*
 *
 * Return: a sentence fragment.
 */
const char *replay_trace_stop_text(uint32_t stop);

#endif /* MEMRIG_REPLAY_TRACE_H */
