// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the kernel does without anybody's help: pages of a file in memory, of a file on a disk under
 * a limit, and of ordinary memory that is swapped. The disk is memory (brd), and so is the swap
 * (zram), so that nobody waits for anything but work.
 *
 * A limit is one of a memory cgroup. It does not count as exactly as a window does, so these have
 * more pages; four times as many as frames as well.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_paging.h"

#define AROUND	   "/sys/kernel/debug/fault_around_bytes"
#define CGROUPS	   "/sys/fs/cgroup"
#define CGROUP	   CGROUPS "/bench"
#define DISK	   "/dev/ram0"
#define ZRAM	   "/sys/block/zram0"
#define SWAP	   "/dev/zram0"
#define MANY	   4096u
#define LIMIT	   (MANY / 4 * PAGE)
#define MANY_RUNS  4u
#define SWAP_MAGIC "SWAPSPACE2"

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	must(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value), path);
	close(fd);
}

static void set_number(const char *path, unsigned long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", value);
	set(path, text);
}

/* ---- a file in memory ---------------------------------------------------------------- */

static void measure_minor(const char *who, char *map, bool write)
{
	uint64_t took, least = UINT64_MAX;
	unsigned int run;

	for (run = 0; run < RUNS; run++) {
		must(!madvise(map, FRAMES / 2 * PAGE, MADV_DONTNEED), "madvise");
		took = touch_all(map, FRAMES / 2, write);
		if (took < least)
			least = took;
	}
	show(who, write ? "minor_write" : "minor_read", (double)least / (FRAMES / 2));
}

void measure_shmem(void)
{
	int fd = memfd_create("bench", MFD_CLOEXEC);
	char *map;

	must(fd >= 0 && !ftruncate(fd, PAGES * PAGE), "memfd");
	map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(map != MAP_FAILED, "mmap");
	touch_all(map, PAGES, true);
	measure_minor("shmem_around", map, false);
	set_number(AROUND, PAGE);
	measure_minor("shmem", map, false);
	measure_minor("shmem", map, true);
	set_number(AROUND, 65536);
	munmap(map, PAGES * PAGE);
	close(fd);
	ok(true, "shmem");
}

/* ---- under a limit ------------------------------------------------------------------- */

/* Whatever this process gets from now on. */
static void limit_memory(void)
{
	set(CGROUPS "/cgroup.subtree_control", "+memory");
	mkdir(CGROUP, 0755);
	set_number(CGROUP "/memory.max", LIMIT);
	set_number(CGROUP "/cgroup.procs", (unsigned long)getpid());
}

static long major_faults(void)
{
	struct rusage usage;

	must(!getrusage(RUSAGE_SELF, &usage), "getrusage");
	return usage.ru_majflt;
}

/* Per fault that had to read, or per touch. */
static void measure_many(const char *who, char *map, bool write, bool faults)
{
	double cost, least = 1e9;
	unsigned int run;
	long before;

	touch_all(map, MANY, write);
	for (run = 0; run < MANY_RUNS; run++) {
		before = major_faults();
		cost = touch_all(map, MANY, write);
		before = major_faults() - before;
		must(before > (faults ? MANY / 4 : 0), "pages had to be read");
		cost /= faults ? before : MANY;
		if (cost < least)
			least = cost;
	}
	show(who, write ? "dirty" : "clean", least);
}

/* In a process of its own, as limits are for ever. */
static bool alone(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid >= 0, "fork");
	if (!pid) {
		limit_memory();
		fn();
		fflush(stdout);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

static void page_cache(void)
{
	int fd = open(DISK, O_RDWR | O_CLOEXEC);
	char *map;

	must(fd >= 0, DISK);
	map = mmap(NULL, MANY * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	must(map != MAP_FAILED, "mmap");
	must(!madvise(map, MANY * PAGE, MADV_RANDOM), "madvise");
	measure_many("page_cache", map, false, true);
	must(!madvise(map, MANY * PAGE, MADV_NORMAL), "madvise");
	measure_many("page_cache_ahead", map, false, false);
}

void measure_page_cache(void)
{
	ok(alone(page_cache), "a file under a limit");
}

static void swap_make(void)
{
	static char page[PAGE];
	uint32_t header[3] = { 1, 2 * MANY - 1, 0 };
	int fd;

	set(ZRAM "/comp_algorithm", "lz4");
	set_number(ZRAM "/disksize", 2UL * MANY * PAGE);
	memcpy(page + 1024, header, sizeof(header));
	memcpy(page + PAGE - strlen(SWAP_MAGIC), SWAP_MAGIC, strlen(SWAP_MAGIC));
	fd = open(SWAP, O_WRONLY);
	must(fd >= 0 && write(fd, page, PAGE) == PAGE && !fsync(fd), SWAP);
	close(fd);
	must(!swapon(SWAP, 0), "swapon");
}

static void zram(void)
{
	char *map =
		mmap(NULL, MANY * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	must(map != MAP_FAILED, "mmap");
	madvise(map, MANY * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < MANY; i++)
		fill(map + i * PAGE, i);
	measure_many("zram_lz4", map, false, true);
	measure_many("zram_lz4", map, true, true);
}

void measure_zram(void)
{
	swap_make();
	ok(alone(zram), "swap under a limit");
	must(!swapoff(SWAP), "swapoff");
}
