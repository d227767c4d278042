/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: what a multi object has done */
#ifndef _UAPI_LINUX_MEMRIG_MULTI_STAT_H
#define _UAPI_LINUX_MEMRIG_MULTI_STAT_H

#include <linux/types.h>

/**
 * struct memrig_multi_member_stat - one member as MULTI_STAT reports it
 * @member: its number
 * @node: NUMA node of its region
 * @heap_id: of the heap
 * @region_id: of its region
 * @attrs: all it has
 * @allocs: blocks it gave through this object, to any of its files, since it was added
 * @frees: blocks that came back through this object
 * @failures: requests it was offered and could not serve
 * @dma_bits: address bits that a device needs to reach all of its region
 * @reserved: 0
 */
struct memrig_multi_member_stat {
	__u32 member;
	__s32 node;
	__aligned_u64 heap_id;
	__aligned_u64 region_id;
	__aligned_u64 attrs;
	__aligned_u64 allocs;
	__aligned_u64 frees;
	__aligned_u64 failures;
	__u32 dma_bits;
	__u32 reserved;
};

/**
 * struct memrig_multi_rule_stat - one rule as MULTI_STAT reports it
 * @matched: requests that matched it, since the table was set
 * @allocs: those of them that it served
 */
struct memrig_multi_rule_stat {
	__aligned_u64 matched;
	__aligned_u64 allocs;
};

/**
 * struct memrig_multi_stat - ioctl(MEMRIG_IOC_MULTI_STAT) on a multi object
 * @size: sizeof(struct memrig_multi_stat)
 * @flags: must be 0
 * @id: out: number of the object, unique while the module is loaded
 * @allocs: out: successful allocations so far
 * @frees: out: successful frees so far
 * @failures: out: refused allocations so far
 * @moves: out: reallocations that went to another member
 * @files: out: open files of it (MULTI_CREATE, MULTI_ATTACH)
 * @reserved: must be 0
 * @members: user address of an array of struct memrig_multi_member_stat
 * @rules: user address of an array of struct memrig_multi_rule_stat
 * @member_count: in: room in @members, 0..MEMRIG_MULTI_MAX; out: how many members there are. As
 *	many as fit are written, in the order in which they were added
 * @rule_count: the same for rules
 */
struct memrig_multi_stat {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__aligned_u64 allocs;
	__aligned_u64 frees;
	__aligned_u64 failures;
	__aligned_u64 moves;
	__u32 files;
	__u32 reserved;
	__aligned_u64 members;
	__aligned_u64 rules;
	__u32 member_count;
	__u32 rule_count;
};

#endif /* _UAPI_LINUX_MEMRIG_MULTI_STAT_H */
