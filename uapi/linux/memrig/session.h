/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: what this module and machine can give */
#ifndef _UAPI_LINUX_MEMRIG_SESSION_H
#define _UAPI_LINUX_MEMRIG_SESSION_H

#include <linux/types.h>

#define MEMRIG_FEATURE_X86_PAT		(1ULL << 0)	/* PAT types are real here */
#define MEMRIG_FEATURE_ARM64		(1ULL << 1)
#define MEMRIG_FEATURE_ALIAS_WB		(1ULL << 2)	/* non-cached regions keep a WB alias */
#define MEMRIG_FEATURE_CMA		(1ULL << 3)	/* coherent regions may come from CMA */

/**
 * struct memrig_caps - ioctl(MEMRIG_IOC_CAPS) on a session
 * @size: sizeof(struct memrig_caps)
 * @flags: must be 0
 * @version: out: MEMRIG_UAPI_VERSION
 * @page_size: out
 * @features: out: MEMRIG_FEATURE_*
 * @kinds: out: bit n: enum memrig_kind n is available
 * @attrs_pages: out: bit n: enum memrig_attr n is available for PAGES regions
 * @attrs_coherent: out: the same for COHERENT regions
 * @placements: out: bit n: enum memrig_placement n
 * @gup_attrs: out: bit n: user mappings of PAGES regions of attribute n work with O_DIRECT,
 *	io_uring buffers and vmsplice
 * @hardening_max: out: highest hardening level
 * @limit_bytes: out: module limit on all regions together
 * @used_bytes: out: bytes of all regions
 * @max_region_bytes: out: longest region that @limit_bytes would still allow
 * @max_align: out: largest block alignment
 * @engines: out: bit n: enum memrig_engine n
 * @policies: out: bit n: enum memrig_policy n
 * @stores: out: bit n: enum memrig_store n
 * @reserved: out: 0
 */
struct memrig_caps {
	__u32 size;
	__u32 flags;
	__u32 version;
	__u32 page_size;
	__aligned_u64 features;
	__u32 kinds;
	__u32 attrs_pages;
	__u32 attrs_coherent;
	__u32 placements;
	__u32 gup_attrs;
	__u32 hardening_max;
	__aligned_u64 limit_bytes;
	__aligned_u64 used_bytes;
	__aligned_u64 max_region_bytes;
	__aligned_u64 max_align;
	__u32 engines;
	__u32 policies;
	__u32 stores;
	__u32 reserved;
};

#endif /* _UAPI_LINUX_MEMRIG_SESSION_H */
