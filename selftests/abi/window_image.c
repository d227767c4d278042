// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows over an image: code that is read page by page as it is run, and that nobody can write.
 *
 * The image is a section of this program: a page for each of some functions, which jump to one
 * another by offsets from where they are told that the image is. So they do the same at any place.
 */
#include <sched.h>
#include <sys/mount.h>

#include "harness.h"
#include "window.h"

#define FRAMES 4
#define PAGES  32
#define CODE   4096
#define PATH   "/tmp/window-image"
#define BYTES  ((size_t)PAGES * CODE)
#define X      (PROT_READ | PROT_EXEC)

extern const char __start_image[], __stop_image[];

typedef uint64_t (*step)(uint64_t x, unsigned int n, const char *base);

#define STEP(i)                                                                              \
	static __attribute__((section("image"), aligned(CODE), noinline, used))              \
	uint64_t step_##i(uint64_t x, unsigned int n, const char *base)                      \
	{                                                                                    \
		x = x * 6364136223846793005ULL + (i);                                        \
		if (!n)                                                                      \
			return x;                                                            \
		return ((step)(uintptr_t)(base + (x >> 33) % PAGES * CODE))(x, n - 1, base); \
	}
#define STEPS(i) \
	STEP(i##0) STEP(i##1) STEP(i##2) STEP(i##3) STEP(i##4) STEP(i##5) STEP(i##6) STEP(i##7)
STEPS(00)
STEPS(01)
STEPS(02)
STEPS(03)

FIXTURE(image)
{
	int session;
	struct memrig_window_create arg;
	int file;
};

FIXTURE_SETUP(image)
{
	const size_t bytes = __stop_image - __start_image;

	ASSERT_EQ(CODE, page_size());
	ASSERT_LT(BYTES - CODE, bytes);
	ASSERT_GE(BYTES, bytes);
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->file = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_GE(self->file, 0);
	ASSERT_EQ(bytes, write(self->file, __start_image, bytes));
	ASSERT_EQ(0, ftruncate(self->file, BYTES));
	self->arg = window_arg(self->session, FRAMES, PAGES);
	ASSERT_GE(self->arg.region_fd, 0);
	self->arg.store = MEMRIG_STORE_IMAGE;
	self->arg.store_fd = open(PATH, O_RDONLY);
	ASSERT_GE(self->arg.store_fd, 0);
}

FIXTURE_TEARDOWN(image)
{
	close(self->arg.store_fd);
	close(self->arg.region_fd);
	close(self->file);
	close(self->session);
	unlink(PATH);
}

#define MAKE(self, window, map)                                        \
	do {                                                           \
		window = window_create((self)->session, &(self)->arg); \
		ASSERT_GE(window, 0);                                  \
		map = mmap(NULL, BYTES, X, MAP_SHARED, window, 0);     \
		ASSERT_TRUE(map != MAP_FAILED);                        \
	} while (0)

static void drop(int window, char *map)
{
	munmap(map, BYTES);
	close(window);
}

/* @n jumps through the image at @base, starting in page @first. */
static uint64_t run(const char *base, unsigned int first, uint64_t x, unsigned int n)
{
	return ((step)(uintptr_t)(base + first * CODE))(x, n, base);
}

TEST_F(image, runs)
{
	struct memrig_window_stat stat;
	int window;
	char *map;

	MAKE(self, window, map);
	for (unsigned int first = 0; first < PAGES; first++)
		EXPECT_EQ(run(__start_image, first, first, 30), run(map, first, first, 30));
	stat = window_stat(window);
	EXPECT_EQ(MEMRIG_STORE_IMAGE, stat.store);
	EXPECT_EQ(MEMRIG_WINDOW_READ_ONLY, stat.window_flags);
	EXPECT_EQ(FRAMES, stat.resident);
	EXPECT_LT(PAGES, stat.faults);
	EXPECT_EQ(stat.faults, stat.page_ins);
	EXPECT_EQ(stat.faults - FRAMES, stat.evict_clean);
	EXPECT_EQ(0, stat.evict_dirty);
	EXPECT_EQ(0, stat.page_outs);
	/* What was mapped for reading may be made executable. */
	ASSERT_EQ(0, mprotect(map, BYTES, PROT_READ));
	EXPECT_EQ(0, memcmp(map + 3 * CODE, __start_image + 3 * CODE, 16));
	ASSERT_EQ(0, mprotect(map, BYTES, X));
	EXPECT_EQ(run(__start_image, 7, 1, 50), run(map, 7, 1, 50));
	drop(window, map);
}

/* Other code comes into a frame in which there was code before. */
TEST_F(image, runs_what_is_there)
{
	int window;
	char *map;

	MAKE(self, window, map);
	for (unsigned int i = 1; i < PAGES; i++) {
		EXPECT_EQ(run(__start_image, i - 1, 9, 0), run(map, 0, 9, 0));
		ASSERT_EQ(CODE - 64, pwrite(self->file, __start_image + i * CODE, CODE - 64, 0));
		ASSERT_EQ(0, page_out(window, 0, 1));
	}
	drop(window, map);
}

static int write_there(void *map)
{
	*(volatile char *)map = 1;
	return 0;
}

TEST_F(image, is_not_written)
{
	int window, fd;
	char *map;

	MAKE(self, window, map);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, window, 0));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, BYTES, X, MAP_PRIVATE, window, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, mprotect(map, BYTES, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(map, BYTES, PROT_WRITE | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(128 + SIGSEGV, in_child(write_there, map));
	/* Neither does the kernel, for a program or for a debugger. */
	fd = open("/dev/zero", O_RDONLY);
	EXPECT_EQ(-1, read(fd, map, CODE));
	EXPECT_EQ(EFAULT, errno);
	close(fd);
	fd = open("/proc/self/mem", O_RDWR);
	EXPECT_EQ(-1, pwrite(fd, "x", 1, (uintptr_t)map));
	close(fd);
	EXPECT_EQ(-EACCES, page_pin(window, 0, 1));
	EXPECT_EQ(0, page_flush(window, 0, PAGES));
	for (unsigned int i = 0; i < PAGES; i++)
		EXPECT_EQ(run(__start_image, i, 5, 20), run(map, i, 5, 20));
	EXPECT_EQ(0, window_stat(window).page_outs);
	EXPECT_EQ(0, window_stat(window).out_errors);
	drop(window, map);
}

TEST_F(image, files_that_will_not_do)
{
	struct memrig_window_create good = self->arg, arg;
	int p[2];

	ASSERT_EQ(0, pipe(p));
#define REFUSED(error, ...)                                              \
	do {                                                             \
		arg = good;                                              \
		__VA_ARGS__;                                             \
		EXPECT_EQ(-(error), window_create(self->session, &arg)); \
	} while (0)
	REFUSED(EBADF, arg.store_fd = -1);
	REFUSED(EINVAL, arg.store_fd = p[0]);
	REFUSED(EINVAL, arg.store_fd = self->session);
	REFUSED(EINVAL, arg.store_offset = 1);
	REFUSED(ENOSPC, arg.store_offset = CODE);
	REFUSED(ENOSPC, arg.pages++);
	REFUSED(EINVAL, arg.store_pages = PAGES);
	REFUSED(EINVAL, arg.compressor = MEMRIG_COMPRESSOR_LZO);
	REFUSED(EINVAL, arg.flags = MEMRIG_WINDOW_INJECT);
	close(p[0]);
	close(p[1]);
	close(good.store_fd);
	good.store_fd = open("/tmp", O_RDONLY);
	REFUSED(EINVAL, arg.frames = 1);
	close(good.store_fd);
	good.store_fd = open("/dev/ram0", O_RDONLY);
	if (good.store_fd >= 0)
		REFUSED(EINVAL, arg.frames = 1);
	close(good.store_fd);
	good.store_fd = open(PATH, O_WRONLY);
	REFUSED(EACCES, arg.frames = 1);
	close(good.store_fd);
	self->arg.store_fd = -1;
}

TEST_F(image, only_an_image)
{
	int window;

	self->arg.store = MEMRIG_STORE_FILE;
	self->arg.flags = MEMRIG_WINDOW_READ_ONLY;
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, BYTES, X, MAP_SHARED, window, 0));
	EXPECT_EQ(EPERM, errno);
	close(window);
}

/* It is memory, and not a program. */
static int execute(void *arg)
{
	char path[64], *const argv[] = { path, NULL };

	snprintf(path, sizeof(path), "/proc/self/fd/%d", *(int *)arg);
	execv(path, argv);
	CHECK(errno == EACCES);
	return 0;
}

TEST_F(image, is_no_program)
{
	int window = window_create(self->session, &self->arg);

	ASSERT_GE(window, 0);
	EXPECT_EQ(0, in_child(execute, &window));
	close(window);
}

/* The window can be read, and not executed, then or later. */
static void expect_noexec(int session, struct memrig_window_create *arg)
{
	int window = window_create(session, arg);
	size_t bytes = arg->pages * CODE;
	char *map;

	CHECK(window >= 0);
	CHECK(mmap(NULL, bytes, X, MAP_SHARED, window, 0) == MAP_FAILED && errno == EPERM);
	CHECK(mmap(NULL, bytes, PROT_EXEC, MAP_SHARED, window, 0) == MAP_FAILED && errno == EPERM);
	map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, window, 0);
	CHECK(map != MAP_FAILED);
	*(volatile char *)map;
	CHECK(mprotect(map, bytes, X) == -1 && errno == EACCES);
	munmap(map, bytes);
	close(window);
}

static int on_noexec_mount(void *arg)
{
	struct memrig_window_create *create = arg;
	const size_t bytes = __stop_image - __start_image;
	int session = session_open(), fd;

	CHECK(!unshare(CLONE_NEWNS));
	CHECK(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("none", "/tmp", "tmpfs", MS_NOEXEC, NULL));
	fd = open(PATH, O_RDWR | O_CREAT, 0600);
	CHECK(write(fd, __start_image, bytes) == (ssize_t)bytes);
	CHECK(!ftruncate(fd, BYTES));
	create->store_fd = fd;
	expect_noexec(session, create);
	/* What counts is now. */
	CHECK(!mount(NULL, "/tmp", NULL, MS_REMOUNT, NULL));
	create->fd = window_create(session, create);
	CHECK(create->fd >= 0);
	CHECK(mmap(NULL, BYTES, X, MAP_SHARED, create->fd, 0) != MAP_FAILED);
	return 0;
}

TEST_F(image, a_mount_without_execution)
{
	EXPECT_EQ(0, in_child(on_noexec_mount, &self->arg));
}

/* Whole filesystems of which nothing is executed, however they are mounted. */
TEST_F(image, a_filesystem_without_execution)
{
	close(self->arg.store_fd);
	self->arg.store_fd = open("/sys/kernel/uevent_seqnum", O_RDONLY);
	ASSERT_GE(self->arg.store_fd, 0);
	self->arg.frames = 1;
	self->arg.pages = 1;
	self->arg.fd = window_create(self->session, &self->arg);
	ASSERT_GE(self->arg.fd, 0);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, CODE, X, MAP_SHARED, self->arg.fd, 0));
	EXPECT_EQ(EPERM, errno);
	close(self->arg.fd);
}

static int run_there(void *code)
{
	return ((step)(uintptr_t)code)(1, 0, code) & 1;
}

TEST_F(image, cut_short)
{
	int window;
	char *map;

	MAKE(self, window, map);
	ASSERT_EQ(0, ftruncate(self->file, BYTES / 2));
	EXPECT_EQ(run(__start_image, 1, 3, 0), run(map, 1, 3, 0));
	EXPECT_EQ(128 + SIGBUS, in_child(run_there, map + BYTES / 2));
	EXPECT_EQ(MEMRIG_REASON_STORE, window_stat(window).last_reason);
	EXPECT_LT(0, window_stat(window).in_errors);
	EXPECT_EQ(run(__start_image, 2, 3, 0), run(map, 2, 3, 0));
	drop(window, map);
}

TEST_HARNESS_MAIN
