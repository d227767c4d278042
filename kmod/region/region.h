/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A region: a span of real memory with one attribute, owned by this module.
 *
 * Life: created with one reference. Files, mappings (through their file), heaps and the name each
 * hold one. When the last goes, all user PTEs are gone, the attribute is undone, and every page is
 * put; pages that somebody else still holds (GUP, vmsplice) outlive the region safely.
 *
 * Lock order: mmap_lock or &mrig_power.switching, then &mrig_power.gate, then &mrig_region.lock;
 * the lock of the names (region_named.c), then the lock of the list (region.c). User memory is
 * never touched under any of them.
 *
 * Nothing here trusts the content of the memory.
 */
#ifndef MRIG_REGION_H
#define MRIG_REGION_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/memrig.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "core/account.h"
#include "mrig_bare.h"

struct device;
struct page;
struct platform_device;
struct seq_file;
struct vm_area_struct;
struct vm_fault;
struct mrig_region_ops;

/**
 * struct mrig_region_spec - what to create; mrig_region_create() checks all of it
 * @kind: enum memrig_kind
 * @attr: enum memrig_attr
 * @flags: MEMRIG_REGION_*
 * @length: bytes, not yet rounded
 * @dma_mask_bits: COHERENT; 0 means 32
 * @node: NUMA node or NUMA_NO_NODE
 * @attrs: EXTERNAL, POWERED and custom bits of MEMRIG_ATTRS_*; in a region all of them
 * @cpus: CPUs below 64 that count as near; 0: those of the memory's node
 * @name: "" for none
 * @uid: owner
 * @gid: group of a named region
 * @mode: permission bits of a named region
 */
struct mrig_region_spec {
	u32 kind;
	u32 attr;
	u32 flags;
	u64 length;
	u32 dma_mask_bits;
	int node;
	u64 attrs;
	u64 cpus;
	char name[MEMRIG_NAME_MAX];
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
};

/**
 * struct mrig_power - whether a region is on; for those that are not POWERED it stays so
 * @switching: taken to suspend and to resume
 * @gate: held for reading to keep it as it is, for writing to change @off
 * @off: suspended; @gate
 * @count: how often it was suspended; @gate to change
 * @touches: pieces of this module that use its bytes
 */
struct mrig_power {
	struct mutex switching;	/* see above */
	struct rw_semaphore gate;
	bool off;
	u64 count;
	atomic_t touches;
};

/**
 * struct mrig_claim - a span that one heap has for itself
 * @entry: in the list of those of the region; lock of the region
 * @user: it is a heap of user space
 * @offset: first byte
 * @length: bytes
 */
struct mrig_claim {
	struct list_head entry;
	bool user;
	u64 offset;
	u64 length;
};

/**
 * struct mrig_region - see the top of this file
 * @ref: references
 * @ops: its kind
 * @spec: as created, @spec.length rounded up to pages. Constant
 * @id: unique number
 * @npages: length in pages
 * @charge: who pays
 * @node: inode whose address_space all user mappings use; there while there are files; @lock
 * @node_files: number of files on @node; @lock
 * @pages: PAGES: the array of its pages, physically contiguous
 * @dev: COHERENT: child platform device with the DMA mask
 * @dma: DMA address of its first byte: COHERENT, or @dma_mapped
 * @dma_mapped: PAGES: mapped for the device of all regions of pages; @lock
 * @dma_attrs: COHERENT: as given to dma_alloc_attrs()
 * @kaddr: kernel mapping in the region's own attribute, or NULL; see mrig_region_kmap(). Set once,
 *	under @lock
 * @lock: protects what refers to it here
 * @heaps: list of struct mrig_claim, one for each heap, non-overlapping spans; @lock
 * @nheaps: their number; @lock to change
 * @kernels: kernel code has the address of a KERNEL_ONLY region, so user space gets no heap; @lock
 * @nmaps: number of VMAs; raised from 0 under @lock
 * @nlent: number of spans that are lent; @lock
 * @power: on or off
 * @name_live: the name is registered; lock of the names to change
 * @class_dev: sysfs device of a named region; lock of the names
 * @entry: in the list of all regions or, later, of those that cannot be freed yet
 * @from_cma: memory came from CMA
 * @dma_bits: address bits that a device needs to reach all of it. Constant
 * @linear: its pages in the kernel's map of all memory, if no headers may stand there
 * @mapped: @kaddr, likewise
 * @rcu: to free it
 */
struct mrig_region {
	struct kref ref;
	const struct mrig_region_ops *ops;
	struct mrig_region_spec spec;
	u64 id;
	unsigned long npages;
	struct mrig_charge charge;
	struct inode *node;
	unsigned int node_files;
	struct page **pages;
	struct platform_device *dev;
	dma_addr_t dma;
	bool dma_mapped;
	unsigned long dma_attrs;
	void *kaddr;
	struct mutex lock;	/* see above */
	struct list_head heaps;
	u32 nheaps;
	bool kernels;
	atomic_t nmaps;
	unsigned int nlent;
	struct mrig_power power;
	bool name_live;
	struct device *class_dev;
	struct list_head entry;
	bool from_cma;
	u32 dma_bits;
	struct mrig_bare linear;
	struct mrig_bare mapped;
	struct rcu_head rcu;
};

/* Life. mrig_region_create() leaves the region registered but without a file. */
struct mrig_region *mrig_region_create(const struct mrig_region_spec *spec, u32 *reason,
				       u64 *detail);
void mrig_region_get(struct mrig_region *region);
void mrig_region_put(struct mrig_region *region);

/*
 * Files. The file that is made does not hold a reference by itself: its release operation calls
 * mrig_region_file_released(), then puts the reference its maker took for it.
 */
struct file *mrig_region_file_create(struct mrig_region *region,
				     const struct file_operations *fops, void *priv, int oflags);
void mrig_region_file_released(struct mrig_region *region);

/* Named regions. Permissions are checked in there, against current_fsuid() and friends. */
struct mrig_region *mrig_region_open(const char *name, bool write);
int mrig_region_remove(const char *name);
void mrig_region_unname(struct mrig_region *region);
/* Next region with id > *cursor that the caller may know of, with a reference; NULL at the end. */
struct mrig_region *mrig_region_next(u64 *cursor);
void mrig_region_remove_all(void);

/* Use. */
int mrig_region_mmap(struct mrig_region *region, struct vm_area_struct *vma, bool writable);
int mrig_region_claim(struct mrig_region *region, struct mrig_claim *claim, u64 offset, u64 length);
void mrig_region_unclaim(struct mrig_region *region, struct mrig_claim *claim);
int mrig_region_take(struct mrig_region *region);
/* Pages to map one by one; see region_lend.c. */
void *mrig_region_lend(struct mrig_region *region, struct mrig_claim *claim, u64 offset,
		       u64 length);
void mrig_region_lent(struct mrig_region *region, struct mrig_claim *claim);
struct page *mrig_region_lent_page(const struct mrig_region *region, const struct mrig_claim *claim,
				   unsigned long index);
int mrig_region_lent_dma(struct mrig_region *region, const struct mrig_claim *claim,
			 unsigned long index, u64 *dma);
pgprot_t mrig_region_pgprot(const struct mrig_region *region, pgprot_t prot);
/*
 * The address of its first byte, or ERR_PTR; it lives as long as the region. Bytes of a POWERED one
 * may only be touched between mrig_region_touch() and mrig_region_touched().
 */
void *mrig_region_kmap(struct mrig_region *region);
void *mrig_region_touch(struct mrig_region *region);
void mrig_region_touched(struct mrig_region *region);
int mrig_region_suspend(struct mrig_region *region, bool lose);
int mrig_region_resume(struct mrig_region *region);
bool mrig_region_suspended(const struct mrig_region *region);
int mrig_region_node(const struct mrig_region *region);
u32 mrig_region_dma_bits(const struct mrig_region *region);
bool mrig_region_near(const struct mrig_region *region, unsigned int cpu);
int mrig_region_near_query(const struct mrig_region *region, struct memrig_region_near *query);
void mrig_region_fill_info(struct mrig_region *region, struct memrig_region_info *info);
void mrig_region_show_fdinfo(struct seq_file *m, struct mrig_region *region);
int mrig_region_addr(struct mrig_region *region, u64 offset, struct memrig_region_addr *addr);
int mrig_region_dma(struct mrig_region *region, u64 offset, u64 *dma);
int mrig_region_attr_query(struct mrig_region *region, struct memrig_attr_query *query);
const char *mrig_region_kind_name(u32 kind);
const char *mrig_region_attr_name(u32 attr);

/* Names of the bits of MEMRIG_ATTRS_*. */
int mrig_attr_name_set(u32 bit, const char *name);
int mrig_attr_name_clear(u32 bit);
int mrig_attr_name_get(u32 bit, char *name);
int mrig_attr_name_find(const char *name);

/* Masks for CAPS: bit n stands for enum value n; features are MEMRIG_FEATURE_*. */
u32 mrig_region_kinds(void);
u32 mrig_region_attrs(u32 kind);
u32 mrig_region_gup_attrs(void);
u64 mrig_region_features(void);

int mrig_region_init(void);	/* also makes the regions of regions=; last of all to be called */
void mrig_region_fini(void);	/* after mrig_region_remove_all(), when no file is left */

#endif /* MRIG_REGION_H */
