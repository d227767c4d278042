/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* memrig: which page leaves a window, and where it goes: policies, stores, compressors */
#ifndef _UAPI_LINUX_MEMRIG_WINDOW_KIND_H
#define _UAPI_LINUX_MEMRIG_WINDOW_KIND_H

#include <linux/types.h>
#include <linux/memrig/common.h>

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

#endif /* _UAPI_LINUX_MEMRIG_WINDOW_KIND_H */
