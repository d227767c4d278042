/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Regions of memory for modules: real memory of a kind and with an attribute, and heaps over it
 * whose bookkeeping stands elsewhere. Kinds, attributes and flags are those of <linux/memrig.h>.
 */
#ifndef MEMRIG_REGION_H
#define MEMRIG_REGION_H

#include <linux/memrig.h>
#include <linux/types.h>
#include "../../sync/k_timeout.h"
#include "../../engine/sys_heap.h"

struct mrig_region;
struct memrig_kheap;

/**
 * struct memrig_region_config - what to make; zeroed members mean "the usual"
 * @kind: enum memrig_kind
 * @attr: enum memrig_attr
 * @flags: MEMRIG_REGION_*. With MEMRIG_REGION_KERNEL_ONLY and CACHED the region may hold headers,
 *	so that k_heap_init() and its kin accept addresses of it
 * @length: bytes, rounded up to pages
 * @attrs: EXTERNAL, POWERED and custom bits of MEMRIG_ATTRS_*
 * @dma_mask_bits: COHERENT: what its device reaches; 0 means 32
 * @on_node: memory of node @node only
 * @node: NUMA node
 * @name: of a region that user space is to find, or NULL
 */
struct memrig_region_config {
	u32 kind;
	u32 attr;
	u32 flags;
	u64 length;
	u64 attrs;
	u32 dma_mask_bits;
	bool on_node;
	int node;
	const char *name;
};

struct mrig_region *memrig_region_create(const struct memrig_region_config *config);
struct mrig_region *memrig_region_open(const char *name);
int memrig_region_remove(const char *name);
struct mrig_region *memrig_region_get(struct mrig_region *region);
void memrig_region_put(struct mrig_region *region);
void *memrig_region_kaddr(struct mrig_region *region);
int memrig_region_dma_addr(struct mrig_region *region, u64 offset, dma_addr_t *addr);
void memrig_region_info(struct mrig_region *region, struct memrig_region_info *info);

/**
 * struct memrig_kheap_config - what a heap is made of; zeroed members mean "the usual"
 * @offset: first byte of its span in the region, on a page boundary
 * @length: bytes; 0 means all that follow
 * @max_blocks: bound on live and free blocks together, for which memory is set aside; 0 means 1024
 * @search_limit: CONFIG_SYS_HEAP_ALLOC_LOOPS; 0 means 3
 * @hardening: MRIG_HARDEN_*
 * @stats: keep the peak (CONFIG_SYS_HEAP_RUNTIME_STATS)
 */
struct memrig_kheap_config {
	u64 offset;
	u64 length;
	u32 max_blocks;
	u32 search_limit;
	u8 hardening;
	bool stats;
};

struct memrig_kheap *memrig_kheap_create(struct mrig_region *region,
					 const struct memrig_kheap_config *config);
int memrig_kheap_destroy(struct memrig_kheap *heap);
void *memrig_kheap_alloc(struct memrig_kheap *heap, size_t bytes, k_timeout_t timeout);
void *memrig_kheap_aligned_alloc(struct memrig_kheap *heap, size_t align, size_t bytes,
				 k_timeout_t timeout);
int memrig_kheap_free(struct memrig_kheap *heap, void *mem);
int memrig_kheap_resize(struct memrig_kheap *heap, void *mem, size_t bytes);
size_t memrig_kheap_usable_size(struct memrig_kheap *heap, void *mem);
int memrig_kheap_stats_get(struct memrig_kheap *heap, struct sys_memory_stats *stats);

#endif /* MEMRIG_REGION_H */
