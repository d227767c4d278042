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

SIZE(caps, 96);
AT(caps, features, 16);
AT(caps, limit_bytes, 48);
AT(caps, engines, 80);
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
AT(region_info, dma_bits, 92);
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
SIZE(heap_create, 72);
AT(heap_create, offset, 16);
AT(heap_create, fd, 40);
AT(heap_create, engine, 56);
AT(heap_create, block_size, 64);
SIZE(heap_attach, 16);
SIZE(alloc, 72);
AT(alloc, region_index, 40);
AT(alloc, timeout_ns, 56);
AT(alloc, site, 64);
SIZE(free, 16);
SIZE(realloc, 56);
AT(realloc, moved, 40);
SIZE(alloc_req, 40);
SIZE(alloc_batch, 24);
SIZE(free_batch, 24);
SIZE(heap_stat, 256);
AT(heap_stat, free_bytes, 56);
AT(heap_stat, client_blocks, 128);
AT(heap_stat, engine, 176);
AT(heap_stat, waiters, 216);
AT(heap_stat, queued, 224);
SIZE(heap_reset_max, 8);
SIZE(block, 24);
SIZE(heap_walk, 32);
SIZE(heap_validate, 24);
SIZE(give, 24);
SIZE(keep, 24);
SIZE(usable, 24);
SIZE(heap_region, 16);
SIZE(watch, 24);
SIZE(blocks_get, 32);
AT(blocks_get, reason, 24);
SIZE(blocks_free, 24);
SIZE(blocks_is_free, 32);
AT(blocks_is_free, free, 24);
SIZE(send, 24);
AT(send, bytes, 16);
SIZE(receive, 48);
AT(receive, from, 40);
SIZE(track_entry, 112);
AT(track_entry, flags, 32);
AT(track_entry, comm, 48);
SIZE(track_list, 32);
AT(track_list, entries, 16);
SIZE(multi_create, 16);
SIZE(rule, 72);
AT(rule, prio_min, 40);
AT(rule, flags, 52);
AT(rule, node, 64);
SIZE(multi_add, 24);
AT(multi_add, attrs, 16);
SIZE(multi_remove, 16);
SIZE(multi_rules, 24);
SIZE(multi_alloc, 112);
AT(multi_alloc, priority, 40);
AT(multi_alloc, offset, 56);
AT(multi_alloc, reason, 72);
AT(multi_alloc, site, 88);
AT(multi_alloc, match, 96);
SIZE(multi_free, 24);
SIZE(multi_realloc, 96);
AT(multi_realloc, priority, 48);
AT(multi_realloc, moved, 64);
AT(multi_realloc, match, 80);
SIZE(multi_member, 16);
SIZE(multi_attach, 16);
SIZE(multi_member_stat, 64);
SIZE(multi_rule_stat, 16);
SIZE(multi_stat, 80);
AT(multi_stat, files, 48);
AT(multi_stat, members, 56);
SIZE(multi_watch, 56);
AT(multi_watch, priority, 40);
AT(multi_watch, node, 52);
SIZE(window_create, 112);
AT(window_create, offset, 16);
AT(window_create, policy, 40);
AT(window_create, store_offset, 56);
AT(window_create, tick_ms, 92);
AT(window_create, clean_pages, 108);
SIZE(window_list, 32);
AT(window_list, count, 24);
SIZE(window_open, 24);
AT(window_open, fd, 16);
SIZE(window_kind, 56);
AT(window_kind, name, 16);
SIZE(paging_stat, 64);
AT(paging_stat, faults, 16);
SIZE(window_stat, 304);
AT(window_stat, policy, 40);
AT(window_stat, uid, 56);
AT(window_stat, faults, 120);
AT(window_stat, fault_arounds, 240);
AT(window_stat, last_reason, 272);
AT(window_stat, erases, 280);
SIZE(page_range, 40);
AT(page_range, done, 24);
SIZE(page_map, 32);
SIZE(window_attach, 16);
SIZE(window_policy, 16);
SIZE(window_hist, 272);
AT(window_hist, bounds, 16);
SIZE(window_inject, 48);
SIZE(page_addr, 40);
