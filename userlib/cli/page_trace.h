/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which pages a program used, in order: read from a file, written to one.
 *
 * Pages of a file have any numbers; in memory they are numbered from 0 in the order in which they
 * are first used. Formats:
 *
 *   text    a reference per line: the page, decimal or 0x..., then nothing, r or w (it is
 *           written); blank lines and what follows a # are skipped
 *   csv     time,obj_id,obj_size,op as libCacheSim reads and writes it: the second column is the
 *           page, the fourth, if there is one, a word that begins with w or s (write, set) for a
 *           write; a first line of headings is skipped
 *   oracle  libCacheSim's oracleGeneral: records of 24 bytes, little-endian: time u32, page u64,
 *           size u32, next use i64 as a number of the reference or -1. It does not know writes
 *   words   a little-endian u32 per reference: the page, bit 31 set for a write
 *   window  what memrig window record wrote, read only: see window_trace.h
 */
#ifndef MEMRIG_PAGE_TRACE_H
#define MEMRIG_PAGE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_WRITE 0x80000000U /* in a reference */
#define PAGES_MAX  0x40000000U
#define REFS_MAX   0xfffffffeU

enum page_format { PAGE_TEXT, PAGE_CSV, PAGE_ORACLE, PAGE_WORDS, PAGE_WINDOW, PAGE_FORMATS };

/**
 * struct page_trace - a trace
 * @refs: references: number of the page, and PAGE_WRITE
 * @nr: of them
 * @room: for so many
 * @names: by number, what the file calls the page
 * @pages: different ones
 * @index: hash table of numbers, @slots long, a power of two; UINT32_MAX: empty
 * @slots: of it
 */
struct page_trace {
	uint32_t *refs;
	size_t nr;
	size_t room;
	uint64_t *names;
	uint32_t pages;
	uint32_t *index;
	size_t slots;
};

/* The format of that name, or PAGE_FORMATS. */
enum page_format page_format_find(const char *name);
/* By the end of the name of the file: .csv, .oracleGeneral, .words, .pt, .window; or text. */
enum page_format page_format_guess(const char *file);

/* Adds a reference: 0, -ENOMEM, -E2BIG. */
int page_trace_add(struct page_trace *trace, uint64_t name, bool write);
void page_trace_free(struct page_trace *trace);

/* Reads a file, "-": standard input. Says what is wrong; returns 0 or EXIT_FAILURE. */
int page_trace_read(struct page_trace *trace, const char *file, enum page_format format);
/* Writes one, likewise. */
int page_trace_write(const struct page_trace *trace, const char *file, enum page_format format);

/*
 * For each reference the number of the next one to the same page, UINT32_MAX: none. The caller
 * frees it; NULL: no memory.
 */
uint32_t *page_trace_next(const struct page_trace *trace);

#endif /* MEMRIG_PAGE_TRACE_H */
