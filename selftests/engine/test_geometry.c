// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How much of a buffer its user gets: never less than from a Zephyr heap of the same size.
 */
#include <string.h>
#include "test.h"

static size_t largest(struct sys_heap *h, size_t from)
{
	for (size_t n = from; n; n--) {
		void *p = sys_heap_alloc(h, n);

		if (p) {
			memset(p, 0xaa, n);
			sys_heap_free(h, p);
			return n;
		}
	}
	return 0;
}

/* Buffer, and the largest single request Zephyr serves from it (64-bit, no statistics). */
static void largest_request(void **state)
{
	static const size_t row[][2] = {
		{ 128, 80 },	{ 256, 200 },	{ 1024, 960 },
		{ 2048, 1984 }, { 4096, 4024 }, { 1048576, 1048472 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sys_heap h;
		void *mem = heap_of(&h, row[i][0], MRIG_HARDEN_BASIC, false);
		struct mrig_heap_info info;
		size_t n = largest(&h, row[i][0]);

		assert_true(n >= row[i][1]);
		mrig_inband_info(&h, &info);
		assert_int_equal(info.largest_free, n);
		assert_true(sys_heap_validate(&h));
		free(mem);
	}
}

/* The same with statistics and with canaries. */
static void largest_request_options(void **state)
{
	struct sys_heap h;
	void *mem = heap_of(&h, 256, MRIG_HARDEN_BASIC, true);

	assert_true(largest(&h, 256) >= 176);
	free(mem);
	mem = heap_of(&h, 256, MRIG_HARDEN_FULL, false);
	assert_true(largest(&h, 256) >= 184);
	free(mem);
}

/* A 256-byte heap is a heap, not only room for one block. */
static void small_heap_is_useful(void **state)
{
	struct sys_heap h;
	void *mem = heap_of(&h, 256, MRIG_HARDEN_BASIC, false), *p[32];
	int n, round;

	for (round = 0; round < 3; round++) {
		for (n = 0; n < 32 && (p[n] = sys_heap_alloc(&h, 8)); n++)
			;
		assert_true(n >= 13);
		for (int i = 0; i < n; i += 2)
			sys_heap_free(&h, p[i]);
		for (int i = 1; i < n; i += 2)
			sys_heap_free(&h, p[i]);
		assert_true(sys_heap_validate(&h));
		p[0] = sys_heap_alloc(&h, 200);
		assert_non_null(p[0]);
		sys_heap_free(&h, p[0]);
	}
	free(mem);
}

/* Zephyr's formula: metadata and buckets, one chunk, end marker, at the fixed point. */
static size_t zephyr_min_size_for(size_t n)
{
	size_t total = 0, buckets, i;

	for (i = 0; i < 4; i++) {
		size_t units = total / 8;

		for (buckets = 1; units >> buckets; buckets++)
			;
		total = (16 + 4 * buckets + 7) / 8 * 8 + (n + 8 + 7) / 8 * 8 + 8;
	}
	return total;
}

static void min_size_keeps_its_promise(void **state)
{
	assert_true(Z_HEAP_MIN_SIZE <= 56);
	assert_true(Z_HEAP_MIN_SIZE_FOR(64) <= 112);
	assert_true(Z_HEAP_MIN_SIZE_FOR(1024) <= 1088);
	for (size_t n = 1; n < 70000; n += n < 3000 ? 1 : 997) {
		size_t bytes = Z_HEAP_MIN_SIZE_FOR(n);
		struct sys_heap h;
		void *mem = heap_of(&h, bytes, MRIG_HARDEN_BASIC, false), *p;

		assert_true(bytes <= 56 || bytes <= zephyr_min_size_for(n));
		for (int round = 0; round < 2; round++) {
			p = sys_heap_alloc(&h, n);
			assert_non_null(p);
			memset(p, 0xaa, sys_heap_usable_size(&h, p));
			assert_true(sys_heap_validate(&h));
			assert_true(sys_heap_usable_size(&h, p) >= n);
			sys_heap_free(&h, p);
			assert_true(sys_heap_validate(&h));
		}
		free(mem);
	}
}

/* A block that displaced the class table obeys the same rules as any other. */
static void whole_block(void **state)
{
	struct sys_heap h;
	char *mem = heap_of(&h, 65536, MRIG_HARDEN_FULL, true), *p, *q;
	struct mrig_heap_info info;
	struct sys_memory_stats st;

	p = sys_heap_alloc(&h, 65536 - 40);
	assert_non_null(p);
	memset(p, 0x11, sys_heap_usable_size(&h, p));
	assert_null(sys_heap_alloc(&h, 1));
	assert_null(sys_heap_aligned_alloc(&h, 64, 1));
	assert_null(sys_heap_alloc(&h, 0));
	mrig_inband_info(&h, &info);
	assert_int_equal(info.largest_free, 0);
	assert_int_equal(info.live_blocks, 1);
	assert_int_equal(sys_heap_runtime_stats_get(&h, &st), 0);
	assert_int_equal(st.allocated_bytes, sys_heap_usable_size(&h, p));
	assert_int_equal(st.free_bytes, 0);
	assert_ptr_equal(sys_heap_realloc(&h, p, 100), p);
	assert_null(sys_heap_realloc(&h, p, 65536));
	sys_heap_free(&h, p + 8);
	sys_heap_print_info(&h, true);
	assert_true(sys_heap_validate(&h));
	sys_heap_free(&h, p);
	assert_true(sys_heap_validate(&h));
	p = sys_heap_alloc(&h, 30000);
	q = sys_heap_alloc(&h, 30000);
	assert_true(p && q);
	free(mem);
}

/* Handle and class table: at most one percent of 64 KiB. */
static void control_scales(void **state)
{
	struct sys_heap h;
	void *mem = heap_of(&h, 65536, MRIG_HARDEN_BASIC, false);

	assert_in_range(sizeof(h) + h.first * MRIG_UNIT, 1, 655);
	free(mem);
}

/* Unaligned buffers lose their ends only. */
static void unaligned_buffers(void **state)
{
	for (size_t skip = 0; skip < 8; skip++) {
		for (size_t cut = 0; cut < 8; cut++) {
			char *mem = malloc(512 + skip - cut);
			struct sys_heap h;

			assert_int_equal(sys_heap_init(&h, mem + skip, 512 - cut), 0);
			assert_true(largest(&h, 512) >= 440);
			assert_true(sys_heap_validate(&h));
			free(mem);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(largest_request),
		cmocka_unit_test(largest_request_options),
		cmocka_unit_test(small_heap_is_useful),
		cmocka_unit_test(min_size_keeps_its_promise),
		cmocka_unit_test(whole_block),
		cmocka_unit_test(control_scales),
		cmocka_unit_test(unaligned_buffers),
	};

	return RUN("geometry", tests);
}
