/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this directory share: the operations of a kind of memory, and what each
 * architecture supplies (region_attr_ARCH.c, region_query_ARCH.c).
 */
#ifndef MRIG_REGION_PRIV_H
#define MRIG_REGION_PRIV_H

#include <linux/mm_types.h>
#include <linux/types.h>

#include "region/region.h"

/**
 * struct mrig_region_ops - one kind of memory
 * @name: for listings and regions=
 * @check: is the normalised @spec possible on this machine? 0 or -errno, no memory needed
 * @acquire: get zeroed memory with the attribute in force. Errors set @reason and leave nothing
 * @busy: does anybody but this module still hold pages that @release must not give back then?
 *	NULL: release copes. All PTEs are gone
 * @release: undo @acquire; must not fail
 * @page: page number @index of the region
 * @mappable: can user space map it at all?
 * @mmap: set flags, page protection and what else the kind needs on a new VMA, which has been
 *	checked to lie within the region
 * @fault: install the PTE of page @index, and perhaps some more; NULL if all are there from
 *	@mmap on
 * @map_kernel: make a kernel mapping in the region's own attribute where none is there from
 *	@acquire on; NULL if there always is one. Undone by @release
 */
struct mrig_region_ops {
	const char *name;
	int (*check)(const struct mrig_region_spec *spec);
	int (*acquire)(struct mrig_region *region, u32 *reason, u64 *detail);
	bool (*busy)(struct mrig_region *region);
	void (*release)(struct mrig_region *region);
	struct page *(*page)(const struct mrig_region *region, unsigned long index);
	bool (*mappable)(const struct mrig_region *region);
	int (*mmap)(struct mrig_region *region, struct vm_area_struct *vma);
	vm_fault_t (*fault)(struct mrig_region *region, struct vm_fault *vmf, unsigned long index);
	void *(*map_kernel)(struct mrig_region *region);
};

extern const struct mrig_region_ops mrig_region_pages_ops;
extern const struct mrig_region_ops mrig_region_coherent_ops;
extern const struct vm_operations_struct mrig_region_vm_ops;

/**
 * struct mrig_memtype - what a page table entry says
 * @type: enum memrig_memtype
 * @raw: bits it was decoded from, as struct memrig_attr_query reports them
 */
struct mrig_memtype {
	u32 type;
	u32 raw;
};

/* region_scan.c: contiguous pages of system memory, each with one reference */
struct page *mrig_contig_alloc(unsigned long npages, int node, u32 *reason);

/* region_named.c, region_sysfs.c, region_param.c */
int mrig_name_check(const char *name);
bool mrig_caller_may_name(void);
bool mrig_caller_owns(const struct mrig_region *region);
int mrig_region_name_allowed(const struct mrig_region_spec *spec);
bool mrig_region_visible(const struct mrig_region *region);
kgid_t mrig_named_group(void);
int mrig_name_publish(struct mrig_region *region);
bool mrig_name_taken(const char *name);
struct mrig_region *mrig_region_find_name(const char *name);
int mrig_sysfs_init(void);
void mrig_sysfs_fini(void);
struct device *mrig_sysfs_add(struct mrig_region *region);
void mrig_sysfs_remove(struct device *dev);
int mrig_param_create_regions(void);

/* region_attrs.c: the attribute word */
u64 mrig_attrs_derived(u32 attr);
int mrig_attrs_check(u64 attrs, bool revocable);
bool mrig_attrs_word(u64 *attrs, char *word);
int mrig_attrs_parse(char *text, u64 *attrs);
int mrig_param_name_attrs(void);

/* region_cpus.c: near CPUs */
int mrig_cpus_check(u64 cpus);
u64 mrig_region_cpus(const struct mrig_region *region);

/* region_power.c: on and off */
void mrig_power_init(struct mrig_region *region);
bool mrig_power_enter(struct mrig_region *region);
void mrig_power_leave(struct mrig_region *region);

/* region_dma.c: devices */
int mrig_dma_init(void);
void mrig_dma_fini(void);
struct platform_device *mrig_dma_device(unsigned int bits);
void mrig_dma_unmap(struct mrig_region *region);

/* region.c, region_info.c, region_zombie.c */
u32 mrig_kind_by_name(const char *name);
u32 mrig_attr_by_name(const char *name);
void mrig_region_free(struct mrig_region *region);
void mrig_zombie_add(struct mrig_region *region);
void mrig_zombie_fini(void);

/* region_cpus.c */
void mrig_region_reach_init(struct mrig_region *region);

/* region_span.c */
void mrig_region_span_init(struct mrig_region *region);
void mrig_region_span_mapped(struct mrig_region *region);
void mrig_region_span_fini(struct mrig_region *region);

/* region_attr_ARCH.c */
u32 mrig_arch_pages_attrs(void);
u32 mrig_arch_coherent_attrs(void);
u32 mrig_arch_gup_attrs(void);
u64 mrig_arch_features(void);
unsigned long mrig_arch_dma_attrs(u32 attr);
pgprot_t mrig_arch_pgprot(u32 attr, pgprot_t prot);
bool mrig_arch_linear_has(u32 attr);
int mrig_arch_attr_set(struct page **pages, unsigned long npages, u32 attr);
int mrig_arch_attr_restore(struct page **pages, unsigned long npages, u32 attr);

/* region_query_ARCH.c */
struct mrig_memtype mrig_arch_kernel_type(const void *addr);
struct mrig_memtype mrig_arch_user_type(struct vm_area_struct *vma, unsigned long addr);

#endif /* MRIG_REGION_PRIV_H */
