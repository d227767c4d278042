// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The table of eviction policies: window, command, tests and benchmark go through it.
 */
#include "evict_part.h"

const struct mrig_evict_ops *const mrig_evict_policies[] = {
	&mrig_evict_adaptive, &mrig_evict_nru,	 &mrig_evict_lru,   &mrig_evict_fifo,
	&mrig_evict_random,   &mrig_evict_clock, &mrig_evict_sieve, &mrig_evict_s3fifo,
	NULL,
};

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/**
 * mrig_evict_find() - a policy by its name
 * @name: name
 *
 * Return: the policy, or NULL.
 */
const struct mrig_evict_ops *mrig_evict_find(const char *name)
{
	unsigned int i;

	for (i = 0; name && mrig_evict_policies[i]; i++) {
		if (same(name, mrig_evict_policies[i]->name))
			return mrig_evict_policies[i];
	}
	return NULL;
}
