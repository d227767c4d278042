/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Memory for bookkeeping that runs out when a test says so, and is all given back at its end. For
 * programs that are linked with --wrap for both functions.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "test.h"
#include "mrig_memory.h"

void *__real_mrig_mem_alloc(size_t bytes);
void __real_mrig_mem_free(void *mem);
void *__wrap_mrig_mem_alloc(size_t bytes);
void __wrap_mrig_mem_free(void *mem);

static long mem_grants = -1; /* pieces that may still be had; -1: any number */
static long mem_live;	     /* pieces that were not given back */

void *__wrap_mrig_mem_alloc(size_t bytes)
{
	void *mem;

	if (!mem_grants)
		return NULL;
	mem_grants -= mem_grants > 0;
	mem = __real_mrig_mem_alloc(bytes);
	assert_non_null(mem);
	mem_live++;
	return mem;
}

void __wrap_mrig_mem_free(void *mem)
{
	mem_live -= !!mem;
	__real_mrig_mem_free(mem);
}

/*
 * How often a step fails for want of memory until it has all it needs; @step returns 0 or -ENOMEM
 * and must not leave anything behind when it fails.
 */
static inline long mem_starve(int (*step)(void))
{
	long live = mem_live, n;
	int err;

	for (n = 0;; n++) {
		mem_grants = n;
		err = step();
		mem_grants = -1;
		if (!err)
			return n;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(mem_live, live);
	}
}

#endif /* MEMORY_H */
