// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: where they are mapped in this process.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <unistd.h>

#include "mrig_sync_port.h"
#include "window.h"

/**
 * struct mapping - a piece of a window in the address space; page-aligned
 * @link: in the list
 * @window: of which
 * @addr: first byte
 * @length: bytes
 * @offset: of @addr in the window
 */
struct mapping {
	LIST_ENTRY(mapping) link;
	struct memrig_window *window;
	char *addr;
	uint64_t length;
	uint64_t offset;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, mapping) mappings = LIST_HEAD_INITIALIZER(mappings);

/* A child of fork() has all mappings of its parent. */
static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/* Its one thread is another than the one that called fork(). */
static void after_fork_in_child(void)
{
	mrig_self()->tid = (int)gettid();
	pthread_mutex_unlock(&lock);
}

static __attribute__((__constructor__)) void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

int memrig_window_map(memrig_window_t *window, uint64_t offset, uint64_t length, int prot,
		      void **addr)
{
	int saved = errno, ret = 0;
	struct mapping *new;
	void *map;

	length = mrig_window_rest(window, offset, length);
	if (!length || offset % mrig_page_size() || length % mrig_page_size())
		return FAIL(-EINVAL);
	if (length > SIZE_MAX)
		return FAIL(-EOVERFLOW);
	new = malloc(sizeof(*new));
	if (!new)
		return FAIL(-ENOMEM);
	map = mmap(NULL, length, prot, MAP_SHARED, window->fd, (off_t)offset);
	if (map == MAP_FAILED) {
		ret = -errno;
		free(new);
		errno = saved;
		return FAIL(ret);
	}
	*new = (struct mapping){
		.window = window,
		.addr = map,
		.length = length,
		.offset = offset,
	};
	pthread_mutex_lock(&lock);
	LIST_INSERT_HEAD(&mappings, new, link);
	pthread_mutex_unlock(&lock);
	*addr = map;
	return 0;
}

static struct mapping *mapping_of(const void *addr)
{
	struct mapping *map;

	LIST_FOREACH(map, &mappings, link)
	if ((uintptr_t)addr - (uintptr_t)map->addr < map->length)
		return map;
	return NULL;
}

/* Takes @length bytes at @start out of @map; @tail: room for what is behind, used up or freed. */
static void mapping_cut(struct mapping *map, uint64_t start, uint64_t length, struct mapping *tail)
{
	uint64_t end = start + length;

	if (end < map->length) {
		*tail = (struct mapping){
			.window = map->window,
			.addr = map->addr + end,
			.length = map->length - end,
			.offset = map->offset + end,
		};
		LIST_INSERT_AFTER(map, tail, link);
	} else {
		free(tail);
	}
	map->length = start;
	if (!start) {
		LIST_REMOVE(map, link);
		free(map);
	}
}

int memrig_window_unmap(memrig_window_t *window, void *addr, uint64_t length)
{
	struct mapping *tail = malloc(sizeof(*tail)), *map;
	int saved = errno, ret = -EINVAL;
	uint64_t start;

	if (!tail)
		return FAIL(-ENOMEM);
	pthread_mutex_lock(&lock);
	map = mapping_of(addr);
	if (map && map->window == window) {
		start = (uint64_t)((char *)addr - map->addr);
		if (!length)
			length = map->length - start;
		if (start % mrig_page_size() == 0 && length % mrig_page_size() == 0 &&
		    length <= map->length - start)
			ret = munmap(addr, length) ? -errno : 0;
		if (!ret)
			mapping_cut(map, start, length, tail);
	}
	pthread_mutex_unlock(&lock);
	if (ret)
		free(tail);
	errno = saved;
	return ret ? FAIL(ret) : 0;
}

void mrig_window_unmap_all(struct memrig_window *window)
{
	struct mapping *map, *next;
	int saved = errno;

	pthread_mutex_lock(&lock);
	for (map = LIST_FIRST(&mappings); map; map = next) {
		next = LIST_NEXT(map, link);
		if (map->window != window)
			continue;
		munmap(map->addr, map->length);
		LIST_REMOVE(map, link);
		free(map);
	}
	pthread_mutex_unlock(&lock);
	errno = saved;
}

int mrig_window_lookup(const void *addr, struct memrig_window **window, uint64_t *offset,
		       uint64_t *left)
{
	struct mapping *map;
	uint64_t start;

	pthread_mutex_lock(&lock);
	map = mapping_of(addr);
	if (map) {
		start = (uint64_t)((const char *)addr - map->addr);
		*window = map->window;
		*offset = map->offset + start;
		*left = map->length - start;
	}
	pthread_mutex_unlock(&lock);
	return map ? 0 : -ENOENT;
}

int memrig_window_find(const void *addr, memrig_window_t **window, uint64_t *offset)
{
	uint64_t left;
	int ret = mrig_window_lookup(addr, window, offset, &left);

	return ret ? FAIL(ret) : 0;
}

/* Was the window of @map seen already? Handles may share one. */
static bool is_repeated(const struct mapping *map)
{
	const struct mapping *earlier;

	LIST_FOREACH(earlier, &mappings, link)
	{
		if (earlier == map)
			return false;
		if (earlier->window->id == map->window->id)
			return true;
	}
	return false;
}

int mrig_windows_each(int (*fn)(struct memrig_window *window, void *arg), void *arg)
{
	struct mapping *map;
	int ret = 0;

	pthread_mutex_lock(&lock);
	LIST_FOREACH(map, &mappings, link)
	{
		if (!is_repeated(map))
			ret = fn(map->window, arg);
		if (ret)
			break;
	}
	pthread_mutex_unlock(&lock);
	return ret;
}
