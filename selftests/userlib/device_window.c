// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows through the library, on the real device.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device_window.h"

TEST_F(window, holds_more_than_it_has_frames)
{
	struct memrig_window_stat stat;

	EXPECT_EQ(PAGES * self->page, memrig_window_length(self->window));
	for (int i = 0; i < PAGES; i++)
		memset(self->at + i * self->page, i + 1, self->page);
	for (int i = 0; i < PAGES; i++)
		for (uint64_t n = 0; n < self->page; n += 512)
			ASSERT_EQ(i + 1, self->at[i * self->page + n]);
	stat = stat_of(self->window);
	EXPECT_EQ(FRAMES, stat.frames);
	EXPECT_EQ(PAGES, stat.pages);
	EXPECT_EQ(2 * PAGES, stat.faults);
	EXPECT_EQ(PAGES, stat.evict_dirty);
	EXPECT_EQ(PAGES - FRAMES, stat.evict_clean);
	EXPECT_EQ(MEMRIG_POLICY_FIFO, stat.policy);
	ASSERT_EQ(0, memrig_window_stat(self->window, MEMRIG_WINDOW_STAT_RESET, &stat));
	EXPECT_EQ(2 * PAGES, stat.faults);
	EXPECT_EQ(0, stat_of(self->window).faults);
}

/* Its frames are some of a region that the caller has, or all of them. */
TEST_F(window, over_a_region)
{
	memrig_region_t *region = make_region(self->rig, MEMRIG_ATTR_CACHED, 0);
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	memrig_window_t *first, *second, *none;
	void *addr;

	ASSERT_NE(NULL, region);
	args.pages = 1000;
	args.frames = 4;
	ASSERT_EQ(0, memrig_window_create(self->rig, region, &args, &first));
	args.offset = 4 * self->page;
	args.frames = 0;
	ASSERT_EQ(0, memrig_window_create(self->rig, region, &args, &second));
	EXPECT_EQ(4, stat_of(first).frames);
	EXPECT_EQ(LENGTH / self->page - 4, stat_of(second).frames);
	EXPECT_EQ(stat_of(first).region_id, stat_of(second).region_id);
	EXPECT_EQ(-EBUSY, memrig_region_map(region, &addr));
	args.frames = 1;
	EXPECT_EQ(-EBUSY, memrig_window_create(self->rig, region, &args, &none));
	memrig_window_close(first);
	memrig_window_close(second);
	EXPECT_EQ(0, memrig_region_map(region, &addr));
	memrig_region_close(region);
}

TEST_F(window, bad_requests_are_refused)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	memrig_window_t *none;
	char text[512];

	EXPECT_EQ(-EINVAL, memrig_window_create(self->rig, NULL, &args, &none));
	args.frames = 8;
	args.pages = 4;
	EXPECT_EQ(-EINVAL, memrig_window_create(self->rig, NULL, &args, &none));
	args.frames = 1ULL << 60;
	EXPECT_EQ(-EOVERFLOW, memrig_window_create(self->rig, NULL, &args, &none));
	args.frames = 1ULL << 40;
	EXPECT_EQ(-ENOMEM, memrig_window_create(self->rig, NULL, &args, &none));
	EXPECT_NE(MEMRIG_REASON_NONE, args.reason);
	EXPECT_EQ(args.reason, memrig_failure()->reason);
	args.frames = 4;
	args.store = 63;
	EXPECT_EQ(-EOPNOTSUPP, memrig_window_create(self->rig, NULL, &args, &none));
	memrig_explain(NULL, text, sizeof(text));
	EXPECT_NE(NULL, strstr(text, "memrig window kinds"));
	args.store = MEMRIG_STORE_FILE;
	EXPECT_EQ(-EBADF, memrig_window_create(self->rig, NULL, &args, &none));
	args.store = MEMRIG_STORE_RAM;
	args.policy = 63;
	EXPECT_EQ(-EOPNOTSUPP, memrig_window_create(self->rig, NULL, &args, &none));
	EXPECT_EQ(-EOPNOTSUPP, memrig_window_policy(self->window, 63));
	EXPECT_EQ(0, memrig_window_policy(self->window, MEMRIG_POLICY_LRU));
	EXPECT_EQ(MEMRIG_POLICY_LRU, stat_of(self->window).policy);
}

TEST_F(window, ranges_and_their_progress)
{
	uint8_t states[PAGES];
	uint64_t done;

	ASSERT_EQ(0, memrig_window_page_in(self->window, 0, 4 * self->page, &done));
	EXPECT_EQ(4 * self->page, done);
	ASSERT_EQ(0, memrig_window_pin(self->window, 2 * self->page, self->page, NULL));
	ASSERT_EQ(0, memrig_window_page_map(self->window, 0, 0, states));
	EXPECT_TRUE(states[0] & MEMRIG_PAGE_RESIDENT);
	EXPECT_FALSE(states[1] & MEMRIG_PAGE_PINNED);
	EXPECT_TRUE(states[2] & MEMRIG_PAGE_PINNED);
	EXPECT_EQ(0, states[4]);
	EXPECT_EQ(-EBUSY, memrig_window_page_out(self->window, 0, 0, &done));
	EXPECT_EQ(2 * self->page, done);
	EXPECT_EQ(done, memrig_failure()->detail);
	EXPECT_EQ(-ENOMEM, memrig_window_pin(self->window, 0, 0, &done));
	EXPECT_EQ(FRAMES * self->page, done);
	EXPECT_EQ(MEMRIG_REASON_FRAMES, memrig_failure()->reason);
	ASSERT_EQ(0, memrig_window_unpin(self->window, 0, FRAMES * self->page, &done));
	EXPECT_EQ(-ENOENT, memrig_window_unpin(self->window, 0, 4 * self->page, &done));
	EXPECT_EQ(0, done);
	EXPECT_EQ(0, memrig_window_unpin(self->window, 2 * self->page, self->page, &done));
	EXPECT_EQ(0, memrig_window_page_out(self->window, 0, 0, &done));
	EXPECT_EQ(PAGES * self->page, done);
	EXPECT_EQ(0, memrig_window_flush(self->window, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, memrig_window_page_in(self->window, 1, self->page, NULL));
	EXPECT_EQ(-EINVAL, memrig_window_page_in(self->window, PAGES * self->page, 0, NULL));
	EXPECT_EQ(-EINVAL, memrig_window_page_in(self->window, 0, 64 * self->page, NULL));
	EXPECT_EQ(-EINVAL, memrig_window_page_map(self->window, 8, self->page, states));
}

/* More pages than one call of the kernel's tells of. */
TEST_F(window, map_of_a_large_one)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	memrig_window_t *large;
	uint64_t pages = 2 * MEMRIG_BATCH_MAX + 5, count = 0;
	uint8_t *states = malloc(pages);

	ASSERT_NE(NULL, states);
	args.frames = FRAMES;
	args.pages = pages;
	ASSERT_EQ(0, memrig_window_create(self->rig, NULL, &args, &large));
	ASSERT_EQ(0, memrig_window_page_in(large, (pages - 1) * self->page, 0, NULL));
	ASSERT_EQ(0, memrig_window_page_in(large, MEMRIG_BATCH_MAX * self->page, self->page, NULL));
	memset(states, 0xff, pages);
	ASSERT_EQ(0, memrig_window_page_map(large, 0, 0, states));
	EXPECT_TRUE(states[pages - 1] & MEMRIG_PAGE_RESIDENT);
	EXPECT_TRUE(states[MEMRIG_BATCH_MAX] & MEMRIG_PAGE_RESIDENT);
	for (uint64_t i = 0; i < pages; i++)
		count += states[i] != 0;
	EXPECT_EQ(2, count);
	memrig_window_close(large);
	free(states);
}

TEST_F(window, clients_have_pins_of_their_own)
{
	memrig_window_t *other;

	ASSERT_EQ(0, memrig_window_attach(self->window, &other));
	EXPECT_NE(memrig_window_fd(self->window), memrig_window_fd(other));
	ASSERT_EQ(0, memrig_window_pin(other, 0, self->page, NULL));
	EXPECT_EQ(-ENOENT, memrig_window_unpin(self->window, 0, self->page, NULL));
	EXPECT_EQ(1, stat_of(self->window).pinned);
	memrig_window_close(other);
	EXPECT_EQ(0, stat_of(self->window).pinned);
}

TEST_F(window, handles_from_descriptors)
{
	memrig_window_t *same;
	int fd = dup(memrig_window_fd(self->window));

	ASSERT_EQ(0, memrig_window_from_fd(fd, &same));
	EXPECT_EQ(memrig_window_length(self->window), memrig_window_length(same));
	memrig_window_close(same);
	EXPECT_EQ(-1, fcntl(fd, F_GETFD));
	EXPECT_EQ(-ENOTTY, memrig_window_from_fd(memrig_fd(self->rig), &same));
}

/* A mapping can be given up in parts; what is left is known. */
TEST_F(window, mappings)
{
	uint64_t page = self->page, offset;
	memrig_window_t *found, *other;
	uint32_t mappings = stat_of(self->window).mappings;
	void *addr;
	char *part;

	ASSERT_EQ(0, memrig_window_map(self->window, 4 * page, 8 * page, PROT_READ, &addr));
	part = addr;
	self->at[6 * page] = 42;
	EXPECT_EQ(42, part[2 * page]);
	EXPECT_EQ(mappings + 1, stat_of(self->window).mappings);
	ASSERT_EQ(0, memrig_window_find(part + 2 * page + 5, &found, &offset));
	EXPECT_EQ(self->window, found);
	EXPECT_EQ(6 * page + 5, offset);

	EXPECT_EQ(-EINVAL, memrig_window_unmap(self->window, part + 1, page));
	EXPECT_EQ(-EINVAL, memrig_window_unmap(self->window, part, 9 * page));
	ASSERT_EQ(0, memrig_window_attach(self->window, &other));
	EXPECT_EQ(-EINVAL, memrig_window_unmap(other, part, page));
	memrig_window_close(other);
	ASSERT_EQ(0, memrig_window_unmap(self->window, part + 2 * page, 2 * page));
	EXPECT_EQ(-ENOENT, memrig_window_find(part + 3 * page, &found, &offset));
	EXPECT_EQ(0, memrig_window_find(part + 4 * page, &found, &offset));
	EXPECT_EQ(8 * page, offset);
	EXPECT_EQ(-EINVAL, memrig_window_unmap(self->window, part, 4 * page));
	ASSERT_EQ(0, memrig_window_unmap(self->window, part, 0));
	EXPECT_EQ(-ENOENT, memrig_window_find(part, &found, &offset));
	ASSERT_EQ(0, memrig_window_unmap(self->window, part + 7 * page, page));
	EXPECT_EQ(0, memrig_window_find(part + 6 * page, &found, &offset));
	ASSERT_EQ(0, memrig_window_unmap(self->window, part + 4 * page, 3 * page));
	EXPECT_EQ(mappings, stat_of(self->window).mappings);
	EXPECT_EQ(-EINVAL, memrig_window_map(self->window, 3, page, PROT_READ, &addr));
	EXPECT_EQ(-EINVAL, memrig_window_map(self->window, PAGES * page, page, PROT_READ, &addr));
	EXPECT_EQ(-EINVAL, memrig_window_map(self->window, PAGES * page, 0, PROT_READ, &addr));
}

TEST_F(window, read_only)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	memrig_window_t *constant;
	void *addr;

	args.flags = MEMRIG_WINDOW_READ_ONLY;
	args.frames = 4;
	args.pages = 4;
	ASSERT_EQ(0, memrig_window_create(self->rig, NULL, &args, &constant));
	EXPECT_EQ(-EACCES, memrig_window_map(constant, 0, 0, PROT_READ | PROT_WRITE, &addr));
	EXPECT_EQ(0, memrig_window_map(constant, 0, 0, PROT_READ, &addr));
	EXPECT_EQ(-EACCES, memrig_window_pin(constant, 0, 0, NULL));
	memrig_window_close(constant);
}

TEST_F(window, addresses_of_pinned_pages)
{
	struct memrig_page_addr addr = { .size = sizeof(addr) };

	EXPECT_EQ(-ENOENT, memrig_window_addr(self->window, 0, &addr));
	ASSERT_EQ(0, memrig_window_pin(self->window, 0, 2 * self->page, NULL));
	ASSERT_EQ(0, memrig_window_addr(self->window, 100, &addr));
	EXPECT_EQ(100, addr.phys % self->page);
	EXPECT_GE(2 * self->page - 100, addr.contiguous);
	EXPECT_LE(self->page - 100, addr.contiguous);
	EXPECT_EQ(-EINVAL, memrig_window_addr(self->window, PAGES * self->page, &addr));
}

/* A child has the mappings of its parent, by the same handle. */
TEST_F(window, fork)
{
	memrig_window_t *found;
	uint64_t offset;
	pid_t child;
	int status;

	self->at[self->page] = 1;
	child = fork();
	if (!child) {
		if (memrig_window_find(self->at + self->page, &found, &offset) ||
		    offset != self->page || self->at[self->page] != 1)
			_exit(1);
		self->at[self->page] = 2;
		_exit(memrig_window_page_out(found, offset, self->page, NULL) ? 2 : 0);
	}
	ASSERT_LT(0, child);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(2, self->at[self->page]);
}

TEST_HARNESS_MAIN
