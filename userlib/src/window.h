/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Windows, shared by window.c (life), window_look.c (others), window_map.c (addresses),
 * window_page.c (pages), window_stat.c (figures) and k_mem_paging*.c (Zephyr's names).
 *
 * The mappings of all handles are in one list, because Zephyr's calls know addresses only. Its lock
 * is window_map.c's own and protects nothing else.
 */
#ifndef MEMRIG_WINDOW_PRIV_H
#define MEMRIG_WINDOW_PRIV_H

#include <memrig/window.h>

#include "priv.h"

/**
 * struct memrig_window - a window
 * @fd: of this client
 * @id: number of the window
 * @length: bytes
 */
struct memrig_window {
	int fd;
	uint64_t id;
	uint64_t length;
};

uint64_t mrig_page_size(void);
/* A handle for a descriptor that was made just now, which is closed if there can be none. */
int mrig_window_take(int fd, struct memrig_window **out);
/* What a length of 0 stands for. What is wrong otherwise, the kernel says. */
uint64_t mrig_window_rest(const struct memrig_window *window, uint64_t offset, uint64_t length);
/* One of the calls on a range, without the note of its failure; @range: its answer. */
int mrig_window_range(struct memrig_window *window, unsigned long command, uint64_t offset,
		      uint64_t length, struct memrig_page_range *range);
int mrig_window_states(struct memrig_window *window, uint64_t offset, uint64_t length,
		       uint8_t *states);

/* Where @addr is, and how many bytes follow it in that mapping. -ENOENT. */
int mrig_window_lookup(const void *addr, struct memrig_window **window, uint64_t *offset,
		       uint64_t *left);
/* Calls @fn once for each window that is mapped, until it fails. */
int mrig_windows_each(int (*fn)(struct memrig_window *window, void *arg), void *arg);
/* Takes away what is left of the mappings of a handle. */
void mrig_window_unmap_all(struct memrig_window *window);

#endif /* MEMRIG_WINDOW_PRIV_H */
