/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * mem_attr and mem_attr_heap under Zephyr's names: a table of memory with attributes, questions to
 * it, and heaps, with a lock, in those of its regions that have a software attribute.
 *
 * The table, which Zephyr takes from the devicetree, is registered: memrig_mem_attr_register().
 */
#ifndef MEM_ATTR_POOL_H
#define MEM_ATTR_POOL_H

#include "../engine/mem_attr.h"
#include "mrig_span.h"

#ifdef __cplusplus
extern "C" {
#endif

size_t mem_attr_get_regions(const struct mem_attr_region_t **region);
int mem_attr_check_buf(void *addr, size_t size, uint32_t attr);

int mem_attr_heap_pool_init(void);
void *mem_attr_heap_alloc(uint32_t attr, size_t bytes);
void *mem_attr_heap_aligned_alloc(uint32_t attr, size_t align, size_t bytes);
void *mem_attr_heap_realloc(void *addr, size_t bytes);
void mem_attr_heap_free(void *block);
const struct mem_attr_region_t *mem_attr_heap_get_region(void *addr);

int memrig_mem_attr_register(const struct mem_attr_region_t *region, size_t nr);
int memrig_mem_attr_heap_init(const struct memrig_span_opts *opts);
int memrig_mem_attr_heap_free(void *block);
int memrig_mem_attr_heap_stats(const struct mem_attr_region_t *region,
			       struct memrig_span_stats *stats);
int memrig_mem_attr_heap_fini(void);

void mrig_mem_attr_pool_exit(void);

#ifdef __cplusplus
}
#endif

#endif /* MEM_ATTR_POOL_H */
