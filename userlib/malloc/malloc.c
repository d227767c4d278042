// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig-malloc.so: the C library's allocation functions over the heap of the process.
 *
 * Results, alignments and errno are those of the GNU C library: zero bytes are a block, realloc()
 * to zero bytes is a free(), no success touches errno. What can be refused is refused.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "pool.h"

#define EXPORT __attribute__((visibility("default")))

static void *fail(int error)
{
	errno = error;
	return NULL;
}

static void *alloc(size_t align, size_t bytes)
{
	void *p = malloc_pool_alloc(align, bytes);

	return p ? p : fail(ENOMEM);
}

static bool power_of_two(size_t align)
{
	return align && !(align & (align - 1));
}

EXPORT void *malloc(size_t bytes)
{
	return alloc(POOL_ALIGN, bytes);
}

EXPORT void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes))
		return fail(ENOMEM);
	p = alloc(POOL_ALIGN, bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

EXPORT void free(void *p)
{
	if (p)
		malloc_pool_free(p);
}

/* To another place; the old block goes when the new one is there. */
static void *move(void *old, size_t usable, size_t bytes)
{
	void *p = alloc(POOL_ALIGN, bytes);

	if (p) {
		memcpy(p, old, usable < bytes ? usable : bytes);
		free(old);
	}
	return p;
}

EXPORT void *realloc(void *old, size_t bytes)
{
	size_t usable;
	int ret;

	if (!old)
		return malloc(bytes);
	if (!bytes) {
		free(old);
		return NULL;
	}
	if (malloc_boot_owns(old))
		return move(old, malloc_boot_usable(old), bytes);
	ret = malloc_pool_resize(old, bytes, &usable);
	if (!ret)
		return old;
	return usable ? move(old, usable, bytes) : fail(-ret);
}

EXPORT void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return fail(ENOMEM);
	return realloc(old, bytes);
}

EXPORT void *memalign(size_t align, size_t bytes)
{
	return power_of_two(align) ? alloc(align, bytes) : fail(EINVAL);
}

EXPORT void *aligned_alloc(size_t align, size_t bytes)
{
	return memalign(align, bytes);
}

/* Says by its result what the others say by errno. */
EXPORT int posix_memalign(void **out, size_t align, size_t bytes)
{
	int err = EINVAL;
	void *p;

	if (power_of_two(align) && align % sizeof(void *) == 0) {
		p = malloc_pool_alloc(align, bytes);
		err = p ? 0 : ENOMEM;
		if (p)
			*out = p;
	}
	return err;
}

EXPORT void *valloc(size_t bytes)
{
	return alloc((size_t)sysconf(_SC_PAGESIZE), bytes);
}

EXPORT void *pvalloc(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (bytes > SIZE_MAX - page)
		return fail(ENOMEM);
	return alloc(page, (bytes + page - 1) & ~(page - 1));
}

EXPORT size_t malloc_usable_size(void *p)
{
	if (!p)
		return 0;
	return malloc_boot_owns(p) ? malloc_boot_usable(p) : malloc_pool_usable(p);
}
