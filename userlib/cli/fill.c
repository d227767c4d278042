// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A deterministic load on a heap.
 */
#include <errno.h>
#include <stdlib.h>

#include "fill.h"

#define SIZE_MIN   16
#define SIZE_PARTS 64 /* the largest block is this part of the heap */
#define BLOCKS_MAX 100000

/**
 * struct filler - the load
 * @heap: on this
 * @random: state of the generator
 * @size_max: of a block
 * @offset: of the blocks that live
 * @usable: their sizes
 * @count: their number
 * @bytes: sum of their sizes
 */
struct filler {
	memrig_heap_t *heap;
	uint64_t random;
	uint64_t size_max;
	uint64_t *offset;
	uint64_t *usable;
	size_t count;
	uint64_t bytes;
};

/* xorshift64: the same numbers on every machine. */
static uint64_t next_random(struct filler *f)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return f->random;
}

/* As many blocks between 16 and 32 bytes as between 1 and 2 KiB. */
static uint64_t next_size(struct filler *f)
{
	unsigned int octaves;
	uint64_t size;

	if (f->size_max < SIZE_MIN)
		return f->size_max;
	octaves = 64 - __builtin_clzll(f->size_max / SIZE_MIN);
	size = (uint64_t)SIZE_MIN << (next_random(f) % octaves);
	size += next_random(f) % size;
	return size < f->size_max ? size : f->size_max;
}

static int fill_alloc(struct filler *f)
{
	size_t n = f->count;
	int ret;

	ret = memrig_heap_alloc_at(f->heap, 0, next_size(f), &f->offset[n], &f->usable[n]);
	if (ret)
		return ret;
	f->bytes += f->usable[n];
	f->count++;
	return 0;
}

static int fill_free(struct filler *f)
{
	size_t victim = next_random(f) % f->count;
	int ret;

	ret = memrig_heap_free_at(f->heap, f->offset[victim]);
	if (ret)
		return ret;
	f->bytes -= f->usable[victim];
	f->count--;
	f->offset[victim] = f->offset[f->count];
	f->usable[victim] = f->usable[f->count];
	return 0;
}

/* Not having enough memory is a way for a heap to be full. */
static int run_load(struct filler *f, uint64_t target)
{
	size_t steps;
	int ret = 0;

	while (!ret && f->bytes < target && f->count < BLOCKS_MAX)
		ret = fill_alloc(f);
	for (steps = f->count; (!ret || ret == -ENOMEM) && steps > 0; steps--)
		ret = f->bytes < target && f->count < BLOCKS_MAX ? fill_alloc(f) : fill_free(f);
	return ret == -ENOMEM ? 0 : ret;
}

int fill_heap(memrig_heap_t *heap, unsigned int percent)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct filler f = { .heap = heap, .random = 0x6d656d726967ull };
	int ret;

	if (memrig_heap_stat(heap, &stat))
		return report();
	f.size_max = stat.length / SIZE_PARTS > SIZE_MIN ? stat.length / SIZE_PARTS : SIZE_MIN;
	if (f.size_max > stat.largest_free) /* equal blocks are the largest there are */
		f.size_max = stat.largest_free;
	f.offset = calloc(BLOCKS_MAX, sizeof(*f.offset));
	f.usable = calloc(BLOCKS_MAX, sizeof(*f.usable));
	if (f.offset && f.usable)
		ret = run_load(&f, stat.length / 100 * percent) ? report() : 0;
	else
		ret = fail("out of memory");
	free(f.offset);
	free(f.usable);
	return ret;
}
