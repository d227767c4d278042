/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: regions, spans of real memory */
#ifndef _UAPI_LINUX_MEMRIG_REGION_H
#define _UAPI_LINUX_MEMRIG_REGION_H

#include <linux/types.h>
#include <linux/memrig/common.h>

/*
 * DOC: Mapping a region
 *
 * mmap() on a region maps its bytes from the offset on, shared (EINVAL for MAP_PRIVATE and beyond
 * the end, EPERM for KERNEL_ONLY, EACCES to write through a file opened read-only). A mapping keeps
 * the region alive; it cannot grow and is left out of core dumps.
 */

#define MEMRIG_REGION_KERNEL_ONLY	(1u << 0)	/* never mappable or exportable */

#define MEMRIG_NODE_ANY		(-1)
#define MEMRIG_ID_SELF		0xffffffffu	/* uid, gid: those of the caller */

/**
 * struct memrig_region_create - ioctl(MEMRIG_IOC_REGION_CREATE) on a session
 * @size: sizeof(struct memrig_region_create)
 * @flags: MEMRIG_REGION_*
 * @kind: enum memrig_kind
 * @attr: enum memrig_attr
 * @length: bytes; rounded up to pages. 0: EINVAL
 * @dma_mask_bits: COHERENT: 24..64, how many address bits the device drives; 0 means 32.
 *	PAGES: must be 0
 * @node: PAGES: NUMA node, or MEMRIG_NODE_ANY. COHERENT: must be MEMRIG_NODE_ANY
 * @name: empty: the region dies with its last reference. Otherwise [a-z0-9][a-z0-9_.-]{0,30}:
 *	it persists until MEMRIG_IOC_REGION_REMOVE; needs CAP_SYS_ADMIN or membership of the
 *	module's named_gid; EEXIST if taken
 * @uid: named: owner, MEMRIG_ID_SELF: the caller. Others than oneself: CAP_SYS_ADMIN
 * @gid: named: group, MEMRIG_ID_SELF: the caller's
 * @mode: named: permission bits 0666 at most, read and write are what OPEN checks
 * @fd: out: the region, O_CLOEXEC
 * @reason: out: enum memrig_reason when the call fails with ENOMEM
 * @reserved: must be 0
 * @actual_length: out: bytes after rounding
 * @detail: out: what goes with @reason: bytes that would still fit (LIMIT, MEMLOCK), else 0
 * @attrs: EXTERNAL, POWERED and custom bits of MEMRIG_ATTRS_*. Bits that are derived: EINVAL.
 *	POWERED for COHERENT: EOPNOTSUPP, as such mappings cannot be revoked
 * @cpus: CPUs that the memory counts as near to, bit n for CPU n; 0: those of its NUMA node. CPUs
 *	that cannot exist: EINVAL
 *
 * The memory is zeroed. Charged to the caller's RLIMIT_MEMLOCK (CAP_IPC_LOCK exempts) until freed.
 */
struct memrig_region_create {
	__u32 size;
	__u32 flags;
	__u32 kind;
	__u32 attr;
	__aligned_u64 length;
	__u32 dma_mask_bits;
	__s32 node;
	__u8 name[MEMRIG_NAME_MAX];
	__u32 uid;
	__u32 gid;
	__u32 mode;
	__s32 fd;
	__u32 reason;
	__u32 reserved;
	__aligned_u64 actual_length;
	__aligned_u64 detail;
	__aligned_u64 attrs;
	__aligned_u64 cpus;
};

#define MEMRIG_OPEN_READ_ONLY	(1u << 0)	/* needs read permission only; maps read-only */

/**
 * struct memrig_region_open - ioctl(MEMRIG_IOC_REGION_OPEN) on a session
 * @size: sizeof(struct memrig_region_open)
 * @flags: MEMRIG_OPEN_*
 * @name: of a named region. EACCES: its owner, group and mode refuse, and the caller has no
 *	CAP_SYS_ADMIN
 * @fd: out
 * @reserved: must be 0
 */
struct memrig_region_open {
	__u32 size;
	__u32 flags;
	__u8 name[MEMRIG_NAME_MAX];
	__s32 fd;
	__u32 reserved;
};

/**
 * struct memrig_region_remove - ioctl(MEMRIG_IOC_REGION_REMOVE) on a session
 * @size: sizeof(struct memrig_region_remove)
 * @flags: must be 0
 * @name: of a named region; only its owner or CAP_SYS_ADMIN (EPERM)
 *
 * The name is gone at once; the memory when the last file, mapping and heap let go of it.
 */
struct memrig_region_remove {
	__u32 size;
	__u32 flags;
	__u8 name[MEMRIG_NAME_MAX];
};

#define MEMRIG_REGION_STATE_NAMED	(1u << 16)
#define MEMRIG_REGION_STATE_MAPPABLE	(1u << 17)
#define MEMRIG_REGION_STATE_GUP		(1u << 18)	/* pages can be pinned through mappings */
#define MEMRIG_REGION_STATE_CMA		(1u << 19)	/* memory came from CMA */
#define MEMRIG_REGION_STATE_READ_ONLY	(1u << 20)	/* this file was opened read-only */
#define MEMRIG_REGION_STATE_SUSPENDED	(1u << 21)	/* a touch is SIGBUS until resume */

/**
 * struct memrig_region_info - ioctl(MEMRIG_IOC_REGION_INFO) on a region; element of REGION_LIST
 * @size: sizeof(struct memrig_region_info)
 * @flags: must be 0 on input; out: MEMRIG_REGION_* and MEMRIG_REGION_STATE_*
 * @id: out: number of the region, unique while the module is loaded
 * @kind: out: enum memrig_kind
 * @attr: out: enum memrig_attr
 * @length: out: bytes
 * @dma_mask_bits: out: 0 for PAGES
 * @node: out: NUMA node the memory is on
 * @name: out: empty if it has none
 * @uid: out: owner
 * @gid: out
 * @mode: out
 * @heaps: out: number of heaps on it
 * @mappings: out: number of user mappings (VMAs)
 * @dma_bits: out: address bits that a device needs to reach all of it, by its physical addresses
 * @attrs: out: MEMRIG_ATTRS_*, all of them
 * @cpus: out: CPUs it counts as near to, of the first 64
 * @suspends: out: how often it was suspended
 */
struct memrig_region_info {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__u32 kind;
	__u32 attr;
	__aligned_u64 length;
	__u32 dma_mask_bits;
	__s32 node;
	__u8 name[MEMRIG_NAME_MAX];
	__u32 uid;
	__u32 gid;
	__u32 mode;
	__u32 heaps;
	__u32 mappings;
	__u32 dma_bits;
	__aligned_u64 attrs;
	__aligned_u64 cpus;
	__aligned_u64 suspends;
};

/**
 * struct memrig_region_list - ioctl(MEMRIG_IOC_REGION_LIST) on a session
 * @size: sizeof(struct memrig_region_list)
 * @flags: must be 0
 * @cursor: in: 0 to begin; out: pass back for the next part
 * @entries: user address of an array of struct memrig_region_info
 * @count: in: room in @entries, 1..MEMRIG_BATCH_MAX; out: number written, 0 at the end
 * @entry_size: in: sizeof(struct memrig_region_info) as the caller knows it
 *
 * Lists the regions the caller owns or could open; with CAP_SYS_ADMIN all.
 */
struct memrig_region_list {
	__u32 size;
	__u32 flags;
	__aligned_u64 cursor;
	__aligned_u64 entries;
	__u32 count;
	__u32 entry_size;
};

/**
 * struct memrig_region_addr - ioctl(MEMRIG_IOC_REGION_ADDR) on a region
 * @size: sizeof(struct memrig_region_addr)
 * @flags: must be 0
 * @offset: byte of the region. Beyond its end: EINVAL
 * @phys: out: physical address; ~0 when it has none that is known
 * @dma: out: address for the region's DMA device, as long as the region lives. Of PAGES that is one
 *	with 64 address bits; ~0: this machine has it use copies of pages, not the pages themselves
 * @contiguous: out: bytes from @offset on that are contiguous at both
 *
 * Needs CAP_SYS_RAWIO (EPERM). No ioctl takes such an address. ENOMEM: the first time on PAGES,
 * which are mapped for the device then.
 */
struct memrig_region_addr {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 phys;
	__aligned_u64 dma;
	__aligned_u64 contiguous;
};

#define MEMRIG_SUSPEND_LOSE	(1u << 0)	/* the content does not survive */

/**
 * struct memrig_region_suspend - ioctl(MEMRIG_IOC_REGION_SUSPEND) on a POWERED region
 * @size: sizeof(struct memrig_region_suspend)
 * @flags: MEMRIG_SUSPEND_*
 *
 * As if its memory lost power: whoever has it mapped, now or later, gets SIGBUS for a touch, and
 * EFAULT from a system call, until MEMRIG_IOC_REGION_RESUME. Heaps over it go on, as they do not
 * need the bytes; moving a block does (EHOSTDOWN). The content is kept; with LOSE every byte is
 * 0xa5 afterwards.
 *
 * EOPNOTSUPP: the region is not POWERED. EACCES: this file was opened read-only. EPERM: neither its
 * owner nor CAP_SYS_ADMIN. EALREADY: it is suspended. EBUSY: somebody else holds pages of it
 * (direct I/O, registered buffers, pipes), or a block is being moved: it stays on. ENOMEM: LOSE
 * needs a kernel mapping.
 */
struct memrig_region_suspend {
	__u32 size;
	__u32 flags;
};

/**
 * struct memrig_region_resume - ioctl(MEMRIG_IOC_REGION_RESUME) on a POWERED region
 * @size: sizeof(struct memrig_region_resume)
 * @flags: must be 0
 *
 * Errors are those of SUSPEND. EALREADY: it is not suspended.
 */
struct memrig_region_resume {
	__u32 size;
	__u32 flags;
};

#define MEMRIG_CPU_SELF		0xffffffffu	/* the CPU that the caller runs on */

/**
 * struct memrig_region_near - ioctl(MEMRIG_IOC_REGION_NEAR) on a region
 * @size: sizeof(struct memrig_region_near)
 * @flags: must be 0
 * @cpu: number of a CPU or MEMRIG_CPU_SELF; out: the number. One that cannot exist: EINVAL
 * @near: out: 1 if the region counts as near to it: as its creator said, or by its NUMA node
 * @node: out: NUMA node of that CPU, -1 if it has none
 * @distance: out: between CPU and memory, as the firmware states it; 10 is the same node, 0 unknown
 */
struct memrig_region_near {
	__u32 size;
	__u32 flags;
	__u32 cpu;
	__u32 near;
	__s32 node;
	__u32 distance;
};

#endif /* _UAPI_LINUX_MEMRIG_REGION_H */
