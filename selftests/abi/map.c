// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Mapping regions: what mmap accepts, what happens to a mapping afterwards (fork, mremap, munmap,
 * mprotect, madvise, closing the descriptor), for page-backed and frame-number mappings alike.
 */
#include "offers.h"

#define LENGTH (64 * KIB)
#define RW     (PROT_READ | PROT_WRITE)

FIXTURE(map)
{
	int session;
	int fd;
	size_t page;
	char *map;
};

FIXTURE_OFFERS(map);

FIXTURE_SETUP(map)
{
	self->page = page_size();
	self->session = session_open();
	self->map = region_mapped_as(self->session, variant->of.kind, variant->of.attr, LENGTH,
				     &self->fd);
	ASSERT_TRUE(self->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(map)
{
	close(self->fd);
	close(self->session);
}

static int mmap_error(int fd, size_t length, int prot, int flags, off_t offset)
{
	void *map = mmap(NULL, length, prot, flags, fd, offset);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, length);
	return 0;
}

static bool absurd(int error)
{
	return error == -EINVAL || error == -EOVERFLOW || error == -ENOMEM;
}

TEST_F(map, bounds)
{
	size_t page = self->page;

	EXPECT_EQ(0, mmap_error(self->fd, LENGTH, RW, MAP_SHARED, 0));
	EXPECT_EQ(0, mmap_error(self->fd, page, RW, MAP_SHARED, LENGTH - page));
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, LENGTH + page, RW, MAP_SHARED, 0));
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, page, RW, MAP_SHARED, LENGTH));
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, 2 * page, RW, MAP_SHARED, LENGTH - page));
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, page, RW, MAP_SHARED, LENGTH + page));
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, LENGTH, RW, MAP_SHARED, page));
	EXPECT_TRUE(absurd(mmap_error(self->fd, page, RW, MAP_SHARED, 1L << 50)));
	EXPECT_TRUE(absurd(mmap_error(self->fd, page, RW, MAP_SHARED, -(off_t)page)));
	EXPECT_TRUE(absurd(mmap_error(self->fd, 2 * page, RW, MAP_SHARED, -(off_t)page)));
	EXPECT_TRUE(absurd(mmap_error(self->fd, 1UL << 40, RW, MAP_SHARED, 0)));
	EXPECT_EQ(1, region_info(self->fd).mappings);
}

TEST_F(map, private_refused)
{
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, LENGTH, RW, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, LENGTH, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, mmap_error(self->fd, self->page, PROT_NONE, MAP_PRIVATE, 0));
}

TEST_F(map, two_mappings_one_memory)
{
	char *second = mmap(NULL, self->page, RW, MAP_SHARED, self->fd, LENGTH - self->page);

	ASSERT_TRUE(second != MAP_FAILED);
	memset(self->map, 0x11, LENGTH);
	EXPECT_EQ(0x11, second[5]);
	second[5] = 0x22;
	EXPECT_EQ(0x22, self->map[LENGTH - self->page + 5]);
	EXPECT_EQ(2, region_info(self->fd).mappings);
	munmap(second, self->page);
	EXPECT_EQ(1, region_info(self->fd).mappings);
}

static int write_in_child(void *arg)
{
	char *map = arg;

	CHECK(map[0] == 'p');
	map[1] = 'c';
	/* And a page the parent never touched. */
	map[LENGTH - 1] = 'n';
	return 0;
}

TEST_F(map, fork_shares)
{
	self->map[0] = 'p';
	ASSERT_EQ(0, in_child(write_in_child, self->map));
	EXPECT_EQ('c', self->map[1]);
	EXPECT_EQ('n', self->map[LENGTH - 1]);
	EXPECT_EQ(1, region_info(self->fd).mappings);
}

TEST_F(map, outlives_descriptors)
{
	uint64_t used = used_bytes(self->session);

	self->map[7] = 7;
	close(self->fd);
	EXPECT_EQ(used, used_bytes(self->session));
	EXPECT_EQ(7, self->map[7]);
	self->map[LENGTH - 1] = 8;
	EXPECT_EQ(8, self->map[LENGTH - 1]);
	munmap(self->map, LENGTH);
	EXPECT_EQ(used - LENGTH, used_bytes(self->session));
}

TEST_F(map, mremap_cannot_grow)
{
	char *grown = mremap(self->map, LENGTH, 2 * LENGTH, MREMAP_MAYMOVE);

	EXPECT_TRUE(grown == MAP_FAILED);
	EXPECT_EQ(EFAULT, errno);
	/* Nor duplicate itself: an old length of 0 grows too. */
	grown = mremap(self->map, 0, LENGTH, MREMAP_MAYMOVE);
	EXPECT_TRUE(grown == MAP_FAILED);
	self->map[LENGTH - 1] = 1;
	EXPECT_EQ(1, region_info(self->fd).mappings);
}

TEST_F(map, mremap_moves)
{
	char *target = mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *moved;

	ASSERT_TRUE(target != MAP_FAILED);
	self->map[3] = 3;
	moved = mremap(self->map, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, target);
	ASSERT_TRUE(moved == target);
	EXPECT_EQ(3, moved[3]);
	moved[LENGTH - 1] = 4;
	EXPECT_EQ(4, moved[LENGTH - 1]);
	EXPECT_EQ(1, region_info(self->fd).mappings);
	munmap(moved, LENGTH);
	EXPECT_EQ(0, region_info(self->fd).mappings);
}

TEST_F(map, mremap_shrinks)
{
	char *shrunk;

	memset(self->map, 9, LENGTH);
	shrunk = mremap(self->map, LENGTH, LENGTH / 2, 0);
	ASSERT_TRUE(shrunk == self->map);
	EXPECT_EQ(9, shrunk[LENGTH / 2 - 1]);
	EXPECT_EQ(0, mmap_error(self->fd, LENGTH, RW, MAP_SHARED, 0));
}

TEST_F(map, partial_munmap)
{
	char *tail = self->map + 3 * self->page;

	memset(self->map, 5, LENGTH);
	ASSERT_EQ(0, munmap(self->map + self->page, 2 * self->page));
	EXPECT_EQ(2, region_info(self->fd).mappings);
	EXPECT_EQ(5, self->map[self->page - 1]);
	EXPECT_EQ(5, tail[0]);
	tail[0] = 6;
	/* The two halves still name the right offsets. */
	char *again = mmap(NULL, LENGTH, RW, MAP_SHARED, self->fd, 0);

	ASSERT_TRUE(again != MAP_FAILED);
	EXPECT_EQ(6, again[3 * self->page]);
	EXPECT_EQ(5, again[self->page]);
}

static int write_to(void *arg)
{
	*(volatile char *)arg = 1;
	return 0;
}

TEST_F(map, mprotect_bites)
{
	ASSERT_EQ(0, mprotect(self->map + self->page, self->page, PROT_READ));
	self->map[0] = 1;
	EXPECT_EQ(0, self->map[self->page]);
	EXPECT_EQ(128 + SIGSEGV, in_child(write_to, self->map + self->page));
	ASSERT_EQ(0, mprotect(self->map + self->page, self->page, RW));
	self->map[self->page] = 2;
	EXPECT_EQ(2, self->map[self->page]);
}

TEST_F(map, madvise_loses_nothing)
{
	const int advice[] = { MADV_NORMAL,
			       MADV_RANDOM,
			       MADV_SEQUENTIAL,
			       MADV_WILLNEED,
			       MADV_DONTNEED,
			       MADV_FREE,
			       MADV_REMOVE,
			       MADV_MERGEABLE,
			       MADV_HUGEPAGE,
			       MADV_NOHUGEPAGE,
			       20 /* COLD */,
			       21 /* PAGEOUT */,
			       22 /* POPULATE_READ */,
			       23 /* POPULATE_WRITE */,
			       24,
			       25 };

	for (size_t i = 0; i < LENGTH; i++)
		self->map[i] = i * 7;
	for (size_t a = 0; a < ARRAY_SIZE(advice); a++) {
		(void)!madvise(self->map, LENGTH, advice[a]); /* accepted or not: no harm */
		for (size_t i = 0; i < LENGTH; i += 61)
			ASSERT_EQ((char)(i * 7), self->map[i]);
	}
	(void)!mlock(self->map, LENGTH);
	(void)!msync(self->map, LENGTH, MS_SYNC);
	(void)!munlock(self->map, LENGTH);
	EXPECT_EQ(7, self->map[1]);
}

TEST_F(map, not_inherited_when_asked)
{
	ASSERT_EQ(0, madvise(self->map, LENGTH, MADV_DONTFORK));
	self->map[0] = 1;
	EXPECT_EQ(128 + SIGSEGV, in_child(write_to, self->map));
}

/* Flags of the mapping: shared, not expandable, not in core dumps. */
TEST_F(map, vma_flags)
{
	static char smaps[1 << 18];
	char start[32], *line;

	self->map[0] = 1;
	ASSERT_GT(file_read("/proc/self/smaps", smaps, sizeof(smaps)), 0);
	snprintf(start, sizeof(start), "%lx-", (unsigned long)self->map);
	line = strstr(smaps, start);
	ASSERT_NE(NULL, line);
	line = strstr(line, "VmFlags:");
	if (!line)
		SKIP(return, "no VmFlags in smaps (CONFIG_PROC_PAGE_MONITOR)");
	*strchr(line, '\n') = '\0';
	EXPECT_NE(NULL, strstr(line, " sh"));
	EXPECT_NE(NULL, strstr(line, " de"));
	EXPECT_NE(NULL, strstr(line, " dd"));
	/* Frame-number mappings say so, page-backed ones must not. */
	EXPECT_EQ(!(region_info(self->fd).flags & MEMRIG_REGION_STATE_GUP), !!strstr(line, " pf"));
}

TEST_F(map, not_a_stream)
{
	char byte = 0;

	EXPECT_EQ(-1, read(self->fd, &byte, 1));
	EXPECT_EQ(-1, write(self->fd, &byte, 1));
	EXPECT_EQ(-1, ftruncate(self->fd, 0));
	EXPECT_EQ(LENGTH, region_info(self->fd).length);
}

TEST(only_regions_map)
{
	int session = session_open();
	int region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);

	ASSERT_GE(heap, 0);
	EXPECT_EQ(-ENODEV, mmap_error(session, LENGTH, RW, MAP_SHARED, 0));
	EXPECT_EQ(-ENODEV, mmap_error(heap, LENGTH, RW, MAP_SHARED, 0));
}

/* Many mappings in many processes that come and go while pages are touched. */
static int map_and_touch(void *arg)
{
	int fd = *(int *)arg;

	for (int i = 0; i < 20; i++) {
		char *map = mmap(NULL, LENGTH, RW, MAP_SHARED, fd, 0);

		CHECK(map != MAP_FAILED);
		for (size_t off = 0; off < LENGTH; off += 4096)
			map[off + getpid() % 4096] = i;
		munmap(map, LENGTH);
	}
	return 0;
}

TEST_F(map, many_processes)
{
	pid_t pids[4];

	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(map_and_touch(&self->fd));
	}
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	EXPECT_EQ(1, region_info(self->fd).mappings);
}

TEST_HARNESS_MAIN
