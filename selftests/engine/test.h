/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What every unit test includes. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "mrig_inband.h"
#include "mrig_port_user.h"
#include "world.h"

/* A heap over a buffer of exactly the right size, with everything switchable. */
static inline void *heap_of(struct sys_heap *h, size_t bytes, uint8_t hardening, bool stats)
{
	const struct sys_heap_opts opts = { .hardening = hardening, .stats = stats };
	void *mem = malloc(bytes);

	assert_non_null(mem);
	assert_int_equal(sys_heap_init_opts(h, mem, bytes, &opts), 0);
	world_faults();
	return mem;
}

#define RUN(name, tests) cmocka_run_group_tests_name(name, tests, quiet, NULL)

/* Reports of faults and descriptions of heaps are not for the reader of test results. */
static inline void no_fault(const void *heap, unsigned int invariant, uint64_t offset)
{
	(void)heap;
	(void)invariant;
	(void)offset;
}

static inline int quiet(void **state)
{
	FILE *nowhere = fopen("/dev/null", "w");

	(void)state;
	mrig_port_print_to(nowhere);
	mrig_port_on_heap_fault(no_fault);
	return nowhere ? 0 : -1;
}

#endif /* TEST_H */
