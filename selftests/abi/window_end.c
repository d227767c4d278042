// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The end of windows, and who acts on the file that is their store.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/userfaultfd.h>

#include "harness.h"
#include "touch.h"
#include "window_fixture.h"

#define FRAMES	  4
#define PAGES	  16
#define PATH	  "/tmp/window-end"
#define NOBODY_ID 65534

FIXTURE(end)
{
	int session;
	size_t page;
	struct memrig_window_create arg;
	int file;
};

FIXTURE_SETUP(end)
{
	self->page = page_size();
	WINDOW_ASK_SETUP(self);
	self->file = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_GE(self->file, 0);
	ASSERT_EQ(0, ftruncate(self->file, PAGES * self->page));
	self->arg.store = MEMRIG_STORE_FILE;
	self->arg.store_fd = self->file;
}

FIXTURE_TEARDOWN(end)
{
	close(self->arg.region_fd);
	close(self->file);
	unlink(PATH);
	close(self->session);
}

/* How many pages of the file are not what they should be. */
static unsigned int file_wrong(int file, unsigned int pages, uint64_t version)
{
	unsigned int wrong = 0;
	char *page = malloc(page_size());

	for (unsigned int i = 0; i < pages; i++) {
		if (pread(file, page, page_size(), i * page_size()) != (ssize_t)page_size() ||
		    !pattern_is(page, i, version))
			wrong++;
	}
	free(page);
	return wrong;
}

/* ---- closing ------------------------------------------------------------------------- */

static int filler(void *arg)
{
	struct memrig_window_create *create = arg;
	int session = session_open(), window = window_create(session, create);
	char *map;

	CHECK(window >= 0);
	map = window_map(window, PAGES);
	CHECK(map != MAP_FAILED);
	pattern_fill(map, PAGES, 3);
	/* Writing takes its time from now on: whoever closes is in the midst of it. */
	CHECK(!window_inject(window, (struct memrig_window_inject){ .delay_ns = 20 * MSEC }));
	raise(SIGKILL);
	return 0;
}

TEST_F(end, who_is_killed_leaves_everything)
{
	self->arg.flags = MEMRIG_WINDOW_INJECT;
	EXPECT_EQ(128 + SIGKILL, in_child(filler, &self->arg));
	EXPECT_EQ(0, file_wrong(self->file, PAGES, 3));
	EXPECT_EQ(self->arg.frames * self->page, used_bytes(self->session));
}

TEST_F(end, observers_do_not_delay_it)
{
	struct memrig_window_open look = ARG(memrig_window_open);
	struct memrig_window_stat stat = ARG(memrig_window_stat);
	struct memrig_window_hist hist = ARG(memrig_window_hist);
	struct memrig_paging_stat paging = ARG(memrig_paging_stat);
	uint8_t state;
	int window = window_create(self->session, &self->arg);
	char *map = window_map(window, PAGES);

	ASSERT_TRUE(map != MAP_FAILED);
	pattern_fill(map, PAGES, 1);
	look.id = window_stat(window).id;
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_WINDOW_OPEN, &look));
	munmap(map, PAGES * self->page);
	close(window);
	EXPECT_EQ(0, file_wrong(self->file, PAGES, 1));
	EXPECT_EQ(-ENODEV, call(look.fd, MEMRIG_IOC_WINDOW_STAT, &stat));
	EXPECT_EQ(-ENODEV, call(look.fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	EXPECT_EQ(-ENODEV, call(look.fd, MEMRIG_IOC_WINDOW_PAGING_STAT, &paging));
	EXPECT_EQ(-ENODEV, window_policy(look.fd, MEMRIG_POLICY_LRU));
	EXPECT_EQ(-ENODEV, page_map(look.fd, 0, 1, &state));
	/* The frames are free for the next one. */
	window = window_create(self->session, &self->arg);
	EXPECT_GE(window, 0);
	close(window);
	close(look.fd);
}

TEST_F(end, frames_are_left_empty)
{
	int window = window_create(self->session, &self->arg);
	char *map = window_map(window, PAGES);

	ASSERT_TRUE(map != MAP_FAILED);
	pattern_fill(map, PAGES, 1);
	munmap(map, PAGES * self->page);
	close(window);
	map = mmap(NULL, FRAMES * self->page, PROT_READ, MAP_SHARED, self->arg.region_fd, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	for (int i = 0; i < FRAMES; i++)
		EXPECT_TRUE(page_is_zero(map + i * self->page));
	munmap(map, FRAMES * self->page);
}

/* ---- whose file it is ---------------------------------------------------------------- */

/* What write() by the same user would have taken away is gone, although a worker wrote. */
static int set_user_id(void *arg)
{
	struct memrig_window_create create;
	int session = *(int *)arg, file, window;
	struct stat st;
	char *map;

	become(NOBODY_ID, NOBODY_ID);
	create = window_arg(session, 1, 2);
	CHECK(create.region_fd >= 0);
	file = open("/tmp/window-end-suid", O_RDWR | O_CREAT | O_TRUNC, 0700);
	CHECK(file >= 0);
	CHECK(!ftruncate(file, 2 * page_size()));
	CHECK(!fchmod(file, 04755));
	CHECK(!fstat(file, &st) && st.st_mode & S_ISUID);
	create.store = MEMRIG_STORE_FILE;
	create.store_fd = file;
	window = window_create(session, &create);
	CHECK(window >= 0);
	map = window_map(window, 2);
	CHECK(map != MAP_FAILED);
	map[0] = 1;
	CHECK(map[page_size()] == 0);
	CHECK(window_stat(window).page_outs == 1);
	CHECK(!fstat(file, &st) && !(st.st_mode & S_ISUID));
	return unlink("/tmp/window-end-suid");
}

TEST_F(end, acts_as_who_opened_the_file)
{
	EXPECT_EQ(0, in_child(set_user_id, &self->session));
}

TEST_F(end, flags_that_change)
{
	int flags = fcntl(self->file, F_GETFL);
	int window = window_create(self->session, &self->arg);
	char *map = window_map(window, PAGES);

	ASSERT_TRUE(map != MAP_FAILED);
	pattern_write(map, 0, 1);
	ASSERT_EQ(0, fcntl(self->file, F_SETFL, flags | O_APPEND));
	EXPECT_EQ(-EIO, page_out(window, 0, 1));
	EXPECT_TRUE(page_state(window, 0) & MEMRIG_PAGE_RESIDENT);
	ASSERT_EQ(0, fcntl(self->file, F_SETFL, flags));
	EXPECT_EQ(0, page_out(window, 0, 1));
	EXPECT_EQ(0, file_wrong(self->file, 1, 1));
	EXPECT_EQ(PAGES * self->page, lseek(self->file, 0, SEEK_END));
	munmap(map, PAGES * self->page);
	close(window);
}

TEST_F(end, no_direct_files)
{
	int fd = open("/dev/ram0", O_RDWR | O_DIRECT);

	if (fd < 0)
		SKIP(return, "no /dev/ram0 (module brd)");
	self->arg.store_fd = fd;
	EXPECT_EQ(-EINVAL, window_create(self->session, &self->arg));
	close(fd);
}

/* ---- others in the page tables ------------------------------------------------------- */

TEST_F(end, write_protected_by_userfaultfd)
{
	struct uffdio_api api = { .api = UFFD_API, .features = 1 << 15 /* WP_ASYNC */ };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_WP };
	struct uffdio_writeprotect wp = { .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	int window = window_create(self->session, &self->arg);
	char *map = window_map(window, PAGES);

	ASSERT_TRUE(map != MAP_FAILED);
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api))
		SKIP(return, "no asynchronous write protection (userfaultfd, Linux 6.7)");
	EXPECT_TRUE(touch_store(map, 1));
	reg.range.start = (uintptr_t)map;
	reg.range.len = self->page;
	wp.range = reg.range;
	/* Newer kernels ask the driver (vm_uffd_ops), and modules cannot answer. */
	if (ioctl(uffd, UFFDIO_REGISTER, &reg)) {
		ASSERT_EQ(EINVAL, errno);
		ASSERT_TRUE(ksft_min_kernel_version(7, 0));
		munmap(map, PAGES * self->page);
		close(window);
		close(uffd);
		SKIP(return, "this kernel's userfaultfd takes no memory of modules");
	}
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_WRITEPROTECT, &wp));
	EXPECT_EQ(0, page_out(window, 0, 1));
	/* It ends, and the page is as it was. */
	EXPECT_FALSE(touch_read(map));
	EXPECT_EQ(1, window_stat(window).sigbus);
	close(uffd);
	EXPECT_TRUE(touch_read(map));
	EXPECT_EQ(1, map[0]);
	munmap(map, PAGES * self->page);
	close(window);
}

TEST_HARNESS_MAIN
