// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * User space's side of mrig_port.h: what does not fit into a header.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>
#include "mrig_port_user.h"

static void fault_to_stderr(const void *heap, unsigned int invariant, uint64_t offset)
{
	fprintf(stderr, "memrig: heap %p: invariant %u broken at offset %llu, heap fenced off\n",
		heap, invariant, (unsigned long long)offset);
}

static void misuse_to_stderr(const void *object, const void *block, int err)
{
	int before = errno;

	fprintf(stderr, "memrig: object %p: %p refused: %s\n", object, block, strerror(-err));
	errno = before;
}

static void (*on_misuse)(const void *object, const void *block, int err) = misuse_to_stderr;
static void (*on_fault)(const void *heap, unsigned int invariant,
			uint64_t offset) = fault_to_stderr;
static FILE *print_to;
static pthread_mutex_t listen_lock = PTHREAD_MUTEX_INITIALIZER;

void mrig_port_on_heap_fault(void (*fn)(const void *heap, unsigned int invariant, uint64_t offset))
{
	on_fault = fn ? fn : fault_to_stderr;
}

void mrig_port_on_misuse(void (*fn)(const void *object, const void *block, int err))
{
	on_misuse = fn ? fn : misuse_to_stderr;
}

void mrig_port_print_to(FILE *out)
{
	print_to = out;
}

/**
 * mrig_port_heap_fault() - report that a heap was found corrupted and is now fenced off
 * @heap: the heap
 * @invariant: number of the broken invariant (Documentation/invariants.rst)
 * @offset: of the block concerned, from the start of the heap's span
 */
void mrig_port_heap_fault(const void *heap, unsigned int invariant, uint64_t offset)
{
	on_fault(heap, invariant, offset);
}

/**
 * mrig_port_misuse() - report that an object was given back what is not its own
 * @object: the object; it is unharmed
 * @block: what it was given
 * @err: what it thinks of that: -EALREADY, -EINVAL, -ENOENT...
 */
void mrig_port_misuse(const void *object, const void *block, int err)
{
	on_misuse(object, block, err);
}

/**
 * mrig_port_random() - a secret for one heap
 *
 * Return: 64 unpredictable bits, or an address where the system has none to give.
 */
uint64_t mrig_port_random(void)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != (ssize_t)sizeof(bits))
		bits = (uintptr_t)&bits * 0x9e3779b97f4a7c15ULL;
	return bits;
}

/**
 * mrig_port_listen_lock() - enter the list of heap listeners
 *
 * Return: what mrig_port_listen_unlock() needs; nothing in user space.
 */
unsigned long mrig_port_listen_lock(void)
{
	pthread_mutex_lock(&listen_lock);
	return 0;
}

/**
 * mrig_port_listen_unlock() - leave the list of heap listeners
 * @flags: result of mrig_port_listen_lock()
 */
void mrig_port_listen_unlock(unsigned long flags)
{
	(void)flags;
	pthread_mutex_unlock(&listen_lock);
}

/**
 * mrig_port_print() - write one line of a heap's description
 * @fmt: printf format
 */
void mrig_port_print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(print_to ? print_to : stdout, fmt, args);
	va_end(args);
}
