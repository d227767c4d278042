// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Bookkeeping memory. An engine keeps every small piece for good and replaces one table by a larger
 * one from time to time: small pieces are cut from a slab, large ones are mappings of their own.
 * Each has its length in front.
 */
#include "side.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <mrig_engine.h>

#define SLAB_BYTES (256 * 1024)
#define SMALL	   (8 * 1024)
#define LINE	   64 /* of a cache */

static char *slab;
static size_t slab_left;
static size_t in_use;

static void *map(size_t bytes)
{
	int saved = errno;
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return p == MAP_FAILED ? NULL : p;
}

static char *cut(size_t bytes)
{
	char *p;

	bytes = (bytes + LINE - 1) & ~(size_t)(LINE - 1);
	if (bytes > slab_left) {
		p = map(SLAB_BYTES);
		if (!p)
			return NULL;
		slab = p;
		slab_left = SLAB_BYTES;
	}
	p = slab;
	slab += bytes;
	slab_left -= bytes;
	return p;
}

void *malloc_side_map(size_t bytes)
{
	char *p;

	if (bytes > SIZE_MAX - 2 * LINE)
		return NULL;
	p = bytes <= SMALL ? cut(bytes + LINE) : map(bytes + LINE);
	if (!p)
		return NULL;
	memcpy(p, &bytes, sizeof(bytes));
	in_use += bytes;
	return p + LINE;
}

/* A small table that was replaced is not worth remembering. */
static void unmap(void *mem)
{
	char *p = (char *)mem - LINE;
	int saved = errno;
	size_t bytes;

	memcpy(&bytes, p, sizeof(bytes));
	if (bytes <= SMALL)
		return;
	munmap(p, bytes + LINE);
	in_use -= bytes;
	errno = saved;
}

bool malloc_side_feed(struct mrig_heap *heap)
{
	struct mrig_want want = { 0 };
	void *mem, *back;

	heap->ops->want(heap, &want);
	if (!want.bytes)
		return false;
	mem = malloc_side_map(want.bytes);
	if (!mem)
		return false;
	back = heap->ops->feed(heap, &want, mem);
	if (back)
		unmap(back);
	return true;
}

size_t malloc_side_bytes(void)
{
	return in_use;
}
