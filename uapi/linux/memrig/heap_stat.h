/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: what a heap and its blocks look like from outside */
#ifndef _UAPI_LINUX_MEMRIG_HEAP_STAT_H
#define _UAPI_LINUX_MEMRIG_HEAP_STAT_H

#include <linux/types.h>
#include <linux/memrig/common.h>

#define MEMRIG_HEAP_STATE_FENCED	(1u << 16)	/* corruption found, all calls give EIO */

/**
 * struct memrig_heap_stat - ioctl(MEMRIG_IOC_HEAP_STAT) on a heap
 * @size: sizeof(struct memrig_heap_stat)
 * @flags: must be 0 on input; out: MEMRIG_HEAP_* and MEMRIG_HEAP_STATE_*
 * @id: out: number of the heap, unique while the module is loaded
 * @region_id: out: id of its region
 * @offset: out: of the managed span in the region
 * @length: out: of the managed span
 * @placement: out: enum memrig_placement
 * @hardening: out
 * @search_limit: out: in force
 * @max_blocks: out: in force
 * @free_bytes: out: with MEMRIG_HEAP_STATS, as struct sys_memory_stats; else 0
 * @allocated_bytes: out: the same
 * @max_allocated_bytes: out: the same
 * @largest_free: out: largest request that would succeed now
 * @live_blocks: out
 * @free_blocks: out
 * @side_bytes: out: kernel memory used for bookkeeping; not counted: the tree in which TRACK keeps
 *	its records, up to 600 bytes for each that has no other within 512 bytes
 * @frag_permille: out: 1000 * (1 - largest_free / free), 0 when nothing is free
 * @clients: out: open clients
 * @client: out: number of the asking client
 * @reserved: out: 0
 * @client_blocks: out: live blocks of the asking client
 * @allocs: out: successful allocations so far
 * @frees: out: successful frees so far
 * @failures: out: refused allocations so far
 * @rejects: out: requests refused as not naming a block that the caller may use so
 * @reclaimed: out: blocks freed because their client died
 * @engine: out: enum memrig_engine
 * @num_blocks: out: SLAB, BLOCKS: how many there are; else 0
 * @block_size: out: SLAB, BLOCKS: bytes of one; else 0
 * @max_live_blocks: out: the most @live_blocks were at a time since RESET_MAX, with and without
 *	MEMRIG_HEAP_STATS
 * @waits: out: allocations so far that had to wait
 * @timeouts: out: those of them that ended with ETIMEDOUT
 * @waiters: out: tasks waiting now
 * @receivers: out: tasks waiting for a message now
 * @queued: out: messages that wait to be received
 * @max_queued: out: the most there were at a time since RESET_MAX
 * @sent: out: messages sent so far
 * @received: out: messages received so far
 *
 * On a heap that is fenced off: EIO, with everything that does not come from the engine filled in.
 */
struct memrig_heap_stat {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__aligned_u64 region_id;
	__aligned_u64 offset;
	__aligned_u64 length;
	__u32 placement;
	__u32 hardening;
	__u32 search_limit;
	__u32 max_blocks;
	__aligned_u64 free_bytes;
	__aligned_u64 allocated_bytes;
	__aligned_u64 max_allocated_bytes;
	__aligned_u64 largest_free;
	__aligned_u64 live_blocks;
	__aligned_u64 free_blocks;
	__aligned_u64 side_bytes;
	__u32 frag_permille;
	__u32 clients;
	__u32 client;
	__u32 reserved;
	__aligned_u64 client_blocks;
	__aligned_u64 allocs;
	__aligned_u64 frees;
	__aligned_u64 failures;
	__aligned_u64 rejects;
	__aligned_u64 reclaimed;
	__u32 engine;
	__u32 num_blocks;
	__aligned_u64 block_size;
	__aligned_u64 max_live_blocks;
	__aligned_u64 waits;
	__aligned_u64 timeouts;
	__u32 waiters;
	__u32 receivers;
	__aligned_u64 queued;
	__aligned_u64 max_queued;
	__aligned_u64 sent;
	__aligned_u64 received;
};

/**
 * struct memrig_heap_reset_max - ioctl(MEMRIG_IOC_HEAP_RESET_MAX) on a heap
 * @size: sizeof(struct memrig_heap_reset_max)
 * @flags: must be 0
 *
 * max_live_blocks := live_blocks, max_allocated_bytes := allocated_bytes, max_queued := queued.
 * EINVAL without MEMRIG_HEAP_STATS.
 */
struct memrig_heap_reset_max {
	__u32 size;
	__u32 flags;
};

#define MEMRIG_BLOCK_USED	(1u << 0)
#define MEMRIG_BLOCK_MINE	(1u << 1)	/* owned by the asking client */
#define MEMRIG_BLOCK_KEPT	(1u << 2)	/* owned by the heap (KEEP) */
#define MEMRIG_BLOCK_QUEUED	(1u << 3)	/* owned by the heap until it is received (SEND) */

/**
 * struct memrig_block - one block as HEAP_WALK reports it
 * @offset: first usable byte, from the start of the region
 * @bytes: usable bytes
 * @flags: MEMRIG_BLOCK_*
 * @client: owner, 0 if free or kept; of a queued block its sender, 0 if that is gone
 */
struct memrig_block {
	__aligned_u64 offset;
	__aligned_u64 bytes;
	__u32 flags;
	__u32 client;
};

/**
 * struct memrig_heap_walk - ioctl(MEMRIG_IOC_HEAP_WALK) on a heap
 * @size: sizeof(struct memrig_heap_walk)
 * @flags: must be 0
 * @cursor: in: 0 to begin; out: pass back for the next part
 * @blocks: user address of an array of struct memrig_block, in no particular order
 * @count: in: room, 1..MEMRIG_BATCH_MAX; out: number written, 0 at the end
 * @reserved: must be 0
 *
 * The heap may change between two parts; a block that lives throughout is reported exactly once.
 * In-band heaps report live blocks only.
 */
struct memrig_heap_walk {
	__u32 size;
	__u32 flags;
	__aligned_u64 cursor;
	__aligned_u64 blocks;
	__u32 count;
	__u32 reserved;
};

/**
 * struct memrig_heap_validate - ioctl(MEMRIG_IOC_HEAP_VALIDATE) on a heap
 * @size: sizeof(struct memrig_heap_validate)
 * @flags: must be 0
 * @invariant: out: 0 if sound, else number of the broken invariant (Documentation/invariants.rst);
 *	the heap is then fenced off, and the result EIO, now and whenever it is asked again
 * @reserved: must be 0
 * @offset: out: of the block concerned
 */
struct memrig_heap_validate {
	__u32 size;
	__u32 flags;
	__u32 invariant;
	__u32 reserved;
	__aligned_u64 offset;
};

/**
 * struct memrig_track_entry - one live block as TRACK_LIST reports it
 * @offset: first usable byte, from the start of the region
 * @usable: its bytes
 * @bytes: what was asked for
 * @when_ns: when it was asked for, CLOCK_BOOTTIME; 0: not known, as of the rest of a run of blocks
 *	that was freed in part while kernel memory was short
 * @flags: MEMRIG_BLOCK_*
 * @client: as in struct memrig_block
 * @pid: of the process that asked for it, as the caller knows it; 0: he cannot see it
 * @reserved: out: 0
 * @comm: name of the task that asked for it, at that time
 * @site: where in the program, as it said; empty if it did not
 */
struct memrig_track_entry {
	__aligned_u64 offset;
	__aligned_u64 usable;
	__aligned_u64 bytes;
	__aligned_u64 when_ns;
	__u32 flags;
	__u32 client;
	__u32 pid;
	__u32 reserved;
	__u8 comm[MEMRIG_COMM_MAX];
	__u8 site[MEMRIG_SITE_MAX];
};

/**
 * struct memrig_track_list - ioctl(MEMRIG_IOC_TRACK_LIST) on a heap with MEMRIG_HEAP_TRACK
 * @size: sizeof(struct memrig_track_list)
 * @flags: must be 0
 * @cursor: in: 0 to begin; out: pass back for the next part
 * @entries: user address of an array of struct memrig_track_entry, in no particular order
 * @count: in: room, 1..MEMRIG_BATCH_MAX; out: number written, 0 at the end
 * @entry_size: in: sizeof(struct memrig_track_entry) as the caller knows it
 *
 * Lists live blocks as HEAP_WALK does, with what is known of each. EINVAL: the heap was created
 * without MEMRIG_HEAP_TRACK.
 *
 * What is known of a block stays with it when it is given away, kept, sent and received, moves with
 * REALLOC, also to another member of a multi object, and is charged to the memory cgroup of the
 * heap's creator, like all bookkeeping of a heap. When a client goes and leaves blocks, each is
 * reported by the tracepoint memrig_leak, up to a bound, and their sum by a line in the kernel's
 * log.
 */
struct memrig_track_list {
	__u32 size;
	__u32 flags;
	__aligned_u64 cursor;
	__aligned_u64 entries;
	__u32 count;
	__u32 entry_size;
};

#endif /* _UAPI_LINUX_MEMRIG_HEAP_STAT_H */
