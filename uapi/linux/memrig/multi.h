/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: multi objects, which choose one of several heaps */
#ifndef _UAPI_LINUX_MEMRIG_MULTI_H
#define _UAPI_LINUX_MEMRIG_MULTI_H

#include <linux/types.h>

/*
 * DOC: Multi objects
 *
 * A multi object joins allocators: its *members* are heaps of any engine over any region, and a
 * table of *rules* chooses among them. Groups of blocks, heaps by attribute, tiers of slabs with a
 * heap behind them and heaps by priority are all tables of rules.
 *
 * A file of it is a client of each member that it uses, from the first use on: what it allocates is
 * its own, and freed when its last reference goes. MULTI_ATTACH makes another. Members and rules
 * are common to all files; they are changed by the user who made the object and with CAP_SYS_ADMIN
 * (EPERM).
 *
 * A request is offered to the rules in order. A rule that matches offers it to its members in the
 * order in which they were added; one that was tried before is not tried again. The first that has
 * the memory gives it. Without rules, all members are tried in order. A member that is fenced off
 * is passed over.
 */

/**
 * struct memrig_multi_create - ioctl(MEMRIG_IOC_MULTI_CREATE) on a session
 * @size: sizeof(struct memrig_multi_create)
 * @flags: must be 0
 * @fd: out: a multi object without members and rules, O_CLOEXEC
 * @reserved: must be 0
 */
struct memrig_multi_create {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 reserved;
};

#define MEMRIG_MULTI_MAX	1024	/* members of one object, rules of one object */
#define MEMRIG_MEMBER_ANY	0xffffffffu
#define MEMRIG_UID_ANY		0xffffffffu

#define MEMRIG_RULE_STOP	(1u << 0)	/* a request that matches goes to no later rule */
#define MEMRIG_RULE_LOCAL	(1u << 1)	/* only members near the caller's CPU */

/*
 * @match, where a struct has it: which of @dma_bits and @node count; one that does not must be 0.
 *  - DMA: only members all of whose region a device with @dma_bits address bits (1 to 64) reaches,
 *    by its physical addresses
 *  - NODE: only members whose region is on NUMA node @node (EINVAL: there is no such node)
 */
#define MEMRIG_MATCH_DMA	(1u << 0)
#define MEMRIG_MATCH_NODE	(1u << 1)

/**
 * struct memrig_rule - one line of the choice function
 * @min_bytes: requests of at least that many bytes
 * @max_bytes: and of at most that many; 0 means no bound
 * @align_max: requests of at most that alignment (the power of two, without rewind); 0: of any
 * @with: members that have all these attributes (MEMRIG_MULTI_ADD)
 * @without: and none of these
 * @prio_min: requests of at least that priority; the lowest number there is: of any
 * @uid: requests of that user, or MEMRIG_UID_ANY
 * @member: that member alone, or MEMRIG_MEMBER_ANY: all in order. A number that no member has
 *	matches none
 * @flags: MEMRIG_RULE_*
 * @match: MEMRIG_MATCH_*
 * @dma_bits: members that such a device reaches
 * @node: members on that node
 * @reserved: must be 0
 */
struct memrig_rule {
	__aligned_u64 min_bytes;
	__aligned_u64 max_bytes;
	__aligned_u64 align_max;
	__aligned_u64 with;
	__aligned_u64 without;
	__s32 prio_min;
	__u32 uid;
	__u32 member;
	__u32 flags;
	__u32 match;
	__u32 dma_bits;
	__s32 node;
	__u32 reserved;
};

/**
 * struct memrig_multi_add - ioctl(MEMRIG_IOC_MULTI_ADD) on a multi object
 * @size: sizeof(struct memrig_multi_add)
 * @flags: must be 0
 * @heap_fd: a heap (EBADF, EINVAL for another kind of file). EEXIST: it is a member already;
 *	ENOSPC: there are MEMRIG_MULTI_MAX
 * @member: out: its number, from 0 on; that of a member that was removed may be given again
 * @attrs: attributes it is to have here besides those of its region: custom ones only (bits 32 to
 *	63), else EINVAL; out: all it has
 */
struct memrig_multi_add {
	__u32 size;
	__u32 flags;
	__s32 heap_fd;
	__u32 member;
	__aligned_u64 attrs;
};

/**
 * struct memrig_multi_remove - ioctl(MEMRIG_IOC_MULTI_REMOVE) on a multi object
 * @size: sizeof(struct memrig_multi_remove)
 * @flags: must be 0
 * @member: ENOENT: none such. EBUSY: a file of the object has blocks in it, or a call waits for one
 * @reserved: must be 0
 */
struct memrig_multi_remove {
	__u32 size;
	__u32 flags;
	__u32 member;
	__u32 reserved;
};

/**
 * struct memrig_multi_rules - ioctl(MEMRIG_IOC_MULTI_RULES) on a multi object
 * @size: sizeof(struct memrig_multi_rules)
 * @flags: must be 0
 * @rules: user address of an array of struct memrig_rule, which replaces the table as a whole
 * @count: its length, 0..MEMRIG_MULTI_MAX. 0: no rules
 * @rule_size: sizeof(struct memrig_rule) (EINVAL for another, 0 included)
 *
 * EOPNOTSUPP: unknown bit of the flags or of @match of a rule, or its @reserved is not 0; EINVAL: a
 * user id that is none here, @min_bytes above @max_bytes, or a device or node that cannot be.
 */
struct memrig_multi_rules {
	__u32 size;
	__u32 flags;
	__aligned_u64 rules;
	__u32 count;
	__u32 rule_size;
};

/**
 * struct memrig_multi_alloc - ioctl(MEMRIG_IOC_MULTI_ALLOC) on a multi object
 * @size: sizeof(struct memrig_multi_alloc)
 * @flags: MEMRIG_ALLOC_*
 * @bytes: wanted. 0: EINVAL
 * @align: as for ALLOC
 * @with: only of members that have all these attributes
 * @without: and none of these
 * @priority: of the request, higher is more; for rules that ask for it
 * @member: out: which member gave it
 * @timeout_ns: as for ALLOC
 * @offset: out: of the block, from the start of the member's region
 * @usable: out: its bytes
 * @reason: out: of the last member that was tried and could give such a block at all
 * @rule: out: number of the rule that chose, ~0 if there are none
 * @largest_free: out: on ENOMEM and ETIMEDOUT the largest request that one of the members tried
 *	could serve now
 * @site: as for ALLOC
 * @match: MEMRIG_MATCH_*, besides what rules say
 * @dma_bits: see there
 * @node: see there
 * @reserved: must be 0
 *
 * ENOENT: no rule or no member matches. With WAIT, after all have been tried, the call waits for
 * all of them that can ever give such a block, and whichever gets one first gives it: the call is
 * in the queue of each, by priority and age. What is added later, or by other rules, is not waited
 * for. EINVAL: none can ever. EIO: all that were tried are fenced off.
 */
struct memrig_multi_alloc {
	__u32 size;
	__u32 flags;
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 with;
	__aligned_u64 without;
	__s32 priority;
	__u32 member;
	__aligned_u64 timeout_ns;
	__aligned_u64 offset;
	__aligned_u64 usable;
	__u32 reason;
	__u32 rule;
	__aligned_u64 largest_free;
	__aligned_u64 site;
	__u32 match;
	__u32 dma_bits;
	__s32 node;
	__u32 reserved;
};

/**
 * struct memrig_multi_free - ioctl(MEMRIG_IOC_MULTI_FREE) on a multi object
 * @size: sizeof(struct memrig_multi_free)
 * @flags: must be 0
 * @member: of which the block is. ENOENT: none such
 * @reserved: must be 0
 * @offset: as for FREE
 */
struct memrig_multi_free {
	__u32 size;
	__u32 flags;
	__u32 member;
	__u32 reserved;
	__aligned_u64 offset;
};

/**
 * struct memrig_multi_realloc - ioctl(MEMRIG_IOC_MULTI_REALLOC) on a multi object
 * @size: sizeof(struct memrig_multi_realloc)
 * @flags: MEMRIG_REALLOC_*
 * @offset: of a block of this file; out: where it is now. On failure it stays where it was
 * @bytes: new size. 0: EINVAL
 * @align: as for REALLOC
 * @with: as for MULTI_ALLOC; a block whose member does not match moves
 * @without: likewise
 * @priority: as for MULTI_ALLOC
 * @member: of which the block is; out: of which it is now
 * @usable: out
 * @moved: out: 1 if it moved; its content was copied
 * @reason: out
 * @largest_free: out, as for MULTI_ALLOC
 * @match: as for MULTI_ALLOC; a block whose member does not match moves
 * @dma_bits: likewise
 * @node: likewise
 * @reserved: must be 0
 *
 * In place where its member can; else the rules choose a new place. A move is killable; both blocks
 * live during it. EFAULT as for REALLOC.
 */
struct memrig_multi_realloc {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 with;
	__aligned_u64 without;
	__s32 priority;
	__u32 member;
	__aligned_u64 usable;
	__u32 moved;
	__u32 reason;
	__aligned_u64 largest_free;
	__u32 match;
	__u32 dma_bits;
	__s32 node;
	__u32 reserved;
};

/**
 * struct memrig_multi_member - ioctl(MEMRIG_IOC_MULTI_MEMBER) on a multi object
 * @size: sizeof(struct memrig_multi_member)
 * @flags: must be 0
 * @member: ENOENT: none such
 * @fd: out: the very client that this file is of that member, O_CLOEXEC. It takes all ioctls of a
 *	heap, and poll(). Its blocks live until both files are gone
 */
struct memrig_multi_member {
	__u32 size;
	__u32 flags;
	__u32 member;
	__s32 fd;
};

/**
 * struct memrig_multi_attach - ioctl(MEMRIG_IOC_MULTI_ATTACH) on a multi object
 * @size: sizeof(struct memrig_multi_attach)
 * @flags: must be 0
 * @fd: out: the same object as a new client of each member
 * @reserved: must be 0
 */
struct memrig_multi_attach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 reserved;
};

/**
 * struct memrig_multi_watch - ioctl(MEMRIG_IOC_MULTI_WATCH) on a multi object
 * @size: sizeof(struct memrig_multi_watch)
 * @flags: must be 0
 * @bytes: from now on poll() on this file reports POLLIN while a MULTI_ALLOC like this would
 *	succeed, and POLLERR when none ever can: no member matches, or those that do are too small
 *	or fenced off. 0: EINVAL. A new file watches for 1 byte of any member
 * @align: as for MULTI_ALLOC, like all that follow
 * @with: only members that have all these attributes
 * @without: and none of these
 * @priority: of the request
 * @match: MEMRIG_MATCH_*
 * @dma_bits: see there
 * @node: see there
 *
 * Level-triggered, and a hint: nothing is reserved. Whoever frees a block of any member wakes those
 * who poll, and so does a change of members or rules, which may take POLLERR away again. Rules see
 * user and CPU of who calls poll().
 */
struct memrig_multi_watch {
	__u32 size;
	__u32 flags;
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 with;
	__aligned_u64 without;
	__s32 priority;
	__u32 match;
	__u32 dma_bits;
	__s32 node;
};

#endif /* _UAPI_LINUX_MEMRIG_MULTI_H */
