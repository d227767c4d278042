// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What touching a page costs that is not there, in instructions, all that the kernel and whoever
 * helps it does for it included: windows, userfaultfd, files, swap. As guest_cost.c, it runs in a
 * guest with one processor whose clock counts instructions, and is a TAP program.
 *
 * All touch one page after the other, four times as many as there are frames, so that each touch
 * brings a page in and throws another one out. Figures are means of such a pass, per fault; where
 * pages come before they are touched, per touch.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/memrig.h>

#include "guest_clock.h"
#include "guest_paging.h"

#define DISK "/dev/ram0"
#define SLOW 100000 /* ns that an operation of a slow store takes */

static unsigned int point;
static int failed;

void ok(bool good, const char *what)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++point, what);
	failed |= !good;
}

void must(bool good, const char *what)
{
	if (good)
		return;
	printf("# %s: %s\n", what, strerror(errno));
	ok(false, what);
	printf("1..%u\n", point);
	exit(1);
}

void show(const char *who, const char *what, double cost)
{
	printf("# cost who=%s what=%s batch=0 %s=%.1f\n", who, what, unit, cost);
	fflush(stdout);
	must(cost > 100 && cost < 1e6, "a figure that can be");
}

uint64_t touch_all(char *map, size_t pages, bool write)
{
	volatile char *byte = map;
	uint64_t start = now();
	size_t i;

	for (i = 0; i < pages; i++) {
		if (write)
			byte[i * PAGE] = 1;
		else
			(void)byte[i * PAGE];
	}
	return now() - start - overhead;
}

void fill(char *page, size_t number)
{
	uint64_t *word = (uint64_t *)page, seed = number + 1;
	size_t i;

	/* A third of it is noise. */
	for (i = 0; i < PAGE / sizeof(*word); i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		word[i] = i % 3 ? number : seed;
	}
}

/* How string instructions count, which copy pages: each step by itself. */
static void show_copy(void)
{
	static char from[PAGE], to[PAGE];
	uint64_t start, words = PAGE / 8;
	void *src = from, *dst = to;

	memset(from, 1, PAGE);
	memset(to, 1, PAGE);
	start = now();
	__asm__ volatile("rep movsq" : "+S"(src), "+D"(dst), "+c"(words)::"memory");
	printf("# copying a page by rep movsq counts as %lu\n",
	       (unsigned long)(now() - start - overhead));
}

/* ---- windows ------------------------------------------------------------------------- */

struct window {
	int fd;
	bool ahead;
	char *map;
};

/* The first @pages have been written. */
static void window_make(struct window *window, struct memrig_window_create arg, size_t pages)
{
	struct memrig_region_create region = {
		.size = sizeof(region),
		.kind = MEMRIG_KIND_PAGES,
		.attr = MEMRIG_ATTR_CACHED,
		.length = FRAMES * PAGE,
		.node = MEMRIG_NODE_ANY,
	};
	int session = open("/dev/memrig", O_RDWR | O_CLOEXEC);
	size_t i;

	must(session >= 0, "session");
	must(!ioctl(session, MEMRIG_IOC_REGION_CREATE, &region), "region");
	arg.size = sizeof(arg);
	arg.region_fd = region.fd;
	arg.frames = FRAMES;
	arg.pages = PAGES;
	must(!ioctl(session, MEMRIG_IOC_WINDOW_CREATE, &arg), "window");
	close(region.fd);
	close(session);
	window->fd = arg.fd;
	window->ahead = arg.read_ahead;
	window->map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, arg.fd, 0);
	must(window->map != MAP_FAILED, "mmap of a window");
	for (i = 0; i < pages; i++)
		fill(window->map + i * PAGE, i);
}

static void window_end(struct window *window)
{
	munmap(window->map, PAGES * PAGE);
	close(window->fd);
}

static struct memrig_window_stat window_stat(const struct window *window)
{
	struct memrig_window_stat stat = { .size = sizeof(stat),
					   .flags = MEMRIG_WINDOW_STAT_RESET };

	must(!ioctl(window->fd, MEMRIG_IOC_WINDOW_STAT, &stat), "stat");
	return stat;
}

/* Brings pages in and throws others out, without or with writing them. */
static void window_major(const char *who, const struct window *window, bool write)
{
	struct memrig_window_stat stat;
	double least_cost = 1e9, cost;
	unsigned int run;
	uint64_t dirty;

	touch_all(window->map, PAGES, write);
	for (run = 0; run < RUNS; run++) {
		window_stat(window);
		cost = touch_all(window->map, PAGES, write);
		stat = window_stat(window);
		dirty = write && !window->ahead ? stat.faults - FRAMES / 2 : 0;
		must(stat.faults + stat.read_aheads > PAGES / 2 && stat.evict_dirty >= dirty,
		     "pages come");
		must(write || !stat.evict_dirty,
		     "touches bring pages in, and throw such out as they should");
		must(!window->ahead || stat.read_ahead_hits > PAGES / 2, "pages come ahead");
		cost /= window->ahead ? PAGES : stat.faults;
		if (cost < least_cost)
			least_cost = cost;
	}
	show(who, write ? "dirty" : "clean", least_cost);
}

/* Pages that have a frame, but are not in the page table any more. */
static void window_minor(const char *who, const struct window *window, bool write)
{
	struct memrig_window_stat stat;
	uint64_t took, least_took = UINT64_MAX;
	unsigned int run;

	for (run = 0; run < RUNS; run++) {
		must(!madvise(window->map, FRAMES / 2 * PAGE, MADV_DONTNEED), "madvise");
		window_stat(window);
		took = touch_all(window->map, FRAMES / 2, write);
		stat = window_stat(window);
		must(!stat.faults && stat.soft_faults + stat.fault_arounds == FRAMES / 2,
		     "the pages had frames");
		if (took < least_took)
			least_took = took;
	}
	show(who, write ? "minor_write" : "minor_read", (double)least_took / (FRAMES / 2));
}

/* Touches that write, when the cleaner had time to see to what leaves for them. */
static void window_cleaned(const char *who)
{
	const struct memrig_window_create arg = {
		.policy = MEMRIG_POLICY_FIFO,
		.store = MEMRIG_STORE_RAM,
		.store_fd = -1,
		.clean_ms = 1,
		.clean_pages = FRAMES,
	};
	const size_t some = FRAMES / 4;
	struct memrig_window_stat stat;
	uint64_t took, least = UINT64_MAX;
	struct window window;
	size_t first;

	window_make(&window, arg, PAGES);
	for (first = 0; first < PAGES; first += some) {
		do {
			window_stat(&window);
			usleep(20000);
			stat = window_stat(&window);
		} while (stat.cleaned);
		took = touch_all(window.map + first * PAGE, some, true);
		stat = window_stat(&window);
		must(stat.faults == some && stat.evict_clean == some, "what leaves is clean");
		if (took < least)
			least = took;
	}
	window_end(&window);
	show(who, "dirty", (double)least / some);
}

/* A store that takes its time: what is seen is the time, in which processors do nothing mostly. */
static void window_slow(const char *who, uint32_t read_ahead)
{
	const struct memrig_window_create arg = {
		.policy = MEMRIG_POLICY_FIFO,
		.store = MEMRIG_STORE_RAM,
		.store_fd = -1,
		.flags = MEMRIG_WINDOW_INJECT,
		.read_ahead = read_ahead,
	};
	struct memrig_window_inject inject = { .size = sizeof(inject), .delay_ns = SLOW };
	struct window window;

	window_make(&window, arg, PAGES);
	must(!ioctl(window.fd, MEMRIG_IOC_WINDOW_INJECT, &inject), "delay");
	window_major(who, &window, false);
	window_end(&window);
}

static const struct {
	const char *name;
	struct memrig_window_create arg;
} kinds[] = {
	{ "window", { .policy = MEMRIG_POLICY_FIFO, .store = MEMRIG_STORE_RAM, .store_fd = -1 } },
	{ "window_default", { .store = MEMRIG_STORE_RAM, .store_fd = -1 } },
	{ "window_lz4",
	  { .policy = MEMRIG_POLICY_FIFO,
	    .store = MEMRIG_STORE_COMPRESSED,
	    .compressor = MEMRIG_COMPRESSOR_LZ4,
	    .store_fd = -1 } },
	{ "window_file", { .policy = MEMRIG_POLICY_FIFO, .store = MEMRIG_STORE_FILE } },
	{ "window_around",
	  { .policy = MEMRIG_POLICY_FIFO,
	    .store = MEMRIG_STORE_RAM,
	    .store_fd = -1,
	    .fault_around = 16 } },
};

static void measure_windows(void)
{
	struct memrig_window_create arg;
	struct window window;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		arg = kinds[i].arg;
		if (arg.store == MEMRIG_STORE_FILE) {
			arg.store_fd = open(DISK, O_RDWR | O_CLOEXEC);
			must(arg.store_fd >= 0, DISK);
		}
		window_make(&window, arg, PAGES);
		window_major(kinds[i].name, &window, false);
		window_major(kinds[i].name, &window, true);
		window_end(&window);
		window_make(&window, arg, FRAMES / 2);
		window_minor(kinds[i].name, &window, false);
		window_minor(kinds[i].name, &window, true);
		window_end(&window);
		if (arg.store == MEMRIG_STORE_FILE)
			close(arg.store_fd);
	}
	window_cleaned("window_cleaned");
	window_slow("window_slow", 0);
	window_slow("window_slow_ahead", 16);
	ok(true, "windows");
}

int main(void)
{
	const struct sched_param first = { .sched_priority = 50 };

	/* Threads of the kernel that are still busy with having booted must not be measured. */
	ok(!sched_setscheduler(0, SCHED_FIFO, &first), "alone on the processor");
	ok(clock_counts_instructions(), "the clock counts instructions");
	show_copy();
	measure_windows();
	measure_uffd();
	measure_shmem();
	measure_page_cache();
	measure_zram();
	printf("1..%u\n", point);
	return failed;
}
