// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An allocator to preload, so simple that signal handlers may use it: a pointer that only grows.
 * Also shows that the recorder records whichever allocator a program really has.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA  (4ULL << 30)
#define HEADER 16

static atomic_uintptr_t next;

static uintptr_t take(size_t bytes)
{
	uintptr_t none = 0, start;
	void *map;

	if (!atomic_load(&next)) {
		map = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (map == MAP_FAILED)
			return 0;
		start = (uintptr_t)map;
		if (!atomic_compare_exchange_strong(&next, &none, start))
			munmap(map, ARENA);
	}
	return atomic_fetch_add(&next, bytes);
}

void *memalign(size_t align, size_t bytes)
{
	uintptr_t p;

	if (align < HEADER)
		align = HEADER;
	if (bytes > ARENA) {
		errno = ENOMEM;
		return NULL;
	}
	p = take((bytes + HEADER + 2 * align) & ~(align - 1));
	p = (p + HEADER + align - 1) & ~(align - 1);
	memcpy((void *)(p - sizeof(bytes)), &bytes, sizeof(bytes));
	return (void *)p;
}

void *malloc(size_t bytes)
{
	return memalign(HEADER, bytes);
}

void *calloc(size_t count, size_t size)
{
	return malloc(count * size); /* fresh, so zero */
}

void *realloc(void *old, size_t bytes)
{
	void *p = malloc(bytes);
	size_t keep;

	if (!p || !old)
		return p;
	memcpy(&keep, (char *)old - sizeof(keep), sizeof(keep));
	return memcpy(p, old, keep < bytes ? keep : bytes);
}

void free(void *p)
{
	(void)p;
}
