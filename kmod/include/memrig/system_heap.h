/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The heap behind k_malloc(), for modules. Its size is the larger of the module parameter
 * heap_mem_pool_size= of memrig and of the sum of what modules add, as in Zephyr
 * CONFIG_HEAP_MEM_POOL_SIZE and CONFIG_HEAP_MEM_POOL_ADD_SIZE_*.
 */
#ifndef MEMRIG_SYSTEM_HEAP_H
#define MEMRIG_SYSTEM_HEAP_H

#include <linux/types.h>

struct k_heap;

int memrig_system_heap_add(size_t bytes);
int memrig_system_heap_sub(size_t bytes);
void memrig_thread_heap_forget(struct k_heap *heap);

#endif /* MEMRIG_SYSTEM_HEAP_H */
