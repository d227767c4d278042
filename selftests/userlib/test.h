/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What every test here includes: cmocka with what it needs, TAP output, and heaps to test.
 */
#ifndef MEMRIG_USERLIB_TEST_H
#define MEMRIG_USERLIB_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The command has a function of that name, which cmocka's fail_msg() would call without failing. */
#undef fail
#undef fail_msg
#define fail_msg(...)                               \
	do {                                        \
		print_error("ERROR: " __VA_ARGS__); \
		print_error("\n");                  \
		_fail(__FILE__, __LINE__);          \
	} while (0)

#include <memrig/memrig.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* A heap of the process, with statistics, full of nothing. */
static inline memrig_heap_t *make_heap(uint32_t placement, size_t bytes, uint32_t max_blocks)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = placement,
		.hardening = 2,
		.flags = MEMRIG_HEAP_STATS,
		.max_blocks = max_blocks,
	};
	memrig_heap_t *heap = NULL;

	assert_int_equal(memrig_local_create(NULL, bytes, &args, &heap), 0);
	return heap;
}

static inline void assert_sound(memrig_heap_t *heap)
{
	uint32_t invariant = 99;
	uint64_t offset;

	assert_int_equal(memrig_heap_validate(heap, &invariant, &offset), 0);
	assert_int_equal(invariant, 0);
}

/* Runs a group of tests with TAP output; returns what main() returns. */
#define RUN(tests)                                 \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
	 cmocka_run_group_tests_name(#tests, tests, NULL, NULL) ? EXIT_FAILURE : EXIT_SUCCESS)

#endif /* MEMRIG_USERLIB_TEST_H */
