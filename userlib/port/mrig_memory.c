// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * User space's side of mrig_memory.h: memory for bookkeeping, and where the caller runs.
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "mrig_memory.h"

/**
 * mrig_mem_alloc() - memory for the bookkeeping of an object
 * @bytes: how much; not 0
 *
 * Return: zeroed memory for mrig_mem_free(), or NULL. errno stays.
 */
void *mrig_mem_alloc(size_t bytes)
{
	int before = errno;
	void *mem = calloc(1, bytes);

	errno = before;
	return mem;
}

/**
 * mrig_mem_free() - give memory of mrig_mem_alloc() back
 * @mem: it, or NULL
 */
void mrig_mem_free(void *mem)
{
	free(mem);
}

/* Either may be NULL. A system that does not say is one CPU on one node. */
static void where(unsigned int *cpu, unsigned int *node)
{
	int before = errno;

	if (syscall(SYS_getcpu, cpu, node, NULL))
		errno = before;
}

/**
 * mrig_cpu() - the CPU the caller runs on, which may change at any time
 *
 * Return: its number.
 */
uint32_t mrig_cpu(void)
{
	unsigned int cpu = 0;

	where(&cpu, NULL);
	return cpu;
}

/**
 * mrig_node() - the NUMA node of that CPU
 *
 * Return: its number.
 */
int32_t mrig_node(void)
{
	unsigned int node = 0;

	where(NULL, &node);
	return (int32_t)node;
}
