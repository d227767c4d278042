/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The flows that fail_nth.c sweeps: each uses one call of the device, or the few that belong
 * together, and takes back what it made.
 */
#ifndef MEMRIG_FAIL_FLOWS_H
#define MEMRIG_FAIL_FLOWS_H

#include "abi.h"

#define FAIL_LENGTH (64 * KIB)
#define FAIL_NAME   "fail-nth"	 /* made and removed by a flow */
#define FAIL_STAGE  "fail-stage" /* there for flows to open */

/**
 * struct stage - what flows work on; made without failures
 * @session: a session
 * @region: twice FAIL_LENGTH of cached pages
 * @heap: over the first half of it, with statistics
 * @client: another client of the heap
 * @client_id: its number
 * @block: a block of @heap, there before every run
 * @coherent_attr: an attribute that COHERENT regions can have here
 * @blocks: a heap of blocks of 256 bytes over a region of its own
 * @multi: a multi object with both heaps as members
 * @map: a mapping of the first half, touched
 * @frames: a region that lends frames, of FAIL_LENGTH
 * @window: over the first half of it, with twice as many pages
 * @pages: a mapping of it
 * @file: for the store of a window
 * @refs: says how many hold the module
 */
struct stage {
	int session;
	int region;
	int heap;
	int client;
	uint32_t client_id;
	int64_t block;
	uint32_t coherent_attr;
	int blocks;
	int multi;
	void *map;
	int frames;
	int window;
	char *pages;
	int file;
	int refs;
};

int flow_session(struct stage *s);
int flow_caps(struct stage *s);
int flow_region_cached(struct stage *s);
int flow_region_uncached(struct stage *s);
int flow_region_coherent(struct stage *s);
int flow_region_named(struct stage *s);
int flow_region_open(struct stage *s);
int flow_region_list(struct stage *s);
int flow_region_info(struct stage *s);
int flow_region_addr(struct stage *s);
int flow_region_addr_first(struct stage *s);
int flow_attr_query(struct stage *s);
int flow_attr_name(struct stage *s);
int flow_region_near(struct stage *s);
int flow_region_power(struct stage *s);
int flow_mmap(struct stage *s);
int flow_heap_oob(struct stage *s);
int flow_heap_scrub(struct stage *s);
int flow_heap_inband(struct stage *s);
int flow_attach(struct stage *s);
int flow_first_alloc(struct stage *s);
int flow_alloc(struct stage *s);
int flow_alloc_many(struct stage *s);
int flow_free_batch(struct stage *s);
int flow_free(struct stage *s);
int flow_realloc_move(struct stage *s);
int flow_realloc_grow(struct stage *s);
int flow_realloc_shrink(struct stage *s);
int flow_usable(struct stage *s);
int flow_stat(struct stage *s);
int flow_walk(struct stage *s);
int flow_validate(struct stage *s);
int flow_give(struct stage *s);
int flow_keep(struct stage *s);
int flow_heap_region(struct stage *s);
int flow_slab(struct stage *s);
int flow_wait(struct stage *s);
int flow_wait_in_vain(struct stage *s);
int flow_watch(struct stage *s);
int flow_blocks_get(struct stage *s);
int flow_blocks_part(struct stage *s);
int flow_blocks_is_free(struct stage *s);
int flow_message(struct stage *s);
int flow_tracked(struct stage *s);
int flow_multi_create(struct stage *s);
int flow_multi_add(struct stage *s);
int flow_multi_attach(struct stage *s);
int flow_multi_rules(struct stage *s);
int flow_multi_alloc(struct stage *s);
int flow_multi_move(struct stage *s);
int flow_multi_first(struct stage *s);
int flow_multi_wait(struct stage *s);
int flow_multi_watch(struct stage *s);
int flow_multi_member(struct stage *s);
int flow_multi_stat(struct stage *s);
int flow_window_ram(struct stage *s);
int flow_window_compressed(struct stage *s);
int flow_window_file(struct stage *s);
int flow_window_image(struct stage *s);
int flow_window_code(struct stage *s);
int flow_window_around(struct stage *s);
int flow_window_kind(struct stage *s);
int flow_window_hist(struct stage *s);
int flow_page_addr(struct stage *s);
int flow_page_addr_pinned(struct stage *s);
int flow_page_advice(struct stage *s);
int flow_page_flush(struct stage *s);
int flow_window_inject(struct stage *s);
int flow_window_cleaner(struct stage *s);
int flow_window_open(struct stage *s);
int flow_window_list(struct stage *s);
int flow_paging_stat(struct stage *s);
int flow_window_attach(struct stage *s);
int flow_window_mmap(struct stage *s);
int flow_window_policy(struct stage *s);
int flow_window_stat(struct stage *s);
int flow_page_in_out(struct stage *s);
int flow_page_pin(struct stage *s);
int flow_page_map(struct stage *s);
int flow_page_touch(struct stage *s);

#endif /* MEMRIG_FAIL_FLOWS_H */
