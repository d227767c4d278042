// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Getting memory: a region or window that was handed down, a region of our own, or memory of the
 * process.
 */
#include "span.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memrig/memrig.h>

#include "boot.h"
#include "span_window.h"

/* An in-band heap ends with a mark. */
#define TAIL 4096

static struct malloc_counts own_counts;

/* Processes that a program starts may have closed the descriptor, or use its number. */
static struct malloc_page *map_page(int fd)
{
	struct malloc_page *page;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(*page))
		return NULL;
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return NULL;
	if (page->magic == MALLOC_PAGE_MAGIC)
		return page;
	munmap(page, sizeof(*page));
	return NULL;
}

/* A process remains the owner through all the programs it executes. */
static bool claim(struct malloc_page *page)
{
	uint32_t owner = 0, self = (uint32_t)getpid();

	if (!page)
		return false;
	__atomic_compare_exchange_n(&page->owner, &owner, self, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
	return !owner || owner == self;
}

/* A bare clone() runs no fork handlers. */
static void watch_clones(struct malloc_span *span)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || madvise(map, page, MADV_WIPEONFORK))
		malloc_die("no memory that tells a child from its parent", NULL, errno);
	span->alive = map;
	*span->alive = true;
}

static void map_region(struct malloc_span *span, int fd)
{
	struct memrig_region_info info = { .size = sizeof(info) };
	void *map;

	if (ioctl(fd, MEMRIG_IOC_REGION_INFO, &info))
		malloc_die("the descriptor in " MALLOC_ENV " is no region", NULL, errno);
	if (info.length > SIZE_MAX)
		malloc_die("the region is too long for this process", NULL, 0);
	map = mmap(NULL, info.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		malloc_die("the region cannot be mapped", NULL, errno);
	span->base = map;
	span->bytes = info.length;
	span->shared = true;
	watch_clones(span);
}

static void map_window(struct malloc_span *span, int fd)
{
	malloc_window_map(span, fd);
	watch_clones(span);
}

static void make_region(struct malloc_span *span, const struct malloc_conf *conf)
{
	struct memrig_region_create args = {
		.size = sizeof(args),
		.kind = conf->kind,
		.attr = conf->attr,
		.length = conf->size ? conf->size : RUN_DEFAULT_REGION,
		.node = MEMRIG_NODE_ANY,
	};
	const char *path = conf->device[0] ? conf->device : secure_getenv("MEMRIG_DEVICE");
	int fd;

	if (!path)
		path = MEMRIG_DEVICE;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		malloc_die("no region without the device; try: attr=memory; ", path, errno);
	if (ioctl(fd, MEMRIG_IOC_REGION_CREATE, &args))
		malloc_die("the device gives no such region (memrig caps says what there is): ",
			   args.reason ? memrig_reason_text(args.reason) : NULL, errno);
	close(fd);
	map_region(span, args.fd);
	close(args.fd);
}

static void map_memory(struct malloc_span *span, size_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		malloc_die("no address space for the heap; try: a smaller size", NULL, errno);
	span->base = map;
	span->bytes = bytes;
}

/* What a process gets that does not own the region and shall have none: at least the default. */
static size_t memory_size(const struct malloc_conf *conf)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t bytes = conf->size;

	bool other = conf->attr || conf->region_fd >= 0 || conf->window_fd >= 0;

	if (!bytes || (other && bytes < RUN_DEFAULT_MEMORY))
		bytes = RUN_DEFAULT_MEMORY;
	if (bytes > SIZE_MAX / 2)
		malloc_die("the size is beyond any address space", NULL, 0);
	return ((size_t)bytes + page - 1) & ~(page - 1);
}

void malloc_span_open(struct malloc_span *span, const struct malloc_conf *conf)
{
	struct malloc_page *page = map_page(conf->page_fd);
	bool first = claim(page);
	bool other = conf->page_fd >= 0 && !first;

	*span = (struct malloc_span){ .window_fd = -1, .counts = &own_counts };
	if (first && conf->window_fd >= 0)
		map_window(span, conf->window_fd);
	else if (first && conf->region_fd >= 0)
		map_region(span, conf->region_fd);
	else if (conf->attr && (!other || conf->children))
		make_region(span, conf);
	else
		map_memory(span, memory_size(conf));
	if (first) {
		page->programs++;
		page->counts = (struct malloc_counts){ 0 };
		span->counts = &page->counts;
	}
	span->counts->heap_bytes = span->bytes;
}

/* ---- fork ---------------------------------------------------------------------------- */

static bool copy_span(const struct malloc_span *span, char *copy, size_t used)
{
	if (span->window_fd >= 0)
		return malloc_window_copy(span, copy, used + TAIL);
	if (used + 2 * TAIL >= span->bytes) {
		memcpy(copy, span->base, span->bytes);
	} else {
		memcpy(copy, span->base, used + TAIL);
		memcpy(copy + span->bytes - TAIL, span->base + span->bytes - TAIL, TAIL);
	}
	return true;
}

void malloc_span_prepare(struct malloc_span *span, size_t used)
{
	void *copy;

	span->copy = NULL;
	if (!span->shared)
		return;
	copy = mmap(NULL, span->bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (copy == MAP_FAILED)
		return;
	if (!copy_span(span, copy, used)) {
		munmap(copy, span->bytes);
		return;
	}
	span->copy = copy;
}

void malloc_span_parent(struct malloc_span *span)
{
	if (span->copy)
		munmap(span->copy, span->bytes);
	span->copy = NULL;
}

void malloc_span_child(struct malloc_span *span)
{
	own_counts = *span->counts;
	span->counts = &own_counts;
	if (!span->shared)
		return;
	if (!span->copy)
		malloc_die("a forked child is ended: no room for its copy of the heap", NULL,
			   ENOMEM);
	if (mremap(span->copy, span->bytes, span->bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
		   span->base) == MAP_FAILED)
		malloc_die("a forked child is ended: its copy of the heap cannot be put in place",
			   NULL, errno);
	span->copy = NULL;
	span->shared = false;
	span->window_fd = -1;
	span->alive = NULL;
}
