/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an object that grows may ask of the world it runs in: memory for its bookkeeping, and where
 * the caller is. User space's answer; kmod/port/mrig_memory.h gives the same names.
 *
 *	mrig_mem_create(bytes)	zeroed memory, or NULL; in calls that may sleep
 *	mrig_mem_alloc(bytes)	the same, in calls that may come from anywhere: sooner NULL
 *	mrig_mem_free(mem)	give it back; NULL is fine
 *	mrig_cpu()		CPU the caller runs on at this moment
 *	mrig_node()		its NUMA node
 *
 * Not under a lock of ours.
 */
#ifndef MRIG_MEMORY_H
#define MRIG_MEMORY_H

#include "mrig_port.h"

#ifdef __cplusplus
extern "C" {
#endif

void *mrig_mem_alloc(size_t bytes);
void mrig_mem_free(void *mem);
uint32_t mrig_cpu(void);
int32_t mrig_node(void);

/* Everybody can sleep. */
static inline void *mrig_mem_create(size_t bytes)
{
	return mrig_mem_alloc(bytes);
}

#ifdef __cplusplus
}
#endif

#endif /* MRIG_MEMORY_H */
