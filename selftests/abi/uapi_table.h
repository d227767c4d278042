/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One row per ioctl: what a valid call of it looks like. The tests of uapi.c derive every malformed
 * call from these rows by breaking one thing at a time.
 */
#ifndef MEMRIG_UAPI_TABLE_H
#define MEMRIG_UAPI_TABLE_H

#include "abi.h"

enum face {
	FACE_SESSION,
	FACE_REGION,
	FACE_HEAP,
	FACE_BLOCKS,
	FACE_MULTI,
	FACE_WINDOW,
	FACE_COUNT
};

/**
 * struct world - objects the calls work on
 * @fd: one of each face
 * @client: number of a second client of the heap
 * @second: that client
 * @frames: a region that lends frames
 * @page: scratch for arrays that calls point to
 */
struct world {
	int fd[FACE_COUNT];
	uint32_t client;
	int second;
	int frames;
	void *page;
};

/**
 * struct row - one ioctl
 * @name: for reports
 * @cmd: its number
 * @size: of its struct
 * @face: which kind of file takes it
 * @fd_at: offset of the descriptor it returns, 0 if none
 * @reserved_at: offset of an input member that must be zero, 0 if there is none
 * @array_at: offset of the address of an array, 0 if none
 * @fill: set every input member but @size and @flags to a request that succeeds
 * @undo: take back what a successful call did, descriptors apart; may be NULL
 */
struct row {
	const char *name;
	unsigned long cmd;
	uint32_t size;
	enum face face;
	uint16_t fd_at;
	uint16_t reserved_at;
	uint16_t array_at;
	void (*fill)(struct world *world, void *arg);
	void (*undo)(struct world *world, void *arg);
};

extern const struct row rows[];
extern const unsigned int row_count;

/* uapi_multi.c */
void fill_multi_create(struct world *world, void *arg);
void fill_multi_add(struct world *world, void *arg);
void undo_multi_add(struct world *world, void *arg);
void fill_multi_remove(struct world *world, void *arg);
void fill_multi_rules(struct world *world, void *arg);
void fill_multi_alloc(struct world *world, void *arg);
void undo_multi_alloc(struct world *world, void *arg);
void fill_multi_free(struct world *world, void *arg);
void undo_multi_free(struct world *world, void *arg);
void fill_multi_realloc(struct world *world, void *arg);
void undo_multi_realloc(struct world *world, void *arg);
void fill_multi_member(struct world *world, void *arg);
void fill_multi_attach(struct world *world, void *arg);
void fill_multi_stat(struct world *world, void *arg);
void fill_multi_watch(struct world *world, void *arg);

/* uapi_window.c */
int world_window(struct world *world);
void fill_window_create(struct world *world, void *arg);
void fill_window_list(struct world *world, void *arg);
void fill_window_open(struct world *world, void *arg);
void fill_paging_stat(struct world *world, void *arg);
void fill_window_kind(struct world *world, void *arg);
void fill_page_range(struct world *world, void *arg);
void undo_page_pin(struct world *world, void *arg);
void fill_page_unpin(struct world *world, void *arg);
void fill_page_map(struct world *world, void *arg);
void fill_window_attach(struct world *world, void *arg);
void fill_window_policy(struct world *world, void *arg);
void fill_window_hist(struct world *world, void *arg);
void fill_window_inject(struct world *world, void *arg);
void fill_page_addr(struct world *world, void *arg);
void undo_page_addr(struct world *world, void *arg);

/* 0 or -errno. */
int world_setup(struct world *world);
void world_teardown(struct world *world);

#endif /* MEMRIG_UAPI_TABLE_H */
