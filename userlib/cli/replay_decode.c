// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The records of a trace file, turned into operations. Every number is checked where it is read:
 * an operation that comes out of here refers to a slot that is live, or empty for an allocation.
 */
#include "replay_decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define SLOT_NONE UINT32_MAX

/* State of decoding: where in the bytes, and which slot each object has. */
struct decoder {
	const struct refusal *to;
	const uint8_t *at;
	const uint8_t *end;
	uint64_t record;
	uint32_t *slot_of; /* by object; SLOT_NONE: not live */
	uint64_t objects;
	uint64_t objects_room;
	uint64_t *bytes_of; /* by slot */
	uint32_t *empty;    /* stack of slots */
	uint32_t nr_empty;
	uint64_t bytes_room;
	uint64_t empty_room;
	uint64_t ops_room;
	uint64_t live_bytes;
	uint64_t live_blocks;
	uint64_t frees;
	uint64_t reallocs;
};

static int bad_record(const struct decoder *dec, const char *what)
{
	return refuse(dec->to, -EINVAL, "is damaged: record %" PRIu64 " %s", dec->record, what);
}

static int no_memory(const struct decoder *dec)
{
	return refuse(dec->to, -ENOMEM, "does not fit into memory");
}

static int get_number(struct decoder *dec, uint64_t *value)
{
	unsigned int shift = 0;
	uint8_t byte;

	*value = 0;
	do {
		if (dec->at == dec->end)
			return bad_record(dec, "is cut off");
		byte = *dec->at++;
		if (shift == 63 && byte > 1)
			return bad_record(dec, "holds a number that is too large");
		*value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift <= 63);
	return 0;
}

static int get_size(struct decoder *dec, uint64_t *bytes)
{
	int ret = get_number(dec, bytes);

	if (!ret && *bytes > MEMRIG_TRACE_SIZE_MAX)
		ret = bad_record(dec, "asks for an impossible size");
	return ret;
}

/* Double the room of an array; NULL: no memory, the array is as it was. */
static void *more_room(void *array, uint64_t *room, size_t element)
{
	uint64_t wanted = *room ? *room * 2 : 1024;
	void *bigger = reallocarray(array, wanted, element);

	if (bigger)
		*room = wanted;
	return bigger;
}

/* One more slot than ever before. */
static int new_slot(struct decoder *dec, struct replay_trace *trace)
{
	uint64_t room;
	void *bigger;

	if (trace->nr_slots == SLOT_NONE - 1)
		return no_memory(dec);
	if (trace->nr_slots == dec->bytes_room) {
		bigger = more_room(dec->bytes_of, &dec->bytes_room, sizeof(*dec->bytes_of));
		if (!bigger)
			return no_memory(dec);
		dec->bytes_of = bigger;
		room = dec->empty_room;
		bigger = more_room(dec->empty, &room, sizeof(*dec->empty));
		if (!bigger)
			return no_memory(dec);
		dec->empty = bigger;
		dec->empty_room = room;
	}
	trace->nr_slots++;
	return 0;
}

/* A program's live memory fits into its address space; so do all sums of it. */
static int check_live(struct decoder *dec)
{
	if (dec->live_bytes > MEMRIG_TRACE_SIZE_MAX)
		return bad_record(dec, "keeps more memory than a process has");
	return 0;
}

static int new_object(struct decoder *dec, struct replay_trace *trace, uint32_t *slot)
{
	void *bigger;
	int ret;

	if (dec->objects == dec->objects_room) {
		bigger = more_room(dec->slot_of, &dec->objects_room, sizeof(*dec->slot_of));
		if (!bigger)
			return no_memory(dec);
		dec->slot_of = bigger;
	}
	if (dec->nr_empty) {
		*slot = dec->empty[--dec->nr_empty];
	} else {
		*slot = trace->nr_slots;
		ret = new_slot(dec, trace);
		if (ret)
			return ret;
	}
	dec->slot_of[dec->objects++] = *slot;
	return 0;
}

static int get_object(struct decoder *dec, uint64_t *object)
{
	uint64_t distance;
	int ret = get_number(dec, &distance);

	if (ret)
		return ret;
	if (!distance || distance > dec->objects ||
	    dec->slot_of[dec->objects - distance] == SLOT_NONE)
		return bad_record(dec, "names an object that is not live");
	*object = dec->objects - distance;
	return 0;
}

static int get_alloc(struct decoder *dec, struct replay_trace *trace, struct replay_op *op)
{
	uint64_t align = 0;
	int ret = 0;

	if (op->kind == MEMRIG_TRACE_ALLOC_ALIGNED)
		ret = get_number(dec, &align);
	if (!ret && align > MEMRIG_TRACE_ALIGN_MAX)
		ret = bad_record(dec, "asks for an impossible alignment");
	op->align = (uint8_t)align;
	ret = ret ? ret : get_size(dec, &op->bytes);
	ret = ret ? ret : new_object(dec, trace, &op->slot);
	if (ret)
		return ret;
	dec->bytes_of[op->slot] = op->bytes;
	dec->live_bytes += op->bytes;
	dec->live_blocks++;
	return check_live(dec);
}

static int get_free(struct decoder *dec, struct replay_op *op)
{
	uint64_t object;
	int ret = get_object(dec, &object);

	if (ret)
		return ret;
	op->slot = dec->slot_of[object];
	op->bytes = 0;
	dec->slot_of[object] = SLOT_NONE;
	dec->empty[dec->nr_empty++] = op->slot;
	dec->live_bytes -= dec->bytes_of[op->slot];
	dec->live_blocks--;
	dec->frees++;
	return 0;
}

static int get_realloc(struct decoder *dec, struct replay_op *op)
{
	uint64_t object;
	int ret = get_object(dec, &object);

	ret = ret ? ret : get_size(dec, &op->bytes);
	if (ret)
		return ret;
	op->slot = dec->slot_of[object];
	dec->live_bytes += op->bytes - dec->bytes_of[op->slot];
	dec->bytes_of[op->slot] = op->bytes;
	dec->reallocs++;
	return check_live(dec);
}

/* Decode one record into @op; 1: it is no operation. */
static int get_record(struct decoder *dec, struct replay_trace *trace, struct replay_op *op)
{
	uint64_t thread;
	int ret;

	op->kind = *dec->at++;
	op->align = 0;
	switch (op->kind) {
	case MEMRIG_TRACE_ALLOC:
	case MEMRIG_TRACE_ALLOC_ZERO:
	case MEMRIG_TRACE_ALLOC_ALIGNED:
		return get_alloc(dec, trace, op);
	case MEMRIG_TRACE_FREE:
		return get_free(dec, op);
	case MEMRIG_TRACE_REALLOC:
		return get_realloc(dec, op);
	case MEMRIG_TRACE_THREAD:
		ret = get_number(dec, &thread);
		if (!ret && thread >= trace->commit.threads)
			ret = bad_record(dec, "names a thread that was never seen");
		return ret ? ret : 1;
	default:
		return bad_record(dec, "is of an unknown kind");
	}
}

static int add_op(struct decoder *dec, struct replay_trace *trace, const struct replay_op *op)
{
	void *bigger;

	if (trace->nr_ops == dec->ops_room) {
		bigger = more_room(trace->ops, &dec->ops_room, sizeof(*op));
		if (!bigger)
			return no_memory(dec);
		trace->ops = bigger;
	}
	trace->ops[trace->nr_ops++] = *op;
	if (__builtin_add_overflow(trace->total_bytes, op->bytes, &trace->total_bytes))
		trace->total_bytes = UINT64_MAX;
	if (op->bytes > trace->largest)
		trace->largest = op->bytes;
	if (dec->live_bytes > trace->peak_bytes) {
		trace->peak_bytes = dec->live_bytes;
		trace->peak_blocks = dec->live_blocks;
		trace->peak_op = trace->nr_ops - 1;
	}
	return 0;
}

static int decode(struct decoder *dec, struct replay_trace *trace)
{
	struct replay_op op = { 0 };
	int ret;

	for (; dec->at != dec->end; dec->record++) {
		ret = get_record(dec, trace, &op);
		if (!ret)
			ret = add_op(dec, trace, &op);
		if (ret < 0)
			return ret;
	}
	trace->end_bytes = dec->live_bytes;
	trace->end_blocks = dec->live_blocks;
	if (dec->record != trace->commit.records || dec->objects != trace->commit.allocs ||
	    dec->frees != trace->commit.frees || dec->reallocs != trace->commit.reallocs)
		return refuse(dec->to, -EINVAL, "is damaged: its records are not those counted");
	return 0;
}

int replay_decode(struct replay_trace *trace, const uint8_t *data, size_t bytes,
		  const struct refusal *to)
{
	struct decoder dec = { .to = to, .at = data, .end = data + bytes };
	int ret = decode(&dec, trace);

	free(dec.slot_of);
	free(dec.bytes_of);
	free(dec.empty);
	return ret;
}
