/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's mem_attr and mem_attr_heap, as the library exports them: a table that the program
 * registers, and heaps in its regions, with a lock.
 */
#ifndef MEMRIG_MEM_ATTR_H
#define MEMRIG_MEM_ATTR_H

#include <memrig/sync/mem_attr_pool.h>

#endif /* MEMRIG_MEM_ATTR_H */
