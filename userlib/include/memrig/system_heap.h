/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The size of the heap behind k_malloc(). A program that was written for Zephyr needs none of this:
 * it defines CONFIG_HEAP_MEM_POOL_SIZE and includes <memrig/zephyr.h>.
 */
#ifndef MEMRIG_SYSTEM_HEAP_H
#define MEMRIG_SYSTEM_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sys_heap_opts;

int memrig_system_heap_pool(size_t bytes, bool ignore_min, const struct sys_heap_opts *opts);
int memrig_system_heap_add(size_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_SYSTEM_HEAP_H */
