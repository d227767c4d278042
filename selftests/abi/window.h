/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Windows, for tests: one wrapper per ioctl, as in abi.h.
 */
#ifndef MEMRIG_WINDOW_TEST_H
#define MEMRIG_WINDOW_TEST_H

#include "abi.h"

/* A request that succeeds: all @frames of a new region, which is in region_fd; @pages; RAM. */
struct memrig_window_create window_arg(int session, uint64_t frames, uint64_t pages);
/* Descriptor or -errno. */
int window_create(int session, struct memrig_window_create *arg);
/* Both in one, closing the region: the window keeps it. */
int window_new(int session, uint64_t frames, uint64_t pages, uint32_t store);
/* The whole window read-write, or MAP_FAILED. */
char *window_map(int window, uint64_t pages);
struct memrig_window_stat window_stat(int window);
int window_reset(int window);
/* In pages; @done, if it is there, gets pages, too. */
int page_call(int window, unsigned long cmd, uint64_t first, uint64_t count, uint64_t *done);
int page_in(int window, uint64_t first, uint64_t count);
int page_out(int window, uint64_t first, uint64_t count);
int page_pin(int window, uint64_t first, uint64_t count);
int page_unpin(int window, uint64_t first, uint64_t count);
int page_flush(int window, uint64_t first, uint64_t count);
int page_map(int window, uint64_t first, uint64_t count, uint8_t *states);
/* MEMRIG_PAGE_* of one page, or -errno. */
int page_state(int window, uint64_t page);
int window_attach(int window);
int window_policy(int window, uint32_t policy);
int window_inject(int window, struct memrig_window_inject plan);

/* A page that says which one it is, and how often it was written. */
void pattern_write(char *page, uint64_t index, uint64_t version);
bool pattern_is(const char *page, uint64_t index, uint64_t version);
bool page_is_zero(const char *page);
/* All pages of a window; and how many of them are not so. */
void pattern_fill(char *map, uint64_t pages, uint64_t version);
uint64_t pattern_wrong(const char *map, uint64_t pages, uint64_t version);

#endif /* MEMRIG_WINDOW_TEST_H */
