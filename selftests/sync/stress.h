/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What programs of many threads share: giving up, counting, and bytes that say whose they are.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdio.h>
#include <stdlib.h>

/* Says what is wrong and ends the program. */
#define fail(what)                                             \
	do {                                                   \
		fprintf(stderr, "%s: %s\n", __FILE__, (what)); \
		exit(1);                                       \
	} while (0)

static inline void tick(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

/* A block that a thread has filled with @fill still holds nothing else. */
static inline void inspect(const unsigned char *at, size_t bytes, unsigned char fill)
{
	for (size_t i = 0; i < bytes; i++) {
		if (at[i] != fill)
			fail("somebody wrote into a block that is not his");
	}
}

#endif /* STRESS_H */
