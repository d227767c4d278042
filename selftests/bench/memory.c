// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The region an allocator manages, its two views, and calls that supply what it asks for.
 *
 * An allocator that must not touch the region gets addresses without any access rights; the
 * driver writes and verifies payload through a second mapping of the same size. An access by the
 * allocator ends the program.
 */
#include <errno.h>
#include <error.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"

/* Regions start here modulo their size: no allocator gains or loses by luck of placement. */
#define REGION_ALIGN (64UL << 20)

#define BLOCK	     64 /* of allocators that number their blocks */

static char *view;

static char *map_aligned(size_t bytes, int prot)
{
	char *raw = mmap(NULL, bytes + REGION_ALIGN, prot,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (raw == MAP_FAILED)
		error(EXIT_FAILURE, errno, "mapping a region of %zu bytes", bytes);
	return (char *)(((uintptr_t)raw + REGION_ALIGN - 1) & ~(REGION_ALIGN - 1));
}

/**
 * bench_map() - map the region of the run; where time is measured, populate it
 */
void bench_map(void)
{
	view = map_aligned(run.heap, PROT_READ | PROT_WRITE);
	run.region = view;
	if (bench_adapter.flags & BENCH_NOTOUCH)
		run.region = map_aligned(run.heap, PROT_NONE);
	/* Small pages: huge ones would hide what a large heap costs. Advice, may be refused. */
	madvise(view, run.heap, MADV_NOHUGEPAGE);
	if (!strcmp(run.mode, "time"))
		memset(view, 0, run.heap);
}

void *bench_view(const void *ptr)
{
	if (!(bench_adapter.flags & BENCH_NOTOUCH))
		return (void *)ptr;
	return view + ((const char *)ptr - (const char *)run.region);
}

/**
 * bench_resize() - memory of the driver itself
 * @ptr: table to be resized, or NULL
 * @n: entries
 * @size: of one
 *
 * Return: the table. Never fails; ends the program instead.
 */
void *bench_resize(void *ptr, size_t n, size_t size)
{
	ptr = reallocarray(ptr, n, size);
	if (!ptr)
		error(EXIT_FAILURE, errno, "out of memory");
	return ptr;
}

/**
 * bench_zalloc() - zeroed memory of the driver itself
 * @n: entries
 * @size: of one
 */
void *bench_zalloc(size_t n, size_t size)
{
	return memset(bench_resize(NULL, n, size), 0, n * size);
}

/**
 * bench_boot() - an empty heap over the region
 */
void *bench_boot(void)
{
	void *heap = bench_adapter.init(run.region, run.heap, &run.level);

	if (!heap)
		error(EXIT_FAILURE, 0, "%s refuses a region of %zu bytes", bench_adapter.name,
		      run.heap);
	return heap;
}

/**
 * bench_refused() - does a handle say that the request was refused?
 * @handle: as returned by the allocator
 */
bool bench_refused(intptr_t handle)
{
	return bench_adapter.flags & (BENCH_OFFSET | BENCH_NUMBER) ? handle < 0 : !handle;
}

/**
 * bench_ptr() - address of a block as the allocator sees it
 * @handle: of a block
 */
void *bench_ptr(intptr_t handle)
{
	if (bench_adapter.flags & BENCH_NUMBER)
		return (char *)run.region + (handle - 1) * BLOCK;
	return bench_adapter.flags & BENCH_OFFSET ? (char *)run.region + handle : (void *)handle;
}

static bool again(void *heap, intptr_t handle)
{
	return bench_refused(handle) && bench_adapter.refill && bench_adapter.refill(heap, handle);
}

/**
 * bench_alloc() - request, and again for as long as the allocator can be helped
 * @heap: heap
 * @bytes: size
 */
intptr_t bench_alloc(void *heap, size_t bytes)
{
	intptr_t handle;

	do {
		handle = bench_adapter.alloc(heap, bytes);
	} while (again(heap, handle));
	return handle;
}

/**
 * bench_aligned() - aligned request, likewise
 * @heap: heap
 * @align: power of two
 * @bytes: size
 */
intptr_t bench_aligned(void *heap, size_t align, size_t bytes)
{
	intptr_t handle;

	do {
		handle = bench_adapter.aligned(heap, align, bytes);
	} while (again(heap, handle));
	return handle;
}

/**
 * bench_realloc() - resize, likewise
 * @heap: heap
 * @old: block
 * @old_bytes: its size
 * @bytes: new size
 */
intptr_t bench_realloc(void *heap, intptr_t old, size_t old_bytes, size_t bytes)
{
	intptr_t handle;

	do {
		handle = bench_adapter.realloc(heap, old, old_bytes, bytes);
	} while (again(heap, handle));
	return handle;
}
