// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reading traces: what is right is understood, what is wrong is refused, whatever it is. Run under
 * the sanitizers: "refused" includes that not one byte beyond anything is read.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracefile.h"

#define MUTATIONS 50000
#define SEED	  20240229u

static char why[256];

static int load(const struct tracefile *file)
{
	struct replay_trace trace;
	int ret;

	why[0] = '\0';
	ret = replay_trace_load(file->path, &trace, why, sizeof(why));
	if (!ret)
		replay_trace_free(&trace);
	return ret;
}

static void assert_refused(const struct tracefile *file, const char *text)
{
	assert_int_not_equal(load(file), 0);
	if (!strstr(why, text))
		fail_msg("said \"%s\", should say \"%s\"", why, text);
}

static void sample_is_understood(void **state)
{
	struct replay_trace trace;
	struct tracefile file;

	(void)state;
	tracefile_sample(&file, 1);
	assert_int_equal(replay_trace_load(file.path, &trace, why, sizeof(why)), 0);
	assert_int_equal(trace.nr_ops, 8);
	assert_int_equal(trace.nr_slots, 3);
	assert_int_equal(trace.peak_bytes, 75000);
	assert_int_equal(trace.peak_blocks, 3);
	assert_int_equal(trace.peak_op, 4);
	assert_int_equal(trace.end_bytes, 301);
	assert_int_equal(trace.end_blocks, 3);
	assert_int_equal(trace.largest, 70000);
	assert_int_equal(trace.ops[0].slot, 0);
	assert_int_equal(trace.ops[2].align, 12);
	assert_int_equal(trace.ops[3].kind, MEMRIG_TRACE_FREE);
	assert_int_equal(trace.ops[3].slot, 0);
	assert_int_equal(trace.ops[4].slot, 0); /* the emptied slot is used again */
	assert_int_equal(trace.ops[5].slot, 0);
	assert_int_equal(trace.ops[5].bytes, 300);
	assert_int_equal(trace.ops[6].slot, 2);
	replay_trace_free(&trace);
	tracefile_close(&file);
}

static void every_truncation_is_refused(void **state)
{
	struct tracefile file;
	size_t bytes;
	int sealed;

	(void)state;
	for (sealed = 0; sealed <= 1; sealed++) {
		tracefile_sample(&file, sealed);
		for (bytes = 0; bytes < tracefile_size(&file); bytes++) {
			tracefile_write_raw(&file, bytes);
			assert_int_not_equal(load(&file), 0);
			assert_int_not_equal(why[0], 0);
		}
		tracefile_write_raw(&file, bytes);
		assert_int_equal(load(&file), 0);
		tracefile_close(&file);
	}
}

static void every_bit_flip_is_refused(void **state)
{
	struct tracefile file;
	unsigned int bit;
	size_t at;
	uint8_t byte;

	(void)state;
	tracefile_sample(&file, 1);
	for (at = 0; at < tracefile_size(&file); at++) {
		assert_int_equal(pread(file.fd, &byte, 1, (off_t)at), 1);
		for (bit = 0; bit < 8; bit++) {
			uint8_t flipped = (uint8_t)(byte ^ 1u << bit);

			assert_int_equal(pwrite(file.fd, &flipped, 1, (off_t)at), 1);
			if (!load(&file))
				fail_msg("byte %zu, bit %u: accepted", at, bit);
			assert_int_not_equal(why[0], 0);
		}
		assert_int_equal(pwrite(file.fd, &byte, 1, (off_t)at), 1);
	}
	assert_int_equal(load(&file), 0);
	tracefile_close(&file);
}

static void longer_is_refused_when_sealed(void **state)
{
	struct tracefile file;
	off_t size;

	(void)state;
	tracefile_sample(&file, 1);
	size = (off_t)tracefile_size(&file);
	assert_int_equal(ftruncate(file.fd, size + 1), 0);
	assert_refused(&file, "more in it");
	tracefile_close(&file);

	tracefile_sample(&file, 0);
	assert_int_equal(ftruncate(file.fd, size + 1000), 0);
	assert_int_equal(load(&file), 0);
	tracefile_close(&file);
}

/* What says that a file is damaged must itself be in order: the checksums are right here. */
static void each_wrong_record_is_named(void **state)
{
	static const struct {
		uint8_t op;
		unsigned int operands;
		uint64_t a, b;
		const char *text;
	} cases[] = {
		{ 0, 0, 0, 0, "unknown kind" },
		{ 7, 1, 1, 0, "unknown kind" },
		{ 255, 0, 0, 0, "unknown kind" },
		{ MEMRIG_TRACE_FREE, 1, 0, 0, "not live" },
		{ MEMRIG_TRACE_FREE, 1, 4, 0, "not live" },
		{ MEMRIG_TRACE_FREE, 1, 3, 0, "not live" }, /* freed before */
		{ MEMRIG_TRACE_FREE, 1, UINT64_MAX, 0, "not live" },
		{ MEMRIG_TRACE_REALLOC, 2, 6, 1, "not live" },
		{ MEMRIG_TRACE_REALLOC, 2, 1, UINT64_MAX, "impossible size" },
		{ MEMRIG_TRACE_ALLOC, 1, MEMRIG_TRACE_SIZE_MAX + 1, 0, "impossible size" },
		{ MEMRIG_TRACE_ALLOC, 1, MEMRIG_TRACE_SIZE_MAX, 0, "more memory than" },
		{ MEMRIG_TRACE_ALLOC_ALIGNED, 2, MEMRIG_TRACE_ALIGN_MAX + 1, 1,
		  "impossible align" },
		{ MEMRIG_TRACE_THREAD, 1, 2, 0, "never seen" },
		{ MEMRIG_TRACE_ALLOC, 0, 0, 0, "cut off" },
		{ MEMRIG_TRACE_REALLOC, 1, 1, 0, "cut off" },
	};
	struct tracefile file;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tracefile_open(&file);
		tracefile_put(&file, MEMRIG_TRACE_ALLOC, 1, 8, 0);
		tracefile_put(&file, MEMRIG_TRACE_ALLOC, 1, 8, 0);
		tracefile_put(&file, MEMRIG_TRACE_ALLOC, 1, 8, 0);
		tracefile_put(&file, MEMRIG_TRACE_FREE, 1, 3, 0);
		tracefile_put(&file, cases[i].op, cases[i].operands, cases[i].a, cases[i].b);
		tracefile_write(&file);
		assert_refused(&file, cases[i].text);
		tracefile_close(&file);
	}
}

static void numbers_beyond_64_bits_are_refused(void **state)
{
	struct tracefile file;

	(void)state;
	tracefile_open(&file);
	tracefile_put(&file, MEMRIG_TRACE_ALLOC, 0, 0, 0);
	memset(file.records + file.bytes, 0xff, 9);
	file.bytes += 9;
	file.records[file.bytes++] = 2;
	tracefile_write(&file);
	assert_refused(&file, "too large");
	tracefile_close(&file);
}

static void wrong_counts_are_refused(void **state)
{
	struct tracefile file;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct memrig_trace_commit *commit;

		tracefile_sample(&file, 1);
		commit = tracefile_commit(&file);
		commit->records += i == 0;
		commit->allocs += i == 1;
		commit->frees += i == 2;
		commit->reallocs += i == 3;
		tracefile_write(&file);
		assert_refused(&file, "not those counted");
		tracefile_close(&file);
	}
}

static void other_files_are_refused(void **state)
{
	struct replay_trace trace;
	struct tracefile file;

	(void)state;
	assert_int_equal(replay_trace_load("/nonexistent", &trace, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "No such file"));
	assert_int_equal(replay_trace_load("/", &trace, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "not a regular file"));
	assert_int_equal(replay_trace_load("/dev/zero", &trace, why, sizeof(why)), -EINVAL);
	assert_int_equal(replay_trace_load("/proc/self/exe", &trace, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "not a memrig trace"));

	tracefile_sample(&file, 1);
	file.header.version++;
	tracefile_write(&file);
	assert_refused(&file, "version 2");
	tracefile_close(&file);
	tracefile_sample(&file, 1);
	file.header.header_bytes = 64;
	tracefile_write(&file);
	assert_refused(&file, "wrong length");
	tracefile_close(&file);
}

static void terminal_escapes_do_not_pass(void **state)
{
	struct replay_trace trace;
	struct tracefile file;

	(void)state;
	tracefile_sample(&file, 1);
	memset(file.header.command, '\033', sizeof(file.header.command));
	tracefile_write(&file);
	assert_int_equal(replay_trace_load(file.path, &trace, why, sizeof(why)), 0);
	assert_int_equal(strlen(trace.header.command), sizeof(trace.header.command) - 1);
	assert_null(strchr(trace.header.command, '\033'));
	replay_trace_free(&trace);
	tracefile_close(&file);
}

static void sealing_completes_a_file(void **state)
{
	struct memrig_trace_commit commit;
	struct tracefile file;

	(void)state;
	tracefile_sample(&file, 0);
	assert_int_equal(ftruncate(file.fd, (off_t)tracefile_size(&file) + 5000), 0);
	assert_int_equal(replay_trace_seal(file.path, &commit, why, sizeof(why)), 0);
	assert_int_equal(lseek(file.fd, 0, SEEK_END), (off_t)tracefile_size(&file));
	assert_int_equal(load(&file), 0);
	assert_int_equal(replay_trace_seal(file.path, &commit, why, sizeof(why)), 0);
	assert_int_equal(commit.sealed, 1);
	assert_int_equal(ftruncate(file.fd, (off_t)tracefile_size(&file) + 1), 0);
	assert_int_equal(replay_trace_seal(file.path, &commit, why, sizeof(why)), -EINVAL);
	tracefile_close(&file);
}

/* A likely record: objects that may be live, sizes that may be possible. */
static void put_likely(struct tracefile *file, unsigned int *seed)
{
	uint8_t op = (uint8_t)(rand_r(seed) % 7);
	uint64_t size = (uint64_t)rand_r(seed) << rand_r(seed) % 20;
	uint64_t near = (uint64_t)(rand_r(seed) % 4);

	if (op == MEMRIG_TRACE_ALLOC_ALIGNED || op == MEMRIG_TRACE_REALLOC)
		tracefile_put(file, op, 2, near, size);
	else if (op == MEMRIG_TRACE_FREE || op == MEMRIG_TRACE_THREAD)
		tracefile_put(file, op, 1, near, 0);
	else
		tracefile_put(file, op ? op : MEMRIG_TRACE_ALLOC, 1, size, 0);
}

/* Random records under right checksums and counts: only the decoder stands in their way. */
static void random_records_are_survived(void **state)
{
	unsigned int seed = SEED, i, records, accepted = 0;
	struct tracefile file;

	(void)state;
	tracefile_open(&file);
	for (i = 0; i < MUTATIONS; i++) {
		struct memrig_trace_commit *commit = tracefile_commit(&file);

		memset(commit, 0, sizeof(*commit));
		commit->seq = file.header.seq;
		commit->threads = 2;
		file.bytes = 0;
		for (records = (unsigned int)rand_r(&seed) % 8; records; records--)
			put_likely(&file, &seed);
		if (file.bytes && rand_r(&seed) % 2)
			file.records[(size_t)rand_r(&seed) % file.bytes] = (uint8_t)rand_r(&seed);
		tracefile_write(&file);
		if (!load(&file))
			accepted++;
		else
			assert_int_not_equal(why[0], 0);
	}
	print_message("# seed %u: %u of %u were valid traces\n", SEED, accepted, MUTATIONS);
	assert_in_range(accepted, MUTATIONS / 10, MUTATIONS - MUTATIONS / 10);
	tracefile_close(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_is_understood),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_bit_flip_is_refused),
		cmocka_unit_test(longer_is_refused_when_sealed),
		cmocka_unit_test(each_wrong_record_is_named),
		cmocka_unit_test(numbers_beyond_64_bits_are_refused),
		cmocka_unit_test(wrong_counts_are_refused),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(terminal_escapes_do_not_pass),
		cmocka_unit_test(sealing_completes_a_file),
		cmocka_unit_test(random_records_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
