// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The layout of every struct of the interface at its first release, checked by the compiler. Built
 * for 64-bit and for 32-bit callers: both must agree with this list, hence with each other. A size
 * or an offset that changes here breaks programs in the field; members may only be appended, and
 * then get a line of their own.
 */
#include <stddef.h>

#include <linux/memrig.h>

#define SIZE(type, bytes) \
	_Static_assert(sizeof(struct memrig_##type) == (bytes), "size of memrig_" #type)
#define AT(type, member, bytes)                                           \
	_Static_assert(offsetof(struct memrig_##type, member) == (bytes), \
		       "offset of memrig_" #type "." #member)

SIZE(caps, 80);
AT(caps, features, 16);
AT(caps, limit_bytes, 48);
SIZE(region_create, 120);
AT(region_create, length, 16);
AT(region_create, name, 32);
AT(region_create, fd, 76);
AT(region_create, actual_length, 88);
AT(region_create, attrs, 104);
SIZE(region_open, 48);
AT(region_open, fd, 40);
SIZE(region_remove, 40);
SIZE(region_info, 120);
AT(region_info, length, 24);
AT(region_info, name, 40);
AT(region_info, mappings, 88);
AT(region_info, attrs, 96);
SIZE(region_list, 32);
AT(region_list, entries, 16);
SIZE(attr_query, 56);
AT(attr_query, asked, 24);
SIZE(region_addr, 40);
SIZE(attr_name, 48);
AT(attr_name, name, 16);
SIZE(region_suspend, 8);
SIZE(region_resume, 8);
SIZE(region_near, 24);
SIZE(heap_create, 56);
AT(heap_create, offset, 16);
AT(heap_create, fd, 40);
SIZE(heap_attach, 16);
SIZE(alloc, 56);
AT(alloc, region_index, 40);
SIZE(free, 16);
SIZE(realloc, 56);
AT(realloc, moved, 40);
SIZE(alloc_req, 40);
SIZE(alloc_batch, 24);
SIZE(free_batch, 24);
SIZE(heap_stat, 176);
AT(heap_stat, free_bytes, 56);
AT(heap_stat, client_blocks, 128);
SIZE(heap_reset_max, 8);
SIZE(block, 24);
SIZE(heap_walk, 32);
SIZE(heap_validate, 24);
SIZE(give, 24);
SIZE(keep, 24);
SIZE(usable, 24);
SIZE(heap_region, 16);
