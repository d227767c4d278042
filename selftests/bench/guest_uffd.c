// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * userfaultfd in the place of a window: a thread of the same process keeps so many pages in memory
 * and the others in an array. For a page that is missing it throws out the one that came first,
 * and copies the wanted one in.
 *
 * What has changed must not be lost. There are two ways to do that: to save every page that is
 * thrown out, or to let pages come in write-protected and to note which are written to.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest_paging.h"

/**
 * struct pager - what the thread knows
 * @fd: of userfaultfd
 * @notes: which pages are written to, in the place of saving all
 * @area: of the program
 * @store: where pages are that are not there
 * @dirty: pages that have changed
 * @queue: pages that are there, in the order that they came in
 * @count: how many
 * @first: which is the first
 * @misses: how many pages have been brought in
 */
struct pager {
	int fd;
	bool notes;
	char *area;
	char *store;
	bool dirty[PAGES];
	size_t queue[FRAMES];
	size_t count;
	size_t first;
	size_t misses;
};

static void throw_out(struct pager *pager)
{
	size_t page = pager->queue[pager->first];

	if (!pager->notes || pager->dirty[page])
		memcpy(pager->store + page * PAGE, pager->area + page * PAGE, PAGE);
	pager->dirty[page] = false;
	must(!madvise(pager->area + page * PAGE, PAGE, MADV_DONTNEED), "madvise");
}

static void bring_in(struct pager *pager, size_t page, bool write)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)pager->area + page * PAGE,
		.src = (uintptr_t)pager->store + page * PAGE,
		.len = PAGE,
		.mode = pager->notes && !write ? UFFDIO_COPY_MODE_WP : 0,
	};

	if (pager->count == FRAMES)
		throw_out(pager);
	else
		pager->count++;
	pager->dirty[page] = write;
	pager->queue[pager->first] = page;
	pager->first = (pager->first + 1) % FRAMES;
	pager->misses++;
	must(!ioctl(pager->fd, UFFDIO_COPY, &copy), "UFFDIO_COPY");
}

static void let_write(struct pager *pager, size_t page)
{
	struct uffdio_writeprotect protect = {
		.range = { .start = (uintptr_t)pager->area + page * PAGE, .len = PAGE },
	};

	pager->dirty[page] = true;
	must(!ioctl(pager->fd, UFFDIO_WRITEPROTECT, &protect), "UFFDIO_WRITEPROTECT");
}

static void *serve(void *arg)
{
	struct pager *pager = arg;
	struct uffd_msg msg;
	size_t page;

	while (read(pager->fd, &msg, sizeof(msg)) == sizeof(msg)) {
		page = (msg.arg.pagefault.address - (uintptr_t)pager->area) / PAGE;
		if (msg.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP)
			let_write(pager, page);
		else
			bring_in(pager, page, msg.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WRITE);
	}
	return NULL;
}

static char *area_new(void)
{
	char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	must(area != MAP_FAILED, "mmap");
	/* The pages are small ones. */
	madvise(area, PAGES * PAGE, MADV_NOHUGEPAGE);
	return area;
}

static void pager_start(struct pager *pager)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	size_t i;

	pager->area = area_new();
	pager->store = area_new();
	for (i = 0; i < PAGES; i++)
		fill(pager->store + i * PAGE, i);
	pager->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	must(pager->fd >= 0, "userfaultfd");
	must(!ioctl(pager->fd, UFFDIO_API, &api), "UFFDIO_API");
	range.range.start = (uintptr_t)pager->area;
	range.range.len = PAGES * PAGE;
	if (pager->notes)
		range.mode |= UFFDIO_REGISTER_MODE_WP;
	must(!ioctl(pager->fd, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
}

static void measure(const char *who, struct pager *pager, bool write)
{
	uint64_t took, least = UINT64_MAX;
	unsigned int run;

	touch_all(pager->area, PAGES, write);
	for (run = 0; run < RUNS; run++) {
		pager->misses = 0;
		took = touch_all(pager->area, PAGES, write);
		must(pager->misses == PAGES, "every touch brings a page in");
		if (took < least)
			least = took;
	}
	show(who, write ? "dirty" : "clean", (double)least / PAGES);
}

static void measure_way(const char *who, bool notes)
{
	struct pager pager = { .notes = notes };
	pthread_t thread;

	pager_start(&pager);
	must(!pthread_create(&thread, NULL, serve, &pager), "thread");
	measure(who, &pager, false);
	measure(who, &pager, true);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	close(pager.fd);
	munmap(pager.area, PAGES * PAGE);
	munmap(pager.store, PAGES * PAGE);
}

void measure_uffd(void)
{
	measure_way("uffd_save", false);
	measure_way("uffd_note", true);
	ok(true, "userfaultfd");
}
