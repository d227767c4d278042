// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Addresses of pinned pages: who gets them, that they are true, and that they stay.
 */
#include <linux/capability.h>

#include "harness.h"
#include "window.h"

#define FRAMES 16
#define PAGES  (8 * FRAMES)

FIXTURE(addr)
{
	int session;
	size_t page;
	int region;
	int window;
	char *map;
};

FIXTURE_SETUP(addr)
{
	struct memrig_window_create arg;

	self->page = page_size();
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	arg = window_arg(self->session, FRAMES, PAGES);
	ASSERT_GE(arg.region_fd, 0);
	self->region = arg.region_fd;
	self->window = window_create(self->session, &arg);
	ASSERT_GE(self->window, 0);
	self->map = window_map(self->window, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(addr)
{
	munmap(self->map, PAGES * self->page);
	close(self->window);
	close(self->region);
	close(self->session);
}

static int page_addr(int window, uint64_t offset, struct memrig_page_addr *addr)
{
	*addr = ARG(memrig_page_addr, .offset = offset);
	return call(window, MEMRIG_IOC_PAGE_ADDR, addr);
}

/* What /proc says about a page that is in the page table; 0: it does not. */
static uint64_t pagemap_phys(const volatile char *at)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	*at;
	if (pread(fd, &entry, sizeof(entry), (uintptr_t)at / page_size() * sizeof(entry)) !=
	    sizeof(entry))
		entry = 0;
	close(fd);
	return (entry & ((1ULL << 55) - 1)) * page_size();
}

TEST_F(addr, only_of_what_is_pinned)
{
	struct memrig_page_addr addr;
	int other;

	EXPECT_EQ(-ENOENT, page_addr(self->window, 0, &addr));
	self->map[0] = 1;
	EXPECT_EQ(-ENOENT, page_addr(self->window, 0, &addr));
	EXPECT_EQ(-EINVAL, page_addr(self->window, PAGES * self->page, &addr));
	EXPECT_EQ(-EINVAL, page_addr(self->window, -1ULL, &addr));
	ASSERT_EQ(0, page_pin(self->window, 3, 1));
	EXPECT_EQ(0, page_addr(self->window, 3 * self->page, &addr));
	EXPECT_EQ(-ENOENT, page_addr(self->window, 4 * self->page, &addr));
	EXPECT_EQ(-ENOENT, page_addr(self->window, 3 * self->page - 1, &addr));
	/* Pins are a client's own. */
	other = window_attach(self->window);
	EXPECT_EQ(-ENOENT, page_addr(other, 3 * self->page, &addr));
	close(other);
	ASSERT_EQ(0, page_unpin(self->window, 3, 1));
	EXPECT_EQ(-ENOENT, page_addr(self->window, 3 * self->page, &addr));
}

TEST_F(addr, true_in_every_byte)
{
	struct memrig_page_addr addr;
	uint64_t offset = 5 * self->page + 123;

	ASSERT_EQ(0, page_pin(self->window, 5, 1));
	ASSERT_EQ(0, page_addr(self->window, offset, &addr));
	EXPECT_EQ(pagemap_phys(self->map + 5 * self->page) + 123, addr.phys);
	/* These machines have nothing between such a device and memory. */
	EXPECT_EQ(dma_is_copied() ? ~0ULL : addr.phys, addr.dma);
	EXPECT_EQ(self->page - 123, addr.contiguous);
}

/* The frames are those of the region, and so are their addresses. */
TEST_F(addr, as_the_region_says)
{
	struct memrig_region_addr whole;
	struct memrig_page_addr addr;
	uint64_t found = 0;

	ASSERT_EQ(0, page_pin(self->window, 0, FRAMES));
	for (uint64_t i = 0; i < FRAMES; i++) {
		ASSERT_EQ(0, page_addr(self->window, i * self->page, &addr));
		for (uint64_t j = 0; j < FRAMES; j++) {
			ASSERT_EQ(0, region_addr(self->region, j * self->page, &whole));
			found += whole.phys == addr.phys && whole.dma == addr.dma;
		}
	}
	EXPECT_EQ(FRAMES, found);
}

TEST_F(addr, contiguous_as_far_as_it_goes)
{
	struct memrig_page_addr addr, next;
	uint64_t run;

	/* A window that is new hands out its frames one after the other. */
	ASSERT_EQ(0, page_pin(self->window, 10, 6));
	for (uint64_t i = 10; i < 16; i += run / self->page) {
		ASSERT_EQ(0, page_addr(self->window, i * self->page, &addr));
		run = addr.contiguous;
		ASSERT_TRUE(run && run % self->page == 0 && run <= (16 - i) * self->page);
		for (uint64_t at = 0; at < run; at += self->page) {
			ASSERT_EQ(0, page_addr(self->window, i * self->page + at, &next));
			EXPECT_EQ(addr.phys + at, next.phys);
			EXPECT_EQ(dma_is_copied() ? ~0ULL : addr.dma + at, next.dma);
			EXPECT_EQ(run - at, next.contiguous);
		}
	}
	/* It ends where the pins end. */
	ASSERT_EQ(0, page_addr(self->window, 10 * self->page, &addr));
	ASSERT_EQ(0, page_unpin(self->window, 11, 1));
	ASSERT_EQ(0, page_addr(self->window, 10 * self->page, &next));
	EXPECT_EQ(self->page, next.contiguous);
	EXPECT_EQ(addr.phys, next.phys);
}

TEST_F(addr, stays_under_pressure)
{
	struct memrig_page_addr first, now;

	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_pin(self->window, 7, 1));
	ASSERT_EQ(0, page_addr(self->window, 7 * self->page, &first));
	for (uint64_t version = 2; version < 6; version++) {
		pattern_fill(self->map, PAGES, version);
		ASSERT_EQ(0, window_policy(self->window, version));
		ASSERT_EQ(0, page_flush(self->window, 0, PAGES));
		ASSERT_EQ(0, page_addr(self->window, 7 * self->page, &now));
		EXPECT_EQ(first.phys, now.phys);
		EXPECT_EQ(pagemap_phys(self->map + 7 * self->page), now.phys);
		EXPECT_EQ(0, pattern_wrong(self->map, PAGES, version));
	}
	EXPECT_EQ(-EBUSY, page_out(self->window, 7, 1));
}

static int ask_without_right(void *arg)
{
	struct memrig_page_addr addr;
	int window = *(int *)arg;

	drop_cap(CAP_SYS_RAWIO);
	CHECK(page_addr(window, 0, &addr) == -EPERM);
	CHECK(page_addr(window, -1ULL, &addr) == -EPERM);
	return 0;
}

TEST_F(addr, not_for_everyone)
{
	ASSERT_EQ(0, page_pin(self->window, 0, 1));
	EXPECT_EQ(0, in_child(ask_without_right, &self->window));
}

TEST_HARNESS_MAIN
