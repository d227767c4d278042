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
#define WINDOWS	 5
#define MAPPINGS 4

/* What can be done to a window. The first one is more than a call: all that an observer may. */
enum torture_kind {
	DO_WATCH,
	DO_OUT,
	DO_IN,
	DO_FLUSH,
	DO_PIN,
	DO_UNPIN,
	DO_POLICY,
	DO_INJECT,
	DO_HIST,
	DO_MAP,
	DO_ATTACH,
	DO_ADVISE,
	DO_REMAP,
	DO_UNMAP,
	DO_FORK,
	DO_PIPE,
	DO_KINDS,
};

/**
 * struct torture_page - what is known of a page
 * @lock: of whoever works on it
 * @number: goes into its content
 * @version: how often it was written; 0: zeros
 * @next: version that is being written, or was when whoever did that died; or 0
 * @forgotten: it may be zero, too
 */
struct torture_page {
	pthread_mutex_t lock;
	uint64_t number;
	uint64_t version;
	uint64_t next;
	bool forgotten;
};

/**
 * struct torture_window - one of the windows
 * @name: of its store, in words
 * @fd: of the client that stays
 * @id: number
 * @injects: its store can be made to fail
 * @forgets: pages that leave it are zero when they come back
 * @pages: what is known of them
 */
struct torture_window {
	const char *name;
	int fd;
	uint64_t id;
	bool injects;
	bool forgets;
	struct torture_page pages[PAGES];
};

/**
 * struct torture - what all processes share
 * @session: for observers, and to see that nothing is left
 * @seed: of everything
 * @over: everybody is to go
 * @wrong: pages that were not as they should have been
 * @touches: of pages
 * @sigbus: touches that were answered so
 * @done: of each kind of deed: how many succeeded
 * @refused: how many failed as they may
 * @unheard: how many failed otherwise
 * @windows: the windows
 */
struct torture {
	int session;
	uint64_t seed;
	atomic_bool over;
	atomic_ulong wrong;
	atomic_ulong touches;
	atomic_ulong sigbus;
	atomic_ulong done[DO_KINDS];
	atomic_ulong refused[DO_KINDS];
	atomic_ulong unheard;
	struct torture_window windows[WINDOWS];
};

struct mapping {
	char *at;
	uint64_t first;
	uint64_t count;
};

/* A process: its own client of a window, what that has pinned, and where it has that mapped. */
struct victim {
	struct torture *world;
	struct torture_window *window;
	int fd;
	uint64_t seed;
	uint64_t pinned;
	struct mapping maps[MAPPINGS];
};

uint64_t torture_next(uint64_t *seed);
/* NULL: there are no windows to be had. */
struct torture *torture_begin(uint64_t seed);
/* Closes all windows. Return: whether their memory was given back. */
bool torture_close(struct torture *world);
/* The file that was a store, page by page: the number of those that @right does not find right. */
int torture_file_wrong(struct torture *world,
		       bool (*right)(const struct torture_page *page, const char *at));
void torture_end(struct torture *world);

/* Counts what came of it: 0 or -errno. */
void torture_note(struct victim *v, enum torture_kind kind, int ret);
/* A kind of deed that never succeeded, in a word; or NULL. */
const char *torture_undone(const struct torture *world);
/* Prints all figures. */
void torture_print(const struct torture *world);

/* One of the mappings of a process, made if need be. */
struct mapping *torture_mapping(struct victim *v);
void torture_remap(struct victim *v, struct mapping *m);
void torture_unmap(struct victim *v, struct mapping *m);
/* Some call on the window. */
void torture_call(struct victim *v);

#endif /* MEMRIG_TORTURE_H */
