// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What hardening finds, level by level, and that a heap found corrupted is out of service: every
 * call fails, none follows a header again, and the fault is reported once.
 */
#include <string.h>
#include "test.h"

static struct sys_heap h;
static char *mem, *p[8];
static unsigned int faults, fault_invariant;

static void note_fault(const void *heap, unsigned int invariant, uint64_t offset)
{
	assert_ptr_equal(heap, &h);
	assert_true(offset < 65536);
	fault_invariant = invariant;
	faults++;
}

static void up(uint8_t level)
{
	mem = heap_of(&h, 65536, level, false);
	mrig_port_on_heap_fault(note_fault);
	faults = 0;
	for (int i = 0; i < 8; i++) {
		p[i] = sys_heap_alloc(&h, 64);
		assert_non_null(p[i]);
		assert_true(!i || p[i] > p[i - 1]);
		memset(p[i], 0, sys_heap_usable_size(&h, p[i]));
	}
}

static void assert_fenced(void)
{
	assert_int_equal(faults, 1);
	assert_null(sys_heap_alloc(&h, 8));
	assert_null(sys_heap_alloc(&h, 5000));
	assert_null(sys_heap_aligned_alloc(&h, 64, 8));
	assert_null(sys_heap_realloc(&h, p[0], 8));
	assert_int_equal(sys_heap_usable_size(&h, p[0]), 0);
	assert_int_equal(mrig_inband_free(&h, p[0]), -EIO);
	assert_int_equal(mrig_inband_resize(&h, p[0], 1), -EIO);
	assert_int_equal(mrig_inband_usable(&h, p[0]), -EIO);
	sys_heap_free(&h, p[0]);
	assert_false(sys_heap_validate(&h));
	sys_heap_print_info(&h, true);
	assert_int_equal(faults, 1);
	free(mem);
}

static void double_free(void **state)
{
	for (uint8_t level = MRIG_HARDEN_BASIC; level <= MRIG_HARDEN_EXTREME; level++) {
		/* alone, merged into the left, into the right, into both */
		for (int kind = 0; kind < 4; kind++) {
			up(level);
			if (kind & 1)
				sys_heap_free(&h, p[2]);
			if (kind & 2)
				sys_heap_free(&h, p[4]);
			sys_heap_free(&h, p[3]);
			assert_int_equal(faults, 0);
			assert_true(sys_heap_validate(&h));
			sys_heap_free(&h, p[3]);
			assert_int_equal(fault_invariant, 11);
			assert_fenced();
		}
	}
}

static void realloc_after_free(void **state)
{
	up(MRIG_HARDEN_BASIC);
	sys_heap_free(&h, p[3]);
	assert_null(sys_heap_realloc(&h, p[3], 200));
	assert_fenced();
}

/* Overruns as programs commit them: a string's end, text, ones. */
static void overrun(void **state)
{
	static const struct {
		char fill;
		size_t n;
	} how[] = { { 0, 1 }, { 0, 4 }, { 0, 64 }, { 'A', 4 }, { 'A', 16 }, { -1, 1 }, { -1, 8 } };

	for (uint8_t level = MRIG_HARDEN_BASIC; level <= MRIG_HARDEN_EXTREME; level++) {
		for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
			up(level);
			memset(p[3] + sys_heap_usable_size(&h, p[3]), how[i].fill, how[i].n);
			sys_heap_free(&h, p[3]);
			assert_fenced();
		}
	}
}

/* Into a free neighbour. */
static void overrun_into_free(void **state)
{
	for (uint8_t level = MRIG_HARDEN_BASIC; level <= MRIG_HARDEN_EXTREME; level++) {
		up(level);
		sys_heap_free(&h, p[4]);
		memset(p[3] + sys_heap_usable_size(&h, p[3]), 0x33, 8);
		sys_heap_free(&h, p[3]);
		assert_fenced();
	}
}

/* Below the block: its own header. */
static void underrun(void **state)
{
	for (uint8_t level = MRIG_HARDEN_BASIC; level <= MRIG_HARDEN_EXTREME; level++) {
		up(level);
		memset(p[3] - 4, 0xff, 4);
		sys_heap_free(&h, p[3]);
		assert_fenced();
		up(level);
		memset(p[3] - 4, 0, 4);
		sys_heap_free(&h, p[3]);
		assert_fenced();
	}
}

/* MODERATE looks at the links of a list before it follows them. */
static void write_after_free(void **state)
{
	for (uint8_t level = MRIG_HARDEN_MODERATE; level <= MRIG_HARDEN_EXTREME; level++) {
		up(level);
		sys_heap_free(&h, p[1]);
		sys_heap_free(&h, p[3]);
		sys_heap_free(&h, p[5]);
		memset(p[3], 0x77, 8);
		sys_heap_free(&h, p[2]);
		assert_fenced();
		up(level);
		sys_heap_free(&h, p[3]);
		memset(p[3], 0x77, 8);
		assert_null(sys_heap_alloc(&h, 64));
		assert_fenced();
	}
}

/* FULL: the last usable byte is followed by the canary at once. */
static void canary(void **state)
{
	for (uint8_t level = MRIG_HARDEN_FULL; level <= MRIG_HARDEN_EXTREME; level++) {
		for (int bit = 0; bit < 8; bit++) {
			up(level);
			p[3][sys_heap_usable_size(&h, p[3])] ^= (char)(1 << bit);
			sys_heap_free(&h, p[3]);
			assert_int_equal(fault_invariant, 10);
			assert_fenced();
			up(level);
			p[3][sys_heap_usable_size(&h, p[3]) + 7] ^= (char)(1 << bit);
			assert_null(sys_heap_realloc(&h, p[3], 500));
			assert_fenced();
		}
	}
}

/* The same bytes elsewhere are no canary: it depends on place, size and heap. */
static void canary_cannot_be_copied(void **state)
{
	char *end;

	up(MRIG_HARDEN_FULL);
	end = p[3] + sys_heap_usable_size(&h, p[3]);
	memcpy(end, p[2] + sys_heap_usable_size(&h, p[2]), 8);
	sys_heap_free(&h, p[3]);
	assert_fenced();
}

/* EXTREME finds damage anywhere at the next call. */
static void extreme_looks_everywhere(void **state)
{
	up(MRIG_HARDEN_EXTREME);
	memset(p[1] + sys_heap_usable_size(&h, p[1]), 0x55, 9);
	assert_null(sys_heap_alloc(&h, 8));
	assert_fenced();
}

/* NONE refuses what it cannot follow, and keeps quiet. */
static void none_goes_on(void **state)
{
	up(MRIG_HARDEN_NONE);
	sys_heap_free(&h, p[3]);
	sys_heap_free(&h, p[3]);
	assert_int_equal(faults, 0);
	assert_true(sys_heap_validate(&h));
	assert_non_null(sys_heap_alloc(&h, 64));
	free(mem);
}

/* validate() sees each kind of damage, and does not mend or spread it. */
static void validate_is_read_only(void **state)
{
	char *copy = malloc(65536);
	struct mrig_fault fault;

	up(MRIG_HARDEN_BASIC);
	sys_heap_free(&h, p[3]);
	for (size_t at = 0; at < 1024; at++) {
		char was = mem[at];

		mem[at] ^= 0x10;
		memcpy(copy, mem, 65536);
		if (mrig_inband_validate(&h, &fault))
			assert_in_range(fault.invariant, 1, 12);
		assert_memory_equal(copy, mem, 65536);
		mem[at] = was;
	}
	assert_int_equal(faults, 0);
	assert_true(sys_heap_validate(&h));
	free(copy);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(double_free),
		cmocka_unit_test(realloc_after_free),
		cmocka_unit_test(overrun),
		cmocka_unit_test(overrun_into_free),
		cmocka_unit_test(underrun),
		cmocka_unit_test(write_after_free),
		cmocka_unit_test(canary),
		cmocka_unit_test(canary_cannot_be_copied),
		cmocka_unit_test(extreme_looks_everywhere),
		cmocka_unit_test(none_goes_on),
		cmocka_unit_test(validate_is_read_only),
	};

	return RUN("hardening", tests);
}
