// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows and what the kernel does with mappings: several processes, fork, parts that are unmapped
 * or moved, advice, locks, populating; what a page is known to have suffered, however it was
 * suffered.
 */
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "touch.h"
#include "window_fixture.h"

#define FRAMES 16
#define PAGES  64
#define RW     (PROT_READ | PROT_WRITE)

WINDOW_FIXTURE(mm);

FIXTURE_SETUP(mm)
{
	WINDOW_SETUP(self);
	ASSERT_EQ(0, window_policy(self->fd, MEMRIG_POLICY_FIFO));
}

FIXTURE_TEARDOWN(mm)
{
	close(self->fd);
	close(self->session);
}

/* ---- mappings ------------------------------------------------------------------------ */

TEST_F(mm, two_mappings_are_one_memory)
{
	char *other = window_map(self->fd, PAGES);
	char *part = mmap(NULL, 8 * self->page, PROT_READ, MAP_SHARED, self->fd, 8 * self->page);

	ASSERT_TRUE(other != MAP_FAILED);
	ASSERT_TRUE(part != MAP_FAILED);
	EXPECT_EQ(3, window_stat(self->fd).mappings);
	pattern_fill(self->map, PAGES, 1);
	EXPECT_EQ(0, pattern_wrong(other, PAGES, 1));
	pattern_fill(other, PAGES, 2);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 2));
	EXPECT_TRUE(pattern_is(part + 3 * self->page, 11, 2));
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 2));
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
		pattern_fill(self->map, PAGES, 1);
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

	pattern_fill(self->map, PAGES, 1);
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
	pattern_fill(self->map, PAGES, 1);
	close(self->fd);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	munmap(self->map, PAGES * self->page);
	EXPECT_EQ(0, used_bytes(self->session));
}

TEST_F(mm, protection)
{
	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, PROT_READ));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	ASSERT_EQ(0, window_reset(self->fd));
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, RW));
	/* Writable again, and what is written through entries that were not is seen. */
	pattern_fill(self->map, PAGES, 2);
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(PAGES, window_stat(self->fd).page_outs);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 2));
}

/* ---- advice and the like ------------------------------------------------------------- */

TEST_F(mm, advice_loses_nothing)
{
	static const int advice[] = { MADV_DONTNEED, MADV_RANDOM, MADV_SEQUENTIAL, MADV_NORMAL,
				      MADV_WILLNEED, MADV_COLD,	  MADV_PAGEOUT };

	for (size_t i = 0; i < ARRAY_SIZE(advice); i++) {
		pattern_fill(self->map, PAGES, i + 1);
		EXPECT_EQ(0, madvise(self->map, PAGES * self->page, advice[i]))
		{
			TH_LOG("advice %d", advice[i]);
		}
		EXPECT_EQ(0, pattern_wrong(self->map, PAGES, i + 1));
		ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
		EXPECT_EQ(0, pattern_wrong(self->map, PAGES, i + 1));
	}
}

TEST_F(mm, populating_and_locking)
{
	char *other;

	pattern_fill(self->map, PAGES, 1);
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
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

/* ---- what a page has suffered -------------------------------------------------------- */

static int child_writes_one(void *arg)
{
	*(volatile char *)arg = 7;
	return 0;
}

/* Is a page that @touchers processes have touched known to be? It is unmapped afterwards. */
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
	/* The kernel's own notion of use skips random access; that of a window does not. */
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

#define CORE_PATTERN "/proc/sys/kernel/core_pattern"
#define CORE	     "/tmp/memrig-core"

static int child_dumps(void *arg)
{
	struct rlimit limit = { 64 * MIB, 64 * MIB };
	char *map = arg, *own = mmap(NULL, page_size(), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(own != MAP_FAILED);
	CHECK(!setrlimit(RLIMIT_CORE, &limit));
	CHECK(!prctl(PR_SET_DUMPABLE, 1));
	pattern_write(own, 1000, 1);
	pattern_write(map, 2000, 1);
	/* It cannot be had otherwise either. */
	CHECK(madvise(map, page_size(), MADV_DODUMP) && errno == EINVAL);
	abort();
}

/* Whether the file has a whole page of that pattern, at an offset that is a multiple of 8. */
static bool file_has(const char *path, uint64_t index)
{
	int fd = open(path, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);
	char *copy = malloc(size + page_size());
	bool has = false;

	for (off_t done = 0; done < size;) {
		ssize_t n = pread(fd, copy + done, size - done, done);

		if (n <= 0)
			break;
		done += n;
	}
	for (off_t at = 0; at + page_size() <= size && !has; at += 8)
		has = pattern_is(copy + at, index, 1);
	free(copy);
	close(fd);
	return has;
}

TEST_F(mm, core_dumps_leave_it_out)
{
	char before[256];

	if (file_read(CORE_PATTERN, before, sizeof(before)) < 0)
		SKIP(return, "this kernel dumps no core");
	unlink(CORE);
	ASSERT_LE(0, file_write(CORE_PATTERN, CORE));
	EXPECT_EQ(128 + SIGABRT, in_child(child_dumps, self->map));
	ASSERT_LE(0, file_write(CORE_PATTERN, before));
	ASSERT_EQ(0, access(CORE, R_OK));
	EXPECT_TRUE(file_has(CORE, 1000));
	EXPECT_FALSE(file_has(CORE, 2000));
	EXPECT_TRUE(pattern_is(self->map, 2000, 1));
	unlink(CORE);
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
		pattern_fill(map, PAGES, attr);
		EXPECT_EQ(0, pattern_wrong(map, PAGES, attr));
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
