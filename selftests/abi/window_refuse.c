// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What a window and the region that lends its frames refuse.
 */
#include "window_fixture.h"

#define FRAMES 16
#define PAGES  (16 * FRAMES)

WINDOW_FIXTURE(refuse);

FIXTURE_SETUP(refuse)
{
	WINDOW_SETUP(self);
}

FIXTURE_TEARDOWN(refuse)
{
	WINDOW_TEARDOWN(self);
}

TEST_F(refuse, bad_maps)
{
	const size_t all = PAGES * self->page;

	EXPECT_EQ(MAP_FAILED, mmap(NULL, all, PROT_READ, MAP_PRIVATE, self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, all + self->page, PROT_READ, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ, MAP_SHARED, self->fd, all));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED,
		  mmap(NULL, self->page, PROT_READ | PROT_EXEC, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(MAP_FAILED, mremap(self->map, all, all + self->page, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, window_stat(self->fd).mappings);
}

TEST_F(refuse, requests_that_cannot_be)
{
	struct memrig_window_create good = window_arg(self->session, 4, 8), arg;

	ASSERT_GE(good.region_fd, 0);
#define REFUSED(error, ...)                                              \
	do {                                                             \
		arg = good;                                              \
		__VA_ARGS__;                                             \
		EXPECT_EQ(-(error), window_create(self->session, &arg)); \
		EXPECT_EQ(-1, arg.fd);                                   \
	} while (0)
	REFUSED(EINVAL, arg.frames = 0);
	REFUSED(EINVAL, arg.frames = 9);
	REFUSED(EINVAL, arg.pages = 0);
	REFUSED(EINVAL, arg.pages = MEMRIG_WINDOW_PAGES_MAX + 1);
	REFUSED(EINVAL, arg.frames = 5);
	REFUSED(EINVAL, arg.offset = self->page);
	REFUSED(EINVAL, arg.offset = 1);
	REFUSED(EOVERFLOW, arg.offset = -self->page);
	REFUSED(EOPNOTSUPP, arg.flags = 1u << 30);
	REFUSED(EOPNOTSUPP, arg.policy = 1000);
	REFUSED(EOPNOTSUPP, arg.store = 0);
	REFUSED(EOPNOTSUPP, arg.store = 1000);
	REFUSED(EINVAL, arg.flags = MEMRIG_WINDOW_INJECT | MEMRIG_WINDOW_READ_ONLY);
	REFUSED(EINVAL, arg.store_fd = 0);
	REFUSED(EINVAL, arg.store_offset = self->page);
	REFUSED(EINVAL, arg.compressor = MEMRIG_COMPRESSOR_LZO);
	REFUSED(ENOSPC, arg.store_pages = 4);
	REFUSED(EINVAL, arg.store = MEMRIG_STORE_NULL; arg.store_pages = 8);
	REFUSED(EOPNOTSUPP, arg.store = MEMRIG_STORE_COMPRESSED; arg.compressor = 1000);
	REFUSED(EINVAL, arg.store_timeout_ns = 3601ULL * 1000000000);
	REFUSED(EINVAL, arg.frame_timeout_ns = 3601ULL * 1000000000);
	REFUSED(EINVAL, arg.fault_around = 3);
	REFUSED(EINVAL, arg.fault_around = 2 * MEMRIG_FAULT_AROUND_MAX);
	REFUSED(EINVAL, arg.read_ahead = MEMRIG_READ_AHEAD_MAX + 1);
	REFUSED(EINVAL, arg.clean_ms = MEMRIG_CLEAN_MS_MAX + 1);
	REFUSED(EINVAL, arg.clean_pages = 1);
	REFUSED(EINVAL, arg.clean_ms = 1; arg.clean_pages = MEMRIG_CLEAN_PAGES_MAX + 1);
	REFUSED(EBADF, arg.region_fd = -1);
	REFUSED(EINVAL, arg.region_fd = self->session);
	REFUSED(EINVAL, arg.region_fd = self->fd);
	arg = good;
	arg.store_pages = 5;
	arg.fd = window_create(self->session, &arg);
	EXPECT_GE(arg.fd, 0);
	close(arg.fd);
	close(good.region_fd);
}

static int window_over(int session, int region, uint64_t frames)
{
	struct memrig_window_create arg =
		ARG(memrig_window_create, .frames = frames, .pages = 8, .store = MEMRIG_STORE_NULL,
		    .store_fd = -1, .region_fd = region);

	return window_create(session, &arg);
}

TEST_F(refuse, a_region_lends_or_is_mapped)
{
	int region, window;
	char *map = region_mapped(self->session, 8 * self->page, &region);

	ASSERT_TRUE(map != MAP_FAILED);
	EXPECT_EQ(-EBUSY, window_over(self->session, region, 4));
	munmap(map, 8 * self->page);
	window = window_over(self->session, region, 4);
	ASSERT_GE(window, 0);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ, MAP_SHARED, region, 0));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(-EBUSY, window_over(self->session, region, 4));
	EXPECT_EQ(-EBUSY, heap_span(region, 0, 8 * self->page));
	close(window);
	map = mmap(NULL, self->page, PROT_READ, MAP_SHARED, region, 0);
	EXPECT_TRUE(map != MAP_FAILED);
	munmap(map, self->page);
	close(region);
}

TEST_F(refuse, regions_that_do_not_lend)
{
	struct memrig_caps caps = caps_get(self->session);
	struct memrig_region_create kernel_only =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = 4 * self->page, .node = MEMRIG_NODE_ANY,
		    .flags = MEMRIG_REGION_KERNEL_ONLY);
	int region, window;

	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &kernel_only));
	EXPECT_EQ(-EPERM, window_over(self->session, kernel_only.fd, 4));
	close(kernel_only.fd);

	for (uint32_t attr = 1; attr <= MEMRIG_ATTR_UNCACHED; attr++) {
		region = region_new(self->session, MEMRIG_KIND_PAGES, attr, 4 * self->page);
		if (region < 0)
			continue;
		window = window_over(self->session, region, 4);
		EXPECT_EQ(!!(caps.gup_attrs & (1u << attr)), window >= 0);
		if (window < 0)
			EXPECT_EQ(-EOPNOTSUPP, window);
		close(window);
		close(region);
		region = region_new(self->session, MEMRIG_KIND_COHERENT, attr, 4 * self->page);
		if (region < 0)
			continue;
		EXPECT_EQ(-EOPNOTSUPP, window_over(self->session, region, 4));
		close(region);
	}

	region = region_with(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 4 * self->page,
			     MEMRIG_ATTRS_POWERED);
	ASSERT_GE(region, 0);
	ASSERT_EQ(0, region_suspend(region, 0));
	EXPECT_EQ(-EHOSTDOWN, window_over(self->session, region, 4));
	ASSERT_EQ(0, region_resume(region));
	window = window_over(self->session, region, 4);
	ASSERT_GE(window, 0);
	EXPECT_EQ(-EBUSY, region_suspend(region, 0));
	close(window);
	EXPECT_EQ(0, region_suspend(region, 0));
	close(region);
}

TEST_HARNESS_MAIN
