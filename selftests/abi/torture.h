/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What window_torture.c tortures, and the calls that it makes.
 */
#ifndef MEMRIG_TORTURE_H
#define MEMRIG_TORTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

#include "window.h"

#define FRAMES	 16
#define PAGES	 128
#define WINDOWS	 4
#define MAPPINGS 4

/**
 * struct torture_page - what is known of a page
 * @lock: of whoever works on it
 * @number: goes into its content
 * @version: how often it was written; 0: zeros
 * @next: version that is being written, or was when whoever did that died; or 0
 */
struct torture_page {
	pthread_mutex_t lock;
	uint64_t number;
	uint64_t version;
	uint64_t next;
};

struct torture_window {
	const char *name;
	int fd;
	struct torture_page pages[PAGES];
};

/* What all processes share. */
struct torture {
	uint64_t seed;
	atomic_bool over;
	atomic_ulong wrong;
	atomic_ulong touches;
	atomic_ulong sigbus;
	struct torture_window windows[WINDOWS];
};

struct mapping {
	char *at;
	uint64_t first;
	uint64_t count;
};

/* A process: its own client of a window, and where it has that mapped. */
struct victim {
	struct torture_window *window;
	int fd;
	uint64_t seed;
	struct mapping maps[MAPPINGS];
};

uint64_t torture_next(uint64_t *seed);
struct torture *torture_begin(uint64_t seed);
void torture_end(struct torture *world);

/* One of the mappings of a process, made if need be. */
struct mapping *torture_mapping(struct victim *v);
void torture_remap(struct victim *v, struct mapping *m);
void torture_unmap(struct victim *v, struct mapping *m);
/* Some call on the window, the answer to which does not matter. */
void torture_call(struct victim *v);

#endif /* MEMRIG_TORTURE_H */
