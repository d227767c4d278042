// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: mapping one, and copying one for a forked child.
 */
#include "span_window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memrig/memrig.h>

#include "boot.h"

#define BATCH MEMRIG_BATCH_MAX

void malloc_window_map(struct malloc_span *span, int fd)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map;

	if (ioctl(fd, MEMRIG_IOC_WINDOW_STAT, &stat))
		malloc_die("the descriptor in " MALLOC_ENV " is no window", NULL, errno);
	if (stat.pages > SIZE_MAX / page)
		malloc_die("the window is too long for this process", NULL, 0);
	map = mmap(NULL, stat.pages * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		malloc_die("the window cannot be mapped", NULL, errno);
	span->base = map;
	span->bytes = stat.pages * page;
	span->shared = true;
	span->window_fd = fd;
}

/* ---- fork ---------------------------------------------------------------------------- */

/* A figure of /proc/meminfo in bytes; 0: it is not there. Allocates nothing. */
static uint64_t figure(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) << 10 : 0;
}

/* What the kernel could give without taking it from somebody. */
static uint64_t free_memory(void)
{
	char text[4096];
	uint64_t bytes;
	ssize_t len;
	int fd;

	fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return UINT64_MAX;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return UINT64_MAX;
	text[len] = '\0';
	bytes = figure(text, "MemAvailable:");
	return bytes ? bytes + figure(text, "SwapFree:") : UINT64_MAX;
}

/* Whether pages were ever written; a window that does not say has all of them written. */
static void get_states(const struct malloc_span *span, size_t offset, size_t bytes, uint8_t *states)
{
	struct memrig_page_map map = {
		.size = sizeof(map),
		.offset = offset,
		.length = bytes,
		.states = (uintptr_t)states,
	};

	if (ioctl(span->window_fd, MEMRIG_IOC_PAGE_MAP, &map))
		memset(states, MEMRIG_PAGE_STORED, BATCH);
}

/* Pages of [@offset, @end) that were written: how many; and a copy of them, unless @to is NULL. */
static size_t copy_range(const struct malloc_span *span, char *to, size_t offset, size_t end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes, written = 0, i;
	uint8_t states[BATCH];

	for (; offset < end; offset += bytes) {
		bytes = end - offset < BATCH * page ? end - offset : BATCH * page;
		get_states(span, offset, bytes, states);
		for (i = 0; i < bytes / page; i++) {
			if (!states[i])
				continue;
			written++;
			if (to)
				memcpy(to + offset + i * page, span->base + offset + i * page,
				       page);
		}
	}
	return written;
}

bool malloc_window_copy(const struct malloc_span *span, char *to, size_t used)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t last = span->bytes - page; /* an in-band heap ends with a mark */
	size_t end = used < last ? (used + page - 1) & ~(page - 1) : last;
	size_t pages = copy_range(span, NULL, 0, end) + 1;

	if (pages > free_memory() / page)
		return false;
	copy_range(span, to, 0, end);
	copy_range(span, to, last, span->bytes);
	return true;
}
