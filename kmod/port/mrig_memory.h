/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an object that grows may ask of the world it runs in: the kernel's answer. The contract
 * stands in userlib/port/mrig_memory.h.
 *
 * Memory is charged to the caller's control group. Where the caller cannot sleep small pieces may
 * be had, and on real-time kernels none.
 */
#ifndef MRIG_MEMORY_H
#define MRIG_MEMORY_H

#include <linux/smp.h>
#include <linux/topology.h>
#include "mrig_port.h"

void *mrig_mem_alloc(size_t bytes);
void *mrig_mem_create(size_t bytes);
void mrig_mem_free(void *mem);

static inline uint32_t mrig_cpu(void)
{
	return raw_smp_processor_id();
}

static inline int32_t mrig_node(void)
{
	return cpu_to_node(raw_smp_processor_id());
}

#endif /* MRIG_MEMORY_H */
