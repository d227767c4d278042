/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the files of guest_paging have in common: how touches are measured.
 */
#ifndef BENCH_GUEST_PAGING_H
#define BENCH_GUEST_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE   4096u
#define FRAMES 128u /* of a window; of userfaultfd */
#define PAGES  (4 * FRAMES)
#define RUNS   8u /* of a pass over all pages, of which the least counts */

/* Reports a test point; says why and ends the program unless @good. */
void ok(bool good, const char *what);
void must(bool good, const char *what);

/* Reports a figure: instructions of @what, as @who does it. */
void show(const char *who, const char *what, double cost);

/* Touches pages one after the other, and says in how many instructions. */
uint64_t touch_all(char *map, size_t pages, bool write);

/* Something that a compressor makes less than half of, different for each page. */
void fill(char *page, size_t number);

/* guest_uffd.c: userfaultfd in the place of a window */
void measure_uffd(void);

/* guest_kernel.c: what the kernel does without anybody's help */
void measure_shmem(void);
void measure_page_cache(void);
void measure_zram(void);

#endif /* BENCH_GUEST_PAGING_H */
