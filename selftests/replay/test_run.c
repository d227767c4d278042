// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Would a replay notice a heap that is wrong? A heap that can be made wrong in one way at a time
 * stands in for the library; a replay over it must find exactly that.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "replay_pattern.h"
#include "replay_run.h"
#include "tracefile.h"

#define ARENA  (1u << 20)
#define SECOND 112 /* where the second block lies, which stays to the end */

enum fault {
	NONE,
	OVERLAP,
	MISALIGNED,
	SHORT,
	MOVES,
	REFUSES,
	FREE_FAILS,
	STRAY,
	LEAKS,
	DAMAGED,
};

/* The stand-in: never uses memory twice, grows the last block in place. */
struct memrig_heap {
	enum fault fault;
	uint64_t used;
	uint64_t last;
	uint64_t live;
};

static _Alignas(4096) uint8_t arena[ARENA];
static struct memrig_failure failure;

int memrig_heap_alloc_at(memrig_heap_t *heap, uint64_t align, uint64_t bytes, uint64_t *offset,
			 uint64_t *usable)
{
	uint64_t at = (heap->used + 15) & ~15ULL;

	if (align)
		at = (at + align - 1) & ~(align - 1);
	if (heap->fault == OVERLAP && heap->live == 1)
		at -= 16;
	if (heap->fault == MISALIGNED && align)
		at += 8;
	if ((heap->fault == REFUSES && bytes > 4096) || at + bytes > ARENA) {
		failure.reason = MEMRIG_REASON_FRAGMENTED;
		return -ENOMEM;
	}
	heap->last = at;
	heap->used = at + bytes;
	heap->live++;
	*offset = at;
	*usable = bytes - (heap->fault == SHORT);
	return 0;
}

int memrig_heap_free_at(memrig_heap_t *heap, uint64_t offset)
{
	if (heap->fault == FREE_FAILS)
		return -ENOENT;
	if (heap->fault == STRAY && offset > SECOND)
		arena[SECOND]++;
	heap->live--;
	return 0;
}

int memrig_heap_realloc_at(memrig_heap_t *heap, uint64_t *offset, uint64_t align, uint64_t bytes,
			   uint32_t flags, uint64_t *usable)
{
	(void)align;
	assert_int_equal(flags, MEMRIG_REALLOC_IN_PLACE);
	if (*offset != heap->last || *offset + bytes > ARENA)
		return -ENOMEM;
	heap->used = *offset + bytes;
	if (heap->fault == MOVES)
		*offset += 16;
	*usable = bytes;
	return 0;
}

int memrig_heap_stat(memrig_heap_t *heap, struct memrig_heap_stat *stat)
{
	assert_int_equal(stat->size, sizeof(*stat));
	assert_int_equal(stat->flags, 0);
	stat->live_blocks = heap->live + (heap->fault == LEAKS);
	stat->free_bytes = ARENA - heap->used;
	return 0;
}

int memrig_heap_validate(memrig_heap_t *heap, uint32_t *invariant, uint64_t *offset)
{
	*invariant = heap->fault == DAMAGED ? 3 : 0;
	*offset = 0;
	return 0;
}

const struct memrig_failure *memrig_failure(void)
{
	return &failure;
}

int memrig_explain(const struct memrig_failure *which, char *buf, size_t len)
{
	(void)which;
	if (len)
		buf[0] = '\0';
	return 0;
}

/* ---- runs ---------------------------------------------------------------------------- */

/* 6 blocks; one grows in place, one moves, one is aligned, one is as large as they come. */
static void write_trace(struct tracefile *file)
{
	tracefile_open(file);
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 100, 0);
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 33, 0);
	tracefile_put(file, MEMRIG_TRACE_REALLOC, 2, 1, 77);
	tracefile_put(file, MEMRIG_TRACE_REALLOC, 2, 2, 150);
	tracefile_put(file, MEMRIG_TRACE_ALLOC_ALIGNED, 2, 8, 1000);
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 0, 0);
	tracefile_put(file, MEMRIG_TRACE_FREE, 1, 4, 0);
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 5000, 0);
	tracefile_put(file, MEMRIG_TRACE_REALLOC, 2, 1, 200);
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 64, 0);
	tracefile_put(file, MEMRIG_TRACE_FREE, 1, 1, 0);
	tracefile_write(file);
}

static int run(enum fault fault, enum replay_mode mode, struct replay_pass *pass, char why[256])
{
	struct memrig_heap heap = { .fault = fault };
	struct replay_trace trace;
	struct tracefile file;
	int ret;

	why[0] = '\0';
	write_trace(&file);
	assert_int_equal(replay_trace_load(file.path, &trace, why, 256), 0);
	memset(arena, 0, sizeof(arena));
	*pass = (struct replay_pass){ .trace = &trace, .heap = &heap, .base = arena, .mode = mode };
	ret = replay_pass_run(pass, why, 256);
	replay_trace_free(&trace);
	tracefile_close(&file);
	return ret;
}

static void sound_heap_passes(void **state)
{
	struct replay_pass pass;
	enum replay_mode mode;
	char why[256];

	(void)state;
	for (mode = REPLAY_ALLOCATE; mode <= REPLAY_VERIFY; mode++) {
		assert_int_equal(run(NONE, mode, &pass, why), 0);
		assert_int_equal(pass.refused, 0);
		assert_int_equal(pass.mismatches, 0);
		assert_int_equal(pass.in_place, 2);
		assert_int_equal(pass.moves, 1);
		assert_int_equal(pass.live_bytes, 0);
		assert_int_equal(pass.live_usable, 0);
		if (mode == REPLAY_ALLOCATE)
			assert_int_equal(arena[0], 0);
	}
	assert_int_equal(pass.peak.live_blocks, 4);
	assert_int_equal(pass.end.live_blocks, 4);
	assert_int_equal(pass.peak_bytes, 77 + 1000 + 5000);
	assert_int_equal(pass.peak_usable - pass.peak_bytes, 1); /* of malloc(0) */
}

static void misbehaviour_is_named(void **state)
{
	static const struct {
		enum fault fault;
		int error;
		const char *text;
	} cases[] = {
		{ MISALIGNED, -EPROTO, "not aligned" },
		{ SHORT, -EPROTO, "shorter" },
		{ MOVES, -EPROTO, "moved against orders" },
		{ FREE_FAILS, -ENOENT, "could not be freed" },
		{ LEAKS, -EPROTO, "blocks are left" },
		{ DAMAGED, -EIO, "invariant 3" },
	};
	struct replay_pass pass;
	char why[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(run(cases[i].fault, REPLAY_VERIFY, &pass, why), cases[i].error);
		if (!strstr(why, cases[i].text))
			fail_msg("said \"%s\", should say \"%s\"", why, cases[i].text);
	}
}

static void wrong_content_is_found(void **state)
{
	struct replay_pass pass;
	char why[256];

	(void)state;
	assert_int_equal(run(OVERLAP, REPLAY_VERIFY, &pass, why), 0);
	assert_true(pass.mismatches >= 1);
	assert_int_not_equal(pass.first_mismatch.expected, pass.first_mismatch.found);
	assert_int_equal(run(STRAY, REPLAY_VERIFY, &pass, why), 0);
	assert_true(pass.mismatches >= 1);
	assert_int_equal(pass.first_mismatch.at, 0);
}

static void refusals_are_counted(void **state)
{
	struct replay_pass pass;
	char why[256];

	(void)state;
	assert_int_equal(run(REFUSES, REPLAY_VERIFY, &pass, why), 0);
	assert_int_equal(pass.refused, 1);
	assert_int_equal(pass.first_refused, 7);
	assert_int_equal(pass.first_failure.reason, MEMRIG_REASON_FRAGMENTED);
	assert_int_equal(pass.mismatches, 0);
}

/* ---- patterns ------------------------------------------------------------------------ */

static void pattern_covers_exactly_its_range(void **state)
{
	static _Alignas(8) uint8_t block[48];
	uint64_t from, to, at, key = replay_pattern_key(7);

	(void)state;
	for (from = 0; from <= 40; from++) {
		for (to = from; to <= 40; to++) {
			memset(block, 0, sizeof(block));
			replay_pattern_fill(block, from, to, key);
			for (at = 0; at < sizeof(block); at++) {
				uint8_t want =
					at >= from && at < to ? replay_pattern_byte(at, key) : 0;

				assert_int_equal(block[at], want);
			}
		}
	}
}

static void pattern_check_finds_the_byte(void **state)
{
	static _Alignas(8) uint8_t block[64];
	uint64_t bytes, at, key = replay_pattern_key(8);

	(void)state;
	for (bytes = 0; bytes <= sizeof(block); bytes++) {
		replay_pattern_fill(block, 0, bytes, key);
		assert_int_equal(replay_pattern_check(block, bytes, key), bytes);
		for (at = 0; at < bytes; at++) {
			block[at] ^= 0x10;
			assert_int_equal(replay_pattern_check(block, bytes, key), at);
			block[at] ^= 0x10;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_heap_passes),
		cmocka_unit_test(misbehaviour_is_named),
		cmocka_unit_test(wrong_content_is_found),
		cmocka_unit_test(refusals_are_counted),
		cmocka_unit_test(pattern_covers_exactly_its_range),
		cmocka_unit_test(pattern_check_finds_the_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
