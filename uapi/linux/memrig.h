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
 * The structs are in linux/memrig/, by subject; programs include this file, which has all of them
 * and the numbers of the calls.
 *
 * Units: bytes and nanoseconds, unless said otherwise.
 */
#ifndef _UAPI_LINUX_MEMRIG_H
#define _UAPI_LINUX_MEMRIG_H

#include <linux/ioctl.h>
#include <linux/memrig/alloc.h>
#include <linux/memrig/attr.h>
#include <linux/memrig/blocks.h>
#include <linux/memrig/common.h>
#include <linux/memrig/heap.h>
#include <linux/memrig/heap_stat.h>
#include <linux/memrig/message.h>
#include <linux/memrig/multi.h>
#include <linux/memrig/multi_stat.h>
#include <linux/memrig/page.h>
#include <linux/memrig/region.h>
#include <linux/memrig/session.h>
#include <linux/memrig/window.h>
#include <linux/memrig/window_kind.h>
#include <linux/memrig/window_stat.h>

#define MEMRIG_IOC_TYPE		0xBB

/* on a session */
#define MEMRIG_IOC_CAPS			_IOWR(MEMRIG_IOC_TYPE, 0x10, struct memrig_caps)
#define MEMRIG_IOC_REGION_CREATE	_IOWR(MEMRIG_IOC_TYPE, 0x11, struct memrig_region_create)
#define MEMRIG_IOC_REGION_OPEN		_IOWR(MEMRIG_IOC_TYPE, 0x12, struct memrig_region_open)
#define MEMRIG_IOC_REGION_REMOVE	_IOWR(MEMRIG_IOC_TYPE, 0x13, struct memrig_region_remove)
#define MEMRIG_IOC_REGION_LIST		_IOWR(MEMRIG_IOC_TYPE, 0x14, struct memrig_region_list)
#define MEMRIG_IOC_ATTR_NAME		_IOWR(MEMRIG_IOC_TYPE, 0x15, struct memrig_attr_name)
#define MEMRIG_IOC_MULTI_CREATE		_IOWR(MEMRIG_IOC_TYPE, 0x16, struct memrig_multi_create)
#define MEMRIG_IOC_WINDOW_CREATE	_IOWR(MEMRIG_IOC_TYPE, 0x17, struct memrig_window_create)
#define MEMRIG_IOC_WINDOW_LIST		_IOWR(MEMRIG_IOC_TYPE, 0x18, struct memrig_window_list)
#define MEMRIG_IOC_WINDOW_OPEN		_IOWR(MEMRIG_IOC_TYPE, 0x19, struct memrig_window_open)
#define MEMRIG_IOC_WINDOW_KIND		_IOWR(MEMRIG_IOC_TYPE, 0x1a, struct memrig_window_kind)
#define MEMRIG_IOC_PAGING_STAT		_IOWR(MEMRIG_IOC_TYPE, 0x1b, struct memrig_paging_stat)

/* on a region */
#define MEMRIG_IOC_REGION_INFO		_IOWR(MEMRIG_IOC_TYPE, 0x20, struct memrig_region_info)
#define MEMRIG_IOC_ATTR_QUERY		_IOWR(MEMRIG_IOC_TYPE, 0x21, struct memrig_attr_query)
#define MEMRIG_IOC_REGION_ADDR		_IOWR(MEMRIG_IOC_TYPE, 0x22, struct memrig_region_addr)
#define MEMRIG_IOC_REGION_SUSPEND	_IOWR(MEMRIG_IOC_TYPE, 0x23, struct memrig_region_suspend)
#define MEMRIG_IOC_REGION_RESUME	_IOWR(MEMRIG_IOC_TYPE, 0x24, struct memrig_region_resume)
#define MEMRIG_IOC_REGION_NEAR		_IOWR(MEMRIG_IOC_TYPE, 0x25, struct memrig_region_near)

/* on a heap; HEAP_CREATE on a region */
#define MEMRIG_IOC_HEAP_CREATE		_IOWR(MEMRIG_IOC_TYPE, 0x30, struct memrig_heap_create)
#define MEMRIG_IOC_HEAP_ATTACH		_IOWR(MEMRIG_IOC_TYPE, 0x31, struct memrig_heap_attach)
#define MEMRIG_IOC_ALLOC		_IOWR(MEMRIG_IOC_TYPE, 0x32, struct memrig_alloc)
#define MEMRIG_IOC_FREE			_IOWR(MEMRIG_IOC_TYPE, 0x33, struct memrig_free)
#define MEMRIG_IOC_REALLOC		_IOWR(MEMRIG_IOC_TYPE, 0x34, struct memrig_realloc)
#define MEMRIG_IOC_ALLOC_BATCH		_IOWR(MEMRIG_IOC_TYPE, 0x35, struct memrig_alloc_batch)
#define MEMRIG_IOC_FREE_BATCH		_IOWR(MEMRIG_IOC_TYPE, 0x36, struct memrig_free_batch)
#define MEMRIG_IOC_HEAP_STAT		_IOWR(MEMRIG_IOC_TYPE, 0x37, struct memrig_heap_stat)
#define MEMRIG_IOC_HEAP_RESET_MAX	_IOWR(MEMRIG_IOC_TYPE, 0x38, struct memrig_heap_reset_max)
#define MEMRIG_IOC_HEAP_WALK		_IOWR(MEMRIG_IOC_TYPE, 0x39, struct memrig_heap_walk)
#define MEMRIG_IOC_HEAP_VALIDATE	_IOWR(MEMRIG_IOC_TYPE, 0x3a, struct memrig_heap_validate)
#define MEMRIG_IOC_GIVE			_IOWR(MEMRIG_IOC_TYPE, 0x3b, struct memrig_give)
#define MEMRIG_IOC_KEEP			_IOWR(MEMRIG_IOC_TYPE, 0x3c, struct memrig_keep)
#define MEMRIG_IOC_USABLE		_IOWR(MEMRIG_IOC_TYPE, 0x3d, struct memrig_usable)
#define MEMRIG_IOC_HEAP_REGION		_IOWR(MEMRIG_IOC_TYPE, 0x3e, struct memrig_heap_region)
#define MEMRIG_IOC_WATCH		_IOWR(MEMRIG_IOC_TYPE, 0x3f, struct memrig_watch)
#define MEMRIG_IOC_BLOCKS_GET		_IOWR(MEMRIG_IOC_TYPE, 0x40, struct memrig_blocks_get)
#define MEMRIG_IOC_BLOCKS_FREE		_IOWR(MEMRIG_IOC_TYPE, 0x41, struct memrig_blocks_free)
#define MEMRIG_IOC_BLOCKS_IS_FREE	_IOWR(MEMRIG_IOC_TYPE, 0x42, struct memrig_blocks_is_free)
#define MEMRIG_IOC_SEND			_IOWR(MEMRIG_IOC_TYPE, 0x43, struct memrig_send)
#define MEMRIG_IOC_RECEIVE		_IOWR(MEMRIG_IOC_TYPE, 0x44, struct memrig_receive)
#define MEMRIG_IOC_TRACK_LIST		_IOWR(MEMRIG_IOC_TYPE, 0x45, struct memrig_track_list)

/* on a multi object */
#define MEMRIG_IOC_MULTI_ADD		_IOWR(MEMRIG_IOC_TYPE, 0x50, struct memrig_multi_add)
#define MEMRIG_IOC_MULTI_REMOVE		_IOWR(MEMRIG_IOC_TYPE, 0x51, struct memrig_multi_remove)
#define MEMRIG_IOC_MULTI_RULES		_IOWR(MEMRIG_IOC_TYPE, 0x52, struct memrig_multi_rules)
#define MEMRIG_IOC_MULTI_ALLOC		_IOWR(MEMRIG_IOC_TYPE, 0x53, struct memrig_multi_alloc)
#define MEMRIG_IOC_MULTI_FREE		_IOWR(MEMRIG_IOC_TYPE, 0x54, struct memrig_multi_free)
#define MEMRIG_IOC_MULTI_REALLOC	_IOWR(MEMRIG_IOC_TYPE, 0x55, struct memrig_multi_realloc)
#define MEMRIG_IOC_MULTI_MEMBER		_IOWR(MEMRIG_IOC_TYPE, 0x56, struct memrig_multi_member)
#define MEMRIG_IOC_MULTI_ATTACH		_IOWR(MEMRIG_IOC_TYPE, 0x57, struct memrig_multi_attach)
#define MEMRIG_IOC_MULTI_STAT		_IOWR(MEMRIG_IOC_TYPE, 0x58, struct memrig_multi_stat)
#define MEMRIG_IOC_MULTI_WATCH		_IOWR(MEMRIG_IOC_TYPE, 0x59, struct memrig_multi_watch)

/* on a window */
#define MEMRIG_IOC_WINDOW_STAT		_IOWR(MEMRIG_IOC_TYPE, 0x60, struct memrig_window_stat)
#define MEMRIG_IOC_PAGE_IN		_IOWR(MEMRIG_IOC_TYPE, 0x61, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_OUT		_IOWR(MEMRIG_IOC_TYPE, 0x62, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_PIN		_IOWR(MEMRIG_IOC_TYPE, 0x63, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_UNPIN		_IOWR(MEMRIG_IOC_TYPE, 0x64, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_FLUSH		_IOWR(MEMRIG_IOC_TYPE, 0x65, struct memrig_page_range)
#define MEMRIG_IOC_PAGE_MAP		_IOWR(MEMRIG_IOC_TYPE, 0x66, struct memrig_page_map)
#define MEMRIG_IOC_WINDOW_ATTACH	_IOWR(MEMRIG_IOC_TYPE, 0x67, struct memrig_window_attach)
#define MEMRIG_IOC_WINDOW_POLICY	_IOWR(MEMRIG_IOC_TYPE, 0x68, struct memrig_window_policy)
#define MEMRIG_IOC_WINDOW_HIST		_IOWR(MEMRIG_IOC_TYPE, 0x69, struct memrig_window_hist)
#define MEMRIG_IOC_WINDOW_INJECT	_IOWR(MEMRIG_IOC_TYPE, 0x6a, struct memrig_window_inject)
#define MEMRIG_IOC_PAGE_ADDR		_IOWR(MEMRIG_IOC_TYPE, 0x6b, struct memrig_page_addr)
#define MEMRIG_IOC_WINDOW_PAGING_STAT	_IOWR(MEMRIG_IOC_TYPE, 0x6c, struct memrig_paging_stat)

#endif /* _UAPI_LINUX_MEMRIG_H */
