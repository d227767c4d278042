/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Memory for bookkeeping that runs out when a test says so, and is all given back at its end. For
 * programs that are linked with --wrap for both functions.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "test.h"
#include "mrig_handle.h"
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

	/* Programs that have several threads do not grant. */
	if (!mem_grants)
		return NULL;
	if (mem_grants > 0)
		mem_grants--;
	mem = __real_mrig_mem_alloc(bytes);
	assert_non_null(mem);
	__atomic_fetch_add(&mem_live, 1, __ATOMIC_RELAXED);
	return mem;
}

void __wrap_mrig_mem_free(void *mem)
{
	if (mem)
		__atomic_fetch_sub(&mem_live, 1, __ATOMIC_RELAXED);
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
		mrig_handle_drop_all();
		assert_int_equal(mem_live, live);
	}
}

#endif /* MEMORY_H */
