/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an engine may ask of the world it runs in: user space's answer.
 *
 * Same names and meanings as kmod/port/mrig_port.h, where they are listed.
 */
#ifndef MRIG_PORT_H
#define MRIG_PORT_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define mrig_likely(x)	 __builtin_expect(!!(x), 1)
#define mrig_unlikely(x) __builtin_expect(!!(x), 0)
#define mrig_inline	 inline __attribute__((__always_inline__))
#ifndef MRIG_PORT_DISTRUST
#define MRIG_PORT_DISTRUST 0 /* a program that corrupts its own heap harms itself */
#endif
#define mrig_noinline	  __attribute__((__noinline__))
#define mrig_hide(x)	  __asm__("" : "+r"(x))
#define mrig_read_once(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#ifdef __clang__
#define mrig_opaque __attribute__((__noinline__))
#else
#define mrig_opaque __attribute__((__noipa__))
#endif
#define mrig_printf(f, a) __attribute__((__format__(__printf__, f, a)))

static inline unsigned int mrig_ctz64(uint64_t x)
{
	return (unsigned int)__builtin_ctzll(x);
}

static inline unsigned int mrig_top64(uint64_t x)
{
	return 63U ^ (unsigned int)__builtin_clzll(x);
}

static inline unsigned int mrig_ilog2(uint32_t x)
{
	return 31U ^ (unsigned int)__builtin_clz(x);
}

/* There is nobody to keep a secret from within a process. */
static inline uint64_t mrig_index_nospec(uint64_t index, uint64_t bound)
{
	(void)bound;
	return index;
}

void mrig_port_heap_fault(const void *heap, unsigned int invariant, uint64_t offset);
void mrig_port_misuse(const void *object, const void *block, int err);
uint64_t mrig_port_random(void);
unsigned long mrig_port_listen_lock(void);
void mrig_port_listen_unlock(unsigned long flags);

/* A process that puts headers where others can write harms itself. */
static inline int mrig_port_span_refused(const void *mem, size_t bytes)
{
	(void)mem;
	(void)bytes;
	return 0;
}

void mrig_port_print(const char *fmt, ...) mrig_printf(1, 2);

#ifdef __cplusplus
}
#endif

#endif /* MRIG_PORT_H */
