// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program that was linked with libmemrig-malloc and says itself which heap it wants.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include <memrig/malloc.h>

const char *memrig_malloc_conf = "attr=memory,size=256K,placement=inband";

int main(void)
{
	void *small = malloc(1000), *large = malloc(512 * 1024);

	/* 12, 28, ...: only a heap with headers inside has such blocks. */
	printf("%s %s %zu\n", small ? "small" : "-", large ? "large" : "-",
	       malloc_usable_size(small) % 16);
	free(small);
	free(large);
	return 0;
}
