// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A touch that enters a page in a page table enters its neighbours with it, where that is wanted:
 * which ones, and what is known of them afterwards.
 */
#include <pthread.h>

#include "harness.h"
#include "window_before.h"

BEFORE_FIXTURE(around);

FIXTURE_SETUP(around)
{
	BEFORE_SETUP(self);
}

FIXTURE_TEARDOWN(around)
{
	BEFORE_TEARDOWN(self);
}

TEST_F(around, one_fault_for_many_entries)
{
	static const uint32_t runs[] = { 0, 1, 4, AROUND, 64 };

	for (size_t r = 0; r < ARRAY_SIZE(runs); r++) {
		uint32_t run = runs[r] ? runs[r] : 1;
		struct memrig_window_stat stat;

		self->arg.fault_around = runs[r];
		MAKE(self);
		FILL(self);
		ASSERT_EQ(0, page_in(self->fd, 0, FRAMES));
		for (uint64_t i = 0; i < FRAMES; i++)
			EXPECT_TRUE(pattern_is(self->map + i * self->page, i, 1));
		stat = window_stat(self->fd);
		EXPECT_EQ(FRAMES, stat.faults);
		EXPECT_EQ(FRAMES / run, stat.soft_faults);
		EXPECT_EQ(FRAMES - FRAMES / run, stat.fault_arounds);
		if (r + 1 < ARRAY_SIZE(runs)) {
			munmap(self->map, PAGES * self->page);
			close(self->fd);
		}
	}
}

struct forgetter {
	char *map;
	size_t bytes;
	volatile bool stop;
};

static void *forget(void *arg)
{
	struct forgetter *f = arg;

	while (!f->stop)
		madvise(f->map, f->bytes, MADV_DONTNEED);
	return NULL;
}

/* Kernels that free pages of page tables which have become empty do it beside faults. */
TEST_F(around, page_tables_that_go)
{
	const size_t table = self->page / sizeof(uint64_t) * self->page;
	struct forgetter forgetter = { .bytes = table };
	pthread_t thread;

	self->arg.fault_around = AROUND;
	self->arg.pages = 2 * table / self->page;
	self->fd = window_create(self->session, &self->arg);
	ASSERT_GE(self->fd, 0);
	self->map = window_map(self->fd, self->arg.pages);
	ASSERT_TRUE(self->map != MAP_FAILED);
	forgetter.map = self->map + -(uintptr_t)self->map % table;
	pattern_fill(forgetter.map, FRAMES, 1);
	ASSERT_EQ(0, pthread_create(&thread, NULL, forget, &forgetter));
	/* There may be one processor, and then nothing is forgotten for a while. */
	for (int round = 0; round < 100000 && window_stat(self->fd).fault_arounds < 1000; round++)
		EXPECT_EQ(0, pattern_wrong(forgetter.map, FRAMES, 1));
	forgetter.stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, window_stat(self->fd).sigbus);
	EXPECT_LE(1000, window_stat(self->fd).fault_arounds);
	munmap(self->map, self->arg.pages * self->page);
	self->map = NULL;
}

/* Of the aligned pages, those that have frames, and that this mapping has. */
TEST_F(around, only_neighbours_that_are_there)
{
	struct memrig_window_stat stat;
	char *part;

	self->arg.fault_around = AROUND;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, page_in(self->fd, 4, 2 * AROUND));
	ASSERT_EQ(0, page_out(self->fd, AROUND + 3, 1));
	ASSERT_EQ(0, window_reset(self->fd));
	part = mmap(self->map + PAGES * self->page, AROUND * self->page, PROT_READ,
		    MAP_SHARED | MAP_FIXED_NOREPLACE, self->fd, 8 * self->page);
	ASSERT_TRUE(part != MAP_FAILED);
	/* 8 to 15 and 16 to 23 without 19. */
	EXPECT_TRUE(pattern_is(part + 2 * self->page, 10, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(1, stat.soft_faults);
	EXPECT_EQ(7, stat.fault_arounds);
	EXPECT_TRUE(pattern_is(part + 15 * self->page, 23, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(2, stat.soft_faults);
	EXPECT_EQ(7 + 6, stat.fault_arounds);
	EXPECT_EQ(0, stat.faults);
	munmap(part, AROUND * self->page);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

/* What is written through such an entry is seen; on x86 a page that only has one counts as idle. */
TEST_F(around, an_entry_is_no_touch)
{
	self->arg.fault_around = AROUND;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, page_in(self->fd, 0, AROUND));
	touch_read(self->map + 3 * self->page);
	self->map[5 * self->page]++;
	EXPECT_EQ(1, window_stat(self->fd).soft_faults);
	/* Flushing looks. */
	ASSERT_EQ(0, page_flush(self->fd, 0, AROUND));
	EXPECT_EQ(1, window_stat(self->fd).page_outs);
	for (uint64_t i = 0; i < AROUND; i++) {
		bool touched = i == 3 || i == 5;

#if defined(__x86_64__)
		EXPECT_EQ(touched, !!(page_state(self->fd, i) & MEMRIG_PAGE_ACCESSED));
#else
		if (touched)
			EXPECT_TRUE(page_state(self->fd, i) & MEMRIG_PAGE_ACCESSED);
#endif
	}
	self->map[5 * self->page]--;
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

/* A change of protection does not make new entries young, or entries that are there writable. */
TEST_F(around, entries_after_mprotect)
{
	self->arg.fault_around = AROUND;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, PROT_READ));
	ASSERT_EQ(0, page_in(self->fd, 0, AROUND));
	touch_read(self->map);
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, PROT_READ | PROT_WRITE));
	EXPECT_TRUE(touch_write(self->map + self->page));
	touch_read(self->map + 2 * self->page);
	ASSERT_EQ(0, page_flush(self->fd, 0, AROUND));
	EXPECT_EQ(1, window_stat(self->fd).page_outs);
#if defined(__x86_64__)
	EXPECT_FALSE(page_state(self->fd, 7) & MEMRIG_PAGE_ACCESSED);
#endif
	EXPECT_TRUE(page_state(self->fd, 2) & MEMRIG_PAGE_ACCESSED);
}

TEST_HARNESS_MAIN
