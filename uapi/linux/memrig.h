/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * memrig: allocators over real memory - the interface between kernel and user space
 *
 * DOC: General format
 *
 * open("/dev/memrig") gives a *session*. ioctls on it create objects; each object is a file
 * descriptor of its own, takes ioctls of its own, can be passed to another process, and dies with
 * its last reference (named regions live until removed).
 *
 * Every ioctl takes a pointer to a struct whose first member is its size as the caller knows it.
 * A kernel that knows more treats what is missing as zero; a kernel that knows less refuses with
 * E2BIG unless what it does not know is zero. On return the part both know is written back, on
 * failure too: @reason, where a struct has one, then says why. Members marked "out" are ignored on
 * input. Reserved members and unknown flags must be zero. All structs have the same layout for
 * 32-bit and 64-bit callers; user addresses travel as __aligned_u64. A struct that grows keeps its
 * ioctl number, and with it the size that the number names.
 *
 * Errors, everywhere:
 *  - ENOTTY: no such ioctl on this kind of file
 *  - E2BIG: unknown trailing bytes are not zero
 *  - EOPNOTSUPP: a known member asks for something this kernel or machine cannot give
 *  - EINVAL: a member has a wrong value, the struct is shorter than its first released size
 *  - ENOENT: no such name, block, or index
 *  - EOVERFLOW: offset + length wraps, or a result does not fit
 *  - EPERM: missing capability or not the owner
 *  - EACCES: the file, or the mode of a named region, does not allow it
 *  - EEXIST: the name is taken
 *  - EBUSY: the span belongs to another heap, another call is moving or zeroing the block, it waits
 *    in the queue of its heap, or what is to go is in use
 *  - EAGAIN: no message waits, and the caller would not wait for one
 *  - EFAULT: bad user address. Arguments that cannot be read or written are found before anything
 *    happens; when memory for the answer goes away later, what was done is undone
 *  - EINTR: the caller is being killed; while waiting for memory or a message: any signal
 *  - ETIMEDOUT: no memory or message within the time that the caller would wait
 *  - EHOSTDOWN: the bytes themselves are needed, and the region is suspended
 *  - EIO: the object is fenced off after corruption was found
 *  - ENOMEM: not enough memory; see @reason
 *
 * Units: bytes and nanoseconds, unless said otherwise.
 */
#ifndef _UAPI_LINUX_MEMRIG_H
#define _UAPI_LINUX_MEMRIG_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MEMRIG_UAPI_VERSION	1
#define MEMRIG_NAME_MAX		32	/* with the terminating NUL */
#define MEMRIG_BATCH_MAX	4096	/* elements of one batch or listing */
#define MEMRIG_SITE_MAX		48	/* bytes of a call site, with the terminating NUL */
#define MEMRIG_COMM_MAX		16	/* bytes of the name of a task, with the terminating NUL */

#define MEMRIG_IOC_TYPE		0xBB

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

/**
 * enum memrig_placement - where a heap keeps its headers
 * @MEMRIG_PLACEMENT_OOB: out-of-band, in private kernel memory; the region is all payload
 * @MEMRIG_PLACEMENT_INBAND: inside the region; KERNEL_ONLY regions only (EPERM otherwise), and
 *	cached ones only (EOPNOTSUPP otherwise)
 */
enum memrig_placement {
	MEMRIG_PLACEMENT_OOB = 1,
	MEMRIG_PLACEMENT_INBAND = 2,
};

/**
 * enum memrig_reason - why a request for memory failed
 * @MEMRIG_REASON_NONE: it did not fail, or not for lack of memory
 * @MEMRIG_REASON_EMPTY: the free bytes of the heap do not suffice
 * @MEMRIG_REASON_FRAGMENTED: they would, but no free block is large enough; see @detail
 * @MEMRIG_REASON_TOO_LARGE: can never fit, even in the empty heap or on this machine
 * @MEMRIG_REASON_CONTIG: no free contiguous run of pages was found (moving pages failed)
 * @MEMRIG_REASON_CMA: the DMA allocator had no room (CMA busy or too small)
 * @MEMRIG_REASON_DMA_MASK: no memory within reach of the DMA mask
 * @MEMRIG_REASON_NODE: the NUMA node has not enough memory
 * @MEMRIG_REASON_MEMLOCK: RLIMIT_MEMLOCK of the caller
 * @MEMRIG_REASON_LIMIT: module parameter limit=
 * @MEMRIG_REASON_SIDE: no memory for bookkeeping (cgroup limit or system memory)
 * @MEMRIG_REASON_MAX_BLOCKS: the heap's max_blocks
 * @MEMRIG_REASON_QUOTA: a per-user quota
 * @MEMRIG_REASON_ATTRIBUTE: the attribute could not be set on these pages
 * @MEMRIG_REASON_FRAMES: every frame of the window is pinned or held
 * @MEMRIG_REASON_STORE_FULL: the store of the window has no room for what would have to leave
 * @MEMRIG_REASON_STORE: the store of the window failed
 */
enum memrig_reason {
	MEMRIG_REASON_NONE = 0,
	MEMRIG_REASON_EMPTY = 1,
	MEMRIG_REASON_FRAGMENTED = 2,
	MEMRIG_REASON_TOO_LARGE = 3,
	MEMRIG_REASON_CONTIG = 4,
	MEMRIG_REASON_CMA = 5,
	MEMRIG_REASON_DMA_MASK = 6,
	MEMRIG_REASON_NODE = 7,
	MEMRIG_REASON_MEMLOCK = 8,
	MEMRIG_REASON_LIMIT = 9,
	MEMRIG_REASON_SIDE = 10,
	MEMRIG_REASON_MAX_BLOCKS = 11,
	MEMRIG_REASON_QUOTA = 12,
	MEMRIG_REASON_ATTRIBUTE = 13,
	MEMRIG_REASON_FRAMES = 14,
	MEMRIG_REASON_STORE_FULL = 15,
	MEMRIG_REASON_STORE = 16,
};

/**
 * enum memrig_engine - how an allocator finds memory
 * @MEMRIG_ENGINE_SYS_HEAP: blocks of any size, segregated by size, merged at once (sys_heap)
 * @MEMRIG_ENGINE_SLAB: blocks of one size (k_mem_slab)
 * @MEMRIG_ENGINE_BLOCKS: runs of blocks of one power-of-two size (sys_mem_blocks). An allocation is
 *	as many blocks side by side as its bytes need; any part of it can be freed. A request for
 *	more than 16 blocks can miss a free run that is longer than needed by less than an eighth:
 *	one run of such a length is looked at, so that the cost does not depend on the pool
 * @MEMRIG_ENGINE_RING: blocks of any size for a stream: they follow each other, wrap as a whole,
 *	and their space comes back in the order they were made, whenever each is freed; that of the
 *	newest comes back at once
 * @MEMRIG_ENGINE_FIRST_FIT: blocks of any size, the first free one that is large enough, for
 *	comparison. It looks at each free block, so there are MEMRIG_FIT_BLOCKS_MAX records at most
 * @MEMRIG_ENGINE_BEST_FIT: blocks of any size, the smallest free one that is large enough, for
 *	comparison; MEMRIG_FIT_BLOCKS_MAX records at most
 */
enum memrig_engine {
	MEMRIG_ENGINE_SYS_HEAP = 1,
	MEMRIG_ENGINE_SLAB = 2,
	MEMRIG_ENGINE_BLOCKS = 3,
	MEMRIG_ENGINE_RING = 4,
	MEMRIG_ENGINE_FIRST_FIT = 5,
	MEMRIG_ENGINE_BEST_FIT = 6,
};

#define MEMRIG_FIT_BLOCKS_MAX	8192	/* records of a FIRST_FIT or BEST_FIT heap */

/* ---- session ------------------------------------------------------------------------- */

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
#define MEMRIG_IOC_CAPS		_IOWR(MEMRIG_IOC_TYPE, 0x10, struct memrig_caps)

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
#define MEMRIG_IOC_REGION_CREATE	_IOWR(MEMRIG_IOC_TYPE, 0x11, struct memrig_region_create)

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
#define MEMRIG_IOC_REGION_OPEN	_IOWR(MEMRIG_IOC_TYPE, 0x12, struct memrig_region_open)

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
#define MEMRIG_IOC_REGION_REMOVE	_IOWR(MEMRIG_IOC_TYPE, 0x13, struct memrig_region_remove)

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
#define MEMRIG_IOC_REGION_INFO	_IOWR(MEMRIG_IOC_TYPE, 0x20, struct memrig_region_info)

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
#define MEMRIG_IOC_REGION_LIST	_IOWR(MEMRIG_IOC_TYPE, 0x14, struct memrig_region_list)

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
#define MEMRIG_IOC_ATTR_NAME	_IOWR(MEMRIG_IOC_TYPE, 0x15, struct memrig_attr_name)

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
#define MEMRIG_IOC_MULTI_CREATE	_IOWR(MEMRIG_IOC_TYPE, 0x16, struct memrig_multi_create)

/**
 * enum memrig_policy - which page of a window leaves when another needs its frame
 * @MEMRIG_POLICY_DEFAULT: what this kernel thinks best; WINDOW_STAT says which one that is
 * @MEMRIG_POLICY_NRU: one that was not used in the last tick, if there is one, and not changed, if
 *	there is one: Zephyr's NRU
 * @MEMRIG_POLICY_LRU: the oldest, unless it was used while it was the oldest: Zephyr's LRU
 * @MEMRIG_POLICY_FIFO: the one that has been in longest
 * @MEMRIG_POLICY_RANDOM: any
 * @MEMRIG_POLICY_CLOCK: the next one that was not used since a hand last came by
 * @MEMRIG_POLICY_SIEVE: the same with pages that stay where they are in the queue
 * @MEMRIG_POLICY_S3FIFO: new ones are tried in a small queue; with one bit for each page
 * @MEMRIG_POLICY_ADAPTIVE: our own, for all sorts of work
 *
 * Modules can bring policies of their own: numbers from MEMRIG_KIND_FIRST on, see WINDOW_KIND.
 */
enum memrig_policy {
	MEMRIG_POLICY_DEFAULT = 0,
	MEMRIG_POLICY_NRU = 1,
	MEMRIG_POLICY_LRU = 2,
	MEMRIG_POLICY_FIFO = 3,
	MEMRIG_POLICY_RANDOM = 4,
	MEMRIG_POLICY_CLOCK = 5,
	MEMRIG_POLICY_SIEVE = 6,
	MEMRIG_POLICY_S3FIFO = 7,
	MEMRIG_POLICY_ADAPTIVE = 8,
};

/**
 * enum memrig_store - where the pages of a window are that have no frame
 * @MEMRIG_STORE_RAM: in other memory, charged to the cgroup of whoever makes the window
 * @MEMRIG_STORE_COMPRESSED: the same, compressed
 * @MEMRIG_STORE_FILE: in a regular file or on a block device, at the place that their number says.
 *	What was there before is the content of the window, and stays when the window goes
 * @MEMRIG_STORE_NULL: nowhere: what leaves is lost and reads as zero
 * @MEMRIG_STORE_IMAGE: in a regular file, which is never written: the window is READ_ONLY by
 *	itself. It may be mapped PROT_EXEC where the file could be, so code is read when it is first
 *	run
 *
 * Modules can bring stores of their own: numbers from MEMRIG_KIND_FIRST on, see WINDOW_KIND. One
 * that memrig comes with is "mtd" (memrig_mtd.ko): raw flash, @store_fd is an open /dev/mtdN. It
 * keeps pages as long as the window lives.
 */
enum memrig_store {
	MEMRIG_STORE_RAM = 1,
	MEMRIG_STORE_COMPRESSED = 2,
	MEMRIG_STORE_FILE = 3,
	MEMRIG_STORE_NULL = 4,
	MEMRIG_STORE_IMAGE = 5,
};

#define MEMRIG_KIND_FIRST	64	/* first number of policies and stores of other modules */

/**
 * enum memrig_compressor - algorithm of a compressed store
 * @MEMRIG_COMPRESSOR_DEFAULT: one that this kernel has
 * @MEMRIG_COMPRESSOR_LZO: lzo
 * @MEMRIG_COMPRESSOR_LZ4: lz4
 * @MEMRIG_COMPRESSOR_ZSTD: zstd
 */
enum memrig_compressor {
	MEMRIG_COMPRESSOR_DEFAULT = 0,
	MEMRIG_COMPRESSOR_LZO = 1,
	MEMRIG_COMPRESSOR_LZ4 = 2,
	MEMRIG_COMPRESSOR_ZSTD = 3,
};

#define MEMRIG_WINDOW_READ_ONLY		(1u << 0)	/* maps read-only; FILE: never written */
#define MEMRIG_WINDOW_INJECT		(1u << 1)	/* takes WINDOW_INJECT */
#define MEMRIG_WINDOW_SERIAL		(1u << 2)	/* one page moves at a time */
#define MEMRIG_WINDOW_THREAD_STATS	(1u << 3)	/* count for each thread, see PAGING_STAT */

#define MEMRIG_WINDOW_PAGES_MAX		(1ULL << 28)	/* pages of one window */
#define MEMRIG_FAULT_AROUND_MAX		64	/* pages, as is READ_AHEAD_MAX */
#define MEMRIG_READ_AHEAD_MAX		64
#define MEMRIG_CLEAN_MS_MAX		3600000
#define MEMRIG_CLEAN_PAGES_MAX		1024

/**
 * struct memrig_window_create - ioctl(MEMRIG_IOC_WINDOW_CREATE) on a session
 * @size: sizeof(struct memrig_window_create)
 * @flags: MEMRIG_WINDOW_*. READ_ONLY with INJECT: EINVAL
 * @region_fd: a region of kind PAGES, writable (EBADF; EINVAL: another kind of file; EACCES;
 *	EOPNOTSUPP: another kind of memory, or an attribute that is not in @gup_attrs of CAPS;
 *	EPERM: KERNEL_ONLY; EHOSTDOWN). It lends the window its frames, and cannot be mapped or
 *	suspended meanwhile. EBUSY: it is mapped, its pages are held, or part of the span belongs
 *	to a heap or to another window
 * @fd: out: the window, O_CLOEXEC
 * @offset: of the first frame in the region, a multiple of the page size (EINVAL)
 * @frames: number of frames, at least one and not above @pages (EINVAL); beyond the end of the
 *	region: EINVAL. An instruction that touches several pages of the window needs as many
 * @pages: number of pages, at most MEMRIG_WINDOW_PAGES_MAX (EINVAL)
 * @policy: enum memrig_policy, or a number that WINDOW_KIND tells (EOPNOTSUPP)
 * @store: enum memrig_store, or a number that WINDOW_KIND tells (EOPNOTSUPP)
 * @store_fd: FILE: open for reading and, unless READ_ONLY, for writing, neither O_APPEND nor
 *	O_DIRECT (EBADF; EACCES; EINVAL: neither a regular file nor a block device, or cannot be
 *	read or written by the kernel); IMAGE: a regular file open for reading (the same errors);
 *	others: must be -1 (EINVAL), but for stores of other modules that want a file, see
 *	WINDOW_KIND
 * @compressor: COMPRESSED: enum memrig_compressor (EOPNOTSUPP); others: must be 0 (EINVAL)
 * @store_offset: FILE, IMAGE: where the first page is, a multiple of the page size; others: 0
 *	(EINVAL)
 * @store_pages: RAM, COMPRESSED: how many pages it holds at most, 0: all of them. ENOSPC: not as
 *	many as need be: @pages - @frames + 1. With fewer than @pages a page leaves the store when
 *	it gets a frame, otherwise it stays there as long as it has not been changed. Others: 0
 *	(EINVAL). A file that ends earlier than the window: ENOSPC
 * @store_timeout_ns: how long a touch waits for the store before it is SIGBUS. 0: 10 seconds
 * @frame_timeout_ns: how long while all frames are pinned or held. 0: 1 second. Above an hour:
 *	EINVAL, for both
 * @reason: out: enum memrig_reason when the call fails with ENOMEM
 * @tick_ms: NRU: length of a tick. 0: 100
 * @fault_around: a touch that enters a page in the page table enters those with it that have a
 *	frame, of the so many aligned pages around it. A power of two, at most
 *	MEMRIG_FAULT_AROUND_MAX (EINVAL). 0, 1: the touched page alone
 * @read_ahead: when pages are touched one after the other and have to be read, so many of those
 *	that follow are read before they are touched. At most MEMRIG_READ_AHEAD_MAX (EINVAL), and
 *	no more than an eighth of the frames. 0: none
 * @clean_ms: so many milliseconds after the last time, changed pages that are idle and among the
 *	next to leave are written to the store, so that they can leave at once. They stay where they
 *	are. At most MEMRIG_CLEAN_MS_MAX (EINVAL). 0: never
 * @clean_pages: how many each time, at most MEMRIG_CLEAN_PAGES_MAX (EINVAL). 0: 32. Without
 *	@clean_ms: must be 0 (EINVAL)
 *
 * The mapping comes from mmap() on the window, MAP_SHARED, with offset 0 for the first page.
 * PROT_EXEC: EPERM, unless the store is IMAGE, and the file is not on a filesystem mounted noexec.
 */
struct memrig_window_create {
	__u32 size;
	__u32 flags;
	__s32 region_fd;
	__s32 fd;
	__aligned_u64 offset;
	__aligned_u64 frames;
	__aligned_u64 pages;
	__u32 policy;
	__u32 store;
	__s32 store_fd;
	__u32 compressor;
	__aligned_u64 store_offset;
	__aligned_u64 store_pages;
	__aligned_u64 store_timeout_ns;
	__aligned_u64 frame_timeout_ns;
	__u32 reason;
	__u32 tick_ms;
	__u32 fault_around;
	__u32 read_ahead;
	__u32 clean_ms;
	__u32 clean_pages;
};
#define MEMRIG_IOC_WINDOW_CREATE	_IOWR(MEMRIG_IOC_TYPE, 0x17, struct memrig_window_create)

/**
 * struct memrig_window_list - ioctl(MEMRIG_IOC_WINDOW_LIST) on a session
 * @size: sizeof(struct memrig_window_list)
 * @flags: must be 0
 * @cursor: in: 0 to begin; out: pass back for the next part
 * @entries: user address of an array of struct memrig_window_stat
 * @count: in: room in @entries, 1..MEMRIG_BATCH_MAX; out: number written, 0 at the end
 * @entry_size: in: sizeof(struct memrig_window_stat) as the caller knows it
 *
 * Lists the windows that the caller's user has made; with CAP_SYS_ADMIN all.
 */
struct memrig_window_list {
	__u32 size;
	__u32 flags;
	__aligned_u64 cursor;
	__aligned_u64 entries;
	__u32 count;
	__u32 entry_size;
};
#define MEMRIG_IOC_WINDOW_LIST	_IOWR(MEMRIG_IOC_TYPE, 0x18, struct memrig_window_list)

/**
 * struct memrig_window_open - ioctl(MEMRIG_IOC_WINDOW_OPEN) on a session
 * @size: sizeof(struct memrig_window_open)
 * @flags: must be 0
 * @id: of a window (ENOENT) that the caller's user has made, with CAP_SYS_ADMIN of any (EPERM)
 * @fd: out: an *observer* of it, O_CLOEXEC
 * @reserved: must be 0
 *
 * An observer is a client that reaches neither content nor frames: WINDOW_STAT, WINDOW_HIST,
 * WINDOW_POLICY, PAGING_STAT and PAGE_MAP work, all else, mmap() included, is EACCES. It does not
 * keep the window: when its last client is gone, these are ENODEV.
 */
struct memrig_window_open {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__s32 fd;
	__u32 reserved;
};
#define MEMRIG_IOC_WINDOW_OPEN	_IOWR(MEMRIG_IOC_TYPE, 0x19, struct memrig_window_open)

/**
 * enum memrig_scope - whose figures PAGING_STAT tells, on a window
 * @MEMRIG_SCOPE_WINDOW: of everybody
 * @MEMRIG_SCOPE_CLIENT: of the file that it is called on, and of the mappings made from it
 * @MEMRIG_SCOPE_THREAD: of a thread, through whatever file; only windows that were made with
 *	MEMRIG_WINDOW_THREAD_STATS count that
 */
enum memrig_scope {
	MEMRIG_SCOPE_WINDOW = 0,
	MEMRIG_SCOPE_CLIENT = 1,
	MEMRIG_SCOPE_THREAD = 2,
};

#define MEMRIG_WINDOW_STAT_RESET	(1u << 0)	/* start counting again, after reading */

/**
 * struct memrig_paging_stat - ioctl(MEMRIG_IOC_PAGING_STAT) on a session, or
 *	ioctl(MEMRIG_IOC_WINDOW_PAGING_STAT) on a window
 * @size: sizeof(struct memrig_paging_stat)
 * @flags: session: must be 0 (EOPNOTSUPP); window: MEMRIG_WINDOW_STAT_RESET: these counters, of
 *	that scope alone, start again at 0 after they have been read
 * @scope: session: must be 0 (EINVAL); window: enum memrig_scope (EINVAL; THREAD: EOPNOTSUPP if the
 *	window does not count that)
 * @tid: THREAD: number of a thread as the caller knows it, 0: the caller itself; ENOENT: there is
 *	none of that number, or it has not asked for a page. Otherwise: must be 0 (EINVAL)
 * @faults: out: pages that got a frame because somebody touched them or asked for them
 * @faults_user: out: those of them that a program touched
 * @faults_kernel: out: those that the kernel touched or asked for on behalf of a program
 * @faults_isr: out: always 0: interrupts do not touch windows
 * @evict_clean: out: pages that left for one of these and were not written
 * @evict_dirty: out: pages that left for one of these and were written
 *
 * A page counts for the client and for the thread that asked for it first, whoever has to wait for
 * it and whoever brings it in. The figures of a thread need memory, and there is room for about a
 * thousand threads that live; where there is none, only that thread's figures are not kept. A
 * number that is used again begins with new ones.
 *
 * On a session: all windows since the module was loaded, whoever's they are or were.
 */
struct memrig_paging_stat {
	__u32 size;
	__u32 flags;
	__u32 scope;
	__u32 tid;
	__aligned_u64 faults;
	__aligned_u64 faults_user;
	__aligned_u64 faults_kernel;
	__aligned_u64 faults_isr;
	__aligned_u64 evict_clean;
	__aligned_u64 evict_dirty;
};
#define MEMRIG_IOC_PAGING_STAT	_IOWR(MEMRIG_IOC_TYPE, 0x1b, struct memrig_paging_stat)

/**
 * enum memrig_kind_of - what WINDOW_KIND is asked about
 * @MEMRIG_KIND_OF_POLICY: policies
 * @MEMRIG_KIND_OF_STORE: stores
 */
enum memrig_kind_of {
	MEMRIG_KIND_OF_POLICY = 0,
	MEMRIG_KIND_OF_STORE = 1,
};

/**
 * struct memrig_window_kind - ioctl(MEMRIG_IOC_WINDOW_KIND) on a session
 * @size: sizeof(struct memrig_window_kind)
 * @flags: must be 0
 * @what: enum memrig_kind_of (EINVAL)
 * @number: in: the lowest one of interest; out: the next one that there is (ENOENT: none), to be
 *	given to WINDOW_CREATE or WINDOW_POLICY. Numbers of other modules are MEMRIG_KIND_FIRST or
 *	above; none is used twice while memrig is loaded
 * @name: out: its name, with a NUL; unique among the policies or the stores that there are
 * @wants_file: out: a store that takes @store_fd and @store_offset of WINDOW_CREATE: 1; otherwise 0
 * @reserved: must be 0
 *
 * Starting with 0 and going on with the last @number + 1 lists all. MEMRIG_POLICY_DEFAULT is no
 * kind of its own and not among them.
 */
struct memrig_window_kind {
	__u32 size;
	__u32 flags;
	__u32 what;
	__u32 number;
	__u8 name[MEMRIG_NAME_MAX];
	__u32 wants_file;
	__u32 reserved;
};
#define MEMRIG_IOC_WINDOW_KIND	_IOWR(MEMRIG_IOC_TYPE, 0x1a, struct memrig_window_kind)

/* ---- region -------------------------------------------------------------------------- */

/*
 * DOC: Mapping a region
 *
 * mmap() on a region maps its bytes from the offset on, shared (EINVAL for MAP_PRIVATE and beyond
 * the end, EPERM for KERNEL_ONLY, EACCES to write through a file opened read-only). A mapping keeps
 * the region alive; it cannot grow and is left out of core dumps.
 */

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
#define MEMRIG_IOC_ATTR_QUERY	_IOWR(MEMRIG_IOC_TYPE, 0x21, struct memrig_attr_query)

/**
 * struct memrig_region_addr - ioctl(MEMRIG_IOC_REGION_ADDR) on a region
 * @size: sizeof(struct memrig_region_addr)
 * @flags: must be 0
 * @offset: byte of the region. Beyond its end: EINVAL
 * @phys: out: physical address; ~0 when it has none that is known
 * @dma: out: address for the region's DMA device; ~0 for PAGES
 * @contiguous: out: bytes from @offset on that are contiguous at both
 *
 * Needs CAP_SYS_RAWIO (EPERM). No ioctl takes such an address.
 */
struct memrig_region_addr {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 phys;
	__aligned_u64 dma;
	__aligned_u64 contiguous;
};
#define MEMRIG_IOC_REGION_ADDR	_IOWR(MEMRIG_IOC_TYPE, 0x22, struct memrig_region_addr)

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
#define MEMRIG_IOC_REGION_SUSPEND	_IOWR(MEMRIG_IOC_TYPE, 0x23, struct memrig_region_suspend)

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
#define MEMRIG_IOC_REGION_RESUME	_IOWR(MEMRIG_IOC_TYPE, 0x24, struct memrig_region_resume)

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
#define MEMRIG_IOC_REGION_NEAR	_IOWR(MEMRIG_IOC_TYPE, 0x25, struct memrig_region_near)

#define MEMRIG_HEAP_SCRUB	(1u << 0)	/* zero a block before another owner gets it */
#define MEMRIG_HEAP_STATS	(1u << 1)	/* keep runtime statistics */
#define MEMRIG_HEAP_TRACK	(1u << 2)	/* remember of each block who asked for it */

/**
 * struct memrig_heap_create - ioctl(MEMRIG_IOC_HEAP_CREATE) on a region
 * @size: sizeof(struct memrig_heap_create)
 * @flags: MEMRIG_HEAP_*
 * @placement: enum memrig_placement
 * @hardening: 0..caps.hardening_max (SYS_HEAP_HARDENING_LEVEL)
 * @offset: first byte of the region to manage, a multiple of 8
 * @length: bytes to manage, 0 means up to the end of the region. Overlap with another heap of the
 *	region: EBUSY
 * @search_limit: SYS_HEAP_ALLOC_LOOPS; 0 means the default, above 65535 means 65535
 * @max_blocks: bound on block records, in-band on live blocks. 0 means the bound that the module
 *	parameter max_blocks= sets, FIRST_FIT and BEST_FIT: MEMRIG_FIT_BLOCKS_MAX if that is less;
 *	more: EINVAL
 * @fd: out: the heap, O_CLOEXEC; a client of its own
 * @reason: out
 * @side_bytes: out: kernel memory used for bookkeeping so far
 * @engine: enum memrig_engine; 0 means SYS_HEAP. All others are OOB only (EOPNOTSUPP)
 * @num_blocks: SLAB, BLOCKS: how many blocks; 0 means as many as fit, but not more than
 *	@max_blocks. More than fit or than that: EINVAL. Others: must be 0 (EINVAL)
 * @block_size: SLAB: a multiple of 8; BLOCKS: a power of two from 8 on. Else, and 0, EINVAL.
 *	Others: must be 0 (EINVAL)
 *
 * SCRUB needs a kernel mapping of the region and is refused for none. SCRUB and INBAND need the
 * bytes at any time: EOPNOTSUPP over a POWERED region. EACCES: the region was opened read-only.
 */
struct memrig_heap_create {
	__u32 size;
	__u32 flags;
	__u32 placement;
	__u32 hardening;
	__aligned_u64 offset;
	__aligned_u64 length;
	__u32 search_limit;
	__u32 max_blocks;
	__s32 fd;
	__u32 reason;
	__aligned_u64 side_bytes;
	__u32 engine;
	__u32 num_blocks;
	__aligned_u64 block_size;
};
#define MEMRIG_IOC_HEAP_CREATE	_IOWR(MEMRIG_IOC_TYPE, 0x30, struct memrig_heap_create)

/* ---- heap ---------------------------------------------------------------------------- */

/**
 * struct memrig_heap_attach - ioctl(MEMRIG_IOC_HEAP_ATTACH) on a heap
 * @size: sizeof(struct memrig_heap_attach)
 * @flags: must be 0
 * @fd: out: the same heap as a new client. Blocks of a client are freed when its last reference
 *	goes. Passing or inheriting the fd as it is shares the client
 * @client: out: number of the new client
 */
struct memrig_heap_attach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 client;
};
#define MEMRIG_IOC_HEAP_ATTACH	_IOWR(MEMRIG_IOC_TYPE, 0x31, struct memrig_heap_attach)

#define MEMRIG_ALLOC_WAIT	(1u << 0)	/* wait for memory when there is none */

#define MEMRIG_FOREVER		(~0ULL)	/* as a timeout */

/**
 * struct memrig_alloc - ioctl(MEMRIG_IOC_ALLOC) on a heap
 * @size: sizeof(struct memrig_alloc)
 * @flags: MEMRIG_ALLOC_*
 * @bytes: wanted. 0: EINVAL
 * @align: 0 or a power of two, or Zephyr's align|rewind with two bits set, else EINVAL. Beyond
 *	caps.max_align: EOPNOTSUPP
 * @offset: out: first byte of the block, from the start of the region
 * @usable: out: bytes from there on that belong to the block, at least @bytes
 * @region_index: out: which region of the allocator; 0 for a heap
 * @reason: out
 * @largest_free: out: on ENOMEM and ETIMEDOUT the largest request that would succeed now
 * @timeout_ns: with WAIT: how long to wait at most, MEMRIG_FOREVER for ever; out, on EINTR: how
 *	much of it is left, so that the same call goes on where it was. Else: must be 0 (EINVAL)
 * @site: user address of a text that says where in the program this is, such as "file.c:123", or 0.
 *	At most MEMRIG_SITE_MAX bytes with its NUL, printable ASCII (EINVAL). Heaps with
 *	MEMRIG_HEAP_TRACK remember it; others do not read it
 *
 * Without WAIT a shortage is ENOMEM. With it, what can never be had, even if all were free, is
 * EINVAL at once (reason TOO_LARGE); else the call waits, and ends with ETIMEDOUT when the time is
 * over, with EINTR on a signal. Only shortage of the heap's own memory or records is waited for,
 * not that of kernel memory for bookkeeping (ENOMEM, reason SIDE).
 *
 * Whoever frees hands the memory to those who wait: to the task of the highest priority (lowest
 * prio, as it was when it began to wait), among equals to the one that waits longest. Who cannot
 * use what is free is passed over.
 */
struct memrig_alloc {
	__u32 size;
	__u32 flags;
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 offset;
	__aligned_u64 usable;
	__u32 region_index;
	__u32 reason;
	__aligned_u64 largest_free;
	__aligned_u64 timeout_ns;
	__aligned_u64 site;
};
#define MEMRIG_IOC_ALLOC	_IOWR(MEMRIG_IOC_TYPE, 0x32, struct memrig_alloc)

/**
 * struct memrig_free - ioctl(MEMRIG_IOC_FREE) on a heap
 * @size: sizeof(struct memrig_free)
 * @flags: must be 0
 * @offset: of a live block. ENOENT: none starts there (double free, middle of a block); EPERM: it
 *	belongs to another client. Its owner, the creator of the heap and CAP_SYS_ADMIN may free it
 */
struct memrig_free {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
};
#define MEMRIG_IOC_FREE		_IOWR(MEMRIG_IOC_TYPE, 0x33, struct memrig_free)

#define MEMRIG_REALLOC_IN_PLACE	(1u << 0)	/* never move; ENOMEM instead */

/**
 * struct memrig_realloc - ioctl(MEMRIG_IOC_REALLOC) on a heap
 * @size: sizeof(struct memrig_realloc)
 * @flags: MEMRIG_REALLOC_*
 * @offset: of a live block; out: where it is now. On failure it stays where it was, untouched
 * @bytes: new size. 0: EINVAL (free it instead)
 * @align: as for ALLOC; a block that does not meet it moves
 * @usable: out
 * @moved: out: 1 if it moved; its content was copied
 * @reason: out
 * @largest_free: out, as for ALLOC
 *
 * Grows and shrinks in place where it can. A move is killable; both blocks live during it. EFAULT:
 * a block that moved or grew is as it was; one that shrank is, unless somebody else was given the
 * rest meanwhile.
 */
struct memrig_realloc {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 usable;
	__u32 moved;
	__u32 reason;
	__aligned_u64 largest_free;
};
#define MEMRIG_IOC_REALLOC	_IOWR(MEMRIG_IOC_TYPE, 0x34, struct memrig_realloc)

/**
 * struct memrig_alloc_req - one element of a batch
 * @bytes: in
 * @align: in
 * @offset: out
 * @usable: out
 * @error: out: 0 or a positive errno
 * @reason: out
 */
struct memrig_alloc_req {
	__aligned_u64 bytes;
	__aligned_u64 align;
	__aligned_u64 offset;
	__aligned_u64 usable;
	__u32 error;
	__u32 reason;
};

#define MEMRIG_BATCH_ALL_OR_NONE	(1u << 0)	/* on failure undo the elements before */

/**
 * struct memrig_alloc_batch - ioctl(MEMRIG_IOC_ALLOC_BATCH) on a heap
 * @size: sizeof(struct memrig_alloc_batch)
 * @flags: MEMRIG_BATCH_*
 * @reqs: user address of an array of struct memrig_alloc_req
 * @count: elements, 1..MEMRIG_BATCH_MAX
 * @done: out: elements that succeeded, counted from the first; stops at the first failure, whose
 *	error is in its element and is also the result of the call if @done is 0 or with
 *	ALL_OR_NONE (then @done is 0). Without ALL_OR_NONE, blocks that their elements tell of stay
 *	even if @done cannot be written (EFAULT)
 */
struct memrig_alloc_batch {
	__u32 size;
	__u32 flags;
	__aligned_u64 reqs;
	__u32 count;
	__u32 done;
};
#define MEMRIG_IOC_ALLOC_BATCH	_IOWR(MEMRIG_IOC_TYPE, 0x35, struct memrig_alloc_batch)

/**
 * struct memrig_free_batch - ioctl(MEMRIG_IOC_FREE_BATCH) on a heap
 * @size: sizeof(struct memrig_free_batch)
 * @flags: must be 0
 * @offsets: user address of an array of __u64
 * @count: elements, 1..MEMRIG_BATCH_MAX
 * @done: out: elements freed, counted from the first; stops at the first that cannot be, whose
 *	errno is the result of the call
 */
struct memrig_free_batch {
	__u32 size;
	__u32 flags;
	__aligned_u64 offsets;
	__u32 count;
	__u32 done;
};
#define MEMRIG_IOC_FREE_BATCH	_IOWR(MEMRIG_IOC_TYPE, 0x36, struct memrig_free_batch)

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
#define MEMRIG_IOC_HEAP_STAT	_IOWR(MEMRIG_IOC_TYPE, 0x37, struct memrig_heap_stat)

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
#define MEMRIG_IOC_HEAP_RESET_MAX	_IOWR(MEMRIG_IOC_TYPE, 0x38, struct memrig_heap_reset_max)

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
#define MEMRIG_IOC_HEAP_WALK	_IOWR(MEMRIG_IOC_TYPE, 0x39, struct memrig_heap_walk)

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
#define MEMRIG_IOC_HEAP_VALIDATE	_IOWR(MEMRIG_IOC_TYPE, 0x3a, struct memrig_heap_validate)

/**
 * struct memrig_give - ioctl(MEMRIG_IOC_GIVE) on a heap
 * @size: sizeof(struct memrig_give)
 * @flags: must be 0
 * @offset: of a block of this client
 * @client: number of the client that owns it from now on (ENOENT: none such)
 * @reserved: must be 0
 */
struct memrig_give {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__u32 client;
	__u32 reserved;
};
#define MEMRIG_IOC_GIVE		_IOWR(MEMRIG_IOC_TYPE, 0x3b, struct memrig_give)

/**
 * struct memrig_keep - ioctl(MEMRIG_IOC_KEEP) on a heap
 * @size: sizeof(struct memrig_keep)
 * @flags: must be 0
 * @offset: of a block of this client; it belongs to the heap from now on and outlives the client.
 *	ENOMEM with REASON_QUOTA beyond the per-user quota (module parameter keep_quota=)
 * @reason: out
 * @reserved: must be 0
 */
struct memrig_keep {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__u32 reason;
	__u32 reserved;
};
#define MEMRIG_IOC_KEEP		_IOWR(MEMRIG_IOC_TYPE, 0x3c, struct memrig_keep)

/**
 * struct memrig_usable - ioctl(MEMRIG_IOC_USABLE) on a heap
 * @size: sizeof(struct memrig_usable)
 * @flags: must be 0
 * @offset: of a live block of this client (ENOENT, EPERM as for FREE)
 * @usable: out: bytes from there on that belong to it
 */
struct memrig_usable {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 usable;
};
#define MEMRIG_IOC_USABLE	_IOWR(MEMRIG_IOC_TYPE, 0x3d, struct memrig_usable)

/**
 * struct memrig_heap_region - ioctl(MEMRIG_IOC_HEAP_REGION) on a heap
 * @size: sizeof(struct memrig_heap_region)
 * @flags: must be 0
 * @index: which region of the allocator; 0 for a heap. Others: ENOENT
 * @fd: out: that region, O_CLOEXEC, with the access the heap was created with
 */
struct memrig_heap_region {
	__u32 size;
	__u32 flags;
	__u32 index;
	__s32 fd;
};
#define MEMRIG_IOC_HEAP_REGION	_IOWR(MEMRIG_IOC_TYPE, 0x3e, struct memrig_heap_region)

#define MEMRIG_WATCH_MESSAGES	(1u << 0)	/* poll() is about the queue, not about memory */

/**
 * struct memrig_watch - ioctl(MEMRIG_IOC_WATCH) on a heap
 * @size: sizeof(struct memrig_watch)
 * @flags: MEMRIG_WATCH_*
 * @bytes: from now on poll() on this client reports POLLIN while an ALLOC of that many would
 *	succeed, and POLLERR when it never can or the heap is fenced off. 0: EINVAL. A new client
 *	watches for 1
 * @align: as for ALLOC
 *
 * Level-triggered, and a hint: nothing is reserved. The lasting wake-up comes from whoever frees.
 *
 * With MESSAGES, poll() reports POLLIN while a message waits to be received instead, and POLLERR
 * when the heap is fenced off; @bytes and @align must be 0 (EINVAL).
 */
struct memrig_watch {
	__u32 size;
	__u32 flags;
	__aligned_u64 bytes;
	__aligned_u64 align;
};
#define MEMRIG_IOC_WATCH	_IOWR(MEMRIG_IOC_TYPE, 0x3f, struct memrig_watch)

/*
 * DOC: Blocks by number
 *
 * Heaps of MEMRIG_ENGINE_BLOCKS take three calls more; on others they are EOPNOTSUPP. @offset is
 * that of a block, a multiple of the block size from the start of the span; other values and blocks
 * beyond the end are EINVAL, so is a @count of 0; a sum that wraps is EOVERFLOW.
 */

/**
 * struct memrig_blocks_get - ioctl(MEMRIG_IOC_BLOCKS_GET) on a heap
 * @size: sizeof(struct memrig_blocks_get)
 * @flags: must be 0
 * @offset: of the first block
 * @count: blocks from there on that the client wants, as one allocation. ENOMEM: not all are free
 * @reason: out
 * @reserved: must be 0
 */
struct memrig_blocks_get {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 count;
	__u32 reason;
	__u32 reserved;
};
#define MEMRIG_IOC_BLOCKS_GET	_IOWR(MEMRIG_IOC_TYPE, 0x40, struct memrig_blocks_get)

/**
 * struct memrig_blocks_free - ioctl(MEMRIG_IOC_BLOCKS_FREE) on a heap
 * @size: sizeof(struct memrig_blocks_free)
 * @flags: must be 0
 * @offset: of the first block
 * @count: blocks from there on to give back, of one or several allocations, whole or in part. All
 *	or none: ENOENT: one of them is free; EPERM: one belongs to another client; EBUSY
 *
 * What is left of an allocation before and behind them are allocations of their own.
 */
struct memrig_blocks_free {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 count;
};
#define MEMRIG_IOC_BLOCKS_FREE	_IOWR(MEMRIG_IOC_TYPE, 0x41, struct memrig_blocks_free)

/**
 * struct memrig_blocks_is_free - ioctl(MEMRIG_IOC_BLOCKS_IS_FREE) on a heap
 * @size: sizeof(struct memrig_blocks_is_free)
 * @flags: must be 0
 * @offset: of the first block
 * @count: blocks from there on
 * @free: out: 1 if all of them are free, else 0
 * @reserved: must be 0
 */
struct memrig_blocks_is_free {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 count;
	__u32 free;
	__u32 reserved;
};
#define MEMRIG_IOC_BLOCKS_IS_FREE	_IOWR(MEMRIG_IOC_TYPE, 0x42, struct memrig_blocks_is_free)

/*
 * DOC: Messages
 *
 * Every heap has a queue. A client SENDs a block that it owns: the block leaves the client and
 * waits in the queue, first in, first out; a client that RECEIVEs becomes the owner of the oldest.
 * Only the block travels: nothing is copied, its content is where it was, also on a heap that
 * scrubs. Over a SLAB this is a message pool, over a RING a stream (ALLOC reserves, SEND commits,
 * RECEIVE gets, FREE is done with it; the order is that of SEND), over BLOCKS a message is a run.
 *
 * While it waits, a message belongs to the heap: FREE, REALLOC, GIVE, KEEP, USABLE and SEND of it
 * are EBUSY for everybody, and it survives its sender. It counts as a live block, so the queue is
 * never longer than max_blocks; any client can take it out, so no quota of KEEP is charged for it.
 * A message that was received is its receiver's, and goes with him. When the last client of a heap
 * goes, the messages in its queue go with the heap.
 *
 * Every file of a heap can send and receive: there are no read-only ones.
 */

/**
 * struct memrig_send - ioctl(MEMRIG_IOC_SEND) on a heap
 * @size: sizeof(struct memrig_send)
 * @flags: must be 0
 * @offset: of a block of this client. ENOENT: none starts there; EPERM: it belongs to another
 *	client, or to the heap (KEEP); EBUSY: it is being moved, or waits in the queue already
 * @bytes: how many of its bytes are the message; more than it has: EINVAL. 0: all
 *
 * A task that waits for a message gets it at once: the one of the highest priority (lowest prio, as
 * it was when it began to wait), among equals the one that waits longest. ENOMEM: no kernel memory
 * for the place in the queue.
 */
struct memrig_send {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 bytes;
};
#define MEMRIG_IOC_SEND		_IOWR(MEMRIG_IOC_TYPE, 0x43, struct memrig_send)

#define MEMRIG_RECEIVE_WAIT	(1u << 0)	/* wait for a message when there is none */

/**
 * struct memrig_receive - ioctl(MEMRIG_IOC_RECEIVE) on a heap
 * @size: sizeof(struct memrig_receive)
 * @flags: MEMRIG_RECEIVE_*
 * @timeout_ns: with WAIT: how long to wait at most, MEMRIG_FOREVER for ever; out, on EINTR: how
 *	much of it is left. Else: must be 0 (EINVAL)
 * @offset: out: of the block, which is this client's from now on
 * @usable: out: its bytes
 * @bytes: out: how many of them are the message
 * @from: out: number of the client that sent it, 0 if it is gone
 * @reserved: must be 0
 *
 * Without WAIT an empty queue is EAGAIN. With it the call waits, and ends with ETIMEDOUT when the
 * time is over, with EINTR on a signal. EFAULT: the message is in the queue again, in its place.
 */
struct memrig_receive {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
	__aligned_u64 offset;
	__aligned_u64 usable;
	__aligned_u64 bytes;
	__u32 from;
	__u32 reserved;
};
#define MEMRIG_IOC_RECEIVE	_IOWR(MEMRIG_IOC_TYPE, 0x44, struct memrig_receive)

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
#define MEMRIG_IOC_TRACK_LIST	_IOWR(MEMRIG_IOC_TYPE, 0x45, struct memrig_track_list)

/* ---- multi object -------------------------------------------------------------------- */

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
#define MEMRIG_IOC_MULTI_ADD	_IOWR(MEMRIG_IOC_TYPE, 0x50, struct memrig_multi_add)

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
#define MEMRIG_IOC_MULTI_REMOVE	_IOWR(MEMRIG_IOC_TYPE, 0x51, struct memrig_multi_remove)

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
#define MEMRIG_IOC_MULTI_RULES	_IOWR(MEMRIG_IOC_TYPE, 0x52, struct memrig_multi_rules)

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
#define MEMRIG_IOC_MULTI_ALLOC	_IOWR(MEMRIG_IOC_TYPE, 0x53, struct memrig_multi_alloc)

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
#define MEMRIG_IOC_MULTI_FREE	_IOWR(MEMRIG_IOC_TYPE, 0x54, struct memrig_multi_free)

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
#define MEMRIG_IOC_MULTI_REALLOC	_IOWR(MEMRIG_IOC_TYPE, 0x55, struct memrig_multi_realloc)

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
#define MEMRIG_IOC_MULTI_MEMBER	_IOWR(MEMRIG_IOC_TYPE, 0x56, struct memrig_multi_member)

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
#define MEMRIG_IOC_MULTI_ATTACH	_IOWR(MEMRIG_IOC_TYPE, 0x57, struct memrig_multi_attach)

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
#define MEMRIG_IOC_MULTI_STAT	_IOWR(MEMRIG_IOC_TYPE, 0x58, struct memrig_multi_stat)

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
#define MEMRIG_IOC_MULTI_WATCH	_IOWR(MEMRIG_IOC_TYPE, 0x59, struct memrig_multi_watch)

/* ---- window -------------------------------------------------------------------------- */

/*
 * DOC: Windows
 *
 * A window has more pages than frames. A page that is touched and has no frame gets one: a free
 * one, or that of a page that the policy chooses, whose content goes to the store if it has
 * changed since it was last there. A page that was never written has no place anywhere and reads
 * as zero, unless the store had content from the start.
 *
 * Whether a page was read or written is what the hardware noted in the page tables of everyone who
 * maps it. A page that the kernel or a device holds for somebody else (O_DIRECT, io_uring buffers,
 * pipes) keeps its frame and counts as written.
 *
 * An error of the store loses nothing. When a page cannot be written, it stays in its frame, and
 * another one leaves; when it cannot be read, who touched it gets SIGBUS, and it stays in the
 * store. SIGBUS is also the end of a wait for a frame or for the store that took too long.
 *
 * A file of a window is a client: pins are its own and go with it. WINDOW_ATTACH makes another.
 * Ranges are whole pages (EINVAL), not empty (EINVAL), within the window (EINVAL); a sum that wraps
 * is EOVERFLOW. What was done to the first pages of a range is not undone when a later one fails.
 */

/**
 * struct memrig_window_stat - ioctl(MEMRIG_IOC_WINDOW_STAT) on a window
 * @size: sizeof(struct memrig_window_stat)
 * @flags: MEMRIG_WINDOW_STAT_RESET: counters from @faults on start again at 0, after they have been
 *	read
 * @id: out: number of the window, unique while the module is loaded
 * @region_id: out: of the region its frames are of
 * @pages: out: as created
 * @frames: out: as created
 * @policy: out: enum memrig_policy in force
 * @store: out: enum memrig_store
 * @clients: out: open files of it
 * @mappings: out: number of VMAs
 * @uid: out: user that made it, as the caller knows it
 * @pid: out: process that did, as the caller knows it; 0: it is gone, or not to be seen from here
 * @free_frames: out: frames without a page
 * @resident: out: pages that have a frame and are not on their way
 * @moving: out: pages on their way in or out
 * @pinned: out: pages with at least one pin
 * @stored: out: pages in the store, copies of resident ones included; FILE: 0
 * @stored_bytes: out: memory they take; RAM and COMPRESSED, otherwise 0
 * @faults: out: pages that got a frame because somebody touched them or asked for them
 * @faults_user: out: those of them that a program touched
 * @faults_kernel: out: those that the kernel touched or asked for on behalf of a program
 * @faults_isr: out: always 0: interrupts do not touch windows
 * @evict_clean: out: pages that left for another page and were not written
 * @evict_dirty: out: pages that left for another page and were written
 * @soft_faults: out: touches of pages that had a frame but no entry in the page table
 * @zeroed: out: pages that were filled with zeros
 * @page_ins: out: pages read from the store
 * @page_outs: out: pages written to the store
 * @in_errors: out: reads that failed
 * @out_errors: out: writes that failed
 * @waits: out: touches that waited for a page on its way
 * @held: out: pages that could not leave because somebody held them
 * @sigbus: out: touches that ended in SIGBUS
 * @fault_arounds: out: entries of page tables that touches of other pages made
 * @read_aheads: out: pages that got a frame before anybody touched them, or advice asked for; none
 *	of them is in @faults, and those that left for them are not in @evict_clean and @evict_dirty
 * @read_ahead_hits: out: those of them of which it is known that they were touched afterwards
 * @cleaned: out: pages that were written so that they can leave at once
 * @last_reason: out: enum memrig_reason of the last of them
 * @window_flags: out: MEMRIG_WINDOW_*, as created, and READ_ONLY where the store brings that along
 * @erases: out: erase blocks that a store on flash has erased, since the window was made; others: 0
 * @store_moves: out: pages that it has copied from one place to another to make room; others: 0
 * @wear_most: out: most erases of one of its erase blocks; others: 0
 */
struct memrig_window_stat {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__aligned_u64 region_id;
	__aligned_u64 pages;
	__aligned_u64 frames;
	__u32 policy;
	__u32 store;
	__u32 clients;
	__u32 mappings;
	__u32 uid;
	__u32 pid;
	__aligned_u64 free_frames;
	__aligned_u64 resident;
	__aligned_u64 moving;
	__aligned_u64 pinned;
	__aligned_u64 stored;
	__aligned_u64 stored_bytes;
	__aligned_u64 faults;
	__aligned_u64 faults_user;
	__aligned_u64 faults_kernel;
	__aligned_u64 faults_isr;
	__aligned_u64 evict_clean;
	__aligned_u64 evict_dirty;
	__aligned_u64 soft_faults;
	__aligned_u64 zeroed;
	__aligned_u64 page_ins;
	__aligned_u64 page_outs;
	__aligned_u64 in_errors;
	__aligned_u64 out_errors;
	__aligned_u64 waits;
	__aligned_u64 held;
	__aligned_u64 sigbus;
	__aligned_u64 fault_arounds;
	__aligned_u64 read_aheads;
	__aligned_u64 read_ahead_hits;
	__aligned_u64 cleaned;
	__u32 last_reason;
	__u32 window_flags;
	__aligned_u64 erases;
	__aligned_u64 store_moves;
	__aligned_u64 wear_most;
};
#define MEMRIG_IOC_WINDOW_STAT	_IOWR(MEMRIG_IOC_TYPE, 0x60, struct memrig_window_stat)

/**
 * struct memrig_page_range - argument of the calls on a range of pages of a window
 * @size: sizeof(struct memrig_page_range)
 * @flags: must be 0
 * @offset: of the first page, in bytes
 * @length: in bytes
 * @done: out: bytes from @offset on that were dealt with
 * @reason: out: enum memrig_reason when the call fails with ENOMEM or EIO
 * @reserved: must be 0
 *
 * PAGE_IN: every page gets a frame. None is promised to keep it.
 *
 * PAGE_OUT: every page loses its frame; what has changed is written. EBUSY: one is pinned, or held
 * for longer than a moment. A store with a limit keeps its last free place for touches.
 *
 * PAGE_PIN: every page gets a frame and keeps it until it has been unpinned as often as pinned, by
 * the same client. EACCES on a window that is READ_ONLY. ENOMEM with REASON_FRAMES: no frame is
 * left that is not pinned. EOVERFLOW: too many pins on one page.
 *
 * PAGE_UNPIN: ENOENT: a page that this client has not pinned.
 *
 * PAGE_FLUSH: what has changed is written; pages keep their frames. Then a FILE store is told to
 * make it durable. What is pinned or held is written, too, and counts as changed all the same.
 *
 * All: EIO: the store failed. ETIMEDOUT: it took longer than the timeout. EINTR: the caller is
 * being killed.
 */
struct memrig_page_range {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 done;
	__u32 reason;
	__u32 reserved;
};
#define MEMRIG_IOC_PAGE_IN	_IOWR(MEMRIG_IOC_TYPE, 0x61, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_OUT	_IOWR(MEMRIG_IOC_TYPE, 0x62, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_PIN	_IOWR(MEMRIG_IOC_TYPE, 0x63, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_UNPIN	_IOWR(MEMRIG_IOC_TYPE, 0x64, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_FLUSH	_IOWR(MEMRIG_IOC_TYPE, 0x65, struct memrig_page_range)

#define MEMRIG_PAGE_RESIDENT	(1u << 0)	/* has a frame */
#define MEMRIG_PAGE_MOVING	(1u << 1)	/* on its way in or out */
#define MEMRIG_PAGE_STORED	(1u << 2)	/* in the store */
#define MEMRIG_PAGE_PINNED	(1u << 3)
#define MEMRIG_PAGE_DIRTY	(1u << 4)	/* changed; page tables may know more */
#define MEMRIG_PAGE_ACCESSED	(1u << 5)	/* touched since last looked at */

/**
 * struct memrig_page_map - ioctl(MEMRIG_IOC_PAGE_MAP) on a window
 * @size: sizeof(struct memrig_page_map)
 * @flags: must be 0
 * @offset: of the first page, in bytes
 * @length: in bytes; at most MEMRIG_BATCH_MAX pages (EINVAL)
 * @states: user address of an array of __u8, one for each page: MEMRIG_PAGE_*. 0: it was never
 *	written; on a FILE store every page is STORED
 */
struct memrig_page_map {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 states;
};
#define MEMRIG_IOC_PAGE_MAP	_IOWR(MEMRIG_IOC_TYPE, 0x66, struct memrig_page_map)

/**
 * struct memrig_window_attach - ioctl(MEMRIG_IOC_WINDOW_ATTACH) on a window
 * @size: sizeof(struct memrig_window_attach)
 * @flags: must be 0
 * @fd: out: the same window as a new client, O_CLOEXEC
 * @reserved: must be 0
 */
struct memrig_window_attach {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 reserved;
};
#define MEMRIG_IOC_WINDOW_ATTACH	_IOWR(MEMRIG_IOC_TYPE, 0x67, struct memrig_window_attach)

/**
 * struct memrig_window_policy - ioctl(MEMRIG_IOC_WINDOW_POLICY) on a window
 * @size: sizeof(struct memrig_window_policy)
 * @flags: must be 0
 * @policy: enum memrig_policy that is in force from now on (EOPNOTSUPP). It takes over what is
 *	resident in the order in which it would have left
 * @reserved: must be 0
 */
struct memrig_window_policy {
	__u32 size;
	__u32 flags;
	__u32 policy;
	__u32 reserved;
};
#define MEMRIG_IOC_WINDOW_POLICY	_IOWR(MEMRIG_IOC_TYPE, 0x68, struct memrig_window_policy)

#define MEMRIG_HIST_BINS	16

/**
 * enum memrig_hist - what a histogram of a window counts
 * @MEMRIG_HIST_EVICTION: choosing a page that is to leave
 * @MEMRIG_HIST_PAGE_IN: reading a page from the store
 * @MEMRIG_HIST_PAGE_OUT: writing a page to the store
 */
enum memrig_hist {
	MEMRIG_HIST_EVICTION = 0,
	MEMRIG_HIST_PAGE_IN = 1,
	MEMRIG_HIST_PAGE_OUT = 2,
};

#define MEMRIG_HIST_SET		(1u << 0)	/* take @bounds, and start counting again */
#define MEMRIG_HIST_RESET	(1u << 1)	/* start counting again, after reading */

/**
 * struct memrig_window_hist - ioctl(MEMRIG_IOC_WINDOW_HIST) on a window
 * @size: sizeof(struct memrig_window_hist)
 * @flags: MEMRIG_HIST_*, at most one (EINVAL)
 * @which: enum memrig_hist (EINVAL)
 * @bins: SET: 1..MEMRIG_HIST_BINS (EINVAL); otherwise out
 * @bounds: nanoseconds, ascending (EINVAL): a time is counted in the first bin whose bound is not
 *	below it, or in the last one. SET: in, otherwise out
 * @counts: out
 */
struct memrig_window_hist {
	__u32 size;
	__u32 flags;
	__u32 which;
	__u32 bins;
	__aligned_u64 bounds[MEMRIG_HIST_BINS];
	__aligned_u64 counts[MEMRIG_HIST_BINS];
};
#define MEMRIG_IOC_WINDOW_HIST	_IOWR(MEMRIG_IOC_TYPE, 0x69, struct memrig_window_hist)

/**
 * struct memrig_window_inject - ioctl(MEMRIG_IOC_WINDOW_INJECT) on a window
 * @size: sizeof(struct memrig_window_inject)
 * @flags: must be 0
 * @in_after: reads of the store that still work
 * @in_errors: reads after these that fail
 * @out_after: writes that still work
 * @out_errors: writes after these that fail, half of the page being written
 * @delay_ns: what each read and each write takes longer; at most 10 seconds (EINVAL)
 *
 * For windows made with MEMRIG_WINDOW_INJECT (EOPNOTSUPP); replaces what was set before.
 */
struct memrig_window_inject {
	__u32 size;
	__u32 flags;
	__aligned_u64 in_after;
	__aligned_u64 in_errors;
	__aligned_u64 out_after;
	__aligned_u64 out_errors;
	__aligned_u64 delay_ns;
};
#define MEMRIG_IOC_WINDOW_INJECT	_IOWR(MEMRIG_IOC_TYPE, 0x6a, struct memrig_window_inject)

/**
 * struct memrig_page_addr - ioctl(MEMRIG_IOC_PAGE_ADDR) on a window
 * @size: sizeof(struct memrig_page_addr)
 * @flags: must be 0
 * @offset: byte of the window. Beyond its end: EINVAL. In a page that this client has not pinned:
 *	ENOENT, as pages without pins may go elsewhere at any time
 * @phys: out: physical address, which stays as long as this client's pin
 * @dma: out: address for the region's DMA device; ~0: the region has none, as no region that lends
 *	has
 * @contiguous: out: bytes from @offset on that this client has pinned and that are contiguous in
 *	memory
 *
 * Needs CAP_SYS_RAWIO (EPERM). No ioctl takes such an address.
 */
struct memrig_page_addr {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 phys;
	__aligned_u64 dma;
	__aligned_u64 contiguous;
};
#define MEMRIG_IOC_PAGE_ADDR	_IOWR(MEMRIG_IOC_TYPE, 0x6b, struct memrig_page_addr)

/* struct memrig_paging_stat on a window; see there. */
#define MEMRIG_IOC_WINDOW_PAGING_STAT	_IOWR(MEMRIG_IOC_TYPE, 0x6c, struct memrig_paging_stat)

#endif /* _UAPI_LINUX_MEMRIG_H */
