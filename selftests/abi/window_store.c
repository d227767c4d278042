// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Stores of windows: what each keeps and takes, and files that outlive their window.
 */
#include <sys/stat.h>

#include "touch.h"
#include "window_fixture.h"

#define FRAMES 8
#define PAGES  64
#define PATH   "/tmp/window-store"

FIXTURE(store)
{
	int session;
	size_t page;
	struct memrig_window_create arg;
	int file;
};

FIXTURE_SETUP(store)
{
	self->page = page_size();
	WINDOW_ASK_SETUP(self);
	self->arg.policy = MEMRIG_POLICY_FIFO;
	self->file = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_GE(self->file, 0);
	ASSERT_EQ(0, ftruncate(self->file, PAGES * self->page));
}

FIXTURE_TEARDOWN(store)
{
	close(self->arg.region_fd);
	close(self->file);
	unlink(PATH);
	close(self->session);
}

/* ---- memory -------------------------------------------------------------------------- */

TEST_F(store, ram_with_just_enough_room)
{
	struct memrig_page_range range = ARG(memrig_page_range, .length = FRAMES * self->page);
	struct memrig_window_stat stat;
	int window;
	char *map;

	self->arg.store_pages = PAGES - FRAMES + 1;
	WINDOW_MAKE(self, window, map);
	for (uint64_t round = 1; round < 4; round++) {
		pattern_fill(map, PAGES, round);
		EXPECT_EQ(0, pattern_wrong(map, PAGES, round));
		EXPECT_EQ(0, pattern_wrong(map, PAGES, round));
	}
	stat = window_stat(window);
	EXPECT_EQ(PAGES - FRAMES, stat.stored);
	/* What has a frame is in the store no more: it is written whenever it leaves. */
	EXPECT_EQ(0, stat.evict_clean);
	EXPECT_EQ(0, stat.sigbus);
	/* The last place is for touches. */
	range.offset = (PAGES - FRAMES) * self->page;
	EXPECT_EQ(-ENOMEM, call(window, MEMRIG_IOC_PAGE_OUT, &range));
	EXPECT_EQ(MEMRIG_REASON_STORE_FULL, range.reason);
	EXPECT_EQ(0, range.done);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 3));
	window_drop(window, map, PAGES);
}

TEST_F(store, null_keeps_nothing)
{
	struct memrig_window_stat stat;
	int window;
	char *map;

	self->arg.store = MEMRIG_STORE_NULL;
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	stat = window_stat(window);
	EXPECT_EQ(PAGES - FRAMES, stat.evict_dirty);
	EXPECT_EQ(0, stat.stored_bytes);
	for (uint64_t i = PAGES - FRAMES; i < PAGES; i++)
		EXPECT_TRUE(pattern_is(map + i * self->page, i, 1));
	for (uint64_t i = 0; i < PAGES - FRAMES; i++)
		EXPECT_TRUE(page_is_zero(map + i * self->page));
	window_drop(window, map, PAGES);
}

/* ---- files --------------------------------------------------------------------------- */

static void file_arg(struct memrig_window_create *arg, int file)
{
	arg->store = MEMRIG_STORE_FILE;
	arg->store_fd = file;
}

TEST_F(store, a_file_has_the_content_before_and_after)
{
	char *page = malloc(self->page);
	int window;
	char *map;

	for (uint64_t i = 0; i < PAGES; i++) {
		pattern_write(page, i, 1);
		ASSERT_EQ(self->page, pwrite(self->file, page, self->page, i * self->page));
	}
	file_arg(&self->arg, self->file);
	WINDOW_MAKE(self, window, map);
	EXPECT_EQ(MEMRIG_PAGE_STORED, page_state(window, 3));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	EXPECT_EQ(0, window_stat(window).page_outs);
	pattern_fill(map, PAGES, 2);
	ASSERT_EQ(0, page_flush(window, 0, PAGES));
	for (uint64_t i = 0; i < PAGES; i++) {
		ASSERT_EQ(self->page, pread(self->file, page, self->page, i * self->page));
		EXPECT_TRUE(pattern_is(page, i, 2));
	}
	/* What was not flushed goes when the window goes. */
	pattern_fill(map, PAGES, 3);
	window_drop(window, map, PAGES);
	WINDOW_MAKE(self, window, map);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 3));
	window_drop(window, map, PAGES);

	/* From another page of it on, and only so far. */
	self->arg.store_offset = 4 * self->page;
	EXPECT_EQ(-ENOSPC, window_create(self->session, &self->arg));
	self->arg.pages = PAGES - 4;
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	map = mmap(NULL, self->page, PROT_READ, MAP_SHARED, window, 0);
	EXPECT_TRUE(pattern_is(map, 4, 3));
	munmap(map, self->page);
	close(window);
	self->arg.store_offset = 1;
	EXPECT_EQ(-EINVAL, window_create(self->session, &self->arg));
	self->arg.store_offset = -self->page;
	EXPECT_EQ(-EOVERFLOW, window_create(self->session, &self->arg));
	free(page);
}

TEST_F(store, files_that_will_not_do)
{
	int p[2], fd;

	ASSERT_EQ(0, pipe(p));
	file_arg(&self->arg, p[1]);
	EXPECT_EQ(-EINVAL, window_create(self->session, &self->arg));
	self->arg.store_fd = self->session;
	EXPECT_EQ(-EINVAL, window_create(self->session, &self->arg));
	self->arg.store_fd = self->arg.region_fd;
	EXPECT_EQ(-EINVAL, window_create(self->session, &self->arg));
	self->arg.store_fd = open("/tmp", O_RDONLY);
	EXPECT_EQ(-EINVAL, window_create(self->session, &self->arg));
	close(self->arg.store_fd);
	self->arg.store_fd = -1;
	EXPECT_EQ(-EBADF, window_create(self->session, &self->arg));
	fd = open(PATH, O_RDONLY);
	self->arg.store_fd = fd;
	EXPECT_EQ(-EACCES, window_create(self->session, &self->arg));
	close(fd);
	fd = open(PATH, O_WRONLY);
	self->arg.store_fd = fd;
	EXPECT_EQ(-EACCES, window_create(self->session, &self->arg));
	close(fd);
	fd = open(PATH, O_RDWR | O_APPEND);
	self->arg.store_fd = fd;
	EXPECT_EQ(-EINVAL, window_create(self->session, &self->arg));
	close(fd);
	ASSERT_EQ(0, ftruncate(self->file, PAGES * self->page - 1));
	self->arg.store_fd = self->file;
	EXPECT_EQ(-ENOSPC, window_create(self->session, &self->arg));
	close(p[0]);
	close(p[1]);
}

TEST_F(store, a_file_that_is_only_read)
{
	const size_t bytes = PAGES * self->page;
	char *page = malloc(self->page);
	int fd = open(PATH, O_RDONLY), window;
	char *map;

	pattern_write(page, 9, 1);
	ASSERT_EQ(self->page, pwrite(self->file, page, self->page, 9 * self->page));
	file_arg(&self->arg, fd);
	self->arg.flags = MEMRIG_WINDOW_READ_ONLY;
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, window, 0));
	EXPECT_EQ(EACCES, errno);
	map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, window, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	EXPECT_EQ(-1, mprotect(map, bytes, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-EACCES, page_pin(window, 0, 1));
	EXPECT_TRUE(pattern_is(map + 9 * self->page, 9, 1));
	for (uint64_t i = 0; i < PAGES; i++)
		EXPECT_TRUE(touch_read(map + i * self->page));
	EXPECT_EQ(0, page_out(window, 0, PAGES));
	EXPECT_EQ(0, window_stat(window).page_outs);
	window_drop(window, map, PAGES);
	close(fd);
	free(page);
}

/* What is gone from the file cannot be had, the rest can. */
TEST_F(store, a_file_that_is_cut_short)
{
	int window;
	char *map;

	file_arg(&self->arg, self->file);
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0, page_out(window, 0, PAGES));
	ASSERT_EQ(0, ftruncate(self->file, PAGES / 2 * self->page));
	EXPECT_TRUE(pattern_is(map, 0, 1));
	EXPECT_FALSE(touch_read(map + PAGES / 2 * self->page));
	EXPECT_EQ(MEMRIG_REASON_STORE, window_stat(window).last_reason);
	EXPECT_EQ(-EIO, page_in(window, PAGES - 1, 1));
	EXPECT_TRUE(pattern_is(map + self->page, 1, 1));
	ASSERT_EQ(0, ftruncate(self->file, PAGES * self->page));
	EXPECT_TRUE(page_is_zero(map + PAGES / 2 * self->page));
	window_drop(window, map, PAGES);
}

/* A page that has a frame is written behind the cut, and what is before it is zeros then. */
TEST_F(store, a_change_behind_the_cut)
{
	const uint64_t changed = PAGES - 3;
	char *page = malloc(self->page);
	struct stat file;
	int window;
	char *map;

	file_arg(&self->arg, self->file);
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0, page_out(window, 0, PAGES));
	pattern_write(map + changed * self->page, changed, 2);
	ASSERT_EQ(0, ftruncate(self->file, PAGES / 2 * self->page));
	EXPECT_TRUE(pattern_is(map + changed * self->page, changed, 2));
	EXPECT_FALSE(touch_read(map + (changed - 1) * self->page));
	/* It leaves for others that need its frame. */
	for (uint64_t i = 0; i < 2 * FRAMES; i++)
		EXPECT_TRUE(pattern_is(map + i * self->page, i, 1));
	EXPECT_EQ(0, page_state(window, changed) & MEMRIG_PAGE_RESIDENT);
	EXPECT_EQ(0, window_stat(window).out_errors);
	ASSERT_EQ(0, fstat(self->file, &file));
	EXPECT_EQ((changed + 1) * self->page, file.st_size);
	ASSERT_EQ(self->page, pread(self->file, page, self->page, changed * self->page));
	EXPECT_TRUE(pattern_is(page, changed, 2));
	EXPECT_TRUE(pattern_is(map + changed * self->page, changed, 2));
	EXPECT_TRUE(page_is_zero(map + (changed - 1) * self->page));
	EXPECT_FALSE(touch_read(map + (changed + 1) * self->page));

	/* So is one that is only there when the window goes. */
	pattern_write(map + changed * self->page, changed, 3);
	ASSERT_EQ(0, ftruncate(self->file, 0));
	window_drop(window, map, PAGES);
	ASSERT_EQ(0, fstat(self->file, &file));
	EXPECT_EQ((changed + 1) * self->page, file.st_size);
	ASSERT_EQ(self->page, pread(self->file, page, self->page, changed * self->page));
	EXPECT_TRUE(pattern_is(page, changed, 3));
	free(page);
}

/* From another page of the device on; afterwards everything is there, and no more than that. */
TEST_F(store, a_block_device)
{
	const off_t start = 3 * self->page, end = start + PAGES * self->page;
	int disk = open("/dev/ram0", O_RDWR), window;
	char *page = malloc(self->page);
	char *map;

	if (disk < 0)
		SKIP(return, "no block device /dev/ram0 (brd)");
	memset(page, 0x5a, self->page);
	for (off_t at = 0; at <= end; at += self->page)
		ASSERT_EQ(self->page, pwrite(disk, page, self->page, at));
	file_arg(&self->arg, disk);
	self->arg.store_offset = start;
	WINDOW_MAKE(self, window, map);
	/* The window has it open by itself. */
	close(disk);
	EXPECT_EQ(0x5a, map[0]);
	for (uint64_t version = 1; version < 4; version++) {
		pattern_fill(map, PAGES, version);
		EXPECT_EQ(0, pattern_wrong(map, PAGES, version));
	}
	EXPECT_LT(0, window_stat(window).page_outs);
	/* The last of it leaves when the window goes. */
	pattern_fill(map, PAGES, 4);
	window_drop(window, map, PAGES);

	disk = open("/dev/ram0", O_RDONLY);
	ASSERT_GE(disk, 0);
	for (uint64_t i = 0; i < PAGES; i++) {
		ASSERT_EQ(self->page, pread(disk, page, self->page, start + i * self->page));
		EXPECT_TRUE(pattern_is(page, i, 4));
	}
	ASSERT_EQ(self->page, pread(disk, page, self->page, start - self->page));
	EXPECT_TRUE(page[0] == 0x5a && !memcmp(page, page + 1, self->page - 1));
	ASSERT_EQ(self->page, pread(disk, page, self->page, end));
	EXPECT_TRUE(page[0] == 0x5a && !memcmp(page, page + 1, self->page - 1));
	close(disk);
	free(page);
}

/* As far as it gets: all of it, a part, or EFAULT; an answer in any case, and not an empty one. */
static void check_answer(ssize_t n)
{
	ssize_t all = PAGES * page_size();

	CHECK(n == -1 ? errno == EFAULT : n > 0 && n <= all);
}

static int write_into_itself(void *arg)
{
	struct memrig_window_create *create = arg;
	size_t bytes = PAGES * page_size();
	int window = create->fd;
	char *map = window_map(window, PAGES);
	uint64_t failed = 0;
	ssize_t n;

	CHECK(map != MAP_FAILED);
	for (int i = 0; i < 3; i++) {
		pattern_fill(map, PAGES, i + 1);
		n = pwrite(create->store_fd, map, bytes, 0);
		check_answer(n);
		/* Only because a touch was given up. */
		CHECK(n == bytes || window_stat(window).sigbus > failed);
		failed = window_stat(window).sigbus;
		n = pread(create->store_fd, map, bytes, 0);
		check_answer(n);
		CHECK(n == bytes || window_stat(window).sigbus > failed);
		failed = window_stat(window).sigbus;
	}
	return 0;
}

TEST_F(store, a_window_written_into_its_own_store)
{
	char *page = malloc(self->page);
	int window;
	char *map;

	file_arg(&self->arg, self->file);
	self->arg.store_timeout_ns = 500 * MSEC;
	self->arg.frame_timeout_ns = 100 * MSEC;
	WINDOW_MAKE(self, window, map);
	self->arg.fd = window;
	EXPECT_EQ(0, in_child(write_into_itself, &self->arg));
	pattern_fill(map, PAGES, 9);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 9));
	window_drop(window, map, PAGES);
	for (uint64_t i = 0; i < PAGES; i++) {
		ASSERT_EQ(self->page, pread(self->file, page, self->page, i * self->page));
		EXPECT_TRUE(pattern_is(page, i, 9));
	}
	free(page);
}

TEST_HARNESS_MAIN
