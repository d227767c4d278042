/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A small static arena, for requests that come when the heap cannot serve them: before it is there,
 * and from signal handlers that interrupted it. Nothing is ever given back. Safe in any context.
 */
#ifndef MEMRIG_MALLOC_BOOT_H
#define MEMRIG_MALLOC_BOOT_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed; NULL when the arena is used up. */
void *malloc_boot_alloc(size_t align, size_t size);
bool malloc_boot_owns(const void *p);
/* Of a block of the arena. */
size_t malloc_boot_usable(const void *p);
size_t malloc_boot_used(void);

/* A line on standard error, with "errno" in words if @error is not 0. */
void malloc_say(const char *text, const char *more, int error);
/* The same, and the end of the process: status 126, as for a command that cannot be run. */
void malloc_die(const char *text, const char *more, int error) __attribute__((noreturn));

#endif /* MEMRIG_MALLOC_BOOT_H */
