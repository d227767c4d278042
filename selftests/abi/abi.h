/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the device tests share: one thin wrapper per ioctl, processes with other rights, figures
 * of the module as user space sees them.
 *
 * The tests know the uapi header only; nothing of the module or of the library is included.
 * Wrappers return 0, a descriptor or an offset, or -errno. They do not check anything.
 */
#ifndef MEMRIG_ABI_H
#define MEMRIG_ABI_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/memrig.h>

#define DEV_PATH "/dev/memrig"
#define KIB	 1024ULL
#define MIB	 (1024ULL * 1024)
#define GIB	 (1024ULL * 1024 * 1024)

/* A user and a group that own nothing and hold no capability. */
#define NOBODY_UID 12345
#define OTHER_UID  12346
#define NOBODY_GID 12347

/* An argument struct, zero but for its size. */
#define ARG(type, ...) ((struct type){ .size = sizeof(struct type), ##__VA_ARGS__ })

/* ioctl(), as 0 or -errno. */
int call(int fd, unsigned long cmd, void *arg);

/* Session. */
int session_open(void);
struct memrig_caps caps_get(int session);
uint64_t used_bytes(int session);
/* Regions that the caller can see; -errno. */
int64_t region_count(int session);

/* Offers. */
#define OFFERS_MAX 16

/* A kind of region with an attribute it can have here. */
struct offer {
	char name[32];
	uint32_t kind;
	uint32_t attr;
};

/* Whether a region of that kind and attribute can be had. */
bool offered(const struct memrig_caps *caps, uint32_t kind, uint32_t attr);
/* All that can be had, at most OFFERS_MAX; their number. None without the device. */
int offers_get(struct offer *out);

/* Regions. */
int region_new(int session, uint32_t kind, uint32_t attr, uint64_t length);
int region_with(int session, uint32_t kind, uint32_t attr, uint64_t length, uint64_t attrs);
int region_named(int session, const char *name, uint64_t length, uint32_t mode);
int region_open(int session, const char *name, uint32_t flags);
int region_remove(int session, const char *name);
struct memrig_region_info region_info(int region);
int region_suspend(int region, uint32_t flags);
int region_resume(int region);
int region_addr(int region, uint64_t offset, struct memrig_region_addr *out);
void name_set(__u8 *field, const char *name);
/* A new region mapped read-write, or MAP_FAILED; its descriptor or -errno through @fd. */
void *region_mapped_as(int session, uint32_t kind, uint32_t attr, uint64_t length, int *fd);
/* The same of CACHED pages. */
void *region_mapped(int session, uint64_t length, int *fd);

/* Heaps. */
int heap_new(int region, uint32_t placement, uint32_t flags);
/* The whole region by an engine, with statistics; @block_size where it has one. */
int heap_engine(int region, uint32_t engine, uint64_t block_size);
int heap_span(int region, uint64_t offset, uint64_t length);
int heap_attach(int heap, uint32_t *client);
int64_t heap_alloc(int heap, uint64_t bytes, uint64_t align);
int heap_alloc_full(int heap, struct memrig_alloc *arg);
/* The same, waiting for it at most @timeout_ns. */
int64_t heap_alloc_wait(int heap, uint64_t bytes, uint64_t align, uint64_t timeout_ns);
int heap_watch(int heap, uint64_t bytes, uint64_t align);
int heap_free(int heap, uint64_t offset);
int64_t heap_realloc(int heap, uint64_t offset, uint64_t bytes, uint64_t align, uint32_t flags);
int64_t heap_usable(int heap, uint64_t offset);
struct memrig_heap_stat heap_stat(int heap);
/* Blocks by number; is_free: 1, 0 or -errno. */
int blocks_get(int heap, uint64_t offset, uint64_t count);
int blocks_free(int heap, uint64_t offset, uint64_t count);
int blocks_is_free(int heap, uint64_t offset, uint64_t count);
/* Messages. Receiving: the offset of the block, not waiting, or at most @timeout_ns. */
int heap_send(int heap, uint64_t offset, uint64_t bytes);
int64_t heap_send_new(int heap, uint64_t bytes); /* allocates and sends; the offset */
int heap_receive_full(int heap, struct memrig_receive *arg);
int64_t heap_receive(int heap);
int64_t heap_receive_wait(int heap, uint64_t timeout_ns);
int heap_watch_messages(int heap);
/* Tracking: all live blocks in parts of @part; their number (at most @max stored), or -errno. */
int64_t heap_tracked(int heap, struct memrig_track_entry *out, uint32_t max, uint32_t part);
/* 0 when sound, the number of the broken invariant otherwise, -errno. */
int heap_validate(int heap);
int heap_give(int heap, uint64_t offset, uint32_t client);
int heap_keep(int heap, uint64_t offset, uint32_t *reason);
/* Walk the whole heap in parts of @part; number of blocks (at most @max stored), or -errno. */
int64_t heap_walk(int heap, struct memrig_block *out, uint32_t max, uint32_t part);

/* Multi objects. */
int multi_new(int session);
int multi_attach(int multi);
int multi_add(int multi, int heap, uint64_t attrs);
int multi_remove(int multi, uint32_t member);
int multi_rules(int multi, const struct memrig_rule *rules, uint32_t count);
int multi_alloc(int multi, uint64_t bytes, uint32_t *member, uint64_t *offset);
int multi_alloc_full(int multi, struct memrig_multi_alloc *arg);
int multi_watch(int multi, struct memrig_multi_watch arg);
int multi_free(int multi, uint32_t member, uint64_t offset);
int multi_member(int multi, uint32_t member);
struct memrig_multi_stat multi_stat(int multi);

/* Time. */
#define MSEC 1000000ULL /* in nanoseconds */
uint64_t now_ns(void);
void sleep_ms(unsigned int ms);

/* Processes. The function runs in a forked child; returns its status as of exit(). */
int in_child(int (*fn)(void *arg), void *arg);
int child_wait(pid_t pid);
/* Give up every capability and become @uid, @gid. */
void become(uid_t uid, gid_t gid);
/* Give up one capability (CAP_*) of root. */
void drop_cap(int cap);

/* In a child: report and leave with status 1 unless @cond holds. */
#define CHECK(cond)                                            \
	do {                                                   \
		if (!(cond))                                   \
			child_fail(__FILE__, __LINE__, #cond); \
	} while (0)
void child_fail(const char *file, int line, const char *what) __attribute__((noreturn));

/* Descriptors. */
int fd_send(int sock, int fd);
int fd_receive(int sock);
/* The lowest that is free: another one after a call that forgot one, or closed one too many. */
int fd_next(void);

/* Files. Reads at most @size - 1 bytes and terminates; length or -errno. */
int file_read(const char *path, char *buf, size_t size);
int file_write(const char *path, const char *text);
/* Bytes of memory the machine has; 0 when it does not say. */
uint64_t memory_total(void);
/* This machine has all devices use copies of pages (swiotlb=force). */
bool dma_is_copied(void);
long page_size(void);

#endif /* MEMRIG_ABI_H */
