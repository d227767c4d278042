// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig-record.so: stands between a program and its allocator, by LD_PRELOAD.
 *
 * Every function calls the next definition of its name, whoever provides it. Looking that up may
 * itself allocate: such requests are served from a small static buffer and never given back.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder.h"

#define EXPORT	   __attribute__((visibility("default")))
#define BOOT_BYTES (16 * 1024)
#define BOOT_ALIGN 16

static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *p, size_t size);
	void (*free)(void *p);
	int (*posix_memalign)(void **out, size_t align, size_t size);
	void *(*aligned_alloc)(size_t align, size_t size);
	void *(*memalign)(size_t align, size_t size);
	void *(*valloc)(size_t size);
	void *(*pvalloc)(size_t size);
} real;

static bool resolved;
static bool resolving;

static struct {
	_Alignas(BOOT_ALIGN) unsigned char bytes[BOOT_BYTES];
	size_t used;
} boot;

static void *boot_alloc(size_t size)
{
	void *p = boot.bytes + boot.used;

	size = (size + BOOT_ALIGN - 1) & ~(size_t)(BOOT_ALIGN - 1);
	if (size > BOOT_BYTES - boot.used) {
		errno = ENOMEM;
		return NULL;
	}
	boot.used += size;
	return p;
}

static bool in_boot(const void *p)
{
	return (const unsigned char *)p >= boot.bytes &&
	       (const unsigned char *)p < boot.bytes + BOOT_BYTES;
}

static void find(void *slot, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(slot, &symbol, sizeof(symbol));
}

/* Runs before the program has threads: the dynamic linker itself allocates first. */
static void resolve(void)
{
	static const char none[] = "libmemrig-record: this program has no allocator to record\n";

	resolving = true;
	find(&real.malloc, "malloc");
	find(&real.calloc, "calloc");
	find(&real.realloc, "realloc");
	find(&real.free, "free");
	find(&real.posix_memalign, "posix_memalign");
	find(&real.aligned_alloc, "aligned_alloc");
	find(&real.memalign, "memalign");
	find(&real.valloc, "valloc");
	find(&real.pvalloc, "pvalloc");
	if (!real.malloc || !real.calloc || !real.realloc || !real.free)
		_exit(write(STDERR_FILENO, none, sizeof(none) - 1) < 0 ? 126 : 127);
	resolving = false;
	resolved = true;
}

static bool ready(void)
{
	if (resolved)
		return true;
	if (resolving)
		return false;
	resolve();
	return true;
}

static bool power_of_two(size_t align)
{
	return align && !(align & (align - 1));
}

static void *no_such_function(void)
{
	errno = ENOMEM;
	return NULL;
}

EXPORT void *malloc(size_t size)
{
	void *p;

	if (!ready())
		return boot_alloc(size);
	p = real.malloc(size);
	mrig_record_alloc(MEMRIG_TRACE_ALLOC, p, 0, size);
	return p;
}

EXPORT void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes))
		bytes = SIZE_MAX;
	/* The boot buffer is zeroed and never used twice. */
	if (!ready())
		return boot_alloc(bytes);
	p = real.calloc(count, size);
	mrig_record_alloc(MEMRIG_TRACE_ALLOC_ZERO, p, 0, bytes);
	return p;
}

static void *leave_boot(const void *old, size_t size)
{
	size_t room = (size_t)(boot.bytes + BOOT_BYTES - (const unsigned char *)old);
	void *p = malloc(size);

	if (p)
		memcpy(p, old, size < room ? size : room);
	return p;
}

EXPORT void *realloc(void *old, size_t size)
{
	void *p;
	int err;

	if (!old)
		return malloc(size);
	if (in_boot(old) || !ready())
		return leave_boot(old, size);
	if (!mrig_record_enter())
		return real.realloc(old, size);
	p = real.realloc(old, size);
	err = errno;
	mrig_record_realloc_locked(old, p, size);
	mrig_record_leave();
	if (!p)
		errno = err;
	return p;
}

EXPORT void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

EXPORT void free(void *p)
{
	if (!p || in_boot(p))
		return;
	if (!ready())
		return;
	mrig_record_free(p);
	real.free(p);
}

EXPORT int posix_memalign(void **out, size_t align, size_t size)
{
	int err = ENOMEM;

	ready();
	if (real.posix_memalign)
		err = real.posix_memalign(out, align, size);
	if (err != EINVAL)
		mrig_record_alloc(MEMRIG_TRACE_ALLOC_ALIGNED, err ? NULL : *out, align, size);
	return err;
}

static void *record_aligned(void *p, size_t align, size_t size)
{
	/* Some allocators take what is no power of two and round it up or ignore it. */
	if (power_of_two(align))
		mrig_record_alloc(MEMRIG_TRACE_ALLOC_ALIGNED, p, align, size);
	else if (p)
		mrig_record_alloc(MEMRIG_TRACE_ALLOC, p, 0, size);
	return p;
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	ready();
	if (!real.aligned_alloc)
		return no_such_function();
	return record_aligned(real.aligned_alloc(align, size), align, size);
}

EXPORT void *memalign(size_t align, size_t size)
{
	ready();
	if (!real.memalign)
		return no_such_function();
	return record_aligned(real.memalign(align, size), align, size);
}

EXPORT void *valloc(size_t size)
{
	ready();
	if (!real.valloc)
		return no_such_function();
	return record_aligned(real.valloc(size), (size_t)sysconf(_SC_PAGESIZE), size);
}

EXPORT void *pvalloc(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = size > SIZE_MAX - page ? SIZE_MAX : (size + page - 1) & ~(page - 1);

	ready();
	if (!real.pvalloc)
		return no_such_function();
	return record_aligned(real.pvalloc(size), page, bytes);
}
