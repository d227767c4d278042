// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The kernel working on region memory through a mapping: vmsplice, O_DIRECT, io_uring buffers,
 * process_vm_readv, ptrace. Works where MEMRIG_REGION_STATE_GUP says so and is refused, harmlessly,
 * elsewhere. Pages that are still held when the region goes outlive it.
 */
#include <linux/io_uring.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "offers.h"
#include "uring.h"

#define LENGTH (64 * KIB)

FIXTURE(gup)
{
	int session;
	int fd;
	bool gup;
	char *map;
};

FIXTURE_OFFERS(gup);

FIXTURE_SETUP(gup)
{
	self->session = session_open();
	self->map = region_mapped_as(self->session, variant->of.kind, variant->of.attr, LENGTH,
				     &self->fd);
	ASSERT_TRUE(self->map != MAP_FAILED);
	self->gup = region_info(self->fd).flags & MEMRIG_REGION_STATE_GUP;
	for (size_t i = 0; i < LENGTH; i++)
		self->map[i] = i % 251;
}

FIXTURE_TEARDOWN(gup)
{
	close(self->fd);
	close(self->session);
}

/* The bit in the info is what CAPS promises for pages, and never set for DMA memory. */
TEST_F(gup, promise_matches_caps)
{
	uint32_t attrs = caps_get(self->session).gup_attrs;
	bool promised = variant->of.kind == MEMRIG_KIND_PAGES && (attrs & (1u << variant->of.attr));

	EXPECT_EQ(promised, self->gup);
}

TEST_F(gup, process_vm_readv)
{
	char copy[4096] = { 0 };
	struct iovec local = { copy, sizeof(copy) };
	struct iovec remote = { self->map + 4096, sizeof(copy) };
	ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

	if (!self->gup) {
		EXPECT_EQ(-1, n);
		EXPECT_EQ(EFAULT, errno);
		return;
	}
	ASSERT_EQ(sizeof(copy), n);
	EXPECT_EQ(0, memcmp(copy, self->map + 4096, sizeof(copy)));
	memset(copy, 0x77, sizeof(copy));
	ASSERT_EQ(sizeof(copy), process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_EQ(0x77, self->map[4096 + 100]);
}

TEST_F(gup, proc_mem)
{
	int mem = open("/proc/self/mem", O_RDWR);
	uint32_t value = 0;
	ssize_t n;

	ASSERT_GE(mem, 0);
	n = pread(mem, &value, sizeof(value), (off_t)(uintptr_t)self->map + 4);
	if (n == sizeof(value))
		EXPECT_EQ(0, memcmp(&value, self->map + 4, sizeof(value)));
	/* Frame-number mappings: through an access method of the driver, or not at all. */
	if (self->gup)
		EXPECT_EQ(sizeof(value), n);
	value = 0x5aa5c33c;
	n = pwrite(mem, &value, sizeof(value), (off_t)(uintptr_t)self->map + 8);
	if (n == sizeof(value))
		EXPECT_EQ(0, memcmp(&value, self->map + 8, sizeof(value)));
	if (self->gup)
		EXPECT_EQ(sizeof(value), n);
}

TEST_F(gup, ptrace_peek)
{
	pid_t pid = fork();
	long word;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, self->map + 16, 0);
	if (self->gup)
		EXPECT_EQ(0, errno);
	if (!errno)
		EXPECT_EQ(0, memcmp(&word, self->map + 16, sizeof(word)));
	ptrace(PTRACE_CONT, pid, 0, 0);
	EXPECT_EQ(0, child_wait(pid));
}

static ssize_t splice_pages(int pipe_fd, char *from, size_t bytes)
{
	struct iovec iov = { from, bytes };

	return vmsplice(pipe_fd, &iov, 1, 0) < 0 ? -errno : (ssize_t)bytes;
}

/* A page in a pipe outlives the mapping, the descriptor and the region; its content is intact. */
TEST_F(gup, spliced_pages_outlive_the_region)
{
	uint64_t used = used_bytes(self->session);
	char got[4096];
	int p[2];
	ssize_t n;

	ASSERT_EQ(0, pipe(p));
	n = splice_pages(p[1], self->map + 2 * 4096, 4096);
	if (!self->gup) {
		EXPECT_EQ(-EFAULT, n);
		return;
	}
	ASSERT_EQ(4096, n);
	munmap(self->map, LENGTH);
	close(self->fd);
	/* Others come and go over the same memory meanwhile. */
	for (int i = 0; i < 4; i++) {
		int other;
		char *map = region_mapped(self->session, LENGTH, &other);

		ASSERT_TRUE(map != MAP_FAILED);
		memset(map, 0xcc, LENGTH);
		munmap(map, LENGTH);
		close(other);
	}
	ASSERT_EQ(4096, read(p[0], got, sizeof(got)));
	for (size_t i = 0; i < sizeof(got); i++)
		ASSERT_EQ((char)((2 * 4096 + i) % 251), got[i]);
	close(p[0]);
	close(p[1]);
	EXPECT_EQ(used - LENGTH, used_bytes(self->session));
}

static int splice_and_die(void *arg)
{
	char **ctx = arg;

	if (splice_pages(*(int *)ctx[1], ctx[0], 4096) == 4096)
		raise(SIGKILL);
	return 1;
}

TEST_F(gup, spliced_by_a_killed_process)
{
	char got[4096];
	int p[2];
	char *ctx[2] = { self->map, (char *)&p[1] };

	ASSERT_EQ(0, pipe(p));
	if (!self->gup) {
		EXPECT_EQ(1, in_child(splice_and_die, ctx));
		return;
	}
	EXPECT_EQ(128 + SIGKILL, in_child(splice_and_die, ctx));
	munmap(self->map, LENGTH);
	close(self->fd);
	ASSERT_EQ(4096, read(p[0], got, sizeof(got)));
	EXPECT_EQ(100, got[100]);
}

TEST_F(gup, direct_io)
{
	int disk = open("/dev/ram0", O_RDWR | O_DIRECT);
	char *plain;
	ssize_t n;

	if (disk < 0)
		SKIP(return, "no block device /dev/ram0 (brd)");
	n = pwrite(disk, self->map, LENGTH, 0);
	if (!self->gup) {
		EXPECT_EQ(-1, n);
		EXPECT_EQ(EFAULT, errno);
		return;
	}
	ASSERT_EQ(LENGTH, n);
	ASSERT_EQ(0, posix_memalign((void **)&plain, 4096, LENGTH));
	ASSERT_EQ(LENGTH, pread(disk, plain, LENGTH, 0));
	EXPECT_EQ(0, memcmp(plain, self->map, LENGTH));
	for (size_t i = 0; i < LENGTH; i++)
		plain[i] = i % 13;
	ASSERT_EQ(LENGTH, pwrite(disk, plain, LENGTH, 0));
	ASSERT_EQ(LENGTH, pread(disk, self->map, LENGTH, 0));
	EXPECT_EQ(0, memcmp(plain, self->map, LENGTH));
	free(plain);
	close(disk);
}

/* A long-term pin: must work or be refused, and never loop (the test has a timeout). */
TEST_F(gup, io_uring_buffers)
{
	struct io_uring_params params = { 0 };
	struct iovec iov = { self->map, LENGTH };
	int ring = syscall(SYS_io_uring_setup, 4, &params);
	uint64_t used = used_bytes(self->session);
	int ret;

	if (ring < 0)
		SKIP(return, "io_uring_setup: %s", strerror(errno));
	ret = syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1);
	if (!self->gup) {
		EXPECT_EQ(-1, ret);
		EXPECT_EQ(EFAULT, errno);
		return;
	}
	if (ret && uring_refuses_files()) {
		EXPECT_EQ(EOPNOTSUPP, errno);
		EXPECT_EQ(100, self->map[100]);
		return;
	}
	ASSERT_EQ(0, ret);
	munmap(self->map, LENGTH);
	close(self->fd);
	EXPECT_GE(used, used_bytes(self->session));
	close(ring);
}

/* Ordinary system calls copy to and from any mapping. */
TEST_F(gup, plain_copies)
{
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(4096, write(p[1], self->map, 4096));
	ASSERT_EQ(4096, read(p[0], self->map + 8192, 4096));
	EXPECT_EQ(0, memcmp(self->map, self->map + 8192, 4096));
}

TEST_HARNESS_MAIN
