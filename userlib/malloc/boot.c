// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The arena, and messages that need no heap.
 */
#include "boot.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BOOT_BYTES   (128 * 1024)
#define BOOT_ALIGN   16
#define EXIT_NOT_RUN 126

/* A block is its size, padding, and what was asked for: the size is right before the payload. */
static struct {
	_Alignas(BOOT_ALIGN) unsigned char bytes[BOOT_BYTES];
	atomic_size_t used;
} boot;

void *malloc_boot_alloc(size_t align, size_t size)
{
	size_t old = atomic_load(&boot.used), at, end;

	if (align < BOOT_ALIGN)
		align = BOOT_ALIGN;
	if (size > BOOT_BYTES || align > BOOT_BYTES)
		return NULL;
	do {
		at = (uintptr_t)boot.bytes + old + BOOT_ALIGN;
		at = ((at + align - 1) & ~(align - 1)) - (uintptr_t)boot.bytes;
		end = (at + size + BOOT_ALIGN - 1) & ~(size_t)(BOOT_ALIGN - 1);
		if (end > BOOT_BYTES)
			return NULL;
	} while (!atomic_compare_exchange_weak(&boot.used, &old, end));
	memcpy(boot.bytes + at - sizeof(size), &size, sizeof(size));
	return boot.bytes + at;
}

bool malloc_boot_owns(const void *p)
{
	return (uintptr_t)p - (uintptr_t)boot.bytes < BOOT_BYTES;
}

size_t malloc_boot_usable(const void *p)
{
	size_t size;

	memcpy(&size, (const char *)p - sizeof(size), sizeof(size));
	return size;
}

size_t malloc_boot_used(void)
{
	return atomic_load(&boot.used);
}

static struct iovec part(const char *text)
{
	return (struct iovec){ .iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) };
}

void malloc_say(const char *text, const char *more, int error)
{
	const char *words = error ? strerrordesc_np(error) : "";
	struct iovec line[] = {
		part("libmemrig-malloc: "),
		part(text),
		part(more ? more : ""),
		part(error ? ": " : ""),
		part(words ? words : "unknown error"),
		part("\n"),
	};

	/* There is nobody to tell that there is nobody to tell. */
	if (writev(STDERR_FILENO, line, sizeof(line) / sizeof(line[0])) < 0)
		return;
}

void malloc_die(const char *text, const char *more, int error)
{
	malloc_say(text, more, error);
	_exit(EXIT_NOT_RUN);
}
