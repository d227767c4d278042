// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that free and reallocate each other's blocks as fast as they can: were the order of the
 * trace ever not one that happened, it would name a block that is not live.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define THREADS 8
#define ROUNDS	20000
#define SHELVES 32

static void *shelf[SHELVES];

static void *work(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		void **place = &shelf[rand_r(&seed) % SHELVES];
		size_t bytes = (size_t)rand_r(&seed) % 700;
		void *p = malloc(bytes), *old, *bigger;

		old = __atomic_exchange_n(place, p, __ATOMIC_ACQ_REL);
		if (old && rand_r(&seed) % 2) {
			bigger = realloc(old, bytes + 1);
			if (bigger)
				old = bigger;
		}
		free(old);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	uintptr_t i;

	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, work, (void *)(i + 1)))
			return 1;
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < SHELVES; i++)
		free(shelf[i]);
	return 0;
}
