// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pages of a window that somebody holds: in a pipe, for O_DIRECT, as io_uring buffers. They keep
 * their frames, and lose nothing.
 */
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "touch.h"
#include "uring.h"
#include "window_fixture.h"

#define FRAMES 16
#define PAGES  64

WINDOW_FIXTURE(held);

FIXTURE_SETUP(held)
{
	WINDOW_SETUP(self);
	ASSERT_EQ(0, window_policy(self->fd, MEMRIG_POLICY_FIFO));
}

FIXTURE_TEARDOWN(held)
{
	close(self->fd);
	close(self->session);
}

TEST_F(held, pages_in_a_pipe_stay)
{
	struct iovec iov = { self->map, 2 * self->page };
	char *copy = malloc(2 * self->page);
	uint64_t done;
	int p[2];

	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(2 * self->page, vmsplice(p[1], &iov, 1, 0));
	EXPECT_EQ(-EBUSY, page_call(self->fd, MEMRIG_IOC_PAGE_OUT, 0, PAGES, &done));
	EXPECT_EQ(0, done);
	pattern_fill(self->map, PAGES, 2);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 2));
	EXPECT_TRUE(page_state(self->fd, 0) & MEMRIG_PAGE_RESIDENT);
	EXPECT_LT(0, window_stat(self->fd).held);
	ASSERT_EQ(2 * self->page, read(p[0], copy, 2 * self->page));
	EXPECT_TRUE(pattern_is(copy, 0, 2));
	EXPECT_TRUE(pattern_is(copy + self->page, 1, 2));
	EXPECT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 2));

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
TEST_F(held, held_frames_are_not_lent)
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
TEST_F(held, all_frames_held)
{
	struct iovec iov = { self->map, FRAMES * self->page };
	uint64_t start, took, waits;
	int p[2];

	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_in(self->fd, 0, FRAMES));
	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(FRAMES * self->page, vmsplice(p[1], &iov, 1, 0));
	waits = window_stat(self->fd).waits;
	start = now_ns();
	EXPECT_FALSE(touch_read(self->map + FRAMES * self->page));
	took = now_ns() - start;
	printf("# %llu ms\n", (unsigned long long)(took / MSEC));
	/* A second, twice. */
	EXPECT_LE(1900 * MSEC, took);
	EXPECT_EQ(waits + 2, window_stat(self->fd).waits);
	EXPECT_EQ(MEMRIG_REASON_FRAMES, window_stat(self->fd).last_reason);
	close(p[0]);
	close(p[1]);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

TEST_F(held, direct_io)
{
	const size_t bytes = PAGES * self->page;
	int disk = open("/dev/ram0", O_RDWR | O_DIRECT);
	char *from = self->map;

	if (disk < 0)
		SKIP(return, "no block device /dev/ram0 (brd)");
	/* Not all of it at once: pages that a request holds need frames. */
	pattern_fill(self->map, PAGES, 1);
	for (size_t at = 0; at < bytes; at += 4 * self->page)
		ASSERT_EQ(4 * self->page, pwrite(disk, from + at, 4 * self->page, at));
	pattern_fill(self->map, PAGES, 2);
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	for (size_t at = 0; at < bytes; at += 4 * self->page)
		ASSERT_EQ(4 * self->page, pread(disk, from + at, 4 * self->page, at));
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	close(disk);
}

TEST_F(held, io_uring_buffers)
{
	struct io_uring_params params = { 0 };
	struct iovec iov = { self->map, 4 * self->page };
	int ring = syscall(SYS_io_uring_setup, 4, &params);
	int ret;

	if (ring < 0)
		SKIP(return, "io_uring_setup: %s", strerror(errno));
	pattern_fill(self->map, PAGES, 1);
	ret = syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1);
	if (ret && uring_refuses_files()) {
		EXPECT_EQ(EOPNOTSUPP, errno);
		close(ring);
		return;
	}
	ASSERT_EQ(0, ret);
	EXPECT_EQ(-EBUSY, page_out(self->fd, 0, 4));
	pattern_fill(self->map, PAGES, 2);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 2));
	EXPECT_EQ(FRAMES, window_stat(self->fd).resident);
	close(ring);
	for (int i = 0; i < 100 && page_out(self->fd, 0, 4); i++)
		sleep_ms(20);
	EXPECT_EQ(0, page_out(self->fd, 0, 4));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 2));
}

TEST_HARNESS_MAIN
