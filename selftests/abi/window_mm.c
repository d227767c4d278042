// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows and what the kernel does with mappings: several processes, fork, parts that are unmapped or
 * moved, advice, locks, populating; the kernel and others holding pages (process_vm_readv, ptrace,
 * pipes, O_DIRECT, io_uring); what a page is known to have suffered, however it was suffered.
 */
#include <linux/io_uring.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include "harness.h"
#include "touch.h"
#include "window.h"

#define FRAMES 16
#define PAGES  64
#define RW     (PROT_READ | PROT_WRITE)

FIXTURE(mm)
{
	int session;
	int fd;
	size_t page;
	char *map;
};

FIXTURE_SETUP(mm)
{
	self->page = page_size();
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->fd = window_new(self->session, FRAMES, PAGES, MEMRIG_STORE_RAM);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, window_policy(self->fd, MEMRIG_POLICY_FIFO));
	self->map = window_map(self->fd, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(mm)
{
	close(self->fd);
	close(self->session);
}

static uint64_t wrong(const char *map, uint64_t version)
{
	uint64_t bad = 0;

	for (uint64_t i = 0; i < PAGES; i++)
		bad += !pattern_is(map + i * page_size(), i, version);
	return bad;
}

static void write_all(char *map, uint64_t version)
{
	for (uint64_t i = 0; i < PAGES; i++)
		pattern_write(map + i * page_size(), i, version);
}

/* ---- mappings ------------------------------------------------------------------------ */

TEST_F(mm, two_mappings_are_one_memory)
{
	char *other = window_map(self->fd, PAGES);
	char *part = mmap(NULL, 8 * self->page, PROT_READ, MAP_SHARED, self->fd, 8 * self->page);

	ASSERT_TRUE(other != MAP_FAILED);
	ASSERT_TRUE(part != MAP_FAILED);
	EXPECT_EQ(3, window_stat(self->fd).mappings);
	write_all(self->map, 1);
	EXPECT_EQ(0, wrong(other, 1));
	write_all(other, 2);
	EXPECT_EQ(0, wrong(self->map, 2));
	EXPECT_TRUE(pattern_is(part + 3 * self->page, 11, 2));
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, wrong(self->map, 2));
	munmap(other, PAGES * self->page);
	munmap(part, 8 * self->page);
	EXPECT_EQ(1, window_stat(self->fd).mappings);
}

static int child_writes(void *arg)
{
	char *map = arg;

	for (uint64_t i = 0; i < PAGES; i += 2) {
		CHECK(pattern_is(map + i * page_size(), i, 1));
		pattern_write(map + i * page_size(), i, 2);
	}
	return 0;
}

static int child_dies(void *arg)
{
	child_writes(arg);
	raise(SIGKILL);
	return 1;
}

/* What a child has written stays when it is gone, whatever it died of. */
TEST_F(mm, children)
{
	for (int dies = 0; dies < 2; dies++) {
		write_all(self->map, 1);
		ASSERT_EQ(dies ? 128 + SIGKILL : 0,
			  in_child(dies ? child_dies : child_writes, self->map));
		for (uint64_t i = 0; i < PAGES; i++)
			EXPECT_TRUE(pattern_is(self->map + i * self->page, i, i % 2 ? 1 : 2));
	}
	EXPECT_EQ(1, window_stat(self->fd).mappings);
}

TEST_F(mm, parts_unmapped_and_moved)
{
	const size_t half = PAGES / 2 * self->page;
	char *moved;

	write_all(self->map, 1);
	ASSERT_EQ(0, munmap(self->map + 8 * self->page, 8 * self->page));
	EXPECT_EQ(2, window_stat(self->fd).mappings);
	EXPECT_TRUE(pattern_is(self->map + 7 * self->page, 7, 1));
	EXPECT_TRUE(pattern_is(self->map + 16 * self->page, 16, 1));
	moved = mremap(self->map + half, half, half, MREMAP_MAYMOVE | MREMAP_FIXED,
		       mmap(NULL, half, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	ASSERT_TRUE(moved != MAP_FAILED);
	for (uint64_t i = 0; i < PAGES / 2; i++) {
		EXPECT_TRUE(pattern_is(moved + i * self->page, PAGES / 2 + i, 1));
		pattern_write(moved + i * self->page, PAGES / 2 + i, 2);
	}
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_TRUE(pattern_is(moved, PAGES / 2, 2));
	EXPECT_TRUE(pattern_is(self->map, 0, 1));
}

/* The mapping keeps the window, and the window its region. */
TEST_F(mm, a_mapping_is_enough)
{
	write_all(self->map, 1);
	close(self->fd);
	EXPECT_EQ(0, wrong(self->map, 1));
	munmap(self->map, PAGES * self->page);
	EXPECT_EQ(0, used_bytes(self->session));
}

TEST_F(mm, protection)
{
	write_all(self->map, 1);
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, PROT_READ));
	EXPECT_EQ(0, wrong(self->map, 1));
	ASSERT_EQ(0, window_reset(self->fd));
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, RW));
	/* Writable again, and what is written through entries that were not is seen. */
	write_all(self->map, 2);
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(PAGES, window_stat(self->fd).page_outs);
	EXPECT_EQ(0, wrong(self->map, 2));
}

/* ---- advice and the like ------------------------------------------------------------- */

TEST_F(mm, advice_loses_nothing)
{
	static const int advice[] = { MADV_DONTNEED, MADV_RANDOM,   MADV_SEQUENTIAL,
				      MADV_NORMAL,   MADV_WILLNEED, MADV_COLD,
				      MADV_PAGEOUT,  MADV_DONTFORK, MADV_DOFORK };

	for (size_t i = 0; i < ARRAY_SIZE(advice); i++) {
		write_all(self->map, i + 1);
		EXPECT_EQ(0, madvise(self->map, PAGES * self->page, advice[i]))
		{
			TH_LOG("advice %d", advice[i]);
		}
		EXPECT_EQ(0, wrong(self->map, i + 1));
		ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
		EXPECT_EQ(0, wrong(self->map, i + 1));
	}
}

TEST_F(mm, populating_and_locking)
{
	char *other;

	write_all(self->map, 1);
	EXPECT_EQ(0, mlock(self->map, PAGES * self->page));
	/* It does nothing; PAGE_PIN is the way to keep a page where it is. */
	EXPECT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, munlock(self->map, PAGES * self->page));
	other = mmap(NULL, FRAMES * self->page, RW, MAP_SHARED | MAP_POPULATE, self->fd, 0);
	ASSERT_TRUE(other != MAP_FAILED);
	EXPECT_EQ(FRAMES, window_stat(self->fd).resident);
	ASSERT_EQ(0, window_reset(self->fd));
	for (uint64_t i = 0; i < FRAMES; i++)
		EXPECT_TRUE(pattern_is(other + i * self->page, i, 1));
	EXPECT_EQ(0, window_stat(self->fd).faults + window_stat(self->fd).soft_faults);
	EXPECT_EQ(0, wrong(self->map, 1));
}

/* ---- what a page has suffered -------------------------------------------------------- */

static int child_writes_one(void *arg)
{
	*(volatile char *)arg = 7;
	return 0;
}

/* Is a page that @touchers processes have touched known to be? It is in no page table afterwards. */
static bool known_as_touched(int window, char *page, int touchers)
{
	pid_t pids[4];
	bool known;

	page_out(window, 0, 1);
	page_in(window, 0, 1);
	for (int i = 0; i < touchers; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			touch_read(page);
			pause();
		}
		/* It is there, with what it has touched, when the page is looked at. */
		while (window_stat(window).soft_faults != (uint64_t)i + 1)
			sleep_ms(1);
	}
	page_flush(window, 0, 1);
	known = page_state(window, 0) & MEMRIG_PAGE_ACCESSED;
	for (int i = 0; i < touchers; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	window_reset(window);
	return known;
}

static void touched_by_many(struct __test_metadata *_metadata, FIXTURE_DATA(mm) * self)
{
	for (int touchers = 0; touchers <= 4; touchers++)
		EXPECT_EQ(touchers > 0, known_as_touched(self->fd, self->map, touchers));
	/* The kernel's own notion of use does not count for random access; that of a window does. */
	ASSERT_EQ(0, madvise(self->map, self->page, MADV_RANDOM));
	for (int touchers = 0; touchers <= 2; touchers++)
		EXPECT_EQ(touchers > 0, known_as_touched(self->fd, self->map, touchers));
	ASSERT_EQ(0, madvise(self->map, self->page, MADV_NORMAL));
	/* By a touch that brought it in, too. */
	ASSERT_EQ(0, page_out(self->fd, 0, 1));
	touch_read(self->map);
	ASSERT_EQ(0, page_flush(self->fd, 0, 1));
	EXPECT_TRUE(page_state(self->fd, 0) & MEMRIG_PAGE_ACCESSED);
	ASSERT_EQ(0, window_reset(self->fd));
}

#define LRU_GEN "/sys/kernel/mm/lru_gen/enabled"

TEST_F(mm, touched_by_many)
{
	char before[32];

	touched_by_many(_metadata, self);
	if (file_read(LRU_GEN, before, sizeof(before)) < 0)
		SKIP(return, "this kernel has one way only");
	ASSERT_LE(0, file_write(LRU_GEN, strtol(before, NULL, 0) ? "0" : "7"));
	touched_by_many(_metadata, self);
	file_write(LRU_GEN, before);
}

TEST_F(mm, written_by_others)
{
	struct iovec local = { "memrig!", 8 }, remote = { self->map + self->page, 8 };
	int mem = open("/proc/self/mem", O_RDWR);
	uint64_t outs = 0;
	pid_t pid;

	for (uint64_t i = 0; i < 8; i++)
		EXPECT_TRUE(page_is_zero(self->map + i * self->page));
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	EXPECT_EQ(0, window_stat(self->fd).page_outs);

	EXPECT_EQ(0, in_child(child_writes_one, self->map));
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	EXPECT_EQ(++outs, window_stat(self->fd).page_outs);

	ASSERT_EQ(8, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	EXPECT_EQ(++outs, window_stat(self->fd).page_outs);

	ASSERT_GE(mem, 0);
	ASSERT_EQ(8, pwrite(mem, "memrig!", 8, (off_t)(uintptr_t)self->map + 2 * self->page));
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	EXPECT_EQ(++outs, window_stat(self->fd).page_outs);

	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, ptrace(PTRACE_POKEDATA, pid, self->map + 3 * self->page, 0x12345678L));
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(++outs, window_stat(self->fd).page_outs);
	ptrace(PTRACE_CONT, pid, 0, 0);
	EXPECT_EQ(0, child_wait(pid));

	EXPECT_EQ(7, self->map[0]);
	EXPECT_EQ(0, strcmp(self->map + self->page, "memrig!"));
	EXPECT_EQ(0, strcmp(self->map + 2 * self->page, "memrig!"));
	EXPECT_EQ(0x12345678L, *(long *)(self->map + 3 * self->page));
	close(mem);
}

/* ---- pages that somebody holds ------------------------------------------------------- */

TEST_F(mm, pages_in_a_pipe_stay)
{
	struct iovec iov = { self->map, 2 * self->page };
	char *copy = malloc(2 * self->page);
	uint64_t done;
	int p[2];

	write_all(self->map, 1);
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(2 * self->page, vmsplice(p[1], &iov, 1, 0));
	EXPECT_EQ(-EBUSY, page_call(self->fd, MEMRIG_IOC_PAGE_OUT, 0, PAGES, &done));
	EXPECT_EQ(0, done);
	write_all(self->map, 2);
	EXPECT_EQ(0, wrong(self->map, 2));
	EXPECT_TRUE(page_state(self->fd, 0) & MEMRIG_PAGE_RESIDENT);
	EXPECT_LT(0, window_stat(self->fd).held);
	ASSERT_EQ(2 * self->page, read(p[0], copy, 2 * self->page));
	EXPECT_TRUE(pattern_is(copy, 0, 2));
	EXPECT_TRUE(pattern_is(copy + self->page, 1, 2));
	EXPECT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, wrong(self->map, 2));

	/* They outlive the window and its region. */
	ASSERT_EQ(2 * self->page, vmsplice(p[1], &iov, 1, 0));
	munmap(self->map, PAGES * self->page);
	close(self->fd);
	EXPECT_EQ(0, used_bytes(self->session));
	ASSERT_EQ(2 * self->page, read(p[0], copy, 2 * self->page));
	EXPECT_TRUE(pattern_is(copy, 0, 2));
	close(p[0]);
	close(p[1]);
	free(copy);
}

/* Frames that others still hold are not lent again. */
TEST_F(mm, held_frames_are_not_lent)
{
	struct memrig_window_create arg = window_arg(self->session, 4, 8);
	int window = window_create(self->session, &arg), p[2];
	struct iovec iov = { NULL, self->page };
	char *map;

	ASSERT_GE(window, 0);
	map = window_map(window, 8);
	ASSERT_TRUE(map != MAP_FAILED);
	iov.iov_base = map;
	map[0] = 1;
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(self->page, vmsplice(p[1], &iov, 1, 0));
	munmap(map, 8 * self->page);
	close(window);
	EXPECT_EQ(-EBUSY, window_create(self->session, &arg));
	close(p[0]);
	close(p[1]);
	window = window_create(self->session, &arg);
	EXPECT_GE(window, 0);
	close(window);
	close(arg.region_fd);
}

/* Every frame is in a pipe: it takes a moment to find out, and no more. */
TEST_F(mm, all_frames_held)
{
	struct iovec iov = { self->map, FRAMES * self->page };
	uint64_t start;
	int p[2];

	write_all(self->map, 1);
	ASSERT_EQ(0, page_in(self->fd, 0, FRAMES));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(FRAMES * self->page, vmsplice(p[1], &iov, 1, 0));
	start = now_ns();
	EXPECT_FALSE(touch_read(self->map + FRAMES * self->page));
	EXPECT_GT(30 * 1000 * MSEC, now_ns() - start);
	EXPECT_EQ(MEMRIG_REASON_FRAMES, window_stat(self->fd).last_reason);
	close(p[0]);
	close(p[1]);
	EXPECT_EQ(0, wrong(self->map, 1));
}

TEST_F(mm, direct_io)
{
	const size_t bytes = PAGES * self->page;
	int disk = open("/dev/ram0", O_RDWR | O_DIRECT);
	char *from = self->map;

	if (disk < 0)
		SKIP(return, "no block device /dev/ram0 (brd)");
	/* Not all of it at once: pages that a request holds need frames. */
	write_all(self->map, 1);
	for (size_t at = 0; at < bytes; at += 4 * self->page)
		ASSERT_EQ(4 * self->page, pwrite(disk, from + at, 4 * self->page, at));
	write_all(self->map, 2);
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	for (size_t at = 0; at < bytes; at += 4 * self->page)
		ASSERT_EQ(4 * self->page, pread(disk, from + at, 4 * self->page, at));
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, wrong(self->map, 1));
	close(disk);
}

/* Until Linux 6.5 io_uring registers no memory that is mapped from a file, whoever's it is. */
static bool refuses_files(void)
{
	struct utsname name;
	unsigned int major, minor;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major < 6 || (major == 6 && minor < 5);
}

TEST_F(mm, io_uring_buffers)
{
	struct io_uring_params params = { 0 };
	struct iovec iov = { self->map, 4 * self->page };
	int ring = syscall(SYS_io_uring_setup, 4, &params);
	int ret;

	if (ring < 0)
		SKIP(return, "io_uring_setup: %s", strerror(errno));
	write_all(self->map, 1);
	ret = syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1);
	if (ret && refuses_files()) {
		EXPECT_EQ(EOPNOTSUPP, errno);
		close(ring);
		return;
	}
	ASSERT_EQ(0, ret);
	EXPECT_EQ(-EBUSY, page_out(self->fd, 0, 4));
	write_all(self->map, 2);
	EXPECT_EQ(0, wrong(self->map, 2));
	EXPECT_EQ(FRAMES, window_stat(self->fd).resident);
	close(ring);
	for (int i = 0; i < 100 && page_out(self->fd, 0, 4); i++)
		sleep_ms(20);
	EXPECT_EQ(0, page_out(self->fd, 0, 4));
	EXPECT_EQ(0, wrong(self->map, 2));
}

/* Other memory types, where the kernel itself can use the pages. */
TEST_F(mm, other_attributes)
{
	struct memrig_caps caps = caps_get(self->session);
	struct memrig_window_create arg;
	int window;
	char *map;

	for (uint32_t attr = MEMRIG_ATTR_WRITE_COMBINE; attr <= MEMRIG_ATTR_UNCACHED; attr++) {
		if (!(caps.gup_attrs & (1u << attr)))
			continue;
		arg = window_arg(self->session, FRAMES, PAGES);
		close(arg.region_fd);
		arg.region_fd =
			region_new(self->session, MEMRIG_KIND_PAGES, attr, FRAMES * self->page);
		ASSERT_GE(arg.region_fd, 0);
		window = window_create(self->session, &arg);
		close(arg.region_fd);
		ASSERT_GE(window, 0);
		map = window_map(window, PAGES);
		ASSERT_TRUE(map != MAP_FAILED);
		write_all(map, attr);
		EXPECT_EQ(0, wrong(map, attr));
		munmap(map, PAGES * self->page);
		close(window);
	}
}

/* A terabyte of pages costs what is touched of it. */
TEST_F(mm, a_terabyte)
{
	const uint64_t pages = MEMRIG_WINDOW_PAGES_MAX;
	int window = window_new(self->session, FRAMES, pages, MEMRIG_STORE_RAM);
	char *map;

	ASSERT_GE(window, 0);
	map = mmap(NULL, pages * self->page, RW, MAP_SHARED | MAP_NORESERVE, window, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	for (uint64_t i = 0; i < 64; i++)
		pattern_write(map + i * (pages / 64) * self->page, i, 1);
	for (uint64_t i = 0; i < 64; i++)
		EXPECT_TRUE(pattern_is(map + i * (pages / 64) * self->page, i, 1));
	EXPECT_TRUE(page_is_zero(map + (pages - 1) * self->page));
	munmap(map, pages * self->page);
	close(window);
}

TEST_HARNESS_MAIN
