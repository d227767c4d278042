/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an engine may ask of the world it runs in: the kernel's answer.
 *
 * userlib/port/mrig_port.h gives the same names in user space; the include path decides. Engines
 * include nothing else, so whatever they use beyond plain C is listed here:
 *
 *   fixed-width types, bool, size_t, uintptr_t, SIZE_MAX, errno values, NULL, offsetof
 *   memcpy, memset, static_assert
 *   mrig_likely, mrig_unlikely, mrig_inline (force inlining), mrig_noinline
 *   mrig_opaque (callers learn nothing about the function beyond its prototype)
 *   mrig_hide (the compiler forgets how a value came about)
 *   mrig_read_once (a value is read here, and neither kept for later nor known from before)
 *   mrig_ctz64 (lowest set bit), mrig_top64 and mrig_ilog2 (highest set bit); argument not 0
 *   mrig_index_nospec (an index that a stranger chose, found below the bound: so it is for a
 *   processor that guesses, too)
 *   MRIG_PORT_DISTRUST: corrupted headers must not lead out of the span, whatever it costs
 *   mrig_port_heap_fault(): a heap found itself corrupted and was fenced off
 *   mrig_port_misuse(): an object was given back what is not its own; it is unharmed
 *   mrig_port_random(): the secret behind a heap's canaries
 *   mrig_port_span_refused(): memory in which no headers may stand
 *   mrig_port_listen_lock()/unlock(): serialise the list of heap listeners
 *   mrig_port_print(): a sink for text (sys_heap_print_info)
 */
#ifndef MRIG_PORT_H
#define MRIG_PORT_H

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/nospec.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#define mrig_likely(x)		likely(x)
#define mrig_unlikely(x)	unlikely(x)
#define mrig_inline		__always_inline
#define MRIG_PORT_DISTRUST	1	/* a wild access is an oops */
#define mrig_noinline		noinline
#define mrig_hide(x)		OPTIMIZER_HIDE_VAR(x)
#define mrig_read_once(x)	READ_ONCE(x)
#define mrig_opaque		noinline
#define mrig_printf(f, a)	__printf(f, a)

static inline unsigned int mrig_ctz64(uint64_t x)
{
	return __ffs64(x);
}

static inline unsigned int mrig_top64(uint64_t x)
{
	return fls64(x) - 1;
}

static inline unsigned int mrig_ilog2(uint32_t x)
{
	return __fls(x);
}

static inline uint64_t mrig_index_nospec(uint64_t index, uint64_t bound)
{
	return array_index_nospec(index, bound);
}

void mrig_port_heap_fault(const void *heap, unsigned int invariant, uint64_t offset);
void mrig_port_misuse(const void *object, const void *block, int err);
uint64_t mrig_port_random(void);
int mrig_port_span_refused(const void *mem, size_t bytes);
unsigned long mrig_port_listen_lock(void);
void mrig_port_listen_unlock(unsigned long flags);
mrig_printf(1, 2) void mrig_port_print(const char *fmt, ...);

#endif /* MRIG_PORT_H */
