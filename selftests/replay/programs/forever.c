// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Allocates until somebody kills it; says so when it has begun in earnest.
 */
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	static void *blocks[256];
	unsigned int seed = 1;
	long i;

	for (i = 0;; i++) {
		void **block = &blocks[rand_r(&seed) % 256];

		free(*block);
		*block = malloc((size_t)rand_r(&seed) % 3000);
		if (i == 50000 && write(STDOUT_FILENO, "running\n", 8) != 8)
			return 1;
	}
}
