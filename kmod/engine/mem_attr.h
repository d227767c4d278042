/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * mem_attr: a table of memory regions with attributes, and mem_attr_heap: heaps in those whose
 * software attribute asks for one.
 *
 * Zephyr's table comes from the devicetree; here it is handed in. No function locks, and no payload
 * is touched: as in heap_set.h.
 */
#ifndef MRIG_MEM_ATTR_H
#define MRIG_MEM_ATTR_H

#include "heap_set.h"

/* Attributes that all architectures have. */
#define DT_MEM_ATTR_SHIFT	0
#define DT_MEM_ATTR_MASK	0x0000ffffU
#define DT_MEM_ATTR_GET(x)	((x) & DT_MEM_ATTR_MASK)
#define DT_MEM_CACHEABLE	0x00000001U
#define DT_MEM_NON_VOLATILE	0x00000002U
#define DT_MEM_OOO		0x00000004U
#define DT_MEM_DMA		0x00000008U
#define DT_MEM_UNKNOWN		0x00008000U

/* What software is to do with the memory. */
#define DT_MEM_SW_ATTR_SHIFT	16
#define DT_MEM_SW_ATTR_MASK	0x000f0000U
#define DT_MEM_SW_ATTR_GET(x)	((x) & DT_MEM_SW_ATTR_MASK)
#define DT_MEM_SW(x)		((uint32_t)(x) << DT_MEM_SW_ATTR_SHIFT)
#define DT_MEM_SW_ALLOC_CACHE	DT_MEM_SW(0x1)
#define DT_MEM_SW_ALLOC_NON_CACHE	DT_MEM_SW(0x2)
#define DT_MEM_SW_ALLOC_DMA	DT_MEM_SW(0x4)
#define DT_MEM_SW_ATTR_UNKNOWN	DT_MEM_SW(0x8)

/* Attributes of one architecture. */
#define DT_MEM_ARCH_ATTR_SHIFT	20
#define DT_MEM_ARCH_ATTR_MASK	0xfff00000U
#define DT_MEM_ARCH_ATTR_GET(x)	((x) & DT_MEM_ARCH_ATTR_MASK)
#define DT_MEM_ARCH_ATTR_UNKNOWN	0x80000000U

/**
 * struct mem_attr_region_t - a region of the table
 * @dt_name: its name
 * @dt_addr: first byte
 * @dt_size: length
 * @dt_attr: attributes
 */
struct mem_attr_region_t {
	const char *dt_name;
	uintptr_t dt_addr;
	size_t dt_size;
	uint32_t dt_attr;
};

/**
 * struct mrig_mem_attr - a table
 * @region: its regions
 * @nr: how many
 */
struct mrig_mem_attr {
	const struct mem_attr_region_t *region;
	size_t nr;
};

int mrig_mem_attr_init(struct mrig_mem_attr *table, const struct mem_attr_region_t *region,
		       size_t nr);
size_t mrig_mem_attr_get_regions(const struct mrig_mem_attr *table,
				 const struct mem_attr_region_t **region);
const struct mem_attr_region_t *mrig_mem_attr_find(const struct mrig_mem_attr *table,
						   uintptr_t addr);
int mrig_mem_attr_check_buf(const struct mrig_mem_attr *table, uintptr_t addr, size_t size,
			    uint32_t attr);

/**
 * struct mrig_mah_member - a region that has a heap; the caller's
 * @member: its heap; the rest is filled in by mrig_mah_add()
 * @region: the region
 */
struct mrig_mah_member {
	struct mrig_member member;
	const struct mem_attr_region_t *region;
};

/**
 * struct mrig_mah - heaps of a table; private but for @set.hungry
 * @set: the heaps, in the order of the table
 * @table: the table
 */
struct mrig_mah {
	struct mrig_set set;
	const struct mrig_mem_attr *table;
};

int mrig_mah_init(struct mrig_mah *mah, const struct mrig_mem_attr *table,
		  struct mrig_member **slots, uint32_t room);
int mrig_mah_add(struct mrig_mah *mah, struct mrig_mah_member *m, size_t index);
int mrig_mah_remove(struct mrig_mah *mah, struct mrig_mah_member *m);
int mrig_mah_alloc(struct mrig_mah *mah, uint32_t attr, size_t align, size_t bytes,
		   uint64_t *addr);
int mrig_mah_realloc(struct mrig_mah *mah, uint64_t addr, size_t bytes, struct mrig_move *move);
int mrig_mah_free(struct mrig_mah *mah, uint64_t addr);
const struct mem_attr_region_t *mrig_mah_get_region(struct mrig_mah *mah, uint64_t addr);

#endif /* MRIG_MEM_ATTR_H */
