/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: what memory is like: its kind, its attribute, and what the page tables say */
#ifndef _UAPI_LINUX_MEMRIG_ATTR_H
#define _UAPI_LINUX_MEMRIG_ATTR_H

#include <linux/types.h>
#include <linux/memrig/common.h>

/**
 * enum memrig_kind - where the memory of a region comes from
 * @MEMRIG_KIND_PAGES: physically contiguous pages of system memory
 * @MEMRIG_KIND_COHERENT: dma_alloc_coherent() on a device owned by the region
 */
enum memrig_kind {
	MEMRIG_KIND_PAGES = 1,
	MEMRIG_KIND_COHERENT = 2,
};

/**
 * enum memrig_attr - memory attribute asked for
 * @MEMRIG_ATTR_CACHED: write-back cacheable
 * @MEMRIG_ATTR_WRITE_COMBINE: x86 WC, arm64 Normal non-cacheable
 * @MEMRIG_ATTR_UNCACHED: x86 UC-, arm64 Normal non-cacheable
 * @MEMRIG_ATTR_WRITE_THROUGH: refused for system memory (EOPNOTSUPP)
 * @MEMRIG_ATTR_DEVICE: refused for system memory (EOPNOTSUPP)
 */
enum memrig_attr {
	MEMRIG_ATTR_CACHED = 1,
	MEMRIG_ATTR_WRITE_COMBINE = 2,
	MEMRIG_ATTR_UNCACHED = 3,
	MEMRIG_ATTR_WRITE_THROUGH = 4,
	MEMRIG_ATTR_DEVICE = 5,
};

/*
 * DOC: The attribute word of a region
 *
 * What is asked for when memory is chosen by what it is like (multi objects). The low half follows
 * from kind and attribute, but for EXTERNAL and POWERED, which the creator of the region sets; the
 * high half is his altogether, with names that MEMRIG_IOC_ATTR_NAME sets. Bits 7 to 31 are 0.
 */
#define MEMRIG_ATTRS_CACHEABLE		(1ULL << 0)
#define MEMRIG_ATTRS_NON_CACHEABLE	(1ULL << 1)
#define MEMRIG_ATTRS_EXTERNAL		(1ULL << 2)	/* outside of the chip, or to be used so */
#define MEMRIG_ATTRS_WRITE_COMBINE	(1ULL << 3)
#define MEMRIG_ATTRS_WRITE_THROUGH	(1ULL << 4)
#define MEMRIG_ATTRS_DEVICE		(1ULL << 5)
#define MEMRIG_ATTRS_POWERED		(1ULL << 6)	/* can be suspended */
#define MEMRIG_ATTRS_CUSTOM_FIRST	32
#define MEMRIG_ATTRS_CUSTOM(n)		(1ULL << (MEMRIG_ATTRS_CUSTOM_FIRST + (n)))
#define MEMRIG_ATTRS_CUSTOM_ALL		(~0ULL << MEMRIG_ATTRS_CUSTOM_FIRST)

/**
 * enum memrig_memtype - effective memory type as the page tables state it
 * @MEMRIG_MEMTYPE_NONE: not mapped
 * @MEMRIG_MEMTYPE_WB: write-back (x86 WB, arm64 Normal WB)
 * @MEMRIG_MEMTYPE_WT: write-through
 * @MEMRIG_MEMTYPE_WC: x86 write-combining
 * @MEMRIG_MEMTYPE_WP: x86 write-protect
 * @MEMRIG_MEMTYPE_UC_MINUS: x86 UC-
 * @MEMRIG_MEMTYPE_UC: x86 strong UC
 * @MEMRIG_MEMTYPE_NORMAL_NC: arm64 Normal non-cacheable
 * @MEMRIG_MEMTYPE_DEVICE_NGNRNE: arm64 Device-nGnRnE
 * @MEMRIG_MEMTYPE_DEVICE_NGNRE: arm64 Device-nGnRE
 * @MEMRIG_MEMTYPE_OTHER: none of these; see the raw bits
 */
enum memrig_memtype {
	MEMRIG_MEMTYPE_NONE = 0,
	MEMRIG_MEMTYPE_WB = 1,
	MEMRIG_MEMTYPE_WT = 2,
	MEMRIG_MEMTYPE_WC = 3,
	MEMRIG_MEMTYPE_WP = 4,
	MEMRIG_MEMTYPE_UC_MINUS = 5,
	MEMRIG_MEMTYPE_UC = 6,
	MEMRIG_MEMTYPE_NORMAL_NC = 7,
	MEMRIG_MEMTYPE_DEVICE_NGNRNE = 8,
	MEMRIG_MEMTYPE_DEVICE_NGNRE = 9,
	MEMRIG_MEMTYPE_OTHER = 255,
};

#define MEMRIG_ATTR_NAME_SET	(1u << 0)	/* give the bit this name */
#define MEMRIG_ATTR_NAME_CLEAR	(1u << 1)	/* take its name away */
#define MEMRIG_ATTR_NAME_FIND	(1u << 2)	/* which bit has this name? */

/**
 * struct memrig_attr_name - ioctl(MEMRIG_IOC_ATTR_NAME) on a session
 * @size: sizeof(struct memrig_attr_name)
 * @flags: one of MEMRIG_ATTR_NAME_*; 0: which name has this bit? More than one: EINVAL
 * @bit: number of a bit, with SET and CLEAR of a custom one, 32 to 63 (EINVAL); out with FIND
 * @reserved: must be 0
 * @name: in with SET and FIND, [a-z0-9][a-z0-9_.-]{0,30} with a character that is no digit
 *	(EINVAL): a number stands for the bit itself; out otherwise
 *
 * Names are the same for everybody, and there for people: the module goes by the bits. Those of
 * bits 0 to 6 are fixed, and can be asked for. Setting and clearing take the right to create named
 * regions (EPERM). EEXIST: the bit has a name, or another bit has this one. ENOENT: no such name;
 * the bit has none.
 */
struct memrig_attr_name {
	__u32 size;
	__u32 flags;
	__u32 bit;
	__u32 reserved;
	__u8 name[MEMRIG_NAME_MAX];
};

/**
 * struct memrig_attr_query - ioctl(MEMRIG_IOC_ATTR_QUERY) on a region
 * @size: sizeof(struct memrig_attr_query)
 * @flags: must be 0
 * @offset: byte of the region to ask about. Beyond its end: EINVAL
 * @user_addr: where the caller has that region mapped, or 0. An address that is no mapping of
 *	this region: EINVAL. The page is looked up as it is mapped there, @offset is not used for it
 * @asked: out: enum memrig_attr of the region
 * @kernel_type: out: enum memrig_memtype of the kernel mapping through which the module itself
 *	uses the memory; MEMRIG_MEMTYPE_NONE if it has none
 * @user_type: out: enum memrig_memtype of the caller's mapping; NONE when not mapped or not
 *	touched yet
 * @alias_type: out: enum memrig_memtype of the kernel's linear mapping of the same memory
 * @kernel_raw: out: x86: cache bits of the PTE (bit 3 PWT, 4 PCD, 7 PAT); arm64: attribute byte of
 *	PAR_EL1
 * @user_raw: out: the same for the user mapping
 * @alias_raw: out: the same for the linear mapping
 * @reserved: must be 0
 *
 * All types are read from the live page tables at the time of the call, none from bookkeeping.
 */
struct memrig_attr_query {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 user_addr;
	__u32 asked;
	__u32 kernel_type;
	__u32 user_type;
	__u32 alias_type;
	__u32 kernel_raw;
	__u32 user_raw;
	__u32 alias_raw;
	__u32 reserved;
};

#endif /* _UAPI_LINUX_MEMRIG_ATTR_H */
