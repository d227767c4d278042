// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * POWERED regions: a suspended one is SIGBUS for everybody, however he got his mapping; its content
 * and the heaps over it do not notice.
 */
#include <linux/io_uring.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "offers.h"
#include "touch.h"

#define LENGTH (256 * KIB)
#define RW     (PROT_READ | PROT_WRITE)

FIXTURE(power)
{
	int session;
	int fd;
	size_t page;
	char *map;
};

FIXTURE_OFFERS_OF(power, MEMRIG_KIND_PAGES);

FIXTURE_SETUP(power)
{
	self->page = page_size();
	self->session = session_open();
	self->fd = region_with(self->session, variant->of.kind, variant->of.attr, LENGTH,
			       MEMRIG_ATTRS_POWERED);
	ASSERT_GE(self->fd, 0);
	self->map = mmap(NULL, LENGTH, RW, MAP_SHARED, self->fd, 0);
	ASSERT_TRUE(self->map != MAP_FAILED);
	for (size_t i = 0; i < LENGTH; i++)
		self->map[i] = i % 251;
}

FIXTURE_TEARDOWN(power)
{
	close(self->fd);
	close(self->session);
}

static bool intact(const char *map)
{
	for (size_t i = 0; i < LENGTH; i++)
		if (map[i] != (char)(i % 251))
			return false;
	return true;
}

/* How many pages of a mapping can be touched. */
static size_t pages_on(char *map, size_t length)
{
	size_t on = 0;

	for (size_t i = 0; i < length; i += page_size())
		on += touch_read(map + i) && touch_write(map + i + 8);
	return on;
}

TEST_F(power, a_touch_is_sigbus_until_resume)
{
	const size_t pages = LENGTH / self->page;

	EXPECT_EQ(0, region_info(self->fd).suspends);
	for (uint64_t round = 1; round < 4; round++) {
		EXPECT_EQ(pages, pages_on(self->map, LENGTH));
		ASSERT_EQ(0, region_suspend(self->fd, 0));
		EXPECT_TRUE(region_info(self->fd).flags & MEMRIG_REGION_STATE_SUSPENDED);
		EXPECT_EQ(0, pages_on(self->map, LENGTH));
		EXPECT_EQ(round, region_info(self->fd).suspends);
		ASSERT_EQ(0, region_resume(self->fd));
		EXPECT_FALSE(region_info(self->fd).flags & MEMRIG_REGION_STATE_SUSPENDED);
		EXPECT_TRUE(intact(self->map));
	}
}

TEST_F(power, content_that_is_lost)
{
	ASSERT_EQ(0, region_suspend(self->fd, MEMRIG_SUSPEND_LOSE));
	EXPECT_EQ(0, pages_on(self->map, LENGTH));
	ASSERT_EQ(0, region_resume(self->fd));
	for (size_t i = 0; i < LENGTH; i++)
		ASSERT_EQ((char)0xa5, self->map[i]);
}

/* ---- who else has it mapped ---------------------------------------------------------- */

/* Says in turn what it can touch of @map, each time it is asked; 0 to end. */
static pid_t witness(char *map, int sock)
{
	pid_t pid = fork();
	char word;

	if (pid)
		return pid;
	while (read(sock, &word, 1) == 1 && word) {
		word = pages_on(map, LENGTH) == LENGTH / page_size();
		CHECK(word || !pages_on(map, LENGTH));
		CHECK(write(sock, &word, 1) == 1);
	}
	_exit(0);
}

static int ask(int sock)
{
	char word = 1;

	if (write(sock, &word, 1) != 1 || read(sock, &word, 1) != 1)
		return -1;
	return word;
}

TEST_F(power, every_process)
{
	char *own = mmap(NULL, LENGTH, RW, MAP_SHARED, self->fd, 0);
	int socks[3][2];
	pid_t pids[3];

	ASSERT_TRUE(own != MAP_FAILED);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, socks[i]));
		/* The last is born while it is off. */
		if (i == 2)
			ASSERT_EQ(0, region_suspend(self->fd, 0));
		pids[i] = witness(i ? self->map : own, socks[i][1]);
		EXPECT_EQ(i < 2, ask(socks[i][0]));
	}
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, ask(socks[i][0]));
	ASSERT_EQ(0, region_resume(self->fd));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(1, ask(socks[i][0]));
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	for (int i = 0; i < 3; i++) {
		char end = 0;

		EXPECT_EQ(0, ask(socks[i][0]));
		ASSERT_EQ(1, write(socks[i][0], &end, 1));
		EXPECT_EQ(0, child_wait(pids[i]));
	}
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_TRUE(intact(self->map));
}

TEST_F(power, mapped_while_it_is_off)
{
	char *plain, *populated;

	ASSERT_EQ(0, region_suspend(self->fd, 0));
	plain = mmap(NULL, LENGTH, RW, MAP_SHARED, self->fd, 0);
	populated = mmap(NULL, LENGTH, RW, MAP_SHARED | MAP_POPULATE, self->fd, 0);
	ASSERT_TRUE(plain != MAP_FAILED);
	ASSERT_TRUE(populated != MAP_FAILED);
	EXPECT_EQ(3, region_info(self->fd).mappings);
	EXPECT_EQ(0, pages_on(plain, LENGTH));
	EXPECT_EQ(0, pages_on(populated, LENGTH));
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_TRUE(intact(plain));
	EXPECT_TRUE(intact(populated));
}

TEST_F(power, mapped_with_populate_before)
{
	char *map = mmap(NULL, LENGTH, RW, MAP_SHARED | MAP_POPULATE, self->fd, 0);

	ASSERT_TRUE(map != MAP_FAILED);
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	EXPECT_EQ(0, pages_on(map, LENGTH));
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_TRUE(intact(map));
}

TEST_F(power, moved_and_cut_mappings)
{
	char *room = mmap(NULL, 2 * LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const size_t pages = LENGTH / self->page;
	char *map;

	ASSERT_TRUE(room != MAP_FAILED);
	map = mremap(self->map, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, room + LENGTH);
	ASSERT_TRUE(map != MAP_FAILED);
	ASSERT_EQ(0, munmap(map + 2 * self->page, self->page));
	ASSERT_EQ(0, mprotect(map + 8 * self->page, self->page, PROT_READ));
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	for (size_t i = 0; i < pages; i++)
		if (i != 2)
			EXPECT_FALSE(touch_read(map + i * self->page));
	/* Moved while it is off. */
	map = mremap(map + 16 * self->page, 16 * self->page, 16 * self->page,
		     MREMAP_MAYMOVE | MREMAP_FIXED, room);
	ASSERT_TRUE(map == room);
	EXPECT_EQ(0, pages_on(map, 16 * self->page));
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_EQ((char)(17 * self->page % 251), map[self->page]);
	EXPECT_EQ((char)(3 * self->page % 251), room[LENGTH + 3 * self->page]);
}

/* Whoever lets the kernel touch it learns that by an errno. */
TEST_F(power, system_calls)
{
	char buf[4096] = { 0 };
	struct iovec local = { buf, sizeof(buf) }, remote = { self->map, sizeof(buf) };
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(4096, write(p[1], buf, sizeof(buf)));
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	EXPECT_EQ(-1, write(p[1], self->map, 4096));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, read(p[0], self->map, 4096));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, syscall(SYS_vmsplice, p[1], &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	/* An argument of ours within it, too. */
	EXPECT_EQ(-EFAULT, call(self->fd, MEMRIG_IOC_REGION_INFO, self->map));
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_TRUE(intact(self->map));
}

TEST_F(power, no_type_while_it_is_off)
{
	struct memrig_attr_query on = ARG(memrig_attr_query, .user_addr = (uintptr_t)self->map);
	struct memrig_attr_query off = on;

	ASSERT_EQ(0, call(self->fd, MEMRIG_IOC_ATTR_QUERY, &on));
	EXPECT_NE(MEMRIG_MEMTYPE_NONE, on.user_type);
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	ASSERT_EQ(0, call(self->fd, MEMRIG_IOC_ATTR_QUERY, &off));
	EXPECT_EQ(MEMRIG_MEMTYPE_NONE, off.user_type);
	EXPECT_EQ(on.alias_type, off.alias_type);
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_TRUE(touch_read(self->map));
	ASSERT_EQ(0, call(self->fd, MEMRIG_IOC_ATTR_QUERY, &off));
	EXPECT_EQ(on.user_type, off.user_type);
}

/* ---- who holds its pages ------------------------------------------------------------- */

TEST_F(power, busy_while_pages_are_in_a_pipe)
{
	struct iovec iov = { self->map + self->page, self->page };
	char got[16384];
	int p[2];

	ASSERT_EQ(0, pipe(p));
	if (syscall(SYS_vmsplice, p[1], &iov, 1, 0) < 0) {
		/* Without pages behind the mapping there is nothing to hold. */
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(0, region_suspend(self->fd, 0));
		return;
	}
	EXPECT_EQ(-EBUSY, region_suspend(self->fd, 0));
	EXPECT_EQ(-EBUSY, region_suspend(self->fd, MEMRIG_SUSPEND_LOSE));
	EXPECT_EQ(-EALREADY, region_resume(self->fd));
	EXPECT_EQ(0, region_info(self->fd).suspends);
	EXPECT_TRUE(intact(self->map));
	ASSERT_EQ(self->page, read(p[0], got, self->page));
	EXPECT_EQ(0, region_suspend(self->fd, 0));
	EXPECT_FALSE(touch_read(self->map));
}

/* Registered buffers are let go some time after their ring. */
static int suspend_within(int fd, int seconds)
{
	int ret;

	for (int i = 0; i < seconds * 100; i++) {
		ret = region_suspend(fd, 0);
		if (ret != -EBUSY)
			return ret;
		usleep(10000);
	}
	return ret;
}

TEST_F(power, busy_while_buffers_are_registered)
{
	struct io_uring_params params = { 0 };
	struct iovec iov = { self->map, LENGTH };
	int ring = syscall(SYS_io_uring_setup, 4, &params);
	int ret;

	if (ring < 0)
		SKIP(return, "io_uring_setup: %s", strerror(errno));
	ret = syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1);
	EXPECT_EQ(ret ? 0 : -EBUSY, region_suspend(self->fd, 0));
	EXPECT_EQ(!ret, touch_read(self->map));
	close(ring);
	if (!ret)
		EXPECT_EQ(0, suspend_within(self->fd, 20));
	EXPECT_FALSE(touch_read(self->map));
}

TEST_F(power, direct_io)
{
	int disk = open("/dev/ram0", O_RDWR | O_DIRECT);
	ssize_t n;

	if (disk < 0)
		SKIP(return, "no block device /dev/ram0 (brd)");
	n = pwrite(disk, self->map, LENGTH, 0);
	EXPECT_TRUE(n == LENGTH || (n < 0 && errno == EFAULT));
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	EXPECT_EQ(-1, pwrite(disk, self->map, LENGTH, 0));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_EQ(n, pwrite(disk, self->map, LENGTH, 0));
	close(disk);
}

/* ---- the end ------------------------------------------------------------------------- */

TEST_F(power, dies_while_it_is_off)
{
	uint64_t used = used_bytes(self->session);
	int other;
	char *map;

	ASSERT_EQ(0, region_suspend(self->fd, 0));
	close(self->fd);
	EXPECT_FALSE(touch_read(self->map));
	EXPECT_EQ(used, used_bytes(self->session));
	munmap(self->map, LENGTH);
	EXPECT_EQ(used - LENGTH, used_bytes(self->session));
	/* The memory is as good as any. */
	map = region_mapped(self->session, LENGTH, &other);
	ASSERT_TRUE(map != MAP_FAILED);
	EXPECT_EQ(0, map[LENGTH / 2]);
	self->fd = other;
}

TEST_HARNESS_MAIN
